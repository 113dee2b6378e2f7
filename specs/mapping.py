"""How an SDTM dataset is made from raw forms: declared in `sdtm/*.yaml`, read by the engine in `sdtm/`.

A *mapping* says how one variable gets its value from a raw record. A dataset has one or more *sources*, each a form
(with others joined to it where that is asked); a source gives one SDTM record per raw record, or one for each entry of
`records` (a findings form that is wide). What a source's `map` says goes before what the variable itself says, an
entry of `records` before both. What a mapping cannot say is a *rule*: a named function of `sdtm.rules`, either of one
variable (`rule:`, given `of` and `args`), or of the whole mapped frame (`steps`). *Helpers* are variables that rules
read and that are not published. STUDYID, DOMAIN, USUBJID, --SEQ, VISITNUM, VISIT and VISITDY need no mapping.

Wherever a field is named (`from`, `time`, `template`, `where`, `pick`), it is a field of the source's form, a field of
a joined form (`FORM.FIELD`), or an identity column (`_SITE`, `_SUBJECT`, ...: specs/identity.py).
"""

from __future__ import annotations

import string
from collections.abc import Iterator
from collections.abc import Mapping as MappingType
from functools import cached_property
from typing import Any, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from specs import identity
from specs.errors import Problem, did_you_mean
from specs.models import Codelist, DatasetSpec, FieldSpec, FormSpec, Name, Strict, VariableSpec

TRIAL_DESIGN = "Trial Design"  # class of the datasets that are about the study and not about a subject
RELATIONSHIP = "Relationship"  # class of RELREC

Algorithm = Literal[
    "text",  # as collected, blanks at both ends taken off (into a Num variable: as number)
    "number",  # a float; what cannot be read is a finding
    "iso8601",  # a date field (with `time`: and a time field) to truncated ISO 8601
    "decode",  # the text the site saw for a coded field
    "unit",  # the unit beside a number field
]


class Mapping(Strict):
    """How one variable gets its value from a raw record: by exactly one of `from`, `constant`, `template`."""

    from_: str | None = Field(None, alias="from")  # field
    as_: Algorithm = Field("text", alias="as")
    time: str | None = None  # iso8601: the time field that belongs to the date field
    constant: str | float | None = None  # the same for every record
    template: str | None = None  # text around fields, e.g. "NT{LESNO}"; blank where one of the fields is blank
    map: dict[str, str] | None = None  # collected text -> value; a text that it lacks passes on, to meet the codelist
    default: str | None = None  # where the collected value is blank
    or_: Mapping | None = Field(None, alias="or")  # asked where this mapping gives nothing

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if sum(way is not None for way in (self.from_, self.constant, self.template)) != 1:
            raise PydanticCustomError("mapping", "a mapping has exactly one of `from`, `constant`, `template`")
        return self

    @property
    def fields(self) -> list[str]:
        """Every field that it reads."""
        own = [field for field in (self.from_, self.time) if field]
        return [*own, *template_fields(self.template), *(self.or_.fields if self.or_ else [])]


class Condition(Strict):
    """Which raw records a source takes. All conditions of a list must hold; of an `any`, one."""

    field: str | None = None
    in_: list[str] | None = Field(None, alias="in")
    not_in: list[str] | None = None
    present: bool | None = None  # true: not blank; false: blank
    number: bool | None = None  # true: reads as a number; false: does not
    above: float | None = None  # a number greater than this; what is no number does not hold
    at_most: float | None = None  # a number up to this; what is no number does not hold
    any_: list[Condition] | None = Field(None, alias="any")

    @model_validator(mode="after")
    def _one_test(self) -> Self:
        tests = (self.in_, self.not_in, self.present, self.number, self.above, self.at_most, self.any_)
        if sum(test is not None for test in tests) != 1 or (self.field is None) != (self.any_ is not None):
            raise PydanticCustomError(
                "condition",
                "a condition is `any`, or `field` with one of `in`, `not_in`, `present`, `number`, `above`, `at_most`",
            )
        return self

    @property
    def fields(self) -> list[str]:
        """Every field that it reads."""
        return ([self.field] if self.field else []) + [name for c in self.any_ or [] for name in c.fields]


class Records(Strict):
    """One SDTM record for each raw record that meets `where`."""

    where: list[Condition] = []
    map: dict[Name, Mapping]


class Join(Strict):
    """A second form, whose fields a source reads as `FORM.FIELD`; at most one of its records per source record.

    `by` person: the same USUBJID; subject: the same subject number; visit: the same number, folder and instance. Where
    several records agree, `keep` decides, in the order of screening, visit, log line and record id.
    """

    form: str
    by: Literal["person", "subject", "visit"] = "person"
    keep: Literal["first", "last"] = "last"


