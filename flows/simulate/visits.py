"""The visits that took place: which folder, which day, and what was done there."""

from __future__ import annotations

import numpy as np
import pandas as pd

from flows.simulate.arrays import Bools, Ints, between, stream
from flows.simulate.course import Course, scan_table
from flows.simulate.days import NEVER
from flows.simulate.schedule import offset, planned
from flows.simulate.window import Window
from specs.loader import StudySpec

SURVIVAL_EVERY, SAFETY_AFTER = 84, 30
MISSED = 0.02  # of the planned visits under treatment after the first cycle
COLUMNS = ["subj", "folder", "instance", "day", "done", "cycle", "lab", "scan"]


def plan_visits(study: StudySpec, course: Course, window: Window, seed: int) -> pd.DataFrame:
    """All visits, one row each.

    subj, folder, instance (1, 2, ... for unscheduled ones, else 0), day, done (a missed visit keeps its planned day),
    cycle (0 outside cycles), lab (blood was taken), scan (place in the order of scans, -1 for none).
    """
    rng = stream(seed, "visits")
    people, events = course.people, course.events
    subj = np.arange(len(people))
    dosed = people["treated"].to_numpy()
    dose = people["dose"].to_numpy()
    parts = [
        _rows(subj, "SCRN", people["screened"], lab=True),
        _rows(subj[dosed], "C1D1", dose[dosed], lab=True, cycle=1),
    ]
    until = np.minimum(events["end"].to_numpy(), events["last_seen"].to_numpy())
    steady = (people["dlt"] > 0).to_numpy() | (people["phase"] == "IB").to_numpy()
    for folder in ("C1D8", "C1D15"):
        parts.append(_one_planned(study, folder, dose, until, steady, rng))
    parts.append(_cycles(study, dose, until, rng))
    parts += [_scans(course), _missed_scans(course), _unscheduled_counts(window, until)]
    parts += _after_treatment(course, rng)
    visits = pd.concat(parts, ignore_index=True)
    visits["subj"] = visits["subj"].astype("int64")
    return _number_unscheduled(visits, study.study.unscheduled_folder or "UNS")


def _rows(
    subj: Ints,
    folder: object,
    day: object,
    *,
    done: object = True,
    cycle: object = 0,
    lab: bool = False,
    scan: object = -1,
) -> pd.DataFrame:
    at = {"subj": np.asarray(subj), "folder": folder, "instance": 0, "day": np.asarray(day), "done": done}
    return pd.DataFrame({**at, "cycle": cycle, "lab": lab, "scan": scan})


def _one_planned(
    study: StudySpec, folder: str, dose: Ints, until: Ints, steady: Bools, rng: np.random.Generator
) -> pd.DataFrame:
    """A visit of the first cycle, within its window; in phase Ib on the very day."""
    visit = planned(study, folder)
    jitter = np.where(steady, 0, between(rng, -visit.early, visit.late, len(dose)))
    day = dose + offset(visit, visit.first) + jitter
    subj = np.flatnonzero((dose < NEVER) & (day < until))
    return _rows(subj, folder, day[subj], lab=True)


