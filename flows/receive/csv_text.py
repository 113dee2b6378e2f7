"""Reads CSV as text, cell by cell as it stands: nothing is taken for a number, a date or a missing value.

A large file is read in chunks, so that memory is bounded by the chunk. Everything that shows a file to be unfit (cut,
of another encoding, of another delimiter, ragged) becomes a problem, the same whatever the chunks.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NoReturn

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from flows.receive.csv_faults import (
    BytesSeen,
    Ragged,
    cells_of,
    header_faults,
    missing_end,
    open_quote,
    unreadable,
    wrong_delimiter,
)
from specs.errors import InputError, Problem

LINE_COLUMN = "#LINE"
CHUNK = 1 << 26  # so many bytes are read at once, or a little less: a chunk ends with a record
_BLOCK = 1 << 24  # a record must fit into a block
_LONGEST = 2 * _BLOCK  # what has no end within so many bytes is no record
_STEP = 1 << 18  # so many bytes are looked through for quotes at once: what fits into a processor's cache
_TAIL = 4096  # the end mark stands within the last bytes
_BOM = b"\xef\xbb\xbf"


@contextmanager
def open_csv(path: Path, wanted: Collection[str], end_mark: str = "", delimiter: str = ",") -> Iterator[CsvText]:
    """A CSV file whose header is sound.

    `wanted`: some of the columns the file must have, by which another delimiter is recognised. `end_mark`: the text
    of the last line of a complete file, blank where the format has none.

    Raises InputError, as do the methods of the file. The first of these decides: unreadable, empty, encoding,
    delimiter; end mark and header; a column that the caller misses; a quote never closed; lines with other cells than
    the header. The encoding decides over the whole file, even where the header is already known to be wrong.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise InputError(unreadable(path.name, error)) from error
    with file:
        yield CsvText(path.name, file, wanted, end_mark, delimiter)


