"""The outside judges, asked about a folder of XPT."""

from __future__ import annotations

import json
import shlex
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyreadstat

from tests.conformance.differences import Complaint

POINTBLANK, CORE = "pointblank", "CORE"
NONE = "N/A"  # how CORE says that a complaint has no dataset or subject of its own
Frames = Mapping[str, pd.DataFrame]


def tabulations(out: Path) -> Path:
    """The folder of the SDTM that a run published as XPT."""
    (folder,) = out.glob("m5/datasets/*/tabulations/sdtm")
    return folder


def read_folder(folder: Path) -> dict[str, pd.DataFrame]:
    """Each XPT of a folder by its dataset name, read by pyreadstat: what a reviewer has before them.

    Blank text is missing: pointblank's rules on missing values do not see it otherwise.
    """
    frames = {path.stem.upper(): pyreadstat.read_xport(path)[0] for path in sorted(folder.glob("*.xpt"))}
    return {name: frame.replace("", np.nan) for name, frame in frames.items()}


def ask_pointblank(frames: Frames) -> list[Complaint]:
    """What validate_sdtmig says of the datasets: rules that fail and rules that it could not evaluate."""
    import pointblank

    complaints = []
    for result in pointblank.validate_sdtmig(dict(frames)).native_result.rule_results:
        if result.status in ("pass", "not_applicable"):
            continue
        rows = [Complaint(POINTBLANK, result.rule_id, r.dataset, r.usubjid or "") for r in result.row_findings]
        complaints += rows or [Complaint(POINTBLANK, result.rule_id, result.dataset)]
    return complaints


def ask_core(command: str, folder: Path, report: Path, frames: Frames) -> list[Complaint]:
    """What CDISC CORE says of a folder. `command` names {data}, the folder, and {report}, the JSON file that it writes.

    Where a complaint says the row and not the subject, the subject is looked up in `frames`.
    """
    words = [word.format(data=folder, report=report) for word in shlex.split(command)]
    done = subprocess.run(words, capture_output=True, check=False, text=True)
    written = sorted(report.parent.glob(f"{report.name}*"))
    if not written:
        raise RuntimeError(f"CORE wrote no report (exit code {done.returncode}): {done.stderr[-2000:]}")
    return read_core_report(json.loads(written[0].read_text(encoding="utf-8")), frames)


def read_core_report(report: Mapping[str, Any], frames: Frames) -> list[Complaint]:
    """The complaints of a JSON report: that of CORE's own command line, or one list of rules with rows and errors."""
    if "Issue_Details" in report:
        said = [(issue["core_id"], issue["dataset"], issue) for issue in report["Issue_Details"]]
    else:
        said = [
            (rule["rule"], part["dataset"] if row.get("dataset", NONE) == NONE else row["dataset"], row)
            for rule in report["rules"]
            for part in [*rule.get("datasets", []), *rule.get("errors", [])]
            for row in part.get("rows") or [{}]
        ]
    return [_core_complaint(rule, Path(dataset).stem.upper(), issue, frames) for rule, dataset, issue in said]


def _core_complaint(rule: str, dataset: str, issue: Mapping[str, Any], frames: Frames) -> Complaint:
    subject, row, frame = str(issue.get("USUBJID") or ""), issue.get("row"), frames.get(dataset)
    if not subject and row and frame is not None and "USUBJID" in frame:
        subject = str(frame["USUBJID"].iloc[int(row) - 1])
    return Complaint(CORE, rule, dataset, "" if subject == NONE else subject)
