"""CSV files of a declared layout: delimiter, encoding and, where there is one, an end mark."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from flows.receive.csv_faults import header_faults, no_content
from flows.receive.tabular.as_text import TEXT
from flows.receive.tabular.csv_blocks import BadTextError, Block, read_blocks
from flows.receive.tabular.source import LINE_COLUMN, UnfitFileError, Wanted
from specs.errors import Problem, did_you_mean
from specs.layouts import LayoutSpec

_CALLED = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
_SHOWN = 5  # as many lines are named in a message
_AGAIN = "have the file exported or transferred again"


@dataclass(frozen=True)
class CsvFile:
    """A CSV file whose header is sound."""

    path: Path
    layout: LayoutSpec
    columns: list[str]

    def pieces(self, columns: Sequence[str]) -> Iterator[pa.Table]:
        """These columns as text, and LINE_COLUMN; a block of the file at a time. Raises UnfitFileError.

        Lines without any text are passed over. A file with an end mark is complete when its last line is the mark, one
        without when its last line has an end.
        """
        try:
            for block in _blocks(self.path, self.layout):
                body = self._body(block)
                if body.text.strip():
                    yield self._parsed(body, columns)
        except BadTextError as error:
            raise UnfitFileError(error.problem) from error

    def _body(self, block: Block) -> Block:
        """A block without the header line and, at the end of the file, the end mark, which must be there."""
        text, line = block.text, block.first_line
        if line == 1:
            at = text.find(b"\n") + 1 or len(text)
            text, line = text[at:], 2
        if not block.last:
            return Block(text, line, last=False)
        return Block(self._without_end(text, line), line, last=True)

    def _without_end(self, text: bytes, line: int) -> bytes:
        mark, name = self.layout.end_mark, self.path.name
        if mark is not None:
            kept = text.rstrip()
            if kept[kept.rfind(b"\n") + 1 :].strip() == mark.encode():
                return kept[: kept.rfind(b"\n") + 1]
            last = line + kept.count(b"\n")
            fact = f"The last line is not {mark}: the file is cut off after line {last}."
            hint = "a complete file ends with that line."
            raise UnfitFileError(Problem("INPUT-016", name, fact, _AGAIN + ".", hint))
        if text and not text.endswith(b"\n"):
            if self.layout.last_line_ends:
                last = line + text.count(b"\n")
                fact = f"The last line, {last}, has no end: the file is cut off within it."
                hint = "where the export never ends its last line, say `last_line_ends: false` in the layout."
                raise UnfitFileError(Problem("INPUT-041", name, fact, _AGAIN + ".", hint))
            return text + b"\n"
        return text

    def _parsed(self, block: Block, columns: Sequence[str]) -> pa.Table:
        broken = self.layout.quoted and block.text.find(b'"') >= 0
        # a line break in a cell moves the lines of the records after it: then every column must be looked at
        table = self._parse(block, self.columns if broken else columns)
        rows = table.num_rows
        if not broken and block.text.count(b"\n") == rows and not _blank(table).any():
            return table.append_column(LINE_COLUMN, pa.array(np.arange(block.first_line, block.first_line + rows)))
        if not broken:
            table = self._parse(block, self.columns)
        breaks = np.zeros(rows, dtype="int64")
        for column in table.columns:
            breaks += pc.count_substring(column, "\n").to_numpy()
        if rows + breaks.sum() == block.text.count(b"\n"):
            lines = block.first_line + np.arange(rows) + np.concatenate([[0], np.cumsum(breaks)[:-1]])
        else:  # empty lines, which are no rows
            lines = np.array([line for line, cells in self._records(block) if cells], dtype="int64")
        blank = _blank(table)
        table = table.select(list(columns)).append_column(LINE_COLUMN, pa.array(lines))
        return table.filter(pa.array(~blank)) if blank.any() else table

    def _parse(self, block: Block, columns: Sequence[str]) -> pa.Table:
        ragged = 0

        def on_invalid(_: pa_csv.InvalidRow) -> str:
            nonlocal ragged
            ragged += 1
            return "skip"

        try:
            table = pa_csv.read_csv(
                pa.BufferReader(block.text),
                read_options=pa_csv.ReadOptions(column_names=self.columns, block_size=len(block.text) + 1),
                parse_options=pa_csv.ParseOptions(
                    delimiter=self.layout.delimiter,
                    quote_char='"' if self.layout.quoted else False,
                    newlines_in_values=self.layout.quoted and block.text.find(b'"') >= 0,
                    ignore_empty_lines=False,
                    invalid_row_handler=on_invalid,
                ),
                convert_options=pa_csv.ConvertOptions(
                    column_types=dict.fromkeys(columns, TEXT),
                    include_columns=list(columns),
                    strings_can_be_null=False,
                    quoted_strings_can_be_null=False,
                ),
            )
        except pa.ArrowInvalid as error:
            raise UnfitFileError(self._ragged(block) or self._open_quote(block)) from error
        if block.last and self.layout.quoted and block.text.count(b'"') % 2:
            raise UnfitFileError(self._open_quote(block))
        if ragged:
            problem = self._ragged(block)
            if problem:  # else only empty lines were out of shape
                raise UnfitFileError(problem)
        return table

    def _ragged(self, block: Block) -> Problem | None:
        width = len(self.columns)
        odd = [(line, len(row)) for line, row in self._records(block) if row and len(row) != width]
        if not odd:
            return None
        shown = ", ".join(str(line) for line, _ in odd[:_SHOWN]) + (" ..." if len(odd) > _SHOWN else "")
        if self.layout.end_mark is None and len(odd) == 1 and odd[0][1] < width and block.last:
            hint = "if it is the file's last line, the file is cut off there."
        else:
            hint = f"a {_CALLED[self.layout.delimiter]} or a quote within a text must be quoted."
        return Problem(
            code="INPUT-018", place=self.path.name,
            fact=f"{len(odd)} line(s) do not have the header's {width} cells: line {shown} (first: {odd[0][1]} cells).",
            hint=hint, next_step="have the file exported again.",
        )  # fmt: skip

    def _open_quote(self, block: Block) -> Problem:
        return Problem(
            code="INPUT-019", place=self.path.name,
            fact=f"A quote opened in the record that begins on line {self._records(block)[-1][0]} is never closed.",
            hint="the file may be cut and joined, or a quote in a text is not doubled.",
            next_step="have the file exported again; where it has no quoted texts, say `quoted: false` in the layout.",
        )  # fmt: skip

    def _records(self, block: Block) -> list[tuple[int, list[str]]]:
        """Each record of a block and the line it begins on; for messages about faulty files only."""
        csv.field_size_limit(max(csv.field_size_limit(), len(block.text)))
        text = io.StringIO(block.text.decode("utf-8"), newline="")
        if self.layout.quoted:
            reader = csv.reader(text, delimiter=self.layout.delimiter)
        else:
            reader = csv.reader(text, delimiter=self.layout.delimiter, quoting=csv.QUOTE_NONE)
        ends = [(reader.line_num, row) for row in reader]
        starts = [0, *(end for end, _ in ends)]
        return [(block.first_line + start, row) for (start, _), (_, row) in zip(pairwise(starts), ends, strict=True)]


def _blank(table: pa.Table) -> np.ndarray:
    """Which rows have no text in any column."""
    blank = np.ones(table.num_rows, dtype=bool)
    for column in table.columns:
        blank &= pc.equal(column, "").to_numpy()
    return blank


def _blocks(path: Path, layout: LayoutSpec) -> Iterator[Block]:
    return read_blocks(path, layout.encoding or "utf-8", quoted=layout.quoted)


def open_csv_file(path: Path, wanted: Wanted) -> CsvFile:
    """Look at the header. Raises UnfitFileError: empty, wrong encoding, wrong delimiter, no header, a column twice."""
    layout = wanted.layout
    with path.open("rb") as file:
        head = file.read(1 << 16)
    if not head.strip():
        raise UnfitFileError(no_content(path.name))
    try:
        text = next(_blocks(path, layout)).text
    except BadTextError as error:
        raise UnfitFileError(error.problem) from error
    line = text[: text.find(b"\n") if b"\n" in text else len(text)].decode("utf-8").rstrip("\r")
    header = _cells(line, layout.delimiter)
    problem = _wrong_header(path.name, line, header, wanted)
    problems = [problem] if problem else header_faults(path.name, header)
    if problems:
        raise UnfitFileError(problems)
    return CsvFile(path, layout, header)


def _cells(line: str, delimiter: str) -> list[str]:
    return next(csv.reader([line], delimiter=delimiter), [])


def _wrong_header(name: str, line: str, header: list[str], wanted: Wanted) -> Problem | None:
    """Another delimiter than the declared one, or a first line that is no header of the export."""
    columns = set(wanted.columns)
    if columns & set(header):
        return None
    declared = _CALLED[wanted.layout.delimiter]
    for delimiter, called in _CALLED.items():
        if columns & set(_cells(line, delimiter)):
            return Problem(
                code="INPUT-014", place=name,
                fact=f"The columns are apart by a {called}, and the layout declares a {declared}.",
                next_step="mend `delimiter` in the layout, or have the file exported again.",
            )  # fmt: skip
    hint = next((h for word in header if (h := did_you_mean(word, columns))), "")
    return Problem(
        code="INPUT-015", place=name,
        fact=f"The first line is no header of this export: none of {', '.join(wanted.columns[:3])} ... is in it.",
        hint=hint, next_step="have the file exported again with its header line, or mend the layout.",
    )  # fmt: skip
