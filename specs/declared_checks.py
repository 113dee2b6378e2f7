"""Kinds of cross-check that a study declares with records, conditions and dates alone: no code knows its forms.

Each names the records that it looks at (`form` or `dataset`, with `where`) and the field or variable on which the
finding stands. A field is one of the form or variable of the dataset, or an identity column (`_SUBJECT`, `_FOLDER`:
specs/identity.py). What each kind does is said where it is made, in `sdtm/checks/`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from specs import identity
from specs.mapping import Condition
from specs.models import Name, Strict


def _same_names(keys: Any) -> Any:
    return {name: name for name in keys} if isinstance(keys, list) else keys


# own name -> name in the other records; a list where both have the same names
Keys = Annotated[dict[str, str], BeforeValidator(_same_names)]
ANYWHERE = frozenset({*identity.IDENTITY, "USUBJID"})  # names that every record has


class Records(Strict):
    """The records of a raw form, or of a built dataset, that meet all conditions."""

    form: str | None = None
    dataset: Name | None = None
    where: list[Condition] = []

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.form is None) == (self.dataset is None):
            raise PydanticCustomError("records", "records are those of one `form` or of one `dataset`")
        return self

    def own_names(self) -> list[str]:
        """The fields or variables that are read of these records themselves."""
        return [name for condition in self.where for name in condition.fields]

    def reads(self) -> Iterator[tuple[str, str, str]]:
        """("form" or "dataset", name, field or variable) of everything that is read."""
        kind, owner = ("form", self.form) if self.form else ("dataset", self.dataset)
        yield kind, owner or "", ""
        yield from ((kind, owner or "", name) for name in self.own_names() if name not in ANYWHERE)


class Match(Records):
    """Other records of the same subject, or of whatever `by` names. With `date`, only those that lie near in time."""

    by: Keys = {"USUBJID": "USUBJID"}
    date: str | None = None  # of these records, compared with `date` of the case
    before: int | None = None  # at most so many days before it; without: any time before
    after: int | None = None  # at most so many days after it; without: any time after

    def own_names(self) -> list[str]:
        return [*super().own_names(), *self.by.values(), *([self.date] if self.date else [])]


class DateOf(Records):
    """A date of other records with the same keys: the first or the last of several."""

    date: str
    by: Keys = {"USUBJID": "USUBJID"}
    take: Literal["first", "last"] = "first"

    def own_names(self) -> list[str]:
        return [*super().own_names(), *self.by.values(), self.date]


class OrderedDate(Records):
    """A date that has to be on or after one date, and on or before another: `DateOf`, or a field of the same record."""

    date: str
    not_before: DateOf | str | None = None
    not_after: DateOf | str | None = None
    days: int = 0  # days that it may be too early or too late; below 0: days that must lie between

    @model_validator(mode="after")
    def _has_a_limit(self) -> Self:
        if self.not_before is None and self.not_after is None:
            raise PydanticCustomError("dates", "a date needs `not_before` or `not_after`")
        return self

    def own_names(self) -> list[str]:
        names = [*super().own_names(), self.date]
        for limit in (self.not_before, self.not_after):
            names += list(limit.by) if isinstance(limit, DateOf) else [limit] if limit else []
        return names

    def reads(self) -> Iterator[tuple[str, str, str]]:
        yield from super().reads()
        for limit in (self.not_before, self.not_after):
            if isinstance(limit, DateOf):
                yield from limit.reads()


class DatesInOrder(Strict):
    check: Literal["dates_in_order"]
    dates: list[OrderedDate]


class Agreement(Records):
    """Records that must meet `expect`, too; the finding stands on `field`."""

    expect: list[Condition]
    field: str
    reason: str = ""  # for the message

    def own_names(self) -> list[str]:
        return [*super().own_names(), self.field, *(name for c in self.expect for name in c.fields)]


class FieldsAgree(Strict):
    check: Literal["fields_agree"]
    records: list[Agreement]


class Pair(Records):
    """Records that need a record elsewhere, or must not have one."""

    field: str
    needs: Match | None = None
    forbids: Match | None = None
    date: str | None = None
    reason: str = ""  # for the message

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.needs is None) == (self.forbids is None):
            raise PydanticCustomError("pair", "records have one of `needs` and `forbids`")
        if (self.date is None) != (self.match.date is None):
            raise PydanticCustomError("pair_date", "`date` stands on both sides, or on none")
        return self

    @property
    def match(self) -> Match:
        match = self.needs or self.forbids
        assert match is not None
        return match

    def own_names(self) -> list[str]:
        return [*super().own_names(), self.field, *self.match.by, *([self.date] if self.date else [])]

    def reads(self) -> Iterator[tuple[str, str, str]]:
        yield from super().reads()
        yield from self.match.reads()


class RecordsGoTogether(Strict):
    check: Literal["records_go_together"]
    pairs: list[Pair]


class Counted(Records):
    """Records of which there are at most so many for the same keys."""

    field: str
    by: list[str]
    most: int = 1

    def own_names(self) -> list[str]:
        return [*super().own_names(), self.field, *self.by]


class AtMost(Strict):
    check: Literal["at_most"]
    records: list[Counted]


class Steady(Records):
    """A field that is the same on all records of the same keys; blanks do not count."""

    field: str
    by: list[str]
    order: str | None = None  # a date; without: the order of the records

    def own_names(self) -> list[str]:
        return [*super().own_names(), self.field, *self.by, *([self.order] if self.order else [])]


class StaysTheSame(Strict):
    check: Literal["stays_the_same"]
    records: list[Steady]


class Period(Records):
    """Periods of which no two of the same keys may share more than so many days; both ends belong to a period."""

    start: str
    end: str
    by: list[str]
    shared_days: int = 0

    def own_names(self) -> list[str]:
        return [*super().own_names(), self.start, self.end, *self.by]


class PeriodsOverlap(Strict):
    check: Literal["periods_overlap"]
    periods: list[Period]


class Amount(Records):
    """A number, within limits or above another number of the record. A limit itself is allowed; the other is not."""

    field: str
    low: float | None = None
    high: float | None = None
    above: str | None = None

    @model_validator(mode="after")
    def _has_a_limit(self) -> Self:
        if self.low is None and self.high is None and self.above is None:
            raise PydanticCustomError("amount", "an amount needs `low`, `high` or `above`")
        return self

    def own_names(self) -> list[str]:
        return [*super().own_names(), self.field, *([self.above] if self.above else [])]


class AmountsInLimits(Strict):
    check: Literal["amounts_in_limits"]
    amounts: list[Amount]


class Course(Records):
    """A number that may change from one date to the next by at most a share of it, or by at most an amount."""

    field: str
    date: str
    by: list[str] = ["USUBJID"]
    share: float | None = None
    amount: float | None = None
    up_to_share: float | None = None  # a greater change is another check's: the value itself is implausible
    direction: Literal["up", "down", "both"] = "both"
    within_days: int | None = None  # only where the dates are at most so far apart
    unless: list[Condition] = []  # a record that meets all of these may have any number

    @model_validator(mode="after")
    def _one_limit(self) -> Self:
        if (self.share is None) == (self.amount is None):
            raise PydanticCustomError("course", "a course has one of `share` and `amount`")
        return self

    def own_names(self) -> list[str]:
        told = [name for condition in self.unless for name in condition.fields]
        return [*super().own_names(), self.field, self.date, *self.by, *told]


class ChangesSlowly(Strict):
    check: Literal["changes_slowly"]
    courses: list[Course]


class Series(Records):
    """Dates of the same keys, each at least or at most so many days after the one before."""

    date: str
    by: list[str] = ["USUBJID"]
    at_least: int | None = Field(None, ge=1)
    at_most: int | None = Field(None, ge=1)

    @model_validator(mode="after")
    def _has_a_limit(self) -> Self:
        if self.at_least is None and self.at_most is None:
            raise PydanticCustomError("series", "a series needs `at_least` or `at_most`")
        return self

    def own_names(self) -> list[str]:
        return [*super().own_names(), self.date, *self.by]


class DaysBetween(Strict):
    check: Literal["days_between"]
    series: list[Series]


DeclaredCheck = (
    DatesInOrder | FieldsAgree | RecordsGoTogether | AtMost | StaysTheSame | PeriodsOverlap | AmountsInLimits
    | ChangesSlowly | DaysBetween
)  # fmt: skip
