"""Reads a study's folder of specs into one typed object, and refuses faults before any data is read.

A study is a folder: `study.yaml`, `choices.yaml`, `codelists.yaml`, `forms.yaml`, `sdtm/*.yaml`, `adam/*.yaml`,
and, where it needs them, `units.yaml`, `grading.yaml`, `criteria.yaml`, `checks.yaml`, `trial.yaml`, `relations.yaml`,
`analyses.yaml`, `odm.yaml`, `redcap.yaml` and `layouts/*.yaml` (one for each kind of tabular export).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from specs import analyses as endpoint_analyses
from specs import checks as cross_checks
from specs import conventions, coverage, layout_checks
from specs import criteria as result_criteria
from specs import grading as toxicity
from specs import relations as record_relations
from specs import trial as trial_design
from specs.analyses import Analyses
from specs.checks import CheckSpec
from specs.criteria import Criteria
from specs.errors import Problem, SpecError, did_you_mean
from specs.grading import Grading
from specs.layouts import LayoutSpec
from specs.mapping import RELATIONSHIP, TRIAL_DESIGN, SdtmDatasetSpec
from specs.models import Codelist, DatasetSpec, FormSpec, StudyFile, placeholders
from specs.odm_layout import OdmLayout
from specs.redcap_layout import RedcapLayout
from specs.relations import Relations
from specs.trial import TrialDesign
from specs.units import UnitTable
from specs.yaml_files import read_yaml

T = TypeVar("T")


class StudySpec(BaseModel):
    """Everything that is known of a study before its data is read."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    study: StudyFile
    choices: dict[str, dict[str, str]]
    codelists: dict[str, Codelist]
    forms: dict[str, FormSpec]
    sdtm: dict[str, SdtmDatasetSpec]
    adam: dict[str, DatasetSpec]
    units: UnitTable = UnitTable()
    checks: dict[str, CheckSpec] = {}  # finding code -> check
    layouts: dict[str, LayoutSpec] = {}  # name of the file -> layout of a tabular export
    odm: OdmLayout = OdmLayout()
    redcap: RedcapLayout = RedcapLayout()
    trial: TrialDesign | None = None
    grading: Grading | None = None
    criteria: Criteria = {}
    relations: Relations | None = None
    analyses: Analyses | None = None
    digest: str  # SHA-256 over the names and bytes of all spec files

    @property
    def studyid(self) -> str:
        return self.study.studyid

    @property
    def subject_level(self) -> dict[str, SdtmDatasetSpec]:
        """The SDTM datasets about subjects: all but those of the trial design, which are made once for the study."""
        return {name: spec for name, spec in self.sdtm.items() if spec.dataset_class != TRIAL_DESIGN}

    @property
    def sdtm_order(self) -> list[str]:
        """The names of all SDTM datasets that there can be: those of the specs, each followed by its SUPP--."""
        without = (TRIAL_DESIGN, RELATIONSHIP)
        return [
            name
            for domain, spec in self.sdtm.items()
            for name in ([domain] if spec.dataset_class in without else [domain, f"SUPP{domain}"])
        ]

    def terms(self, name: str) -> list[str]:
        """A named term list of the study; empty where the study has none of that name."""
        return self.study.terms.get(name, [])


@dataclass(frozen=True)
class KnownRules:
    """The rule names that exist in code; a spec that names another one is refused."""

    sdtm: frozenset[str]
    adam: frozenset[str]


def find_study(study: str) -> Path:
    """The folder of a study given by name (under `specs/`) or by path. Raises SpecError."""
    path = Path(study)
    if (path / "study.yaml").is_file():
        return path
    with as_file(files("specs")) as root:
        named = {p.parent.name: p.parent for p in sorted(Path(root).glob("*/study.yaml"))}
    if study in named:
        return named[study]
    raise SpecError(
        Problem(
            code="SPEC-001",
            place=f"--study {study}",
            fact="There is no such study: neither a name under specs/ nor a folder with a study.yaml.",
            hint=did_you_mean(study, named) or "known studies: " + ", ".join(sorted(named)),
            next_step="give one of these names, or the path of a folder that holds study.yaml.",
        )
    )


