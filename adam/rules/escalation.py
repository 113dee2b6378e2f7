"""3+3 dose escalation: what is known of each dose level, and the recommended phase 2 dose (RP2D)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from specs.models import DltParameters

CLEARED, STOPPED, OPEN = "CLEARED", "STOPPED", "OPEN"
NOT_DETERMINED, NONE = "NOT DETERMINED", "NONE"


@dataclass(frozen=True)
class Rp2d:
    """The recommended phase 2 dose: a dose level, or the reason why there is none."""

    level: float | None
    text: str


def judge_levels(levels: pd.DataFrame, parameters: DltParameters) -> pd.DataFrame:
    """What is known of each dose level.

    In: one row a level with participants: LEVEL, EVALUABLE and DLT (numbers of DLT-evaluable subjects, and of those
    with a DLT), INDETERMINATE (number of subjects whose DLT cannot be decided). Adds STATUS; the first match decides:
      1. `stop_min_dlt` DLTs or more                                               -> STOPPED
      2. a subject INDETERMINATE                                                   -> OPEN
      3. no DLT of `clear_min_evaluable` or more                                   -> CLEARED
      4. at most `expand_max_dlt` DLTs of `expand_min_evaluable` or more           -> CLEARED
      5. anything else                                                             -> OPEN
    Row order and count stay. Source: PROTOCOL, RP2D.
    """
    dlt, evaluable = levels["DLT"], levels["EVALUABLE"]
    cases = [
        dlt >= parameters.stop_min_dlt,
        levels["INDETERMINATE"] > 0,
        (dlt == 0) & (evaluable >= parameters.clear_min_evaluable),
        (dlt <= parameters.expand_max_dlt) & (evaluable >= parameters.expand_min_evaluable),
    ]
    status = np.select(cases, [STOPPED, OPEN, CLEARED, CLEARED], OPEN)
    return levels.assign(STATUS=pd.Series(status, index=levels.index, dtype="str"))


def find_rp2d(levels: pd.DataFrame) -> Rp2d:
    """The RP2D from the judged levels (LEVEL, STATUS); the first match decides.

      1. a level below every stopped one is open: it could change the answer  -> NOT DETERMINED
      2. a level below every stopped one is cleared                           -> the highest of these
      3. anything else                                                        -> NONE

    What lies above a stopped level cannot change the answer, and a level without participants does not count.
    Source: PROTOCOL, RP2D.
    """
    stopped = levels.loc[levels["STATUS"] == STOPPED, "LEVEL"]
    below = levels[levels["LEVEL"] < stopped.min()] if len(stopped) else levels
    if (below["STATUS"] == OPEN).any():
        return Rp2d(None, NOT_DETERMINED)
    cleared = below.loc[below["STATUS"] == CLEARED, "LEVEL"]
    if cleared.empty:
        return Rp2d(None, NONE)
    return Rp2d(float(cleared.max()), f"{cleared.max():g}")


def describe_levels(levels: pd.DataFrame) -> str:
    """The judged levels in one sentence, from the lowest."""
    ordered = levels.sort_values("LEVEL")
    parts = (
        "level " + ordered["LEVEL"].map("{:g}".format).astype("str") + ": " + ordered["DLT"].astype("str")
        + " DLT of " + ordered["EVALUABLE"].astype("str") + " evaluable, " + ordered["INDETERMINATE"].astype("str")
        + " indeterminate, " + ordered["STATUS"].str.lower()
    )  # fmt: skip
    return "; ".join(parts)


RULES = {"rp2d": find_rp2d}
