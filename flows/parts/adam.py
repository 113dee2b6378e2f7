"""ADaM part by part, and whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd
import pyarrow as pa

from adam import AdamBuild, build_subjects, require_subjects, settle
from flows.arrow_files import TableFiles
from flows.gates import look_for_violations
from flows.handoff import place_findings, typed_table
from flows.parts.sdtm import MadeSdtm, SdtmPart, sdtm_frames
from flows.parts.shelf import Shelf, sum_rows, table_files, whole_tables
from flows.workers import Begin, Workshop, at_once
from specs import StudySpec
from specs.findings import combine
from specs.schemas import Violation

SETTLED = ("ADSL", "ADDLT")  # what the study as a whole is judged by


@dataclass(frozen=True)
class AdamPart:
    """The analysis datasets of some subjects."""

    tables: Shelf
    findings: pd.DataFrame
    violations: list[Violation]
    accounting: pd.DataFrame


@dataclass(frozen=True)
class MadeAdam:
    """The ADaM of a study: each dataset whole, values still in the parts' memory or files; `files` as in `MadeSdtm`."""

    tables: dict[str, pa.Table]
    files: dict[str, TableFiles]
    findings: pd.DataFrame
    violations: list[Violation]
    accounting: pd.DataFrame

    @property
    def rows(self) -> dict[str, int]:
        """Dataset -> rows."""
        return {name: table.num_rows for name, table in self.tables.items()}


def make_adam(made: MadeSdtm, study: StudySpec, cutoff: pd.Timestamp | None, shop: Workshop) -> MadeAdam:
    """Derive ADaM from the SDTM that was made."""
    alone = len(made.parts) == 1
    names = list(made.tables)
    require_subjects({name: table.slice(0, 1).to_pandas() for name, table in made.tables.items()})
    work = partial(_make_part, names=names, study=study, cutoff=cutoff, scratch=None if alone else shop.scratch)
    if alone:
        parts = [work((0, made.parts[0]), begin=shop.workers.begin)]
    else:
        parts = shop.workers.each(work, list(enumerate(made.parts)))
    return _settled(parts, names, study, cutoff)


def make_adam_from(sdtm: Mapping[str, pd.DataFrame], study: StudySpec, cutoff: pd.Timestamp | None) -> MadeAdam:
    """Derive ADaM from a folder's SDTM."""
    require_subjects(sdtm)
    part = _part_of(build_subjects(sdtm, study, cutoff), {}, study, None, at_once)
    return _settled([part], list(sdtm), study, cutoff)


def _make_part(
    numbered: tuple[int, SdtmPart],
    names: list[str],
    study: StudySpec,
    cutoff: pd.Timestamp | None,
    scratch: Path | None,
    begin: Begin = at_once,
) -> AdamPart:
    number, part = numbered
    build = build_subjects(sdtm_frames(part, names, study), study, cutoff)
    lineage = {name: part.lineage.frame(name) for name in part.lineage.names}
    return _part_of(build, lineage, study, None if scratch is None else scratch / f"adam{number}", begin)


def _part_of(
    build: AdamBuild, lineage: Mapping[str, pd.DataFrame], study: StudySpec, folder: Path | None, begin: Begin
) -> AdamPart:
    gate = begin(look_for_violations, build.datasets, study, "adam")
    tables = {name: typed_table(frame, study.adam[name]) for name, frame in build.datasets.items()}
    findings = place_findings(build.findings, lineage)
    return AdamPart(Shelf(tables, folder), findings, gate(), build.accounting)


def _settled(parts: list[AdamPart], names: list[str], study: StudySpec, cutoff: pd.Timestamp | None) -> MadeAdam:
    """The parts put together, and what rests on all subjects added."""
    shelves = [part.tables for part in parts]
    tables, files = whole_tables(shelves, study.adam), table_files(shelves, study.adam)
    judged_by = Shelf({name: tables[name] for name in SETTLED if name in tables}, None)
    build = AdamBuild(
        {name: judged_by.frame(name) for name in judged_by.names},
        combine([part.findings for part in parts]),
        sum_rows([part.accounting for part in parts]),
    )
    whole = settle(build, names, study, cutoff)
    tables["ADSL"] = typed_table(whole.datasets["ADSL"], study.adam["ADSL"])
    files.pop("ADSL", None)
    violations = [violation for part in parts for violation in part.violations]
    return MadeAdam(tables, files, whole.findings, violations, whole.accounting)
