"""Says why a subject's values are what they are: the decisions of ADaM as a table, or whole as JSON."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.table import Table
from rich.text import Text

from adam import explain
from flows.calling import Progress, Stages, call_directly
from flows.receive import read_sdtm_folder
from flows.study import open_study, require_adam
from specs import StudySpec

_WIDTH = 160  # where standard output is no terminal
_DECIDES, _HOLDS = "●", "○"
_EACH = ("OVR", "DOVR", "CRSP", "DCRSP", "TRTEMFL")  # decided candidate by candidate: one line each


def explain_subject(
    study: str, sdtm: Path, usubjid: str, cutoff: date | None, progress: Progress
) -> tuple[StudySpec, pd.DataFrame]:
    """The specs, and the trace of one subject (see `adam.explain`) from a folder of SDTM.

    Raises SpecError, InputError (also for a subject that DM lacks) or GateError, as `adam` does.
    """
    step = Stages(call_directly, progress)
    spec = step("load specs", open_study, study)
    require_adam(spec)
    taken = step("read SDTM", read_sdtm_folder, sdtm, spec)
    on = pd.Timestamp(cutoff) if cutoff else None
    return spec, step("trace decisions", explain, usubjid, taken.datasets, spec, on)


def as_json(trace: pd.DataFrame) -> str:
    """The whole trace as a JSON list, missing values null, dates as ISO 8601 text."""
    shown = trace.assign(ADT=trace["ADT"].dt.strftime("%Y-%m-%d")).astype("object")
    return json.dumps(shown.where(shown.notna(), None).to_dict("records"), ensure_ascii=False, indent=1)


def show_trace(trace: pd.DataFrame, study: StudySpec, console: Console | None = None) -> None:
    """Print a table for each decision: the candidates and the cases that hold, and which of them decided."""
    console = console or Console()
    if not console.is_terminal:
        console.width = _WIDTH
    if trace.empty:
        console.print("Nothing was decided on this subject: it has no dose, and no adverse event.")
        return
    names = {code: p.param for spec in study.adam.values() for code, p in spec.parameters.items()}
    for dataset, flag in (("ADSL", "DLTEVLFL"), ("ADAE", "TRTEMFL")):
        described = study.adam[dataset].variables.get(flag) if dataset in study.adam else None
        names[flag] = described.label if described else ""
    for code, rows in trace.groupby("PARAMCD", sort=False):
        console.print()
        console.print(_table(str(code), names.get(str(code), ""), rows))
    console.print(f"\n{_DECIDES} decides   {_HOLDS} holds, but is asked later   all cases: --format json")


def _table(code: str, name: str, rows: pd.DataFrame) -> Table:
    title = Text.assemble((code, "bold"), f"  {name}")
    table = Table(title=title, title_justify="left", title_style="", box=None, pad_edge=False)
    asked = rows["CANDIDATE"].notna().any()
    for heading in ("", "case", *(["candidate"] if asked else []), "gives", "date", "source", "why"):
        table.add_column(heading)
    for row in _worth_showing(code, rows).fillna({"CANDIDATE": "", "RESULT": "", "REASON": ""}).to_dict("records"):
        mark = _DECIDES if row["DECIDES"] else _HOLDS if row["HOLDS"] else ""
        day = "" if pd.isna(row["ADT"]) else f"{row['ADT']:%Y-%m-%d}"
        source = "" if pd.isna(row["SRCDOM"]) else f"{row['SRCDOM']}.{row['SRCVAR']}"
        source += "" if pd.isna(row["SRCSEQ"]) else f" {row['SRCSEQ']:g}"
        cells = [mark, row["CASE"], *([row["CANDIDATE"]] if asked else []), row["RESULT"], day, source, row["REASON"]]
        table.add_row(*(Text(cell) for cell in cells), style="bold" if row["DECIDES"] and code not in _EACH else "")
    return table


def _worth_showing(code: str, rows: pd.DataFrame) -> pd.DataFrame:
    """Without candidates every case; else of each candidate the first case that holds, or a line that none does."""
    if code in _EACH:
        return rows[rows["DECIDES"]]
    none = rows["CANDIDATE"].isna()
    if none.all():
        return rows
    which = [rows[name].fillna("") for name in ("CANDIDATE", "REASON")]
    held = rows["HOLDS"].astype("int64").groupby(which)
    first = rows["HOLDS"] & (held.cumsum() == 1)
    unmet = (held.transform("sum") == 0) & (held.cumcount() == 0)
    shown = rows.assign(CASE=rows["CASE"].mask(unmet, "none"), RESULT=rows["RESULT"].mask(unmet))
    return shown[(first | unmet) & ~none | rows["DECIDES"]]
