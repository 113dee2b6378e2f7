"""Results on treatment, the worst of them, and the one that stands for its visit."""

from __future__ import annotations

import numpy as np
import pandas as pd

from adam.rules.baseline import yes
from adam.rules.picking import Which, group_codes, pick_one

_TIME = ["FIRST", "MOMENT", "AVISITN", "SEQ"]  # in this order records follow each other
LARGEST: Which = "largest"
SMALLEST: Which = "smallest"


def flag_on_treatment(rows: pd.DataFrame, *, days_after: int) -> pd.DataFrame:
    """Adds ONTRTFL, Y while the subject is on treatment.

    Needs AFTER, LAST, TRTEDT, NACTDT. The first match decides:
      1. not after first dose                                              -> missing
      2. later than last dose + `days_after` days (no last dose: open)     -> missing
      3. later than the day on which new anticancer therapy starts         -> missing
      4. else                                                               -> Y
    A partial date is later where the last day that it can mean is. Row order and count stay.
    """
    end = rows["TRTEDT"] + pd.Timedelta(days=days_after)
    late = (rows["LAST"] > end) | (rows["LAST"] > rows["NACTDT"])
    return rows.assign(ONTRTFL=yes((rows["AFTER"] & ~late).to_numpy(dtype=bool), rows.index))


def flag_visit_record(rows: pd.DataFrame) -> pd.DataFrame:
    """Adds ANL01FL: Y on the record that stands for its visit, of those of a parameter with AVAL and AVISIT.

    The baseline record where the visit has it, else the last (by day, time, SEQ). Needs GROUP, ABLFL, AVAL, AVISIT,
    FIRST, MOMENT, AVISITN, SEQ. Row order and count stay.
    """
    group = group_codes(rows["GROUP"].where(rows["GROUP"] >= 0), rows["AVISIT"])
    order = [(rows["ABLFL"].notna(), LARGEST), *((rows[name], LARGEST) for name in _TIME)]
    return rows.assign(ANL01FL=yes(pick_one(group, order, rows["AVAL"].notna().to_numpy()), rows.index))


def flag_worst(rows: pd.DataFrame, *, grade: str, flag: str, low: bool) -> pd.DataFrame:
    """Adds `flag`: Y on the worst on-treatment result of a subject and parameter, in one direction.

    Of the records with ONTRTFL = Y and a grade the one with the highest grade; of these the lowest value (the highest
    where not `low`), a result known by a bound counting as the bound; of these the first (by day, time, SEQ). Needs
    GROUP, ONTRTFL, `grade`, AVAL, BOUND, FIRST, MOMENT, AVISITN, SEQ. Row order and count stay.
    """
    codes, terms = pd.factorize(rows[grade])
    number = pd.Series(np.append(terms.astype("float64"), np.nan)[codes], index=rows.index)
    value = rows["AVAL"].fillna(rows["BOUND"])
    order = [(number, LARGEST), (value, SMALLEST if low else LARGEST), *((rows[name], SMALLEST) for name in _TIME)]
    where = (rows["ONTRTFL"].notna() & number.notna()).to_numpy(dtype=bool)
    return rows.assign(**{flag: yes(pick_one(rows["GROUP"].to_numpy(), order, where), rows.index)})


RULES = {
    "on_treatment": flag_on_treatment,
    "visit_record": flag_visit_record,
    "worst_on_treatment": flag_worst,
}
