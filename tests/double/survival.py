"""Time to event: overall survival, progression-free survival both ways, duration of response."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from tests.double.response import Assessment, confirmation
from tests.double.treatment import Treatment

MISSED, MISSED_FROM_START = 98, 91  # days: 2 x 42 + 2 x 7, and 2 x 42 + 7


@dataclass(frozen=True)
class Outcome:
    """From a day to a day, both counted, and why it ended: 0 is an event."""

    start: date
    end: date
    censored: int

    @property
    def values(self) -> tuple[float, float, str]:
        return float((self.end - self.start).days + 1), float(self.censored), self.end.isoformat()


def overall_survival(treatment: Treatment) -> Outcome:
    """Death, else the last day known alive."""
    if treatment.death:
        return Outcome(treatment.first_dose, treatment.death, 0)
    return Outcome(treatment.first_dose, treatment.alive, 1)


def progression_free(
    treatment: Treatment, assessments: list[Assessment], start: date | None = None, *, primary: bool = True
) -> Outcome:
    """PROTOCOL, "Time to event": the cases of the primary or of the sensitivity censoring, first match."""
    begin, first = start or treatment.first_dose, treatment.first_dose
    progressions = [a.day for a in assessments if a.response == "PD"]
    event = min([*progressions, *([treatment.death] if treatment.death else [])], default=None)
    adequate = [a.day for a in assessments if a.response != "NE"]
    therapy = treatment.new_therapy
    if primary and therapy and (event is None or therapy < event):
        return Outcome(begin, max((day for day in adequate if day <= therapy), default=first), 4)
    if event and primary:
        before = max((day for day in adequate if day < event), default=None)
        if before and event - before > timedelta(MISSED):
            return Outcome(begin, before, 5)
        if before is None and event - first > timedelta(MISSED_FROM_START):
            return Outcome(begin, first, 5)
    if event:
        return Outcome(begin, event, 0)
    return Outcome(begin, max(adequate), 1) if adequate else Outcome(begin, first, 3)


def duration_of_response(
    treatment: Treatment, assessments: list[Assessment], usable: list[Assessment]
) -> Outcome | None:
    """From the first response that is confirmed; None where none is."""
    responses = [a.day for place, a in enumerate(usable) if confirmation(usable, place)]
    return progression_free(treatment, assessments, responses[0]) if responses else None
