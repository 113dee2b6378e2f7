"""Simulated studies that several tests look at: as truth, as forms, and as files read back."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from flows.simulate import simulate_study
from flows.simulate.rave import END
from flows.simulate.truth import draw_truth


def read_form(folder: Path, form: str) -> pd.DataFrame:
    """A form of an export as text, without its last line."""
    frame = pd.read_csv(folder / f"V_QL1706_{form}.csv", dtype=str, keep_default_na=False)
    assert frame.iloc[-1, 0] == END
    return frame.iloc[:-1].reset_index(drop=True)


def read_key(folder: Path) -> pd.DataFrame:
    """The answer key of an export."""
    return pd.read_csv(folder.with_name(folder.name + "-answer-key.csv"), dtype=str, keep_default_na=False)


@pytest.fixture(scope="session")
def thousand(study):
    """The truth of a clean study of 1,000 subjects."""
    return draw_truth(study, 1000, 1, clean=True)


@pytest.fixture(scope="session", params=[42, 7, 2024])
def dirty(request, study, tmp_path_factory) -> Path:
    """An export with faults: 120 subjects, three seeds."""
    out = tmp_path_factory.mktemp(f"seed{request.param}") / "raw"
    return simulate_study(study, 120, request.param, out).folder


@pytest.fixture(scope="session")
def clean(study, tmp_path_factory) -> Path:
    """An export without faults: 120 subjects."""
    return simulate_study(study, 120, 42, tmp_path_factory.mktemp("clean") / "raw", clean=True).folder
