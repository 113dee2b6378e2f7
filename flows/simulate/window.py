"""The DLT window: what dose-limiting toxicities look like in counts, temperatures, events and transfusions.

A neutropenia of grade 4 brings counts every two to three days until it has passed. Some subjects without a DLT come
near to one, so that the limits are seen from both sides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from flows.simulate.arrays import stream
from flows.simulate.subjects import NEUTROPENIA, THROMBOCYTOPENIA

EVENT_COLUMNS = ["subj", "pt", "grade", "start", "end", "dlt"]


@dataclass(frozen=True)
class Window:
    """Calendar days throughout; `end` is the last day included."""

    unscheduled: pd.DataFrame  # subj, day: visits for counts
    dips: pd.DataFrame  # subj, analyte, start, end, value: counts in 10^9/L
    fevers: pd.DataFrame  # subj, day, temp (C)
    events: pd.DataFrame  # EVENT_COLUMNS; dlt: Y or N
    transfusions: pd.DataFrame  # subj, day
    pauses: pd.DataFrame  # subj, start, end: lenvatinib interrupted


class _Writer:
    """Collects what happens to one subject after another (there are a dozen)."""

    def __init__(self) -> None:
        self.unscheduled: list[tuple[int, int]] = []
        self.dips: list[tuple[int, str, int, int, float]] = []
        self.fevers: list[tuple[int, int, float]] = []
        self.events: list[tuple[int, str, int, int, int, str]] = []
        self.transfusions: list[tuple[int, int]] = []
        self.pauses: list[tuple[int, int, int]] = []

    def window(self) -> Window:
        def frame(rows: Sequence[tuple[object, ...]], columns: list[str]) -> pd.DataFrame:
            return pd.DataFrame(rows, columns=columns)

        return Window(
            frame(self.unscheduled, ["subj", "day"]),
            frame(self.dips, ["subj", "analyte", "start", "end", "value"]),
            frame(self.fevers, ["subj", "day", "temp"]),
            frame(self.events, EVENT_COLUMNS),
            frame(self.transfusions, ["subj", "day"]),
            frame(self.pauses, ["subj", "start", "end"]),
        )


def draw_window(people: pd.DataFrame, seed: int) -> Window:
    """The DLT window of every participant of phase Ib."""
    rng = stream(seed, "window")
    out = _Writer()
    finding = people[people["phase"] == "IB"]
    quiet = finding[(finding["dlt"] == 0) & finding["evaluable"]].index
    near = dict(
        zip(
            rng.permutation(quiet)[:4].tolist(),
            (_short_neutropenia, _exact_limits, _low_platelets, _fever),
            strict=False,
        )
    )
    for subj in finding.index:
        dose, dlt, evaluable = (people[column].to_numpy()[subj] for column in ("dose", "dlt", "evaluable"))
        if dlt == NEUTROPENIA:
            _long_neutropenia(out, subj, dose, rng)
        elif dlt == THROMBOCYTOPENIA:
            _thrombocytopenia(out, subj, dose, rng)
        elif not evaluable:
            out.pauses.append((subj, dose + 8, dose + 15))
            out.events.append((subj, "Diarrhoea", 2, dose + 7, dose + 15, "N"))
        elif subj in near:
            near[subj](out, subj, dose)
    return out.window()


def _long_neutropenia(out: _Writer, subj: int, dose: int, rng: np.random.Generator) -> None:
    """Grade 4 from day 8 for eight days, documented; with fever, and mostly with the event reported, too."""
    first = dose + 7
    out.dips.append((subj, "ANC", first, first + 8, 0.31))
    out.unscheduled += [(subj, first + after) for after in (2, 5, 10)]
    out.fevers.append((subj, first + 2, 38.9))
    out.events.append((subj, "Neutrophil count decreased", 4, first, first + 9, "Y"))
    if rng.random() < 0.7:
        out.events.append((subj, "Febrile neutropenia", 3, first + 2, first + 6, "Y"))
    else:
        out.events.append((subj, "Pyrexia", 1, first + 2, first + 4, "N"))
    out.pauses.append((subj, first + 1, first + 12))


def _thrombocytopenia(out: _Writer, subj: int, dose: int, rng: np.random.Generator) -> None:
    """Grade 3 with bleeding, grade 3 with a transfusion, or grade 4, from day 15; and a hepatitis of grade 3."""
    first = dose + 14
    kind = int(rng.integers(0, 3))
    out.dips.append((subj, "PLT", first, first + 4, 18 if kind == 2 else 38))
    out.unscheduled += [(subj, first + after) for after in (3, 6)]
    out.events.append((subj, "Platelet count decreased", 4 if kind == 2 else 3, first, first + 5, "Y"))
    if kind == 0:
        out.events.append((subj, "Epistaxis", 2, first + 1, first + 4, "Y"))
    elif kind == 1:
        out.transfusions.append((subj, first + 1))
    out.events.append((subj, "Autoimmune hepatitis", 3, first + 2, first + 30, "Y"))
    out.pauses.append((subj, first + 1, first + 10))


def _short_neutropenia(out: _Writer, subj: int, dose: int) -> None:
    """Grade 4, over two days later: no DLT."""
    first = dose + 7
    out.dips += [(subj, "ANC", first, first + 1, 0.45), (subj, "ANC", first + 2, first + 4, 0.82)]
    out.unscheduled += [(subj, first + 2), (subj, first + 5)]
    out.events.append((subj, "Neutrophil count decreased", 4, first, first + 4, "N"))


def _exact_limits(out: _Writer, subj: int, dose: int) -> None:
    """Exactly 0.5 and exactly 50 are not below."""
    out.dips += [(subj, "ANC", dose + 7, dose + 8, 0.5), (subj, "PLT", dose + 7, dose + 8, 50)]


def _low_platelets(out: _Writer, subj: int, dose: int) -> None:
    """Grade 3 without bleeding or transfusion: no DLT."""
    first = dose + 14
    out.dips.append((subj, "PLT", first, first + 2, 41))
    out.unscheduled.append((subj, first + 3))
    out.events.append((subj, "Platelet count decreased", 3, first, first + 3, "N"))


def _fever(out: _Writer, subj: int, dose: int) -> None:
    """Fever with normal neutrophils: no DLT."""
    out.fevers.append((subj, dose + 7, 38.6))
    out.events.append((subj, "Pyrexia", 1, dose + 7, dose + 9, "N"))