def load_study(study: str, rules: KnownRules | None = None) -> StudySpec:
    """Load and check all specs of a study.

    `rules`: the rule names known to the code; without them rule names are not checked. Raises SpecError with every
    problem of the first stage that has one (reading, then typing, then cross-references).
    """
    folder = find_study(study)
    reader = _Reader(folder)
    study_file = reader.one("study.yaml", StudyFile)
    choices = reader.one("choices.yaml", dict[str, dict[str, str]])
    codelists = reader.one("codelists.yaml", dict[str, Codelist])
    forms = reader.one("forms.yaml", dict[str, FormSpec])
    sdtm = reader.many("sdtm", SdtmDatasetSpec, lambda spec: spec.dataset)
    adam = reader.many("adam", DatasetSpec, lambda spec: spec.dataset)
    units = reader.optional("units.yaml", UnitTable) or UnitTable()
    checks = reader.optional("checks.yaml", dict[str, CheckSpec]) or {}
    layouts = reader.by_file_name("layouts", LayoutSpec)
    odm = reader.optional("odm.yaml", OdmLayout) or OdmLayout()
    redcap = reader.optional("redcap.yaml", RedcapLayout) or RedcapLayout()
    trial = reader.optional("trial.yaml", TrialDesign)
    relations = reader.optional("relations.yaml", Relations)
    grading = reader.optional("grading.yaml", Grading)
    criteria = reader.optional("criteria.yaml", Criteria) or {}
    analyses = reader.optional("analyses.yaml", Analyses)
    reader.finish()
    assert study_file is not None
    assert choices is not None
    assert codelists is not None
    assert forms is not None
    spec = StudySpec(
        study=study_file, choices=choices, codelists=codelists, forms=forms, sdtm=sdtm, adam=adam,
        units=units, checks=checks, layouts=layouts, odm=odm, redcap=redcap, trial=trial, relations=relations,
        grading=grading, criteria=criteria, analyses=analyses, digest=reader.digest(),
    )  # fmt: skip
    problems = [*_cross_references(spec), *(_unknown_rules(spec, rules) if rules else [])] or coverage.faults(spec)
    if problems:
        raise SpecError(problems)
    return spec


