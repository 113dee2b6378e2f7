"""A study handed off whole: the layout, the manifest, and the same bytes wherever and whenever it runs."""

# ruff: noqa: DTZ001  # SAS has no time zones
from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pyreadstat
import pytest

from flows.handoff import (
    InputFile,
    OutputFolder,
    RunContent,
    input_files,
    number_findings,
    stamp_of,
    write_findings,
    write_manifest,
    write_study,
)
from flows.handoff import manifest as manifest_module
from specs.errors import HandoffError
from specs.supplemental import supp_spec
from tests.handoff.datasets import STAMP, TinyStudy, everything, frame_of, spec_of
from tests.tables import table

TERM = {"label": "Reported Term for the Adverse Event", "type": "Char", "length": 10}


def study_and_data():
    ae, (adae, adae_frame) = spec_of(AETERM=TERM), everything()
    supp = pd.DataFrame({name: pd.Series(["1"], dtype="str") for name in supp_spec(ae).variables})
    study = TinyStudy(sdtm={"AE": ae, "LB": spec_of("LB", "Laboratory")}, adam={"ADAE": adae})
    sdtm = {
        "AE": frame_of(ae, AETERM=["发热", "more than ten", "x" * 201]),
        "LB": frame_of(study.sdtm["LB"], LBSEQ=[]),
        "SUPPAE": supp,
    }
    return study, sdtm, {"ADAE": adae_frame}


def hand_off(out: Path) -> str:
    """A whole hand-off of the small study. Returns the manifest's hash."""
    study, sdtm, adam = study_and_data()
    lineage = table(
        "USUBJID | AESEQ | _FORM | _FILE | _LINE | _RECORD | _SITE | _SUBJECT | _VISIT\n"
        "QL1706-003 | 3 | AE | AE.csv | 4 | r4 | 01 | 003 | V1",
        numbers=("AESEQ", "_LINE"),
    )
    accounting = table("form | file | rule | rows\nAE | AE.csv | READ | 4\nAE | AE.csv | KEPT | 3", numbers=("rows",))
    with OutputFolder(out) as folder:
        written = write_study(folder.stage, study, sdtm=sdtm, adam=adam, stamp=STAMP)
        findings = number_findings(written.findings, {"AE": lineage})
        write_findings(findings, folder.stage)
        content = RunContent(
            parameters={"study": "tiny", "cutoff": ""}, snapshot=STAMP.isoformat(), accounting={"receive": accounting},
            inputs=input_files({"AE.csv": "ab" * 32}, accounting), findings=findings, rows=written.rows,
        )  # fmt: skip
        digest = write_manifest(folder.stage, study, content)
        folder.publish()
    return digest


@pytest.fixture
def out(tmp_path):
    hand_off(tmp_path / "out")
    return tmp_path / "out"


def files_of(out: Path) -> dict[str, bytes]:
    return {p.relative_to(out).as_posix(): p.read_bytes() for p in sorted(out.rglob("*")) if p.is_file()}


def test_the_layout_is_that_of_a_submission_without_datasets_that_have_no_rows(out):
    assert list(files_of(out)) == sorted(
        [
            "adam/adae.parquet", "findings.csv", "findings.json",
            "m5/datasets/ql1706-escc/analysis/adam/datasets/adae.xpt",
            "m5/datasets/ql1706-escc/tabulations/sdtm/ae.xpt",
            "m5/datasets/ql1706-escc/tabulations/sdtm/suppae.xpt",
            "manifest.json", "sdtm/ae.parquet", "sdtm/suppae.parquet",
        ]
    )  # fmt: skip


def test_a_variable_has_one_length_in_all_datasets_of_the_study(out):
    metas = [pyreadstat.read_xport(path, metadataonly=True)[1] for path in sorted(out.rglob("*ae.xpt"))]
    widths = [m.variable_storage_width["AETERM"] for m in metas if "AETERM" in m.column_names]
    assert widths == [16, 16]


def test_a_value_over_200_bytes_is_whole_in_parquet_left_out_of_xpt_and_reported_on_its_raw_record(out):
    assert pq.read_table(out / "sdtm/ae.parquet")["AETERM"].to_pylist()[2] == "x" * 201
    frame, _ = pyreadstat.read_xport(next(out.rglob("ae.xpt")))
    assert frame["AETERM"].to_list() == ["FaRe", "more than ten", ""]
    findings = json.loads((out / "findings.json").read_text("utf-8"))
    assert [(f["code"], f["dataset"], f["variable"], f["record_id"], f["line"]) for f in findings] == [
        ("HAND-504", "AE", "AETERM", "r4", "4"),
        ("HAND-503", "AE", "AETERM", "", ""),
        ("HAND-510", "ADAE", "AETERM", "", ""),
        ("HAND-510", "AE", "AETERM", "", ""),
    ]


