"""What would happen to each subject if nobody looked: progression, death, loss, toxicity. Days after first dose."""

from __future__ import annotations

import numpy as np
import pandas as pd

from flows.simulate.arrays import Bools, Floats, Ints, between, lognormal, pick, stream
from flows.simulate.days import NEVER
from flows.simulate.subjects import SNAPSHOT

CLASSES = ("CR", "PR", "SD", "PD")
SHARES = (0.025, 0.235, 0.57, 0.17)
PROGRESSION = {"CR": (420, 0.4), "PR": (235, 0.5), "SD": (138, 0.5), "PD": (32, 0.25)}  # median days, log spread
EARLIEST = {"CR": 220, "PR": 130, "SD": 50, "PD": 15}
KINDS = ("SUM", "NEW", "NONTARGET")  # what shows the progression
KIND_SHARES = (0.55, 0.30, 0.15)
DEATH_BEFORE, DEATH_AFTER = 0.0009, 0.0042  # hazards a day before and after progression
DROPOUT = 0.00025  # withdrawal or loss to follow-up, hazard a day
TOXICITY_STOPS, PHYSICIAN_STOPS = 0.08, 0.04
LATER_THERAPY = 0.40
SAFE_DAYS = 35  # nobody of phase Ib leaves before, so that the DLT window is complete
DATA_ENTRY = 4  # days between the last event and the snapshot


def draw_latent(people: pd.DataFrame, seed: int) -> pd.DataFrame:
    """What is in store for each subject, one row each.

    response, kind, progress, death, dropout, toxicity, physician, therapy_early, therapy_gap,
    horizon (all days after first dose, NEVER where it does not come), fatal_event (the death is an adverse event).
    """
    rng = stream(seed, "latent")
    size = len(people)
    response = pick(rng, CLASSES, size, SHARES)
    median = np.vectorize({name: v[0] for name, v in PROGRESSION.items()}.get, otypes=[float])(response)
    spread = np.vectorize({name: v[1] for name, v in PROGRESSION.items()}.get, otypes=[float])(response)
    earliest = np.vectorize(EARLIEST.get, otypes=[float])(response)
    progress = np.maximum(lognormal(rng, median, 1.0, size) ** spread * median ** (1 - spread), earliest)
    horizon = np.maximum(SNAPSHOT - DATA_ENTRY - people["dose"].to_numpy(), 0)
    good = np.isin(response, ("CR", "PR"))
    death = _death(rng, progress, np.where(good, 0.7, 1.0))
    dropout = _rare(rng, np.full(size, DROPOUT), size)
    toxicity = np.where(rng.random(size) < TOXICITY_STOPS, between(rng, 25, 200, size), NEVER)
    physician = np.where(
        rng.random(size) < PHYSICIAN_STOPS, (progress * rng.uniform(0.5, 0.9, size)).astype(int), NEVER
    )
    physician = np.where(physician < 30, NEVER, physician)
    early = np.where(physician < NEVER, physician + between(rng, 10, 30, size), NEVER)
    finding = (people["phase"] == "IB").to_numpy()
    out = pd.DataFrame(
        {
            "response": response,
            "kind": np.where(response == "CR", "NEW", pick(rng, KINDS, size, KIND_SHARES)),
            "progress": progress.astype("int64"),
            "death": _safe(death, finding),
            "dropout": _safe(dropout, finding),
            "toxicity": _safe(toxicity, finding),
            "physician": _safe(physician, finding),
            "therapy_early": np.where(finding, NEVER, early),
            "therapy_gap": np.where(
                rng.random(size) < LATER_THERAPY, np.maximum(lognormal(rng, 35, 0.5, size), 8), NEVER
            ).astype("int64"),
            "horizon": horizon,
        }
    )
    out["fatal_event"] = _fatal_event(out, (people["phase"] == "II").to_numpy(), rng.random(size) < 0.16)
    return out


def _death(rng: np.random.Generator, progress: Floats, frailty: Floats) -> Ints:
    """A hazard that rises with progression."""
    need = rng.exponential(1, len(progress)) / frailty
    early = need / DEATH_BEFORE
    late = progress + (need - DEATH_BEFORE * progress) / DEATH_AFTER
    return np.asarray(np.clip(np.where(early < progress, early, late), 6, NEVER), dtype="int64")


def _rare(rng: np.random.Generator, hazard: Floats, size: int) -> Ints:
    return np.asarray(np.clip(rng.exponential(1, size) / hazard, 10, NEVER), dtype="int64")


def _safe(days: Ints, finding: Bools) -> Ints:
    return np.where(finding & (days < SAFE_DAYS), days + SAFE_DAYS, days)


def _fatal_event(latent: pd.DataFrame, expansion: Bools, chosen: Bools) -> Bools:
    """Some deaths of phase II before progression are adverse events, and one at least where there are such deaths."""
    end = latent[["progress", "dropout", "toxicity", "physician", "horizon"]].min(axis=1).to_numpy()
    under_treatment = expansion & (latent["death"].to_numpy() < end)
    fatal = under_treatment & chosen
    if not fatal.any():
        fatal[np.flatnonzero(under_treatment)[:1]] = True
    return np.asarray(fatal, dtype="bool")
