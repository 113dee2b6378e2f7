"""Baseline: the last result before first dose, and where records lie against that dose."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from adam.rules.dates import clock
from adam.rules.picking import group_codes, pick_one
from adam.rules.treatment import given_doses
from specs import StudySpec
from specs.dates import study_day

BEFORE = "before"  # of `parameters.safety.day1_untimed`


def derive_dose_time(sdtm: Mapping[str, pd.DataFrame], adsl: pd.DataFrame, study: StudySpec) -> pd.Series:
    """The earliest time known of a dose on the day of first dose, beside each row of ADSL; NaT where EX has none."""
    doses = given_doses(sdtm, study)
    doses = doses.assign(MOMENT=clock(doses["EXSTDTC"])["MOMENT"]).merge(adsl[["USUBJID", "TRTSDT"]], on="USUBJID")
    doses = doses[doses["MOMENT"].dt.normalize() == doses["TRTSDT"]]
    first: pd.Series = doses.groupby("USUBJID")["MOMENT"].min().reindex(adsl["USUBJID"])
    return first.set_axis(adsl.index).astype("datetime64[us]")


def place_against_first_dose(rows: pd.DataFrame, *, day1_untimed: str) -> pd.DataFrame:
    """Adds ADY, BEFORE and AFTER: whether a record was certainly taken before, or from first dose on.

    Needs ADT, MOMENT, FIRST, LAST (`read_results`), TRTSDT and DOSEDTM. The first match decides:
      1. no first dose                                     -> neither
      2. every day that its date can mean is earlier       -> before
      3. every day that its date can mean is later         -> after
      4. on the day of first dose, both times known        -> before where its time is earlier, else after
      5. on the day of first dose, a time is not known     -> as the study parameter `day1_untimed` says
      6. a partial date that can be either                 -> neither
    Row order and count stay. Source: PROTOCOL, DLT (day 1 timed before first dose is baseline); SDTMIG 3.4 section
    4.5.9, --LOBXFL, which goes by the one time in DM.RFXSTDTC.
    """
    first = rows["TRTSDT"]
    same_day = rows["ADT"] == first
    timed = rows["MOMENT"].notna() & rows["DOSEDTM"].notna()
    earlier_that_day = same_day & ((timed & (rows["MOMENT"] < rows["DOSEDTM"])) | (~timed & (day1_untimed == BEFORE)))
    return rows.assign(
        ADY=study_day(rows["ADT"], first),
        BEFORE=(rows["LAST"] < first) | earlier_that_day,
        AFTER=(rows["FIRST"] > first) | (same_day & ~earlier_that_day),
    )


def flag_baseline(rows: pd.DataFrame) -> pd.DataFrame:
    """Adds GROUP (subject and parameter, as a number) and ABLFL: Y on the last result before first dose.

    Of the records before first dose with a standard result and a complete date the one of the latest day; of a day,
    untimed ones first, by time; then by AVISITN, then SEQ. Needs BEFORE, STANDARD, ADT, MOMENT, AVISITN, SEQ. Row order
    and count stay.
    """
    group = group_codes(rows["USUBJID"], rows["PARAMCD"])
    dated = (rows["BEFORE"] & rows["STANDARD"] & rows["ADT"].notna()).to_numpy(dtype=bool)
    last = pick_one(group, [(rows[name], "largest") for name in ("ADT", "MOMENT", "AVISITN", "SEQ")], dated)
    return rows.assign(GROUP=group, ABLFL=yes(last, rows.index))


def take_baseline(rows: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Adds, for each name, the value that the baseline record of the subject and parameter has; new name -> name.

    Needs GROUP and ABLFL. Row order and count stay.
    """
    group = rows["GROUP"].to_numpy()
    at = np.full(int(group.max(initial=-1)) + 2, -1, dtype=np.int64)  # the last place is that of group -1
    baseline = np.flatnonzero(rows["ABLFL"].notna())
    at[group[baseline]] = baseline
    return rows.assign(**{new: rows[name].array.take(at[group], allow_fill=True) for new, name in names.items()})


def yes(flags: np.ndarray, index: pd.Index) -> pd.Series:
    """Y where a flag is up, else missing."""
    return pd.Series(pd.array(["Y", None], dtype="str").take(np.where(flags, 0, 1)), index=index)


RULES = {"last_before_first_dose": flag_baseline}
