"""Blood counts in the order of time, and runs of low ones."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from adam.inputs import take
from adam.rules.dates import possible_days
from adam.rules.dlt_evidence import EARLIEST, LATEST, moment
from specs.findings import combine, report

DECIMALS = 9  # values are rounded before they are compared: 0.1 + 0.2 is 0.3
# factor to 10^9/L, for SDTM whose standard unit is another one; a missing unit counts as 10^9/L
_UNITS = {
    "10^9/L": 1.0, "10*9/L": 1.0, "10^3/UL": 1.0, "GI/L": 1.0, "G/L": 1.0, "K/UL": 1.0,
    "10*3/UL": 1.0, "10^3/MM3": 1.0, "10*3/MM3": 1.0, "THOU/UL": 1.0, "X10^9/L": 1.0,
    "/UL": 1e-3, "CELLS/UL": 1e-3, "/MM3": 1e-3, "CELLS/MM3": 1e-3, "10^6/L": 1e-3, "10*6/L": 1e-3,
}  # fmt: skip
UNKNOWN = "?"  # in place of a bound's sign: nothing is known of the count
_BOUND = r"^\s*(<=|>=|<|>|≤|≥)\s*(\d+(?:\.\d+)?)\s*$"


def read_counts(sdtm: Mapping[str, pd.DataFrame], test: str, window: pd.DataFrame) -> pd.DataFrame:
    """All counts of a test of the judged subjects, in 10^9/L, whenever they were taken.

    Out: USUBJID, LBSEQ, TRTSDT, WINDOWEND; VALUE (a number or a bound), SIGN ("" or the bound's sign; UNKNOWN where
    the unit is no count per volume that is known, so that it may be any count) and UNIT as given; DATE (missing where
    LBDTC is partial), MOMENT (where it has a time), FIRST and LAST (days it can be of); BASELINE (before day 1, or on
    day 1 timed before first dose; a count of day 1 without a time, or where first dose has none, is not). A result that
    is neither a number nor a bound is left out, and so is a count in an unknown unit where the same sample (LBDTC) has
    one in a unit that is known.
    """
    names = ["USUBJID", "LBSEQ", "LBTESTCD", "LBSTRESN", "LBSTRESC", "LBSTRESU", "LBDTC"]
    counts = take(sdtm, "LB", names)
    counts = counts[counts["LBTESTCD"] == test].merge(window, on="USUBJID")
    bound = counts["LBSTRESC"].str.extract(_BOUND)
    written = (
        counts["LBSTRESU"].str.replace("[\u00b5\u03bc]", "u", regex=True).str.upper()
    )  # the micro sign, or Greek mu
    unit = written.map(_UNITS).astype("float64").mask(counts["LBSTRESU"].isna(), 1.0)
    counts["SIGN"] = bound[0].replace({"≤": "<=", "≥": ">="}).fillna("")
    counts["VALUE"] = bound[1].astype("float64").fillna(counts["LBSTRESN"])
    counts["SIGN"] = counts["SIGN"].mask(unit.isna(), UNKNOWN)
    counts["VALUE"] = (counts["VALUE"] * unit.fillna(1.0)).round(DECIMALS)
    days = possible_days(counts["LBDTC"])
    counts["FIRST"], counts["LAST"] = days["FIRST"].fillna(EARLIEST), days["LAST"].fillna(LATEST)
    counts["DATE"] = days["FIRST"].where(days["DTF"].isna())
    counts["MOMENT"] = moment(counts["LBDTC"])
    before_dose = (counts["DATE"] == counts["TRTSDT"]) & (counts["MOMENT"] < counts["DOSEDTM"])
    counts["BASELINE"] = (counts["LAST"] < counts["TRTSDT"]) | before_dose
    counts = counts.rename(columns={"LBSTRESU": "UNIT"}).dropna(subset="VALUE")
    known = (counts["SIGN"] != UNKNOWN).groupby([counts["USUBJID"], counts["LBDTC"]]).transform("any")
    told = known.fillna(value=False).astype("bool") & counts["LBDTC"].notna() & (counts["SIGN"] == UNKNOWN)
    return counts[~told].drop(columns=["LBTESTCD", "LBSTRESN", "LBSTRESC", "LBDTC"])


def report_unknown_units(counts: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Findings ADAM-413: counts, other than baseline, in a unit that is not known.

    In: counts (`read_counts`) by test. One finding for each subject, test and unit, on the first such record.
    """
    found = []
    for test, of_test in counts.items():
        unknown = of_test[(of_test["SIGN"] == UNKNOWN) & ~of_test["BASELINE"]]
        unknown = unknown.sort_values(["USUBJID", "UNIT", "FIRST", "LBSEQ"])
        number = unknown.groupby(["USUBJID", "UNIT"])["LBSEQ"].transform("size").astype("str")
        first = unknown.assign(NUMBER=number).drop_duplicates(["USUBJID", "UNIT"])
        found.append(
            report(
                "ADAM-413", first, dataset="LB", variable="LBSTRESU", value=first["UNIT"], number=first["NUMBER"],
                test=test,
            )
        )  # fmt: skip
    return combine(found)


