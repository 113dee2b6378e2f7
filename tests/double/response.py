"""The investigator's responses, and the best of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from tests.double.raw_forms import Casebook, day_of
from tests.double.treatment import Treatment

WORDS = {"CR": "CR", "PR": "PR", "SD": "SD", "PD": "PD", "NE": "NE", "NN": "NON-CR/NON-PD"}
STABLE = ("SD", "NON-CR/NON-PD")


@dataclass(frozen=True)
class Assessment:
    """A tumour assessment after first dose: its day and the investigator's overall response."""

    day: date
    response: str


def read_assessments(book: Casebook, first_dose: date) -> list[Assessment]:
    """PROTOCOL, "The date of a response": the latest scan; for PD that of the scan which showed it, the earliest."""
    found = []
    for row in book.rows("RESP"):
        if row["OVRLRESP_STD"] not in WORDS:
            continue
        scans = {form: _scans(book, form, row["instanceId"]) for form in ("TARGET", "NONTARG", "NEWLES")}
        day = max((day for days in scans.values() for day, _ in days), default=day_of(row, "RSDAT"))
        if row["OVRLRESP_STD"] == "PD":
            reasons = []
            if row["TRGRESP_STD"] == "PD":
                reasons += [max(day for day, _ in scans["TARGET"])] if scans["TARGET"] else []
            if row["NTRGRESP_STD"] == "PD":
                reasons += [day for day, state in scans["NONTARG"] if state == "UP"]
            if row["NEWLES_STD"] == "UNEQ":
                reasons += [day for day, state in scans["NEWLES"] if state != "EQ"]
            day = min(reasons, default=day)
        if day is not None and day > first_dose:
            found.append(Assessment(day, WORDS[row["OVRLRESP_STD"]]))
    return sorted(found, key=lambda assessment: assessment.day)


def _scans(book: Casebook, form: str, visit: str) -> list[tuple[date, str]]:
    rows = [row for row in book.rows(form) if row["instanceId"] == visit]
    return [(day, row["LESSTAT_STD"]) for row in rows if (day := day_of(row, "LESDAT"))]


def counted(assessments: list[Assessment], treatment: Treatment) -> list[Assessment]:
    """Those on or before the first PD and the start of new anticancer therapy."""
    first_pd = min((a.day for a in assessments if a.response == "PD"), default=date.max)
    last = min(first_pd, treatment.new_therapy or date.max)
    return [a for a in assessments if a.day <= last]


def best_response(assessments: list[Assessment], first_dose: date, *, confirmed: bool) -> str:
    """The best of the assessments that count. `confirmed`: CR and PR only where a later one confirms them."""
    answers = {a.response for a in assessments}
    if confirmed:
        ways = [confirmation(assessments, place) for place in range(len(assessments))]
        answers = {way for way in ways if way} | (answers & {"PD"})
    for best in ("CR", "PR"):
        if best in answers:
            return best
    late = [a.response for a in assessments if (a.day - first_dose).days >= 42]
    for best in STABLE:
        if best in late or (best == "SD" and any(response in ("CR", "PR") for response in late)):
            return best
    return "PD" if "PD" in answers else "NE"


def confirmation(assessments: list[Assessment], place: int) -> str:
    """CR or PR where the response at this place is confirmed, >= 28 days later and with one NE at most between."""
    first = assessments[place]
    enough = {"CR": ("CR",), "PR": ("CR", "PR")}.get(first.response, ())
    missed = 0
    for later in assessments[place + 1 :] if enough else ():
        if later.response in enough and (later.day - first.day).days >= 28:
            return first.response
        missed += later.response == "NE"
        if missed > 1 or later.response not in (*enough, "NE"):
            break
    return ""
