"""Where the tables of a part lie: in memory, or in files that every process can map into its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
import pyarrow as pa

from flows.arrow_files import TableFiles, read_table, write_table
from flows.handoff import empty_table
from specs.models import DatasetSpec


class Shelf:
    """Tables by name. With a folder they are put away there, and other processes get the folder, not the values."""

    def __init__(self, tables: Mapping[str, pa.Table], folder: Path | None) -> None:
        self._tables = dict(tables)
        self._folder = folder
        self.names = list(tables)
        if folder is not None:
            folder.mkdir()
            for name, table in tables.items():
                write_table(table, folder / f"{name}.arrow")
            self._tables = {}

    def file(self, name: str) -> Path | None:
        """The file of a table that was put away."""
        return self._folder and self._folder / f"{name}.arrow"

    def table(self, name: str, spec: DatasetSpec | None = None) -> pa.Table:
        """A table; one that is not here, as its spec would have it without rows."""
        if name not in self.names:
            assert spec is not None
            return empty_table(spec)
        file = self.file(name)
        return self._tables[name] if file is None else read_table(file)

    def frame(self, name: str, spec: DatasetSpec | None = None) -> pd.DataFrame:
        """A table as a frame: text `str`, numbers float64, dates datetime64[us]."""
        table = self.table(name, spec)
        return pd.DataFrame({column: _column(table.column(column)) for column in table.column_names})


def _column(column: pa.ChunkedArray) -> pd.Series:
    if pa.types.is_date(column.type):
        column = column.cast(pa.timestamp("us"))
    elif pa.types.is_integer(column.type):
        column = column.cast(pa.float64())
    series: pd.Series = column.to_pandas()
    return series


def whole_tables(shelves: Sequence[Shelf], specs: Mapping[str, DatasetSpec]) -> dict[str, pa.Table]:
    """Each table of all the parts, in the order of the parts, the datasets in that of the specs; no value is copied.

    Parts follow each other in the order of USUBJID; a dataset whose keys have another order is sorted.
    """
    made = {name for shelf in shelves for name in shelf.names}
    whole = {}
    for name, spec in specs.items():
        if name in made:
            table = pa.concat_tables([shelf.table(name, spec) for shelf in shelves])
            whole[name] = table if len(shelves) == 1 or _by_subject(spec) else _sorted(table, spec)
    return whole


def table_files(shelves: Sequence[Shelf], specs: Mapping[str, DatasetSpec]) -> dict[str, TableFiles]:
    """Where each table of `whole_tables` lies on disk; none of those that are in memory, or that had to be sorted."""
    found = {}
    for name, spec in specs.items():
        files = [shelf.file(name) for shelf in shelves if name in shelf.names]
        paths = tuple(file for file in files if file is not None)
        if paths and _by_subject(spec):
            found[name] = TableFiles(paths)
    return found


def _by_subject(spec: DatasetSpec) -> bool:
    """Whether the keys begin with the subject; before it may stand what is the same in every row."""
    return next(key for key in spec.keys if key not in ("STUDYID", "DOMAIN", "RDOMAIN")) == "USUBJID"


def _sorted(table: pa.Table, spec: DatasetSpec) -> pa.Table:
    return table.sort_by([(key, "ascending") for key in spec.keys])


def sum_rows(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """The accountings of parts as one: rows summed over all that is otherwise equal, in the order of it."""
    every = pd.concat(parts, ignore_index=True)
    by = [name for name in every.columns if name != "rows"]
    return every.groupby(by, sort=True)[["rows"]].sum().reset_index()[every.columns.to_list()]
