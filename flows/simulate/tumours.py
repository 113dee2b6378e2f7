"""Lesions at baseline, and how they change from scan to scan."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from flows.simulate.arrays import Bools, Floats, Ints, Texts, between, lognormal, pick, stream
from flows.simulate.recist import (
    ABSENT,
    EQUIVOCAL,
    NO_NEW,
    NOT_DONE,
    PRESENT,
    PROGRESSED,
    UNEQUIVOCAL,
    Measured,
)  # fmt: skip
from specs.models import ResponseParameters

TARGETS, NONTARGETS = 6, 3  # room for lesions of one subject; six targets are one too many
NODES = ("MEDLN", "CERLN", "ABDLN")
TARGET_PLACES = ("NODE", "NODE", "LUNG", "LUNG", "LIVER", "LIVER", "ADREN", "ADREN")
TARGET_WEIGHTS = (1.5, 0.8, 0.8, 0.4, 0.6, 0.4, 0.15, 0.1)
NONTARGET_PLACES = ("ESOPH", "BONE", "PLEUR", "LUNG", "LIVER", "MEDLN", "CERLN")
NEW_PLACES = ("LUNG", "LIVER", "BRAIN", "ADREN", "PLEUR")
NONMEASURABLE_ONLY = 0.04
SHRINKING_DAYS = 33.0
NOT_EVALUATED, EQUIVOCAL_SHARE, SPLITS, MERGES = 0.03, 0.03, 0.025, 0.025


@dataclass(frozen=True)
class Lesions:
    """The lesions of every subject at baseline, and what becomes of them."""

    place: Texts  # subject x target: LOCATION codes, "" where there is none
    nontarget_place: Texts
    new_place: Texts  # subject
    new_size: Ints  # subject, tenths of a millimetre at the first scan that shows it
    too_small: Bools  # subject x target x scan: seen, but too small to measure
    split: Ints  # subject: first scan at which T01 lies in two parts, or a scan that never comes
    merged: Ints  # subject: first scan at which T02 has merged into T01
    measured: Measured


def draw_lesions(
    people: pd.DataFrame, latent: pd.DataFrame, days: Ints, tenths: Bools, rule: ResponseParameters, seed: int,
    *, clean: bool,
) -> Lesions:  # fmt: skip
    """Lesions at scans on the given days after first dose (subject x scan, in order of time).

    Every scan is taken as done; who looks, and until when, is decided elsewhere. Only a study that is not clean has
    lesions that were not evaluated.
    """
    rng = stream(seed, "tumours")
    size, scans = days.shape
    place, nontarget_place = _places(people, latent, rng)
    node = np.isin(place, NODES)
    real = place != ""
    whole = np.where(
        node, 150 + rng.gamma(2, 35, place.shape), np.clip(lognormal(rng, 300, 0.4, place.shape), 110, 950)
    )
    grain = np.where(tenths, 1, 10)[:, None]
    baseline = np.where(real, (whole // grain) * grain, 0).astype("int64")
    change = _change(latent, days, rng)
    own = np.exp(rng.normal(0, 0.12, place.shape))
    noise = np.exp(rng.normal(0, 0.02, (size, TARGETS, scans)))
    current = baseline[:, :, None] * change[:, None, :] ** own[:, :, None] * noise
    gone = _gone(latent, days)[:, None, :]
    current = np.where(gone, np.where(node[:, :, None], 60, 0), current)
    current = np.where(~node[:, :, None] & (current < 20), 0, current)
    stays = np.where(node[:, 0], round(rule.node_normal_mm * 10), 60)[:, None] * ~gone[:, 0, :]
    current[:, 0] = np.where(real[:, :1], np.maximum(current[:, 0], stays), 0)  # only a CR leaves no lesion
    small = ~node[:, :, None] & (current > 0) & (current < 60) & (rng.random(current.shape) < 0.6)
    current = np.where(small, round(rule.too_small_mm * 10), (current // grain[:, :, None]) * grain[:, :, None])
    measured = Measured(
        baseline=baseline, size=current.astype("int64"), missing=np.zeros(current.shape, dtype=bool), node=node,
        nontarget=_nontargets(latent, days, nontarget_place, gone[:, 0, :], rng), has_nontarget=nontarget_place != "",
        new=_new(latent, days, nontarget_place), done=np.ones((size, scans), dtype=bool),
    )  # fmt: skip
    never = np.full(size, scans)
    lesions = Lesions(
        place,
        nontarget_place,
        pick(rng, NEW_PLACES, size),
        between(rng, 10, 25, size) * 10,
        small,
        never,
        never,
        measured,
    )
    lesions = _split_and_merge(lesions, latent, rng)
    lesions = _equivocal(lesions, latent, days, rng)
    return lesions if clean else _not_evaluated(lesions, rng)


def _places(people: pd.DataFrame, latent: pd.DataFrame, rng: np.random.Generator) -> tuple[Texts, Texts]:
    """At most five targets, at most two in an organ (all nodes being one); a few subjects have none."""
    size = len(people)
    count = rng.choice([1, 2, 3, 4, 5], size, p=[0.25, 0.30, 0.25, 0.12, 0.08])
    bare = (rng.random(size) < NONMEASURABLE_ONLY) & (latent["response"].to_numpy() != "PR")
    old, sixth = people["old_scan"].to_numpy(), people["sixth"].to_numpy()
    count = np.select([old, sixth, bare], [1, TARGETS, 0], count)
    others = rng.choice([0, 1, 2, 3], size, p=[0.25, 0.35, 0.25, 0.15])
    others = np.where(old, 0, np.where(count == 0, np.maximum(others, 1), others))
    target = _without_repeat(TARGET_PLACES, TARGET_WEIGHTS, count, TARGETS, rng)
    target = np.where(target == "NODE", pick(rng, NODES, target.size).reshape(target.shape), target)
    return target, _without_repeat(NONTARGET_PLACES, (1.0,) * len(NONTARGET_PLACES), others, NONTARGETS, rng)


def _without_repeat(
    places: tuple[str, ...], weights: tuple[float, ...], count: Ints, room: int, rng: np.random.Generator
) -> Texts:
    """The first `count` places of a weighted shuffle, subject by subject."""
    keys = rng.exponential(1, (len(count), len(places))) / np.asarray(weights)
    shuffled = np.asarray(places, dtype=object)[np.argsort(keys, axis=1)[:, :room]]
    return np.where(np.arange(room) < count[:, None], shuffled, "").astype(object)


def _change(latent: pd.DataFrame, days: Ints, rng: np.random.Generator) -> Floats:
    """Size relative to baseline: shrinks to a depth, then grows by a third of what it is up to the progression."""
    response, progress = latent["response"].to_numpy(), latent["progress"].to_numpy().astype("float64")
    size = len(latent)
    depth = np.select(
        [response == "CR", response == "PR", response == "SD"],
        [np.full(size, 0.95), rng.uniform(0.38, 0.75, size), rng.uniform(-0.04, 0.26, size)],
        rng.uniform(-0.1, 0.02, size),
    )
    start = np.where(response == "PD", 0, 0.7 * progress)
    pace = np.log(1.36) / np.maximum(progress - start, 10)
    pace = np.where(response == "CR", 0, np.where(latent["kind"] == "SUM", pace, 0.25 * pace))
    shrunk = 1 - depth[:, None] * (1 - np.exp(-days / SHRINKING_DAYS))
    return np.asarray(shrunk * np.exp(np.minimum(pace[:, None] * np.maximum(days - start[:, None], 0), 1.5)))


def _gone(latent: pd.DataFrame, days: Ints) -> Bools:
    """Complete responders are free of disease from some ten weeks on."""
    return np.asarray((latent["response"] == "CR").to_numpy()[:, None] & (days > 70))


def _nontargets(latent: pd.DataFrame, days: Ints, place: Texts, gone: Bools, rng: np.random.Generator) -> Ints:
    """Present; absent in a complete response and for some good responders; the first one shows some progressions."""
    shape = (*place.shape, days.shape[1])
    fades = (latent["response"] == "PR").to_numpy()[:, None] & (rng.random(place.shape) < 0.15)
    absent = gone[:, None, :] | (fades[:, :, None] & (days > 60)[:, None, :])
    state = np.where(np.broadcast_to(absent, shape), ABSENT, PRESENT)
    worse = (latent["kind"] == "NONTARGET").to_numpy()[:, None] & (days >= latent["progress"].to_numpy()[:, None])
    state[:, 0, :] = np.where(worse & (place[:, 0] != "")[:, None], PROGRESSED, state[:, 0, :])
    return np.asarray(state, dtype="int64")


def _new(latent: pd.DataFrame, days: Ints, nontarget_place: Texts) -> Ints:
    """New lesions show some progressions, and those of subjects who have no non-target to show them."""
    kind = latent["kind"].to_numpy()
    shows = (kind == "NEW") | ((kind == "NONTARGET") & (nontarget_place[:, 0] == ""))
    late = days >= latent["progress"].to_numpy()[:, None]
    return np.where(shows[:, None] & late, UNEQUIVOCAL, NO_NEW).astype("int64")


def _split_and_merge(lesions: Lesions, latent: pd.DataFrame, rng: np.random.Generator) -> Lesions:
    """T01 falls into two parts, or T02 in the same organ grows into it: the sum goes on without a jump."""
    seen = lesions.measured
    size, _, scans = seen.size.shape
    room = np.isin(latent["response"].to_numpy(), ("PR", "SD")) & ~seen.node[:, 0] & (seen.baseline[:, 0] >= 300)
    chance = rng.random(size)
    first = between(rng, 0, 2, size)
    split = np.where(room & (chance < SPLITS), first, scans)
    beside = room & (lesions.place[:, 0] == lesions.place[:, 1]) & (chance > 1 - 6 * MERGES)
    merged = np.where(beside, first, scans)
    together = np.arange(scans) >= merged[:, None]
    total = seen.size.copy()
    total[:, 0] = np.where(together, (total[:, 0] + total[:, 1]) // 10 * 10, total[:, 0])
    total[:, 1] = np.where(together, 0, total[:, 1])
    small = lesions.too_small.copy()
    in_parts = np.arange(scans) >= split[:, None]
    total[:, 0] = np.where(in_parts, np.maximum(total[:, 0], 80), total[:, 0])
    small[:, 0] &= ~(together | in_parts)
    small[:, 1] &= ~together
    return replace(lesions, split=split, merged=merged, too_small=small, measured=replace(seen, size=total))


def _equivocal(lesions: Lesions, latent: pd.DataFrame, days: Ints, rng: np.random.Generator) -> Lesions:
    """A doubtful new lesion at the first or second scan before progression, gone at the next."""
    size = len(latent)
    scans = days.shape[1]
    at = 2 * between(rng, 0, 1, size)  # every other scan is a planned one
    progress = latent["progress"].to_numpy()
    chosen = (rng.random(size) < EQUIVOCAL_SHARE) & (latent["response"] != "CR").to_numpy()
    chosen &= progress > 92 + 42 * at / 2
    new = np.where(chosen[:, None] & (np.arange(scans) == at[:, None]), EQUIVOCAL, lesions.measured.new)
    return replace(lesions, measured=replace(lesions.measured, new=new.astype("int64")))


def _not_evaluated(lesions: Lesions, rng: np.random.Generator) -> Lesions:
    """At some scans one lesion cannot be evaluated."""
    seen = lesions.measured
    size, _, scans = seen.size.shape
    blind = rng.random((size, scans)) < NOT_EVALUATED
    target = blind & (lesions.place[:, 0] != "")[:, None] & (rng.random((size, scans)) < 0.75)
    missing = seen.missing.copy()
    missing[:, 0] = target & (np.arange(scans) < np.minimum(lesions.split, lesions.merged)[:, None])
    nontarget = seen.nontarget.copy()
    nontarget[:, 0] = np.where(blind & ~target & (nontarget[:, 0] == PRESENT), NOT_DONE, nontarget[:, 0])
    return replace(lesions, measured=replace(seen, missing=missing, nontarget=nontarget))
