"""What a comparison found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Value = str | float | None
Side = Literal["base", "new"]


@dataclass(frozen=True)
class Records:
    """Records by their keys: how many there are, and the first of them."""

    count: int = 0
    listed: list[dict[str, Value]] = field(default_factory=list)


@dataclass(frozen=True)
class ValueDifference:
    """A value that differs, with the key of its record."""

    key: dict[str, Value]
    base: Value
    new: Value


@dataclass(frozen=True)
class VariableComparison:
    """The values of one variable over the records that both sides have."""

    variable: str
    differing: int
    listed: list[ValueDifference]
    within_tolerance: int = 0  # not equal, but near enough
    largest: float | None = None  # largest difference of two numbers


@dataclass(frozen=True)
class AttributeDifference:
    """Something other than a value that differs; `variable` is blank for the dataset as a whole."""

    what: str  # label, type, length, format, variable, order of variables, keys
    variable: str
    base: str
    new: str


@dataclass(frozen=True)
class Duplicates:
    """Records that share their key with another of the same side. They are not paired with the other side's."""

    base: int = 0
    new: int = 0
    same_records: bool = True  # as a whole, the same records stand on both sides
    listed: list[dict[str, Value]] = field(default_factory=list)  # keys with duplicates


@dataclass(frozen=True)
class DatasetComparison:
    """One dataset file against another: BASE against NEW, or one form of a dataset against its other form."""

    dataset: str
    base: str  # where it was read
    new: str
    forms: Side | None  # the side whose two forms are compared; none where BASE is compared with NEW
    keys: tuple[str, ...]
    keys_from: str
    rows_base: int
    rows_new: int
    in_ascii: int = 0  # texts of the one form whose ASCII form was compared, XPT having nothing else
    paired: int = 0
    changed: int = 0  # paired records with a value that differs
    gone: Records = Records()
    added: Records = Records()
    duplicates: Duplicates = Duplicates()
    variables: list[VariableComparison] = field(default_factory=list)
    attributes: list[AttributeDifference] = field(default_factory=list)
    not_compared: list[str] = field(default_factory=list)  # what could not be compared, and why: a difference

    @property
    def equal(self) -> bool:
        found = self.changed, self.gone.count, self.added.count, self.attributes, self.not_compared
        return not any(found) and self.duplicates.same_records

    @property
    def title(self) -> str:
        return f"{self.dataset}, forms in {self.forms.upper()}" if self.forms else self.dataset


@dataclass(frozen=True)
class Comparison:
    """BASE against NEW."""

    base: str
    new: str
    datasets: list[DatasetComparison]
    only_base: list[str] = field(default_factory=list)  # places of datasets that the other side lacks
    only_new: list[str] = field(default_factory=list)

    @property
    def equal(self) -> bool:
        return not self.only_base and not self.only_new and all(d.equal for d in self.datasets)