class _Reader:
    """Reads files below one folder, collecting problems instead of stopping at the first."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problems: list[Problem] = []
        self._hashed: dict[str, bytes] = {}

    def optional(self, relative: str, kind: type[T]) -> T | None:
        return self.one(relative, kind) if (self.folder / relative).is_file() else None

    def one(self, relative: str, kind: type[T]) -> T | None:
        data = self._yaml(relative)
        if data is None:
            return None
        try:
            return TypeAdapter(kind).validate_python(data)
        except ValidationError as error:
            self.problems += [_as_problem(f"{self.folder.name}/{relative}", e) for e in error.errors()]
            return None

    def many(self, sub: str, kind: type[T], name_of: Callable[[T], str]) -> dict[str, T]:
        found: dict[str, T] = {}
        for path in sorted((self.folder / sub).glob("*.yaml")):
            item = self.one(f"{sub}/{path.name}", kind)
            if item is None:
                continue
            name = name_of(item)
            if name.lower() != path.stem or name in found:
                self.problems.append(
                    Problem(
                        code="SPEC-004",
                        place=f"{self.folder.name}/{sub}/{path.name}",
                        fact=f"The file describes dataset {name}, but its name says {path.stem.upper()}.",
                        next_step=f"rename the file to {name.lower()}.yaml, or mend `dataset:`.",
                    )
                )
            found[name] = item
        return found

    def by_file_name(self, sub: str, kind: type[T]) -> dict[str, T]:
        paths = sorted((self.folder / sub).glob("*.yaml"))
        read = {path.stem: self.one(f"{sub}/{path.name}", kind) for path in paths}
        return {name: item for name, item in read.items() if item is not None}

    def _yaml(self, relative: str) -> Any:
        path = self.folder / relative
        place = f"{self.folder.name}/{relative}"
        try:
            raw = path.read_bytes()
        except FileNotFoundError:
            self.problems.append(
                Problem(
                    code="SPEC-002", place=place, fact="The study's folder lacks this file.",
                    next_step="add it; specs/ql1706/ is a complete example.",
                )
            )  # fmt: skip
            return None
        except OSError as error:
            self.problems.append(
                Problem(
                    code="SPEC-002", place=place, fact=f"The file cannot be read: {error.strerror}.",
                    next_step="make it a file that may be read.",
                )
            )  # fmt: skip
            return None
        self._hashed[relative] = raw
        try:
            return read_yaml(raw.decode("utf-8")) or {}
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            self.problems.append(
                Problem(
                    code="SPEC-003", place=place, fact=f"This is no valid YAML: {_yaml_fault(error)}.",
                    next_step="mend the file at the line named.",
                )
            )  # fmt: skip
            return None

    def finish(self) -> None:
        if self.problems:
            raise SpecError(self.problems)

    def digest(self) -> str:
        total = hashlib.sha256()
        for name, raw in sorted(self._hashed.items()):
            total.update(f"{name}\0{len(raw)}\0".encode() + raw)
        return total.hexdigest()


def _yaml_fault(error: Exception) -> str:
    """What is wrong and where, without the parser's own account of how it got there."""
    if isinstance(error, yaml.MarkedYAMLError) and error.problem and error.problem_mark:
        return f"{error.problem}, in line {error.problem_mark.line + 1}, column {error.problem_mark.column + 1}"
    return " ".join(str(error).split())


def _as_problem(place: str, error: Any) -> Problem:
    path = ".".join(str(part) for part in error["loc"])
    context = error.get("ctx", {})
    if error["type"] == "unknown_key":
        path = f"{path}.{context['key']}" if path else str(context["key"])
    return Problem(
        code="SPEC-005",
        place=f"{place}, {path}" if path else place,
        fact=f"{error['msg'][:1].upper()}{error['msg'][1:]}." + _shown(error),
        hint=str(context.get("hint", "")),
        next_step="mend this key in the spec.",
    )


def _shown(error: Any) -> str:
    value = error.get("input")
    return f" It has: {value!r}" if isinstance(value, str | int | float) else ""


def _unknown(place: str, what: str, word: str, known: Iterable[str]) -> Problem:
    return Problem(
        code="SPEC-006", place=place, fact=f"There is no {what} '{word}'.",
        hint=did_you_mean(word, known), next_step=f"mend the name, or add the {what} to the specs.",
    )  # fmt: skip


