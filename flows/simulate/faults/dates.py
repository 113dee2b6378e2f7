"""Faults of dates as typed: partial ones in every dialect of a site, and days that a spreadsheet made numbers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from flows.simulate.days import NEVER
from flows.simulate.faults.plan import Fault, Planter

SPREADSHEET_DAY_0 = 25569  # the number of 1970-01-01 in a spreadsheet
# form, date field, and how its sites type a date of which the day or more is not known
DIALECTS: tuple[tuple[str, str, Callable[[pd.Timestamp], str]], ...] = (
    ("MH", "MHSTDAT", lambda day: f"UNK-{day:%b}-{day:%Y}".upper()),
    ("MH", "MHSTDAT", lambda day: f"{day:%Y}-UNK-UN"),
    ("CM", "CMSTDAT", lambda day: f"{day:%Y}/{day.month}/UK"),
    ("CM", "CMSTDAT", lambda day: f"{day:%Y}年{day.month}月UK日"),
)


def _complete(plan: Planter, form: str, field: str) -> pd.Series:
    """Rows with a complete date that are in the answer key for nothing else."""
    rows = plan.forms[form]
    return pd.Series(plan.days(form, rows.index, field) < NEVER, index=rows.index) & plan.untouched(form)


def _other_dialects(plan: Planter, fault: Fault) -> None:
    for form, field, typed in DIALECTS:
        rows = plan.choose(form, _complete(plan, form, field))
        days = pd.to_datetime(plan.days(form, rows, field), unit="D")
        plan.put(form, rows, **{field: np.asarray([typed(day) for day in days], dtype=object)})
        plan.note(fault.name, fault.code, form, rows, field)


def _year_of_birth_only(plan: Planter, fault: Fault) -> None:
    rows = plan.choose("DM", _complete(plan, "DM", "BRTHDAT"))
    plan.put("DM", rows, BRTHDAT="UN UNK " + plan.forms["DM"].loc[rows, "BRTHDAT"].str[-4:])
    plan.note(fault.name, fault.code, "DM", rows, "BRTHDAT")


def _spreadsheet_number(plan: Planter, fault: Fault) -> None:
    rows = plan.choose("CM", _complete(plan, "CM", "CMSTDAT"))
    number = plan.days("CM", rows, "CMSTDAT") + SPREADSHEET_DAY_0
    plan.put("CM", rows, CMSTDAT=number.astype(str).astype(object))
    plan.note(fault.name, fault.code, "CM", rows, "CMSTDAT")


FAULTS = (
    Fault("year of birth only", "SDTM-202", _year_of_birth_only),
    Fault("date as a number of a spreadsheet", "SDTM-201", _spreadsheet_number),
    Fault("partial date in another dialect", "SDTM-202", _other_dialects),
)
