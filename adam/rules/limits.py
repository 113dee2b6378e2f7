"""Results against limits: what is surely passed, and what may be, where not everything is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from adam.rules.change import HIGH
from specs.grading import Limit

DECIMALS = 9  # values and limits are rounded before they are compared: 1.5 x 1.1 is 1.65
COMPARED = ["AVAL", "SIGN", "BOUND", "ANRLO", "ANRHI", "BASE", "BNRIND"]  # columns that a comparison reads

Numbers = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Results:
    """Results of one parameter: what each can be at least and at most, and what it is compared with."""

    least: Numbers
    most: Numbers
    above_least: Flags  # the result is not `least` itself, but above it
    below_most: Flags
    references: Mapping[str, Numbers]
    baseline: npt.NDArray[np.str_]  # "normal", "abnormal" (above its range) or "unknown"

    @property
    def known(self) -> Flags:
        """Whether there is a number, or a bound of one."""
        return (self.least > -np.inf) | (self.most < np.inf)


def read_limits(rows: pd.DataFrame) -> Results:
    """What limits are compared with, from the columns `COMPARED`: a number is what it is, "<0.1" anything below 0.1."""
    value, bound, sign = rows["AVAL"].to_numpy(), rows["BOUND"].to_numpy(), rows["SIGN"]
    at_most, at_least = sign.isin(["<", "<="]).to_numpy(), sign.isin([">", ">="]).to_numpy()
    number = np.where(np.isnan(value), bound, value)
    given = ~np.isnan(number)
    indicator = rows["BNRIND"]
    return Results(
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


def passes(results: Results, limit: Limit) -> tuple[Flags, Flags]:
    """Whether each result surely passes a limit, and whether it may: a reference that is missing leaves it open."""
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
