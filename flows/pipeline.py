"""The one body of a run: the order of the steps, the gates between them, and what is written. No business rule.

Steps are called through a `Caller`: directly, or as Prefect tasks. Either way they are the same plain functions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pandas as pd
import pyarrow as pa

from adam import needed_variables
from flows.arrow_files import TableFiles
from flows.calling import Caller, Progress, Silence, Stages, call_directly
from flows.gates import open_gate
from flows.handoff import (
    DatasetFacts,
    FindingsHistory,
    GuideFacts,
    InputFile,
    OutputFolder,
    RunContent,
    StudyWritten,
    WrittenDataset,
    compare_findings,
    find_uncovered,
    input_files,
    kept_folder,
    number_findings,
    require_closed_accounts,
    stamp_of,
    write_coverage,
    write_define,
    write_findings,
    write_guides,
    write_manifest,
    write_report,
    write_spreadsheet,
    write_study,
)
from flows.parts import MadeAdam, RawStudy, make_adam, make_adam_from, make_sdtm, read_raw
from flows.receive import read_sdtm_folder
from flows.request import DatasetLine, FailOn, RunRequest, RunSummary
from flows.study import open_study, require_adam
from flows.workers import Begin, Workers, Workshop
from sdtm.terminology import unmapped_terms
from specs import StudySpec
from specs.counted import how_many
from specs.errors import GateError, Problem, UsageError
from specs.findings import combine, no_findings

UNMAPPED_CSV = "unmapped-terms.csv"
_DATASET_JSON: Mapping[str, tuple[str, ...]] = {
    "none": (), "json": (".json",), "ndjson": (".ndjson",), "both": (".json", ".ndjson")
}  # fmt: skip
_FAILS_ON = {"never": (), "error": ("error",), "warning": ("error", "warning")}


@dataclass
class _Made:
    """What the steps have made so far."""

    snapshot: str = ""
    inputs: list[InputFile] = field(default_factory=list)
    sdtm: Mapping[str, pa.Table] = field(default_factory=dict)
    adam: Mapping[str, pa.Table] = field(default_factory=dict)
    files: dict[str, TableFiles] = field(default_factory=dict)  # of those datasets that other processes can read
    lineage: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    findings: list[pd.DataFrame] = field(default_factory=list)
    cross_checked: Callable[[], pd.DataFrame] = no_findings  # waits for what is found meanwhile
    accounting: dict[str, pd.DataFrame] = field(default_factory=dict)
    unmapped: pd.DataFrame | None = None  # none where nothing was mapped


def run_study(request: RunRequest, *, call: Caller = call_directly, progress: Progress | None = None) -> RunSummary:
    """Run a request from its input to its published output.

    Raises UsageError, SpecError, InputError, GateError or HandoffError; nothing is published then, and the last output
    stays as it was. What can stop a run is asked first: the specs, and whether OUT can be written.
    """
    step = Stages(call, progress or Silence())
    _refuse_overlap(request)
    study = step("load specs", open_study, request.study, said=lambda s: f"study {s.studyid}")
    if request.half != "sdtm":
        require_adam(study)
    with OutputFolder(request.out, request.keep) as folder, Workers() as workers:
        made = _Made()
        make = _make_from_sdtm if request.half == "adam" else _make_from_raw
        make(request, study, step, made, Workshop(folder.scratch, workers))
        stamp = stamp_of(request.cutoff.isoformat() if request.cutoff else made.snapshot)
        written = step("write", _write, folder.stage, study, made, stamp, request, workers.begin, said=_said_written)
        if request.half != "adam":
            made.findings.append(
                step("cross-check SDTM", made.cross_checked, said=lambda f: how_many(len(f), "finding"))
            )
        findings = number_findings(combine([*made.findings, written.findings]), made.lineage)
        _refuse_findings(findings, request.fail_on)
        history = compare_findings(folder.last_output, findings)
        write_findings(findings, folder.stage)
        if request.half != "adam":  # the mapping of someone else's SDTM is not known
            write_coverage(study, folder.stage)
        if made.unmapped is not None:
            write_spreadsheet(made.unmapped, folder.stage / UNMAPPED_CSV)
        facts = _guide_facts(request, made, written, findings, stamp)
        write_guides(folder.stage, study, facts)
        write_report(folder.stage, study, facts, made.adam)
        step("define", _define, folder.stage, study, made, written, stamp, said=_said_defined)
        content = RunContent(
            parameters=request.parameters(), snapshot=stamp.isoformat(), inputs=made.inputs,
            accounting=made.accounting, findings=findings, rows=written.rows,
        )  # fmt: skip
        manifest = write_manifest(folder.stage, study, content)
        step("read back", written.read_back, said=lambda files: f"{how_many(files, 'file')}, every value")
        step("publish", folder.publish, said=lambda _: how_many(len(findings), "finding"))
        return _summary(request, study, made, written, findings, history, manifest, step)


def _make_from_raw(request: RunRequest, study: StudySpec, step: Stages, made: _Made, shop: Workshop) -> None:
    raw = step("receive", read_raw, request.source, study, request.raw_format, shop, said=_said_received)
    sdtm = step("map to SDTM", make_sdtm, raw, study, shop, said=lambda m: _said_datasets(m.tables))
    require_closed_accounts(sdtm.accounting["receive"], sdtm.accounting["sdtm"], sdtm.rows)
    gate = step("gate SDTM", open_gate, sdtm.violations, sdtm.rows, study, "sdtm", said=lambda _: "open")
    made.snapshot, made.sdtm, made.lineage = raw.snapshot, sdtm.tables, sdtm.lineage
    made.inputs = input_files(raw.files, sdtm.accounting["receive"])
    made.unmapped = unmapped_terms(sdtm.findings, study)
    made.accounting |= sdtm.accounting
    made.findings += [find_uncovered(study), sdtm.findings, gate]
    made.cross_checked = sdtm.cross_checked
    made.files |= sdtm.files
    if request.half == "both":
        adam = step("derive ADaM", make_adam, sdtm, study, _cutoff(request), shop, said=_said_adam)
        _take_adam(adam, study, step, made)


def _make_from_sdtm(request: RunRequest, study: StudySpec, step: Stages, made: _Made, shop: Workshop) -> None:
    shop.workers.start_for(sum(path.stat().st_size for path in request.source.glob("*") if path.is_file()))
    needed = needed_variables(study)
    taken = step(
        "read SDTM", read_sdtm_folder, request.source, study, needed, said=lambda t: _said_datasets(t.datasets)
    )
    made.snapshot, made.inputs = taken.snapshot, input_files(taken.files)
    made.findings.append(taken.findings)
    adam = step("derive ADaM", make_adam_from, taken.datasets, study, _cutoff(request), said=_said_adam)
    _take_adam(adam, study, step, made)


def _take_adam(adam: MadeAdam, study: StudySpec, step: Stages, made: _Made) -> None:
    gate = step("gate ADaM", open_gate, adam.violations, adam.rows, study, "adam", said=lambda _: "open")
    made.adam = adam.tables
    made.files |= adam.files
    made.accounting["adam"] = adam.accounting
    made.findings += [adam.findings, gate]


def _cutoff(request: RunRequest) -> pd.Timestamp | None:
    return pd.Timestamp(request.cutoff) if request.cutoff else None


def _write(
    stage: Path, study: StudySpec, made: _Made, stamp: datetime, request: RunRequest, begin: Begin
) -> StudyWritten:
    kinds = _DATASET_JSON[request.dataset_json]
    return write_study(
        stage, study, sdtm=made.sdtm, adam=made.adam, stamp=stamp, dataset_json=kinds, files=made.files, begin=begin
    )


def _guide_facts(
    request: RunRequest, made: _Made, written: StudyWritten, findings: pd.DataFrame, stamp: datetime
) -> GuideFacts:
    return GuideFacts(
        snapshot=made.snapshot or stamp.isoformat(),
        cutoff=request.cutoff.isoformat() if request.cutoff else "",
        datasets=[
            DatasetFacts(d.half, d.dataset, d.label, d.rows, _subjects(_table(made, d))) for d in written.datasets
        ],
        findings=findings,
        accounting=made.accounting,
        inputs=len(made.inputs),
    )


def _table(made: _Made, written: WrittenDataset) -> pa.Table:
    return (made.sdtm if written.half == "sdtm" else made.adam)[written.dataset]


def _define(stage: Path, study: StudySpec, made: _Made, written: StudyWritten, stamp: datetime) -> list[str]:
    return write_define(stage, study, written, {"sdtm": made.sdtm, "adam": made.adam}, stamp)


def _refuse_overlap(request: RunRequest) -> None:
    """OUT is replaced as a whole: an input in it, or around it, would go with it."""
    source, out = request.source.resolve(), request.out.resolve()
    kept = kept_folder(out)  # of which this run may remove the oldest
    if not (source.is_relative_to(out) or source.is_relative_to(kept) or out.is_relative_to(source)):
        return
    raise UsageError(
        Problem(
            code="USAGE-002", place=f"--out {request.out}",
            fact=f"The output folder and the input folder {request.source} lie in one another.",
            next_step="give an output folder apart from the input: it is replaced as a whole.",
        )
    )  # fmt: skip


def _refuse_findings(findings: pd.DataFrame, fail_on: FailOn) -> None:
    severe = findings[findings["severity"].isin(_FAILS_ON[fail_on])]
    if severe.empty:
        return
    counts = severe["code"].value_counts().sort_index()
    listed = ", ".join(f"{code} {n:,}" for code, n in counts.items())
    raise GateError(
        Problem(
            code="GATE-010", place=f"--fail-on {fail_on}",
            fact=f"There are findings that severe, {len(severe):,} in all: {listed}.",
            next_step="run without --fail-on to publish and read findings.csv, and have the sites mend the data.",
        )
    )  # fmt: skip


# --- what is said ---------------------------------------------------------------------------------------------


def _said_received(raw: RawStudy) -> str:
    parts = f", in {len(raw.parts)} parts" if len(raw.parts) > 1 else ""
    return f"{how_many(len(raw.parts[0].names), 'form')}, {how_many(raw.records, 'record')}{parts}"


def _said_datasets(datasets: Mapping[str, pd.DataFrame] | Mapping[str, pa.Table]) -> str:
    return f"{how_many(len(datasets), 'dataset')}, {how_many(sum(map(len, datasets.values())), 'row')}"


def _said_adam(adam: MadeAdam) -> str:
    return _said_datasets(adam.tables)


def _said_written(written: StudyWritten) -> str:
    more = " and Dataset-JSON" if any(d.dataset_json for d in written.datasets) else ""
    return f"{how_many(len(written.datasets), 'dataset')} as Parquet and XPT{more}"


def _said_defined(paths: list[str]) -> str:
    return f"{len(paths)} define.xml" if paths else "nothing to define"


def _summary(
    request: RunRequest,
    study: StudySpec,
    made: _Made,
    written: StudyWritten,
    findings: pd.DataFrame,
    history: FindingsHistory | None,
    manifest: str,
    step: Stages,
) -> RunSummary:
    return RunSummary(
        study=study.studyid,
        out=request.out,
        datasets=[
            DatasetLine(
                d.half.upper() if d.half == "sdtm" else "ADaM",
                d.dataset,
                d.label,
                d.rows,
                _subjects(_table(made, d)),
            )
            for d in written.datasets
        ],
        findings={s: int((findings["severity"] == s).sum()) for s in ("error", "warning", "info")},
        codes={str(code): int(n) for code, n in findings["code"].value_counts().items()},
        history=history.counts if history else None,
        manifest_sha256=manifest,
        dataset_json=request.dataset_json != "none",
        stages=step.done,
    )


def _subjects(table: pa.Table) -> int:
    return len(table.column("USUBJID").unique()) if "USUBJID" in table.column_names else 0
