"""The procedures that a statistician runs on a published dataset: Kaplan-Meier, and the exact limits of a rate."""

from __future__ import annotations

import warnings
from typing import NamedTuple

import pandas as pd
from scipy.stats import CensoredData, binomtest, ecdf


class Median(NamedTuple):
    """A median with its 95 % limits; None where it is not reached."""

    value: float | None
    low: float | None
    high: float | None


def survival(times: pd.DataFrame):
    """The survival function, from AVAL and CNSR alone: 0 is an event."""
    event = times["CNSR"] == 0
    return ecdf(CensoredData(uncensored=times.loc[event, "AVAL"], right=times.loc[~event, "AVAL"])).sf


def median(times: pd.DataFrame) -> Median:
    """The Kaplan-Meier median, with the limits of Brookmeyer and Crowley (log-log transformed)."""
    curve = survival(times)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # where S is 1 or 0 it has no limits
        limits = curve.confidence_interval(0.95, method="log-log")

    def first_at_half(probabilities):
        days = curve.quantiles[probabilities <= 0.5]
        return float(days[0]) if len(days) else None

    return Median(*(first_at_half(of.probabilities) for of in (curve, limits.low, limits.high)))


def rate(answers: pd.DataFrame) -> tuple[int, int, float, float]:
    """Y, all, and the exact limits (Clopper and Pearson) of the share of Y in AVALC."""
    yes, number = int((answers["AVALC"] == "Y").sum()), len(answers)
    limits = binomtest(yes, number).proportion_ci(0.95, method="exact")
    return yes, number, limits.low, limits.high
