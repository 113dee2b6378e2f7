"""Dataset-JSON 1.1: what the standard wants of a file, and the same values as in Parquet and XPT."""

from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta

import jsonschema
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat
import pytest

from flows.handoff import study_lengths, write_parquet
from flows.handoff.columns import typed_table
from flows.handoff.dataset_json import (
    Described,
    describe,
    open_dataset_json,
    read_back_dataset_json,
    reader,
    write_dataset_json,
    writer,
)
from specs.ascii_text import to_ascii
from specs.errors import HandoffError
from tests.handoff.datasets import STAMP, everything, frame_of, spec_of

# the tables "Top-level Metadata Attributes" and "Column Metadata" of the Dataset-JSON 1.1 specification
MOMENT = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(([+-]\d{2}:\d{2})|Z)?$"
OID = {"type": "string", "minLength": 1}
COLUMN = {
    "type": "object",
    "additionalProperties": False,
    "required": ["itemOID", "name", "label", "dataType"],
    "properties": {
        "itemOID": OID,
        "name": OID,
        "label": {"type": "string"},
        "dataType": {
            "enum": [
                "string", "integer", "decimal", "float", "double", "boolean", "datetime", "date", "time", "URI",
            ]
        },
        "targetDataType": {"enum": ["integer", "decimal"]},
        "length": {"type": "integer", "minimum": 1},
        "displayFormat": {"type": "string"},
        "keySequence": {"type": "integer", "minimum": 1},
    },
}  # fmt: skip
STANDARD = {
    "type": "object",
    "additionalProperties": False,
    "required": [
        "datasetJSONCreationDateTime", "datasetJSONVersion", "itemGroupOID", "records", "name", "label", "columns",
    ],
    "properties": {
        "datasetJSONCreationDateTime": {"type": "string", "pattern": MOMENT},
        "datasetJSONVersion": {"type": "string", "pattern": r"^1\.1(\.(0|([1-9][0-9]*)))?$"},
        "fileOID": OID,
        "dbLastModifiedDateTime": {"type": "string", "pattern": MOMENT},
        "originator": {"type": "string"},
        "sourceSystem": {
            "type": "object",
            "additionalProperties": False,
            "required": ["name", "version"],
            "properties": {"name": {"type": "string"}, "version": {"type": "string"}},
        },
        "studyOID": OID,
        "metaDataVersionOID": OID,
        "metaDataRef": {"type": "string"},
        "itemGroupOID": OID,
        "records": {"type": "integer", "minimum": 0},
        "name": OID,
        "label": {"type": "string"},
        "columns": {"type": "array", "items": COLUMN},
        "rows": {
            "type": "array",
            "items": {"type": "array", "items": {"type": ["string", "integer", "number", "boolean", "null"]}},
        },
    },
}  # fmt: skip
JSON_TYPES = {"string": str, "integer": int, "float": (int, float), "date": str, "time": str, "datetime": str}


class Written:
    """A dataset as Parquet and as Dataset-JSON."""

    def __init__(self, folder, spec, frame, suffix):
        self.spec, self.parquet, self.path = spec, folder / "x.parquet", folder / f"x{suffix}"
        self.table = typed_table(frame, spec)
        write_parquet(self.table, spec, self.parquet)
        lengths = study_lengths({spec.dataset: self.table}, {spec.dataset: spec})[spec.dataset]
        self.description = describe(
            spec, lengths, self.table.num_rows, Described("QL1706", "sdtm", STAMP, "../../define.xml")
        )
        write_dataset_json(self.table, spec, self.description, self.path)

    def compare(self):
        read_back_dataset_json(self.path, self.parquet, self.spec, self.description)

    def put(self, old, new):
        text = self.path.read_bytes()
        assert old in text
        self.path.write_bytes(text.replace(old, new, 1))


@pytest.fixture(params=writer.SUFFIXES)
def written(request, tmp_path):
    return Written(tmp_path, *everything(), request.param)