class CsvText:
    """A CSV file: its column names, then its records, chunk by chunk."""

    def __init__(self, name: str, file: BinaryIO, wanted: Collection[str], end_mark: str, delimiter: str) -> None:
        self.name = name
        self._file = file
        self._delimiter = delimiter
        self._seen = BytesSeen(name)
        self._hash = hashlib.sha256()
        self._at = 0  # so many bytes are read
        self._size = file.seek(0, os.SEEK_END)
        tail = self._read(max(0, self._size - _TAIL), _TAIL)
        text = tail.rstrip()
        last = max(text.rfind(b"\n"), text.rfind(b"\r")) + 1
        self._end = self._size - len(tail) + last if end_mark else self._size  # where the records end
        self._seen.begin(self._read(0, 64))
        line = self._header_line()
        self.header = next(cells_of([line], delimiter), [])
        self._line = 2  # on which the next record begins
        self._ragged = Ragged(name, len(self.header), delimiter)
        if problem := wrong_delimiter(name, line, self.header, wanted, delimiter):
            self.refuse([problem])
        faults = header_faults(name, self.header)
        if end_mark and text[last:].strip() != end_mark.encode():
            self._read_on()
            faults.insert(0, missing_end(name, self._seen.line - tail.count(b"\n", len(text)), end_mark))
        if faults:
            self.refuse(faults)

    @property
    def sha256(self) -> str:
        """The hash of the file, when all tables are read."""
        return self._hash.hexdigest()

    def refuse(self, problems: list[Problem]) -> NoReturn:
        """Raise InputError, with the problems if the bytes of the whole file are sound."""
        self._read_on()
        problem = self._seen.problem()
        raise InputError([problem] if problem else problems)

    def tables(self, columns: Sequence[str], key: str) -> Iterator[pa.Table]:
        """The columns as text, and LINE_COLUMN with the line on which each record begins; one table for each chunk.

        A file without records gives one table without rows. Lines without any text are passed over (`key` is a column
        that records do not leave blank). Raises InputError after the last sound table; what came before is not to be
        used then.
        """
        any_records = False
        while True:
            raw, stop = self._next_chunk(self._delimiter)
            if raw and not stop:
                self.refuse([open_quote(self.name, self._line)])
            end = min(stop, self._end - self._at)
            breaks = self._pass(raw, stop) - raw.count(b"\n", end, stop)
            if self._seen.problem():
                self.refuse([])
            is_last = self._at == self._size
            if is_last and unquoted(raw, end, self._delimiter)[1][-1] < end:
                *_, (line, _) = self._records(raw, end)
                self.refuse([open_quote(self.name, line)])
            table = self._table(raw, end, breaks, columns, key)
            del raw  # the next chunk needs the room
            if self._ragged.count and is_last:
                self.refuse([self._ragged.problem()])
            if not self._ragged.count and (table.num_rows or (is_last and not any_records)):
                any_records = True
                yield table
            if is_last:
                return

    def _read(self, at: int, length: int) -> bytes:
        try:
            self._file.seek(at)
            return self._file.read(length)
        except OSError as error:
            raise InputError(unreadable(self.name, error)) from error

    def _header_line(self) -> str:
        """The text of the first line; the chunks begin behind it."""
        self._file.seek(0)
        raw = self._file.readline(_LONGEST)
        start = len(_BOM) if raw.startswith(_BOM) else 0
        stop = min((at for at in (raw.find(b"\n"), raw.find(b"\r")) if at >= 0), default=len(raw))
        self._pass(raw, min(stop + (2 if raw[stop : stop + 2] == b"\r\n" else 1), len(raw)))
        return raw[start:stop].decode("utf-8", "replace")

    def _pass(self, raw: bytes, stop: int) -> int:
        """Take note of bytes that are read; gives how many line feeds are in them."""
        self._hash.update(memoryview(raw)[:stop])
        self._at += stop
        return self._seen.look(raw, stop)

    def _read_on(self) -> None:
        """Read to the end of the file, for what its bytes show."""
        while self._at < self._size:
            raw, stop = self._next_chunk("")
            self._pass(raw, stop or whole_characters(raw))

    def _next_chunk(self, delimiter: str) -> tuple[bytes, int]:
        """Bytes of whole records (without a delimiter: of whole lines) and where they stop; 0 if no record ends."""
        length = CHUNK
        while self._at + length < self._end:
            raw = self._read(self._at, length)
            stop = last_line_end(raw, delimiter)
            if stop or length >= _LONGEST:
                return raw, stop
            length *= 2
        raw = self._read(self._at, self._size - self._at)
        return raw, len(raw)

    def _table(self, raw: bytes, end: int, breaks: int, columns: Sequence[str], key: str) -> pa.Table:
        """The records before `end`, in which so many line feeds are, with LINE_COLUMN."""
        table, ragged = self._parse(raw, end, columns)
        if ragged:
            for line, row in self._records(raw, end):
                self._ragged.look(line, row)
                self._line = line + _lines(row)
            return table
        rows = table.num_rows
        ends = breaks + (end > 0 and not raw.endswith(b"\n", 0, end))  # the last line may end with the file
        if ends == rows and not pc.any(pc.equal(table.column(key), "")).as_py() and _one_break_a_line(raw):
            self._line += rows
            return table.append_column(LINE_COLUMN, pa.array(np.arange(self._line - rows, self._line)))
        return self._number_lines(raw, end, table)

    def _parse(self, raw: bytes, end: int, columns: Sequence[str]) -> tuple[pa.Table, bool]:
        """The columns of the records before `end`, and whether any has other cells than the header."""
        types = dict.fromkeys(columns, pa.large_string())
        if not end:
            return pa.schema(types).empty_table(), False
        ragged: list[bool] = []  # a list, as the handler is called in several threads

        def on_invalid(_: pa_csv.InvalidRow) -> str:
            ragged.append(True)
            return "skip"

        try:
            table = pa_csv.read_csv(
                pa.BufferReader(pa.py_buffer(memoryview(raw)[:end])),
                read_options=pa_csv.ReadOptions(column_names=self.header, block_size=_BLOCK),
                parse_options=pa_csv.ParseOptions(
                    delimiter=self._delimiter,
                    newlines_in_values=raw.find(b'"', 0, end) >= 0,
                    ignore_empty_lines=False,
                    invalid_row_handler=on_invalid,
                ),
                convert_options=pa_csv.ConvertOptions(
                    column_types=types,
                    include_columns=list(columns),
                    strings_can_be_null=False,
                    quoted_strings_can_be_null=False,
                ),
            )
        except pa.ArrowInvalid as error:
            if "straddling" not in str(error):
                raise
            line, _ = max(self._records(raw, end), key=lambda record: sum(map(len, record[1])))
            self.refuse([open_quote(self.name, line)])
        return table, bool(ragged)

    def _number_lines(self, raw: bytes, end: int, table: pa.Table) -> pa.Table:
        """Adds LINE_COLUMN where cells have line breaks in them, or lines are blank; takes the blank lines away."""
        whole, _ = self._parse(raw, end, self.header)
        lines = np.ones(table.num_rows, dtype="int64")
        blank = np.ones(table.num_rows, dtype=bool)
        for column in whole.columns:
            lines += pc.count_substring(column, "\n").to_numpy()
            blank &= pc.equal(column, "").to_numpy()
        starts = self._line + np.cumsum(lines) - lines
        self._line += int(lines.sum())
        table = table.append_column(LINE_COLUMN, pa.array(starts))
        return table.filter(pa.array(~blank)) if blank.any() else table

    def _records(self, raw: bytes, end: int) -> Iterator[tuple[int, list[str]]]:
        """The line each record begins on, and its cells; for messages about faulty files only."""
        text = io.TextIOWrapper(io.BytesIO(memoryview(raw)[:end]), "utf-8", newline="")
        line = self._line
        for row in cells_of(text, self._delimiter):
            yield line, row
            line += _lines(row)


