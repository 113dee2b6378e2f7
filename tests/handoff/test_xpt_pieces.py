"""XPT files over an agency's limit: the whole file, and pieces that end with a subject."""

from __future__ import annotations

import pandas as pd
import pyreadstat
import pytest

from flows.datasets import find_dataset_files
from flows.handoff import write_study
from flows.handoff import xpt_pieces as module
from flows.handoff.xpt_reader import open_xpt
from specs.errors import HandoffError
from specs.models import Handoff
from tests.handoff.datasets import STAMP, TinyFile, TinyStudy, frame_of, spec_of

FOLDER = "m5/datasets/ql1706-escc/tabulations/sdtm"
ROWS = 60 * ["QL1706-001"] + 60 * ["QL1706-002"] + 30 * ["QL1706-003"]
TEXT = {"label": "Reported Term for the Adverse Event", "type": "Char", "length": 200}


def written(folder, most, subjects=ROWS):
    ae = spec_of(AETERM=TEXT)
    numbers = [float(n) for n in range(1, len(subjects) + 1)]
    frame = frame_of(ae, USUBJID=subjects, AESEQ=numbers, AETERM=[f"term {n:0>195}" for n in range(len(subjects))])
    study = TinyStudy(sdtm={"AE": ae}, study=TinyFile(handoff=Handoff(xpt_max_bytes=most)))
    return write_study(folder, study, sdtm={"AE": frame}, stamp=STAMP)


def limit(folder, rows):
    """The bytes of a file with room for so many rows, and for not one more."""
    (ae,) = written(folder / "whole", 10**9).datasets
    file = open_xpt(folder / "whole" / ae.xpt)
    return file.start + -(-rows * file.row_bytes // 80) * 80


# room for so many rows in a file -> rows of the pieces, of subjects with 60, 60 and 30
CASES = [(150, []), (149, [120, 30]), (120, [120, 30]), (119, [60, 90]), (90, [60, 90]), (89, [60, 60, 30])]


@pytest.mark.parametrize(("room", "rows"), CASES)
def test_a_piece_ends_with_a_subject_and_holds_what_it_can(tmp_path, room, rows):
    most = limit(tmp_path, room)
    found = written(tmp_path / "out", most)
    (ae,) = found.datasets
    assert list(ae.pieces.values()) == rows
    assert found.findings["code"].tolist() == (["HAND-511"] if rows else [])
    assert all((tmp_path / "out" / path).stat().st_size <= most for path in ae.pieces)
    assert found.rows[ae.xpt] == 150


def test_the_pieces_together_are_the_whole_file(tmp_path):
    (ae,) = written(tmp_path / "out", limit(tmp_path, 149)).datasets
    assert [path.rpartition("/")[2] for path in ae.pieces] == ["ae1.xpt", "ae2.xpt"]
    whole, meta = pyreadstat.read_xport(tmp_path / "out" / ae.xpt)
    parts = []
    for number, path in enumerate(ae.pieces, start=1):
        frame, own = pyreadstat.read_xport(tmp_path / "out" / path)
        assert own.table_name == f"AE{number}"
        assert own.file_label == meta.file_label
        assert own.column_names_to_labels == meta.column_names_to_labels
        assert own.variable_storage_width == meta.variable_storage_width
        parts.append(frame)
    pd.testing.assert_frame_equal(pd.concat(parts, ignore_index=True), whole)


def test_one_subject_that_is_too_large_is_refused(tmp_path):
    with pytest.raises(HandoffError, match="HAND-512  AE") as caught:
        written(tmp_path / "out", limit(tmp_path, 59))
    assert caught.value.exit_code == 13
    assert "xpt_max_bytes" in str(caught.value)


def test_rows_of_a_subject_that_lie_apart_stay_in_one_piece(tmp_path):
    apart = ["QL1706-001"] * 50 + ["QL1706-002"] * 60 + ["QL1706-001"] * 10 + ["QL1706-003"] * 30
    (ae,) = written(tmp_path / "out", limit(tmp_path, 149), apart).datasets
    assert list(ae.pieces.values()) == [120, 30]
    with pytest.raises(HandoffError, match="HAND-512  AE"):
        written(tmp_path / "less", limit(tmp_path / "again", 119), apart)


def test_pieces_of_two_datasets_never_have_one_name(tmp_path):
    most = limit(tmp_path, 149)
    ae = spec_of(AETERM=TEXT)
    specs = {name: ae.model_copy(update={"dataset": name}) for name in ("ADLBCHEM", "ADLBCHEX")}
    numbers = [float(n) for n in range(1, len(ROWS) + 1)]
    terms = [f"term {n:0>195}" for n in range(len(ROWS))]
    frame = frame_of(ae, USUBJID=ROWS, AESEQ=numbers, AETERM=terms)
    study = TinyStudy(adam=specs, study=TinyFile(handoff=Handoff(xpt_max_bytes=most)))
    with pytest.raises(HandoffError, match="HAND-513"):
        write_study(tmp_path / "out", study, adam=dict.fromkeys(specs, frame), stamp=STAMP)


def test_a_piece_that_differs_from_the_whole_stops_the_hand_off(tmp_path, monkeypatch):
    most = limit(tmp_path, 149)
    plain = module._observations
    spoilt = []

    def observations(file, first, end):
        for chunk in plain(file, first, end):
            if not spoilt:  # what is written first
                spoilt.append(chunk)
                chunk[0, 0] += 1
            yield chunk

    monkeypatch.setattr(module, "_observations", observations)
    with pytest.raises(HandoffError, match=r"HAND-508  AE1\n.*not those of the whole file"):
        written(tmp_path / "out", most)


def test_pieces_are_no_datasets_of_their_own(tmp_path):
    written(tmp_path / "out", limit(tmp_path, 149))
    assert sorted(file.place for file in find_dataset_files(tmp_path / "out")) == [
        f"{FOLDER}/ae.xpt",
        "sdtm/ae.parquet",
    ]
    assert [file.name for file in find_dataset_files(tmp_path / "out" / FOLDER / "split")] == ["AE1", "AE2"]
