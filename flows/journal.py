"""Reads the journal of runs and names every line that is not as a run wrote it."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from flows.handoff.runs import FIRST, own_hash

Fault = tuple[Literal["altered", "removed", "inserted", "moved", "broken"], str, str]  # what, which line, fact


@dataclass(frozen=True)
class Journal:
    """The lines of a journal, what is wrong with them, and which runs wrote which manifest."""

    lines: list[bytes]
    faults: list[Fault] = field(default_factory=list)
    manifests: dict[str, list[int]] = field(default_factory=dict)  # manifest hash -> lines of good runs that wrote it
    last_good: int = 0  # the line of the newest good run
    newest: str = ""  # line_sha256 of the newest line


def read_journal(path: Path) -> Journal:
    """Read a journal and check its chain of hashes.

    For each line, the first that applies decides:
      1. its own hash is not that of its text                      -> altered
      2. it is no JSON object: a run was killed while it wrote;
         the line after it holds its hash, else                    -> broken
      3. `previous_sha256` is the hash of the line before, or that
         line was altered: reported there                          -> in order
      4. it is the hash of another line farther up                 -> the lines between were inserted
      5. it is the hash of a line farther down                     -> moved
      6. anything else                                             -> lines before it were removed
    """
    text = path.read_bytes()
    lines = text.removesuffix(b"\n").split(b"\n") if text else []
    records = [_record(line) for line in lines]
    hashes = [hashlib.sha256(line).hexdigest() for line in lines]
    altered = {n for n, record in enumerate(records) if _altered(lines[n], record)}
    manifests: dict[str, list[int]] = defaultdict(list)
    last_good = 0
    for number, record in enumerate(records, start=1):
        if record and record.get("exit_code") == 0:
            manifests[str(record.get("manifest_sha256"))].append(number)
            last_good = number
    faults = sorted(_faults(records, hashes, altered), key=lambda fault: fault[0])
    last = records[-1] if records else None
    newest = str(last.get("line_sha256", hashes[-1])) if last else ""
    return Journal(lines, [fault for _, fault in faults], dict(manifests), last_good, newest)


def _record(line: bytes) -> dict[str, Any] | None:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) else None


def _altered(line: bytes, record: dict[str, Any] | None) -> bool:
    return record is not None and record.get("line_sha256") != own_hash(line)


def _faults(records: list[dict[str, Any] | None], hashes: list[str], altered: set[int]) -> Iterator[tuple[int, Fault]]:
    place = {digest: number for number, digest in enumerate(hashes)}
    for n, record in enumerate(records):
        if n in altered:
            yield n, ("altered", f"line {n + 1}", f"Its text is not that of its own hash{_of(record)}.")
        if record is None:
            yield from _broken(n, records, hashes)
            continue
        claimed = str(record.get("previous_sha256", ""))
        if claimed == (hashes[n - 1] if n else FIRST) or n - 1 in altered or (n and records[n - 1] is None):
            continue
        before = -1 if claimed == FIRST else place.get(claimed)
        if before is not None and before < n:
            which = f"line {n}" if before == n - 2 else f"lines {before + 2} to {n}"
            yield n - 1, ("inserted", which, f"Line {n + 1} was written right after {_line(before)}.")
        elif before is not None:
            yield n, ("moved", f"line {n + 1}", f"It was written after what is now line {before + 1}.")
        elif n not in altered:
            yield n, ("removed", f"before line {n + 1}", _removed(n, records))


def _broken(n: int, records: list[dict[str, Any] | None], hashes: list[str]) -> Iterator[tuple[int, Fault]]:
    """A line that is no record: fine where a run was killed in it, for the next run then hashed it as it was."""
    following = records[n + 1] if n + 1 < len(records) else None
    if following is None or following.get("previous_sha256") != hashes[n]:
        yield n, ("broken", f"line {n + 1}", "It is no record of a run: it was altered, or its run was killed in it.")


def _of(record: dict[str, Any] | None) -> str:
    start = record.get("start") if record else None
    return f"; it says it is of a run that started {start}" if isinstance(start, str) else ""


def _line(before: int) -> str:
    return f"line {before + 1}" if before >= 0 else "the beginning of the journal"


def _removed(n: int, records: list[dict[str, Any] | None]) -> str:
    """How many lines are gone, where the numbers in the lines tell it."""
    own = (records[n] or {}).get("line")
    last = (records[n - 1] or {}).get("line") if n else 0
    if isinstance(own, int) and isinstance(last, int) and own > last + 1:
        gone = f"line {last + 1}" if own == last + 2 else f"lines {last + 1} to {own - 1}"
        return f"Its number is {own}, that of the line before it {last}: {gone} of the journal is gone."
    return "The line that it was written after is not in the journal."