def _lines(row: list[str]) -> int:
    """How many lines a record takes."""
    return 1 + sum(cell.count("\n") for cell in row)


def _one_break_a_line(raw: bytes) -> bool:
    """Whether each record ends with a line feed, unless it has one within."""
    return b"\r" not in raw or b'"' not in raw or raw.count(b"\r") == raw.count(b"\r\n")


Positions = npt.NDArray[np.int64]


def last_line_end(raw: bytes, delimiter: str) -> int:
    """Where the line after the last one that ends outside of quotes begins, 0 where none ends.

    The bytes begin with a record, and go on: a carriage return at their end may be the first half of a line end.
    """
    starts, ends = unquoted(raw, len(raw), delimiter)
    long = ends > starts
    for start, end in zip(starts[long][::-1].tolist(), ends[long][::-1].tolist(), strict=True):
        if after := max(raw.rfind(b"\n", start, end), raw.rfind(b"\r", start, min(end, len(raw) - 1))) + 1:
            return after
    return 0


def unquoted(raw: bytes, stop: int, delimiter: str) -> tuple[Positions, Positions]:
    """Where the stretches outside of quotes start and end; the last one ends before `stop` if a quote is left open.

    A quote opens at the start of a cell only; elsewhere it stands for itself, as in `5 " nail`. Without a delimiter
    no quote opens.
    """
    if not delimiter or raw.find(b'"', 0, stop) < 0:
        return np.array([0]), np.array([stop])
    octets = np.frombuffer(raw, dtype="uint8", count=stop)
    steps = range(0, stop, _STEP)
    quotes = np.concatenate([np.flatnonzero(octets[at : at + _STEP] == ord('"')) + at for at in steps])
    before = octets[quotes[::2] - 1]  # every other quote opens, or is the second half of a doubled one
    as_it_should = np.zeros(256, dtype=bool)
    as_it_should[list(f'{delimiter}\r\n"'.encode())] = True
    if not (as_it_should[before] | (quotes[::2] == 0)).all():
        quotes = _telling_quotes(raw, stop, delimiter)
    starts, ends = np.append(0, quotes[1::2] + 1), quotes[::2]
    return starts, ends if len(quotes) % 2 else np.append(ends, stop)


def _telling_quotes(raw: bytes, stop: int, delimiter: str) -> Positions:
    """The quotes that open or close a cell, in turns, where others stand for themselves."""
    cell = rb'"(?:(?<=[%b\r\n]")|(?<=\A"))[^"]*+(?:""[^"]*+)*+("?)' % re.escape(delimiter).encode()
    found = [(match.start(), match.start(1), bool(match[1])) for match in re.finditer(cell, raw[:stop])]
    return np.array(
        [at for start, end, closed in found for at in ((start, end) if closed else (start,))], dtype="int64"
    )


def whole_characters(raw: bytes) -> int:
    """Where the bytes can be cut so that no character of UTF-8 is cut."""
    stop = len(raw) - 1
    while raw[stop] & 0xC0 == 0x80 and stop > len(raw) - 4:
        stop -= 1
    return stop