class Pick(Strict):
    """One raw record for each value of `by` within a person, in the order of screening, visit, log line, record id.

    Where records meet `prefer`, it is one of these.
    """

    by: list[str] = []
    prefer: list[Condition] = []
    keep: Literal["first", "last"] = "first"
    left_out: str  # name of the rule by which the other records are left out

    @property
    def fields(self) -> list[str]:
        """Every field that it reads."""
        return [*self.by, *(name for condition in self.prefer for name in condition.fields)]


class Source(Strict):
    """A form that a dataset is made from."""

    form: str
    where: list[Condition] = []
    left_out: str | None = None  # name of the rule by which the other records are left out; needed with `where`
    pick: Pick | None = None  # after `where`
    join: list[Join] = []
    map: dict[Name, Mapping] = {}
    records: list[Records] = []

    @model_validator(mode="after")
    def _left_out_has_a_name(self) -> Self:
        filters = bool(self.where) or (bool(self.records) and all(r.where for r in self.records))
        if (self.where and not self.left_out) or (self.left_out and not filters):
            raise PydanticCustomError("left_out", "`where` and `left_out` (the rule's name) go together")
        return self


class Step(Strict):
    """A named rule on the whole mapped frame: it may add, change or take away records."""

    rule: str
    args: dict[str, Any] = {}


class OnlyWith(Strict):
    """Records without a value of this variable, after all rules, are left out by the rule of this name."""

    variable: str
    left_out: str


class SdtmVariableSpec(VariableSpec):
    """An SDTM variable: mapped from the form (`from`, `constant`, `template`), or made by a `rule` of others."""

    from_: str | None = Field(None, alias="from")
    as_: Algorithm = Field("text", alias="as")
    time: str | None = None
    constant: str | float | None = None
    template: str | None = None
    map: dict[str, str] | None = None
    default: str | None = None
    or_: Mapping | None = Field(None, alias="or")
    of: str | None = None  # the variable a rule works on
    args: dict[str, Any] = {}  # further arguments of the rule

    @property
    def mapping(self) -> Mapping | None:
        """The variable's own mapping, where it has one."""
        if self.from_ is None and self.constant is None and self.template is None:
            return None
        given = {k: getattr(self, k) for k in Mapping.model_fields}
        return Mapping(**given)


class HelperSpec(SdtmVariableSpec):
    """A variable that rules read and no dataset holds. Mapped helpers exist before any rule or step is called."""

    label: str = "Helper"
    type: Literal["Char", "Num"] = "Char"


class SuppVariableSpec(SdtmVariableSpec):
    """A non-standard variable: a QNAM of SUPP--. `origin` becomes QORIG."""

    eval: str = ""  # QEVAL


