"""The gate after each half: the pandera schemas made from the specs decide whether the run goes on."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import pandas as pd

from flows.handoff import Half, dataset_spec
from specs import StudySpec
from specs.errors import GateError, Problem
from specs.findings import combine, report
from specs.schemas import FINDING, Violation, find_violations, judge, stops

_NOT_MADE = "make sure that the source holds such records, or say `may_be_empty: true` in the dataset's spec."


def look_for_violations(datasets: Mapping[str, pd.DataFrame], study: StudySpec, half: Half) -> list[Violation]:
    """What the datasets of a half, or of a part of it, have against their specs."""
    return [
        violation
        for name, frame in datasets.items()
        for violation in find_violations(frame, dataset_spec(study, half, name), study)
    ]


def open_gate(violations: Iterable[Violation], rows: Mapping[str, int], study: StudySpec, half: Half) -> pd.DataFrame:
    """Judge every dataset of a half, from what its parts have against the specs and how many rows it has.

    Returns findings GATE-601, one a dataset, variable and check, for values that are dirty; raises GateError with
    everything structural of all datasets at once: no rows, keys twice, a required variable absent or missing in every
    row, a wrong type. A study in the making, without datasets yet, passes.
    """
    specs = {name: dataset_spec(study, half, name) for name in rows}
    judged = judge(violations, rows, specs, study)
    problems = [*_absent(rows, study, half), *stops(judged)]
    if problems:
        raise GateError(problems)
    return violations_as_findings(judged)


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


def _absent(datasets: Collection[str], study: StudySpec, half: Half) -> list[Problem]:
    """Datasets of the spec that were not made at all. What ADaM leaves out for want of a domain is its own finding."""
    if half == "adam":
        return []
    return [
        Problem(code="GATE-201", place=name, fact=f"Dataset {name} was not made.", next_step=_NOT_MADE)
        for name, spec in study.sdtm.items()
        if name not in datasets and not spec.may_be_empty
    ]
