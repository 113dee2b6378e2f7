"""Cuts a CSV file into blocks of whole records, as UTF-8, so that a large file need not be in memory."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from specs.errors import Problem

BLOCK_BYTES = 32 << 20
_BOM = b"\xef\xbb\xbf"
_LOST = "\ufffd".encode()


class BadTextError(Exception):
    """Bytes that are no text of the declared encoding; the problem says where."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(problem.fact)


@dataclass(frozen=True)
class Block:
    """Whole records, each ended by a line end, and the line on which they begin; `last` where the file ends."""

    text: bytes
    first_line: int
    last: bool


def read_blocks(path: Path, encoding: str, *, quoted: bool, size: int = BLOCK_BYTES) -> Iterator[Block]:
    """The blocks of a file. A block ends where a line ends outside of quotes. Raises BadTextError, OSError."""
    line, rest = 1, b""
    for text, last in _as_utf_8(path, encoding, size):
        rest += text
        stop = len(rest) if last else _end_of_record(rest, quoted=quoted)
        if stop or last:
            yield Block(rest[:stop], line, last)
            line += rest.count(b"\n", 0, stop)
            rest = rest[stop:]


def _end_of_record(text: bytes, *, quoted: bool) -> int:
    """After the last line end that no open quote encloses; 0 where there is none."""
    stop = text.rfind(b"\n") + 1
    if not quoted:
        return stop
    odd = text.count(b'"', 0, stop) % 2
    while stop and odd:
        earlier = text.rfind(b"\n", 0, stop - 1) + 1
        odd ^= text.count(b'"', earlier, stop) % 2
        stop = earlier
    return stop


def _as_utf_8(path: Path, encoding: str, size: int) -> Iterator[tuple[bytes, bool]]:
    """The file's text as UTF-8 without a byte order mark, in pieces; with the last comes True."""
    decode = codecs.getincrementaldecoder(encoding)()
    plain = codecs.lookup(encoding).name in ("utf-8", "ascii")
    lines_before, first = 1, True
    with path.open("rb") as file:
        raw = file.read(size)
        while True:
            following = file.read(size)
            held = decode.getstate()[0]
            try:
                text = decode.decode(raw, final=not following)
            except UnicodeDecodeError as error:
                # what was held back of a character has no line end of its own
                line = lines_before + (error.object[: error.start].count(b"\n"))
                raise BadTextError(_not_encoded(path.name, encoding, line)) from error
            if "\0" in text:
                line = lines_before + text.count("\n", 0, text.index("\0"))
                raise BadTextError(_zero_bytes(path.name, encoding, line))
            as_it_is = plain and not held and len(text) == len(raw) and text.isascii()
            utf_8 = raw if as_it_is else text.encode("utf-8")
            if first:
                utf_8, first = utf_8.removeprefix(_BOM), False
            lost = utf_8.find(_LOST)
            if lost >= 0:
                raise BadTextError(_lost(path.name, utf_8.count(_LOST), lines_before + utf_8.count(b"\n", 0, lost)))
            yield utf_8, not following
            if not following:
                return
            lines_before += utf_8.count(b"\n")
            raw = following


def _not_encoded(name: str, encoding: str, line: int) -> Problem:
    return Problem(
        code="INPUT-012", place=name,
        fact=f"The text is not valid {encoding}: the first fault is on line {line}.",
        hint="another `encoding` may be right in the layout: utf-8, gbk, latin-1, windows-1252.",
        next_step="mend `encoding` in the layout, or have the file exported again.",
    )  # fmt: skip


def _zero_bytes(name: str, encoding: str, line: int) -> Problem:
    return Problem(
        code="INPUT-012", place=name,
        fact=f"Line {line} holds zero bytes: the file is damaged, or its encoding is UTF-16 and not {encoding}.",
        next_step="transfer the file again, as binary, or say `encoding: utf-16` in the layout.",
    )  # fmt: skip


def _lost(name: str, count: int, line: int) -> Problem:
    return Problem(
        code="INPUT-013", place=name,
        fact=f"Character(s) are U+FFFD, the mark of text lost on the way to UTF-8: {count}, first on line {line}.",
        hint="GBK text that was read as UTF-8 looks like this; the characters cannot be won back from this file.",
        next_step="export the file again. If U+FFFD stands in the EDC itself, have the site enter the text again.",
    )  # fmt: skip
