"""Pandera schemas made from the specs, and what a finished dataset has that they refuse.

`dataset_schema` is the schema; `check_dataset` gives every violation as a row, `stops` and `gate` what ends a run. A
dataset in parts is looked at part by part (`find_violations`) and judged as a whole (`judge`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import pandera.pandas as pa
from pandera.dtypes import DataType
from pandera.engines.pandas_engine import STRING
from pandera.errors import SchemaError, SchemaErrorReason, SchemaErrors

from specs.column_checks import as_pandera, column_checks, failing
from specs.counted import how_many
from specs.errors import GateError, Problem
from specs.loader import StudySpec
from specs.models import DatasetSpec, VariableSpec

STOP, FINDING = "stop", "finding"
VIOLATIONS = ["dataset", "check", "variable", "rows", "examples", "message", "severity"]
_EXAMPLES = 3


class _Text(STRING):
    """pandas' `str`, told by the dtype alone: pandera's own gives a verdict on each value, and formats what fails."""

    def check(self, pandera_dtype: DataType, data_container: Any = None) -> bool:  # noqa: ARG002
        return isinstance(pandera_dtype, STRING) and pandera_dtype.type == self.type


_TEXT = _Text.from_parametrized_dtype(pd.StringDtype(na_value=np.nan))


# check -> code of the gate, and what to do
GATES = {
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
    schema = pa.DataFrameSchema(
        strict=True, ordered=True, coerce=False, unique=list(spec.keys), report_duplicates="exclude_first",
        name=spec.dataset, title=spec.label, description=spec.structure,
    )  # fmt: skip
    schema.columns = {  # not by the constructor, which takes far longer to copy them than they take to be made
        name: pa.Column(
            _TEXT if variable.type == "Char" else expected_dtype(variable),
            checks=as_pandera(column_checks(name, variable, spec, study)),
            nullable=variable.core != "Req",
            coerce=False,
            name=name,
            title=variable.label,
            description=variable.says,
            metadata={"codelist": variable.codelist, "core": variable.core, "origin": variable.origin},
        )
        for name, variable in spec.variables.items()
    }
    return schema


@dataclass(frozen=True)
class Violation:
    """What a dataset, or a part of it, has against its spec: counted, so that the parts of a dataset add up."""

    dataset: str
    check: str
    variable: str = ""  # blank: the dataset as a whole
    rows: int = 0
    examples: tuple[str, ...] = ()
    said: str = ""  # the message of a violation of structure, which is no matter of counts

    @property
    def structural(self) -> bool:
        """Whether the shape of the data is wrong, whatever the other parts are like."""
        return self.check in ("present", "known", "order", "type", "keys")


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
    return judge(find_violations(frame, spec, study), {spec.dataset: len(frame)}, {spec.dataset: spec}, study)


def find_violations(frame: pd.DataFrame, spec: DatasetSpec, study: StudySpec) -> list[Violation]:
    """What a dataset, or a part of it, has against its spec, in the order of the cases of `check_dataset`.

    Whether there are rows at all, and whether a variable is missing in all of them, is for `judge` to say.
    """
    found = list(_structure(frame, spec))
    broken = {violation.variable for violation in found if violation.check in ("present", "type")}
    if len(frame):
        try:
            dataset_schema(spec, study).validate(frame, lazy=True)
        except SchemaErrors as errors:
            for error in errors.schema_errors:
                found += _from_pandera(error, frame, spec, study, broken)
    return found


def judge(
    violations: Iterable[Violation], rows: Mapping[str, int], specs: Mapping[str, DatasetSpec], study: StudySpec
) -> pd.DataFrame:
    """The violations of whole datasets, from those of their parts in order; out as `check_dataset` has it.

    `rows`: dataset -> rows of all its parts; `specs`: dataset -> its spec.
    """
    merged: dict[tuple[str, str, str, str], Violation] = {}
    for v in violations:
        key = (v.dataset, v.check, v.variable, v.said)
        before = merged.get(key)
        examples = tuple(dict.fromkeys((*before.examples, *v.examples)))[:_EXAMPLES] if before else v.examples
        merged[key] = replace(v, rows=v.rows + (before.rows if before else 0), examples=examples)
    found = [
        Violation(name, "rows", said=f"Dataset {name} has no rows.")
        for name, count in rows.items()
        if not count and not specs[name].may_be_empty
    ]
    missing = {(v.dataset, v.variable) for v in merged.values() if v.check == "required" and v.rows == rows[v.dataset]}
    for v in merged.values():
        # equal keys say nothing more where a key is missing throughout
        if v.check != "keys" or not any((v.dataset, key) in missing for key in specs[v.dataset].keys):
            found.append(v)
    described = [_described(v, rows[v.dataset], specs[v.dataset], study) for v in found]
    frame = pd.DataFrame(described, columns=VIOLATIONS)
    place = {name: number for number, name in enumerate(rows)}
    frame = frame.assign(_place=frame["dataset"].map(place), _stops=frame["severity"] != STOP)
    return frame.sort_values(["_place", "_stops"], kind="stable", ignore_index=True)[VIOLATIONS]


def stops(violations: pd.DataFrame) -> list[Problem]:
    """The violations that end a run, as problems."""
    structural = violations[violations["severity"] == STOP]
    problems = []
    for dataset, check, variable, message in zip(
        structural["dataset"], structural["check"], structural["variable"], structural["message"], strict=True
    ):
        code, next_step = GATES[check]
        place = f"{dataset}.{variable}" if variable else dataset
        problems.append(Problem(code=code, place=place, fact=message, next_step=next_step))
    return problems


def gate(frame: pd.DataFrame, spec: DatasetSpec, study: StudySpec) -> None:
    """Raise GateError with everything structural that is wrong with a dataset."""
    problems = stops(check_dataset(frame, spec, study))
    if problems:
        raise GateError(problems)


def _described(v: Violation, total: int, spec: DatasetSpec, study: StudySpec) -> dict[str, Any]:
    """A violation in words, with its severity."""
    severity, message, examples = STOP, v.said, ", ".join(v.examples)
    if v.check == "present":
        needed = spec.variables[v.variable].core == "Req" or v.variable in spec.keys
        severity = STOP if needed else FINDING
    elif v.check == "required":
        label = spec.variables[v.variable].label
        if v.rows == total:
            message = f"Required variable {v.variable} ({label}) is missing in every row."
        else:
            severity = FINDING
            message = f"Required variable {v.variable} is missing in {v.rows:,} of {how_many(total, 'row')}."
    elif v.check == "keys":
        message = f"{v.rows:,} row(s) of {spec.dataset} repeat the keys of another: {v.examples[0]}."
        examples = v.examples[0]
    elif v.check not in GATES:
        severity = FINDING
        checks = column_checks(v.variable, spec.variables[v.variable], spec, study)
        expected = next(c.expected for c in checks if c.name == v.check)
        message = f"{v.variable} is to hold {expected}; {v.rows:,} value(s) are not, e.g. {examples}."
    return {
        "dataset": v.dataset, "check": v.check, "variable": v.variable, "rows": v.rows, "examples": examples,
        "message": message, "severity": severity,
    }  # fmt: skip


def _structure(frame: pd.DataFrame, spec: DatasetSpec) -> Iterator[Violation]:
    """Violations that need no look at single values: cases 2 to 5 of `check_dataset`."""
    for name, variable in spec.variables.items():
        if name not in frame:
            needed = variable.core == "Req" or name in spec.keys
            what = "Required variable" if variable.core == "Req" else "Key variable" if needed else "Variable"
            yield Violation(spec.dataset, "present", name, said=f"{what} {name} ({variable.label}) is absent.")
            continue
        dtype, wanted = str(frame[name].dtype), expected_dtype(variable)
        if dtype != wanted:
            yield Violation(spec.dataset, "type", name, said=f"{name} is of type {dtype}, not {wanted}.")
    known = [name for name in frame if name in spec.variables]
    wanted_order = [name for name in spec.variables if name in known]
    if known != wanted_order:
        first = next(have for have, want in zip(known, wanted_order, strict=True) if have != want)
        yield Violation(spec.dataset, "order", said=f"The variables are out of order, first {first}.")
    for name in map(str, frame):
        if name not in spec.variables:
            yield Violation(spec.dataset, "known", name, said=f"The spec of {spec.dataset} has no variable {name}.")


def _from_pandera(
    error: SchemaError, frame: pd.DataFrame, spec: DatasetSpec, study: StudySpec, broken: set[str]
) -> Iterator[Violation]:
    """The violations that a pandera error stands for; what `_structure` has said already is passed over."""
    name = str(getattr(error.schema, "name", ""))
    if error.reason_code == SchemaErrorReason.DUPLICATES:
        if not set(spec.keys) & broken:
            yield _keys_twice(frame, spec)
    elif name in broken or name not in spec.variables:
        return
    elif error.reason_code == SchemaErrorReason.SERIES_CONTAINS_NULLS:
        yield Violation(spec.dataset, "required", name, int(frame[name].isna().sum()))
    elif isinstance(error.check, pa.Check):
        for check in column_checks(name, spec.variables[name], spec, study):
            values = frame.loc[failing(frame[name], [check]), name]
            if len(values):
                examples = tuple(f"'{value}'" for value in values.drop_duplicates().head(_EXAMPLES))
                yield Violation(spec.dataset, check.name, name, len(values), examples)


def _keys_twice(frame: pd.DataFrame, spec: DatasetSpec) -> Violation:
    doubled = frame.loc[frame.duplicated(spec.keys), spec.keys]
    first = ", ".join(f"{key} {value}" for key, value in doubled.iloc[0].items())
    return Violation(spec.dataset, "keys", rows=len(doubled), examples=(first,))
