"""The dose finding: 3+3 cohorts, one after the other, decided as the trial would decide them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count

import numpy as np

from specs.loader import StudySpec
from specs.models import Arm, DltParameters

TRUE_DLT_RATES = (0.10, 0.22, 0.40)  # by dose level, lowest first
COHORT = 3
DAYS_BETWEEN_SUBJECTS = 7
DAYS_OF_OBSERVATION = 28  # from the last subject of a cohort to the first of the next


@dataclass(frozen=True)
class Slot:
    """One participant of phase Ib: arm, day of first dose after the start of the study, and what happens."""

    arm: str
    day: int
    dlt: bool
    evaluable: bool


def escalate(study: StudySpec, rng: np.random.Generator) -> list[Slot]:
    """The participants of phase Ib in the order of their first doses.

    Levels are opened up to the one that has the doses of phase II, which is the recommended one: the study's spec
    states it, so a draw that stops a level, or has no DLT to show at any, is drawn again.
    """
    assert study.study.parameters is not None
    assert study.study.parameters.dlt is not None
    rule = study.study.parameters.dlt
    levels = _levels(study.study.arms)
    for _ in count():
        outcomes = [rng.random(2 * COHORT) < rate for rate, _ in zip(TRUE_DLT_RATES, levels, strict=False)]
        treated = [_treated(seen, last=level == levels[-1]) for seen, level in zip(outcomes, levels, strict=False)]
        toxic = [int(seen[:size].sum()) for seen, size in zip(outcomes, treated, strict=True)]
        if sum(toxic) >= min(2, len(toxic)) and all(
            _cleared(size, dlts, rule) for size, dlts in zip(treated, toxic, strict=True)
        ):
            break
    return _in_time(levels, outcomes, treated, rng)


def _levels(arms: dict[str, Arm]) -> list[str]:
    """Arms of phase Ib by level, up to the one with the doses of phase II."""
    finding = sorted((a.level or 0, name) for name, a in arms.items() if a.phase == "IB")
    recommended = [a.doses for a in arms.values() if a.phase == "II"]
    names = [name for _, name in finding]
    last = next((i for i, name in enumerate(names) if arms[name].doses in recommended), len(names) - 1)
    return names[: min(last + 1, len(TRUE_DLT_RATES))]


def _treated(dlts: np.ndarray, *, last: bool) -> int:
    """Three, and three more after a DLT; the level to be recommended always gets six."""
    return 2 * COHORT if last or dlts[:COHORT].any() else COHORT


def _cleared(treated: int, dlts: int, rule: DltParameters) -> bool:
    few = treated >= rule.clear_min_evaluable and dlts == 0
    return few or (treated >= rule.expand_min_evaluable and dlts <= rule.expand_max_dlt)


def _in_time(levels: list[str], outcomes: list[np.ndarray], treated: list[int], rng: np.random.Generator) -> list[Slot]:
    """Cohorts one after the other; with some luck one participant is not evaluable and is replaced."""
    slots: list[Slot] = []
    day = 0
    replaced = rng.random() < 0.7
    for level, seen, size in zip(levels, outcomes, treated, strict=False):
        for start in range(0, size, COHORT):
            for dlt in seen[start : start + COHORT]:
                slots.append(Slot(level, day, dlt=bool(dlt), evaluable=True))
                day += DAYS_BETWEEN_SUBJECTS
                if replaced and level == levels[-1] and start and not dlt:
                    slots[-1] = Slot(level, slots[-1].day, dlt=False, evaluable=False)
                    slots.append(Slot(level, day, dlt=False, evaluable=True))
                    day += DAYS_BETWEEN_SUBJECTS
                    replaced = False
            day += DAYS_OF_OBSERVATION - DAYS_BETWEEN_SUBJECTS
    return slots
