"""The SDTM that the judges see."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tests.conformance.judges import read_folder, tabulations


@pytest.fixture(scope="session")
def published_clean(tmp_path_factory, clean_export) -> Path:
    """The SDTM half of a run over the export without faults."""
    from flows.pipeline import run_study
    from flows.request import RunRequest

    out = tmp_path_factory.mktemp("published-clean") / "out"
    run_study(RunRequest("ql1706", clean_export, out, half="sdtm"))
    return out


@pytest.fixture(scope="session")
def clean_sdtm(published_clean) -> dict[str, pd.DataFrame]:
    return read_folder(tabulations(published_clean))


@pytest.fixture(scope="session")
def dirty_sdtm(published) -> dict[str, pd.DataFrame]:
    return read_folder(tabulations(published))


@pytest.fixture(scope="session")
def own_findings(published) -> pd.DataFrame:
    """What the run over the export with faults said of it."""
    return pd.read_csv(published / "findings.csv", dtype="str", keep_default_na=False, encoding="utf-8-sig")
