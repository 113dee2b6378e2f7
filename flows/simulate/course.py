"""What becomes of each subject: scans and responses, end of treatment, later therapy, death, end of the study."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from flows.simulate.arrays import Bools, Ints, between, stream
from flows.simulate.days import NEVER
from flows.simulate.latent import draw_latent
from flows.simulate.recist import Responses, respond
from flows.simulate.schedule import offset, planned
from flows.simulate.tumours import Lesions, draw_lesions
from specs.loader import StudySpec

MISSED_SCANS, UNSCHEDULED_SCANS, SCANS_BEYOND_PD = 0.07, 0.012, 0.05
REASONS = ("PD", "AE", "DTH", "DROP", "PHYS")


@dataclass(frozen=True)
class Course:
    """The study as it went.

    Days of `people` and `events` are calendar days. Scans come in order of time, subject by scan: planned ones at the
    even places, an unscheduled one after each at the odd places.
    """

    people: pd.DataFrame
    events: pd.DataFrame
    lesions: Lesions
    responses: Responses
    scan_day: Ints
    scan_done: Bools
    scan_missed: Bools  # planned, and within the time under observation, but not made


def run_course(study: StudySpec, people: pd.DataFrame, sites: pd.DataFrame, seed: int, *, clean: bool) -> Course:
    """Everything that happens to the subjects, from first dose to the snapshot of the data.

    `events`, one row a subject: last_seen, death, fatal_event, dropout, progression (scan), end (decision to stop
    treatment), reason (EOTREAS code), last_dose (last possible day of lenvatinib), therapy (first later therapy); NEVER
    where it did not happen by the snapshot.
    """
    assert study.study.parameters is not None
    rng = stream(seed, "course")
    rule = study.study.parameters.response
    latent = draw_latent(people, seed)
    dosed = people["treated"].to_numpy()
    days = _scan_days(
        study, int(latent["horizon"].clip(upper=NEVER - 1)[dosed].max()) if dosed.any() else 0, people, rng
    )
    tenths = sites["tenths"].reindex(people["site"]).to_numpy(dtype="bool")
    lesions = draw_lesions(people, latent, days, tenths, rule, seed, clean=clean)
    last_seen = latent[["death", "dropout", "horizon"]].min(axis=1).to_numpy()
    under_watch = dosed[:, None] & (days < last_seen[:, None])
    chance = rng.random(days.shape)
    scheduled = np.arange(days.shape[1]) % 2 == 0
    made = under_watch & np.where(scheduled, chance >= MISSED_SCANS, chance < UNSCHEDULED_SCANS)
    early = _early_therapy(latent)
    made &= days < (early + np.where(rng.random(len(people)) < 0.5, 60, 0))[:, None]
    responses = respond(replace(lesions.measured, done=made), rule)
    progression = _first_day(days, responses.overall == "PD")
    events = _events(people, latent, progression, early, last_seen, rng)
    made, watched = _until(events, people["dose"].to_numpy(), days, made, under_watch, rng)
    return Course(
        people=people, events=events, lesions=replace(lesions, measured=replace(lesions.measured, done=made)),
        responses=Responses(
            *(np.where(made, told, "") for told in (responses.target, responses.nontarget, responses.overall))
        ),
        scan_day=days + people["dose"].to_numpy()[:, None], scan_done=made,
        scan_missed=watched & ~made & scheduled,
    )  # fmt: skip


def _scan_days(study: StudySpec, horizon: int, people: pd.DataFrame, rng: np.random.Generator) -> Ints:
    """Days after first dose: planned scans within their window, and a chance of one in between after each."""
    visit = planned(study, "TA{n}")
    count = min(max(horizon // visit.days, 1), visit.last)
    jitter = np.clip(np.round(rng.normal(0, 2.5, (len(people), count))), -visit.early, visit.late).astype("int64")
    scheduled = offset(visit, np.arange(visit.first, visit.first + count)) + jitter
    between_two = scheduled + between(rng, 12, 22, scheduled.shape)
    return np.stack([scheduled, between_two], axis=2).reshape(len(people), 2 * count)


def _first_day(days: Ints, where: Bools) -> Ints:
    return np.asarray(np.where(where, days, NEVER).min(axis=1), dtype="int64")


def _early_therapy(latent: pd.DataFrame) -> Ints:
    """Another therapy without progression, for those whom the physician takes off treatment."""
    first = latent["physician"] < latent[["toxicity", "dropout", "death", "horizon"]].min(axis=1)
    return np.asarray(latent["therapy_early"].where(first, NEVER).clip(upper=NEVER), dtype="int64")


def _events(
    people: pd.DataFrame, latent: pd.DataFrame, progression: Ints, early: Ints, last_seen: Ints,
    rng: np.random.Generator,
) -> pd.DataFrame:  # fmt: skip
    size = len(people)
    dosed = people["treated"].to_numpy()
    fatal = latent["fatal_event"].to_numpy()
    decided = np.where(progression < NEVER, progression + between(rng, 2, 9, size), NEVER)
    ends = np.stack(
        [
            np.where(fatal, NEVER, decided),
            np.where(fatal, NEVER, latent["toxicity"].to_numpy()),
            latent["death"].to_numpy(),
            np.where(fatal, NEVER, latent["dropout"].to_numpy()),
            np.where(fatal, NEVER, latent["physician"].to_numpy()),
        ]
    )
    end, which = ends.min(axis=0), ends.argmin(axis=0)
    ended = dosed & (end <= latent["horizon"].to_numpy())
    lost = rng.random(size) < 0.5
    reason = np.asarray(REASONS, dtype=object)[which]
    reason = np.where(reason == "DROP", np.where(lost, "LTFU", "WD"), reason)
    reason = np.where((reason == "PHYS") & (rng.random(size) < 0.4), "CPD", reason)
    pause = np.where(reason == "DTH", between(rng, 1, 8, size), between(rng, 0, 4, size))
    last_dose = np.maximum(np.where(ended, end - pause, latent["horizon"].to_numpy()), 0)
    early = np.where(end == latent["physician"].to_numpy(), early, NEVER)
    later = np.where((progression < NEVER) & (latent["therapy_gap"].to_numpy() < NEVER), progression + 10, NEVER)
    later = np.where(later < NEVER, np.maximum(later - 10 + latent["therapy_gap"].to_numpy(), end + 1), NEVER)
    therapy = np.minimum(early, later)
    death = latent["death"].to_numpy()
    happened = {
        "last_seen": last_seen, "death": np.where(death <= last_seen, death, NEVER),
        "dropout": np.where((latent["dropout"].to_numpy() <= last_seen) & (death > last_seen), last_seen, NEVER),
        "progression": np.where(progression <= last_seen, progression, NEVER), "end": np.where(ended, end, NEVER),
        "last_dose": last_dose, "therapy": np.where(ended & (therapy < last_seen), therapy, NEVER),
    }  # fmt: skip
    dose = people["dose"].to_numpy()
    events = pd.DataFrame(
        {name: np.where(dosed & (days < NEVER), days + dose, NEVER) for name, days in happened.items()}
    )
    events["reason"] = np.where(ended, reason, "")
    events["lost"] = lost
    events["fatal_event"] = fatal & (events["death"].to_numpy() < NEVER)
    return events


def _until(
    events: pd.DataFrame, dose: Ints, days: Ints, made: Bools, under_watch: Bools, rng: np.random.Generator
) -> tuple[Bools, Bools]:
    """Scans end with the progression (a few subjects have one more), and never follow a later therapy after it."""
    progression = events["progression"].to_numpy() - dose
    therapy = events["therapy"].to_numpy() - dose
    beyond = np.where(rng.random(len(events)) < SCANS_BEYOND_PD, 50, 0)
    last = np.where(therapy > progression, np.minimum(progression + beyond, therapy - 1), progression)
    last = np.maximum(last, progression)
    watched = under_watch & (days <= last[:, None]) & (days < np.maximum(therapy, progression)[:, None] + 1)
    return made & watched, watched & (days < therapy[:, None])


def scan_table(course: Course) -> pd.DataFrame:
    """One row a scan that was made: subj, scan (place in the order of time), day, planned number (0: unscheduled)."""
    subj, scan = np.nonzero(course.scan_done)
    number = np.where(scan % 2 == 0, scan // 2 + 1, 0)
    return pd.DataFrame({"subj": subj, "scan": scan, "day": course.scan_day[subj, scan], "number": number})
