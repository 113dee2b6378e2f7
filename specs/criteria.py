"""Conventions on results (`criteria.yaml`): reference ranges where SDTM has none, and criteria that are flagged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from specs.errors import Problem, did_you_mean
from specs.grading import Limit
from specs.models import Name, Strict

if TYPE_CHECKING:
    from specs.loader import StudySpec

_SIGNS = {"below": "<", "above": ">", "from_": ">="}


class ReferenceRange(Strict):
    """The normal range of a parameter, both limits included; one limit alone is a range too."""

    low: float | None = None
    high: float | None = None

    @model_validator(mode="after")
    def _is_a_range(self) -> Self:
        if self.low is None and self.high is None:
            raise PydanticCustomError("range", "a range has `low`, `high`, or both")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise PydanticCustomError("range_order", "`low` is above `high`")
        return self


class ParameterCriteria(Strict):
    """What is told of the results of one parameter."""

    range: ReferenceRange | None = None  # where the record has none of its own
    criteria: dict[Annotated[int, Field(ge=1, le=9)], Limit] = {}  # number y of CRITy and CRITyFL -> the criterion


Criteria = dict[Name, dict[Name, ParameterCriteria]]  # dataset -> PARAMCD


def criterion_text(param: str, limit: Limit) -> str:
    """A criterion as CRITy has it: `Alanine Aminotransferase (U/L) > 3 x ULN`."""
    sign = next(sign for name, sign in _SIGNS.items() if getattr(limit, name) is not None)
    what = f"{limit.number:g}" if limit.of is None else f"{limit.number:g} x {limit.of}"
    added = f" + {limit.plus:g}" if limit.plus else ""
    where = f", baseline {limit.when}" if limit.when else ""
    return f"{param} {sign} {what}{added}{where}"


def faults(criteria: Criteria, study: StudySpec) -> list[Problem]:
    """Datasets, parameters and variables CRITy and CRITyFL that the specs of ADaM lack."""
    problems = []
    for name, parameters in criteria.items():
        dataset = study.adam.get(name)
        if dataset is None:
            problems.append(_missing(name, f"dataset '{name}'", did_you_mean(name, study.adam)))
            continue
        for parameter, told in parameters.items():
            place = f"{name}.{parameter}"
            if parameter not in dataset.parameters:
                hint = did_you_mean(parameter, dataset.parameters)
                problems.append(_missing(place, f"parameter '{parameter}' of {name}", hint))
            problems += [
                _missing(f"{place}.criteria.{number}", f"variable '{variable}' of {name}", "")
                for number in told.criteria
                for variable in (f"CRIT{number}", f"CRIT{number}FL")
                if variable not in dataset.variables
            ]
    return problems


def _missing(place: str, what: str, hint: str) -> Problem:
    return Problem(
        code="SPEC-006", place=f"criteria.yaml, {place}", fact=f"There is no {what}.", hint=hint,
        next_step="mend the name, or add it to the specs of ADaM.",
    )  # fmt: skip
