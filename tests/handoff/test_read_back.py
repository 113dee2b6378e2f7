"""The read-back notices what differs between an XPT file and its Parquet file, and says where."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from flows.handoff import reading_back as module
from flows.handoff import study_lengths, take_out_unfit, write_parquet, write_xpt
from flows.handoff.columns import typed_table
from flows.handoff.reading_back import read_back
from specs.errors import HandoffError
from tests.handoff.datasets import STAMP, everything, frame_of, spec_of


class Pair:
    """A dataset as Parquet and XPT, and its comparison."""

    def __init__(self, folder, spec, frame):
        self.spec, self.parquet, self.xpt = spec, folder / "x.parquet", folder / "x.xpt"
        table = typed_table(frame, spec)
        write_parquet(table, spec, self.parquet)
        fit = take_out_unfit(table, spec)
        self.left_out = fit.left_out
        self.lengths = study_lengths({spec.dataset: table}, {spec.dataset: spec})[spec.dataset]
        write_xpt(fit.table, spec, self.xpt, self.lengths, STAMP)

    def compare(self, **changed):
        given = {"spec": self.spec, "lengths": self.lengths, "stamp": STAMP, "left_out": self.left_out} | changed
        read_back(self.xpt, self.parquet, **given)


@pytest.fixture
def pair(tmp_path):
    spec, frame = everything()
    return Pair(tmp_path, spec, frame)


def test_a_faithful_pair_passes_whatever_the_chunk(pair, monkeypatch):
    pair.compare()
    monkeypatch.setattr(module, "_CHUNK_BYTES", 1)
    pair.compare()


def test_a_change_of_any_byte_that_means_something_is_noticed(pair):
    raw = pair.xpt.read_bytes()
    # SAS's version and system, the dataset's type: they say nothing of the data
    silent = {*range(104, 120), *range(424, 440)}
    unnoticed = []
    for at in range(len(raw)):
        pair.xpt.write_bytes(raw[:at] + bytes([raw[at] ^ 0x01]) + raw[at + 1 :])
        try:
            read_back(pair.xpt, pair.parquet, pair.spec, pair.lengths, STAMP, pair.left_out)
        except HandoffError:
            continue
        unnoticed.append(at)
    assert set(unnoticed) == silent


@pytest.mark.parametrize("cut", [1, 80, 160, 400])
def test_a_file_cut_short_is_noticed(pair, cut):
    raw = pair.xpt.read_bytes()
    pair.xpt.write_bytes(raw[:-cut])
    with pytest.raises(HandoffError, match=r"HAND-508  ADAE"):
        pair.compare()


def test_the_error_names_dataset_variable_and_first_row(tmp_path):
    spec = spec_of(AETERM={"label": "t", "type": "Char"}, AVAL={"label": "v", "type": "Num"})
    frame = frame_of(spec, AETERM=["one", "two", "three"], AVAL=[1.5, 2.5, None])
    pair = Pair(tmp_path, spec, frame)
    raw = pair.xpt.read_bytes()
    pair.xpt.write_bytes(raw.replace(b"two  ", b"too  "))
    with pytest.raises(HandoffError, match=r"HAND-508  AE, AETERM, row 2") as caught:
        pair.compare()
    assert "the XPT file has 'too', the Parquet file has 'two'" in str(caught.value)
    assert caught.value.exit_code == 13
    two_and_a_half = b"\x41\x28\0\0\0\0\0\0"
    assert raw.count(two_and_a_half) == 1
    pair.xpt.write_bytes(raw.replace(two_and_a_half, b".\0\0\0\0\0\0\0"))
    with pytest.raises(HandoffError, match=r"HAND-508  AE, AVAL, row 2"):
        pair.compare()


def test_missing_is_not_taken_for_zero(tmp_path):
    spec = spec_of(AVAL={"label": "v", "type": "Num"})
    pair = Pair(tmp_path, spec, frame_of(spec, AVAL=[1.5, None]))
    raw = pair.xpt.read_bytes()
    pair.xpt.write_bytes(raw.replace(b".\0\0\0\0\0\0\0", bytes(8)))
    with pytest.raises(HandoffError, match=r"AE, AVAL, row 2"):
        pair.compare()


def test_what_the_spec_says_is_compared_too(pair):
    other = pair.spec.model_copy(update={"label": "Another label"})
    with pytest.raises(HandoffError, match="dataset label"):
        pair.compare(spec=other)
    variables = dict(pair.spec.variables)
    variables["ASTDT"] = variables["ASTDT"].model_copy(update={"format": None})
    with pytest.raises(HandoffError, match=r"ASTDT.*\n.*format"):
        pair.compare(spec=pair.spec.model_copy(update={"variables": variables}))
    with pytest.raises(HandoffError, match=r"AETERM.*\n.*length"):
        pair.compare(lengths=pair.lengths | {"AETERM": 60})


def test_pyreadstat_is_really_asked(pair, monkeypatch):
    """Were our own two readings of TS-140 wrong in the same way, pyreadstat would still object."""
    monkeypatch.setattr(module, "compare_headers", lambda *a: None)
    monkeypatch.setattr(module, "_compare_values", lambda *a: None)
    raw = pair.xpt.read_bytes()
    pair.compare()
    for old, new in ((b"Analysis Value", b"Analysis Volue"), (b"DATETIME", b"DATETAME"), (b" leading", b"leading ")):
        assert raw.count(old) == 1
        pair.xpt.write_bytes(raw.replace(old, new))
        with pytest.raises(HandoffError, match="HAND-508"):
            pair.compare()


def test_cells_left_out_of_the_xpt_file_are_known_and_only_they(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_CHUNK_BYTES", 1)
    spec = spec_of(AETERM={"label": "t", "type": "Char"}, AVAL={"label": "v", "type": "Num"})
    frame = frame_of(spec, AETERM=["short", "x" * 201, "y" * 200], AVAL=[1.0, 2.0, 1e77])
    pair = Pair(tmp_path, spec, frame)
    assert {name: rows.tolist() for name, rows in pair.left_out.items()} == {"AETERM": [1], "AVAL": [2]}
    pair.compare()
    for name in ("AETERM", "AVAL"):
        with pytest.raises(HandoffError, match=f"AE, {name}, row"):
            pair.compare(left_out={n: rows for n, rows in pair.left_out.items() if n != name})
    with pytest.raises(HandoffError, match="AE, AETERM, row 1"):
        pair.compare(left_out=pair.left_out | {"AETERM": np.array([0, 1])})


def test_a_dataset_longer_than_what_pyreadstat_sees_is_compared_to_its_end(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "PYREADSTAT_ROWS", 2)
    spec = spec_of(AETERM={"label": "t", "type": "Char"})
    pair = Pair(tmp_path, spec, frame_of(spec, AETERM=[f"term {n}" for n in range(5)]))
    pair.compare()
    pair.xpt.write_bytes(pair.xpt.read_bytes().replace(b"term 4", b"term 5"))
    with pytest.raises(HandoffError, match="AE, AETERM, row 5"):
        pair.compare()


def test_a_row_too_many_or_too_few_is_noticed(tmp_path):
    spec = spec_of(AETERM={"label": "t", "type": "Char"})
    frames = [frame_of(spec, AETERM=["a"] * n) for n in (3, 4)]
    for name in ("three", "four"):
        (tmp_path / name).mkdir()
    three, four = (Pair(tmp_path / name, spec, frame) for name, frame in zip(("three", "four"), frames, strict=True))
    for one, other in itertools.permutations((three, four)):
        with pytest.raises(HandoffError, match="number of rows"):
            read_back(one.xpt, other.parquet, spec, one.lengths, STAMP)
