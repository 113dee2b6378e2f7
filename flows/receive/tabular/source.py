"""What every kind of table file gives its reader: the names of its columns, and its records as text, piece by piece."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import pyarrow as pa

from specs.errors import Problem
from specs.layouts import LayoutSpec

LINE_COLUMN = "#LINE"  # beside the columns of a piece: the line, or the number of the record, as an int64
LABEL_SUFFIX = "#LABEL"  # SAS: the value label of a column's value, as a column of its own
ROWS_AT_ONCE = 200_000


class UnfitFileError(Exception):
    """A file that cannot be read on; its problems say why."""

    def __init__(self, problems: Problem | list[Problem]) -> None:
        self.problems = [problems] if isinstance(problems, Problem) else problems
        super().__init__("; ".join(p.fact for p in self.problems))


class TableFile(Protocol):
    """A table file whose head is sound."""

    @property
    def columns(self) -> list[str]:
        """The names of its columns."""

    def pieces(self, columns: Sequence[str]) -> Iterator[pa.Table]:
        """These columns as text (blank = ""), and LINE_COLUMN, some records at a time. Raises UnfitFileError."""


@dataclass(frozen=True)
class Wanted:
    """What a reader knows of a file before it is opened."""

    layout: LayoutSpec
    columns: list[str]  # some of those that it must have, by which a wrong delimiter is recognised
    files: dict[str, Path] = field(default_factory=dict)  # the whole folder: a catalogue may lie beside


Opener = Callable[[Path, Wanted], TableFile]
