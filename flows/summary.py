"""Shows a run's summary to a person."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from flows.request import RunSummary

_SEVERITY_STYLES = {"error": "bold red", "warning": "yellow", "info": "cyan"}
_TOP_CODES = 8


def show(summary: RunSummary, console: Console | None = None) -> None:
    """Print datasets and rows, findings by severity and against the last output, and where things are."""
    console = console or Console()
    console.print()
    console.print(_datasets(summary))
    console.print(_findings(summary))
    for line in findings_history(summary):
        console.print(line)
    seconds = sum(stage.seconds for stage in summary.stages)
    console.print(f"\nPublished in {seconds:.1f} s to [bold]{summary.out}[/]", highlight=False)
    for what, where in _places(summary):
        console.print(f"  {what:<18} {where}", highlight=False, soft_wrap=True)
    console.print()


def _datasets(summary: RunSummary) -> Table:
    table = Table(title=f"Study {summary.study}", title_justify="left", title_style="bold", box=None, pad_edge=False)
    for heading, justify in (("", "left"), ("dataset", "left"), ("label", "left"), ("rows", "right")):
        table.add_column(heading, justify=justify)  # type: ignore[arg-type]
    table.add_column("subjects", justify="right")
    half = ""
    for line in summary.datasets:
        shown = line.half if line.half != half else ""
        table.add_row(f"[bold]{shown}[/]", line.name, line.label, f"{line.rows:,}", f"{line.subjects:,}")
        half = line.half
    return table


def _findings(summary: RunSummary) -> Table:
    from specs.findings import catalogue

    counts = "   ".join(f"[{style}]{summary.findings.get(s, 0):,} {s}[/]" for s, style in _SEVERITY_STYLES.items())
    table = Table(
        title=f"\nFindings: {counts}", title_justify="left", title_style="", box=None, show_header=False, pad_edge=False
    )
    rules = catalogue()
    serious = sorted(summary.codes, key=lambda code: ["error", "warning", "info"].index(rules[code].severity))
    for code in serious[:_TOP_CODES]:
        style = _SEVERITY_STYLES[rules[code].severity]
        table.add_row(f"[{style}]{code}[/]", rules[code].title, f"{summary.codes[code]:,}")
    if len(serious) > _TOP_CODES:
        table.add_row("", f"… and {len(serious) - _TOP_CODES} more kinds in findings.csv", "")
    return table


def findings_history(summary: RunSummary) -> list[str]:
    """One line: findings against the last output, or that there was none."""
    if summary.history is None:
        return ["Against the last output: there was none."]
    return ["Against the last output: " + ", ".join(f"{n:,} {what}" for what, n in summary.history.items()) + "."]


def _places(summary: RunSummary) -> list[tuple[str, str]]:
    halves = dict.fromkeys(line.half.lower() for line in summary.datasets)
    mapped = [("terms to map", f"{summary.out}/unmapped-terms.csv")] if "sdtm" in halves else []
    return [
        ("to look at", f"{summary.out}/report.html"),
        ("findings", f"{summary.out}/findings.csv (for a spreadsheet), findings.json"),
        *mapped,
        ("Parquet", ", ".join(f"{summary.out}/{half}/" for half in halves)),
        ("SAS XPT", f"{summary.out}/m5/datasets/"),
        *([("Dataset-JSON", f"{summary.out}/dataset-json/")] if summary.dataset_json else []),
        ("what made it", f"{summary.out}/manifest.json, {summary.out}.runs.jsonl"),
    ]  # fmt: skip
