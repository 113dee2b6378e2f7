"""Toxicity grades of results, by criteria that are data (`specs/<study>/grading.yaml`)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from adam.rules.baseline import take_baseline
from adam.rules.limits import COMPARED, passes, read_limits
from specs.grading import GradedTest, Toxicity

NOT_GRADED = -1
# direction -> grade, baseline grade, term of the criteria
VARIABLES = {"low": ("ATOXGRL", "BTOXGRL", "ATOXDSCL"), "high": ("ATOXGRH", "BTOXGRH", "ATOXDSCH")}

Grades = npt.NDArray[np.int64]


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
    compared = rows[COMPARED]
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
    results = read_limits(rows)
    surely, maybe = np.zeros(len(rows), dtype=np.int64), np.zeros(len(rows), dtype=np.int64)
    for grade, limit in toxicity.limits:
        passed, passable = passes(results, limit)
        surely[passed & (surely < grade)] = grade
        maybe[passable & (maybe < grade)] = grade
    return np.where(results.known & (surely == maybe), surely, NOT_GRADED)


RULES = {"toxicity_grades": derive_grades}
