"""Whether a SAS transport file ends where it should: TS-140 has no end mark, but its records have a fixed size."""

from __future__ import annotations

from pathlib import Path

from flows.receive.tabular.source import UnfitFileError
from specs.errors import Problem

_RECORD = 80
_NAMESTR_HEADS = (b"HEADER RECORD*******NAMESTR HEADER", b"HEADER RECORD*******NAMSTV8 HEADER")
_LABEL_HEADS = (b"HEADER RECORD*******LABELV8 HEADER", b"HEADER RECORD*******LABELV9 HEADER")
_OBS_HEADS = (b"HEADER RECORD*******OBS     HEADER", b"HEADER RECORD*******OBSV8   HEADER")
_NAMESTR_AT = 7 * _RECORD
_COUNT = slice(53, 58)
_NAMESTR_SIZE = 140
_MOST_HEAD = 64 << 20


def refuse_cut_xpt(path: Path) -> None:
    """Refuse a transport file that is empty, does not begin as one, or ends within a record. Raises UnfitFileError.

    The first that applies decides:
      1. no bytes                                                      -> empty
      2. no library header                                             -> no transport file
      3. size is no multiple of 80                                     -> cut off
      4. no header of observations                                     -> cut off before the data
      5. what follows the last whole observation is 80 bytes or more,
         or is not blank                                               -> cut off within an observation
    A file that is cut at a multiple of 80 bytes where an observation ends cannot be told from a complete one.
    """
    size = path.stat().st_size
    again = "have the file exported or transferred again, as binary."
    if size == 0:
        raise UnfitFileError(Problem("INPUT-011", path.name, "The file is empty.", again))
    with path.open("rb") as file:
        if not file.read(_RECORD).startswith(b"HEADER RECORD*******LIB"):
            fact = "The file does not begin as a SAS transport file does."
            hint = "files of PROC CPORT are another kind; PROC COPY with the XPORT engine, or %LOC2XPT, makes this one."
            raise UnfitFileError(Problem("INPUT-043", path.name, fact, again, hint))
        if size % _RECORD:
            fact = f"The file is cut off: {size:,} bytes are not whole records of {_RECORD}."
            raise UnfitFileError(Problem("INPUT-042", path.name, fact, again))
        found = _observations(file.read(_MOST_HEAD))
        if found is None:
            fact = "The file is cut off in its head, before the first record of data."
            raise UnfitFileError(Problem("INPUT-042", path.name, fact, again))
        start, row = found[0] + _RECORD, found[1]
        rest = (size - start) % row if row else 0
        file.seek(size - rest)
        if rest >= _RECORD or file.read(rest).strip(b" "):
            fact = f"The file is cut off within a record: its last {rest} bytes are no whole record of {row}."
            raise UnfitFileError(Problem("INPUT-042", path.name, fact, again))


def _observations(head: bytes) -> tuple[int, int] | None:
    """Where the observations begin after the first record, and the bytes of one; None where the head is incomplete."""
    at = _NAMESTR_AT - _RECORD
    if not head.startswith(_NAMESTR_HEADS, at):
        return None
    digits = head[at : at + _RECORD][_COUNT]
    if not digits.isdigit():
        return None
    count = int(digits)
    first = at + _RECORD
    sizes = [
        int.from_bytes(head[n : n + 2], "big") for n in range(first + 4, first + count * _NAMESTR_SIZE, _NAMESTR_SIZE)
    ]
    at = first + -(-count * _NAMESTR_SIZE // _RECORD) * _RECORD
    while at < len(head) and head.startswith(_LABEL_HEADS, at):
        nearest = [n for mark in _OBS_HEADS if (n := head.find(mark, at)) >= 0]
        at = min(nearest, default=len(head))
    return (at + _RECORD, sum(sizes)) if head.startswith(_OBS_HEADS, at) else None
