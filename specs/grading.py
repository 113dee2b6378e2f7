"""Toxicity grades of laboratory results: the criteria of CTCAE as data (`grading.yaml`).

A test has criteria in one direction or in both. A grade has one or more limits; the grade of a result is the highest
one of which a limit is passed, and 0 where none is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from specs.errors import Problem, did_you_mean
from specs.models import Name, Strict

if TYPE_CHECKING:
    from specs.loader import StudySpec

DATASET = "ADLB"
Reference = Literal["LLN", "ULN", "BASELINE"]
Grade = Literal[1, 2, 3, 4]


class Limit(Strict):
    """A limit that a result passes: below, above, or from (at or above) a number, or a multiple of a reference.

    With `of`, the limit is the number times the reference (the lower or upper limit of the record's normal range, or
    the baseline value), plus `plus`. `when`: only where the baseline was normal (at most the upper limit of its own
    range), or abnormal (above it).
    """

    below: float | None = None
    above: float | None = None
    from_: float | None = Field(None, alias="from")
    of: Reference | None = None
    plus: float = 0
    when: Literal["normal", "abnormal"] | None = None

    @model_validator(mode="after")
    def _one_comparison(self) -> Self:
        if sum(value is not None for value in (self.below, self.above, self.from_)) != 1:
            raise PydanticCustomError("limit", "a limit has one of `below`, `above` and `from`")
        if self.plus and self.of is None:
            raise PydanticCustomError("limit_plus", "`plus` is added to a reference: say `of` which")
        return self

    @property
    def number(self) -> float:
        """The number of the comparison, before it is multiplied."""
        return next(value for value in (self.below, self.above, self.from_) if value is not None)


class Toxicity(Strict):
    """The grades of one direction, under the term of the criteria."""

    term: Annotated[str, Field(min_length=1, max_length=100)]
    grades: Annotated[dict[Grade, Annotated[list[Limit], Field(min_length=1)]], Field(min_length=1)]

    @property
    def limits(self) -> list[tuple[int, Limit]]:
        """Every limit with its grade."""
        return [(grade, limit) for grade, limits in self.grades.items() for limit in limits]


class GradedTest(Strict):
    """A parameter that is graded; absolute limits are in `unit`."""

    unit: str
    low: Toxicity | None = None
    high: Toxicity | None = None

    @model_validator(mode="after")
    def _limits_fit_their_direction(self) -> Self:
        if self.low is None and self.high is None:
            raise PydanticCustomError("no_direction", "a graded test has `low`, `high`, or both")
        for direction, toxicity in (("low", self.low), ("high", self.high)):
            for grade, limit in toxicity.limits if toxicity else ():
                if (limit.below is not None) != (direction == "low"):
                    message = (
                        "{direction}, grade {grade}: low results are `below` a limit, high ones `above` or `from` it"
                    )
                    raise PydanticCustomError("direction", message, {"direction": direction, "grade": grade})
        return self


class Grading(Strict):
    """`grading.yaml`."""

    ctcae_version: str
    tests: dict[Name, GradedTest]  # PARAMCD of ADLB -> criteria


def faults(grading: Grading, study: StudySpec) -> list[Problem]:
    """Criteria of another version than the study's, of a test that ADLB lacks, or in another unit than its own."""
    problems = []
    coded = study.study.dictionaries.get("CTCAE")
    pinned = {"dictionaries.CTCAE": coded.version} if coded else {}
    if study.study.parameters and study.study.parameters.dlt:
        pinned["parameters.dlt.ctcae_version"] = study.study.parameters.dlt.ctcae_version
    for place, version in pinned.items():
        if version != grading.ctcae_version:
            problems.append(
                Problem(
                    code="SPEC-006", place="grading.yaml, ctcae_version",
                    fact=f"The criteria are of CTCAE {grading.ctcae_version}; study.yaml, {place} has {version}.",
                    next_step="give the criteria of the version that the study is graded by.",
                )
            )  # fmt: skip
    dataset = study.adam.get(DATASET)
    known = dataset.parameters if dataset else {}
    for test, criteria in grading.tests.items():
        if test not in known:
            problems.append(
                Problem(
                    code="SPEC-006", place=f"grading.yaml, tests.{test}",
                    fact=f"{DATASET} has no parameter '{test}'.", hint=did_you_mean(test, known),
                    next_step="mend the name, or add the parameter to adam/adlb.yaml.",
                )
            )  # fmt: skip
        elif known[test].unit != criteria.unit:
            problems.append(
                Problem(
                    code="SPEC-006", place=f"grading.yaml, tests.{test}.unit",
                    fact=f"The criteria are in {criteria.unit}, the parameter is in {known[test].unit or 'no unit'}.",
                    next_step="give the criteria in the unit of the parameter.",
                )
            )  # fmt: skip
    return problems
