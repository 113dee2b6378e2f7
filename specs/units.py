"""Units of results: what each test is reported in, and how a collected unit gets there, exactly.

`units.yaml` holds, for each domain, groups of tests that share a unit. All arithmetic is on fractions: `0.001`, `88.42`
and `5/9` are themselves, not the nearest binary number.
"""

from __future__ import annotations

import re
import unicodedata
from fractions import Fraction
from typing import Annotated, Any, Self

from pydantic import Field, PlainValidator, model_validator
from pydantic_core import PydanticCustomError

from specs.models import Name, Strict


def _exact(value: Any) -> Fraction:
    try:
        return Fraction(str(value))  # str: the YAML float 88.42 means the decimal 88.42
    except (ValueError, ZeroDivisionError):
        message = "'{value}' is no decimal number and no fraction such as 5/9"
        raise PydanticCustomError("exact_number", message, {"value": str(value)}) from None


Exact = Annotated[Fraction, PlainValidator(_exact)]


def decimals_of(number: Fraction) -> int | None:
    """How many decimals write the number out in full; None where no number of decimals does (5/9)."""
    left, twos, fives = number.denominator, 0, 0
    while left % 2 == 0:
        left, twos = left // 2, twos + 1
    while left % 5 == 0:
        left, fives = left // 5, fives + 1
    return max(twos, fives) if left == 1 else None


def spelling(unit: str) -> str:
    """A unit as it is compared: full-width signs made plain, no blanks, superscripts as digits, case ignored."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", unit)).casefold()


class UnitConversion(Strict):
    """One collected unit: the result in the study's unit is (collected + add) x factor."""

    factor: Exact = Fraction(1)
    add: Exact = Fraction(0)
    decimals: int | None = Field(None, ge=0, le=6)  # none: the exact product, however many decimals it has
    also: list[str] = []  # other spellings of the same unit

    @model_validator(mode="after")
    def _can_be_exact(self) -> Self:
        if self.factor == 0:
            raise PydanticCustomError("unit_factor", "a factor of 0 loses the result")
        if self.decimals is None and (decimals_of(self.factor) is None or decimals_of(self.add) is None):
            message = "factor {factor} has no exact decimal result: say how many `decimals` to round to"
            raise PydanticCustomError("unit_decimals", message, {"factor": str(self.factor)})
        return self


class UnitGroup(Strict):
    """Tests that are reported in one unit, and the units that sites collect them in."""

    tests: Annotated[list[Name], Field(min_length=1)]
    unit: str
    from_: dict[str, UnitConversion] = Field(alias="from")

    @model_validator(mode="after")
    def _each_spelling_once(self) -> Self:
        if self.unit not in self.from_:
            raise PydanticCustomError(
                "unit_itself", "the unit '{unit}' itself is missing in `from`", {"unit": self.unit}
            )
        seen: set[str] = set()
        for name, conversion in self.from_.items():
            for spelled in {spelling(text) for text in (name, *conversion.also)}:
                if spelled in seen:
                    message = "unit '{unit}' stands twice (spellings are compared without case and blanks)"
                    raise PydanticCustomError("unit_twice", message, {"unit": spelled})
                seen.add(spelled)
        return self


class UnitTable(Strict):
    """`units.yaml`: domain -> groups."""

    domains: dict[Name, list[UnitGroup]] = {}

    @model_validator(mode="after")
    def _each_test_once(self) -> Self:
        for domain, groups in self.domains.items():
            tests = [test for group in groups for test in group.tests]
            for test in tests:
                if tests.count(test) > 1:
                    message = "test {test} stands twice under {domain}"
                    raise PydanticCustomError("unit_test_twice", message, {"test": test, "domain": domain})
        return self

    def groups(self, domain: str) -> dict[str, UnitGroup]:
        """For each test of a domain: its group."""
        return {test: group for group in self.domains.get(domain, []) for test in group.tests}
