"""The gate after each half: the pandera schemas made from the specs decide whether the run goes on."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from flows.handoff import Half, dataset_spec
from specs import StudySpec
from specs.errors import GateError, Problem
from specs.findings import combine, report
from specs.schemas import FINDING, check_dataset, stops

_NOT_MADE = "make sure that the source holds such records, or say `may_be_empty: true` in the dataset's spec."


def open_gate(datasets: Mapping[str, pd.DataFrame], study: StudySpec, half: Half) -> pd.DataFrame:
    """Check every dataset of a half against its spec.

    Returns findings GATE-601, one a dataset, variable and check, for values that are dirty; raises GateError with
    everything structural of all datasets at once: no rows, keys twice, a required variable absent or missing in every
    row, a wrong type.
    """
    violations = pd.concat(
        [check_dataset(frame, dataset_spec(study, half, name), study) for name, frame in datasets.items()],
        ignore_index=True,
    )
    problems = [*_absent(datasets, study, half), *stops(violations)]
    if problems:
        raise GateError(problems)
    return violations_as_findings(violations)


def violations_as_findings(violations: pd.DataFrame) -> pd.DataFrame:
    """The violations that do not end a run, as findings."""
    dirty = violations[violations["severity"] == FINDING]
    return combine(
        [
            report(
                "GATE-601", group, dataset=str(dataset), variable=str(variable), value=group["examples"],
                said=group["message"],
                check=group["check"], count=group["rows"].astype("str"),
            )
            for (dataset, variable), group in dirty.groupby(["dataset", "variable"], sort=False)
        ]
    )  # fmt: skip


def _absent(datasets: Mapping[str, pd.DataFrame], study: StudySpec, half: Half) -> list[Problem]:
    """Datasets of the spec that were not made at all. What ADaM leaves out for want of a domain is its own finding."""
    if half == "adam":
        return []
    return [
        Problem(code="GATE-201", place=name, fact=f"Dataset {name} was not made.", next_step=_NOT_MADE)
        for name, spec in study.sdtm.items()
        if name not in datasets and not spec.may_be_empty
    ]
