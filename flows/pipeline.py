"""The one body of a run: the order of the steps, the gates between them, and what is written. No business rule.

Steps are called through a `Caller`: directly, or as Prefect tasks. Either way they are the same plain functions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pandas as pd

from adam import build_adam
from flows.calling import Caller, Progress, Silence, Stages, call_directly
from flows.gates import open_gate
from flows.handoff import (
    FindingsHistory,
    InputFile,
    OutputFolder,
    RunContent,
    StudyWritten,
    compare_findings,
    input_files,
    number_findings,
    stamp_of,
    write_findings,
    write_manifest,
    write_study,
)
from flows.receive import RawExport, read_export, read_sdtm_folder
from flows.request import DatasetLine, FailOn, RunRequest, RunSummary
from flows.study import open_study
from sdtm import build_sdtm
from sdtm.checks import check_sdtm
from specs import StudySpec
from specs.errors import GateError, Problem, UsageError
from specs.findings import combine

_FAILS_ON = {"never": (), "error": ("error",), "warning": ("error", "warning")}


@dataclass
class _Made:
    """What the steps have made so far."""

    snapshot: str = ""
    inputs: list[InputFile] = field(default_factory=list)
    sdtm: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    adam: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    lineage: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    findings: list[pd.DataFrame] = field(default_factory=list)
    accounting: dict[str, pd.DataFrame] = field(default_factory=dict)


def run_study(request: RunRequest, *, call: Caller = call_directly, progress: Progress | None = None) -> RunSummary:
    """Run a request from its input to its published output.

    Raises UsageError, SpecError, InputError, GateError or HandoffError; nothing is published then, and the last output
    stays as it was. What can stop a run is asked first: the specs, and whether OUT can be written.
    """
    step = Stages(call, progress or Silence())
    _refuse_overlap(request)
    study = step("load specs", open_study, request.study, said=lambda s: f"study {s.studyid}")
    with OutputFolder(request.out) as folder:
        made = _Made()
        if request.half == "adam":
            _take_sdtm(request, study, step, made)
        else:
            _make_sdtm(request, study, step, made)
        if request.half != "sdtm":
            _make_adam(request, study, step, made)
        stamp = stamp_of(request.cutoff.isoformat() if request.cutoff else made.snapshot)
        written = step("write and read back", _write, folder.stage, study, request, made, stamp, said=_said_written)
        findings = number_findings(combine([*made.findings, written.findings]), made.lineage)
        _refuse_findings(findings, request.fail_on)
        history = compare_findings(folder.last_output, findings)
        write_findings(findings, folder.stage)
        content = RunContent(
            parameters=request.parameters(), snapshot=stamp.isoformat(), inputs=made.inputs,
            accounting=made.accounting, findings=findings, rows=written.rows,
        )  # fmt: skip
        manifest = write_manifest(folder.stage, study, content)
        step("publish", folder.publish, said=lambda _: f"{len(findings):,} findings")
    return _summary(request, study, made, written, findings, history, manifest, step)


def _make_sdtm(request: RunRequest, study: StudySpec, step: Stages, made: _Made) -> None:
    raw = step("receive", read_export, request.source, study, request.raw_format, said=_said_received)
    build = step("map to SDTM", build_sdtm, raw.forms, study, said=lambda b: _said_datasets(b.datasets))
    made.sdtm, made.lineage, made.snapshot = build.datasets, build.lineage, raw.snapshot
    gate = step("gate SDTM", open_gate, build.datasets, study, "sdtm", said=lambda _: "open")
    checked = step("cross-check", check_sdtm, build, raw.forms, study, said=lambda f: f"{len(f):,} findings")
    made.inputs = input_files(raw.files, raw.accounting)
    made.accounting |= {"receive": raw.accounting, "sdtm": build.accounting}
    made.findings += [raw.findings, build.findings, gate, checked]


def _take_sdtm(request: RunRequest, study: StudySpec, step: Stages, made: _Made) -> None:
    taken = step("read SDTM", read_sdtm_folder, request.source, study, said=lambda t: _said_datasets(t.datasets))
    made.sdtm, made.snapshot, made.inputs = taken.datasets, taken.snapshot, input_files(taken.files)
    made.findings.append(taken.findings)


def _make_adam(request: RunRequest, study: StudySpec, step: Stages, made: _Made) -> None:
    cutoff = pd.Timestamp(request.cutoff) if request.cutoff else None
    build = step("derive ADaM", build_adam, made.sdtm, study, cutoff, said=lambda b: _said_datasets(b.datasets))
    gate = step("gate ADaM", open_gate, build.datasets, study, "adam", said=lambda _: "open")
    made.adam = build.datasets
    made.accounting["adam"] = build.accounting
    made.findings += [build.findings, gate]


def _write(stage: Path, study: StudySpec, request: RunRequest, made: _Made, stamp: datetime) -> StudyWritten:
    # for `adam` alone the SDTM is somebody else's, and stays where it is
    return write_study(stage, study, sdtm=made.sdtm if request.half != "adam" else {}, adam=made.adam, stamp=stamp)


def _refuse_overlap(request: RunRequest) -> None:
    """OUT is replaced as a whole: an input in it, or around it, would go with it."""
    source, out = request.source.resolve(), request.out.resolve()
    if not (source.is_relative_to(out) or out.is_relative_to(source)):
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
            fact=f"{len(severe):,} findings are that severe: {listed}.",
            next_step="run without --fail-on to publish and read findings.csv, and have the sites mend the data.",
        )
    )  # fmt: skip


# --- what is said ---------------------------------------------------------------------------------------------


def _said_received(raw: RawExport) -> str:
    kept = raw.accounting.loc[raw.accounting["rule"] == "KEPT", "rows"].sum()
    return f"{len(raw.forms)} forms, {kept:,} records"


def _said_datasets(datasets: Mapping[str, pd.DataFrame]) -> str:
    return f"{len(datasets)} datasets, {sum(map(len, datasets.values())):,} rows"


def _said_written(written: StudyWritten) -> str:
    return f"{len(written.datasets)} datasets as Parquet and XPT"


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
    frames = {"sdtm": made.sdtm, "adam": made.adam}
    return RunSummary(
        study=study.studyid,
        out=request.out,
        datasets=[
            DatasetLine(
                d.half.upper() if d.half == "sdtm" else "ADaM",
                d.dataset,
                d.label,
                d.rows,
                _subjects(frames[d.half][d.dataset]),
            )
            for d in written.datasets
        ],
        findings={s: int((findings["severity"] == s).sum()) for s in ("error", "warning", "info")},
        codes={str(code): int(n) for code, n in findings["code"].value_counts().items()},
        history=history.counts if history else None,
        manifest_sha256=manifest,
        stages=step.done,
    )


def _subjects(frame: pd.DataFrame) -> int:
    return int(frame["USUBJID"].nunique()) if "USUBJID" in frame else 0
