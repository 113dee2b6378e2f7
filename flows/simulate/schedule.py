"""The planned visits as the study's spec has them, and what the EDC calls its folders."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from flows.simulate.arrays import Ints
from specs.loader import StudySpec
from specs.models import VisitSpec

LOG = "LOG"  # the folder of pages that belong to no visit
UNSCHEDULED_SEQ, LOG_SEQ = 7000.0, 9900.0


@dataclass(frozen=True)
class Folder:
    """A folder of the EDC."""

    name: str
    seq: float
    target_day: int | None


def planned(study: StudySpec, folder: str) -> VisitSpec:
    """The planned visit of a folder, or the series of a folder with `{n}`."""
    return next(visit for visit in study.study.visits if visit.folder == folder)


def offset(visit: VisitSpec, n: Ints | int) -> Ints:
    """Days from first dose to the n-th visit of a series, as planned."""
    assert visit.day is not None
    return np.asarray(visit.day + visit.days * (np.asarray(n) - visit.first) - 1, dtype="int64")


def folders(study: StudySpec) -> dict[str, Folder]:
    """Every folder that the study can have, in the EDC's order."""
    found: dict[str, Folder] = {}
    for visit in study.study.visits:
        for n in range(visit.first, visit.last + 1):
            day = None if visit.day is None else visit.day + visit.days * (n - visit.first)
            name = visit.visit.replace("{n}", str(n)).title()
            seq = visit.visitnum + visit.step * (n - visit.first)
            found[visit.folder.replace("{n}", str(n))] = Folder(name, seq, day)
    if study.study.unscheduled_folder:
        found[study.study.unscheduled_folder] = Folder("Unscheduled", UNSCHEDULED_SEQ, None)
    found[LOG] = Folder("Running Logs", LOG_SEQ, None)
    return dict(sorted(found.items(), key=lambda item: item[1].seq))
