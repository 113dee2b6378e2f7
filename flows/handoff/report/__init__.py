"""report.html: a run on one self-contained page, for people; nothing in it loads or executes what came from data."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from pathlib import Path

import pandas as pd
import pyarrow as pa

from flows.handoff.errors import writing
from flows.handoff.guides.facts import SEVERITY_ORDER, GuideFacts
from flows.handoff.html import Content, Html, tag
from flows.handoff.report.endpoints import overviews
from flows.handoff.report.flow_picture import flow_picture
from specs import StudySpec
from specs.coverage import field_coverage
from specs.findings import catalogue

REPORT_HTML = "report.html"
MOST_FINDINGS = 5_000  # rows that a browser filters without a pause
_SHOWN = ("code", "severity", "subject", "visit", "form", "line", "field", "value", "message", "next_step")


def write_report(folder: Path, study: StudySpec, facts: GuideFacts, adam: Mapping[str, pa.Table]) -> None:
    """Write report.html: the same bytes for the same specs and run. Raises HandoffError: HAND-502."""
    with writing(folder / REPORT_HTML):
        (folder / REPORT_HTML).write_text(report(study, facts, adam), encoding="utf-8", newline="\n")


def report(study: StudySpec, facts: GuideFacts, adam: Mapping[str, pa.Table]) -> str:
    """The page: figures, the way of the rows, datasets, findings with a filter, coverage, and the endpoints."""
    picture = flow_picture(study, facts)
    parts: list[tuple[str, str, Content]] = [
        ("rows", "The way of the rows", _flow(picture) if picture else None),
        ("datasets", "Datasets", _datasets(facts)),
        ("endpoints", "Endpoints", _endpoints(adam)),
        ("findings", "Findings", _findings(facts.findings)),
        ("coverage", "Coverage of the forms", _coverage(study) if picture else None),
    ]
    parts = [part for part in parts if part[2] is not None]
    links = [tag("li", tag("a", title, href=f"#{name}")) for name, title, _ in parts]
    main = tag(
        "main",
        _head(study, facts),
        [tag("section", tag("h2", title), content, anchor=name) for name, title, content in parts],
        tag("footer", f"Made by cdisc-flows from specs with SHA-256 {study.digest}; manifest.json has all hashes."),
    )
    script = _resource("report.js")
    head = tag("head", Html(_meta(script)), tag("title", f"{study.studyid}: run report"), _style())
    body = tag("body", tag("nav", tag("ul", links)), main, Html(f"<script>{script}</script>"))
    return f'<!DOCTYPE html>\n<html lang="en">\n{head}\n{body}\n</html>\n'


def _meta(script: str) -> str:
    """Nothing may be loaded or run but our own style and script: the browser holds to it whatever the data hold."""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; base-uri 'none'"
    return (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    )


def _style() -> Html:
    return Html(f"<style>\n{_resource('report.css')}</style>")


def _resource(name: str) -> str:
    return files("flows.handoff.report").joinpath(name).read_text(encoding="utf-8")


def _head(study: StudySpec, facts: GuideFacts) -> Html:
    severities = facts.findings["severity"].value_counts()
    persons = next((d.rows for d in facts.datasets if d.name in ("DM", "ADSL")), 0)
    figures = [
        (persons, "subjects"),
        (len(facts.of_half("sdtm")), "SDTM datasets"),
        (len(facts.of_half("adam")), "ADaM datasets"),
        *((int(severities.get(s, 0)), f"findings: {s}") for s in SEVERITY_ORDER),
    ]
    cut = f", data cut-off {facts.cutoff}" if facts.cutoff else ""
    return tag(
        "header",
        tag("p", f"{study.studyid}, data of {facts.snapshot}{cut}", css="over"),
        tag("h1", study.study.title),
        tag("dl", [tag("div", tag("dt", word), tag("dd", f"{n:,}")) for n, word in figures], css="figures"),
    )


def _flow(picture: Html) -> list[Html]:
    said = (
        "Records kept of each form, the rows that SDTM has of them (the wider a line, the more), and the datasets that "
        "ADaM reads. What was left out on the way is in manifest.json and in the reviewer's guides, by rule."
    )
    return [tag("p", said, css="note"), tag("div", picture, css="wide")]


def _datasets(facts: GuideFacts) -> Html:
    rows = [("ADaM" if d.half == "adam" else "SDTM", d.name, d.label, d.rows, d.subjects) for d in facts.datasets]
    return _table(("", "Dataset", "Label", "Rows", "Subjects"), rows)


def _endpoints(adam: Mapping[str, pa.Table]) -> list[Html] | None:
    found = overviews(adam)
    if not found:
        return None
    return [tag("div", tag("h3", o.title), tag("p", o.note, css="note"), _table(o.heads, o.rows)) for o in found]


def _findings(findings: pd.DataFrame) -> list[Html]:
    rules = catalogue()
    ranked = findings.assign(_rank=findings["severity"].map(SEVERITY_ORDER))
    ranked = ranked.sort_values(["_rank", "code", "finding_id"], kind="stable").head(MOST_FINDINGS)
    shown = [dict(zip(_SHOWN, row, strict=True)) for row in zip(*(ranked[name] for name in _SHOWN), strict=True)]
    codes = sorted(findings["code"].unique())
    left = len(findings) - len(ranked)
    filters = tag(
        "div",
        _select("severity", "Severity", [("", "all"), *((s, s) for s in SEVERITY_ORDER)]),
        _select("code", "Code", [("", "all"), *((c, f"{c}  {rules[c].title}") for c in codes)]),
        tag("label", "Search", Html('<input id="search" type="search" autocomplete="off">')),
        tag("span", anchor="shown", role="status"),
        css="filters",
    )
    heads = ("Code", "Severity", "Subject", "Visit", "Form", "Line", "Field", "Value", "What", "Next step")
    body = [_finding(finding) for finding in shown]
    table = tag("table", tag("thead", tag("tr", [tag("th", head) for head in heads])), tag("tbody", body))
    more = f"{left:,} more, the less severe ones, are in findings.csv." if left else None
    return [filters, tag("div", table, css="wide"), *([tag("p", more, css="note")] if more else [])]


def _finding(finding: Mapping[str, str]) -> Html:
    severity = finding["severity"]
    cells = [
        tag("td", finding[name], css={"severity": severity, "value": "value", "line": "number"}.get(name, ""))
        for name in _SHOWN
    ]
    return tag("tr", cells, data_severity=severity, data_code=finding["code"])


def _select(anchor: str, label: str, options: list[tuple[str, str]]) -> Html:
    chosen = [tag("option", text, value=value) for value, text in options]
    return tag("label", label, tag("select", chosen, anchor=anchor))


def _coverage(study: StudySpec) -> list[Html]:
    covered = field_coverage(study)
    missing = [c for c in covered if not c.reaches]
    said = f"{len(covered) - len(missing):,} of {len(covered):,} fields reach SDTM; acrf.html shows where each goes."
    rows = [(c.form, c.field, c.label, c.not_submitted or "no reason is given") for c in missing]
    return [tag("p", said, css="note"), _table(("Form", "Field", "Label", "Why it is not submitted"), rows)]


def _table(heads: Sequence[str], rows: Iterable[Sequence[str | int]]) -> Html:
    listed = list(rows)
    right = [bool(listed) and all(isinstance(row[place], int) for row in listed) for place in range(len(heads))]
    css = ["number" if number else "" for number in right]
    head = tag("tr", [tag("th", text, css=style) for text, style in zip(heads, css, strict=True)])
    body = [
        tag("tr", [tag("td", f"{v:,}" if isinstance(v, int) else v, css=c) for v, c in zip(row, css, strict=True)])
        for row in listed
    ]
    return tag("div", tag("table", tag("thead", head), tag("tbody", body)), css="wide")
