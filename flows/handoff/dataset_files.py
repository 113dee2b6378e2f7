"""Writes one dataset in all its forms, and reads each back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Literal

import pandas as pd
import pyarrow as pa

from flows.arrow_files import TableFiles
from flows.handoff.dataset_json import Described, describe, read_back_dataset_json, write_dataset_json
from flows.handoff.errors import writing
from flows.handoff.parquet import write_parquet
from flows.handoff.reading_back import read_back
from flows.handoff.unfit import take_out_unfit
from flows.handoff.xpt import write_xpt
from flows.handoff.xpt_pieces import told_in_pieces, write_pieces
from flows.handoff.xpt_text import xpt_text
from specs.findings import combine
from specs.models import DatasetSpec, StudyFile

Half = Literal["sdtm", "adam"]
DEFINE_XML = "define.xml"  # beside the XPT files of its half


@dataclass(frozen=True)
class WrittenDataset:
    """A dataset that was written; paths are relative to the output folder."""

    half: Half
    dataset: str
    label: str
    rows: int
    parquet: str
    xpt: str
    dataset_json: tuple[str, ...] = ()
    pieces: Mapping[str, int] = field(default_factory=dict)  # path -> rows, of an XPT file that is given in pieces, too

    @property
    def rows_by_path(self) -> dict[str, int]:
        """Every file of it, and how many rows it has."""
        return dict.fromkeys((self.parquet, self.xpt, *self.dataset_json), self.rows) | dict(self.pieces)


@dataclass(frozen=True)
class DatasetLengths:
    """Bytes of each Char variable: of the text in XPT, and of the text as it is."""

    xpt: Mapping[str, int]
    kept: Mapping[str, int]


@dataclass(frozen=True)
class DatasetWritten:
    """What was written, its findings (HAND-504, HAND-511), and what reads each of its files back."""

    files: WrittenDataset
    findings: pd.DataFrame
    to_read: Sequence[Callable[[], None]]


def write_dataset(
    stage: Path,
    files: WrittenDataset,
    values: pa.Table | TableFiles,
    spec: DatasetSpec,
    lengths: DatasetLengths,
    stamp: datetime,
    study: StudyFile,
) -> DatasetWritten:
    """Write a dataset below `stage`, as typed by `typed_table`. Raises what its writers raise."""
    table = values.read() if isinstance(values, TableFiles) else values
    parquet, xpt = stage / files.parquet, stage / files.xpt
    with writing(stage):
        for path in files.rows_by_path:
            (stage / path).parent.mkdir(parents=True, exist_ok=True)
    choices = study.handoff
    write_parquet(table, spec, parquet, studyid=study.studyid)
    fit = take_out_unfit(xpt_text(table, spec, choices).table, spec)
    write_xpt(fit.table, spec, xpt, lengths.xpt, stamp)
    in_ascii = choices.xpt_text == "ascii"
    to_read = [partial(read_back, xpt, parquet, spec, lengths.xpt, stamp, fit.left_out, ascii_text=in_ascii)]
    pieces = write_pieces(xpt, fit.table, spec, lengths.xpt, stamp, choices.xpt_max_bytes)
    define = f"../../{Path(files.xpt).with_name(DEFINE_XML).as_posix()}"
    of = Described(study.studyid, files.half, stamp, define)
    description = describe(spec, lengths.kept, table.num_rows, of) if files.dataset_json else {}
    for path in files.dataset_json:
        write_dataset_json(table, spec, description, stage / path)
        to_read.append(partial(read_back_dataset_json, stage / path, parquet, spec, description))
    written = replace(files, pieces={path.relative_to(stage).as_posix(): rows for path, rows in pieces.items()})
    found = combine([fit.findings, told_in_pieces(spec, xpt, pieces, choices.xpt_max_bytes)])
    return DatasetWritten(written, found, to_read)
