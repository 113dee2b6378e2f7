"""Schemas made from the specs: what is right passes, each fault is named, and only the structural ones stop."""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa
import pytest
from pandera.errors import SchemaErrors

from specs.errors import GateError
from specs.models import Codelist, DatasetSpec
from specs.schemas import VIOLATIONS, check_dataset, dataset_schema, gate, stops
from tests.tables import table

SPEC = DatasetSpec.model_validate(
    {
        "dataset": "ADXX",
        "label": "A Dataset",
        "class": "BASIC DATA STRUCTURE",
        "structure": "One record per subject and parameter",
        "keys": ["USUBJID", "PARAMCD"],
        "parameters": {"OS": {"param": "Overall Survival"}, "PFS": {"param": "Progression-Free Survival"}},
        "variables": {
            "USUBJID": {"label": "Subject", "type": "Char", "core": "Req", "length": 6},
            "PARAMCD": {"label": "Parameter Code", "type": "Char", "core": "Req"},
            "AVAL": {"label": "Analysis Value", "type": "Num", "core": "Exp", "says": "Days."},
            "XXSEQ": {"label": "Sequence", "type": "Num", "integer": True},
            "XXDTC": {"label": "Date as Collected", "type": "Char"},
            "XXFL": {"label": "Flag", "type": "Char", "codelist": "YN"},
            "XXUNIT": {"label": "Unit", "type": "Char", "codelist": "UNIT"},
            "CNSR": {"label": "Censor", "type": "Num", "codelist": "CNSR"},
            "ADT": {"label": "Date", "type": "Num", "format": "DATE9."},
            "ADTM": {"label": "Date and Time", "type": "Num", "format": "DATETIME20."},
        },
    }
)


class Study:
    codelists = {
        "YN": Codelist(name="Yes or No", terms={"Y": None, "N": None}),
        "UNIT": Codelist(name="Unit", extensible=True, terms={"mm": None}),
        "CNSR": Codelist(name="Censoring", terms={"0": None, "1": None}),
    }


def good() -> pd.DataFrame:
    return table(
        """
        USUBJID | PARAMCD | AVAL | XXSEQ | XXDTC            | XXFL | XXUNIT | CNSR | ADT        | ADTM
        S-1     | OS      | 10.5 | 1     | 2025-03-01T08:30 | Y    | mm     | 0    | 2025-03-01 | 2025-03-01
        S-1     | PFS     |      | 2     | 2025             |      | cm     | 1    |            |
        S-2     | OS      | -1   |       |                  | N    |        |      | 2025-03-02 | 2025-03-02
        """,
        numbers=("AVAL", "XXSEQ", "CNSR"),
        dates=("ADT", "ADTM"),
    )


def checked(frame, spec=SPEC):
    return check_dataset(frame, spec, Study())


def test_a_sound_dataset_has_no_violation():
    found = checked(good())
    assert found.empty
    assert list(found) == VIOLATIONS
    gate(good(), SPEC, Study())


def test_the_frame_is_not_changed():
    frame = good()
    checked(frame)
    assert frame.equals(good())


def at(column, *values):
    """Sets the first rows of a column."""

    def change(frame):
        for row, value in enumerate(values):
            frame.loc[row, column] = value
        return frame

    return change


def typed(column, dtype):
    return lambda f: f.assign(**{column: f[column].astype(dtype)})


def missing(column):
    """Takes every value of a column, its type stays."""
    return lambda f: f.assign(**{column: pd.Series([None] * len(f), dtype=f[column].dtype)})


