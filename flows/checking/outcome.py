"""What came of checking: each check of each dataset is clean, has findings, was skipped for a reason, or crashed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

Severity = Literal["error", "warning", "info"]
Status = Literal["clean", "findings", "skipped", "crashed"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")


@dataclass(frozen=True)
class Record:
    """A record that a finding is about: the file's row (1 is the first), its keys, the value, and what is wrong."""

    row: int | None
    usubjid: str
    value: str
    message: str


@dataclass(frozen=True)
class Finding:
    """Something that a rule forbids, in one dataset and variable."""

    code: str
    severity: Severity
    rule: str  # what the rule asks for, in words
    place: str  # DATASET or DATASET.VARIABLE: what a waiver's `where` names
    file: str
    message: str
    next_step: str
    rows: int = 0  # how many records; none where it is not about records
    records: list[Record] = field(default_factory=list)  # the first of them
    waived: str = ""  # owner, reason and expiry of the waiver that covers it


@dataclass(frozen=True)
class Outcome:
    """One check of one dataset, or of the folder."""

    suite: str  # the dataset or group that it belongs to
    check: str  # its name within the suite
    rule: str
    findings: list[Finding] = field(default_factory=list)
    skipped: str = ""  # why it could not be asked
    crashed: str = ""  # the program's fault: kind of error and place in the code, never data

    @property
    def status(self) -> Status:
        if self.crashed:
            return "crashed"
        if self.skipped:
            return "skipped"
        return "findings" if self.open else "clean"

    @property
    def open(self) -> list[Finding]:
        """The findings that no waiver covers."""
        return [f for f in self.findings if not f.waived]


@dataclass(frozen=True)
class Checked:
    """All outcomes, in the order of the datasets."""

    study: str
    outcomes: list[Outcome]
    unreadable: list[str] = field(default_factory=list)  # files that could not be read, with the reason
    fail_on: str = "warning"

    @property
    def findings(self) -> list[Finding]:
        return [finding for outcome in self.outcomes for finding in outcome.findings]

    @property
    def counts(self) -> dict[Status, int]:
        """How many checks ended how."""
        counted = Counter(outcome.status for outcome in self.outcomes)
        statuses: tuple[Status, ...] = ("clean", "findings", "skipped", "crashed")
        return {status: counted[status] for status in statuses}

    @property
    def severities(self) -> dict[Severity, int]:
        """Findings that no waiver covers, by severity."""
        counted = Counter(finding.severity for outcome in self.outcomes for finding in outcome.open)
        return {severity: counted[severity] for severity in SEVERITIES}

    @property
    def failed(self) -> bool:
        """Whether a finding is as severe as the gate, or a waiver is expired or covers nothing."""
        gate = SEVERITIES.index(self.fail_on) if self.fail_on in SEVERITIES else -1
        grave = {severity for place, severity in enumerate(SEVERITIES) if place <= gate}
        broken = any(f.code.startswith("WAIVER-") for f in self.findings)
        return broken or any(f.severity in grave for outcome in self.outcomes for f in outcome.open)

    @property
    def status(self) -> Literal["clean", "findings", "unreadable", "crashed"]:
        """The whole in one word; `clean` says nothing of what was skipped."""
        if any(outcome.crashed for outcome in self.outcomes):
            return "crashed"
        if self.unreadable:
            return "unreadable"
        return "findings" if any(self.severities.values()) else "clean"

    @property
    def exit_code(self) -> int:
        """1 crashed, 11 unreadable, 12 the gate is reached, 0 anything else."""
        return {"crashed": 1, "unreadable": 11}.get(self.status, 12 if self.failed else 0)
