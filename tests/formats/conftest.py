"""One simulated study, clean and dirty, written in every format that the simulator can write."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

from flows.pipeline import run_study
from flows.request import RunRequest
from flows.simulate.export import fill_forms
from flows.simulate.faults import plant_faults
from flows.simulate.formats import FORMATS
from flows.simulate.schedule import folders
from flows.simulate.truth import draw_truth

SUBJECTS, SEED = 40, 5


@dataclass(frozen=True)
class Exports:
    """The exports of one study by format, and what was planted in it."""

    folders: dict[str, Path]
    key: pd.DataFrame


def _write_all(study, home: Path, *, clean: bool) -> Exports:
    truth = draw_truth(study, SUBJECTS, SEED, clean=clean)
    known = folders(study)
    planted = plant_faults(truth, fill_forms(truth), {n: f.seq for n, f in known.items()}, clean=clean)
    made = {}
    for name, form in FORMATS.items():
        made[name] = home / name
        made[name].mkdir()
        form.write(made[name], study, planted.forms, planted.people, truth.sites, known, planted.extras)
    return Exports(made, planted.key.astype("str"))


@pytest.fixture(scope="session")
def clean_exports(study, tmp_path_factory) -> Exports:
    return _write_all(study, tmp_path_factory.mktemp("clean"), clean=True)


@pytest.fixture(scope="session")
def dirty_exports(study, tmp_path_factory) -> Exports:
    return _write_all(study, tmp_path_factory.mktemp("dirty"), clean=False)


@pytest.fixture(scope="session")
def outputs(tmp_path_factory):
    """Runs the first half on an export, once each."""
    home = tmp_path_factory.mktemp("outputs")
    done: dict[Path, Path] = {}

    def output(export: Path) -> Path:
        if export not in done:
            done[export] = home / str(len(done))
            run_study(RunRequest("ql1706", export, done[export], half="sdtm"))
        return done[export]

    return output