def test_the_manifest_says_what_went_in_and_what_came_out(out):
    manifest = json.loads((out / "manifest.json").read_text("utf-8"))
    found = files_of(out)
    outputs = {o["path"]: o for o in manifest["outputs"]}
    assert outputs.keys() == found.keys() - {"manifest.json"}
    for path, output in outputs.items():
        assert output["sha256"] == hashlib.sha256(found[path]).hexdigest()
        assert output["bytes"] == len(found[path])
    assert {path: o["rows"] for path, o in outputs.items() if "rows" in o} == {
        "adam/adae.parquet": 6, "m5/datasets/ql1706-escc/analysis/adam/datasets/adae.xpt": 6,
        "sdtm/ae.parquet": 3, "m5/datasets/ql1706-escc/tabulations/sdtm/ae.xpt": 3,
        "sdtm/suppae.parquet": 1, "m5/datasets/ql1706-escc/tabulations/sdtm/suppae.xpt": 1,
    }  # fmt: skip
    assert manifest["inputs"] == [{"name": "AE.csv", "sha256": "ab" * 32, "rows": 4}]
    assert manifest["accounting"]["receive"][1] == {"form": "AE", "file": "AE.csv", "rule": "KEPT", "rows": 3}
    assert manifest["findings"] == {
        "by_severity": {"error": 1, "warning": 1, "info": 2}, "by_code": {"HAND-503": 1, "HAND-504": 1, "HAND-510": 2},
    }  # fmt: skip
    assert manifest["study"] == "QL1706-ESCC"
    assert manifest["terminology"] == {"sdtm_ct": "2022-09-30", "MEDDRA": "MedDRA 28.0"}
    assert manifest["snapshot"] == "2025-03-09T07:05:01"
    assert {"python", "cdisc-flows", "pandas", "pyarrow"} <= manifest["versions"].keys()


def test_nothing_published_tells_of_the_machine(out):
    for name, raw in files_of(out).items():
        for secret in (str(out.parent), os.uname().nodename, str(Path.home())):
            assert len(secret) < 4 or secret.encode() not in raw, f"{secret} in {name}"


@pytest.mark.parametrize(("zone", "seed"), [("Asia/Shanghai", "1"), ("America/New_York", "2")])
def test_another_time_zone_and_another_hash_seed_give_the_same_bytes(out, tmp_path, zone, seed):
    root = Path(__file__).parents[2]
    script = f"from pathlib import Path; from {__name__} import hand_off; hand_off(Path({str(tmp_path / 'again')!r}))"
    environment = {**os.environ, "TZ": zone, "PYTHONHASHSEED": seed, "PYTHONPATH": str(root), "LC_ALL": "C"}
    subprocess.run([sys.executable, "-c", script], env=environment, check=True, cwd=tmp_path)
    assert files_of(tmp_path / "again") == files_of(out)


def test_a_dataset_without_a_spec_is_refused_with_the_nearest_name(tmp_path):
    study, sdtm, _ = study_and_data()
    with pytest.raises(HandoffError, match=r"(?s)HAND-507  AEE.*did you mean 'AE'"):
        write_study(tmp_path, study, sdtm={"AEE": sdtm["AE"]}, stamp=STAMP)
    with pytest.raises(HandoffError, match="HAND-507  SUPPXX"):
        write_study(tmp_path, study, sdtm={"SUPPXX": sdtm["SUPPAE"]}, stamp=STAMP)


def test_a_difference_in_reading_back_stops_the_hand_off(tmp_path, monkeypatch):
    from flows.handoff import dataset_files as study_module

    def write_wrongly(frame, spec, path, lengths, stamp):
        study_module_write(frame, spec, path, lengths, stamp)
        path.write_bytes(path.read_bytes().replace(b"FaRe", b"FaXe"))

    study_module_write = study_module.write_xpt
    monkeypatch.setattr(study_module, "write_xpt", write_wrongly)
    study, sdtm, _ = study_and_data()
    with pytest.raises(HandoffError, match="HAND-508  AE, AETERM, row 1") as caught:
        write_study(tmp_path, study, sdtm=sdtm, stamp=STAMP).read_back()
    assert caught.value.exit_code == 13


@pytest.mark.parametrize(
    ("snapshot", "stamp"),
    [
        ("2025-03-09", datetime(2025, 3, 9)),
        ("2025-03-09T07:05:01", STAMP),
        ("2025-03-09T07:05:01.123456", STAMP),
        ("2025-03-09T07:05:01+08:00", STAMP),
        ("2025-03", datetime(2025, 3, 1)),
        ("2025", datetime(2025, 1, 1)),
        ("", datetime(1960, 1, 1)),
        ("unknown", datetime(1960, 1, 1)),
    ],
)
def test_stamp_of(snapshot, stamp):
    assert stamp_of(snapshot) == stamp


def test_the_hash_of_the_code_follows_its_files_only(tmp_path, monkeypatch):
    packages = ("adam", "flows", "sdtm", "specs")
    for package in packages:
        (tmp_path / package / "sub").mkdir(parents=True)
        (tmp_path / package / "sub" / "a.py").write_text(f"# {package}")
    monkeypatch.setattr(manifest_module, "files", lambda package: tmp_path / package)
    hashed = manifest_module.installed_code_sha256.__wrapped__
    first = hashed()
    (tmp_path / "specs" / "__pycache__").mkdir()
    (tmp_path / "specs" / "__pycache__" / "a.cpython-311.pyc").write_bytes(b"compiled")
    (tmp_path / "specs" / ".hidden").write_text("x")
    assert hashed() == first
    (tmp_path / "specs" / "sub" / "a.py").rename(tmp_path / "specs" / "sub" / "b.py")
    renamed = hashed()
    (tmp_path / "specs" / "sub" / "b.py").write_text("# other")
    assert len({first, renamed, hashed()}) == 3


def test_input_files_take_their_rows_from_the_accounting():
    accounting = table(
        "form | file | rule | rows\nAE | AE.csv | READ | 4\nAE | AE.csv | KEPT | 3\nDM | DM.csv | READ | 2",
        numbers=("rows",),
    )
    assert input_files({"DM.csv": "d", "X.csv": "x", "AE.csv": "a"}, accounting) == [
        InputFile("AE.csv", "a", 4), InputFile("DM.csv", "d", 2), InputFile("X.csv", "x", None),
    ]  # fmt: skip
