from __future__ import annotations

import pandas as pd
import pytest

Sdtm = dict[str, pd.DataFrame]


@pytest.fixture(scope="session")
def simulated_sdtm(tmp_path_factory, study) -> Sdtm:
    """The SDTM of a small simulated study with planted faults, as read from its files."""
    from flows.pipeline import run_study
    from flows.receive import read_sdtm_folder
    from flows.request import RunRequest
    from flows.simulate import simulate_study

    place = tmp_path_factory.mktemp("simulated")
    run_study(RunRequest("ql1706", simulate_study(study, 40, 11, place / "raw").folder, place / "out", "sdtm"))
    return read_sdtm_folder(place / "out" / "sdtm", study).datasets
