"""The outcomes for a terminal or a log."""

from __future__ import annotations

from collections.abc import Iterator

from flows.checking.outcome import Checked, Finding
from flows.showing import visible
from specs.counted import how_many


def as_text(checked: Checked) -> str:
    """Findings with their rules, what crashed, what was skipped and why, and the sum of it."""
    return "\n".join(_lines(checked))


def _lines(checked: Checked) -> Iterator[str]:
    for outcome in checked.outcomes:
        for finding in outcome.findings:
            yield from _finding(finding)
        if outcome.crashed:
            yield f"crashed  {visible(outcome.suite)}, {visible(outcome.check)}: {visible(outcome.crashed)}"
            yield f"         rule: {visible(outcome.rule, 1000)}"
    for why in checked.unreadable:
        yield f"unreadable  {visible(why, 1000)}"
    yield from _skipped(checked)
    yield summary(checked)


def _skipped(checked: Checked) -> Iterator[str]:
    """One line a reason, with the checks that it kept from being asked."""
    by_reason: dict[str, list[str]] = {}
    for outcome in checked.outcomes:
        if outcome.status == "skipped" and outcome.skipped not in checked.unreadable:
            reason, _, detail = outcome.skipped.partition(": ")
            name = outcome.check if detail else f"{outcome.suite}, {outcome.check}"
            by_reason.setdefault(reason, []).append(f"{name} ({detail})" if detail else name)
    for reason, names in by_reason.items():
        yield f"skipped because {visible(reason)}: {'; '.join(map(visible, names))}"


def _finding(finding: Finding) -> Iterator[str]:
    mark = "waived" if finding.waived else finding.severity
    yield f"{mark:<8} {visible(finding.code)}  {visible(finding.place)}  ({visible(finding.file)})"
    yield f"         {visible(finding.message, 500)}"
    yield f"         rule: {visible(finding.rule, 1000)}"
    for record in finding.records:
        row = f"row {record.row:,}" if record.row else "dataset"
        yield f"           {row}, {visible(record.usubjid)}: {visible(record.message, 500)}"
    if finding.records and finding.rows > len(finding.records):
        yield f"           and {how_many(finding.rows - len(finding.records), 'more record')}"
    yield (
        f"         {visible(finding.waived, 500)}"
        if finding.waived
        else f"         next: {visible(finding.next_step, 500)}"
    )


_WITH = {"findings": "with findings"}


def summary(checked: Checked) -> str:
    """How it ended, in one line."""
    word = {"clean": "Clean", "findings": "Findings", "unreadable": "Unreadable", "crashed": "Crashed"}[checked.status]
    checks = ", ".join(f"{count:,} {_WITH.get(status, status)}" for status, count in checked.counts.items())
    found = ", ".join(f"{count:,} {severity}" for severity, count in checked.severities.items())
    waived = sum(bool(finding.waived) for finding in checked.findings)
    gate = f"; fails: the gate is {checked.fail_on}" if checked.failed else ""
    return f"{word}: checks {checks}; findings {found}, {waived:,} waived{gate}."
