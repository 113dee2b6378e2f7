"""Findings with their raw places and lasting numbers; as CSV for a spreadsheet and as exact JSON."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from flows.handoff.errors import writing
from flows.handoff.spreadsheet import write_spreadsheet
from specs import identity
from specs.findings import COLUMNS, SRCSEQ
from specs.supplemental import parent_domain

SEVERITIES = ("error", "warning", "info")
FINDINGS_CSV, FINDINGS_JSON = "findings.csv", "findings.json"

_PLACES = {
    identity.FORM: "form", identity.FILE: "file", identity.LINE: "line", identity.RECORD: "record_id",
    identity.SUBJECT: "subject", identity.SITE: "site", identity.VISIT_NAME: "visit",
}  # fmt: skip
_ORDER = ["_severity", "code", "site", "subject", "form", "_line"]
_TIES = [
    "record_id",
    "dataset",
    "usubjid",
    "_srcseq",
    "visit",
    "variable",
    "field",
    "value",
    "expected",
    "message",
    "file",
]


def number_findings(findings: pd.DataFrame, lineage: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Give findings their raw place and a lasting number, and sort them.

    In: findings as `specs.findings.report` makes them, and lineage for those that have no raw place yet
    (`place_findings`). Out: the same rows, none dropped, with `finding_id`. Sorted by severity (error, warning, info),
    code, site, subject, form, line, then the rest.

    `finding_id` is the first 16 hex digits of the SHA-256 over code, form, record (record id; where there is none:
    dataset, usubjid, srcseq and visit), field and variable, and value. File and line are no part of it, so that it is
    the same in tomorrow's export. Findings that are alike in all this count on: each has an id of its own.
    """
    placed = place_findings(findings, lineage).astype("str").fillna("")
    placed = placed.assign(
        _severity=placed["severity"].map({s: n for n, s in enumerate(SEVERITIES)}),
        _line=pd.to_numeric(placed["line"], errors="coerce"),
        _srcseq=pd.to_numeric(placed[SRCSEQ], errors="coerce"),
    )
    placed = placed.sort_values([*_ORDER, *_TIES], kind="stable", ignore_index=True)
    known = placed["record_id"] != ""
    record = placed[["dataset", "usubjid", SRCSEQ, "visit"]].mask(known, "")
    parts = pd.concat([placed[["code", "form", "record_id"]], record, placed[["field", "variable", "value"]]], axis=1)
    key = parts["code"].str.cat(parts.drop(columns="code"), sep="\x1f")
    repeat = key.groupby(key).cumcount()
    key = key.where(repeat == 0, key + "\x1f" + repeat.astype("str"))
    placed["finding_id"] = [hashlib.sha256(text.encode()).hexdigest()[:16] for text in key.to_numpy(dtype=object)]
    return placed[[*COLUMNS, SRCSEQ]]


def place_findings(findings: pd.DataFrame, lineage: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Give findings that know only their SDTM record the place of the raw record that it came from.

    Lineage is as `SdtmBuild` has it (dataset -> USUBJID, --SEQ and identity columns). Where a finding has dataset,
    usubjid and srcseq but no record_id, blank places (form, file, line, record_id, subject, site, visit) are filled in.
    Rows, their order and all else stay.
    """
    findings = findings.reset_index(drop=True)
    lost = findings[(findings["record_id"] == "") & (findings[SRCSEQ] != "")]
    parts = []
    for dataset in lost["dataset"].unique():
        domain = parent_domain(dataset)
        if domain in lineage:
            known = lineage[domain].rename(columns={**_PLACES, "USUBJID": "usubjid"})
            known = known[known["usubjid"].isin(set(lost.loc[lost["dataset"] == dataset, "usubjid"]))]
            known = known.assign(dataset=dataset, **{SRCSEQ: known[f"{domain}SEQ"].astype("Int64").astype("str")})
            known["line"] = known["line"].astype("Int64").astype("str")
            known = known[["dataset", "usubjid", SRCSEQ, *_PLACES.values()]]
            parts.append(known.drop_duplicates(["usubjid", SRCSEQ]))
    if not parts:
        return findings
    on = ["dataset", "usubjid", SRCSEQ]
    found = lost[on].merge(pd.concat(parts), on=on, how="left", validate="many_to_one").set_axis(lost.index)
    filled = findings.copy()
    for name in _PLACES.values():
        blank = filled.loc[lost.index, name] == ""
        filled.loc[lost.index, name] = filled.loc[lost.index, name].mask(blank, found[name].astype("str").fillna(""))
    return filled


def write_findings(findings: pd.DataFrame, folder: Path) -> None:
    """Write findings.csv and findings.json (columns of `specs.findings.COLUMNS`, rows as given).

    findings.csv is for a spreadsheet (flows/handoff/spreadsheet.py); findings.json has the exact values: a list
    with one object a line.
    """
    cells = findings[COLUMNS].astype("str").fillna("")
    write_spreadsheet(cells, folder / FINDINGS_CSV)
    encode = json.JSONEncoder(ensure_ascii=False).encode
    rows = zip(*(cells[name].to_numpy(dtype=object) for name in cells), strict=True)
    lines = (encode(dict(zip(COLUMNS, row, strict=True))) for row in rows)
    text = "[\n" + ",\n".join(lines) + "\n]\n" if len(cells) else "[]\n"
    with writing(folder / FINDINGS_JSON):
        (folder / FINDINGS_JSON).write_text(text, encoding="utf-8", newline="\n")


@dataclass(frozen=True)
class FindingsHistory:
    """Findings against those of the last output."""

    new: pd.DataFrame  # rows of this run's findings
    still_open: pd.DataFrame  # rows of this run's findings
    gone: pd.DataFrame  # rows of the last output's findings

    @property
    def counts(self) -> dict[str, int]:
        return {"new": len(self.new), "still open": len(self.still_open), "gone": len(self.gone)}


def compare_findings(previous: Path | None, findings: pd.DataFrame) -> FindingsHistory | None:
    """Compare numbered findings with those of the last output, by finding_id.

    `previous` is the folder of the last output (`OutputFolder.last_output`); None without one, or when it holds no
    readable findings.json.
    """
    if previous is None:
        return None
    try:
        last = pd.DataFrame(json.loads((previous / FINDINGS_JSON).read_text(encoding="utf-8")), columns=COLUMNS)
    except (OSError, ValueError):
        return None
    last = last.astype("str")
    known = findings["finding_id"].isin(last["finding_id"])
    gone = last[~last["finding_id"].isin(findings["finding_id"])]
    return FindingsHistory(findings[~known], findings[known], gone.reset_index(drop=True))
