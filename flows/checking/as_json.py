"""The outcomes as JSON."""

from __future__ import annotations

from dataclasses import asdict

from flows.checking.outcome import Checked
from flows.showing import as_json


def as_data(checked: Checked) -> str:
    """One object: the status of the whole, how many checks ended how, and every outcome with its own status."""
    return as_json(
        {
            "study": checked.study,
            "status": checked.status,
            "failed": checked.failed,
            "exit_code": checked.exit_code,
            "checks": checked.counts,
            "findings": checked.severities,
            "unreadable": checked.unreadable,
            "outcomes": [asdict(outcome) | {"status": outcome.status} for outcome in checked.outcomes],
        }
    )