def test_of_each_kind_of_value_one(tmp_path):
    whole = json.loads(Written(tmp_path, *everything(), ".json").path.read_bytes())
    rows = [dict(zip((c["name"] for c in whole["columns"]), row, strict=True)) for row in whole["rows"]]
    assert rows[0] == {
        "STUDYID": "QL1706", "USUBJID": "QL1706-001", "ADAESEQ": 1, "AETERM": "Übelkeit", "EMPTY": None, "AVAL": 0.1,
        "NONE": None, "ASTDT": "1959-12-31", "ASTDTM": "1959-12-31T23:59:59.500000", "ASTTM": "00:00:00",
    }  # fmt: skip
    assert [row["AETERM"] for row in rows] == [
        "Übelkeit", "发热 (39 °C)", " leading blank", 'a\nline, "quoted"', None, "A",
    ]  # fmt: skip
    assert [row["ASTDT"] for row in rows[1:4]] == ["1960-01-01", "1899-02-28", None]
    assert [row["ASTDTM"] for row in rows[1:4]] == ["1960-01-01T00:00:00", None, "2025-03-09T08:30:00.000001"]
    assert [row["ASTTM"] for row in rows[1:4]] == ["23:59:59.500000", None, "00:00:01"]
    described = {column.pop("name"): column for column in whole["columns"]}
    assert described["AETERM"] == {
        "itemOID": "IT.ADAE.AETERM", "label": "Größe in Zentimeter, gemessen am Tag 1", "dataType": "string",
        "length": 16,
    }  # fmt: skip
    assert described["ADAESEQ"] == {
        "itemOID": "IT.ADAE.ADAESEQ", "label": "Sequence Number", "dataType": "integer", "keySequence": 3,
    }  # fmt: skip
    assert described["ASTDTM"] == {
        "itemOID": "IT.ADAE.ASTDTM", "label": "Analysis Start Date/Time", "dataType": "datetime",
        "targetDataType": "integer", "displayFormat": "DATETIME20.",
    }  # fmt: skip


def test_json_and_ndjson_have_the_same_content(tmp_path):
    whole = json.loads(Written(tmp_path, *everything(), ".json").path.read_bytes())
    first, *rows = Written(tmp_path, *everything(), ".ndjson").path.read_bytes().splitlines()
    assert json.loads(first) | {"rows": [json.loads(row) for row in rows]} == whole


def test_a_faithful_file_passes_whatever_the_chunk(written, monkeypatch):
    written.compare()
    again = written.path.read_bytes()
    for module in (reader, writer):
        monkeypatch.setattr(module, "CHUNK_ROWS", 2)
    write_dataset_json(written.table, written.spec, written.description, written.path)
    assert written.path.read_bytes() == again
    assert open_dataset_json(written.path).table().equals(written.table)


def test_text_that_json_or_a_page_would_trip_over_comes_back(tmp_path):
    spec = spec_of(AETERM={"label": "Reported Term", "type": "Char"})
    texts = ['"', "\\", "a\\u0041", "\x01\x1f\t", "\u2028\u2029", "</script>", "NaN", "null", "],[", "]}", "🩸", "\r\n"]
    for suffix in writer.SUFFIXES:
        written = Written(tmp_path, spec, frame_of(spec, AETERM=texts), suffix)
        written.compare()
        assert open_dataset_json(written.path).table()["AETERM"].to_pylist() == texts


def test_no_rows_are_a_file_too(tmp_path):
    spec = spec_of(AETERM={"label": "Reported Term", "type": "Char"})
    for suffix in writer.SUFFIXES:
        written = Written(tmp_path, spec, frame_of(spec, AETERM=[]), suffix)
        written.compare()
        assert open_dataset_json(written.path).table().num_rows == 0


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b"-118.625", b"-118.624", "ADAE, AVAL, row 2"),
        (b'" leading blank"', b'"leading blank"', "ADAE, AETERM, row 3"),
        (b'"1899-02-28"', b'"1899-03-01"', "ADAE, ASTDT, row 3"),
        (b'"1899-02-28"', b'"1899-02-30"', "a value of ASTDT is no date32"),
        (b'"1899-02-28"', b"null", "ADAE, ASTDT, row 3"),
        (b"-118.625", b'"?"', "a value of AVAL is no double"),
        (b"-118.625,", b"", "row 2 does not have one value for each of the 10 columns"),
        (b'"label":"Adverse', b'"label":"Diverse', "does not say of the dataset"),
        (b'"records":6', b'"records":7', "does not say of the dataset"),
        (b'"columns":', b'"colonnes":', "lacks columns"),
        (b'"1.1.0"', b'"1.0.0"', "Dataset-JSON 1.0.0"),
    ],
)  # fmt: skip
def test_damage_is_noticed_and_told_where(written, old, new, said):
    written.put(old, new)
    with pytest.raises(HandoffError) as raised:
        written.compare()
    problem = str(raised.value)
    assert "HAND-508" in problem
    assert said in problem