def below(counts: pd.DataFrame, limit: float, *, undecided: bool) -> pd.Series:
    """Whether each count is below a limit (the limit itself is not), and `undecided` where its bound does not tell.

    "<0.1" is below 0.5, ">600" is not below 50; "<1" may or may not be below 0.5, and so may a count in a unit that is
    not known.
    """
    value, sign = counts["VALUE"], counts["SIGN"]
    surely = (sign == "<") & (value <= limit) | sign.isin(["", "<="]) & (value < limit)
    surely_not = sign.isin(["", ">", ">="]) & (value >= limit)
    return surely | ~surely_not if undecided else surely


def in_window(counts: pd.DataFrame) -> pd.Series:
    """Whether each count, by its complete date, is of the window and not a baseline."""
    return ~counts["BASELINE"] & (counts["DATE"] >= counts["TRTSDT"]) & (counts["DATE"] <= counts["WINDOWEND"])


def undated_in_window(counts: pd.DataFrame) -> pd.Series:
    """Whether each count has no complete date, and can be of the window."""
    possible = (counts["FIRST"] <= counts["WINDOWEND"]) & (counts["LAST"] >= counts["TRTSDT"])
    return counts["DATE"].isna() & possible


def derive_runs(counts: pd.DataFrame, low: pd.Series, deep: pd.Series | None = None) -> pd.DataFrame:
    """Runs of consecutive low counts, one row a run, that begin in the window.

    In: counts; `low` (and `deep`, lower still) beside each. Out: USUBJID, LBSEQ (the first low count), ADT (its day),
    LASTDT (the last low count), RECOVDT (the next count, which is not low; missing where there is none), DEEP.
    Order: by day, then baseline first, then time. Counts of one time count once, the lowest; where a count of
    a day has no time, all counts of that day do. Undated counts are passed over.
    """
    ordered = counts.assign(LOW=low, DEEP=low if deep is None else deep, AFTER=~counts["BASELINE"])
    ordered = ordered.assign(BEGINS=in_window(counts)).dropna(subset="DATE")
    day = [ordered[name] for name in ("USUBJID", "DATE", "AFTER")]
    untimed = ordered["MOMENT"].isna().groupby(day).transform("any").astype("bool")
    ordered["MOMENT"] = ordered["MOMENT"].mask(untimed, ordered["DATE"])
    at_once = ["USUBJID", "DATE", "AFTER", "MOMENT"]
    lowest_first = {"LOW": False, "DEEP": False, "VALUE": True, "LBSEQ": True}
    ordered = ordered.sort_values([*at_once, *lowest_first], ascending=[True] * 4 + list(lowest_first.values()))
    ordered = ordered.drop_duplicates(at_once)
    subject = ordered["USUBJID"]
    ordered["RUN"] = ((subject != subject.shift()) | (ordered["LOW"] != ordered["LOW"].shift())).cumsum()
    following = ordered.groupby("USUBJID")[["RUN", "DATE"]].shift(-1)
    ordered["NEXT"] = following["DATE"].where(following["RUN"] != ordered["RUN"])
    runs = ordered[ordered["LOW"]].groupby("RUN", as_index=False)
    found = runs.agg(
        USUBJID=("USUBJID", "first"), LBSEQ=("LBSEQ", "first"), BEGINS=("BEGINS", "first"), ADT=("DATE", "first"),
        LASTDT=("DATE", "last"), RECOVDT=("NEXT", "max"), DEEP=("DEEP", "any"),
    )  # fmt: skip
    return found[found["BEGINS"].astype("bool")].drop(columns=["RUN", "BEGINS"])


RULES = {"runs": derive_runs}
