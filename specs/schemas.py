"""Pandera schemas made from the specs, and what a finished dataset has that they refuse.

`dataset_schema` is the schema; `check_dataset` gives every violation as a row, `stops` and `gate` what ends a run.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaError, SchemaErrorReason, SchemaErrors

from specs.column_checks import column_checks
from specs.errors import GateError, Problem
from specs.loader import StudySpec
from specs.models import DatasetSpec, VariableSpec

STOP, FINDING = "stop", "finding"
VIOLATIONS = ["dataset", "check", "variable", "rows", "examples", "message", "severity"]
_EXAMPLES = 3

# check -> code of the gate, and what to do
_GATES = {
    "rows": (
        "GATE-201",
        "check that the source holds such records, or say `may_be_empty: true` in the dataset's spec.",
    ),
    "present": ("GATE-202", "have the variable made, or taken out of the dataset's spec."),
    "required": ("GATE-203", "look for the source of the variable: nothing of it arrived."),
    "keys": ("GATE-204", "look at the records named: one of them is doubled, or the keys do not tell them apart."),
    "type": ("GATE-205", "mend the step that makes the variable."),
    "order": ("GATE-206", "put the variables into the order of the dataset's spec."),
    "known": ("GATE-207", "take the variable out, or add it to the dataset's spec."),
}


def expected_dtype(variable: VariableSpec) -> str:
    """The pandas dtype that a finished dataset has for a variable."""
    if variable.type == "Char":
        return "str"
    return "datetime64[us]" if variable.format in ("DATE9.", "DATETIME20.") else "float64"


def dataset_schema(spec: DatasetSpec, study: StudySpec) -> pa.DataFrameSchema:
    """The schema of a finished dataset: its variables in order, no others, nothing coerced, keys unique.

    A Req variable is not nullable. What pandera cannot see (rows at all, the unit of a datetime, `str` against
    `string`) is added by `check_dataset`.
    """
    columns = {
        name: pa.Column(
            expected_dtype(variable),
            checks=[check.as_pandera() for check in column_checks(name, variable, spec, study)],
            nullable=variable.core != "Req",
            coerce=False,
            title=variable.label,
            description=variable.says,
            metadata={"codelist": variable.codelist, "core": variable.core, "origin": variable.origin},
        )
        for name, variable in spec.variables.items()
    }
    return pa.DataFrameSchema(
        columns, strict=True, ordered=True, coerce=False, unique=list(spec.keys), report_duplicates="exclude_first",
        name=spec.dataset, title=spec.label, description=spec.structure,
    )  # fmt: skip


def check_dataset(frame: pd.DataFrame, spec: DatasetSpec, study: StudySpec) -> pd.DataFrame:
    """Every violation of a dataset's spec, one row a check and variable.

    Columns: dataset, check, variable (blank: the dataset as a whole), rows (how many), examples (the first values),
    message, severity. Severity `stop`, structural, the first that applies to a variable:

      1. rows      no rows, though the dataset may not be empty
      2. present   a required or key variable is absent
      3. known     a variable that the spec lacks
      4. order     variables out of the spec's order
      5. type      not `str`, float64 or datetime64[us], as the spec wants
      6. required  a required variable is missing in every row
      7. keys      two rows with equal keys

    Severity `finding`, dirty values: `required` (missing in some rows), another variable absent, and the checks of
    `column_checks`. `frame` is not changed.
    """
    found = list(_structure(frame, spec))
    broken = {violation["variable"] for violation in found if violation["check"] in ("present", "type", "required")}
    if len(frame):
        try:
            dataset_schema(spec, study).validate(frame, lazy=True)
        except SchemaErrors as errors:
            for error in errors.schema_errors:
                found += _from_pandera(error, frame, spec, study, broken)
    rows = pd.DataFrame(found, columns=VIOLATIONS)
    return rows.sort_values("severity", ascending=False, kind="stable", ignore_index=True)


def stops(violations: pd.DataFrame) -> list[Problem]:
    """The violations that end a run, as problems."""
    structural = violations[violations["severity"] == STOP]
    problems = []
    for dataset, check, variable, message in zip(
        structural["dataset"], structural["check"], structural["variable"], structural["message"], strict=True
    ):
        code, next_step = _GATES[check]
        place = f"{dataset}.{variable}" if variable else dataset
        problems.append(Problem(code=code, place=place, fact=message, next_step=next_step))
    return problems


def gate(frame: pd.DataFrame, spec: DatasetSpec, study: StudySpec) -> None:
    """Raise GateError with everything structural that is wrong with a dataset."""
    problems = stops(check_dataset(frame, spec, study))
    if problems:
        raise GateError(problems)


def _violation(spec: DatasetSpec, check: str, message: str, severity: str, **more: Any) -> dict[str, Any]:
    return {
        "dataset": spec.dataset, "check": check, "variable": "", "rows": 0, "examples": "",
        "message": message, "severity": severity, **more,
    }  # fmt: skip


def _structure(frame: pd.DataFrame, spec: DatasetSpec) -> Iterator[dict[str, Any]]:
    """Violations that need no look at single values: cases 1 to 6 of `check_dataset`."""
    if frame.empty and not spec.may_be_empty:
        yield _violation(spec, "rows", f"Dataset {spec.dataset} has no rows.", STOP)
    for name, variable in spec.variables.items():
        if name not in frame:
            needed = variable.core == "Req" or name in spec.keys
            what = "Required variable" if variable.core == "Req" else "Key variable" if needed else "Variable"
            yield _violation(
                spec,
                "present",
                f"{what} {name} ({variable.label}) is absent.",
                STOP if needed else FINDING,
                variable=name,
            )
            continue
        dtype, wanted = str(frame[name].dtype), expected_dtype(variable)
        if dtype != wanted:
            yield _violation(spec, "type", f"{name} is of type {dtype}, not {wanted}.", STOP, variable=name)
        if variable.core == "Req" and len(frame) and frame[name].isna().all():
            message = f"Required variable {name} ({variable.label}) is missing in every row."
            yield _violation(spec, "required", message, STOP, variable=name, rows=len(frame))
    known = [name for name in frame if name in spec.variables]
    wanted_order = [name for name in spec.variables if name in known]
    if known != wanted_order:
        first = next(have for have, want in zip(known, wanted_order, strict=True) if have != want)
        yield _violation(spec, "order", f"The variables are out of order, first {first}.", STOP)
    for name in map(str, frame):
        if name not in spec.variables:
            yield _violation(spec, "known", f"The spec of {spec.dataset} has no variable {name}.", STOP, variable=name)


def _from_pandera(
    error: SchemaError, frame: pd.DataFrame, spec: DatasetSpec, study: StudySpec, broken: set[str]
) -> Iterator[dict[str, Any]]:
    """The violation that a pandera error stands for; what `_structure` has said already is passed over."""
    name = str(getattr(error.schema, "name", ""))
    if error.reason_code == SchemaErrorReason.DUPLICATES:
        if not set(spec.keys) & broken:
            yield _keys_twice(frame, spec)
    elif name in broken or name not in spec.variables:
        return
    elif error.reason_code == SchemaErrorReason.SERIES_CONTAINS_NULLS:
        missing = int(frame[name].isna().sum())
        message = f"Required variable {name} is missing in {missing:,} of {len(frame):,} rows."
        yield _violation(spec, "required", message, FINDING, variable=name, rows=missing)
    elif isinstance(error.check, pa.Check):
        check = next(c for c in column_checks(name, spec.variables[name], spec, study) if c.name == error.check.name)
        failing = frame.loc[check.fails(frame[name]), name]
        examples = ", ".join(f"'{value}'" for value in failing.drop_duplicates().head(_EXAMPLES))
        message = f"{name} is to hold {check.expected}; {len(failing):,} value(s) are not, e.g. {examples}."
        yield _violation(spec, check.name, message, FINDING, variable=name, rows=len(failing), examples=examples)


def _keys_twice(frame: pd.DataFrame, spec: DatasetSpec) -> dict[str, Any]:
    doubled = frame.loc[frame.duplicated(spec.keys), spec.keys]
    first = ", ".join(f"{key} {value}" for key, value in doubled.iloc[0].items())
    message = f"{len(doubled):,} row(s) of {spec.dataset} repeat the keys of another: {first}."
    return _violation(spec, "keys", message, STOP, rows=len(doubled), examples=first)
