"""How an SDTM dataset is made from raw forms: declared in `sdtm/*.yaml`, read by the engine in `sdtm/`.

A *mapping* says how one variable gets its value from a raw record. A dataset has one or more *sources*, each a form;
a source gives one SDTM record per raw record, or one for each entry of `records` (a findings form that is wide).
What a source's `map` says goes before what the variable itself says, an entry of `records` before both.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as MappingType
from typing import Any, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from specs.errors import Problem, did_you_mean
from specs.models import Codelist, DatasetSpec, FormSpec, Name, Strict, VariableSpec

Algorithm = Literal[
    "text",  # as collected, blanks at both ends taken off
    "number",  # a float; what cannot be read is a finding
    "iso8601",  # a date field (with `time`: and a time field) to truncated ISO 8601
    "decode",  # the text the site saw for a coded field
    "unit",  # the unit beside a number field
]


class Mapping(Strict):
    """How one variable gets its value from a raw record."""

    from_: str | None = Field(None, alias="from")  # field of the form
    as_: Algorithm = Field("text", alias="as")
    time: str | None = None  # iso8601: the time field that belongs to the date field
    constant: str | float | None = None  # the same for every record
    map: dict[str, str] | None = None  # collected text -> value; a text that it lacks passes on, to meet the codelist
    default: str | None = None  # where the collected value is blank

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.from_ is None) == (self.constant is None):
            raise PydanticCustomError("mapping", "a mapping has either `from` or `constant`")
        return self


class Condition(Strict):
    """Which raw records a source takes. All conditions of a list must hold."""

    field: str
    in_: list[str] | None = Field(None, alias="in")
    not_in: list[str] | None = None
    present: bool | None = None  # true: not blank; false: blank

    @model_validator(mode="after")
    def _one_test(self) -> Self:
        if sum(test is not None for test in (self.in_, self.not_in, self.present)) != 1:
            raise PydanticCustomError("condition", "a condition has exactly one of `in`, `not_in`, `present`")
        return self


class Records(Strict):
    """One SDTM record for each raw record that meets `where`."""

    where: list[Condition] = []
    map: dict[Name, Mapping]


class Source(Strict):
    """A form that a dataset is made from."""

    form: str
    where: list[Condition] = []
    left_out: str | None = None  # name of the rule by which the other records are left out; needed with `where`
    map: dict[Name, Mapping] = {}
    records: list[Records] = []

    @model_validator(mode="after")
    def _left_out_has_a_name(self) -> Self:
        if bool(self.where) != bool(self.left_out):
            raise PydanticCustomError("left_out", "`where` and `left_out` (the rule's name) go together")
        return self


class SdtmVariableSpec(VariableSpec):
    """An SDTM variable: mapped from the form (`from`/`constant`), or made by a `rule` from what is mapped."""

    from_: str | None = Field(None, alias="from")
    as_: Algorithm = Field("text", alias="as")
    time: str | None = None
    constant: str | float | None = None
    map: dict[str, str] | None = None
    default: str | None = None
    of: str | None = None  # the variable a rule works on
    args: dict[str, Any] = {}  # further arguments of the rule

    @property
    def mapping(self) -> Mapping | None:
        """The variable's own mapping, where it has one."""
        if self.from_ is None and self.constant is None:
            return None
        given = {k: getattr(self, k) for k in Mapping.model_fields}
        return Mapping(**given)


class SuppVariableSpec(SdtmVariableSpec):
    """A non-standard variable: a QNAM of SUPP--. `origin` becomes QORIG."""

    eval: str = ""  # QEVAL


class SdtmDatasetSpec(DatasetSpec):
    """An SDTM domain: its variables, the forms that it is made from, and its SUPP--."""

    sources: list[Source]
    variables: dict[Name, SdtmVariableSpec]  # type: ignore[assignment]  # narrower on purpose
    supplemental: dict[Name, SuppVariableSpec] = {}

    def mappings(self, source: Source) -> list[tuple[tuple[Condition, ...], dict[str, Mapping]]]:
        """For each SDTM record a raw record of the source gives: its condition, and variable -> mapping."""
        own = {name: v.mapping for name, v in [*self.variables.items(), *self.supplemental.items()] if v.mapping}
        if not source.records:
            return [((), own | source.map)]
        return [(tuple(r.where), own | source.map | r.map) for r in source.records]

    def faults(
        self, place: str, forms: MappingType[str, FormSpec], codelists: MappingType[str, Codelist]
    ) -> list[Problem]:
        """References of the mapping that lead nowhere: forms, fields, variables, codelists."""
        return list(self._faults(place, forms, codelists))

    def _faults(
        self, place: str, forms: MappingType[str, FormSpec], codelists: MappingType[str, Codelist]
    ) -> Iterator[Problem]:
        for name, supp in self.supplemental.items():
            if supp.codelist and supp.codelist not in codelists:
                yield _no_such(f"{place}, supplemental.{name}", "codelist", supp.codelist, codelists)
        names = [*self.variables, *self.supplemental]
        for index, source in enumerate(self.sources):
            at = f"{place}, sources.{index}"
            form = forms.get(source.form)
            if form is None:
                yield _no_such(at, "form", source.form, forms)
                continue
            where = [*source.where, *(c for r in source.records for c in r.where)]
            read = [c.field for c in where]
            for _, mapping in self.mappings(source):
                for variable, m in mapping.items():
                    read += [field for field in (m.from_, m.time) if field]
                    if variable not in names:
                        yield _no_such(at, "variable", variable, names)
            for field in sorted(set(read) - set(form.fields)):
                yield _no_such(at, f"field of form {source.form}", field, form.fields)


def _no_such(place: str, what: str, word: str, known: MappingType[str, Any] | list[str]) -> Problem:
    return Problem(
        code="SPEC-006", place=place, fact=f"There is no {what} '{word}'.",
        hint=did_you_mean(word, known), next_step="mend the name, or add it to the specs.",
    )  # fmt: skip
