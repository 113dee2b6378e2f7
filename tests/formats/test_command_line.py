"""The formats from the command line: written, detected, named, and refused with words that teach."""

from __future__ import annotations

import shutil

import pytest

from flows.receive.detect import FORMATS, choose_reader, list_folder
from flows.receive.tabular import folder

TABULAR = ["csv", "xpt", "parquet"]


@pytest.mark.parametrize("name", ["rave", "odm", "redcap", *TABULAR])
def test_each_format_is_recognised_by_its_file_names(study, clean_exports, name):
    export = clean_exports.folders[name]

    assert choose_reader(list_folder(export), export, study, "auto") is FORMATS[name][1]


def test_the_formats_written_have_a_layout_each(study):
    assert set(TABULAR) <= set(study.layouts)
    for name in ("sas7bdat", *TABULAR):
        assert folder.choose_layout({}, study, name) is study.layouts[name]


@pytest.mark.slow
@pytest.mark.parametrize("name", TABULAR)
def test_simulate_and_map_in_a_named_format(cdisc_flows, tmp_path, name):
    made = cdisc_flows(
        "simulate", "--study", "ql1706", "--subjects", 12, "--format", name, "--out", tmp_path / "raw", "--clean"
    )
    done = cdisc_flows(
        "sdtm", "--study", "ql1706", "--raw", tmp_path / "raw", "--out", tmp_path / "out", "--format", name, "--plain"
    )

    assert made.returncode == 0, made.stderr
    assert sorted(p.suffix for p in (tmp_path / "raw").iterdir()) == [f".{name}"] * 26
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "sdtm" / "ae.parquet").is_file()


def test_an_export_in_one_format_replaces_one_in_another(cdisc_flows, tmp_path):
    for name in ("csv", "parquet"):
        done = cdisc_flows(
            "simulate", "--study", "ql1706", "--subjects", 12, "--format", name, "--out", tmp_path / "raw"
        )
        assert done.returncode == 0, done.stderr
        assert {p.suffix for p in (tmp_path / "raw").iterdir()} == {f".{name}"}


def _cut(path):
    path.write_bytes(path.read_bytes()[:-100])


@pytest.mark.parametrize(("name", "code"), [("csv", "INPUT-041"), ("xpt", "INPUT-042"), ("parquet", "INPUT-042")])
def test_a_file_that_is_cut_off_ends_with_exit_11(cdisc_flows, clean_exports, tmp_path, name, code):
    raw = tmp_path / "raw"
    shutil.copytree(clean_exports.folders[name], raw)
    _cut(raw / f"AE.{name}")
    done = cdisc_flows("sdtm", "--study", "ql1706", "--raw", raw, "--out", tmp_path / "out", "--plain")

    assert done.returncode == 11, done.stderr
    assert f"{code}  AE.{name}" in done.stderr
    assert "Next: " in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_folder_of_nothing_known_names_what_would_be_known(cdisc_flows, tmp_path):
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "letter.docx").write_bytes(b"x")
    done = cdisc_flows("sdtm", "--study", "ql1706", "--raw", tmp_path / "raw", "--out", tmp_path / "out", "--plain")

    assert done.returncode == 11
    assert "V_QL1706_AE.csv" in done.stderr
    assert "AE.xpt" in done.stderr
