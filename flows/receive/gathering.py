"""Takes the frames of the forms from a reader, and keeps them: in memory, and what is too much for it on disk."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from flows.arrow_files import read_frame, write_frame
from flows.receive.canonical import ReceivedForm
from specs.identity import RECORD, SAVED

KEPT_RECORDS = 2_500_000  # in memory; further ones go to disk
_DATED = r"\d{4}-\d{2}-\d{2}"


class Gathering:
    """A sink (`flows.receive.canonical.Sink`) that gives the frames again, form by form, in the order they came.

    `scratch`: a folder for what does not fit into memory; without one everything stays in memory.
    """

    def __init__(self, scratch: Path | None = None) -> None:
        self._scratch = scratch
        self._files: dict[str, str] = {}
        self._pieces: dict[str, list[pd.DataFrame | Path]] = {}
        self._kept = 0
        self.records = 0
        self.snapshot = ""

    def add(self, form: str, file: str, frame: pd.DataFrame) -> None:
        """Keep the next records of a form."""
        self._files.setdefault(form, file)
        pieces = self._pieces.setdefault(form, [])
        self.records += len(frame)
        self.snapshot = max(self.snapshot, _latest(frame[SAVED]))
        if self._scratch is None or self._kept + len(frame) <= KEPT_RECORDS:
            self._kept += len(frame)
            pieces.append(frame)
        else:
            path = self._scratch / f"{form}-{len(pieces)}.arrow"
            write_frame(frame, path)
            pieces.append(path)

    @property
    def files(self) -> dict[str, str]:
        """Form -> the file it came from."""
        return self._files

    def pieces(self, form: str) -> Iterator[pd.DataFrame]:
        """The records of a form, piece by piece."""
        for piece in self._pieces[form]:
            yield read_frame(piece) if isinstance(piece, Path) else piece

    def form(self, form: str) -> ReceivedForm:
        """A form whole."""
        pieces = list(self.pieces(form))
        return ReceivedForm(self._files[form], pieces[0] if len(pieces) == 1 else pd.concat(pieces, ignore_index=True))

    def forms(self, order: Collection[str]) -> dict[str, ReceivedForm]:
        """Every form whole, in the order given."""
        return {form: self.form(form) for form in order}

    def with_record_ids_twice(self, form: str) -> pd.DataFrame:
        """The records of a form whose record id stands more than once; mostly none."""
        ids = pa.chunked_array([_text(piece[RECORD]) for piece in self.pieces(form)], pa.large_string())
        if pc.count_distinct(ids).as_py() == len(ids):
            return next(self.pieces(form)).iloc[:0]
        counts = ids.value_counts()
        again = set(counts.filter(pc.greater(counts.field("counts"), 1)).field("values").to_pylist())
        return pd.concat([piece[piece[RECORD].isin(again)] for piece in self.pieces(form)], ignore_index=True)


def _latest(saves: pd.Series) -> str:
    """The latest of the texts that begin with a date; blank without one."""
    texts = _text(saves)
    latest = pc.max(texts).as_py() or ""
    if re.match(_DATED, latest):
        return str(latest)
    return str(pc.max(pc.filter(texts, pc.match_substring_regex(texts, f"^{_DATED}"))).as_py() or "")


def _text(column: pd.Series) -> pa.Array:
    """A column as text in Arrow, without rows, too."""
    texts = pa.array(column).cast(pa.large_string())
    return texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
