"""A study made in parts, in processes of their own, is the study made whole."""

from __future__ import annotations

import pytest

from flows import workers
from flows.parts import raw
from flows.pipeline import run_study
from flows.request import RunRequest
from tests.e2e.test_same_bytes import hashes

pytestmark = pytest.mark.slow


def test_two_parts_give_the_bytes_of_the_whole(published, dirty_export, tmp_path, monkeypatch):
    monkeypatch.setattr(raw, "PART_RECORDS", 15_000)

    summary = run_study(RunRequest("ql1706", dirty_export, tmp_path / "out", dataset_json="both"))

    received = next(stage.said for stage in summary.stages if stage.name == "receive")
    assert received.endswith("in 2 parts")
    assert hashes(tmp_path / "out") == hashes(published)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out"]


@pytest.mark.parametrize("helped_from", [0, 10**12], ids=["with a helper", "alone"])
def test_a_helping_process_changes_no_byte(published, dirty_export, tmp_path, monkeypatch, helped_from):
    monkeypatch.setattr(workers, "HELPER_FROM_BYTES", helped_from)
    monkeypatch.setattr(workers, "_processors", lambda: 2)

    run_study(RunRequest("ql1706", dirty_export, tmp_path / "out", dataset_json="both"))

    assert hashes(tmp_path / "out") == hashes(published)
