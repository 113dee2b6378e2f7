"""The formats that the simulator writes, by name: one entry each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal, Protocol

import pandas as pd

from flows.simulate import odm, rave, redcap
from flows.simulate.records import Forms
from flows.simulate.schedule import Folder
from flows.simulate.table_files import write_tables
from flows.simulate.table_layout import file_patterns
from specs.loader import StudySpec


class Writer(Protocol):
    """Writes every form of a study, and the unknown ones of the extras, into an empty folder."""

    def __call__(
        self, folder: Path, study: StudySpec, forms: Forms, people: pd.DataFrame, sites: pd.DataFrame,
        known: Mapping[str, Folder], extras: rave.Extras,
    ) -> None: ...  # fmt: skip


@dataclass(frozen=True)
class Format:
    """A format: its writer, the patterns of the file names that it gives, and codes of what it has no way to hold."""

    write: Writer
    file_names: Callable[[StudySpec], list[str]]
    not_carried: frozenset[str] = frozenset()


def _tables(container: Literal["csv", "xpt", "parquet"]) -> Format:
    def write(
        folder: Path, study: StudySpec, forms: Forms, people: pd.DataFrame, sites: pd.DataFrame,  # noqa: ARG001
        known: Mapping[str, Folder], extras: rave.Extras,
    ) -> None:  # fmt: skip
        write_tables(container, folder, study, forms, people, known, extras)

    return Format(write, partial(file_patterns, container=container))


FORMATS: dict[str, Format] = {
    "rave": Format(rave.write, lambda study: [rave.file_name(study, "*")]),
    "odm": Format(odm.write, lambda study: [odm.file_name(study)], odm.NOT_CARRIED),
    "redcap": Format(redcap.write, redcap.file_names, redcap.NOT_CARRIED),
    "csv": _tables("csv"),
    "xpt": _tables("xpt"),
    "parquet": _tables("parquet"),
}
