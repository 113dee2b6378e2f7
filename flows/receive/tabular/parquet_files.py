"""Parquet files: columns of any plain type, as text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from flows.receive.tabular.as_text import NoTextError, arrow_text
from flows.receive.tabular.source import LINE_COLUMN, ROWS_AT_ONCE, UnfitFileError, Wanted
from specs.errors import Problem

_MAGIC = b"PAR1"


@dataclass(frozen=True)
class ParquetFile:
    """A Parquet file whose footer is sound."""

    path: Path
    columns: list[str]

    def pieces(self, columns: Sequence[str]) -> Iterator[pa.Table]:
        """These columns as text, and LINE_COLUMN (the header counting as line 1). Raises UnfitFileError."""
        line = 2
        try:
            with pq.ParquetFile(self.path) as file:
                for batch in file.iter_batches(ROWS_AT_ONCE, columns=list(columns)):
                    texts = {name: self._text(name, batch.column(name)) for name in columns}
                    lines = pa.array(np.arange(line, line + batch.num_rows))
                    line += batch.num_rows
                    yield pa.table({**texts, LINE_COLUMN: lines})
        except (pa.ArrowException, OSError) as error:
            raise UnfitFileError(_unreadable(self.path.name, error)) from error

    def _text(self, name: str, column: pa.Array) -> pa.Array:
        try:
            return arrow_text(column)
        except NoTextError as error:
            raise UnfitFileError(
                Problem(
                    code="INPUT-045", place=self.path.name,
                    fact=f"Column {name} is of type {error}, which is no single value a record.",
                    next_step="have the column exported as text.",
                )
            ) from error  # fmt: skip


def open_parquet_file(path: Path, _: Wanted) -> ParquetFile:
    """Read the footer. Raises UnfitFileError: cut off, no Parquet, a column twice."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(len(_MAGIC))
        file.seek(max(0, size - len(_MAGIC)))
        tail = file.read()
    if size == 0:
        raise UnfitFileError(
            Problem("INPUT-011", path.name, "The file is empty.", "have the file exported or transferred again.")
        )
    if head == _MAGIC and tail != _MAGIC:
        fact = "The file is cut off: it begins as Parquet, and the footer at its end is missing."
        raise UnfitFileError(Problem("INPUT-042", path.name, fact, "have the file exported or transferred again."))
    try:
        names = pq.read_schema(path).names
    except (pa.ArrowException, OSError) as error:
        raise UnfitFileError(_unreadable(path.name, error)) from error
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        fact = f"Column {twice[0]} stands twice in the file."
        raise UnfitFileError(Problem("INPUT-017", path.name, fact, "have one of them left out of the export."))
    return ParquetFile(path, list(names))


def _unreadable(name: str, error: Exception) -> Problem:
    said = (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
    return Problem(
        code="INPUT-043", place=name, fact=f"The file is no readable Parquet: {said}.",
        hint="it may be damaged on the way, or be of another kind.",
        next_step="have the file exported or transferred again, as binary.",
    )  # fmt: skip
