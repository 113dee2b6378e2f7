"""The XPT writer, read by pyreadstat (ReadStat): every value, label, format and length."""

# ruff: noqa: DTZ001  # SAS has no time zones
from __future__ import annotations

import string
from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pyreadstat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.handoff import study_lengths, xpt, xpt_reader
from flows.handoff.xpt import write_xpt
from specs.errors import HandoffError
from tests.handoff.datasets import LABEL_40, STAMP, everything, frame_of, spec_of


def write(frame, spec, path, stamp=STAMP):
    lengths = study_lengths({spec.dataset: frame}, {spec.dataset: spec})[spec.dataset]
    write_xpt(frame, spec, path, lengths, stamp)
    return lengths


def read(path):
    return pyreadstat.read_xport(path, disable_datetime_conversion=True)


@pytest.fixture
def all_kinds(tmp_path):
    spec, frame = everything()
    lengths = write(frame, spec, tmp_path / "adae.xpt")
    return spec, frame, lengths, tmp_path / "adae.xpt"


def test_pyreadstat_reads_every_value(all_kinds):
    _, frame, _, path = all_kinds
    found, _ = read(path)
    for name in ("STUDYID", "USUBJID", "AETERM", "EMPTY"):
        assert found[name].to_list() == frame[name].fillna("").to_list()
    for name in ("ADAESEQ", "AVAL", "NONE", "ASTTM"):
        np.testing.assert_array_equal(found[name].astype("float64"), frame[name])
    day_zero = datetime(1960, 1, 1)
    days = [np.nan if pd.isna(d) else (d.to_pydatetime() - day_zero).days for d in frame["ASTDT"]]
    np.testing.assert_array_equal(found["ASTDT"], days)
    assert days[:3] == [-1, 0, -22221]
    seconds = [np.nan if pd.isna(d) else (d.to_pydatetime() - day_zero) / timedelta(seconds=1) for d in frame["ASTDTM"]]
    np.testing.assert_array_equal(found["ASTDTM"], seconds)
    assert seconds[0] == -0.5


def test_pyreadstat_reads_names_labels_formats_and_lengths(all_kinds):
    spec, _, lengths, path = all_kinds
    _, meta = read(path)
    assert meta.table_name == "ADAE"
    assert meta.file_label == "Adverse Events – Analysis"
    assert meta.column_names == list(spec.variables)
    assert meta.column_labels == [v.label for v in spec.variables.values()]
    assert len(LABEL_40.encode()) == 40, "the longest label that fits"
    shown = {name: f for name, f in meta.original_variable_types.items() if f}
    assert shown == {"ASTDT": "DATE9", "ASTDTM": "DATETIME20", "ASTTM": "TIME8"}
    assert {n: w for n, w in meta.variable_storage_width.items() if n in lengths} == lengths
    assert lengths == {"STUDYID": 6, "USUBJID": 10, "AETERM": len('a\nline, "quoted"'), "EMPTY": 1}


def test_dates_are_dates_to_a_reader_that_converts_them(all_kinds):
    found, _ = pyreadstat.read_xport(all_kinds[3])
    assert [str(d) if pd.notna(d) else None for d in found["ASTDT"]] == [
        "1959-12-31", "1960-01-01", "1899-02-28", None, "2024-02-29", "9999-12-31",
    ]  # fmt: skip


def test_the_headers_are_those_of_the_technical_note(all_kinds):
    raw = all_kinds[3].read_bytes()
    assert len(raw) % 80 == 0
    assert raw[:80] == b"HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!000000000000000000000000000000  "
    assert raw[240:320] == b"HEADER RECORD*******MEMBER  HEADER RECORD!!!!!!!000000000000000001600000000140  "
    assert raw[560:640] == b"HEADER RECORD*******NAMESTR HEADER RECORD!!!!!!!000000001000000000000000000000  "
    # the stamp, wherever the headers have a time: the clock is nowhere
    assert [raw[at : at + 16] for at in (144, 160, 464, 480)] == [b"09MAR25:07:05:01"] * 4


def test_the_same_arguments_give_the_same_bytes_whatever_the_chunk(all_kinds, tmp_path, monkeypatch):
    spec, frame, _, path = all_kinds
    monkeypatch.setattr(xpt, "CHUNK_BYTES", 1)
    write(frame, spec, tmp_path / "again.xpt")
    assert (tmp_path / "again.xpt").read_bytes() == path.read_bytes()


text = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30).filter(
    lambda s: len(s.encode()) <= 60
)
number = st.floats(-7e75, 7e75).filter(lambda x: x == 0 or abs(x) > 1e-78)
moment = st.datetimes(datetime(1700, 1, 1), datetime(2245, 1, 1)) | st.builds(
    lambda d: d.replace(microsecond=0), st.datetimes(datetime(1600, 1, 1), datetime(9999, 12, 31))
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.none() | text, st.none() | number, st.none() | moment), min_size=1, max_size=20))
def test_any_dataset_comes_back_from_pyreadstat_and_from_our_own_reader(tmp_path, rows):
    spec = spec_of(
        TEXT={"label": "t", "type": "Char"},
        NUMBER={"label": "n", "type": "Num"},
        MOMENT={"label": "m", "type": "Num", "format": "DATETIME20."},
    )
    texts, numbers, moments = (list(column) for column in zip(*rows, strict=True))
    write(frame_of(spec, TEXT=texts, NUMBER=numbers, MOMENT=moments), spec, tmp_path / "ae.xpt")
    wanted_texts = [(t or "").rstrip(" ") for t in texts]
    wanted_numbers = [np.nan if n is None else n for n in numbers]
    wanted_moments = [np.nan if m is None else (m - datetime(1960, 1, 1)).total_seconds() for m in moments]
    found, _ = read(tmp_path / "ae.xpt")
    assert found["TEXT"].to_list() == wanted_texts
    np.testing.assert_array_equal(found["NUMBER"].astype("float64"), wanted_numbers)
    np.testing.assert_allclose(found["MOMENT"].astype("float64"), wanted_moments, rtol=1e-15)
    file = xpt_reader.open_xpt(tmp_path / "ae.xpt")
    variables, chunk = {v.name: v for v in file.variables}, file.chunk(0, file.rows)
    assert file.rows == len(rows)
    assert xpt_reader.texts(chunk, variables["TEXT"]).to_pylist() == [t or None for t in wanted_texts]
    np.testing.assert_array_equal(xpt_reader.numbers(chunk, variables["NUMBER"]), wanted_numbers)


def test_trailing_blanks_are_no_part_of_a_text_and_blanks_alone_are_missing(tmp_path):
    spec = spec_of(AETERM={"label": "t", "type": "Char"})
    frame = frame_of(spec, AETERM=["ab  ", "   ", "", " c"])
    assert write(frame, spec, tmp_path / "ae.xpt")["AETERM"] == 2
    assert read(tmp_path / "ae.xpt")[0]["AETERM"].to_list() == ["ab", "", "", " c"]


@pytest.mark.parametrize("rows", [1, 2, 3, 4, 5, 79, 80, 81])
def test_no_row_is_lost_or_won_to_padding_when_records_are_shorter_than_80_bytes(tmp_path, rows):
    spec = spec_of(A={"label": "a", "type": "Char"})
    frame = frame_of(spec, A=["x"] + [None] * (rows - 1))
    write(frame, spec, tmp_path / "ae.xpt")
    assert len(read(tmp_path / "ae.xpt")[0]) == rows == xpt_reader.open_xpt(tmp_path / "ae.xpt").rows


def test_a_blank_last_row_that_readers_would_drop_is_refused(tmp_path):
    spec = spec_of().model_copy(update={"variables": spec_of(A={"label": "a", "type": "Char"}).variables})
    spec = spec.model_copy(update={"variables": {"A": spec.variables["A"]}, "keys": ["A"]})
    with pytest.raises(HandoffError, match="HAND-506"):
        write(pd.DataFrame({"A": pd.Series(["x", None], dtype="str")}), spec, tmp_path / "ae.xpt")


def test_a_text_longer_than_its_length_is_refused_not_cut(tmp_path):
    spec = spec_of(AETERM={"label": "t", "type": "Char"})
    frame = frame_of(spec, AETERM=["short", "too long"])
    with pytest.raises(HandoffError, match=r"(?s)HAND-509  AE, AETERM, row 2.*'too long' is longer than 7 bytes"):
        write_xpt(frame, spec, tmp_path / "ae.xpt", {"STUDYID": 6, "USUBJID": 10, "AETERM": 7}, STAMP)


def test_a_number_beyond_ibm_doubles_is_refused_with_its_row_in_any_chunk(tmp_path, monkeypatch):
    monkeypatch.setattr(xpt, "CHUNK_BYTES", 1)
    spec = spec_of(AVAL={"label": "v", "type": "Num"})
    with pytest.raises(HandoffError, match="HAND-509  AE, AVAL, row 3"):
        write(frame_of(spec, AVAL=[1, 2, 1e76]), spec, tmp_path / "ae.xpt")


def test_a_disk_without_room_is_an_error_with_a_hint(tmp_path):
    spec, frame = everything()
    (tmp_path / "full.xpt").symlink_to("/dev/full")
    with pytest.raises(HandoffError, match=r"(?s)HAND-502.*the disk is full") as caught:
        write(frame, spec, tmp_path / "full.xpt")
    assert caught.value.exit_code == 13


def test_every_printable_character_survives(tmp_path):
    spec = spec_of(A={"label": "a", "type": "Char"})
    characters = list(string.printable.replace(" ", ""))
    write(frame_of(spec, A=characters), spec, tmp_path / "ae.xpt")
    assert read(tmp_path / "ae.xpt")[0]["A"].to_list() == characters
