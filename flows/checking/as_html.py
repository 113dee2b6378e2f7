"""The outcomes as one HTML page: no script, no network, every text escaped."""

from __future__ import annotations

from flows.checking.as_text import summary
from flows.checking.outcome import Checked, Finding, Outcome
from flows.handoff.html import Content, Html, tag
from flows.plain_page import plain_page, table
from flows.showing import visible
from specs.counted import how_many


def as_html(checked: Checked) -> str:
    """The page: the sum, then findings, crashes, unreadable files, what was skipped and why, and what was clean."""
    return plain_page(
        f"Check of {visible(checked.study)}: {checked.status}",
        tag("p", tag("strong", summary(checked), css="bad" if checked.exit_code else "good")),
        _section("Findings", [_finding(f) for f in checked.findings if not f.waived]),
        _section("Crashed", _rows([o for o in checked.outcomes if o.crashed], "crashed")),
        _section("Unreadable", [tag("p", visible(why, 1000), css="bad") for why in checked.unreadable]),
        _section("Waived", [_finding(f) for f in checked.findings if f.waived]),
        _section("Skipped because", _rows([o for o in checked.outcomes if o.status == "skipped"], "skipped")),
        _section("Clean", _rows([o for o in checked.outcomes if o.status == "clean"], "")),
    )


def _section(title: str, content: list[Html]) -> Content:
    return tag("section", tag("h2", title), content) if content else None


def _rows(outcomes: list[Outcome], why: str) -> list[Html]:
    if not outcomes:
        return []
    heads = ["dataset", "check", "rule", *(["because"] if why else [])]
    rows: list[list[Content]] = [
        [visible(o.suite), visible(o.check), visible(o.rule, 1000), *([visible(getattr(o, why), 500)] if why else [])]
        for o in outcomes
    ]
    return [table(heads, rows)]


def _finding(f: Finding) -> Html:
    more = f.rows - len(f.records)
    cells: list[list[Content]] = [
        [str(r.row or ""), visible(r.usubjid), visible(r.value), visible(r.message, 500)] for r in f.records
    ]
    return tag(
        "article",
        tag(
            "h3",
            tag("span", f.severity, css="bad" if f.severity == "error" else ""),
            f" {visible(f.code)} {visible(f.place)}",
        ),
        tag("p", visible(f.message, 500), tag("span", f" {visible(f.file)}", css="faint")),
        tag("p", "Rule: ", visible(f.rule, 1000)),
        table(["row", "subject", "value", "what is wrong"], cells) if cells else None,
        tag("p", f"and {how_many(more, 'more record')}") if cells and more > 0 else None,
        tag("p", visible(f.waived, 1000)) if f.waived else tag("p", "Next: ", visible(f.next_step, 500)),
    )
