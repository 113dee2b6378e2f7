"""The analysis data reviewer's guide (PHUSE ADRG template), filled from the specs and the run."""

from __future__ import annotations

from flows.handoff.guides.document import Document
from flows.handoff.guides.facts import (
    DatasetFacts,
    GuideFacts,
    counted,
    describe_protocol,
    introduce,
    reads,
    stated,
    summarise_conformance,
)
from specs import StudySpec

_FINDINGS = ("ADAM-",)
_IMPUTATION_FLAGS = ("DTF", "TMF")


def analysis_data_reviewers_guide(study: StudySpec, facts: GuideFacts) -> Document:
    """The guide to the ADaM of a run, in the sections of the template."""
    document = Document(f"Analysis Data Reviewer's Guide: {study.studyid}", "ADRG")
    introduce(document, study, facts, [("ADaM Implementation Guide", study.study.adamig)])
    document.part("1.4 Source data used for analysis dataset creation")
    source = "the SDTM datasets of the same output" if facts.of_half("sdtm") else "a folder of SDTM"
    document.say(f"ADaM is made from {source} alone; no raw data, and nothing that SDTM does not hold, is used.")
    describe_protocol(document, study)
    made = facts.of_half("adam")
    _considerations(document, study, facts, made)
    _processing(document, study, made)
    _descriptions(document, study, made)
    document.section("6. Data conformance summary")
    document.part("6.1 Conformance inputs")
    document.say(
        "Every dataset was checked by pandera schemas made from the specifications (structure, types, lengths, "
        "terminology, keys). Findings one by one are in findings.csv."
    )
    document.part("6.2 Issues summary")
    summarise_conformance(document, facts, _FINDINGS, {d.name for d in made})
    document.section("7. Submission of programs")
    document.say(
        "The datasets are made by the Python package cdisc-flows: one module a dataset in its room adam/, the rules in "
        "adam/rules/. manifest.json has the version and a SHA-256 of the installed code and of the specifications; the "
        "same inputs, specifications and code give the same bytes again."
    )
    return document


def _considerations(document: Document, study: StudySpec, facts: GuideFacts, made: list[DatasetFacts]) -> None:
    document.section("3. Analysis considerations related to multiple analysis datasets")
    document.part("3.1 Core variables")
    specs = [study.adam[d.name] for d in made if d.name != "ADSL"]
    subject_level = study.adam["ADSL"].variables if "ADSL" in study.adam else {}
    core = [name for name in subject_level if specs and all(name in spec.variables for spec in specs)]
    document.say("Variables of ADSL that every other analysis dataset carries:")
    document.table(("Variable", "Label"), [(name, subject_level[name].label) for name in core], "There are none.")
    document.part("3.2 Populations")
    flags = [(name, v) for name, v in subject_level.items() if name.endswith("FL") and "Population" in v.label]
    rows = [(name, v.label, stated(v.says or "", study)) for name, v in flags]
    document.table(("Flag", "Label", "Rule"), rows, "ADSL has no population flags.")
    document.part("3.3 Study parameters")
    document.say(
        "Numbers and choices that the rules read from the specifications. Changing one there changes the rule, its "
        "text in define.xml and in this guide. Several lines of one parameter are in the order of the specifications."
    )
    document.table(("Parameter", "Value"), _parameters(study), "None.")
    document.part("3.4 Imputation")
    document.say("A date or time that was imputed, wholly or in part, has a flag beside it that says what was imputed:")
    flagged = [
        (spec.dataset, name, stated(v.says or v.label, study))
        for spec in (study.adam[d.name] for d in made)
        for name, v in spec.variables.items()
        if name.endswith(_IMPUTATION_FLAGS)
    ]
    document.table(("Dataset", "Flag", "Meaning"), flagged, "No dataset has imputed dates.")
    document.part("3.5 Data cut-off")
    if not facts.cutoff:
        document.say("No cut-off was applied.")
        return
    document.say(
        f"The cut-off is {facts.cutoff}. Records that start after it are left out, what ends after it is ongoing, and "
        "who died after it was alive on it. What that did, by rule:"
    )
    cut = facts.accounting["adam"]
    effects = counted(cut[~cut["rule"].isin(("READ", "KEPT"))], ["dataset", "rule"])
    document.table(("Dataset", "Rule", "Records"), effects, "Nothing lay after it.")


def _parameters(study: StudySpec) -> list[tuple[str, str]]:
    """A line a value; of a list of rules, a line each."""
    groups = study.study.parameters.model_dump(exclude_none=True) if study.study.parameters else {}
    return [
        (f"{group}_{name}", _short(line))
        for group, values in groups.items()
        for name, value in values.items()
        for line in (value if isinstance(value, list) and value and isinstance(value[0], dict) else [value])
    ]


def _short(value: object) -> str:
    match value:
        case dict():
            return ", ".join(f"{name} {_short(of_it)}" for name, of_it in value.items())
        case list() | tuple():
            return " / ".join(_short(one) for one in value)
        case float():
            return f"{value:g}"
    return str(value)


def _processing(document: Document, study: StudySpec, made: list[DatasetFacts]) -> None:
    document.section("4. Analysis data creation and processing issues")
    document.part("4.1 Data dependencies")
    document.say(
        "Every dataset rests on ADSL, and through it on what ADSL reads; supplemental qualifiers go with their parent."
    )
    rows = [(d.name, ", ".join(reads(study, d.name))) for d in made]
    document.table(("Dataset", "Reads"), rows, "None.")
    document.part("4.2 Intermediate datasets")
    document.say("None: no dataset is made that is not submitted.")


def _descriptions(document: Document, study: StudySpec, made: list[DatasetFacts]) -> None:
    document.section("5. Analysis dataset descriptions")
    document.part("5.1 Overview")
    rows = [
        (d.name, d.label, study.adam[d.name].dataset_class, study.adam[d.name].structure, d.rows, d.subjects)
        for d in made
    ]
    document.table(("Dataset", "Label", "Class", "Structure", "Rows", "Subjects"), rows, "None.")
    for number, d in enumerate(made, start=2):
        spec = study.adam[d.name]
        if not spec.caveats and not spec.parameters:
            continue
        document.part(f"5.{number} {d.name}: {d.label}")
        document.list([stated(caveat, study) for caveat in spec.caveats])
        if spec.parameters:
            document.table(
                ("PARAMCD", "PARAM", "What it is"),
                [(code, p.param, stated(p.says or "", study)) for code, p in spec.parameters.items()],
                "",
            )
