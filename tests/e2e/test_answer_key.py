"""Each fault that was planted is found, on its own record; where nothing was planted, nothing is found."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from flows.pipeline import run_study
from flows.request import RunRequest
from specs.findings import catalogue


def _findings(out: Path) -> pd.DataFrame:
    return pd.read_csv(out / "findings.csv", dtype="str", keep_default_na=False, encoding="utf-8-sig")


def _key(export: Path) -> pd.DataFrame:
    return pd.read_csv(export.with_name(export.name + "-answer-key.csv"), dtype="str", keep_default_na=False)


def _not_found(key: pd.DataFrame, findings: pd.DataFrame) -> list[tuple[str, ...]]:
    """Faults whose code was not reported on their form and record."""
    places = ["code", "form", "record_id"]
    found = key.merge(findings[places].drop_duplicates(), on=places, how="left", indicator=True)
    return list(found[found["_merge"] == "left_only"][["fault", *places, "usubjid"]].itertuples(index=False, name=None))


def test_every_planted_fault_is_found_on_its_record(published, dirty_export):
    key = _key(dirty_export)

    assert len(key) >= 25
    assert _not_found(key, _findings(published)) == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_planted_fault_is_found_whatever_the_seed(tmp_path, study, seed):
    from flows.simulate import simulate_study

    export = simulate_study(study, 120, seed, tmp_path / "raw").folder
    run_study(RunRequest("ql1706", export, tmp_path / "out"))

    assert _not_found(_key(export), _findings(tmp_path / "out")) == []


@pytest.mark.parametrize("seed", [7, pytest.param(8, marks=pytest.mark.slow), pytest.param(9, marks=pytest.mark.slow)])
def test_a_clean_study_gives_no_finding_above_information(tmp_path, study, seed):
    from flows.simulate import simulate_study

    export = simulate_study(study, 120, seed, tmp_path / "raw", clean=True).folder
    run_study(RunRequest("ql1706", export, tmp_path / "out"))

    findings = _findings(tmp_path / "out")
    above = findings[findings["severity"] != "info"]
    assert above[["code", "usubjid", "form", "record_id", "message"]].to_dict("records") == []


def test_each_finding_says_where_what_and_what_next(published):
    findings = _findings(published)

    assert set(findings["code"]) <= set(catalogue())
    assert set(findings["severity"]) <= {"error", "warning", "info"}
    assert (findings["message"] != "").all()
    assert (findings["next_step"] != "").all()
    assert findings["finding_id"].is_unique


def test_the_worklist_of_terms_is_published_with_the_findings(published):
    raw = (published / "unmapped-terms.csv").read_bytes()
    work = pd.read_csv(published / "unmapped-terms.csv", dtype="str", keep_default_na=False, encoding="utf-8-sig")
    outputs = {output["path"] for output in json.loads((published / "manifest.json").read_text("utf-8"))["outputs"]}

    assert raw.startswith(b"\xef\xbb\xbf")
    assert "unmapped-terms.csv" in outputs
    told = work.set_index("list")[["code", "extensible", "variables", "term"]].to_dict("index")
    assert told["OUT"] == {"code": "C66768", "extensible": "N", "variables": "AE.AEOUT", "term": "Improving"}
    assert told["WHODRUG"]["variables"] == "CM.CMDECOD"
