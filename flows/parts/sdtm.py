"""SDTM part by part, and whole."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd
import pyarrow as pa

from flows.arrow_files import TableFiles
from flows.gates import look_for_violations
from flows.handoff import dataset_spec, place_findings, typed_table
from flows.parts.raw import RawPart, RawStudy
from flows.parts.shelf import Shelf, sum_rows, table_files, whole_tables
from flows.workers import Begin, Done, Workshop, at_once
from sdtm import SdtmBuild, build_subjects, derive_trial_design
from sdtm.checks import check_sdtm
from sdtm.trial_design import READ
from specs import StudySpec
from specs.findings import combine, no_findings
from specs.schemas import Violation


@dataclass(frozen=True)
class SdtmPart:
    """What the records of some subjects have become. `checks` waits for the findings of the cross-checks."""

    tables: Shelf
    lineage: Shelf
    findings: pd.DataFrame
    checks: Callable[[], pd.DataFrame]
    violations: list[Violation]
    accounting: dict[str, pd.DataFrame]


@dataclass(frozen=True)
class MadeSdtm:
    """The SDTM of a study: its parts, and each dataset whole, values still in the parts' memory or files.

    `findings` are those of reading and mapping; `files` tells other processes where a table lies, if it is on disk.
    """

    parts: list[SdtmPart]
    tables: dict[str, pa.Table]
    files: dict[str, TableFiles]
    findings: pd.DataFrame
    violations: list[Violation]
    accounting: dict[str, pd.DataFrame]

    @property
    def rows(self) -> dict[str, int]:
        """Dataset -> rows."""
        return {name: table.num_rows for name, table in self.tables.items()}

    def cross_checked(self) -> pd.DataFrame:
        """The findings of the cross-checks, which may have been made meanwhile."""
        return combine([part.checks() for part in self.parts])

    @property
    def lineage(self) -> Mapping[str, pd.DataFrame]:
        """Dataset -> the raw place of each of its records, put together when it is asked for."""
        return _Lineage(self.parts)


class _Lineage(Mapping[str, pd.DataFrame]):
    def __init__(self, parts: list[SdtmPart]) -> None:
        self._parts = parts

    def __getitem__(self, name: str) -> pd.DataFrame:
        return pd.concat([p.lineage.frame(name) for p in self._parts if name in p.lineage.names], ignore_index=True)

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(name for part in self._parts for name in part.lineage.names))

    def __len__(self) -> int:
        return len(list(iter(self)))


def make_sdtm(raw: RawStudy, study: StudySpec, shop: Workshop) -> MadeSdtm:
    """Sift and map a raw export, and begin to cross-check it.

    Findings have their raw place. A dataset that no part made is left out.
    """
    if len(raw.parts) == 1:
        parts = [_make_part(raw.parts[0], study, None, shop.workers.begin)]
    else:
        parts = shop.workers.each(partial(_make_part, study=study, scratch=shop.scratch), raw.parts)
    specs = {name: dataset_spec(study, "sdtm", name) for name in study.sdtm_order}
    shelves = [part.tables for part in parts]
    tables = whole_tables(shelves, specs)
    design = _derive_design(tables, study)
    tables |= {name: typed_table(frame, specs[name]) for name, frame in design.items()}
    violations = [violation for part in parts for violation in part.violations]
    return MadeSdtm(
        parts,
        {name: tables[name] for name in specs if name in tables},
        {name: files for name, files in table_files(shelves, specs).items() if name not in design},
        combine([raw.findings, *(part.findings for part in parts)]),
        violations + look_for_violations(design, study, "sdtm"),
        {step: sum_rows([part.accounting[step] for part in parts]) for step in ("receive", "sdtm")},
    )


def _derive_design(tables: Mapping[str, pa.Table], study: StudySpec) -> dict[str, pd.DataFrame]:
    """What is made once, when the parts have met: the trial design, and the relationships of datasets."""
    read = Shelf({name: tables[name] for name in READ if name in tables}, None)
    counted = {name: pd.DataFrame(index=pd.RangeIndex(table.num_rows)) for name, table in tables.items()}
    return derive_trial_design(counted | {name: read.frame(name) for name in read.names}, study)


def _make_part(part: RawPart, study: StudySpec, scratch: Path | None, begin: Begin = at_once) -> SdtmPart:
    export = part.export(study)
    build = build_subjects(export.forms, study)
    gate = begin(look_for_violations, build.datasets, study, "sdtm")
    tables = {name: typed_table(frame, dataset_spec(study, "sdtm", name)) for name, frame in build.datasets.items()}
    lineage = {name: pa.Table.from_pandas(rows, preserve_index=False) for name, rows in build.lineage.items()}
    findings = place_findings(combine([export.findings, build.findings]), build.lineage)
    folder = None if scratch is None else scratch / f"sdtm{part.number}"
    violations = gate()
    sound = not any(violation.structural for violation in violations)
    return SdtmPart(
        Shelf(tables, folder),
        Shelf(lineage, folder and folder / "lineage"),
        findings,
        begin(_cross_check, build, export.forms, study) if sound else Done(no_findings()),
        violations,
        {"receive": export.accounting, "sdtm": build.accounting},
    )


def _cross_check(build: SdtmBuild, forms: dict[str, pd.DataFrame], study: StudySpec) -> pd.DataFrame:
    return place_findings(check_sdtm(build, forms, study), build.lineage)


def sdtm_frames(part: SdtmPart, names: Collection[str], study: StudySpec) -> Mapping[str, pd.DataFrame]:
    """The datasets of a part as `build_adam` takes them; one that the part has no rows of is there without rows."""
    return {name: part.tables.frame(name, dataset_spec(study, "sdtm", name)) for name in names}
