"""For readers that meet the forms of a subject together: gives a sink the subject form first, and whole."""

from __future__ import annotations

import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

import pandas as pd

from flows.arrow_files import read_frame, write_frame
from flows.receive.canonical import Sink

KEPT_RECORDS = 500_000  # held in memory until the subject form is whole; further ones wait on disk


class SubjectFirst:
    """Keeps all that comes until it is left, then hands the subject form over in one piece and the rest as it came.

    Used as `with`; left by an error it hands over nothing.
    """

    def __init__(self, sink: Sink, subject_form: str) -> None:
        self._sink, self._subject_form = sink, subject_form
        self._subjects: list[tuple[str, pd.DataFrame]] = []
        self._waiting: list[tuple[str, str, pd.DataFrame | Path]] = []
        self._records = 0

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(prefix="cdisc-flows-")
        return self

    def add(self, form: str, file: str, frame: pd.DataFrame) -> None:
        """Keep the next records of a form."""
        if form == self._subject_form:
            self._subjects.append((file, frame))
            return
        self._records += len(frame)
        if self._records <= KEPT_RECORDS:
            self._waiting.append((form, file, frame))
        else:
            path = Path(self._folder.name) / f"{len(self._waiting)}.arrow"
            write_frame(frame, path)
            self._waiting.append((form, file, path))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._folder:
            if error is None:
                self._hand_over()

    def _hand_over(self) -> None:
        if self._subjects:
            frames = [frame for _, frame in self._subjects]
            whole = frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True)
            self._sink.add(self._subject_form, self._subjects[0][0], whole)
        for n, (form, file, piece) in enumerate(self._waiting):
            self._waiting[n] = (form, file, Path())  # what is handed over is no longer held here
            self._sink.add(form, file, read_frame(piece) if isinstance(piece, Path) else piece)
