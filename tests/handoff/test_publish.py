"""All or nothing: publishing, the lock, what is refused, and kills at any moment."""

# ruff: noqa: PT012  # what fails in a context fails at its end
from __future__ import annotations

import json
import os
import random
import signal
import time
from contextlib import suppress
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from flows.handoff import OutputFolder
from specs.errors import HandoffError
from tests.handoff.publishing import generation_of, publish_for_ever, publish_one, start_process


def beside(out: Path) -> list[str]:
    return sorted(p.name for p in out.parent.iterdir())


@pytest.fixture
def out(tmp_path):
    return tmp_path / "place" / "out"


@pytest.fixture(params=["exchange", "two renames"])
def way(request, monkeypatch):
    if request.param == "two renames":
        monkeypatch.setattr("flows.handoff.publish._exchange", lambda one, other: False)
    return request.param


def test_an_output_replaces_the_last_one_whole_and_leaves_nothing_beside_it(out, way):
    for generation in (1, 2, 3):
        publish_one(out)
        assert generation_of(out) == generation
        assert beside(out) == ["out"]


def test_an_exchange_is_one_step_of_the_kernel(out, monkeypatch):
    """No moment without an output: with renames forbidden, an output is still replaced."""
    publish_one(out)
    monkeypatch.setattr(Path, "rename", None)
    publish_one(out)
    assert generation_of(out) == 2


def test_an_empty_folder_is_taken(out, way):
    out.mkdir(parents=True)
    publish_one(out)
    assert generation_of(out) == 1


def test_a_link_is_followed(out, tmp_path):
    out.parent.mkdir()
    (tmp_path / "elsewhere").mkdir()
    out.symlink_to(tmp_path / "elsewhere" / "real")
    publish_one(out)
    publish_one(out)
    assert out.is_symlink()
    assert generation_of(out) == 2
    assert beside(tmp_path / "elsewhere" / "real") == ["real"]


def test_the_rights_on_the_folder_stay(out):
    publish_one(out)
    out.chmod(0o2750)
    publish_one(out)
    assert out.stat().st_mode & 0o7777 == 0o2750


def test_the_stage_lies_beside_the_output_never_inside(out):
    with OutputFolder(out) as folder:
        assert folder.stage.parent == out.parent
        assert folder.last_output is None
        assert not out.exists()


def test_a_failed_run_leaves_the_last_output_and_nothing_else(out):
    publish_one(out)
    with pytest.raises(ZeroDivisionError), OutputFolder(out) as folder:
        (folder.stage / "half.txt").write_text("half")
        1 / 0  # noqa: B018
    assert generation_of(out) == 1
    assert beside(out) == ["out"]


def test_an_output_without_a_manifest_is_not_published(out):
    with pytest.raises(AssertionError), OutputFolder(out) as folder:
        folder.publish()
    assert not out.exists()


# --- what is refused ------------------------------------------------------------------------------------------


def refused(out: Path, code: str, said: str) -> None:
    before = sorted((p, p.read_bytes() if p.is_file() else b"") for p in out.parent.rglob("*"))
    with pytest.raises(HandoffError, match=f"(?s){code}.*{said}") as caught:
        publish_one(out)
    assert caught.value.exit_code == 13
    assert all(p.next_step for p in caught.value.problems)
    assert sorted((p, p.read_bytes() if p.is_file() else b"") for p in out.parent.rglob("*")) == before


@pytest.mark.parametrize(
    "manifest", [None, "", "[]", "{}", '{"written_by": "somebody"}', '{"name": "app", "outputs": []}']
)
def test_a_folder_that_is_no_output_of_ours_is_not_touched(out, manifest):
    out.mkdir(parents=True)
    (out / "thesis.docx").write_text("years of work")
    if manifest is not None:
        (out / "manifest.json").write_text(manifest)
    refused(out, "HAND-501", "no output of an earlier run")


@pytest.mark.parametrize("name", ["notes.txt", "sdtm/mine.csv", "new/deep/mine.csv"])
def test_a_file_that_no_run_wrote_is_not_deleted_with_the_last_output(out, name):
    publish_one(out)
    (out / name).parent.mkdir(parents=True, exist_ok=True)
    (out / name).write_text("mine")
    refused(out, "HAND-501", name)


def test_a_file_that_comes_while_the_run_goes_on_is_not_deleted_either(out):
    publish_one(out)
    with pytest.raises(HandoffError, match=r"(?s)HAND-501.*notes\.txt"), OutputFolder(out) as folder:
        (folder.stage / "manifest.json").write_text('{"written_by": "cdisc-flows", "outputs": []}')
        (out / "notes.txt").write_text("mine")
        folder.publish()
    assert (out / "notes.txt").read_text() == "mine"
    assert (out / "sdtm").is_dir()


@pytest.mark.parametrize("name", [".DS_Store", "Thumbs.db", "._findings.csv", ".~lock.findings.csv#", "~$findings.csv"])
def test_what_file_managers_and_open_files_leave_does_not_hold_up_a_run(out, name):
    publish_one(out)
    (out / name).write_text("litter")
    publish_one(out)
    assert generation_of(out) == 2


