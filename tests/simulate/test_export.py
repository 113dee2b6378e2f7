"""simulate_study: same seed, same bytes; and nothing of a user's is ever overwritten."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from flows.simulate import simulate_study
from specs.errors import HandoffError, UsageError

ROOT = Path(__file__).parents[2]
SCRIPT = """
import sys
from pathlib import Path
from flows.simulate import simulate_study
from flows.study import open_study
simulate_study(open_study("ql1706"), 60, 5, Path(sys.argv[1]))
"""


def _bytes(folder: Path) -> dict[str, bytes]:
    key = folder.with_name(folder.name + "-answer-key.csv")
    return {p.name: p.read_bytes() for p in folder.iterdir()} | {"key": key.read_bytes()}


def test_same_bytes_whatever_the_hash_seed_and_the_time_zone(tmp_path):
    made = []
    for name, settings in (
        ("a", {"PYTHONHASHSEED": "0", "TZ": "UTC"}),
        ("b", {"PYTHONHASHSEED": "4711", "TZ": "Asia/Tokyo"}),
    ):
        subprocess.run(
            [sys.executable, "-c", SCRIPT, tmp_path / name / "raw"],
            check=True,
            cwd=ROOT,
            env={**os.environ, **settings},
        )
        made.append(_bytes(tmp_path / name / "raw"))
    assert made[0] == made[1]


def test_another_seed_gives_another_study(tmp_path, study):
    one, other = (_bytes(simulate_study(study, 40, seed, tmp_path / str(seed)).folder) for seed in (1, 2))
    assert all(one[name] != other[name] for name in ("V_QL1706_DM.csv", "V_QL1706_HEM.csv", "V_QL1706_AE.csv"))


def test_says_what_it_wrote(tmp_path, study):
    made = simulate_study(study, 30, 3, tmp_path / "deep" / "raw", clean=True)
    assert made.folder == tmp_path / "deep" / "raw"
    assert made.answer_key.read_text() == "fault,code,form,record_id,usubjid,field\n"
    lines = {form: (made.folder / f"V_QL1706_{form}.csv").read_text().count("\n") - 2 for form in study.forms}
    assert made.rows == lines
    assert made.rows["SUBJ"] == 30


def test_an_export_of_its_own_is_replaced(tmp_path, study):
    out = tmp_path / "raw"
    simulate_study(study, 60, 3, out)
    assert (out / "V_QL1706_PK.csv").exists()
    simulate_study(study, 30, 3, out, clean=True)
    assert not (out / "V_QL1706_PK.csv").exists()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["raw", "raw-answer-key.csv"]


@pytest.mark.parametrize(
    "present", ["raw/thesis.doc", "raw/V_QL1706_AE.csv", "raw-answer-key.csv", "raw"], ids=lambda name: name
)
def test_what_is_not_its_own_is_refused(tmp_path, study, present):
    """Also a real export, which has files of the same names but no answer key beside it."""
    file = tmp_path / present
    file.parent.mkdir(exist_ok=True)
    file.write_text("precious")
    with pytest.raises(HandoffError) as error:
        simulate_study(study, 20, 1, tmp_path / "raw")
    assert [p.code for p in error.value.problems] == ["HAND-502"]
    assert file.read_text() == "precious"
    assert sorted(p for p in tmp_path.rglob("*") if p.is_file()) == [file]


def test_an_empty_folder_is_fine(tmp_path, study):
    (tmp_path / "raw").mkdir()
    assert simulate_study(study, 10, 1, tmp_path / "raw").rows["SUBJ"] > 0


def test_a_study_with_other_forms(tmp_path, study):
    other = study.model_copy(update={"forms": {**study.forms, "PK": study.forms["VS"]}})
    with pytest.raises(UsageError, match="these differ: PK"):
        simulate_study(other, 10, 1, tmp_path / "raw")


def test_unknown_format_and_impossible_size(tmp_path, study):
    with pytest.raises(UsageError, match="did you mean 'rave'"):
        simulate_study(study, 10, 1, tmp_path / "raw", format="ravel")
    for size in (0, 97_903):
        with pytest.raises(UsageError, match="SIM-001"):
            simulate_study(study, size, 1, tmp_path / "raw")


@pytest.mark.parametrize("size", [1, 2, 9])
def test_small_studies(tmp_path, study, size):
    for clean in (True, False):
        made = simulate_study(study, size, 11, tmp_path / "raw", clean=clean)
        assert made.rows["SUBJ"] == size + (not clean)  # and the test subject
