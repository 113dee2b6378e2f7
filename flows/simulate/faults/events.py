"""Faults of the adverse event form: dates, terms, outcomes, lines entered twice."""

from __future__ import annotations

import numpy as np
import pandas as pd

from flows.simulate.days import NEVER
from flows.simulate.faults.plan import Fault, Planter
from flows.simulate.rave import iso_moment
from flows.simulate.records import DAY_SECONDS

_CODING = ("AETERM", "AEPT", "AEPTCD", "AESOC", "AESOCCD")
_LONG = (
    "Fatigue that began two days after the infusion, worse in the afternoon and after meals, with dizziness when "
    "standing up and loss of interest in reading, not relieved by sleep; reported by the spouse at the telephone "
    "contact and again at the visit"
)
_FOREIGN = "恶心 (nausea)"
PARTIAL = 0.04  # of the events: start date partial


def _ordinary(plan: Planter) -> pd.Series:
    """Lines of events that are neither fatal nor one of several lines of an event."""
    events = plan.forms["AE"]
    alone = ~events.duplicated(["subj", "AEGRPID"], keep=False)
    return (events["AESDTH"] == "N") & alone & plan.untouched("AE")


def _ended(plan: Planter) -> pd.Series:
    return _ordinary(plan) & (plan.forms["AE"]["AEENDAT"] != "") & plan.forms["AE"]["AEOUT"].eq("1")


def _unreadable_date(plan: Planter, fault: Fault) -> None:
    """A day that its month lacks; a year of two digits."""
    rows = plan.choose("AE", _ordinary(plan), 2 * plan.copies)
    start = plan.forms["AE"].loc[rows, "AESTDAT"]
    numeric = pd.to_datetime(start.str.title(), format="%d %b %Y").dt.strftime("%d/%m/%y")
    plan.put("AE", rows, AESTDAT=np.where(np.arange(len(rows)) % 2 == 0, "31 FEB " + start.str[-4:], numeric))
    plan.note(fault.name, fault.code, "AE", rows, "AESTDAT")


def _outcome_in_words(plan: Planter, fault: Fault) -> None:
    rows = plan.choose("AE", _ordinary(plan) & (plan.forms["AE"]["AEOUT"] == "2"))
    plan.put("AE", rows, AEOUT="Improving")
    plan.note(fault.name, fault.code, "AE", rows, "AEOUT")


def _long_text(plan: Planter, fault: Fault) -> None:
    rows = plan.choose("AE", _ordinary(plan) & (plan.forms["AE"]["AEPT"] == "Fatigue"))
    plan.put("AE", rows, AETERM=_LONG)
    plan.note(fault.name, fault.code, "AE", rows, "AETERM")


def _foreign_text(plan: Planter, fault: Fault) -> None:
    rows = plan.choose("AE", _ordinary(plan) & (plan.forms["AE"]["AEPT"] == "Nausea"))
    plan.put("AE", rows, AETERM=_FOREIGN)
    plan.note(fault.name, fault.code, "AE", rows, "AETERM")


def _term_missing(plan: Planter, fault: Fault) -> None:
    rows = plan.choose("AE", _ordinary(plan))
    plan.put("AE", rows, **dict.fromkeys(_CODING, ""))
    plan.note(fault.name, fault.code, "AE", rows, "AETERM")


def _end_before_start(plan: Planter, fault: Fault) -> None:
    rows = plan.choose("AE", _ended(plan))
    plan.put_day("AE", rows, "AEENDAT", plan.days("AE", rows, "AESTDAT") - 5)
    plan.note(fault.name, fault.code, "AE", rows, "AEENDAT")


def _ongoing_with_end(plan: Planter, fault: Fault) -> None:
    rows = plan.choose("AE", _ended(plan))
    plan.put("AE", rows, AEONGO="Y")
    plan.note(fault.name, fault.code, "AE", rows, "AEENDAT")


def _recovered_without_end(plan: Planter, fault: Fault) -> None:
    rows = plan.choose("AE", _ended(plan))
    plan.put("AE", rows, AEENDAT="")
    plan.note(fault.name, fault.code, "AE", rows, "AEENDAT")


