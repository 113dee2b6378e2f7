"""The outcomes as SARIF 2.1.0 (OASIS Standard, 27 March 2020), for code scanning services."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

from flows.checking.outcome import Checked, Finding, Outcome
from flows.showing import as_json, visible

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {"error": "error", "warning": "warning", "info": "note"}


def as_sarif(checked: Checked) -> str:
    """One run: a rule a code with its text, a result a finding, suppressed where it is waived.

    What was skipped is a notification of level note, what crashed or could not be read one of level error; the latter
    make the execution not successful.
    """
    rules = {finding.code: finding for finding in checked.findings}
    indexes = {code: number for number, code in enumerate(rules)}
    run: dict[str, Any] = {
        "tool": {"driver": {"name": "cdisc-flows", "rules": [_rule(code, f) for code, f in rules.items()]}},
        "invocations": [
            {
                "executionSuccessful": checked.status not in ("crashed", "unreadable"),
                "exitCode": checked.exit_code,
                "toolExecutionNotifications": [
                    *(n for outcome in checked.outcomes if (n := _notification(checked, outcome))),
                    *({"level": "error", "message": _message(f"Unreadable: {why}")} for why in checked.unreadable),
                ],
            }
        ],
        "results": [_result(finding, indexes[finding.code]) for finding in checked.findings],
        "columnKind": "unicodeCodePoints",
        "properties": {"study": checked.study, "status": checked.status, "checks": checked.counts},
    }
    return as_json({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(code: str, finding: Finding) -> dict[str, Any]:
    return {
        "id": code,
        "shortDescription": _message(finding.rule),
        "help": _message(finding.next_step),
        "defaultConfiguration": {"level": _LEVELS[finding.severity]},
    }


def _result(finding: Finding, index: int) -> dict[str, Any]:
    records = [{"row": r.row, "usubjid": r.usubjid, "value": r.value, "message": r.message} for r in finding.records]
    place: dict[str, Any] = {"logicalLocations": [{"name": visible(finding.place), "kind": "member"}]}
    if finding.file:
        place["physicalLocation"] = {
            "artifactLocation": {"uri": quote(finding.file.encode("utf-8", "surrogateescape"))}
        }
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": index,
        "level": _LEVELS[finding.severity],
        "message": _message(f"{finding.message} Rule: {finding.rule}"),
        "locations": [place],
        "partialFingerprints": {"codeAndPlace/v1": re.sub(r"\s+", " ", f"{finding.code} {finding.place}")},
        "properties": {"rule": finding.rule, "rows": finding.rows, "records": records},
    }
    if finding.waived:
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": finding.waived}]
    return result


def _notification(checked: Checked, outcome: Outcome) -> dict[str, Any] | None:
    where = f"{outcome.suite}, {outcome.check}"
    if outcome.crashed:
        return {"level": "error", "message": _message(f"Crashed: {where}: {outcome.crashed}. Rule: {outcome.rule}")}
    if outcome.skipped and outcome.skipped not in checked.unreadable:
        return {"level": "note", "message": _message(f"Skipped because {outcome.skipped}: {where}.")}
    return None


def _message(text: str) -> dict[str, str]:
    # plain text, in which a bracket would begin a link to elsewhere
    return {"text": re.sub(r"([\[\]\\])", r"\\\1", visible(text, 2000))}
