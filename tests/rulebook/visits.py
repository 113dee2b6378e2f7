"""Lesion histories as the rule book writes them, in study days: `-10: T01=50 NT01=P; 43: T01=30@46 NT01=P / PR`.

`adam/response/histories.py` says what the words behind a lesion mean; it counts days from first dose, its day 0.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

WORDS = {
    "P": "present",
    "A": "absent",
    "INC": "increased",
    "EQ": "equivocal",
    "UNEQ": "unequivocal",
    "MRG": "merged",
    "ND": "not evaluated",
    "TS": "too small",
}
REASONS = {"TRGRESP": "target", "NTRGRESP": "non-target", "NEWLPROG": "new lesion", "SYMPTDTR": "deterioration"}


@dataclass(frozen=True)
class Visit:
    day: int
    lesions: str
    says: str = ""  # the investigator


def read_visits(cell: str) -> list[Visit]:
    out = []
    for part in cell.split(";"):
        day, _, rest = part.partition(":")
        lesions, _, says = rest.partition("/ ")
        out.append(Visit(int(day), lesions.strip(), says.strip()))
    return out


def read_responses(cell: str) -> list[Visit]:
    """`43 CR, 71 CR`: a lesion that never changes, with a baseline on day -20, and what the investigator says of it."""
    pairs = [entry.split(" ", 1) for entry in cell.split(", ") if entry]
    return [Visit(-20, "T01=50"), *(Visit(int(day), "T01=50", says) for day, says in pairs)]


def since_first_dose(study_day: int | str) -> int:
    """Days after first dose; there is no study day 0."""
    return int(study_day) - (int(study_day) > 0)


def study_day(days: int) -> int:
    return days + (days >= 0)


def as_history(visits: list[Visit]) -> str:
    """The history as `histories` reads it."""
    lines = []
    for visit in visits:
        lesions = re.sub(r"@(-?\d+)", lambda scan: f"@{since_first_dose(scan[1])}", visit.lesions)
        lines.append(f"{since_first_dose(visit.day)} | {lesions} | {visit.says}")
    return "\n".join(lines)


def as_words(cell: str) -> list[str]:
    """A line a visit, in words."""
    return [_line(visit) for visit in read_visits(cell)]


def _line(visit: Visit) -> str:
    parts = [_lesion(*entry.split("=")) for entry in visit.lesions.split()]
    *reasons, overall = visit.says.split() or [""]
    stated = [f"{REASONS[test]} {result}" for test, _, result in (reason.partition("=") for reason in reasons)]
    if overall:
        parts.append("investigator: " + ", ".join([*stated, f"overall {overall}"] if stated else [overall]))
    return f"{visit.day}: " + ", ".join(parts)


def _lesion(name: str, told: str) -> str:
    told, _, scan = told.partition("@")
    word, _, size = told.partition(":")
    text = f"{name} {WORDS.get(word, word)}" + (f" {size}" if size else "")
    return text + (f" (day {scan})" if scan else "")
