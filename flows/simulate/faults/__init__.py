"""The faults that a simulated export holds, each planted on one record and written into the answer key."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from flows.simulate.faults import course, dates, events, lesions, structure, values
from flows.simulate.faults.mess import make_mess
from flows.simulate.faults.plan import KEY_COLUMNS, Fault, Planter
from flows.simulate.rave import Extras
from flows.simulate.records import Forms
from flows.simulate.truth import Truth

# in this order: what few subjects can have comes first, and partial dates come on what is left
FAULTS: tuple[Fault, ...] = (
    *course.FAULTS, *lesions.FAULTS, *values.FAULTS, *structure.FAULTS, *dates.FAULTS, *events.FAULTS,
)  # fmt: skip

__all__ = ["FAULTS", "KEY_COLUMNS", "Planted", "plant_faults"]


@dataclass(frozen=True)
class Planted:
    """The export as it will be written: forms, the subjects (a test subject among them), extras, and the answer key."""

    forms: Forms
    people: pd.DataFrame
    extras: Extras
    key: pd.DataFrame


def plant_faults(truth: Truth, forms: Forms, seqs: dict[str, float], *, clean: bool) -> Planted:
    """Plant every kind of fault, or none; records come back in the order of the EDC. `seqs`: order of the folders."""
    if clean:
        return Planted(forms, truth.people, Extras(), pd.DataFrame(columns=KEY_COLUMNS, dtype="str"))
    plan = Planter(truth, forms)
    for fault in FAULTS:
        fault.plant(plan, fault)
    make_mess(plan)
    ordered = {
        name: rows.assign(seq=rows["folder"].map(seqs))
        .sort_values(["subj", "seq", "instance", "position"], kind="stable", ignore_index=True)
        .drop(columns="seq")
        for name, rows in plan.forms.items()
    }
    return Planted(ordered, plan.people, plan.extras, plan.key())
