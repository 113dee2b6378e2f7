"""The outcomes as JUnit XML, as CI servers read it: a suite a dataset, a case a check."""

from __future__ import annotations

from itertools import groupby
from xml.etree import ElementTree as ET

from flows.checking.outcome import Checked, Finding, Outcome
from flows.showing import visible


def as_junit(checked: Checked) -> str:
    """The document. A check with open findings is a failure, one that crashed or could not be read an error.

    Waived findings are told in `system-out`. What XML cannot hold is shown as its escape.
    """
    root = ET.Element("testsuites", name=visible(f"cdisc-flows check {checked.study}"))
    for name, outcomes in groupby(checked.outcomes, lambda outcome: outcome.suite):
        cases = list(outcomes)
        suite = ET.SubElement(
            root, "testsuite", name=visible(name), tests=str(len(cases)),
            failures=str(sum(o.status == "findings" for o in cases)),
            errors=str(sum(_is_error(checked, o) for o in cases)),
            skipped=str(sum(o.status == "skipped" and not _is_error(checked, o) for o in cases)),
        )  # fmt: skip
        for outcome in cases:
            _case(suite, checked, outcome)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode")


def _is_error(checked: Checked, outcome: Outcome) -> bool:
    return bool(outcome.crashed) or (outcome.skipped in checked.unreadable and bool(outcome.skipped))


def _case(suite: ET.Element, checked: Checked, outcome: Outcome) -> None:
    name = visible(f"{outcome.check}: {outcome.rule}", 1000)
    case = ET.SubElement(suite, "testcase", classname=visible(outcome.suite), name=name)
    if outcome.crashed:
        ET.SubElement(case, "error", type="crashed", message=visible(outcome.crashed, 500))
    elif _is_error(checked, outcome):
        ET.SubElement(case, "error", type="unreadable", message=visible(outcome.skipped, 500))
    elif outcome.skipped:
        ET.SubElement(case, "skipped", message=visible(outcome.skipped, 500))
    for finding in outcome.open:
        failure = ET.SubElement(case, "failure", type=visible(finding.code), message=visible(finding.message, 500))
        failure.text = "\n".join(_told(finding))
    if waived := [f for f in outcome.findings if f.waived]:
        ET.SubElement(case, "system-out").text = "\n".join(
            visible(f"{f.code} {f.place}: {f.waived}", 1000) for f in waived
        )


def _told(finding: Finding) -> list[str]:
    lines = [
        f"{finding.severity} {finding.place} ({finding.file}): {finding.message}",
        f"rule: {finding.rule}",
        *(f"row {r.row}, {r.usubjid}: {r.message}" for r in finding.records),
        f"next: {finding.next_step}",
    ]
    return [visible(line, 1000) for line in lines]
