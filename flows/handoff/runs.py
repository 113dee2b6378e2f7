"""The journal of runs beside the output: `OUT.runs.jsonl`, one line a run, each with the hash of the line before."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path

from flows.handoff.errors import refuse, writing

FIRST = "0" * 64  # stands for the hash of the line before the first


def append_run(out: Path, record: Mapping[str, object]) -> None:
    """Add a line for a run, good or failed, durably: the record, and `previous_sha256` of the line before.

    Safe without the lock on OUT, so that a run which that lock refused is recorded too: the journal has a lock of its
    own, held for the moment of writing. A line that a killed run left half-written is ended and stays. Raises
    HandoffError (HAND-502) when the journal cannot be written.
    """
    out = Path(os.path.realpath(out))
    if not out.name:
        raise refuse("HAND-502", str(out), "Nothing can be written beside the root.", "give a folder with --out.")
    path = out.with_name(out.name + ".runs.jsonl")
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o666)
        with os.fdopen(descriptor, "rb+", buffering=0) as journal:
            fcntl.flock(journal, fcntl.LOCK_EX)
            last, ended = _last_line(path)
            previous = hashlib.sha256(last).hexdigest() if last else FIRST
            line = json.dumps({**record, "previous_sha256": previous}, ensure_ascii=False, default=str)
            journal.write((b"" if ended else b"\n") + line.encode() + b"\n")
            os.fsync(journal.fileno())


def _last_line(path: Path) -> tuple[bytes, bool]:
    """The last line without its end, and whether it has one. An empty journal counts as ended."""
    block = 4096
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        while True:
            file.seek(max(0, size - block))
            tail = file.read()
            lines = tail.rstrip(b"\n").split(b"\n")
            if len(lines) > 1 or block >= size:
                return lines[-1], not tail or tail.endswith(b"\n")
            block *= 4