STOPS = {
    # what is changed, and the check, the variable and words of the violation
    "no rows": (lambda f: f.iloc[:0], "rows", "", ["ADXX has no rows"]),
    "required variable absent": (
        lambda f: f.drop(columns="PARAMCD"), "present", "PARAMCD", ["Required", "Parameter Code"],
    ),
    "required variable all missing": (missing("USUBJID"), "required", "USUBJID", ["missing in every row"]),
    "keys twice": (at("PARAMCD", "OS", "OS"), "keys", "", ["1 row(s)", "USUBJID S-1, PARAMCD OS"]),
    "order": (lambda f: f[["PARAMCD", "USUBJID", *f.columns[2:]]], "order", "", ["first PARAMCD"]),
    "unknown variable": (lambda f: f.assign(MORE=1.0), "known", "MORE", ["no variable MORE"]),
    "integer numbers": (lambda f: f.assign(XXSEQ=[1, 2, 3]), "type", "XXSEQ", ["int64", "float64"]),
    "nullable integers": (typed("XXSEQ", "Int64"), "type", "XXSEQ", ["Int64"]),
    "objects": (typed("XXFL", "object"), "type", "XXFL", ["object", "str"]),
    "string of another kind": (typed("XXFL", "string"), "type", "XXFL", ["string", "str"]),
    "categories": (typed("XXFL", "category"), "type", "XXFL", ["category"]),
    "numbers for text": (lambda f: f.assign(XXFL=float("nan")), "type", "XXFL", ["float64", "str"]),
    "text for numbers": (typed("AVAL", "str"), "type", "AVAL", ["str", "float64"]),
    "datetime in nanoseconds": (typed("ADT", "datetime64[ns]"), "type", "ADT", ["datetime64[ns]", "datetime64[us]"]),
    "datetime in seconds": (typed("ADT", "datetime64[s]"), "type", "ADT", ["datetime64[s]"]),
    "date as a number": (lambda f: f.assign(ADT=1.0), "type", "ADT", ["float64", "datetime64[us]"]),
}  # fmt: skip


@pytest.mark.parametrize(("change", "check", "variable", "words"), STOPS.values(), ids=STOPS)
def test_a_structural_fault_stops(change, check, variable, words):
    found = checked(change(good()))
    assert list(zip(found["check"], found["variable"], found["severity"], strict=True)) == [(check, variable, "stop")]
    for word in words:
        assert word in found["message"][0]
    with pytest.raises(GateError) as caught:
        gate(change(good()), SPEC, Study())
    assert caught.value.exit_code == 12
    assert "Next: " in str(caught.value)


FINDINGS = {
    # what is changed, and the check, the variable, rows and examples of the violation
    "required in some rows": (at("USUBJID", None), "required", "USUBJID", 1, ""),
    "variable absent": (lambda f: f.drop(columns="XXUNIT"), "present", "XXUNIT", 0, ""),
    "term of no codelist": (at("XXFL", "X", "yes", "Y"), "codelist", "XXFL", 2, "'X', 'yes'"),
    "number of no codelist": (at("CNSR", 2.0), "codelist", "CNSR", 1, "'2.0'"),
    "parameter unknown": (at("PARAMCD", "DOR"), "parameter", "PARAMCD", 1, "'DOR'"),
    "seven bytes where six fit": (at("USUBJID", "1234567"), "length", "USUBJID", 1, "'1234567'"),
    "three characters of nine bytes": (at("USUBJID", "阴性者"), "length", "USUBJID", 1, "'阴性者'"),
    "201 bytes": (at("XXUNIT", "x" * 201), "length", "XXUNIT", 1, f"'{'x' * 201}'"),
    "blanks": (at("XXUNIT", "  ", ""), "blank_text", "XXUNIT", 2, "'  ', ''"),
    "half a number": (at("XXSEQ", 1.5), "integer", "XXSEQ", 1, "'1.5'"),
    "infinite": (at("AVAL", float("inf"), float("-inf")), "finite", "AVAL", 2, "'inf', '-inf'"),
    "time in a date": (at("ADT", pd.Timestamp("2025-03-01T08:30")), "midnight", "ADT", 1, "'2025-03-01 08:30:00'"),
    "no ISO 8601": (at("XXDTC", "01 MAR 2025"), "iso8601", "XXDTC", 1, "'01 MAR 2025'"),
}  # fmt: skip


@pytest.mark.parametrize(("change", "check", "variable", "rows", "examples"), FINDINGS.values(), ids=FINDINGS)
def test_a_dirty_value_is_a_finding(change, check, variable, rows, examples):
    found = checked(change(good()))
    got = found[["dataset", "check", "variable", "rows", "examples", "severity"]].to_numpy().tolist()
    assert got == [["ADXX", check, variable, rows, examples, "finding"]]
    assert stops(found) == []
    gate(change(good()), SPEC, Study())


FINE = {
    "six bytes": at("USUBJID", "123456"),
    "six bytes in two characters": at("USUBJID", "阴性"),
    "200 bytes": at("XXUNIT", "x" * 200),
    "term that an extensible codelist lacks": at("XXUNIT", "furlong"),
    "blank within a text": at("XXUNIT", "a b"),
    "optional variable all missing": missing("XXFL"),
    "dates beyond nanoseconds": at("ADT", pd.Timestamp("9999-12-31")),
    "time in a date and time": at("ADTM", pd.Timestamp("2025-03-01T08:30")),
    "an index that is no range": lambda f: f.set_axis([5, 3, 9]),
}


