"""SDTM of other hands: all faults told at once, nothing published; what may be absent, left out and told."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from flows.pipeline import run_study
from flows.request import RunRequest

pytestmark = pytest.mark.slow
Edit = Callable[[Path], None]


@pytest.fixture(scope="session")
def sound(tmp_path_factory, clean_export) -> Path:
    """A published SDTM half, in Parquet and XPT."""
    out = tmp_path_factory.mktemp("sound") / "out"
    run_study(RunRequest("ql1706", clean_export, out, "sdtm"))
    return out


def parquet(sound: Path) -> Path:
    return sound / "sdtm"


def xpt(sound: Path) -> Path:
    return next(sound.rglob("*.xpt")).parent


def edit(name: str, change: Callable[[pd.DataFrame], pd.DataFrame]) -> Edit:
    def do(folder: Path) -> None:
        path = folder / f"{name}.parquet"
        change(pd.read_parquet(path)).to_parquet(path, index=False)

    return do


def remove(*names: str) -> Edit:
    def do(folder: Path) -> None:
        for name in names:
            (folder / name).unlink()

    return do


def cut(name: str) -> Edit:
    def do(folder: Path) -> None:
        raw = (folder / name).read_bytes()
        (folder / name).write_bytes(raw[: len(raw) // 160 * 80])

    return do


def stranger(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(USUBJID=frame["USUBJID"].where(frame.index > 1, "QL1706-ESCC-77001"))


def zeros_lost(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(USUBJID=frame["USUBJID"].str.replace("ESCC-0", "ESCC-"))


FAULTS: dict[str, tuple[Callable[[Path], Path], list[Edit], int, list[str]]] = {
    "input alone": (
        parquet,
        [
            remove("ex.parquet"),
            edit("lb", lambda f: f.drop(columns=["LBTESTCD", "USUBJID"])),
            edit("ae", lambda f: f.assign(AESTDTC=np.arange(len(f), dtype=float))),
            edit("vs", lambda f: f.assign(VSSTRESN="high")),
            cut("tu.parquet"),
        ],
        11,
        ["INPUT-102", "INPUT-103  lb.parquet", "LBTESTCD", "USUBJID", "AESTDTC holds numbers", "'high'", "tu.parquet"],
    ),
    "gate alone": (
        parquet,
        [
            edit("dm", lambda f: pd.concat([f, f.iloc[:1]])),
            edit("rs", stranger),
            edit("tr", stranger),
            edit("lb", lambda f: f.assign(LBSEQ=1.0)),
            edit("vs", lambda f: f.assign(VSSEQ=f["VSSEQ"].where(f.index > 2))),
            edit("cm", lambda f: f.assign(STUDYID="QL1706-NSCLC")),
            edit("ae", lambda f: f.assign(DOMAIN="CM")),
        ],
        12,
        [
            "GATE-204  DM", "GATE-208  RS, TR", "QL1706-ESCC-77001", "GATE-204  LB", "GATE-209  VS.VSSEQ",
            "GATE-211  CM.STUDYID", "'QL1706-NSCLC'", "GATE-210  AE.DOMAIN",
        ],
    ),
    "values": (
        parquet,
        [
            edit("dm", lambda f: f.replace({"ARMCD": {"DL1": "DL9"}, "DTHFL": {"Y": "yes"}})),
            edit("ex", lambda f: f.assign(EXDOSE=f["EXDOSE"].where(f.index > 1, np.inf))),
            edit("tr", lambda f: f.assign(TRSTRESU=f["TRSTRESU"].replace("mm", "cm"))),
            edit("suppae", lambda f: f.assign(IDVARVAL="99999")),
        ],
        12,
        [
            "GATE-214  DM.ARMCD", "'DL9'", "GATE-215  DM.DTHFL", "'yes'", "GATE-213  EX.EXDOSE", "infinite",
            "GATE-217  TR.TRSTRESU", "'cm'", "GATE-204  SUPPAE", "GATE-216  SUPPAE.IDVARVAL",
        ],
    ),
    "both kinds": (
        parquet,
        [edit("ex", lambda f: f.assign(EXDOSE="five")), edit("lb", zeros_lost), edit("dm", lambda f: f.iloc[1:])],
        11,
        ["INPUT-106  ex.parquet", "'five'", "GATE-208", "leading zeros"],
    ),
    "transport files": (
        xpt,
        [cut("lb.xpt"), remove("dm.xpt"), lambda folder: (folder / "ae.xpt").write_bytes(b"no transport file" * 80)],
        11,
        ["lb.xpt", "cut off within a record", "Dataset DM is missing", "ae.xpt", "does not begin as"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "edits", "exit_code", "says"), FAULTS.values(), ids=FAULTS)
def test_every_fault_is_told_at_once_and_nothing_published(sound, tmp_path, cdisc_flows, kind, edits, exit_code, says):
    folder, out = tmp_path / "sdtm", tmp_path / "out"
    shutil.copytree(kind(sound), folder)
    for change in edits:
        change(folder)

    done = cdisc_flows("adam", "--study", "ql1706", "--sdtm", folder, "--out", out)

    assert done.returncode == exit_code, done.stderr
    assert not out.exists()
    assert "Traceback" not in done.stderr
    for words in says:
        assert words in done.stderr
    # code and place, fact, perhaps a hint, next step: as many steps as problems
    problems = done.stderr.strip().split("\n\n")
    assert [problem.count("\n  Next: ") for problem in problems] == [1] * len(problems), done.stderr


ABSENT = {
    # what is there no more                      -> datasets not made, parameters of ADTTE not made, codes told
    "LB and PR": (remove("lb.parquet", "pr.parquet"), {"ADDLT"}, set(), {"ADAM-430", "ADAM-431"}),
    "RS without rows": (edit("rs", lambda f: f.iloc[:0]), set(), {"PFS", "PFSS1", "DOR"}, {"RAW-125", "ADAM-430"}),
    "all but DM and EX": (
        lambda folder: [p.unlink() for p in folder.iterdir() if p.stem not in ("dm", "ex")],
        {"ADAE", "ADDLT", "ADTR"}, {"PFS", "PFSS1", "DOR"}, {"ADAM-430", "ADAM-431"},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("change", "datasets", "parameters", "codes"), ABSENT.values(), ids=ABSENT)
def test_what_may_be_absent_is_left_out_and_told(sound, tmp_path, study, change, datasets, parameters, codes):
    folder, out = tmp_path / "sdtm", tmp_path / "out"
    shutil.copytree(parquet(sound), folder)
    change(folder)

    run_study(RunRequest("ql1706", folder, out, "adam"))

    made = {path.stem.upper() for path in (out / "adam").glob("*.parquet")}
    assert datasets <= set(study.adam) - made
    assert {"ADSL", "ADRS", "ADTTE"} <= made
    assert not parameters & set(pd.read_parquet(out / "adam" / "adtte.parquet")["PARAMCD"])
    found = json.loads((out / "findings.json").read_text(encoding="utf-8"))
    assert codes <= {finding["code"] for finding in (found if isinstance(found, list) else found["findings"])}


def findings_of(out: Path) -> list[dict[str, str]]:
    found = json.loads((out / "findings.json").read_text(encoding="utf-8"))
    return found if isinstance(found, list) else found["findings"]


def test_sound_sdtm_gives_nothing_above_info(sound, tmp_path):
    run_study(RunRequest("ql1706", parquet(sound), tmp_path / "out", "adam"))
    assert [found["message"] for found in findings_of(tmp_path / "out") if found["severity"] != "info"] == []
    assert {found["code"][:5] for found in findings_of(tmp_path / "out")} == {"ADAM-"}


def test_values_that_stay_are_told_on_their_record(sound, tmp_path):
    folder, out = tmp_path / "sdtm", tmp_path / "out"
    shutil.copytree(parquet(sound), folder)
    first = pd.read_parquet(folder / "ae.parquet").iloc[0]
    edit("ae", lambda f: f.assign(AETOXGR=f["AETOXGR"].where(f.index > 0, "6")))(folder)
    edit("tr", lambda f: f.assign(TRSTRESN=-f["TRSTRESN"]))(folder)
    run_study(RunRequest("ql1706", folder, out, "adam"))
    told = {code: [f for f in findings_of(out) if f["code"] == code] for code in ("RAW-141", "RAW-143")}
    assert [(f["dataset"], f["variable"], f["usubjid"], f["value"]) for f in told["RAW-141"]] == [
        ("AE", "AETOXGR", first["USUBJID"], "6")
    ]
    assert {(f["dataset"], f["variable"], f["severity"]) for f in told["RAW-143"]} == {("TR", "TRSTRESN", "error")}
    assert len(told["RAW-143"]) == pd.read_parquet(folder / "tr.parquet").dropna(subset="TRSTRESN")["USUBJID"].nunique()


def test_parquet_and_transport_files_give_the_same_adam(sound, tmp_path):
    for kind in (parquet, xpt):
        run_study(RunRequest("ql1706", kind(sound), tmp_path / kind.__name__, "adam"))
    one, other = (tmp_path / kind / "adam" for kind in ("parquet", "xpt"))
    assert sorted(path.name for path in one.iterdir()) == sorted(path.name for path in other.iterdir())
    for path in one.iterdir():
        assert path.read_bytes() == (other / path.name).read_bytes(), path.name
