"""SDTM part by part, and whole."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd
import pyarrow as pa

from flows.gates import look_for_violations
from flows.handoff import dataset_spec, place_findings, typed_table
from flows.parts.raw import RawPart, RawStudy
from flows.parts.shelf import Shelf, sum_rows, whole_tables
from flows.parts.workers import Workshop
from sdtm import build_subjects, derive_trial_design
from sdtm.checks import check_sdtm
from sdtm.trial_design import READ
from specs import StudySpec
from specs.findings import combine
from specs.schemas import Violation


@dataclass(frozen=True)
class SdtmPart:
    """What the records of some subjects have become."""

    tables: Shelf
    lineage: Shelf
    findings: pd.DataFrame
    violations: list[Violation]
    accounting: dict[str, pd.DataFrame]


@dataclass(frozen=True)
class MadeSdtm:
    """The SDTM of a study: its parts, and each dataset whole, values still in the parts' memory or files."""

    parts: list[SdtmPart]
    tables: dict[str, pa.Table]
    findings: pd.DataFrame
    violations: list[Violation]
    accounting: dict[str, pd.DataFrame]

    @property
    def rows(self) -> dict[str, int]:
        """Dataset -> rows."""
        return {name: table.num_rows for name, table in self.tables.items()}

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
    """Sift, map and cross-check a raw export.

    Findings have their raw place. A dataset that no part made is left out.
    """
    alone = len(raw.parts) == 1
    parts = shop.workers.each(partial(_make_part, study=study, scratch=None if alone else shop.scratch), raw.parts)
    specs = {name: dataset_spec(study, "sdtm", name) for name in study.sdtm_order}
    tables = whole_tables([part.tables for part in parts], specs)
    design = _derive_design(tables, study)
    tables |= {name: typed_table(frame, specs[name]) for name, frame in design.items()}
    violations = [violation for part in parts for violation in part.violations]
    return MadeSdtm(
        parts,
        {name: tables[name] for name in specs if name in tables},
        combine([raw.findings, *(part.findings for part in parts)]),
        violations + look_for_violations(design, study, "sdtm"),
        {step: sum_rows([part.accounting[step] for part in parts]) for step in ("receive", "sdtm")},
    )


def _derive_design(tables: Mapping[str, pa.Table], study: StudySpec) -> dict[str, pd.DataFrame]:
    """What is made once, when the parts have met: the trial design, and the relationships of datasets."""
    read = Shelf({name: tables[name] for name in READ if name in tables}, None)
    counted = {name: pd.DataFrame(index=pd.RangeIndex(table.num_rows)) for name, table in tables.items()}
    return derive_trial_design(counted | {name: read.frame(name) for name in read.names}, study)


def _make_part(part: RawPart, study: StudySpec, scratch: Path | None) -> SdtmPart:
    export = part.export(study)
    build = build_subjects(export.forms, study)
    violations = look_for_violations(build.datasets, study, "sdtm")
    findings = [export.findings, build.findings]
    if not any(violation.structural for violation in violations):
        findings.append(check_sdtm(build, export.forms, study))
    tables = {name: typed_table(frame, dataset_spec(study, "sdtm", name)) for name, frame in build.datasets.items()}
    lineage = {name: pa.Table.from_pandas(rows, preserve_index=False) for name, rows in build.lineage.items()}
    folder = None if scratch is None else scratch / f"sdtm{part.number}"
    return SdtmPart(
        Shelf(tables, folder),
        Shelf(lineage, folder and folder / "lineage"),
        place_findings(combine(findings), build.lineage),
        violations,
        {"receive": export.accounting, "sdtm": build.accounting},
    )


def sdtm_frames(part: SdtmPart, names: Collection[str], study: StudySpec) -> Mapping[str, pd.DataFrame]:
    """The datasets of a part as `build_adam` takes them; one that the part has no rows of is there without rows."""
    return {name: part.tables.frame(name, dataset_spec(study, "sdtm", name)) for name in names}
