"""Parquet: types by the spec, and the spec's words in the file."""

from __future__ import annotations

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from flows.handoff import write_parquet
from specs.errors import HandoffError
from tests.handoff.datasets import LABEL_40, everything


@pytest.fixture
def written(tmp_path):
    spec, frame = everything()
    write_parquet(frame, spec, tmp_path / "adae.parquet", studyid="QL1706-ESCC")
    return spec, frame, tmp_path / "adae.parquet"


def test_types_are_those_of_the_spec(written):
    schema = pq.read_schema(written[2])
    assert {f.name: str(f.type) for f in schema} == {
        "STUDYID": "string", "USUBJID": "string", "ADAESEQ": "int64", "AETERM": "string", "EMPTY": "string",
        "AVAL": "double", "NONE": "double", "ASTDT": "date32[day]", "ASTDTM": "timestamp[us]", "ASTTM": "time64[us]",
    }  # fmt: skip


def test_values_are_the_ones_given_and_missing_is_null(written):
    _, frame, path = written
    table = pq.read_table(path)
    assert table["AETERM"].to_pylist() == [t if isinstance(t, str) else None for t in frame["AETERM"]]
    assert table["AVAL"].null_count == 1
    assert table["EMPTY"].null_count == table["NONE"].null_count == 6
    assert [str(d) for d in table["ASTDT"].to_pylist()[:2]] == ["1959-12-31", "1960-01-01"]
    assert table["ASTDTM"].to_pylist()[3].isoformat() == "2025-03-09T08:30:00.000001"
    assert [str(t) for t in table["ASTTM"].to_pylist()[:4]] == ["00:00:00", "23:59:59.500000", "None", "00:00:01"]


def test_fields_carry_what_the_spec_says(written):
    field = pq.read_schema(written[2]).field("AETERM")
    assert {k.decode(): v.decode() for k, v in field.metadata.items() if k != b"PARQUET:field_id"} == {
        "label": LABEL_40, "type": "Char", "length": "60", "codelist": "TERM", "origin": "Collected", "core": "Perm",
    }  # fmt: skip


def test_the_file_carries_label_keys_and_one_json_for_readers_that_see_file_pairs_only(written):
    found = {k.decode(): v.decode() for k, v in pq.read_metadata(written[2]).metadata.items()}
    assert found["label"] == "Adverse Events – Analysis"
    assert found["keys"] == "STUDYID USUBJID ADAESEQ"
    assert found["study"] == "QL1706-ESCC"
    described = json.loads(found["cdisc"])
    assert described["variables"]["ASTDT"]["format"] == "DATE9."
    assert list(described["variables"]) == list(written[0].variables)
    assert "pandas" not in found


def test_columns_are_dictionary_encoded_and_compressed(written):
    column = pq.read_metadata(written[2]).row_group(0).column(0)
    assert "RLE_DICTIONARY" in column.encodings
    assert column.compression == "ZSTD"


def test_the_same_values_give_the_same_bytes_however_pandas_stores_them(written, tmp_path):
    spec, frame, path = written
    write_parquet(frame.astype({"AETERM": "object"}), spec, tmp_path / "again.parquet", studyid="QL1706-ESCC")
    assert (tmp_path / "again.parquet").read_bytes() == path.read_bytes()


def test_an_empty_table_keeps_its_types(tmp_path):
    spec, frame = everything()
    write_parquet(frame.iloc[:0], spec, tmp_path / "empty.parquet")
    assert pq.read_schema(tmp_path / "empty.parquet").field("ASTDT").type == pa.date32()


def test_a_place_that_cannot_be_written_is_an_error_that_teaches(tmp_path):
    spec, frame = everything()
    with pytest.raises(HandoffError, match="HAND-502") as caught:
        write_parquet(frame, spec, tmp_path / "nowhere" / "adae.parquet")
    assert caught.value.exit_code == 13
