"""Writes all datasets of a run in the layout of a submission, and reads each back."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from flows.arrow_files import TableFiles
from flows.handoff.columns import typed_table
from flows.handoff.dataset_files import DatasetLengths, DatasetWritten, Half, WrittenDataset, write_dataset
from flows.handoff.errors import refuse
from flows.handoff.lengths import longer_than_declared, study_lengths
from flows.handoff.xpt_text import written_in_ascii, xpt_text
from flows.workers import Begin, at_once
from specs import StudySpec
from specs.errors import did_you_mean
from specs.findings import combine
from specs.models import DatasetSpec
from specs.supplemental import is_supplemental, parent_domain, supp_spec

_XPT_FOLDERS = {"sdtm": "tabulations/sdtm", "adam": "analysis/adam/datasets"}


@dataclass(frozen=True)
class StudyWritten:
    """What was written, and the findings that writing brought up. `lengths`: bytes of each Char variable in XPT.

    The files may still be on their way back: nothing is handed on before `read_back`.
    """

    datasets: list[WrittenDataset]
    findings: pd.DataFrame
    lengths: Mapping[str, Mapping[str, int]]
    reading: Sequence[Callable[[], None]] = ()

    @property
    def rows(self) -> dict[str, int]:
        """Output path -> rows."""
        return {path: rows for d in self.datasets for path, rows in d.rows_by_path.items()}

    def read_back(self) -> int:
        """Wait until every file has been read back and compared; how many. Raises HandoffError where one differs."""
        for wait in self.reading:
            wait()
        return len(self.reading)


def write_study(
    stage: Path,
    study: StudySpec,
    *,
    sdtm: Mapping[str, pd.DataFrame] | None = None,
    adam: Mapping[str, pd.DataFrame] | None = None,
    stamp: datetime,
    dataset_json: Collection[str] = (),
    files: Mapping[str, TableFiles] | None = None,
    begin: Begin = at_once,
) -> StudyWritten:
    """Write every dataset as Parquet and as XPT, and begin to compare the two by reading back.

    In: finished datasets of either half, SUPP-- among those of SDTM; `stamp` for the XPT headers (`stamp_of`);
    `dataset_json`: suffixes of the kinds of Dataset-JSON that are wanted, too; `begin`: how work is begun while more is
    done here: reading back, and writing those datasets that `files` has on disk. Written below `stage`:
    `sdtm/*.parquet`, `adam/*.parquet`, `m5/datasets/<study>/...` with the XPT files, `dataset-json/<half>/`. A dataset
    without rows is not written (whether it may be without is the gate's matter). Raises HandoffError: a dataset without
    a spec (HAND-507), and what `write_parquet` and `write_xpt` raise; what `read_back` raises comes when it is waited
    for. Findings: HAND-503, HAND-504, HAND-510, HAND-511.
    """
    halves: dict[Half, Mapping[str, pd.DataFrame]] = {"sdtm": sdtm or {}, "adam": adam or {}}
    specs = {name: dataset_spec(study, half, name) for half, frames in halves.items() for name in frames}
    tables = {
        name: typed_table(frame, specs[name])
        for frames in halves.values()
        for name, frame in frames.items()
        if len(frame)
    }
    texts = {name: xpt_text(table, specs[name], study.study.handoff) for name, table in tables.items()}
    of_xpt = {name: text.table for name, text in texts.items()}
    lengths = study_lengths(of_xpt, specs)
    kept_lengths = study_lengths(tables, specs) if any(text.changed for text in texts.values()) else lengths
    places = {
        name: _files(study, half, specs[name], tables[name], dataset_json)
        for half, frames in halves.items()
        for name in sorted(frames)
        if name in tables
    }

    def job(name: str, values: pa.Table | TableFiles) -> tuple[Any, ...]:
        bytes_of = DatasetLengths(lengths[name], kept_lengths[name])
        return stage, places[name], values, specs[name], bytes_of, stamp, study.study

    largest_first = sorted(tables, key=lambda name: (-tables[name].nbytes, name))  # it takes the longest
    on_disk = {name: files[name] for name in largest_first if name in files} if files else {}
    begun = {name: begin(write_dataset, *job(name, values)) for name, values in on_disk.items()}
    written: dict[str, DatasetWritten] = {}
    reading: list[Callable[[], None]] = []
    for name in [*(name for name in largest_first if name not in begun), *begun]:
        written[name] = begun[name]() if name in begun else write_dataset(*job(name, tables[name]))
        reading += map(begin, written[name].to_read)
    found = [longer_than_declared(of_xpt, specs), written_in_ascii(texts), *(written[name].findings for name in places)]
    return StudyWritten([written[name].files for name in places], combine(found), lengths, reading)


def dataset_spec(study: StudySpec, half: Half, name: str) -> DatasetSpec:
    """The spec of a dataset of a half; SUPPxx from that of its domain. Raises HandoffError (HAND-507)."""
    known: dict[str, DatasetSpec] = {**(study.sdtm if half == "sdtm" else study.adam)}
    if half == "sdtm" and is_supplemental(name) and parent_domain(name) in known:
        return supp_spec(known[parent_domain(name)])
    if name not in known:
        raise refuse(
            "HAND-507", name, f"The study's {half} specs have no dataset of this name.",
            f"add {half}/{name.lower()}.yaml to the study.", did_you_mean(name, known),
        )  # fmt: skip
    return known[name]


def stamp_of(snapshot: str) -> datetime:
    """The time to write into artifacts, from an ISO text (the cut-off, else the snapshot); the zone is left off.

    A text without a time of day means midnight; one that is partial or no date at all, the beginning of what it says,
    else 1960-01-01, SAS's day zero.
    """
    for padded in (snapshot, snapshot + "-01", snapshot + "-01-01"):
        try:
            return datetime.fromisoformat(padded).replace(tzinfo=None, microsecond=0)
        except ValueError:
            continue
    return datetime(1960, 1, 1)  # noqa: DTZ001  # SAS has no zones


def submission_folder(study: StudySpec, half: Half) -> str:
    """Where the XPT files of a half lie, and what describes them, relative to the output folder."""
    return f"m5/datasets/{study.studyid.lower()}/{_XPT_FOLDERS[half]}"


def _files(
    study: StudySpec, half: Half, spec: DatasetSpec, table: pa.Table, dataset_json: Collection[str]
) -> WrittenDataset:
    name = spec.dataset.lower()
    return WrittenDataset(
        half=half, dataset=spec.dataset, label=spec.label, rows=table.num_rows, parquet=f"{half}/{name}.parquet",
        xpt=f"{submission_folder(study, half)}/{name}.xpt",
        dataset_json=tuple(f"dataset-json/{half}/{name}{suffix}" for suffix in sorted(dataset_json)),
    )  # fmt: skip
