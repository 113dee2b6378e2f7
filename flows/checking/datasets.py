"""The checks of one dataset file: its schema as the spec has it, and what the file says of its variables."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from flows.checking.outcome import Finding, Outcome, Severity
from flows.datasets import Dataset, DatasetFile
from specs import StudySpec
from specs.column_checks import column_checks
from specs.findings import catalogue
from specs.models import DatasetSpec
from specs.schemas import GATES, STOP, check_dataset, expected_dtype

# what each check of structure asks for (specs/schemas.py, `check_dataset`)
STRUCTURE = {
    "rows": "A dataset has rows, unless its spec says that it may be empty.",
    "present": "Every variable of the spec is there.",
    "known": "Every variable is one of the spec.",
    "order": "The variables are in the order of the spec.",
    "type": "Every variable is of the type that the spec gives it.",
    "required": "A required variable has a value in every row.",
    "keys": "No two rows have equal keys.",
}
_VALUES_CODE = "GATE-601"
_VALUES_NEXT = "correct the values where they were made, or the variable's spec."
_ATTRIBUTES = {"ATTR-801": "labels", "ATTR-802": "formats", "ATTR-803": "lengths", "ATTR-804": "dataset label",
               "ATTR-805": "keys in the file"}  # fmt: skip
_SAS_EPOCH = pd.Timestamp("1960-01-01")


def check_file(file: DatasetFile, dataset: Dataset, spec: DatasetSpec, study: StudySpec) -> list[Outcome]:
    """The outcome of every schema check and of every attribute of a dataset; values are those of the schema's columns.

    A code of a value check is that of the gate with the check's name: GATE-601.codelist.
    """
    violations = check_dataset(schema_frame(dataset, spec), spec, study)
    suite = f"{dataset.name} ({file.place})"
    rules = STRUCTURE | _value_rules(spec, study)
    found: dict[str, list[Finding]] = {name: [] for name in rules}
    for v in violations.to_dict("records"):
        severity: Severity = "error" if v["severity"] == STOP else "warning"
        code, next_step = GATES.get(v["check"], (f"{_VALUES_CODE}.{v['check']}", _VALUES_NEXT))
        place = f"{dataset.name}.{v['variable']}" if v["variable"] else dataset.name
        found[v["check"]].append(
            Finding(code, severity, rules[v["check"]], place, file.place, v["message"], next_step, int(v["rows"]))
        )
    schema = [Outcome(suite, name, rule, found[name]) for name, rule in rules.items()]
    return [*schema, *_attributes(suite, file, dataset, spec, study)]


def _value_rules(spec: DatasetSpec, study: StudySpec) -> dict[str, str]:
    """Check of values -> what it asks for, over all variables of a dataset."""
    asked: dict[str, dict[str, list[str]]] = {}
    for name, variable in spec.variables.items():
        for check in column_checks(name, variable, spec, study):
            asked.setdefault(check.name, {}).setdefault(check.expected, []).append(name)
    return {
        check: "; ".join(f"{', '.join(names)} hold {expected}" for expected, names in by_expected.items()) + "."
        for check, by_expected in asked.items()
    }


def schema_frame(dataset: Dataset, spec: DatasetSpec) -> pd.DataFrame:
    """The dataset as the schema takes it: text, numbers, and moments for what the spec says is a date.

    A time of day is its seconds, a variable without any value has the type of the spec.
    """
    columns = {}
    for name, variable in dataset.variables.items():
        column = dataset.table[name]
        wanted = expected_dtype(spec.variables[name]) if name in spec.variables else None
        if wanted and column.null_count == len(column):
            columns[name] = pd.Series(index=range(len(column)), dtype=wanted)
        elif variable.kind == "text":
            columns[name] = column.to_pandas().astype("str")
        elif variable.kind in ("date", "datetime"):
            columns[name] = column.cast(pa.timestamp("us")).to_pandas().astype("datetime64[us]")
        elif variable.kind == "time":
            columns[name] = pc.divide(column.cast(pa.int64()).cast(pa.float64()), 1e6).to_pandas().astype("float64")
        elif wanted == "datetime64[us]":  # SAS numbers without their format
            days = spec.variables[name].format == "DATE9."
            numbers = column.to_pandas().astype("float64")
            columns[name] = (_SAS_EPOCH + pd.to_timedelta(numbers, unit="D" if days else "s")).astype("datetime64[us]")
        else:
            columns[name] = column.to_pandas().astype("float64")
    return pd.DataFrame(columns, index=range(dataset.table.num_rows))


# --- what the file says of its variables ----------------------------------------------------------------------


def longest(variable: str, study: StudySpec) -> int:
    """The most bytes that a Char variable may have: it is as wide in all datasets that hold it, so the widest decides.

    Study Data Technical Conformance Guide, section 3.3.3: one length for a variable in all datasets.
    """
    specs = [*study.sdtm.values(), *study.adam.values()]
    own = [v.max_bytes for spec in specs if (v := spec.variables.get(variable)) and v.type == "Char"]
    return max(own, default=0)


def _attributes(suite: str, file: DatasetFile, dataset: Dataset, spec: DatasetSpec, study: StudySpec) -> list[Outcome]:
    rules = catalogue()
    found: dict[str, list[Finding]] = {code: [] for code in _ATTRIBUTES}

    def differs(code: str, variable: str, value: str, expected: str) -> None:
        rule = rules[code]
        said = rule.message.format(variable=variable, value=value, expected=expected)
        place = f"{dataset.name}.{variable}" if variable else dataset.name
        asked = f"{rule.title}: expected is {rule.expected}."
        found[code].append(Finding(code, rule.severity, asked, place, file.place, said, rule.next_step))

    for name, variable in spec.variables.items():
        said = dataset.variables.get(name)
        if said is None:
            continue
        most = max(longest(name, study), variable.max_bytes) if variable.type == "Char" else 8
        if said.label != variable.label:
            differs("ATTR-801", name, said.label, variable.label)
        if variable.type == "Num" and said.format.upper().rstrip(".") != (variable.format or "").rstrip("."):
            differs("ATTR-802", name, said.format, variable.format or "")
        if said.length is not None and said.length > most:
            differs("ATTR-803", name, f"{said.length:,}", f"{most:,}")
    if dataset.label != spec.label:
        differs("ATTR-804", "", dataset.label, spec.label)
    if dataset.keys and list(dataset.keys) != list(spec.keys):
        differs("ATTR-805", "", " ".join(dataset.keys), " ".join(spec.keys))
    silent = "" if dataset.described else "the file carries no labels, lengths and formats"
    no_keys = (
        "" if dataset.keys else "this kind of file names no keys" if file.kind == "xpt" else "the file names no keys"
    )
    outcomes = []
    for code, name in _ATTRIBUTES.items():
        skipped = no_keys if code == "ATTR-805" else silent
        asked = f"{rules[code].expected.capitalize()}."
        outcomes.append(Outcome(suite, name, asked, [] if skipped else found[code], skipped))
    return outcomes
