"""Worker processes: what they are given, and what becomes of a run when one is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from operator import truediv

import pytest

from flows import workers
from flows.workers import Workers, at_once
from specs.errors import InputError, Problem, WorkerLostError

SCRIPT = """
import os
from flows import workers
workers._processors = lambda: 2
print("the script runs")
with workers.Workers() as working:
    working.start_for(workers.HELPER_FROM_BYTES)
    print(working.begin(os.getpid)() == os.getpid())
"""

INTERRUPTED_SCRIPT = """
import os, time
from flows import workers
workers._processors = lambda: 2
with workers.Workers() as working:
    working.start_for(workers.HELPER_FROM_BYTES)
    {wait}
    print("ready", flush=True)
    time.sleep(60)
"""


@pytest.fixture(autouse=True)
def _two_processors(monkeypatch):
    monkeypatch.setattr(workers, "_processors", lambda: 2)


def _refuse(what: str) -> None:
    raise InputError(Problem(code="RAW-001", place=what, fact="Refused.", next_step="nothing."))


def test_work_that_is_begun_gives_its_result_or_its_error_when_it_is_asked_for():
    with Workers() as working:
        working.start_for(workers.HELPER_FROM_BYTES)
        here, there = at_once(truediv, 6, 3), working.begin(truediv, 6, 3)
        refused = working.begin(_refuse, "AE")

        assert (here(), there(), working.begin(os.getpid)() != os.getpid()) == (2, 2, True)
        with pytest.raises(InputError) as error:
            refused()
        assert [problem.place for problem in error.value.problems] == ["AE"]


@pytest.mark.parametrize(
    ("size", "elsewhere"),
    [(workers.HELPER_FROM_BYTES - 1, False), (workers.HELPER_FROM_BYTES, True)],
    ids=["a small input", "one worth a process"],
)
def test_a_small_input_is_worked_on_here(size, elsewhere):
    with Workers() as working:
        working.start_for(size)

        assert (working.begin(os.getpid)() != os.getpid()) is elsewhere


def test_one_processor_works_alone(monkeypatch):
    monkeypatch.setattr(workers, "_processors", lambda: 1)
    with Workers() as working:
        working.start_for(10**12)

        assert working.begin(os.getpid)() == os.getpid()
        assert working.each(lambda part: (part, os.getpid()), [1, 2]) == [(1, os.getpid()), (2, os.getpid())]


def test_a_lost_process_ends_the_run_in_words():
    with Workers() as working:
        working.start_for(workers.HELPER_FROM_BYTES)
        with pytest.raises(WorkerLostError) as error:
            working.begin(os._exit, 9)()
        with pytest.raises(WorkerLostError):
            working.begin(os.getpid)

    assert [problem.code for problem in error.value.problems] == ["RUN-001"]
    assert error.value.exit_code == 1


def test_a_script_without_a_main_guard_runs_once(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(SCRIPT, encoding="utf-8")

    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)

    assert done.stdout.splitlines() == ["the script runs", "False"]
    assert done.stderr == ""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no process groups to interrupt")
@pytest.mark.parametrize("begun", [False, True], ids=["while it starts", "while it works"])
def test_ctrl_c_is_told_by_the_run_alone(tmp_path, begun):
    script = tmp_path / "script.py"
    wait = "working.begin(os.getpid)()" if begun else "pass"
    script.write_text(INTERRUPTED_SCRIPT.format(wait=wait), encoding="utf-8")
    run = subprocess.Popen(
        [sys.executable, script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    assert run.stdout is not None
    run.stdout.readline()

    os.killpg(run.pid, signal.SIGINT)
    _, told = run.communicate(timeout=60)

    assert told.count("Traceback") == 1
    assert told.splitlines()[-1] == "KeyboardInterrupt"
