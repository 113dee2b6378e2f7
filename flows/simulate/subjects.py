"""Who is in the study: sites, numbers, demography, arms, consent and first dose."""

from __future__ import annotations

import numpy as np
import pandas as pd

from flows.simulate.arrays import Ints, between, lognormal, pick, stream
from flows.simulate.days import NEVER, day
from flows.simulate.escalation import escalate
from specs.errors import Problem, UsageError
from specs.loader import StudySpec

FIRST_DOSE_EVER = day("2023-03-06")
LAST_ENTRY = day("2025-06-30")
SNAPSHOT = day("2026-03-31")  # the last day anything is saved
SCREEN_FAILURES = 0.12
MAX_SITES, MAX_AT_SITE = 98, 999
NEUTROPENIA, THROMBOCYTOPENIA = 1, 2  # the two kinds of haematological DLT, in the column `dlt`

CITIES = (
    "Guangzhou", "Shanghai", "Beijing", "Chengdu", "Zhengzhou", "Hangzhou", "Wuhan", "Nanjing", "Jinan", "Harbin",
    "Changsha", "Fuzhou", "Hefei", "Shantou",
)  # fmt: skip


def draw_subjects(study: StudySpec, size: int, seed: int, *, clean: bool) -> pd.DataFrame:
    """One row a subject number, in order of consent.

    Columns: number, site, treated, arm, phase, dlt (0, NEUTROPENIA, THROMBOCYTOPENIA), evaluable, previous (row of the
    number before a re-screening, -1), old_scan, sixth (chosen for a fault of the baseline), consent, screened, scan,
    enrolled, dose (days; NEVER for screen failures), birth, age, sex, race, ecog, height, weight. Raises UsageError
    for a size that five-digit subject numbers cannot hold.
    """
    if not 1 <= size <= MAX_SITES * MAX_AT_SITE:
        raise UsageError(
            Problem(
                code="SIM-001", place=f"--subjects {size}", fact="The simulator makes 1 to 97,902 subjects.",
                next_step="give a number in this range.",
            )
        )  # fmt: skip
    rng = stream(seed, "subjects")
    failures = round(SCREEN_FAILURES * size)
    people = pd.concat([_treated(study, size - failures, rng), _failures(failures, rng)], ignore_index=True)
    people = _choose_for_baseline_faults(people, rng, clean=clean)
    people = _screening(people, rng)
    people = _demography(people, rng)
    people = people.join(pd.DataFrame({"site": _sites(size, rng), "previous": -1}))
    if not clean:
        people = _rescreen(people, rng)
    people["age"] = _age(people["birth"].to_numpy(), people["consent"].to_numpy())
    return _numbered(people)


def _treated(study: StudySpec, size: int, rng: np.random.Generator) -> pd.DataFrame:
    """Phase Ib first, then phase II at the recommended dose."""
    finding = escalate(study, rng)
    kinds = rng.permutation([NEUTROPENIA, THROMBOCYTOPENIA])
    toxic = np.cumsum([slot.dlt for slot in finding])
    expansion = next((name for name, arm in study.study.arms.items() if arm.phase == "II"), finding[-1].arm)
    opened = FIRST_DOSE_EVER + finding[-1].day + 42
    rest = max(0, size - len(finding))
    people = pd.DataFrame(
        {
            "arm": [s.arm for s in finding] + [expansion] * rest,
            "dose": np.r_[[FIRST_DOSE_EVER + s.day for s in finding], np.sort(between(rng, opened, LAST_ENTRY, rest))],
            "dlt": [int(kinds[(n - 1) % 2]) if s.dlt else 0 for s, n in zip(finding, toxic, strict=True)] + [0] * rest,
            "evaluable": [s.evaluable for s in finding] + [True] * rest,
        }
    ).head(size)
    people["phase"] = people["arm"].map({name: arm.phase for name, arm in study.study.arms.items()})
    return people.assign(treated=True)


def _failures(size: int, rng: np.random.Generator) -> pd.DataFrame:
    screened = between(rng, FIRST_DOSE_EVER + 20, LAST_ENTRY, size)
    return pd.DataFrame(
        {"arm": "", "dose": NEVER, "dlt": 0, "evaluable": True, "phase": "", "treated": False, "screened": screened}
    )


