"""Tables on disk within a run: Arrow files, read by mapping them into memory, so that a process need not copy them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa


@dataclass(frozen=True)
class TableFiles:
    """A table whose rows lie in Arrow files, one after the other: given to another process, it is only their names."""

    paths: tuple[Path, ...]

    def read(self) -> pa.Table:
        """The table; its values stay in the files until they are looked at."""
        return pa.concat_tables([read_table(path) for path in self.paths])


def write_table(table: pa.Table, path: Path) -> None:
    """Write a table as an Arrow file."""
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)


def read_table(path: Path) -> pa.Table:
    """The table of an Arrow file; its values stay in the file until they are looked at."""
    return pa.ipc.open_file(pa.memory_map(str(path))).read_all()


def write_frame(frame: pd.DataFrame, path: Path) -> None:
    """Write a frame as an Arrow file, without its index; missing becomes null."""
    write_table(pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None), path)


def read_frame(path: Path) -> pd.DataFrame:
    """The frame of an Arrow file: text as `str`, an integer without missing values as int64."""
    table = read_table(path)
    return pd.DataFrame({name: table.column(name).to_pandas() for name in table.column_names})
