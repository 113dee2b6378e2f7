"""Toxicity grades of results, by criteria that are data (`specs/<study>/grading.yaml`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from adam.rules.baseline import take_baseline
from adam.rules.change import HIGH
from specs.grading import GradedTest, Limit, Toxicity

DECIMALS = 9  # values and limits are rounded before they are compared: 1.5 x 1.1 is 1.65
NOT_GRADED = -1
# direction -> grade, baseline grade, term of the criteria
_COMPARED = ["AVAL", "SIGN", "BOUND", "ANRLO", "ANRHI", "BASE", "BNRIND"]
VARIABLES = {"low": ("ATOXGRL", "BTOXGRL", "ATOXDSCL"), "high": ("ATOXGRH", "BTOXGRH", "ATOXDSCH")}

Numbers = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Grades = npt.NDArray[np.int64]


@dataclass(frozen=True)
class _Results:
    """The results of one test: what each can be at least and at most, and what it is compared with."""

    least: Numbers
    most: Numbers
    above_least: Flags  # the result is not `least` itself, but above it
    below_most: Flags
    references: Mapping[str, Numbers]
    baseline: npt.NDArray[np.object_]  # "normal", "abnormal" or "unknown"


def derive_grades(rows: pd.DataFrame, tests: Mapping[str, GradedTest]) -> pd.DataFrame:
    """Adds ATOXGRL and ATOXGRH ("0" to "4"), BTOXGRL and BTOXGRH (of the baseline record), ATOXDSCL and ATOXDSCH.

    The grade of a result in a direction is the highest one with a limit that it passes. The first match decides:
      1. the test has no criteria in the direction              -> missing, and so is its term
      2. the result is neither a number nor a bound such as "<0.1", or in a unit that cannot be converted -> missing
      3. no limit with a higher grade than those it surely passes can be passed, whatever is not known -> that grade
      4. else                                                    -> missing
    Not known are a multiple of a reference (a limit of the record's range, the baseline value) that is missing, a limit
    for a normal or abnormal baseline where BNRIND is missing, and where in its bound a result lies. So 0.3 is grade 4
    without a range, 1.8 without one has no grade. A baseline is abnormal where BNRIND is HIGH. The term stands on every
    record that has a number or a grade.

    Needs PARAMCD, AVAL, SIGN, BOUND, ANRLO, ANRHI, BASE, BNRIND, GROUP, ABLFL. Row order and count stay. Source: CTCAE.
    """
    codes, names = pd.factorize(rows["PARAMCD"])
    compared = rows[_COMPARED]
    for direction, (grade, at_baseline, term) in VARIABLES.items():
        found = np.full(len(rows), NOT_GRADED, dtype=np.int64)
        graded = [(number, getattr(tests[name], direction)) for number, name in enumerate(names) if name in tests]
        graded = [(number, toxicity) for number, toxicity in graded if toxicity is not None]
        of_term = np.full(len(names), -1, dtype=np.int64)
        for place, (number, toxicity) in enumerate(graded):
            of_test = np.flatnonzero(codes == number)
            found[of_test] = grade_results(compared.iloc[of_test], toxicity)
            of_term[number] = place
        texts = pd.array([str(n) for n in range(5)], dtype="str")
        terms = pd.array([toxicity.term for _, toxicity in graded], dtype="str")
        told = np.where(rows["AVAL"].notna() | (found != NOT_GRADED), of_term[codes], -1)
        rows = rows.assign(
            **{
                grade: pd.Series(texts.take(found, allow_fill=True), index=rows.index),
                term: pd.Series(terms.take(told, allow_fill=True), index=rows.index),
            }
        )
        rows = take_baseline(rows, {at_baseline: grade})
    return rows


def grade_results(rows: pd.DataFrame, toxicity: Toxicity) -> Grades:
    """The grade of each result of one test in one direction, 0 to 4; `NOT_GRADED` where it is not decided."""
    results = _results(rows)
    surely, maybe = np.zeros(len(rows), dtype=np.int64), np.zeros(len(rows), dtype=np.int64)
    for grade, limit in toxicity.limits:
        passed, passable = _passes(results, limit)
        surely[passed & (surely < grade)] = grade
        maybe[passable & (maybe < grade)] = grade
    known = (results.least > -np.inf) | (results.most < np.inf)
    return np.where(known & (surely == maybe), surely, NOT_GRADED)


def _results(rows: pd.DataFrame) -> _Results:
    value, bound, sign = rows["AVAL"].to_numpy(), rows["BOUND"].to_numpy(), rows["SIGN"]
    at_most, at_least = sign.isin(["<", "<="]).to_numpy(), sign.isin([">", ">="]).to_numpy()
    number = np.where(np.isnan(value), bound, value)
    given = ~np.isnan(number)
    indicator = rows["BNRIND"]
    return _Results(
        least=np.where(given & ~at_most, number, -np.inf).round(DECIMALS),
        most=np.where(given & ~at_least, number, np.inf).round(DECIMALS),
        above_least=(sign == ">").to_numpy(dtype=bool),
        below_most=(sign == "<").to_numpy(dtype=bool),
        references={
            "LLN": rows["ANRLO"].to_numpy(), "ULN": rows["ANRHI"].to_numpy(), "BASELINE": rows["BASE"].to_numpy()
        },
        baseline=np.select(
            [indicator.isna(), (indicator == HIGH).to_numpy(dtype=bool)], ["unknown", "abnormal"], "normal"
        ),
    )  # fmt: skip


def _passes(results: _Results, limit: Limit) -> tuple[Flags, Flags]:
    """Whether each result surely passes a limit, and whether it may."""
    if limit.of is None:
        at = np.full(len(results.least), limit.number)
    else:
        at = results.references[limit.of] * limit.number + limit.plus
    at = at.round(DECIMALS)
    if limit.below is not None:
        surely = (results.most < at) | (results.below_most & (results.most <= at))
        maybe = results.least < at
    elif limit.above is not None:
        surely = (results.least > at) | (results.above_least & (results.least >= at))
        maybe = results.most > at
    else:
        surely = results.least >= at
        maybe = (results.most > at) | (~results.below_most & (results.most >= at))
    maybe = maybe | np.isnan(at)
    if limit.when is None:
        return surely, maybe
    return surely & (results.baseline == limit.when), maybe & np.isin(results.baseline, [limit.when, "unknown"])


RULES = {"toxicity_grades": derive_grades}