def _choose_for_baseline_faults(people: pd.DataFrame, rng: np.random.Generator, *, clean: bool) -> pd.DataFrame:
    """Some of phase II have a baseline scan that is too old, others six target lesions."""
    people = people.assign(old_scan=False, sixth=False)
    expansion = np.flatnonzero(people["phase"] == "II")
    count = 0 if clean else min(1 + len(people) // 500, len(expansion) // 2)
    chosen = rng.permutation(expansion)[: 2 * count]
    people.loc[chosen[:count], "old_scan"] = True
    people.loc[chosen[count:], "sixth"] = True
    return people


def _screening(people: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Consent, then screening visit and baseline scan within 28 days before first dose, then enrolment."""
    size = len(people)
    dosed = people["treated"].to_numpy()
    dose = people["dose"].to_numpy()
    before = between(rng, 4, 18, size)
    screened = np.where(dosed, dose - before, people.get("screened", pd.Series(0, index=people.index)).fillna(0))
    consent = screened - between(rng, 0, 6, size)
    scan = consent + between(rng, 0, np.maximum(dose - 2 - consent, 0))
    old = people["old_scan"].to_numpy()
    scan = np.where(old, dose - between(rng, 31, 38, size), scan)
    consent = np.where(old, scan - 1, consent)
    enrolled = np.where(dosed, dose - between(rng, 0, 1, size), NEVER)
    days = {"screened": screened, "consent": consent, "scan": scan, "enrolled": enrolled}
    return people.assign(**{name: values.astype("int64") for name, values in days.items()})


def _demography(people: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    size = len(people)
    male = rng.random(size) < 0.85
    age = np.clip(rng.normal(62, 8, size), 36, 75.5)
    return people.assign(
        birth=(people["consent"] - age * 365.25).astype("int64"),
        sex=np.where(male, "M", "F"),
        race=pick(rng, ["ASIAN", "WHITE", "OTHER"], size, [0.97, 0.02, 0.01]),
        ecog=(rng.random(size) < 0.7).astype("int64"),
        height=np.where(male, rng.normal(168, 6, size), rng.normal(158, 5, size)).round().astype("int64"),
        weight=np.clip(np.where(male, lognormal(rng, 61, 0.14, size), lognormal(rng, 53, 0.14, size)), 40, 98),
    )


def _sites(size: int, rng: np.random.Generator) -> Ints:
    sites = int(np.clip(-(-size // 15), 3, MAX_SITES))
    return np.asarray(rng.permutation(np.arange(size) % sites) + 1, dtype="int64")


def _rescreen(people: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Some screen failures come back under a new number: the same person at the same site, two months later."""
    failed = np.flatnonzero(~people["treated"])
    returned = np.flatnonzero((people["phase"] == "II") & ~people["old_scan"] & ~people["sixth"])
    count = min(1 + len(people) // 500, len(failed), len(returned))
    first, second = rng.permutation(failed)[:count], rng.permutation(returned)[:count]
    earlier = people["consent"].to_numpy()[second] - between(rng, 45, 75, count)
    people.loc[first, "screened"] = earlier + people["screened"].to_numpy()[first] - people["consent"].to_numpy()[first]
    people.loc[first, "consent"] = earlier
    for column in ("site", "birth", "sex", "race", "height", "weight"):
        people.loc[first, column] = people[column].to_numpy()[second]
    people.loc[second, "previous"] = first
    return people


def _age(birth: Ints, on: Ints) -> Ints:
    """Completed years."""
    born, then = birth.astype("datetime64[D]"), on.astype("datetime64[D]")
    years = then.astype("datetime64[Y]").astype("int64") - born.astype("datetime64[Y]").astype("int64")
    of_year = [
        100 * (d.astype("datetime64[M]").astype("int64") % 12) + (d - d.astype("datetime64[M]")).astype("int64")
        for d in (born, then)
    ]
    return np.asarray(years - (of_year[1] < of_year[0]), dtype="int64")


def _numbered(people: pd.DataFrame) -> pd.DataFrame:
    """In order of consent; numbers count by site in that order."""
    order = np.argsort(people["consent"].to_numpy(), kind="stable")
    place = np.empty(len(order), dtype="int64")
    place[order] = np.arange(len(order))
    people = people.iloc[order].reset_index(drop=True)
    earlier = people["previous"].to_numpy()
    people["previous"] = np.where(earlier >= 0, place[earlier], -1)
    at_site = people.groupby("site").cumcount() + 1
    people["number"] = people["site"].astype("str").str.zfill(2) + at_site.astype("str").str.zfill(3)
    return people