class SdtmDatasetSpec(DatasetSpec):
    """An SDTM domain: its variables, the forms that it is made from, and its SUPP--."""

    sources: list[Source]
    steps: list[Step] = []  # after mapping, before the variables' rules, in this order
    only_with: OnlyWith | None = None
    variables: dict[Name, SdtmVariableSpec]  # type: ignore[assignment]  # narrower on purpose
    helpers: dict[Name, HelperSpec] = {}
    supplemental: dict[Name, SuppVariableSpec] = {}

    @cached_property
    def made(self) -> dict[str, SdtmVariableSpec]:
        """Everything that mappings and rules make: variables, SUPP-- variables, helpers."""
        return {**self.variables, **self.supplemental, **self.helpers}

    @cached_property
    def as_collected(self) -> dict[str, SuppVariableSpec]:
        """The SUPP-- variables that keep a date or number which cannot be read, as it was collected.

        QNAM: --DTC becomes --DTX (AESTDTC: AESTDTX); a number gets an X at its end (ECDOSE: ECDOSEX). A date of SUPP--
        is kept likewise (AEDTHDTC: AEDTHDTX).
        """
        kept: dict[str, SuppVariableSpec] = {}
        for source in self.sources:
            for _, mappings in self.mappings(source):
                for name, mapping in mappings.items():
                    variable = self.variables.get(name) or self.supplemental.get(name)
                    if variable is None or mapping.from_ is None:
                        continue
                    if mapping.as_ == "iso8601" or variable.type == "Num":
                        kept[as_collected_name(name)] = SuppVariableSpec(
                            label=f"{name} as Collected", type="Char", origin="Collected"
                        )
        return kept

    def mappings(self, source: Source) -> list[tuple[tuple[Condition, ...], dict[str, Mapping]]]:
        """For each SDTM record a raw record of the source gives: its condition, and variable -> mapping."""
        own = self._own_mappings
        if not source.records:
            return [((), own | source.map)]
        return [(tuple(r.where), own | source.map | r.map) for r in source.records]

    @cached_property
    def _own_mappings(self) -> dict[str, Mapping]:
        return {name: mapping for name, v in self.made.items() if (mapping := v.mapping)}

    def rule_names(self) -> Iterator[tuple[str, str]]:
        """Place and name of every rule that the spec asks for."""
        for group in ("variables", "supplemental", "helpers"):
            for name, v in getattr(self, group).items():
                if v.rule:
                    yield f"{group}.{name}.rule", v.rule
        for index, step in enumerate(self.steps):
            yield f"steps.{index}.rule", step.rule

    def faults(
        self, place: str, forms: MappingType[str, FormSpec], codelists: MappingType[str, Codelist]
    ) -> list[Problem]:
        """References of the mapping that lead nowhere: forms, fields, variables, codelists."""
        return list(self._faults(place, forms, codelists))

    def _faults(
        self, place: str, forms: MappingType[str, FormSpec], codelists: MappingType[str, Codelist]
    ) -> Iterator[Problem]:
        for group in ("supplemental", "helpers"):
            for name, v in getattr(self, group).items():
                if v.codelist and v.codelist not in codelists:
                    yield _no_such(f"{place}, {group}.{name}", "codelist", v.codelist, codelists)
        for name, v in self.made.items():
            if v.of and v.of not in self.made:
                yield _no_such(f"{place}, {name}.of", "variable", v.of, list(self.made))
        if self.only_with and self.only_with.variable not in self.made:
            yield _no_such(f"{place}, only_with", "variable", self.only_with.variable, list(self.made))
        for index, source in enumerate(self.sources):
            yield from self._source_faults(f"{place}, sources.{index}", source, forms)

    def _source_faults(self, at: str, source: Source, forms: MappingType[str, FormSpec]) -> Iterator[Problem]:
        unknown = [name for name in (source.form, *(j.form for j in source.join)) if name not in forms]
        for name in unknown:
            yield _no_such(at, "form", name, forms)
        if unknown:
            return
        known: dict[str, FieldSpec | None] = dict.fromkeys(identity.IDENTITY)
        known |= forms[source.form].fields
        known |= {f"{j.form}.{name}": f for j in source.join for name, f in forms[j.form].fields.items()}
        read = [name for c in [*source.where, *(c for r in source.records for c in r.where)] for name in c.fields]
        read += source.pick.fields if source.pick else []
        for _, mappings in self.mappings(source):
            for variable, m in mappings.items():
                read += m.fields
                if variable not in self.made:
                    yield _no_such(at, "variable", variable, list(self.made))
                yield from _kind_faults(f"{at}, {variable}", m, known)
        for field in sorted(set(read) - set(known)):
            yield _no_such(at, f"field of form {source.form}", field, list(known))


def as_collected_name(variable: str) -> str:
    """The QNAM under which SUPP-- keeps what could not be read for a variable."""
    return variable[:-1] + "X" if variable.endswith("DTC") else variable[:7] + "X"


def named_variables(value: Any, dataset: str, datasets: MappingType[str, SdtmDatasetSpec]) -> Iterator[tuple[str, str]]:
    """Dataset and name of each variable, written VAR or DATASET.VAR, that stands anywhere in a value of a spec.

    VAR is one of `dataset`; words that are no variable which a mapping or rule makes are passed over.
    """
    for word in dict.fromkeys(_words(value)):
        other, _, name = word.rpartition(".")
        owner = other or dataset
        if owner in datasets and name in datasets[owner].made:
            yield owner, name


def _words(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, MappingType):
        for key, part in value.items():
            yield from _words(key)
            yield from _words(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _words(part)


def template_fields(template: str | None) -> list[str]:
    """The fields that a template names."""
    return [name for _, name, _, _ in string.Formatter().parse(template or "") if name]


_KINDS: dict[str, tuple[str, ...]] = {"iso8601": ("date",), "decode": ("coded",), "unit": ("number",)}


def _kind_faults(place: str, mapping: Mapping, known: MappingType[str, FieldSpec | None]) -> Iterator[Problem]:
    """A mapping whose algorithm does not fit the kind of its field."""
    field = known.get(mapping.from_ or "")
    wanted = _KINDS.get(mapping.as_)
    if field and wanted and (field.kind not in wanted or (mapping.as_ == "unit" and not field.units)):
        yield Problem(
            code="SPEC-006", place=place,
            fact=f"`as: {mapping.as_}` does not fit {mapping.from_}, a field of kind {field.kind}.",
            next_step="take the algorithm that fits the field, or mend the field's kind in forms.yaml.",
        )  # fmt: skip
    if mapping.or_:
        yield from _kind_faults(place, mapping.or_, known)


def _no_such(place: str, what: str, word: str, known: MappingType[str, Any] | list[str]) -> Problem:
    return Problem(
        code="SPEC-006", place=place, fact=f"There is no {what} '{word}'.",
        hint=did_you_mean(word, known), next_step="mend the name, or add it to the specs.",
    )  # fmt: skip