def _cross_references(spec: StudySpec) -> list[Problem]:
    problems: list[Problem] = []
    for form, form_spec in spec.forms.items():
        for field, f in form_spec.fields.items():
            if f.choices and f.choices not in spec.choices:
                place = f"forms.yaml, {form}.{field}.choices"
                problems.append(_unknown(place, "list of choices", f.choices, spec.choices))
    identity = spec.study.identity
    if identity.subject_form not in spec.forms:
        problems.append(_unknown("study.yaml, identity.subject_form", "form", identity.subject_form, spec.forms))
    elif identity.previous_subject and identity.previous_subject not in spec.forms[identity.subject_form].fields:
        known = spec.forms[identity.subject_form].fields
        place, what = "study.yaml, identity.previous_subject", f"field of form {identity.subject_form}"
        problems.append(_unknown(place, what, identity.previous_subject, known))
    problems += _two_versions(spec.study)
    problems += conventions.faults(spec)
    numbers = spec.study.parameters.flat() if spec.study.parameters else {}
    halves: list[tuple[str, Mapping[str, DatasetSpec]]] = [("sdtm", spec.sdtm), ("adam", spec.adam)]
    for half, datasets in halves:
        for name, dataset in datasets.items():
            for variable, v in dataset.variables.items():
                place = f"{half}/{name.lower()}.yaml, variables.{variable}"
                if v.codelist and v.codelist not in spec.codelists:
                    problems.append(_unknown(f"{place}.codelist", "codelist", v.codelist, spec.codelists))
                if v.dictionary and v.dictionary not in spec.study.dictionaries:
                    problems.append(
                        _unknown(f"{place}.dictionary", "dictionary", v.dictionary, spec.study.dictionaries)
                    )
                problems += _unknown_needs(spec, dataset, place, v.needs)
            problems += _unknown_parameters(f"{half}/{name.lower()}.yaml", dataset, numbers)
            problems += _cycles(f"{half}/{name.lower()}.yaml", dataset)
    for name, sdtm_dataset in spec.sdtm.items():
        problems += sdtm_dataset.faults(f"sdtm/{name.lower()}.yaml", spec.forms, spec.codelists)
    problems += cross_checks.faults(spec.checks, spec.sdtm, spec.forms)
    problems += layout_checks.faults(spec.layouts, spec.forms)
    problems += _unknown_in_layouts(spec)
    problems += trial_design.faults(spec.trial, spec) if spec.trial else []
    problems += toxicity.faults(spec.grading, spec) if spec.grading else []
    problems += result_criteria.faults(spec.criteria, spec)
    problems += record_relations.faults(spec.relations, spec) if spec.relations else []
    problems += endpoint_analyses.faults(spec.analyses, spec) if spec.analyses else []
    problems += _unversioned(spec)
    problems += _labels_beyond_ascii(spec)
    return problems


def _labels_beyond_ascii(spec: StudySpec) -> list[Problem]:
    """Labels that XPT files in ASCII cannot have; of texts the data have, they hold a transliteration."""
    if spec.study.handoff.xpt_text != "ascii":
        return []
    halves: list[tuple[str, Mapping[str, DatasetSpec]]] = [("sdtm", spec.sdtm), ("adam", spec.adam)]
    labels = [
        (f"{half}/{name.lower()}.yaml, {place}", label)
        for half, datasets in halves
        for name, dataset in datasets.items()
        for place, label in [("label", dataset.label),
                             *((f"variables.{v}.label", of.label) for v, of in dataset.variables.items())]
    ]  # fmt: skip
    return [
        Problem(
            code="SPEC-005", place=place,
            fact=f"The label '{label}' has characters beyond ASCII; XPT files are to be in ASCII (handoff.xpt_text).",
            next_step="write it in ASCII, or have `handoff: {xpt_text: utf-8}` in study.yaml.",
        )
        for place, label in labels
        if not label.isascii()
    ]  # fmt: skip


def _unversioned(spec: StudySpec) -> list[Problem]:
    """Codelists of CDISC's ADaM terminology, and no package that they are of."""
    named = [name for name, codelist in spec.codelists.items() if codelist.code and codelist.package == "ADaM"]
    if not named or spec.study.adam_ct_version:
        return []
    return [
        Problem(
            code="SPEC-006", place="study.yaml, adam_ct_version",
            fact=f"Codelists are of CDISC's ADaM terminology ({', '.join(named)}), and its package is not told.",
            next_step="add the date of the package.",
        )
    ]  # fmt: skip


