"""Overall and progression-free survival, duration of and time to response: event or censoring, and its date.

Each parameter is a list of cases, read from top to bottom: the first one that holds decides. The docstring, the list
and the tests have the same cases in the same order.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from specs.models import TimeToEventParameters

FIRST_DOSE, ENROLMENT = "FIRST DOSE", "ENROLMENT"
LAST_ADEQUATE = "LAST ADEQUATE TUMOUR ASSESSMENT"


@dataclass(frozen=True)
class Dated:
    """A date for each subject, and the record that it was read from."""

    date: pd.Series
    domain: str
    variable: str
    seq: pd.Series | None = None
    flag: pd.Series | None = None  # what was imputed (ADaM codelist DATEFL)


@dataclass(frozen=True)
class Case:
    """One line of a censoring table."""

    name: str
    holds: pd.Series
    cnsr: int
    evntdesc: str
    at: Dated
    cnsdtdsc: str | None = None


def from_adsl(subjects: pd.DataFrame, variable: str, flag: str | None = None) -> Dated:
    """A date of ADSL."""
    return Dated(subjects[variable], "ADSL", variable, flag=subjects[flag] if flag else None)


def from_adrs(subjects: pd.DataFrame, prefix: str) -> Dated:
    """The date of the assessment whose ADT, ADTF and ASEQ stand in the columns that begin with `prefix`."""
    return Dated(subjects[f"{prefix}ADT"], "ADRS", "ADT", seq=subjects[f"{prefix}ASEQ"], flag=subjects[f"{prefix}ADTF"])


def overall_survival(subjects: pd.DataFrame, origin: Dated, origin_text: str) -> list[Case]:
    """The origin (first dose, or enrolment) to death of any cause; the first match decides.

    1. death on or before the cut-off             -> CNSR 0, date of death
    2. alive, or dead after it, past the cut-off  -> CNSR 1, the cut-off
    3. alive                                      -> CNSR 1, last known alive
    4. not known alive on or after the origin     -> CNSR 1, the origin

    Source: PROTOCOL, "Time to event".
    """
    cutoff, dead = subjects["CUTOFFDT"], subjects["DTHDT"].notna()
    alive_after = (subjects["DTHDT"] > cutoff) | (subjects["LSTALVDT"] > cutoff)
    last_alive = subjects["LSTALVDT"] >= origin.date
    everyone = pd.Series(True, index=subjects.index)
    alive = "ALIVE AT LAST CONTACT"
    return [
        Case("1 death", dead & ~(subjects["DTHDT"] > cutoff), 0, "DEATH", from_adsl(subjects, "DTHDT", "DTHDTF")),
        Case("2 alive after the cut-off", alive_after, 1, alive, from_adsl(subjects, "CUTOFFDT"), "DATA CUT-OFF DATE"),
        Case("3 alive", last_alive, 1, alive, from_adsl(subjects, "LSTALVDT"), "LAST KNOWN ALIVE DATE"),
        Case(f"4 {origin_text.lower()}", everyone, 1, alive, origin, origin_text),
    ]


def progression(subjects: pd.DataFrame, gaps: TimeToEventParameters, origin: Dated, origin_text: str) -> list[Case]:
    """PD or death, with the primary censoring (FDA style); the first match decides.

    1.  no baseline assessment                                             -> CNSR 2, origin
    2a. new anticancer therapy strictly before the event, or without one   -> CNSR 4, last adequate assessment on or
        before its start
    2b. likewise, no such assessment                                       -> CNSR 4, origin
    3a. PD or death more than `gap_days` after the last adequate
        assessment before it                                               -> CNSR 5, that assessment
    3b. no such assessment, and more than `first_gap_days` after first dose -> CNSR 5, origin
    4a. PD, on or before the day of death                                  -> CNSR 0, date of PD
    4b. death                                                              -> CNSR 0, date of death
    5a. no event                                                           -> CNSR 1, last adequate assessment
    5b. no event and no adequate assessment                                -> CNSR 3, origin

    The origin is first dose or enrolment, for the duration of response the start of the response. "Before it" means on
    an earlier day; an assessment on the day of death was before it. Source: PROTOCOL, "Time to event".
    """
    event, therapy = subjects["EVENTDT"], subjects["NACTDT"]
    no_baseline = subjects["BLASDT"].isna()
    censored_by_therapy = therapy.notna() & (event.isna() | (therapy < event))
    before_therapy = from_adrs(subjects, "BEFORE_NEW_")
    before_event = from_adrs(subjects, "BEFORE_EVENT_")
    gap = (event - before_event.date).dt.days > gaps.gap_days
    first_gap = before_event.date.isna() & ((event - subjects["TRTSDT"]).dt.days > gaps.first_gap_days)
    missed = "PD/DEATH AFTER >= 2 MISSED"
    return [
        Case("1 no baseline", no_baseline, 2, "NO BASELINE ASSESSMENT", origin, origin_text),
        Case(
            "2a new therapy", censored_by_therapy & before_therapy.date.notna(), 4,
            "NEW ANTICANCER THERAPY", before_therapy, "LAST ADEQUATE ASSESSMENT ON OR BEFORE",
        ),
        Case("2b new therapy, unassessed", censored_by_therapy, 4, "NEW ANTICANCER THERAPY", origin, origin_text),
        Case("3a missed assessments", gap, 5, missed, before_event, "LAST ADEQUATE ASSESSMENT BEFORE GAP"),
        Case("3b missed all assessments", first_gap, 5, missed, origin, origin_text),
        *_events(subjects),
        *_no_event(subjects, origin, origin_text),
    ]  # fmt: skip


def progression_whenever(subjects: pd.DataFrame, origin: Dated, origin_text: str) -> list[Case]:
    """PD or death, with the sensitivity censoring (EMA style): missed visits and new therapy are ignored.

    The first match decides:
    4a. PD, on or before the day of death    -> CNSR 0, date of PD
    4b. death                                -> CNSR 0, date of death
    1.  no baseline assessment               -> CNSR 2, origin
    5a. no event                             -> CNSR 1, last adequate assessment
    5b. no event and no adequate assessment  -> CNSR 3, origin

    The names are those of the primary censoring. Source: PROTOCOL, "Time to event".
    """
    no_baseline = subjects["BLASDT"].isna()
    return [
        *_events(subjects),
        Case("1 no baseline", no_baseline, 2, "NO BASELINE ASSESSMENT", origin, origin_text),
        *_no_event(subjects, origin, origin_text),
    ]


def _events(subjects: pd.DataFrame) -> list[Case]:
    pd_first = subjects["PD_ADT"].notna() & (subjects["PD_ADT"] == subjects["EVENTDT"])
    died = subjects["EVENTDT"].notna()
    return [
        Case("4a progression", pd_first, 0, "DISEASE PROGRESSION", from_adrs(subjects, "PD_")),
        Case("4b death", died, 0, "DEATH", from_adsl(subjects, "DTHDT", "DTHDTF")),
    ]


def _no_event(subjects: pd.DataFrame, origin: Dated, origin_text: str) -> list[Case]:
    everyone = pd.Series(True, index=subjects.index)
    last = from_adrs(subjects, "LAST_")
    none = "NO POST-BASELINE ADEQUATE ASSESSMENT"
    return [
        Case("5a no event", last.date.notna(), 1, "NO PD OR DEATH", last, LAST_ADEQUATE),
        Case("5b no event, unassessed", everyone, 3, none, origin, origin_text),
    ]


def time_to_response(responders: pd.DataFrame, response: Dated) -> list[Case]:
    """The origin (first dose, or enrolment) to the response, of responders only: nothing is censored.

    1. first CR or PR of the response that has a duration (the confirmed one, or any) -> CNSR 0, its date

    Who has no such response has no record. Source: PROTOCOL, "Time to event", DOR: the response that it begins at.
    """
    return [Case("1 response", pd.Series(True, index=responders.index), 0, "RESPONSE", response)]


def decide(cases: list[Case], start: Dated) -> pd.DataFrame:
    """The first case that holds, for each subject.

    Out: the subjects' index with STARTDT, STARTDTF, ADT, ADTF, AVAL (days, ADT - STARTDT + 1), CNSR, EVNTDESC,
    CNSDTDSC (where CNSR > 0), SRCDOM, SRCVAR, SRCSEQ and CASE. The last case must hold for everybody.
    """
    index = start.date.index
    first = np.argmax(np.column_stack([case.holds for case in cases]), axis=1)

    def named(value: Callable[[Case], object], dtype: str) -> pd.Series:
        of_cases: pd.Series = pd.Series([value(case) for case in cases], dtype=dtype)
        of_subjects: pd.Series = of_cases.take(first)
        return of_subjects.set_axis(index)

    def chosen(value: Callable[[Case], object], dtype: str) -> pd.Series:
        columns: list[pd.Series] = [pd.Series(value(case), index=index, dtype=dtype) for case in cases]
        every: pd.Series = pd.concat(columns)
        return every.take(first * len(index) + np.arange(len(index)))

    adt = chosen(lambda case: case.at.date, "datetime64[us]")
    return pd.DataFrame(
        {
            "STARTDT": start.date,
            "STARTDTF": pd.Series(start.flag, index=index, dtype="str"),
            "ADT": adt,
            "ADTF": chosen(lambda case: case.at.flag, "str"),
            "AVAL": (adt - start.date).dt.days.astype("float64") + 1,
            "CNSR": named(lambda case: case.cnsr, "float64"),
            "EVNTDESC": named(lambda case: case.evntdesc, "str"),
            "CNSDTDSC": named(lambda case: case.cnsdtdsc, "str"),
            "SRCDOM": named(lambda case: case.at.domain, "str"),
            "SRCVAR": named(lambda case: case.at.variable, "str"),
            "SRCSEQ": chosen(lambda case: case.at.seq, "float64"),
            "CASE": named(lambda case: case.name, "str"),
        },
        index=index,
    )


def trace(cases: list[Case], start: Dated) -> pd.DataFrame:
    """Every case of each subject, in the order in which they are asked; DECIDES is the one that `decide` takes.

    Out: the columns of `trace_each` with the index of the subjects, which is USUBJID; NUMBER, CASE, HOLDS, DECIDES;
    CNSR, EVNTDESC, CNSDTDSC, ADT (the date that the case would give), SRCDOM, SRCVAR, SRCSEQ.
    """
    index = start.date.index
    parts = [
        pd.DataFrame(
            {
                "NUMBER": number, "CASE": case.name, "HOLDS": case.holds.astype("bool"), "CNSR": case.cnsr,
                "EVNTDESC": case.evntdesc, "CNSDTDSC": pd.Series(case.cnsdtdsc, index=index, dtype="str"),
                "ADT": case.at.date, "SRCDOM": case.at.domain, "SRCVAR": case.at.variable,
                "SRCSEQ": pd.Series(case.at.seq, index=index, dtype="float64"),
            },
            index=index,
        )
        for number, case in enumerate(cases, start=1)
    ]  # fmt: skip
    asked = pd.concat(parts).rename_axis("USUBJID").reset_index()
    asked = asked.sort_values(["USUBJID", "NUMBER"], kind="stable", ignore_index=True)
    decides = asked["HOLDS"] & (asked.groupby("USUBJID")["HOLDS"].cumsum() == 1)
    asked.insert(4, "DECIDES", decides)
    return asked


RULES = {"time_to_event": decide}
