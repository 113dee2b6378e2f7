"""`compare`: records by keys, values with tolerances, attributes, and datasets in any form."""

from __future__ import annotations

import json
import shutil

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from flows.comparing import CompareRequest, compare_places, read_tolerances, show_comparison
from specs.errors import InputError, UsageError

FLOAT = pa.float64()
BASE = [("01", "A", 1.0), ("02", "B", 2.0), ("03", None, None)]


def write(path, rows, *, label="Result", number=FLOAT):
    fields = [
        pa.field("USUBJID", pa.string(), metadata={"label": "Subject", "length": "8"}),
        pa.field("AVALC", pa.string(), metadata={"label": label, "length": "20"}),
        pa.field("AVAL", number, metadata={"label": "Value"}),
    ]
    schema = pa.schema(fields, metadata={"label": "Data", "keys": "USUBJID"})
    columns = list(zip(*rows, strict=True)) if rows else [[], [], []]
    arrays = [pa.array(c, f.type) for c, f in zip(columns, fields, strict=True)]
    pq.write_table(pa.Table.from_arrays(arrays, schema=schema), path)
    return path


# rows of NEW, tolerances (absolute, relative) -> keys gone, keys new, what differs by variable, equal
CASES = {
    "the same": (BASE, ([], []), [], [], {}, True),
    "in another order": (BASE[::-1], ([], []), [], [], {}, True),
    "a record gone": (BASE[1:], ([], []), ["01"], [], {}, False),
    "a record more": ([*BASE, ("04", "D", 4.0)], ([], []), [], ["04"], {}, False),
    "all records gone": ([], ([], []), ["01", "02", "03"], [], {}, False),
    "a text changed": ([("01", "a", 1.0), *BASE[1:]], ([], []), [], [], {"AVALC": 1}, False),
    "blanks at the end of a text": ([("01", "A  ", 1.0), *BASE[1:]], ([], []), [], [], {}, True),
    "missing to text": ([*BASE[:2], ("03", "C", None)], ([], []), [], [], {"AVALC": 1}, False),
    "missing to zero, however tolerant": ([*BASE[:2], ("03", None, 0.0)], (["9"], ["9"]), [], [], {"AVAL": 1}, False),
    "a number beyond no tolerance": ([("01", "A", 1.0000001), *BASE[1:]], ([], []), [], [], {"AVAL": 1}, False),
    "at the absolute limit": ([("01", "A", 1.5), *BASE[1:]], (["0.5"], []), [], [], {}, True),
    "over the absolute limit": ([("01", "A", 1.5), *BASE[1:]], (["0.49"], []), [], [], {"AVAL": 1}, False),
    "at the relative limit, of BASE": ([BASE[0], ("02", "B", 3.0), BASE[2]], ([], ["0.5"]), [], [], {}, True),
    "a tolerance of another variable": (
        [("01", "A", 1.5), *BASE[1:]], (["CHG=1"], []), [], [], {"AVAL": 1}, False,
    ),
    "a tolerance of the dataset's variable": ([("01", "A", 1.5), *BASE[1:]], (["ADX.AVAL=1"], []), [], [], {}, True),
    "the nearest tolerance decides": (
        [("01", "A", 1.5), *BASE[1:]], (["9", "AVAL=0.1"], []), [], [], {"AVAL": 1}, False,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("rows", "tolerances", "gone", "new", "differs", "equal"), CASES.values(), ids=CASES)
def test_records_and_values(tmp_path, rows, tolerances, gone, new, differs, equal):
    (tmp_path / "b").mkdir()
    base, other = write(tmp_path / "b" / "adx.parquet", BASE), write(tmp_path / "adx.parquet", rows)

    found = compare_places(CompareRequest(base, other, tolerances=read_tolerances(*tolerances)))

    (dataset,) = found.datasets
    assert [r["USUBJID"] for r in dataset.gone.listed] == gone
    assert [r["USUBJID"] for r in dataset.added.listed] == new
    assert {v.variable: v.differing for v in dataset.variables if v.differing} == differs
    assert found.equal is equal


def test_a_label_and_a_type_are_differences(tmp_path):
    base = write(tmp_path / "adx.parquet", BASE)
    label = write(tmp_path / "label.parquet", BASE, label="Outcome")
    kind = write(
        tmp_path / "type.parquet", [(a, b, None if c is None else str(c)) for a, b, c in BASE], number=pa.string()
    )

    one, other = (compare_places(CompareRequest(base, p)).datasets[0] for p in (label, kind))

    assert [(a.what, a.variable, a.base, a.new) for a in one.attributes] == [("label", "AVALC", "Result", "Outcome")]
    assert ("type", "AVAL") in [(a.what, a.variable) for a in other.attributes]


def test_keys_that_nobody_tells_are_asked_for(tmp_path):
    pq.write_table(pa.table({"A": ["1"]}), tmp_path / "x.parquet")

    with pytest.raises(UsageError, match="keys are not known"):
        compare_places(CompareRequest(tmp_path / "x.parquet", tmp_path / "x.parquet"))


def test_every_form_of_a_hand_off_is_equal_to_every_other(published):
    found = compare_places(CompareRequest(published, published, "ql1706"))

    pairs = {(d.base.rsplit(".")[-1], d.new.rsplit(".")[-1]) for d in found.datasets if d.forms}
    assert len({kind for pair in pairs for kind in pair}) == 4
    assert found.equal


def test_a_form_that_differs_from_the_other_is_a_difference(published, tmp_path):
    (tmp_path / "dm.ndjson").write_text(next(published.glob("**/dm.ndjson")).read_text().replace('"F"', '"X"', 1))
    shutil.copy(published / "sdtm" / "dm.parquet", tmp_path)

    found = compare_places(CompareRequest(tmp_path, tmp_path, "ql1706"))

    different = [(d.forms, v.variable, v.differing) for d in found.datasets for v in d.variables if v.differing]
    assert different == [("base", "SEX", 1), ("new", "SEX", 1)]


def test_a_file_that_cannot_be_read_is_an_error_and_no_difference(published, tmp_path):
    (tmp_path / "dm.json").write_text(next(published.glob("**/dm.json")).read_text()[:-30])

    with pytest.raises(InputError, match=r"dm\.json"):
        compare_places(CompareRequest(published / "sdtm" / "dm.parquet", tmp_path / "dm.json"))


def test_json_and_page_say_the_same_and_show_hostile_values_as_text(tmp_path):
    evil = "<img src=x onerror=alert(1)>\x1b[31m"
    base = write(tmp_path / "adx.parquet", BASE)
    new = write(tmp_path / "new.parquet", [("01", evil, 1.0), *BASE[1:]])
    found = compare_places(CompareRequest(base, new))

    data = json.loads(show_comparison(found, "json"))
    page = show_comparison(found, "html")
    text = show_comparison(found, "text")

    assert data["equal"] is False
    assert "<img" not in page
    assert "&lt;img src=x" in page
    assert "\x1b" not in page + text
    assert "1 record," in text or "1 record\n" in text
