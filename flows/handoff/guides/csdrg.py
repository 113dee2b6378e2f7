"""The clinical study data reviewer's guide (PHUSE cSDRG template), filled from the specs and the run."""

from __future__ import annotations

import pandas as pd

from flows.handoff.guides.document import Document
from flows.handoff.guides.facts import (
    DatasetFacts,
    GuideFacts,
    counted,
    describe_protocol,
    introduce,
    summarise_conformance,
)
from specs import StudySpec
from specs.counted import how_many
from specs.mapping import TRIAL_DESIGN
from specs.supplemental import is_supplemental, parent_domain

_FINDINGS = ("RAW-", "SDTM-", "CHK-", "COV-")
_ACCOUNT = ("READ", "KEPT", "USED", "SDTM-ROWS")


def study_data_reviewers_guide(study: StudySpec, facts: GuideFacts) -> Document:
    """The guide to the SDTM of a run, in the sections of the template."""
    document = Document(f"Study Data Reviewer's Guide: {study.studyid}", "cSDRG")
    standards = [
        ("SDTM Implementation Guide", study.study.sdtmig),
        ("CDISC SDTM Controlled Terminology", study.study.ct_version),
    ]
    introduce(document, study, facts, standards)
    describe_protocol(document, study)
    _trial_design(document, study, facts)
    _subject_data(document, study, facts)
    document.section("4. Data conformance summary")
    document.part("4.1 Conformance inputs")
    document.say(
        "Every dataset was checked by pandera schemas made from the specifications (structure, types, lengths, "
        "terminology, keys), by the mapping itself (dates, units, terms), and by the study's declared clinical "
        f"cross-checks ({len(study.checks):,}). Findings one by one, each with its raw record, are in findings.csv."
    )
    document.part("4.2 Issues summary")
    names = {d.name for d in facts.of_half("sdtm")}
    summarise_conformance(document, facts, _FINDINGS, names)
    document.part("4.3 Row accounting")
    _accounts(document, facts)
    document.section("Appendix I. Inclusion and exclusion criteria")
    criteria = study.trial.criteria if study.trial else {}
    document.table(
        ("IETESTCD", "Category", "Criterion"),
        [(code, criterion.category.lower(), criterion.text) for code, criterion in criteria.items()],
        "The specifications declare no criteria.",
    )
    document.section("Appendix II. Legacy data conversion")
    document.say("None: SDTM was made from the raw EDC export directly.")
    return document


def _trial_design(document: Document, study: StudySpec, facts: GuideFacts) -> None:
    document.part("2.3 Trial design datasets")
    rows = [(d.name, d.label, d.rows) for d in facts.of_half("sdtm") if _class(study, d.name) == TRIAL_DESIGN]
    document.table(("Dataset", "Label", "Rows"), rows, "The specifications declare no trial design.")


def _subject_data(document: Document, study: StudySpec, facts: GuideFacts) -> None:
    document.section("3. Subject data description")
    document.part("3.1 Overview")
    made = facts.of_half("sdtm")
    names = {d.name for d in made}
    persons = next((d.rows for d in made if d.name == "DM"), 0)
    empty = [name for name in study.sdtm if name not in names]
    document.list(
        [
            f"{how_many(persons, 'subject')} in DM, screen failures included (ARMNRS says so).",
            f"The data were taken as they were on {facts.snapshot}.",
            "A data cut-off is applied before ADaM only: SDTM is submitted uncut.",
            "ADaM is made from these SDTM datasets alone.",
            f"Datasets of the specifications without records, not submitted: {', '.join(empty) or 'none'}.",
            "No record collected is left out without a named rule: section 4.3 accounts for each.",
            "What was collected stays: a date or number that cannot be read is kept in SUPP-- as it was typed.",
        ]
    )
    document.part("3.2 Traceability flow diagram")
    raw = facts.accounting.get("receive", pd.DataFrame({"rule": [], "rows": []}))
    read = int(raw.loc[raw["rule"] == "READ", "rows"].sum())
    derived = facts.of_half("adam")
    document.table(
        ("Step", "From", "To"),
        [
            (
                "Receive",
                f"{how_many(facts.inputs, 'file')}, {how_many(read, 'record')}",
                how_many(len(study.forms), "form"),
            ),
            ("Map", "forms (acrf.html, coverage.csv)", f"{how_many(len(made), 'SDTM dataset')}, {_rows(made)}"),
            ("Derive", "SDTM", f"{how_many(len(derived), 'ADaM dataset')}, {_rows(derived)}"),
        ],
        "",
    )
    document.part("3.3 Annotated CRF")
    document.say("acrf.html shows each form and field, and the variable that holds the answer or why none does.")
    document.part("3.4 SDTM subject domains")
    rows = [
        (
            d.name,
            d.label,
            _class(study, d.name),
            "yes" if f"SUPP{d.name}" in names else "",
            d.rows,
            d.subjects,
        )
        for d in made
        if _class(study, d.name) != TRIAL_DESIGN and not is_supplemental(d.name)
    ]
    document.table(("Dataset", "Label", "Class", "SUPP--", "Rows", "Subjects"), rows, "None.")
    for d in made:
        caveats = study.sdtm[d.name].caveats if d.name in study.sdtm else []
        if caveats:
            document.part(f"{d.name}: {d.label}")
            document.list(caveats)


def _accounts(document: Document, facts: GuideFacts) -> None:
    received = facts.accounting.get("receive")
    if received is None:
        document.say("The run began with SDTM.")
        return
    dropped = received[~received["rule"].isin(_ACCOUNT)]
    document.say("Raw records that receiving left out, by rule:")
    document.table(
        ("Form", "Rule", "Records"),
        counted(dropped, ["form", "rule"]),
        "None.",
    )
    mapped = facts.accounting["sdtm"]
    reasons = mapped[~mapped["rule"].isin(_ACCOUNT) & (mapped["dataset"] == "")]
    document.say("Raw records that became no SDTM record, by rule:")
    document.table(
        ("Form", "Rule", "Records"),
        counted(reasons, ["form", "rule"]),
        "None: every record received is the source of an SDTM record.",
    )


def _rows(datasets: list[DatasetFacts]) -> str:
    return how_many(sum(d.rows for d in datasets), "row")


def _class(study: StudySpec, name: str) -> str:
    if is_supplemental(name):
        return study.sdtm[parent_domain(name)].dataset_class
    return study.sdtm[name].dataset_class
