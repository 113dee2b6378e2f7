"""The journal of runs beside the output: `OUT.runs.jsonl`, one line a run, chained by hashes.

Each line has its number, the SHA-256 of the whole line before (`previous_sha256`; zeros in the first), and at its end
its own: `line_sha256`, over the line without this entry. So a line that was altered, taken out or put in shows, and
which one it was (flows/verifying.py). Who writes the whole file anew can forge it: keep the newest `line_sha256`, which
`verify` says, where the writer of the file cannot reach it, if that matters.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path

from flows.handoff.errors import refuse, writing
from flows.handoff.kept import KEPT

FIRST = "0" * 64  # stands for the hash of the line before the first
_OWN = ', "line_sha256": "'


def journal_of(out: Path) -> Path:
    """The journal of an output folder; that of a kept output (`OUT.kept/3`) is the journal of OUT."""
    out = Path(os.path.realpath(out))
    if out.parent.name.endswith(KEPT):
        out = out.parent.with_name(out.parent.name.removesuffix(KEPT))
    return out.with_name(out.name + ".runs.jsonl")


def own_hash(line: bytes) -> str:
    """What `line_sha256` of a line has to be."""
    return hashlib.sha256(line[: line.rfind(_OWN.encode())] + b"}").hexdigest()


def append_run(out: Path, record: Mapping[str, object]) -> None:
    """Add a line for a run, good or failed, durably: its number, the record, and the two hashes.

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
            written = path.read_bytes()  # a run adds less than 1 kB
            lines = written.removesuffix(b"\n").split(b"\n") if written else []
            previous = hashlib.sha256(lines[-1]).hexdigest() if lines else FIRST
            entries = {"line": len(lines) + 1, **record, "previous_sha256": previous}
            line = json.dumps(entries, ensure_ascii=False, default=str).encode(errors="backslashreplace")
            whole = line[:-1] + f'{_OWN}{hashlib.sha256(line).hexdigest()}"}}\n'.encode()
            journal.write((b"\n" if written and not written.endswith(b"\n") else b"") + whole)
            os.fsync(journal.fileno())
