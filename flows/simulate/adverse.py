"""Adverse events: which, when, how severe, what came of them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from flows.simulate.arrays import Bools, Ints, between, lognormal, pick, stream
from flows.simulate.course import Course
from flows.simulate.days import NEVER
from flows.simulate.dictionary import BLEEDING, BY_TERM, EVENTS, FATAL, MARROW
from flows.simulate.window import Window

FOLLOWED = 60  # days after the last dose in which events are still collected
AGAIN, WORSENED, EARLY = 0.15, 0.07, 0.05
COLUMNS = ["subj", "pt", "grade", "start", "end", "dlt", "action", "fatal", "group", "onward"]


def draw_events(course: Course, window: Window, seed: int) -> pd.DataFrame:
    """One row a line of the adverse event form, by subject and start.

    subj, pt, grade (1 to 5), start, end (NEVER while ongoing), dlt (Y, N or blank where it is not asked), action
    (lenvatinib: NC, INT, RED or WD), fatal, group (number of the event within the subject), onward (a later line of the
    same event goes on, at a higher grade).
    """
    rng = stream(seed, "adverse")
    parts = [_usual(course, event_number, rng) for event_number in range(len(EVENTS))]
    lines = pd.concat([*parts, _before_treatment(course, rng)], ignore_index=True)
    finding = (course.people["phase"] == "IB").to_numpy()
    low = lines["pt"].isin([*MARROW, *BLEEDING, "Pyrexia"]).to_numpy()
    lines = lines[~(finding[lines["subj"]] & low)]  # in phase Ib only the window says who has these
    lines = pd.concat(
        [lines, _of_window(window), _stopping(course, rng), _fatal(course, rng)], ignore_index=True
    )  # fmt: skip
    lines = _observed(course, lines)
    lines = lines.sort_values(["subj", "start", "pt"], kind="stable").reset_index(drop=True)
    lines["group"] = lines.groupby("subj").cumcount() + 1
    lines = _worsen(course, lines, rng)
    in_window = finding[lines["subj"]] & (lines["dlt"] == "")
    lines["dlt"] = lines["dlt"].mask(in_window, "N")
    return lines.sort_values(["subj", "group", "start"], kind="stable")[COLUMNS].reset_index(drop=True)


def _lines(subj: Ints, pt: object, grade: object, start: Ints, end: Ints, action: object = "NC") -> pd.DataFrame:
    at = {"subj": np.asarray(subj, dtype="int64"), "pt": pt, "grade": grade, "start": start, "end": end}
    return pd.DataFrame({**at, "dlt": "", "action": action, "fatal": False, "onward": False})


def _usual(course: Course, number: int, rng: np.random.Generator) -> pd.DataFrame:
    """One preferred term: onset anywhere under treatment, sooner rather than later; some have it twice."""
    event = EVENTS[number]
    first, last = course.people["dose"].to_numpy(), course.events["last_dose"].to_numpy()
    size = len(first)
    chance = rng.random((2, size))
    has = course.people["treated"].to_numpy() & (chance[0] < event.rate)
    once = np.flatnonzero(has)
    twice = np.flatnonzero(has & (chance[1] < AGAIN))
    subj = np.concatenate([once, twice])
    start = first[subj] + 1 + (rng.random(len(subj)) ** 1.6 * (last - first + 12)[subj]).astype("int64")
    end = start + lognormal(rng, event.days, 0.8, len(subj)).astype("int64")
    severe = rng.random(len(subj)) < event.severe / event.rate
    grade = np.where(severe, np.where(rng.random(len(subj)) < 0.1, 4, 3), between(rng, 1, 2, len(subj)))
    action = np.where(grade >= 3, pick(rng, ["NC", "INT", "RED"], len(subj), [0.45, 0.4, 0.15]), "NC")
    lines = _lines(subj, event.term, grade, start, end, action)
    second = np.arange(len(subj)) >= len(once)
    previous_end = pd.Series(end[: len(once)], index=once).reindex(subj).to_numpy()
    kept: Bools = ~second | (start > previous_end + 7)
    return lines[kept]


def _before_treatment(course: Course, rng: np.random.Generator) -> pd.DataFrame:
    """A few events begin between consent and first dose."""
    people = course.people
    subj = np.flatnonzero(people["treated"].to_numpy() & (rng.random(len(people)) < EARLY))
    start = between(rng, people["consent"].to_numpy()[subj], people["dose"].to_numpy()[subj] - 1)
    end = start + between(rng, 3, 40, len(subj))
    return _lines(subj, pick(rng, ["Anaemia", "Fatigue", "Decreased appetite"], len(subj)), 1, start, end)


def _of_window(window: Window) -> pd.DataFrame:
    told = window.events
    lines = _lines(
        told["subj"].to_numpy(), told["pt"].to_numpy(), told["grade"].to_numpy(dtype="int64"),
        told["start"].to_numpy(dtype="int64"), told["end"].to_numpy(dtype="int64"),
        np.where((told["grade"] >= 3) & (told["dlt"] == "Y"), "INT", "NC"),
    )  # fmt: skip
    return lines.assign(dlt=told["dlt"].to_numpy())


def _stopping(course: Course, rng: np.random.Generator) -> pd.DataFrame:
    """Who stops for an adverse event has one that says so."""
    subj = np.flatnonzero(course.events["reason"] == "AE")
    start = course.events["last_dose"].to_numpy()[subj] - between(rng, 0, 3, len(subj))
    terms = pick(rng, ["Pneumonitis", "Proteinuria", "Immune-mediated enterocolitis", "Fatigue"], len(subj))
    return _lines(subj, terms, 3, start, start + between(rng, 15, 60, len(subj)), "WD")


def _fatal(course: Course, rng: np.random.Generator) -> pd.DataFrame:
    """A death that is an adverse event: it began some days before, and ended with the death."""
    subj = np.flatnonzero(course.events["fatal_event"])
    death = course.events["death"].to_numpy()[subj]
    start = np.maximum(death - between(rng, 0, 6, len(subj)), course.people["dose"].to_numpy()[subj] + 1)
    return _lines(subj, pick(rng, FATAL, len(subj)), 5, start, death).assign(fatal=True)


def _observed(course: Course, lines: pd.DataFrame) -> pd.DataFrame:
    """Only what could be seen: nothing begins after the last contact, and an end that nobody saw is no end."""
    subj = lines["subj"].to_numpy()
    until = course.events["last_seen"].to_numpy()[subj]
    collected = np.minimum(course.events["last_dose"].to_numpy()[subj] + FOLLOWED, until)
    fatal = lines["fatal"].to_numpy()
    end = lines["end"].to_numpy()
    lines = lines.assign(end=np.where(~fatal & ((end >= until) | (end > collected)), NEVER, end))
    seen: Bools = fatal | (lines["start"].to_numpy() < collected)
    return lines[seen]


def _worsen(course: Course, lines: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Some events get worse: a second line of the same event begins where the first ends, one grade higher."""
    start, end = lines["start"].to_numpy(), lines["end"].to_numpy()
    last = np.minimum(end, course.events["last_seen"].to_numpy()[lines["subj"]] - 1)
    mild = np.isin(lines["grade"].to_numpy(), (1, 2)) & (lines["dlt"] == "").to_numpy()
    before = start < course.people["dose"].to_numpy()[lines["subj"]]
    share = np.where(before, 0.5, WORSENED)
    worse: Bools = mild & (last - start > 8) & (rng.random(len(lines)) < share)
    plain = ~lines["pt"].isin([*MARROW, "Rash"]).to_numpy()
    worse &= plain
    change = start + ((last - start) * rng.uniform(0.3, 0.8, len(lines))).astype("int64")
    change = np.where(before, np.maximum(change, course.people["dose"].to_numpy()[lines["subj"]] + 2), change)
    worse &= change < last
    second = lines[worse].assign(start=change[worse], grade=lines["grade"][worse] + 1)
    first = lines.assign(end=np.where(worse, change, end), onward=worse)
    return pd.concat([first, second], ignore_index=True)


def codes(pt: pd.Series) -> dict[str, pd.Series]:
    """The coding of preferred terms: AEPT, AEPTCD, AESOC, AESOCCD, as text."""
    coded = pd.DataFrame(
        [(e.term, str(e.code), e.soc, str(e.soc_code)) for e in BY_TERM.values()],
        columns=["AEPT", "AEPTCD", "AESOC", "AESOCCD"],
    ).set_index("AEPT", drop=False)
    coded = coded.reindex(pt).reset_index(drop=True)
    return {str(name): coded[name] for name in coded}
