"""One dataset of a file, in one shape for every kind of file; a kind is known by the ending of its name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc

from specs.errors import Problem

Kind = Literal["text", "number", "date", "time", "datetime"]
TYPES: dict[Kind, pa.DataType] = {
    "text": pa.large_string(),
    "number": pa.float64(),
    "date": pa.date32(),
    "time": pa.time64("us"),
    "datetime": pa.timestamp("us"),
}


class UnreadableDatasetError(Exception):
    """A file that is damaged or of another kind than its name says; its problem says what is wrong."""

    def __init__(self, path: Path, fact: str, hint: str = "") -> None:
        self.problem = Problem(
            code="INPUT-105", place=path.name, fact=fact, hint=hint,
            next_step="have the file made or transferred again.",
        )  # fmt: skip
        super().__init__(fact)


@dataclass(frozen=True)
class Variable:
    """What a file says of a variable; blank, or no length, where it says nothing."""

    kind: Kind
    label: str = ""
    length: int | None = None
    format: str = ""

    @property
    def type(self) -> str:
        return "Char" if self.kind == "text" else "Num"


@dataclass(frozen=True)
class Dataset:
    """A dataset as its file has it.

    `table` has a column for each of `variables`, in the file's order, with the type that `TYPES` has for its kind. As
    in SAS, blanks at the end of a text are no part of it, and a text of blanks is missing. `described` says whether the
    file carries labels at all, `keys` are those that it names.
    """

    name: str
    label: str
    variables: dict[str, Variable]
    table: pa.Table
    keys: tuple[str, ...] = ()
    described: bool = True


Reader = Callable[[Path], Dataset]


def readers() -> dict[str, Reader]:
    """Ending of a file's name -> its reader."""
    from flows.datasets.dataset_json import read_dataset_json
    from flows.datasets.parquet import read_parquet_dataset
    from flows.datasets.xpt import read_xpt_dataset

    return {
        ".parquet": read_parquet_dataset,
        ".xpt": read_xpt_dataset,
        ".json": read_dataset_json,
        ".ndjson": read_dataset_json,
    }


def read_dataset_file(path: Path) -> Dataset:
    """The dataset in a file. Raises UnreadableDatasetError."""
    try:
        dataset = readers()[path.suffix.lower()](path)
    except OSError as error:
        raise UnreadableDatasetError(
            path, f"The file cannot be read: {error.strerror or first_line(error)}."
        ) from error
    twice = sorted({name for name in dataset.variables if list(dataset.table.column_names).count(name) > 1})
    if twice:
        raise UnreadableDatasetError(path, f"Variable {twice[0]} stands twice, in capitals and in small letters.")
    return dataset


def plain_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Text without the blanks at its end; missing where nothing is left."""
    text = pc.ascii_rtrim(column.cast(pa.large_string()), " ")
    empty = pc.equal(pc.binary_length(text), 0)
    return pc.if_else(empty, pa.scalar(None, pa.large_string()), text) if pc.any(empty).as_py() else text


def first_line(error: Exception) -> str:
    """The first line of what a library says."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
