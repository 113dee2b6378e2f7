"""Where each field of each raw form goes in SDTM, or why it goes nowhere: from the specs alone, without any data.

A field *reaches* SDTM when its value, or what a rule makes of it, stands in a variable or in SUPP--. A field that only
decides which records a dataset takes, or that only a cross-check reads, does not: it needs `not_submitted: <reason>` in
forms.yaml, as the annotated CRF has it. So does the unit beside a number field.

A field with neither is a finding (COV-701) and no fault at load: the forms of a study are written before its domains
are, and a reason invented to get a run going would stay, and be untrue. A reason on a field that does reach SDTM is a
fault at load (SPEC-008), for it is never right.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from specs import checks as cross_checks
from specs import identity
from specs.errors import Problem
from specs.mapping import Mapping as FieldMapping
from specs.mapping import SdtmDatasetSpec, Source, named_variables, template_fields
from specs.supplemental import PREFIX

if TYPE_CHECKING:
    from specs.loader import StudySpec

CONDITION, PICK = "condition", "picks one record"
HEADER = {  # identity columns that mappings may read, in the words of a page
    identity.SUBJECT: "Subject number",
    identity.SITE: "Site number",
    identity.FOLDER: "Visit folder",
    identity.INSTANCE: "Repeat of the visit",
    identity.VISIT_NAME: "Visit name",
    identity.POSITION: "Log line",
    identity.PAGE_DATE: "Date of the page",
    identity.RECORD: "Record id",
    identity.SAVED: "Last saved",
    identity.FORM: "Form",
    identity.FILE: "File",
    identity.LINE: "Line",
}


@dataclass(frozen=True)
class Place:
    """One use of a field.

    `dataset` and `variable`: where its value stands (SUPP--: the QNAM), the variable blank where a step reads it or
    where it decides about records, both blank for a cross-check. `when`: of which records, e.g. VSTESTCD = TEMP.
    """

    dataset: str
    variable: str
    how: str
    when: str = ""
    reaches: bool = True

    @property
    def supplemental(self) -> bool:
        return self.dataset.startswith(PREFIX)


@dataclass(frozen=True)
class FieldCoverage:
    """A field of a form, the unit beside one (`FIELD_UN`), or an identity column that a mapping reads (`_POSITION`)."""

    form: str
    field: str
    label: str
    places: tuple[Place, ...]
    not_submitted: str = ""

    @property
    def reaches(self) -> bool:
        """Whether its value stands in SDTM."""
        return any(place.reaches for place in self.places)

    @property
    def unexplained(self) -> bool:
        """Whether it reaches nothing, and nobody says why."""
        return not self.reaches and not self.not_submitted


def field_coverage(study: StudySpec) -> list[FieldCoverage]:
    """Every field of every form with all its uses, in the order of forms.yaml.

    Followed are mappings with their `or`, `time` and `template`; joined forms; helpers and SUPP-- variables, through
    the rules that name them in `of`, `needs` or `args`, to the variables made; links of relations.yaml; steps;
    conditions, and the constants that an entry of `records` sets where a field has certain values (`in`); picks; the
    number before a re-screening; the cross-checks. A helper that no rule names counts as read by the steps of its
    dataset. Identity columns come after the fields of a form, only those that a mapping reads.
    """
    uses: dict[tuple[str, str], list[Place]] = {}
    for form, name, place in _uses(study):
        uses.setdefault((form, name), []).append(place)
    covered: list[FieldCoverage] = []
    for form, spec in study.forms.items():
        for name, field in spec.fields.items():
            reason = field.not_submitted or ""
            covered.append(FieldCoverage(form, name, field.label, _merged(uses.get((form, name), [])), reason))
            if field.units:
                unit = name + identity.UNIT_SUFFIX
                places = _merged(uses.get((form, unit), []))
                covered.append(FieldCoverage(form, unit, f"{field.label}: unit", places, "" if places else reason))
        for column, label in HEADER.items():
            if (form, column) in uses:
                covered.append(FieldCoverage(form, column, label, _merged(uses[form, column])))
    return covered


def faults(study: StudySpec) -> list[Problem]:
    """Reasons that are not true: the field does reach SDTM (SPEC-008)."""
    found = []
    for covered in field_coverage(study):
        if covered.not_submitted and covered.reaches:
            place = next(place for place in covered.places if place.reaches)
            target = f"{place.dataset}.{place.variable}" if place.variable else place.dataset
            found.append(
                Problem(
                    code="SPEC-008", place=f"forms.yaml, {covered.form}.{covered.field}.not_submitted",
                    fact=f"The reason says that the field is not submitted, but {target} has it ({place.how}).",
                    next_step="take the reason away, or the mapping that reads the field.",
                )
            )  # fmt: skip
    return found


# --- the uses, one by one -------------------------------------------------------------------------------------

_Use = tuple[str, str, Place]  # form, field, place


def _uses(study: StudySpec) -> Iterator[_Use]:
    readers = _Readers(study)
    for spec in study.sdtm.values():
        for source in spec.sources:
            for name, place in _of_source(spec, source, readers):
                form, field = _owner(study, source, name)
                yield form, field, place
    who = study.study.identity
    if who.previous_subject:
        yield who.subject_form, who.previous_subject, Place("DM", "USUBJID", "links the numbers of one person")
    for code, check in study.checks.items():
        for kind, form, field in cross_checks.references(check):
            if kind == "form":
                yield form, field, Place("", "", f"check {code}", reaches=False)


def _owner(study: StudySpec, source: Source, name: str) -> tuple[str, str]:
    """Form and field of a name in a source: its own, or FORM.FIELD of a joined form."""
    form, _, field = name.partition(".")
    return (form, field) if field and form in study.forms else (source.form, name)


def _of_source(spec: SdtmDatasetSpec, source: Source, readers: _Readers) -> Iterator[tuple[str, Place]]:
    """Names as the source has them, with their places."""
    decides = Place(spec.dataset, "", CONDITION, reaches=False)
    for condition in source.where:
        yield from ((name, decides) for name in condition.fields)
    for name in source.pick.by if source.pick else []:
        yield name, replace(decides, how=PICK)
    records = spec.mappings(source)
    for variable in dict.fromkeys(name for _, mappings in records for name in mappings):
        given = [(_topic(spec, mappings), mappings[variable]) for _, mappings in records if variable in mappings]
        everywhere = len(records) > 1 and len({id(m) for _, m in given}) == 1 and len(given) == len(records)
        for topic, mapping in given:
            for name, how in _read(spec, variable, mapping):
                for place in readers.places(spec, variable, how):
                    yield name, replace(place, when="" if everywhere else topic)
    for where, mappings in records:
        for condition in where:
            yield from ((name, replace(decides, when=_topic(spec, mappings))) for name in condition.fields)
    for (name, variable), values in _chosen(source).items():
        for place in readers.places(spec, variable, f"chooses {' or '.join(values)}"):
            yield name, place


def _chosen(source: Source) -> dict[tuple[str, str], list[str]]:
    """For a field by whose values `records` are told apart, and each variable: the constants that it chooses among."""
    chosen: dict[tuple[str, str], list[str]] = {}
    for records in source.records:
        fields = [c.field for c in records.where if c.field and c.in_]
        constants = {name: str(m.constant) for name, m in records.map.items() if m.constant is not None}
        for field in fields:
            for variable, value in constants.items():
                values = chosen.setdefault((field, variable), [])
                values += [value] if value not in values else []
    return chosen


def _topic(spec: SdtmDatasetSpec, mappings: Mapping[str, FieldMapping]) -> str:
    """What tells these records from the others of the dataset: the constant of its topic variable."""
    for name, mapping in mappings.items():
        variable = spec.variables.get(name)
        if variable and (variable.role == "Topic" or name == f"{spec.dataset}TESTCD") and mapping.constant is not None:
            return f"{name} = {mapping.constant}"
    return ""


def _read(spec: SdtmDatasetSpec, variable: str, mapping: FieldMapping, after: str = "") -> Iterator[tuple[str, str]]:
    """The fields that a mapping reads, and how each gets into the variable."""
    otherwise = f", where {after} is blank" if after else ""
    if mapping.from_:
        unit = identity.UNIT_SUFFIX if mapping.as_ == "unit" else ""
        yield mapping.from_ + unit, _how(spec, variable, mapping) + otherwise
    if mapping.time:
        yield mapping.time, "time of the date" + otherwise
    for name in template_fields(mapping.template):
        yield name, "part of a text" + otherwise
    if mapping.or_:
        before = ", ".join(mapping.fields[: len(mapping.fields) - len(mapping.or_.fields)]) or after
        yield from _read(spec, variable, mapping.or_, before)


def _how(spec: SdtmDatasetSpec, variable: str, mapping: FieldMapping) -> str:
    made = spec.made[variable]
    if mapping.as_ == "iso8601":
        return "date and time" if mapping.time else "date"
    words = {"decode": "decode", "unit": "unit"}.get(mapping.as_, "map" if mapping.map else "")
    if made.codelist:
        return f"{words}, codelist {made.codelist}".removeprefix(", ")
    return words or ("number" if mapping.as_ == "number" or made.type == "Num" else "copied")


# --- helpers, and who reads them ------------------------------------------------------------------------------


class _Readers:
    """Which rules and steps read which made variable, over all datasets."""

    def __init__(self, study: StudySpec) -> None:
        self._datasets = datasets = study.sdtm
        self._links = {  # what links a record -> the dataset of the record that it is linked to
            (link.child.domain, link.child.by): link.parent.domain
            for link in (study.relations.records if study.relations else [])
        }
        self._rules: dict[tuple[str, str], list[tuple[str, str, str]]] = {}  # read -> dataset, variable, its rule
        self._steps: dict[tuple[str, str], list[tuple[str, str]]] = {}  # read -> dataset, step
        for dataset, spec in datasets.items():
            for variable, made in spec.made.items():
                for read in named_variables([made.of, *made.needs, made.args], dataset, datasets) if made.rule else ():
                    self._rules.setdefault(read, []).append((dataset, variable, made.rule or ""))
            for step in spec.steps:
                for read in named_variables(step.args, dataset, datasets):
                    self._steps.setdefault(read, []).append((dataset, step.rule))

    def places(self, spec: SdtmDatasetSpec, variable: str, how: str) -> list[Place]:
        """Where a mapped variable stands; of a helper, what is made of it."""
        if variable in spec.variables:
            return [Place(spec.dataset, variable, how)]
        stands = [Place(PREFIX + spec.dataset, variable, how)] if variable in spec.supplemental else []
        if (spec.dataset, variable) in self._links:
            parent = self._links[spec.dataset, variable]
            stands.append(Place("RELREC", "IDVARVAL", f"relates a record of {spec.dataset} to one of {parent}"))
        return list(dict.fromkeys([*stands, *self._made_of(spec.dataset, variable, {(spec.dataset, variable)})]))

    def _made_of(self, dataset: str, read: str, seen: set[tuple[str, str]]) -> Iterator[Place]:
        rules, steps = self._rules.get((dataset, read), []), self._steps.get((dataset, read), [])
        if not rules and not steps and read in self._datasets[dataset].helpers:
            steps = [(dataset, step.rule) for step in self._datasets[dataset].steps]
        yield from (Place(other, "", f"step {step}") for other, step in steps)
        for other, variable, rule in rules:
            spec = self._datasets[other]
            if variable in spec.variables:
                yield Place(other, variable, f"rule {rule}")
                continue
            if variable in spec.supplemental:
                yield Place(PREFIX + other, variable, f"rule {rule}")
            if (other, variable) not in seen:
                yield from self._made_of(other, variable, seen | {(other, variable)})


def _merged(places: Iterable[Place]) -> tuple[Place, ...]:
    """Places that differ in `when` only become one; one that holds always holds in every case."""
    whens: dict[Place, list[str]] = {}
    for place in places:
        whens.setdefault(replace(place, when=""), []).append(place.when)
    return tuple(replace(place, when=_joined(found)) for place, found in whens.items())


def _joined(whens: list[str]) -> str:
    if "" in whens:
        return ""
    values: dict[str, list[str]] = {}
    for when in dict.fromkeys(whens):
        name, _, value = when.partition(" = ")
        values.setdefault(name, []).append(value)
    return "; ".join(f"{name} = {', '.join(found)}" for name, found in values.items())
