"""Doses given: infusions at the cycle visits, and lenvatinib with its interruptions and reductions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from flows.simulate.arrays import Ints, between, stream
from flows.simulate.course import Course
from flows.simulate.days import NEVER
from flows.simulate.window import Window
from specs.loader import StudySpec

INFUSION, CAPSULES = "QL1706", "LENVATINIB"  # the study drugs, as the spec names them
INFUSIONS_NOT_GIVEN, INTERRUPTED, INTERRUPTED_AGAIN, REDUCED = 0.04, 0.27, 0.3, 0.5
FIRST_INTERRUPTION = 24  # days after first dose
REDUCTIONS = {12.0: 8.0, 8.0: 4.0, 4.0: 4.0}


@dataclass(frozen=True)
class Dosing:
    """Doses of both drugs.

    infusions: subj, folder, day, given, dose. capsules: subj, start, end (NEVER while ongoing), dose, changed (DOSEADJ
    code). last_infusion and last_capsules: the last day a dose above 0 was given, by subject, NEVER without one.
    """

    infusions: pd.DataFrame
    capsules: pd.DataFrame
    last_infusion: Ints
    last_capsules: Ints


def give_doses(study: StudySpec, course: Course, visits: pd.DataFrame, window: Window, seed: int) -> Dosing:
    """The doses of every treated subject, from first dose to the last possible day."""
    rng = stream(seed, "dosing")
    last = course.events["last_dose"].to_numpy()
    due = visits[(visits["cycle"] > 0) & visits["done"] & (visits["day"] <= last[visits["subj"]])]
    given = (due["cycle"] == 1) | (rng.random(len(due)) >= INFUSIONS_NOT_GIVEN)
    infusions = due[["subj", "folder", "day"]].assign(given=given, dose=_planned(study, course, INFUSION)[due["subj"]])
    capsules = _capsules(study, course, window, rng)
    size = len(course.people)
    dosed = capsules[capsules["dose"] > 0]
    ends = np.minimum(dosed["end"].to_numpy(), last[dosed["subj"]])
    return Dosing(
        infusions.reset_index(drop=True), capsules,
        _latest(infusions["subj"][given].to_numpy(), infusions["day"][given].to_numpy(), size),
        _latest(dosed["subj"].to_numpy(), ends, size),
    )  # fmt: skip


def _planned(study: StudySpec, course: Course, drug: str) -> np.ndarray:
    dose = {name: arm.doses.get(drug, 0.0) for name, arm in study.study.arms.items()}
    return course.people["arm"].map(dose).fillna(0).to_numpy(dtype="float64")


def _latest(subj: Ints, day: Ints, size: int) -> Ints:
    latest = np.full(size, -1, dtype="int64")
    np.maximum.at(latest, subj, day)
    return np.where(latest < 0, NEVER, latest)


def _capsules(study: StudySpec, course: Course, window: Window, rng: np.random.Generator) -> pd.DataFrame:
    """At most two interruptions a subject; after each the dose may be one step lower."""
    people, events = course.people, course.events
    size = len(people)
    first, last = people["dose"].to_numpy(), events["last_dose"].to_numpy()
    full = _planned(study, course, CAPSULES)
    room = np.maximum(last - first - FIRST_INTERRUPTION, 1)
    start = first + FIRST_INTERRUPTION + (rng.random(size) * room * 0.8).astype("int64")
    start = np.where(rng.random(size) < INTERRUPTED, start, NEVER)
    resume = np.where(start < NEVER, start + between(rng, 3, 12, size), NEVER)
    pauses = window.pauses
    start[pauses["subj"].to_numpy(dtype="int64")] = pauses["start"].to_numpy(dtype="int64")
    resume[pauses["subj"].to_numpy(dtype="int64")] = pauses["end"].to_numpy(dtype="int64") + 1
    again = np.where(
        (resume < NEVER) & (rng.random(size) < INTERRUPTED_AGAIN), resume + between(rng, 20, 90, size), NEVER
    )
    resume_again = np.where(again < NEVER, again + between(rng, 3, 10, size), NEVER)
    lower = np.vectorize(lambda dose: REDUCTIONS.get(dose, dose), otypes=[float])
    second = np.where(rng.random(size) < REDUCED, lower(full), full)
    third = np.where(rng.random(size) < REDUCED, lower(second), second)
    starts = np.stack([first, start, resume, again, resume_again], axis=1)
    doses = np.stack([full, np.zeros(size), second, np.zeros(size), third], axis=1)
    ongoing = events["end"].to_numpy() == NEVER
    ends = np.minimum(np.c_[starts[:, 1:] - 1, np.full(size, NEVER)], last[:, None])
    kept = people["treated"].to_numpy()[:, None] & (starts <= last[:, None])
    final = kept & ~np.c_[kept[:, 1:], np.zeros(size, dtype=bool)]
    ends = np.where(final & ongoing[:, None], NEVER, ends)
    before = np.c_[full, doses[:, :-2], doses[:, 2]]
    usual = np.where(doses == 0, before, np.c_[full, full, full, second, second])
    changed = np.where((doses == 0) | (doses < usual), "AE", "NONE")
    subj, which = np.nonzero(kept)
    return pd.DataFrame(
        {
            "subj": subj, "start": starts[subj, which], "end": ends[subj, which], "dose": doses[subj, which],
            "changed": changed[subj, which],
        }
    )  # fmt: skip
