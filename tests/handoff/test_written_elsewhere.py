"""A dataset that lies in files is written by another process, and files are read back while other work goes on."""

from __future__ import annotations

from functools import partial

import pyarrow as pa
import pytest

from flows.arrow_files import TableFiles, write_table
from flows.handoff import typed_table, write_study
from flows.parts.shelf import Shelf, table_files
from flows.pipeline import run_study
from flows.request import RunRequest
from flows.workers import at_once
from specs.errors import HandoffError
from tests.handoff.datasets import STAMP
from tests.handoff.test_study_and_manifest import files_of, study_and_data


def in_two_files(table, folder):
    """The table's rows in two Arrow files."""
    halves = [table.slice(0, 1), table.slice(1)]
    paths = tuple(folder / f"{number}.arrow" for number in range(2))
    for half, path in zip(halves, paths, strict=True):
        write_table(half, path)
    return TableFiles(paths)


def test_written_from_its_files_a_dataset_has_the_same_bytes_and_findings(tmp_path):
    study, sdtm, adam = study_and_data()
    ae = typed_table(sdtm["AE"], study.sdtm["AE"])
    files = {"AE": in_two_files(ae, tmp_path)}
    begun = []

    def begin(work, *args):
        begun.append(getattr(work, "__name__", ""))
        return at_once(work, *args)

    here = write_study(tmp_path / "here", study, sdtm=sdtm | {"AE": ae}, adam=adam, stamp=STAMP)
    there = write_study(
        tmp_path / "there",
        study,
        sdtm=sdtm | {"AE": files["AE"].read()},
        adam=adam,
        stamp=STAMP,
        files=files,
        begin=begin,
    )

    assert begun.count("write_dataset") == 1  # of AE; the others are written here
    assert there.read_back() == here.read_back() == 3
    assert files_of(tmp_path / "there") == files_of(tmp_path / "here")
    assert there.findings.equals(here.findings)
    assert there.rows == here.rows


def test_a_difference_is_raised_when_reading_back_is_waited_for(tmp_path):
    study, sdtm, _ = study_and_data()
    written = write_study(tmp_path, study, sdtm=sdtm, stamp=STAMP, begin=partial)
    xpt = next(tmp_path.rglob("ae.xpt"))
    xpt.write_bytes(xpt.read_bytes().replace(b"FaRe", b"FaXe"))

    with pytest.raises(HandoffError, match="HAND-508  AE, AETERM, row 1"):
        written.read_back()


def test_only_tables_on_disk_in_the_order_of_subjects_have_files(study, tmp_path):
    specs = {"AE": study.sdtm["AE"], "TI": study.sdtm["TI"]}
    empty = {name: pa.table({"USUBJID": ["1"]}) for name in specs}
    on_disk = [Shelf(empty, tmp_path / "one"), Shelf({"AE": empty["AE"]}, tmp_path / "two")]

    found = table_files(on_disk, specs)

    assert found == {"AE": TableFiles((tmp_path / "one" / "AE.arrow", tmp_path / "two" / "AE.arrow"))}
    assert found["AE"].read().num_rows == 2
    assert table_files([Shelf(empty, None)], specs) == {}


@pytest.mark.slow
def test_a_damaged_file_that_the_second_process_reads_back_ends_the_run(dirty_export, tmp_path, monkeypatch):
    from flows.handoff import dataset_files

    write_well = dataset_files.write_xpt

    def write_wrongly(table, spec, path, lengths, stamp):
        write_well(table, spec, path, lengths, stamp)
        if spec.dataset == "DM":
            path.write_bytes(path.read_bytes().replace(b"QL1706-ESCC-01001", b"QL1706-ESCC-01000"))

    monkeypatch.setattr(dataset_files, "write_xpt", write_wrongly)  # in this process alone
    with pytest.raises(HandoffError, match="HAND-508  DM, USUBJID, row 1") as caught:
        run_study(RunRequest("ql1706", dirty_export, tmp_path / "out"))

    assert caught.value.exit_code == 13
    assert not (tmp_path / "out").exists()
