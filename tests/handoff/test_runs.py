"""The journal of runs: one line a run, chained by hashes, safe when written by many at once."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from flows.handoff import append_run
from specs.errors import HandoffError
from tests.handoff.publishing import append_twenty, start_process


def chain_holds(lines: list[bytes]) -> bool:
    previous = "0" * 64
    for line in lines:
        if json.loads(line)["previous_sha256"] != previous:
            return False
        previous = hashlib.sha256(line).hexdigest()
    return True


def test_each_line_has_the_hash_of_the_line_before(tmp_path):
    for code in (0, 11, 13):
        append_run(tmp_path / "out", {"exit_code": code, "user": "Müller"})
    lines = (tmp_path / "out.runs.jsonl").read_bytes().splitlines()
    assert [json.loads(line)["exit_code"] for line in lines] == [0, 11, 13]
    assert chain_holds(lines)
    assert not chain_holds([lines[0].replace(b": 0,", b": 1,"), *lines[1:]])


def test_a_line_cut_by_a_kill_is_ended_and_stays_in_the_chain(tmp_path):
    append_run(tmp_path / "out", {"exit_code": 0})
    journal = tmp_path / "out.runs.jsonl"
    journal.write_bytes(journal.read_bytes() + b'{"exit_co')
    append_run(tmp_path / "out", {"exit_code": 1})
    lines = journal.read_bytes().splitlines()
    assert lines[1] == b'{"exit_co'
    assert json.loads(lines[2])["previous_sha256"] == hashlib.sha256(b'{"exit_co').hexdigest()


def test_a_long_line_before_is_hashed_whole(tmp_path):
    append_run(tmp_path / "out", {"note": "x" * 50_000})
    append_run(tmp_path / "out", {"note": "short"})
    assert chain_holds((tmp_path / "out.runs.jsonl").read_bytes().splitlines())


def test_writers_at_the_same_time_lose_nothing(tmp_path):
    writers = [start_process(append_twenty, tmp_path / "out", number) for number in range(4)]
    for writer in writers:
        writer.join()
    lines = (tmp_path / "out.runs.jsonl").read_bytes().splitlines()
    assert len(lines) == 80
    assert chain_holds(lines)


def test_a_journal_that_cannot_be_written_is_an_error_that_teaches(tmp_path):
    with pytest.raises(HandoffError, match="HAND-502  /\n"):
        append_run(Path("/"), {"exit_code": 0})
    (tmp_path / "file").write_text("")
    with pytest.raises(HandoffError, match=r"(?s)HAND-502.*a part of the path is a file"):
        append_run(tmp_path / "file" / "out", {"exit_code": 0})