def _future_date(plan: Planter, fault: Fault) -> None:
    """The year is a slip of the pen; the record was saved long before."""
    events = plan.forms["AE"]
    rows = plan.choose("AE", _ended(plan) & (plan.events("death", events) == NEVER))
    end = plan.forms["AE"].loc[rows, "AEENDAT"]
    year = (end.str[-4:].astype("int64") + 4).astype("str")
    plan.put("AE", rows, AEENDAT=end.str[:-4].str.replace("29 FEB", "28 FEB") + year)
    plan.note(fault.name, fault.code, "AE", rows, "AEENDAT")


def _recorded_twice(plan: Planter, fault: Fault) -> None:
    rows = plan.choose("AE", _ordinary(plan))
    plan.note(fault.name, fault.code, "AE", plan.append("AE", plan.forms["AE"].loc[rows]))


def _twice_with_other_grade(plan: Planter, fault: Fault) -> None:
    """The same event again, from the report of the serious event, one grade higher, and nothing ties the two."""
    rows = plan.choose("AE", _ordinary(plan) & plan.forms["AE"]["AETOXGR"].isin(["1", "2"]))
    plan.put("AE", rows, AEGRPID="")
    again = plan.forms["AE"].loc[rows]
    added = plan.append("AE", again.assign(AETOXGR=(again["AETOXGR"].astype("int64") + 1).astype("str")))
    plan.note(fault.name, fault.code, "AE", added, "AETERM")


def _inactive(plan: Planter, fault: Fault) -> None:
    rows = plan.choose("AE", _ordinary(plan))
    again = plan.forms["AE"].loc[rows].assign(active=0, AETERM="entered in error")
    plan.note(fault.name, fault.code, "AE", plan.append("AE", again))


def _decode_differs(plan: Planter, fault: Fault) -> None:
    rows = plan.choose("AE", _ordinary(plan) & (plan.forms["AE"]["AEACNQL"] == "NC"))
    other = plan.truth.study.choices["ACTION"]["INT"]
    plan.extras.cells += [("AE", record, "AEACNQL", other) for record in plan.forms["AE"].loc[rows, "record"].tolist()]
    plan.note(fault.name, fault.code, "AE", rows, "AEACNQL")


def _time_zone(plan: Planter, fault: Fault) -> None:
    """Midnight in Shanghai, shown as the same moment in London: the day before."""
    rows = plan.choose("AE", _ordinary(plan))
    records = plan.forms["AE"].loc[rows, "record"].tolist()
    for record, day in zip(records, plan.days("AE", rows, "AESTDAT").tolist(), strict=True):
        shifted = iso_moment(day * DAY_SECONDS - 8 * 3600)
        plan.extras.cells += [("AE", record, column, shifted) for column in ("AESTDAT", "AESTDAT_INT")]
    plan.note(fault.name, fault.code, "AE", rows, "AESTDAT")


def _partial_start(plan: Planter, fault: Fault) -> None:
    """Planted last, on lines that have no other fault."""
    events = plan.forms["AE"]
    chance = plan.rng.random(len(events)) < PARTIAL
    taken = events.index[(_ordinary(plan) & chance).to_numpy() & ~plan.set_apart[events["subj"]]]
    rows = taken.union(plan.choose("AE", _ordinary(plan), 1))
    start = events.loc[rows, "AESTDAT"]
    month_too = plan.rng.random(len(rows)) < 0.05
    plan.put("AE", rows, AESTDAT=np.where(month_too, "UN UNK " + start.str[-4:], "UN " + start.str[3:]))
    plan.note(fault.name, fault.code, "AE", rows, "AESTDAT")


FAULTS = (
    Fault("future date", "CHK-316", _future_date),
    Fault("foreign characters", "SDTM-205", _foreign_text),
    Fault("text over 200 bytes", "SDTM-214", _long_text),
    Fault("outcome in words", "SDTM-203", _outcome_in_words),
    Fault("event ends before it starts", "CHK-301", _end_before_start),
    Fault("ongoing with an end date", "CHK-309", _ongoing_with_end),
    Fault("recovered without an end date", "CHK-310", _recovered_without_end),
    Fault("unreadable date", "SDTM-201", _unreadable_date),
    Fault("term missing", "SDTM-208", _term_missing),
    Fault("event recorded twice", "RAW-106", _recorded_twice),
    Fault("event recorded twice, grade differs", "CHK-317", _twice_with_other_grade),
    Fault("inactive record", "RAW-108", _inactive),
    Fault("text and code disagree", "RAW-103", _decode_differs),
    Fault("date shifted by a time zone", "RAW-105", _time_zone),
    Fault("partial start date", "SDTM-202", _partial_start),
)
