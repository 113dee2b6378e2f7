"""H1G4NEUT: grade 4 neutropenia that lasts."""

from __future__ import annotations

import pandas as pd

from adam.rules.counts import below, derive_runs, undated_in_window
from adam.rules.dlt_evidence import INDETERMINATE, evidence, judge, number_text, settle
from specs.models import DltParameters


def find_lasting_neutropenia(neutrophils: pd.DataFrame, parameters: DltParameters) -> pd.DataFrame:
    """Evidence of grade 4 neutropenia lasting `anc_low_days` days or more.

    In: neutrophil counts (`read_counts`). A run of counts below `anc_grade4_below` that begins in the window lasts,
    documented, last low - first low + 1 days and at most recovery - first low days. The first match decides:
      1. documented >= anc_low_days             -> Y
      2. at most < anc_low_days                 -> N
      3. in between, or no recovery             -> INDETERMINATE
    A low count that can be of the window but has no complete date is INDETERMINATE, too; a count known only by a
    bound that does not decide is judged both ways. Source: PROTOCOL, DLT 1; CTCAE v5.
    """
    worst, best = (_judge_runs(neutrophils, parameters, undecided=undecided) for undecided in (True, False))
    low = below(neutrophils, parameters.anc_grade4_below, undecided=True)
    undated = neutrophils[low & undated_in_window(neutrophils)]
    found = evidence(
        undated, result=INDETERMINATE, domain="LB", variable="LBSTRESN",
        reason=f"Neutrophils below {parameters.anc_grade4_below:g}, on a day not known",
    )  # fmt: skip
    return pd.concat([settle(worst, best), found], ignore_index=True)


def _judge_runs(neutrophils: pd.DataFrame, parameters: DltParameters, *, undecided: bool) -> pd.DataFrame:
    runs = derive_runs(neutrophils, below(neutrophils, parameters.anc_grade4_below, undecided=undecided))
    documented = (runs["LASTDT"] - runs["ADT"]).dt.days + 1
    at_most = (runs["RECOVDT"] - runs["ADT"]).dt.days
    lasted = documented >= parameters.anc_low_days
    result = judge(lasted, at_most.isna() | (at_most >= parameters.anc_low_days))
    upper = ("at most " + number_text(at_most) + " days").fillna("no recovery seen")
    reason = (
        f"Neutrophils below {parameters.anc_grade4_below:g}: documented "
        + number_text(documented.astype("float64")) + " days, " + upper
    )  # fmt: skip
    return evidence(runs, result=result, domain="LB", variable="LBSTRESN", reason=reason)


RULES = {"lasting_neutropenia": find_lasting_neutropenia}
