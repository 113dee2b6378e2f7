"""An XPT file that is larger than an agency takes, once more in pieces.

FDA, Study Data Technical Conformance Guide, section on dataset size: a file over 5 GB is submitted as it is, and
beside it in a folder `split` as files of at most that size.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from flows.handoff import xpt_reader
from flows.handoff.errors import differs, refuse, writing
from flows.handoff.reading_back import compare_headers
from flows.handoff.xpt import RECORD, xpt_headers
from flows.handoff.xpt_reader import XptFile
from specs.counted import how_many
from specs.findings import no_findings, report
from specs.models import DatasetSpec

SPLIT_FOLDER = "split"
_NAME_BYTES = 8  # of a dataset in XPORT v5
_CHUNK_BYTES = 8 << 20


def write_pieces(
    xpt: Path, table: pa.Table, spec: DatasetSpec, lengths: Mapping[str, int], stamp: datetime, most: int
) -> dict[Path, int]:
    """Give an XPT file of more than `most` bytes in pieces beside it, too: `split/lb1.xpt`, ... -> rows of each.

    In: the file and the table that it was written from. Rows stay in order, with the same lengths and labels; a piece
    ends where a subject does (where there is no USUBJID, anywhere). The pieces are read back. A file that is not larger
    gives no pieces. Raises HandoffError: HAND-512 where the rows of one subject are more than a piece holds, HAND-513
    where two datasets would have pieces of one name, HAND-502, HAND-508.
    """
    if xpt.stat().st_size <= most:
        return {}
    whole = xpt_reader.open_xpt(xpt)
    rows = (most - whole.start) // RECORD * RECORD // whole.row_bytes
    folder = xpt.parent / SPLIT_FOLDER
    with writing(folder):
        folder.mkdir(exist_ok=True)
    written = {}
    bounds = [0, *_ends(_ends_of_subjects(table), rows, spec, most)]
    for number, (first, end) in enumerate(pairwise(bounds), start=1):
        piece = spec.model_copy(update={"dataset": _name(spec.dataset, number)})
        path = folder / f"{piece.dataset.lower()}.xpt"
        with writing(path), _new_file(path, spec) as file:
            file.write(xpt_headers(piece, lengths, stamp))
            for chunk in _observations(whole, first, end):
                file.write(chunk.data)
            file.write(b" " * (-(end - first) * whole.row_bytes % RECORD))
        _read_back(path, piece, lengths, stamp, whole, first, end)
        written[path] = end - first
    return written


def told_in_pieces(spec: DatasetSpec, xpt: Path, pieces: Mapping[Path, int], most: int) -> pd.DataFrame:
    """HAND-511 where an XPT file is given in pieces, too."""
    if not pieces:
        return no_findings()
    names = ", ".join(path.name for path in pieces)
    facts = {"value": f"{xpt.stat().st_size:,}", "limit": f"{most:,}", "count": str(len(pieces)), "names": names}
    return report("HAND-511", pd.DataFrame({"USUBJID": [""]}), dataset=spec.dataset, **facts)


def _new_file(path: Path, spec: DatasetSpec) -> BinaryIO:
    try:
        return path.open("xb")
    except FileExistsError:
        raise refuse(
            "HAND-513", f"{spec.dataset}, {path.name}",
            "A piece of another dataset has this name already: names of datasets have eight characters at most.",
            "give the datasets names that differ in their first characters, or raise `handoff.xpt_max_bytes`.",
        ) from None  # fmt: skip


def _ends_of_subjects(table: pa.Table) -> npt.NDArray[np.int64]:
    """Row numbers at which a piece may end: behind the last row of each subject."""
    if "USUBJID" not in table.column_names:
        return np.arange(1, table.num_rows + 1)
    codes = pc.dictionary_encode(table["USUBJID"].combine_chunks(), null_encoding="encode").indices.to_numpy()
    rows = np.arange(len(codes))
    last = np.empty(int(codes.max()) + 1, np.int64)
    last[codes] = rows
    return np.flatnonzero(np.maximum.accumulate(last[codes]) == rows) + 1  # no earlier subject has a row further on


def _ends(possible: npt.NDArray[np.int64], rows: int, spec: DatasetSpec, most: int) -> Iterator[int]:
    """Where each piece ends: as late as it can."""
    end = 0
    while end < possible[-1]:
        last = int(np.searchsorted(possible, end + rows, side="right")) - 1
        if last < 0 or possible[last] <= end:
            raise refuse(
                "HAND-512", spec.dataset,
                f"The rows of one subject are more than an XPT file of {most:,} bytes holds, and a piece ends with a "
                "subject.",
                "raise `handoff.xpt_max_bytes` in study.yaml.",
            )  # fmt: skip
        end = int(possible[last])
        yield end


def _name(dataset: str, number: int) -> str:
    return dataset[: _NAME_BYTES - len(str(number))] + str(number)


def _observations(file: XptFile, first: int, end: int) -> Iterator[npt.NDArray[np.uint8]]:
    rows = max(1, _CHUNK_BYTES // file.row_bytes)
    for start in range(first, end, rows):
        yield file.chunk(start, min(rows, end - start))


def _read_back(
    path: Path, spec: DatasetSpec, lengths: Mapping[str, int], stamp: datetime, whole: XptFile, first: int, end: int
) -> None:
    """The piece has its own name, and for the rest what the whole file, read back before, has in these rows."""
    piece = xpt_reader.open_xpt(path)
    compare_headers(piece, spec, lengths, stamp)
    if piece.rows != end - first:
        raise differs(spec.dataset, f"the file has {how_many(piece.rows, 'row')}, it should have {end - first:,}.")
    for found, wanted in zip(_observations(piece, 0, piece.rows), _observations(whole, first, end), strict=True):
        if not np.array_equal(found, wanted):
            raise differs(spec.dataset, "its rows are not those of the whole file.")