def test_a_file_that_ends_early_or_goes_on_is_noticed(written):
    lines = written.path.read_bytes().splitlines(keepends=True)
    for damaged in (lines[:-1], lines[:-2], [*lines[:3], lines[2], *lines[3:]]):
        written.path.write_bytes(b"".join(damaged))
        with pytest.raises(HandoffError, match="HAND-508"):
            written.compare()


def test_a_file_in_anybodys_layout_is_read(tmp_path):
    path = tmp_path / "vs.json"
    said = {
        "rows": [["S1", 1, "36.60", "2025-03-01", True], ["S2", None, None, "2025-03", None]],
        "datasetJSONCreationDateTime": "2025-03-09T07:05:01Z", "datasetJSONVersion": "1.1", "itemGroupOID": "VS",
        "records": 2, "name": "VS", "label": "Vital Signs",
        "columns": [
            {"itemOID": f"IT.{name}", "name": name, "label": name, "dataType": kind}
            for name, kind in (("USUBJID", "string"), ("VSSEQ", "integer"), ("EXACT", "decimal"), ("VSDTC", "date"),
                               ("FLAG", "boolean"))
        ],
    }  # fmt: skip
    path.write_text(json.dumps(said, indent=2))
    table = open_dataset_json(path).table()
    assert table.to_pydict() == {
        "USUBJID": ["S1", "S2"], "VSSEQ": [1, None], "EXACT": ["36.60", None], "VSDTC": ["2025-03-01", "2025-03"],
        "FLAG": [True, None],
    }  # fmt: skip


# --- the whole study ------------------------------------------------------------------------------------------


def test_every_file_of_the_study_is_as_the_standard_says(published):
    files = sorted((published / "dataset-json").rglob("*.json"))
    assert {f"{path.parent.name}/{path.stem}" for path in files} == {
        f"{path.parent.name}/{path.stem}" for half in ("sdtm", "adam") for path in (published / half).glob("*.parquet")
    }
    validator = jsonschema.Draft202012Validator(STANDARD)
    for path in files:
        whole = json.loads(path.read_bytes())
        assert [error.message for error in validator.iter_errors(whole)] == []
        assert whole["records"] == len(whole["rows"])
        for place, column in enumerate(whole["columns"]):
            kinds = JSON_TYPES[column["dataType"]]
            assert all(row[place] is None or isinstance(row[place], kinds) for row in whole["rows"]), column["name"]


def test_xpt_parquet_and_dataset_json_have_the_same_values(published):
    compared = 0
    for path in sorted(published.rglob("*.xpt")):
        half = "sdtm" if "tabulations" in path.parts else "adam"
        table = pq.read_table(published / half / f"{path.stem}.parquet")
        xpt, _ = pyreadstat.read_xport(path, disable_datetime_conversion=True)
        for suffix in writer.SUFFIXES:
            rows = _rows_of(published / "dataset-json" / half / f"{path.stem}{suffix}")
            for place, field in enumerate(table.schema):
                values = [row[place] for row in rows]
                wanted = table[field.name].to_pylist()
                assert [_as_parquet(value, field.type) for value in values] == wanted
                # a text over 200 bytes has no place in XPT v5: it is a finding, and blank there
                sas = [None if _too_long(value) else _as_sas(value) for value in wanted]
                assert [_plain(value) for value in xpt[field.name].tolist()] == sas, f"{path.stem}.{field.name}"
                compared += len(values)
    assert compared > 1_000_000


def _rows_of(path):
    if path.suffix == ".ndjson":
        return [json.loads(line) for line in path.read_bytes().splitlines()[1:]]
    return json.loads(path.read_bytes())["rows"]


def _as_parquet(value, kind):
    if value is None:
        return None
    if pa.types.is_date(kind):
        return date.fromisoformat(value)
    if pa.types.is_timestamp(kind):
        return datetime.fromisoformat(value)
    return value


def _as_sas(value):
    if isinstance(value, datetime):
        return (value - datetime(1960, 1, 1)) / timedelta(seconds=1)  # noqa: DTZ001  # SAS has no time zones
    if isinstance(value, date):
        return float((value - date(1960, 1, 1)).days)
    assert not isinstance(value, time), "the study has no times of day alone"
    return float(value) if isinstance(value, int | float) else value and to_ascii(value)


def _too_long(value):
    return isinstance(value, str) and len(value.encode()) > 200


def _plain(value):
    return None if value == "" or (isinstance(value, float) and np.isnan(value)) else value
