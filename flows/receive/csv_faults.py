"""What shows the bytes of a CSV file to be unfit: empty, of another encoding or delimiter, cut off, a bad header."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from specs.errors import Problem, did_you_mean

_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
_SHOWN = 5  # as many lines are named in a message
_LONGEST_CELL = 1 << 28
_LOST = "\ufffd".encode()
_STEP = 1 << 24  # so many bytes are decoded at once


@dataclass
class BytesSeen:
    """What the bytes of a file show by themselves, looked at piece by piece in their order.

    Each piece begins with a line and ends with one, so that no character and no line is in two of them.
    """

    name: str
    line: int = 1  # the line on which the next piece begins
    blank: bool = True
    utf_16: bool = False
    zero_on: int = 0  # the first line with a zero byte, 0 where there is none
    fault_on: int = 0  # the first line that is no UTF-8
    fault_hint: str = ""
    lost: int = 0  # how often the character stands that marks text already lost
    lost_on: int = 0

    def begin(self, head: bytes) -> None:
        """Look at the first bytes of the file."""
        utf_16 = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        self.utf_16 = utf_16 or head[:64].count(b"\0") > 16

    def look(self, raw: bytes, stop: int) -> int:
        """Look at the next piece, the bytes before `stop`; gives how many line feeds it has."""
        self.blank = self.blank and (not raw or raw.isspace())
        zero = raw.find(b"\0", 0, stop)
        if zero >= 0 and not self.zero_on:
            self.zero_on = self.line + raw.count(b"\n", 0, zero)
        if not raw.isascii():
            self._look_at_characters(raw, stop)
        breaks = raw.count(b"\n", 0, stop)
        self.line += breaks
        return breaks

    def _look_at_characters(self, raw: bytes, stop: int) -> None:
        at = None if self.fault_on else _first_fault(raw, stop)
        if at is not None:
            self.fault_on = self.line + raw.count(b"\n", 0, at)
            self.fault_hint = _likely_encoding(raw, at)
        lost = raw.count(_LOST, 0, stop)
        if lost and not self.lost:
            self.lost_on = self.line + raw.count(b"\n", 0, raw.find(_LOST))
        self.lost += lost

    def problem(self) -> Problem | None:
        """The first that applies: no text, UTF-16, zero bytes, bytes that are no UTF-8, text already lost."""
        again = "export the file again as UTF-8."
        if self.blank:
            return no_content(self.name)
        if self.utf_16:
            fact = "The encoding is UTF-16, not UTF-8."
            return Problem(code="INPUT-012", place=self.name, fact=fact, next_step=again)
        if self.zero_on:
            fact = f"Line {self.zero_on} holds zero bytes: the file is damaged."
            return Problem(
                code="INPUT-012", place=self.name, fact=fact, next_step="transfer the file again, as binary."
            )  # fmt: skip
        if self.fault_on:
            fact = f"The text is not valid UTF-8: the first fault is on line {self.fault_on}."
            return Problem(code="INPUT-012", place=self.name, fact=fact, hint=self.fault_hint, next_step=again)
        if self.lost:
            return Problem(
                code="INPUT-013", place=self.name,
                fact=f"{self.lost} character(s) are U+FFFD, the mark of text lost on the way to UTF-8, "
                f"first on line {self.lost_on}.",
                hint="GBK text that was read as UTF-8 looks like this; "
                "the characters cannot be won back from this file.",
                next_step=again + " If U+FFFD stands in the EDC itself, have the site enter the text again.",
            )  # fmt: skip
        return None


def no_content(name: str) -> Problem:
    """A file without any text."""
    return Problem(
        code="INPUT-011",
        place=name,
        fact="The file is empty.",
        next_step="have the file exported or transferred again.",
    )


def _first_fault(raw: bytes, end: int) -> int | None:
    """Where the first byte before `end` stands that is no UTF-8."""
    bounds = pa.py_buffer(np.array([0, end], dtype=np.int64))
    try:
        pa.LargeStringArray.from_buffers(1, bounds, pa.py_buffer(raw)).validate(full=True)
    except pa.ArrowInvalid:
        return _place_of_fault(raw, end)
    return None


def _place_of_fault(raw: bytes, end: int) -> int:
    """Decoded in Python, which says where; a step at a time, as text takes up to four times the room."""
    start = 0
    while True:
        stop = min(start + _STEP, end)
        while stop < end and stop > start and raw[stop] & 0xC0 == 0x80:  # not within a character
            stop -= 1
        stop = stop if stop > start else start + _STEP
        try:
            raw[start:stop].decode("utf-8")
        except UnicodeDecodeError as error:
            return start + error.start
        start = stop


def _likely_encoding(raw: bytes, at: int) -> str:
    """Names the encoding that the faulty line reads as."""
    start = max(raw.rfind(b"\n", 0, at), raw.rfind(b"\r", 0, at)) + 1
    stops = [stop for end in (b"\n", b"\r") if (stop := raw.find(end, at)) >= 0]
    line = raw[start : min(stops, default=len(raw))]
    if _decodes(line, "gb2312"):
        return "it reads as GBK (Chinese)."
    either = "GBK (Chinese), Latin-1" if _decodes(line, "gb18030") else "Latin-1"
    return f"it may be {either} or Windows-1252."


def _decodes(text: bytes, encoding: str) -> bool:
    try:
        text.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def cells_of(lines: Iterable[str], delimiter: str) -> Iterator[list[str]]:
    """The cells of each record."""
    csv.field_size_limit(max(csv.field_size_limit(), _LONGEST_CELL))
    return csv.reader(lines, delimiter=delimiter)


def wrong_delimiter(
    name: str, line: str, header: list[str], wanted: Collection[str], delimiter: str
) -> Problem | None:  # fmt: skip
    """Another delimiter than the one that should be, or a first line that is no header of the export."""
    if set(wanted) & set(header):
        return None
    should = _called(delimiter)
    for other, called in _DELIMITERS.items():
        if other != delimiter and set(wanted) & set(next(cells_of([line], other), [])):
            return Problem(
                code="INPUT-014", place=name, fact=f"The columns are apart by a {called}, not by a {should}.",
                next_step=f"export the file again with {should}s.",
            )  # fmt: skip
    hint = next((h for word in header if (h := did_you_mean(word, wanted))), "")
    return Problem(
        code="INPUT-015", place=name,
        fact=f"The first line is no header of this export: none of {', '.join(list(wanted)[:3])} ... is in it.",
        hint=hint, next_step="have the file exported again, with its header line.",
    )  # fmt: skip


def _called(delimiter: str) -> str:
    return _DELIMITERS.get(delimiter, f"'{delimiter}'")


def unreadable(name: str, error: OSError) -> Problem:
    """A file that the operating system does not let us read."""
    return Problem(
        code="INPUT-007", place=name, fact=f"The file cannot be read: {error.strerror}.",
        next_step="ask for the right to read it.",
    )  # fmt: skip


def missing_end(name: str, last_line: int, end_mark: str) -> Problem:
    """A last line that is not the end mark."""
    return Problem(
        code="INPUT-016", place=name,
        fact=f"The last line is not {end_mark}: the file is cut off after line {last_line}.",
        next_step="have the file exported or transferred again; a complete one ends with that line.",
    )  # fmt: skip


def header_faults(name: str, header: list[str]) -> list[Problem]:
    """Columns that the header has twice."""
    twice = sorted({column for column in header if header.count(column) > 1})
    return [
        Problem(
            code="INPUT-017", place=name, fact=f"The header has column {column or '(blank)'} twice.",
            next_step="have one of them left out of the export.",
        )
        for column in twice
    ]  # fmt: skip


@dataclass
class Ragged:
    """The lines that have more or fewer cells than the header."""

    name: str
    width: int
    delimiter: str
    count: int = 0
    lines: list[int] = field(default_factory=list)  # the first of them
    cells: int = 0  # of the first

    def look(self, line: int, row: list[str]) -> None:
        """Look at a record; a blank line is none."""
        if row and len(row) != self.width:
            self.count += 1
            self.cells = self.cells or len(row)
            if self.count <= _SHOWN:
                self.lines.append(line)

    def problem(self) -> Problem:
        """All of them as one problem."""
        shown = ", ".join(map(str, self.lines)) + (" ..." if self.count > _SHOWN else "")
        return Problem(
            code="INPUT-018", place=self.name,
            fact=f"{self.count} line(s) do not have the header's {self.width} cells: line {shown} "
            f"(the first has {self.cells}).",
            hint=f"a {_called(self.delimiter)} or a quote within a text must be quoted: "
            f"\"a{self.delimiter} b\", \"a \"\"b\"\"\".",
            next_step="have the file exported again.",
        )  # fmt: skip


def open_quote(name: str, line: int) -> Problem:
    """A quote that is never closed, in the record that begins on the line."""
    return Problem(
        code="INPUT-019", place=name,
        fact=f"A quote is opened in the record that begins on line {line}, and is never closed.",
        hint="the file may be cut and joined, or a quote in a text is not doubled.",
        next_step="have the file exported again.",
    )  # fmt: skip
