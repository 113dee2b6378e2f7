"""How long a subject was on study, and when death came."""

from __future__ import annotations

import numpy as np
import pandas as pd

from adam.rules.dates import later
from specs import StudySpec
from specs.dates import study_day

OTHER, UNKNOWN = "OTHER", "UNKNOWN"


def derive_durations(adsl: pd.DataFrame) -> pd.DataFrame:
    """Adds lengths of time in days. Rows stay.

    In: RFICDT, TRTSDT, TRTEDT, EOSDT, DTHDT, LSTALVDT. Adds
      STUDURD   informed consent to the end of study, both counted; before that to the last day known alive
      FUPDURD   first dose to death, else to the last day known alive, both counted
      DTHADY    study day of death
      LDDTHELD  days from last dose to death
    Each is missing where one of its dates is, or they are in the wrong order (DTHADY: as study days are).
    """
    seen = later(adsl["DTHDT"], adsl["LSTALVDT"].where(adsl["DTHDT"].isna()))
    to_death = (adsl["DTHDT"] - adsl["TRTEDT"]).dt.days.astype("float64")
    return adsl.assign(
        STUDURD=_days(adsl["RFICDT"], adsl["EOSDT"].fillna(seen)),
        FUPDURD=_days(adsl["TRTSDT"], seen),
        DTHADY=study_day(adsl["DTHDT"], adsl["TRTSDT"]),
        LDDTHELD=to_death.where(to_death >= 0),
    )


def group_cause_of_death(adsl: pd.DataFrame, study: StudySpec) -> pd.DataFrame:
    """Adds DTHCGR1, the group of the cause of death. Rows stay.

    In: DTHFL, DTHCAUS. The first match decides:
      1. not dead, or the study has no lists `death_groups`  -> missing
      2. no cause given                                      -> UNKNOWN
      3. the cause is a term of one of these lists           -> the name of the first that has it
      4. anything else                                       -> OTHER
    """
    lists = study.terms("death_groups")
    cause = adsl["DTHCAUS"].str.casefold()
    cases = [cause.isna(), *(cause.isin([term.casefold() for term in study.terms(name)]) for name in lists)]
    names = [UNKNOWN, *(name.upper().replace("_", " ") for name in lists)]
    group = pd.Series(np.select(cases, names, OTHER), index=adsl.index, dtype="str")
    return adsl.assign(DTHCGR1=group.where((adsl["DTHFL"] == "Y") & bool(lists)))


def _days(start: pd.Series, end: pd.Series) -> pd.Series:
    days = (end - start).dt.days.astype("float64") + 1
    return days.where(days > 0)


RULES = {"durations": derive_durations, "death_group": group_cause_of_death}