def test_a_file_is_not_replaced(out):
    out.parent.mkdir()
    out.write_text("a file")
    refused(out, "HAND-501", "It is a file")


def test_a_place_below_a_file_is_refused(out):
    out.parent.write_text("a file")
    with pytest.raises(HandoffError, match=r"(?s)HAND-502.*a part of the path is a file"):
        publish_one(out)


def test_the_root_of_a_file_system_is_refused():
    with pytest.raises(HandoffError, match=r"(?s)HAND-501.*root of a file system"):
        publish_one(Path("/"))
    with pytest.raises(HandoffError, match=r"(?s)HAND-501.*give a folder in it: --out /proc/output"):
        publish_one(Path("/proc"))


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is read-only to root")
def test_a_parent_that_is_read_only_is_refused(out):
    out.parent.mkdir(mode=0o500)
    with pytest.raises(HandoffError, match=r"(?s)HAND-502.*you have no right to write there"):
        publish_one(out)


def test_a_path_that_leads_in_a_circle_is_refused(out):
    out.parent.mkdir()
    out.symlink_to(out)
    with pytest.raises(HandoffError, match="HAND-50"):
        publish_one(out)


def test_a_name_too_long_is_refused(out):
    with pytest.raises(HandoffError, match=r"(?s)HAND-502.*the path is too long"):
        publish_one(out.with_name("o" * 250))


def test_a_file_system_without_rights_is_refused():
    with pytest.raises(HandoffError, match="HAND-502  /proc/"):
        publish_one(Path("/proc/self/fd/out"))


def test_a_disk_that_fills_up_in_the_middle_leaves_the_last_output(out):
    publish_one(out)
    with pytest.raises(HandoffError, match=r"(?s)HAND-502.*the disk is full") as caught, OutputFolder(out) as folder:
        (folder.stage / "big").symlink_to("/dev/full")
        (folder.stage / "big").write_text("too much")
    assert caught.value.exit_code == 13
    assert generation_of(out) == 1
    assert beside(out) == ["out"]


# --- the lock, and kills ----------------------------------------------------------------------------------------


def test_a_second_run_is_refused_with_the_holder_named(out):
    with OutputFolder(out) as first:
        with pytest.raises(HandoffError, match=f"(?s)HAND-505.*process {os.getpid()} on") as caught:
            publish_one(out)
        assert caught.value.exit_code == 13
        assert first.stage.is_dir(), "the refused run takes nothing away from the first"
    publish_one(out)
    assert generation_of(out) == 1


def test_a_lock_left_by_a_killed_run_holds_nobody_up(out):
    out.parent.mkdir()
    (out.parent / "out.lock").write_text("process 1 on nowhere\n")
    publish_one(out)
    assert beside(out) == ["out"]


def kill(process: BaseProcess) -> None:
    process.kill()
    process.join()
    assert process.exitcode == -signal.SIGKILL


def wait_for_another_output(out: Path) -> None:
    before = out.stat().st_ino
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with suppress(FileNotFoundError):  # between two renames
            if out.stat().st_ino != before:
                return
        time.sleep(0.001)
    pytest.fail("nothing was published")


def test_two_runs_at_the_same_time_do_not_mix(out):
    other = start_process(publish_for_ever, out, True)
    published, refusals = 0, []
    deadline = time.monotonic() + 60
    while min(published, len(refusals)) < 3 and time.monotonic() < deadline:
        try:
            publish_one(out)
            published += 1
        except HandoffError as error:
            refusals.append(error.problems[0].code)
    kill(other)
    assert published >= 3 <= len(refusals)
    assert set(refusals) == {"HAND-505"}
    publish_one(out)
    assert generation_of(out) > published


def test_a_kill_at_any_moment_leaves_the_last_output_and_the_next_run_succeeds(out, way):
    moments = random.Random(7)
    started = time.monotonic()
    publish_one(out)
    one_run = time.monotonic() - started
    generation = 1
    for _ in range(20):
        runner = start_process(publish_for_ever, out, way == "exchange")
        wait_for_another_output(out)
        time.sleep(moments.uniform(0, 2) * one_run)
        kill(runner)
        if out.exists() or way == "exchange":
            assert generation_of(out) > generation
        else:  # killed between two renames: whole under its other name, and put back by the next run
            assert generation_of(out.with_name(".out.previous")) > generation
        publish_one(out)
        assert generation_of(out) > generation + 1
        generation = generation_of(out)
        assert beside(out) == ["out"]


@pytest.mark.parametrize("manifest_only", [True, False])
def test_a_kill_between_two_renames_is_put_right(out, manifest_only):
    publish_one(out)
    out.rename(out.with_name(".out.previous"))
    (out.parent / ".out.staging").mkdir()
    if manifest_only:
        (out.parent / ".out.staging" / "manifest.json").write_text(json.dumps({"outputs": []}))
    with OutputFolder(out) as folder:
        assert generation_of(out) == 1
        assert list(folder.stage.iterdir()) == []
    assert beside(out) == ["out"]