def _two_versions(study: StudyFile) -> list[Problem]:
    """CTCAE stands among the dictionaries, and its version among the parameters of the DLT rules."""
    coded = study.dictionaries.get("CTCAE")
    judged = study.parameters.dlt.ctcae_version if study.parameters and study.parameters.dlt else None
    if coded is None or judged is None or coded.version == judged:
        return []
    return [
        Problem(
            code="SPEC-006", place="study.yaml, parameters.dlt.ctcae_version",
            fact=f"The DLT rules are those of CTCAE {judged}, and grades were given by CTCAE {coded.version}.",
            next_step="give the version by which the sites graded in both places.",
        )
    ]  # fmt: skip


def _unknown_in_layouts(spec: StudySpec) -> list[Problem]:
    """Forms and fields that `odm.yaml` and `redcap.yaml` name and the study does not have."""
    problems = []
    for file, names in (("odm.yaml", spec.odm.names()), ("redcap.yaml", spec.redcap.names())):
        for key, name in names:
            form, _, field = name.partition(".")
            if form not in spec.forms:
                problems.append(_unknown(f"{file}, {key}", "form", form, spec.forms))
            elif field and field not in spec.forms[form].fields:
                known = spec.forms[form].fields
                problems.append(_unknown(f"{file}, {key}", f"field of form {form}", field, known))
    return problems


def _unknown_parameters(place: str, dataset: DatasetSpec, known: Mapping[str, object]) -> list[Problem]:
    """Sentences with the name of a number that the study does not have."""
    said = {f"variables.{name}": v.says for name, v in dataset.variables.items()}
    said |= {f"parameters.{name}": parameter.says for name, parameter in dataset.parameters.items()}
    if isinstance(dataset, SdtmDatasetSpec):
        said |= {f"supplemental.{name}": v.says for name, v in dataset.supplemental.items()}
    return [
        _unknown(f"{place}, {where}.says", "study parameter", word, known)
        for where, says in said.items()
        for word in sorted(placeholders(says or "") - set(known))
    ]


def _unknown_needs(spec: StudySpec, dataset: DatasetSpec, place: str, needs: list[str]) -> list[Problem]:
    problems = []
    for need in needs:
        other, _, variable = need.rpartition(".")
        owner = spec.sdtm.get(other) or spec.adam.get(other) if other else dataset
        if owner is None:
            problems.append(_unknown(f"{place}.needs", "dataset", other, [*spec.sdtm, *spec.adam]))
        elif variable not in owner.variables:
            problems.append(_unknown(f"{place}.needs", "variable", need, owner.variables))
    return problems


def _cycles(place: str, dataset: DatasetSpec) -> list[Problem]:
    """A variable that needs itself, by whatever way round, cannot be made."""
    done: set[str] = set()
    for start in dataset.variables:
        trail: list[str] = []
        cycle = _walk(dataset, start, trail, done)
        if cycle:
            return [
                Problem(
                    code="SPEC-007", place=place, fact="Variables need each other in a circle: " + " -> ".join(cycle),
                    next_step="take one of these out of `needs`.",
                )
            ]  # fmt: skip
    return []


def _walk(dataset: DatasetSpec, name: str, trail: list[str], done: set[str]) -> list[str]:
    if name in trail:
        return [*trail[trail.index(name) :], name]
    if name in done or name not in dataset.variables:
        return []
    trail.append(name)
    for need in dataset.variables[name].needs:
        if "." not in need:
            cycle = _walk(dataset, need, trail, done)
            if cycle:
                return cycle
    trail.pop()
    done.add(name)
    return []


def _unknown_rules(spec: StudySpec, rules: KnownRules) -> list[Problem]:
    named = [
        *((f"sdtm/{d.dataset.lower()}.yaml, {place}", rule, rules.sdtm) for d in spec.sdtm.values()
          for place, rule in d.rule_names()),
        *((f"adam/{d.dataset.lower()}.yaml, variables.{variable}.rule", v.rule, rules.adam) for d in spec.adam.values()
          for variable, v in d.variables.items() if v.rule),
    ]  # fmt: skip
    return [_unknown(place, "rule", rule, known) for place, rule, known in named if rule not in known]