@pytest.mark.parametrize("change", FINE.values(), ids=FINE)
def test_what_is_allowed_passes(change):
    assert checked(change(good())).empty


ISO8601 = [
    ("2025", True),
    ("2025-03", True),
    ("2025-03-01", True),
    ("2024-02-29", True),
    ("2025-03-01T08", True),
    ("2025-03-01T08:30", True),
    ("2025-03-01T08:30:15", True),
    ("2025-03-01T23:59:59.5", True),
    ("2025---15", True),
    ("--03-15", True),
    ("----15", True),
    ("2025-02-29", False),  # no such day
    ("2025-04-31T08:30", False),
    ("2025-13", False),
    ("2025-00-01", False),
    ("2025-3-1", False),
    ("25-03-01", False),
    ("2025-03-01T24:00", False),
    ("2025-03-01T08:60", False),
    ("2025-03-01 08:30", False),
    ("2025-03-01T", False),
    ("2025-03T08:30", False),
    ("2025-", False),
    ("20250301", False),
    ("2025-03-01x", False),
    ("2025-UNK-01", False),
    ("UN MAR 2025", False),
]


@pytest.mark.parametrize(("text", "fits"), ISO8601)
def test_iso_8601(text, fits):
    found = checked(at("XXDTC", text)(good()))
    assert list(found["check"]) == ([] if fits else ["iso8601"])


def test_all_faults_of_a_dataset_come_at_once_the_stops_first():
    frame = good().drop(columns=["USUBJID", "XXUNIT"]).assign(MORE=1.0, AVAL=1)
    frame.loc[0, "XXFL"] = "X"
    found = checked(frame)
    got = list(zip(found["severity"], found["check"], found["variable"], strict=True))
    assert got == [
        ("stop", "present", "USUBJID"),
        ("stop", "type", "AVAL"),
        ("stop", "known", "MORE"),
        ("finding", "present", "XXUNIT"),
        ("finding", "codelist", "XXFL"),
    ]
    assert [(p.code, p.place) for p in stops(found)] == [
        ("GATE-202", "ADXX.USUBJID"),
        ("GATE-205", "ADXX.AVAL"),
        ("GATE-207", "ADXX.MORE"),
    ]


def test_a_dataset_that_may_be_empty_may_be():
    assert checked(good().iloc[:0], SPEC.model_copy(update={"may_be_empty": True})).empty


def test_examples_are_few_however_many_fail():
    frame = pd.concat([good()] * 200, ignore_index=True)
    frame["PARAMCD"] = [f"P{n}" for n in range(len(frame))]
    found = checked(frame)
    assert list(found["check"]) == ["parameter"]
    assert (found["rows"][0], found["examples"][0]) == (600, "'P0', 'P1', 'P2'")


# --- the schema by itself ---------------------------------------------------------------------------------------


def test_the_schema_says_what_the_spec_says():
    schema = dataset_schema(SPEC, Study())
    assert list(schema.columns) == list(SPEC.variables)
    assert (schema.name, schema.title) == ("ADXX", "A Dataset")
    assert schema.unique == ["USUBJID", "PARAMCD"]
    assert (schema.strict, schema.ordered, schema.coerce) == (True, True, False)
    assert schema.columns["AVAL"].title == "Analysis Value"
    assert schema.columns["AVAL"].description == "Days."
    assert not schema.columns["USUBJID"].nullable
    assert schema.columns["AVAL"].nullable
    names = {name: ", ".join(str(check.name) for check in column.checks) for name, column in schema.columns.items()}
    assert names["USUBJID"] == "blank_text, length"
    assert names["XXDTC"] == "blank_text, length, iso8601"
    assert names["XXFL"] == "blank_text, length, codelist"
    assert names["XXUNIT"] == "blank_text, length"
    assert names["XXSEQ"] == "finite, integer"
    assert names["ADT"] == "midnight"


def test_the_schema_validates_by_itself():
    schema = dataset_schema(SPEC, Study())
    assert isinstance(schema, pa.DataFrameSchema)
    schema.validate(good(), lazy=True)
    with pytest.raises(SchemaErrors, match="codelist YN"):
        schema.validate(at("XXFL", "X")(good()), lazy=True)