def _cycles(study: StudySpec, dose: Ints, until: Ints, rng: np.random.Generator) -> pd.DataFrame:
    """Day 1 of each later cycle, until the end of treatment; a few are missed."""
    visit = planned(study, "C{n}D1")
    longest = int((until - dose)[dose < NEVER].max()) if (dose < NEVER).any() else 0
    number = np.arange(visit.first, min(visit.last, 2 + max(longest, 0) // visit.days) + 1)
    jitter = np.clip(np.round(rng.normal(0.2, 1.2, (len(dose), len(number)))), -visit.early, visit.late)
    day = dose[:, None] + offset(visit, number) + jitter.astype("int64")
    done = rng.random(day.shape) >= MISSED
    subj, which = np.nonzero((dose < NEVER)[:, None] & (day < until[:, None]))
    names = np.array([visit.folder.replace("{n}", str(n)) for n in number], dtype=object)
    return _rows(subj, names[which], day[subj, which], done=done[subj, which], cycle=number[which], lab=True)


def _scans(course: Course) -> pd.DataFrame:
    made = scan_table(course)
    folder = np.where(made["number"] > 0, "TA" + made["number"].astype("str"), "UNS")
    return _rows(made["subj"].to_numpy(), folder, made["day"], scan=made["scan"].to_numpy())


def _missed_scans(course: Course) -> pd.DataFrame:
    subj, scan = np.nonzero(course.scan_missed)
    folder = "TA" + pd.Series(scan // 2 + 1).astype("str")
    return _rows(subj, folder.to_numpy(), course.scan_day[subj, scan], done=False)


def _unscheduled_counts(window: Window, until: Ints) -> pd.DataFrame:
    counts = window.unscheduled
    counts = counts[counts["day"].to_numpy() < until[counts["subj"].to_numpy(dtype="int64")]]
    return _rows(counts["subj"].to_numpy(dtype="int64"), "UNS", counts["day"].to_numpy(dtype="int64"), lab=True)


def _after_treatment(course: Course, rng: np.random.Generator) -> list[pd.DataFrame]:
    """End of treatment, safety and survival follow-up, end of study."""
    events = course.events
    size = len(events)
    dosed = course.people["treated"].to_numpy()
    end, last_seen, death = (events[name].to_numpy() for name in ("end", "last_seen", "death"))
    alive_at_end = np.isin(events["reason"].to_numpy(), ("DTH", "LTFU"), invert=True)
    ended = dosed & (end < NEVER)
    stopped = np.flatnonzero(ended)
    eot = _rows(stopped, "EOT", end[stopped]).assign(lab=alive_at_end[stopped])
    safety = np.where(ended, events["last_dose"].to_numpy() + SAFETY_AFTER + between(rng, 0, 6, size), NEVER)
    seen = np.flatnonzero((safety < last_seen) & (safety > end))
    rounds = int(np.clip((last_seen - end)[ended].max() // SURVIVAL_EVERY, 0, 60)) if ended.any() else 0
    contact = end[:, None] + SURVIVAL_EVERY * np.arange(1, rounds + 1) + between(rng, -7, 7, (size, rounds))
    subj, which = np.nonzero(ended[:, None] & (contact < last_seen[:, None]))
    calls = pd.DataFrame({"subj": subj, "day": contact[subj, which]})
    left = np.minimum(death, events["dropout"].to_numpy())
    followed = np.flatnonzero(ended & (left < NEVER) & (left > end))
    calls = pd.concat([calls, pd.DataFrame({"subj": followed, "day": left[followed]})], ignore_index=True)
    calls = calls.sort_values(["subj", "day"], kind="stable").reset_index(drop=True)
    number = calls.groupby("subj").cumcount() + 1
    survival = _rows(calls["subj"].to_numpy(), ("SURV" + number.astype("str")).to_numpy(), calls["day"])
    off = np.flatnonzero(dosed & (left < NEVER))
    failed = np.flatnonzero(~dosed)
    failed_on = course.people["screened"].to_numpy()[failed] + between(rng, 1, 6, len(failed))
    return [
        eot, _rows(seen, "SFU", safety[seen]), survival, _rows(off, "EOS", left[off]), _rows(failed, "EOS", failed_on)
    ]  # fmt: skip


def _number_unscheduled(visits: pd.DataFrame, folder: str) -> pd.DataFrame:
    """Unscheduled visits repeat their folder; they are numbered by day."""
    visits = visits.sort_values(["subj", "day"], kind="stable").reset_index(drop=True)
    repeats = visits["folder"] == folder
    visits["instance"] = np.where(repeats, repeats.groupby(visits["subj"]).cumsum(), 0)
    return visits[COLUMNS]
