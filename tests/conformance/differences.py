"""The page on known differences, read as the tests read it, and complaints held against it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.conftest import ROOT

PAGE = ROOT / "docs" / "conformance.md"
KNOWN, PLANTED = "## Known differences", "## Complaints about faults in the data"
ALL = "all"  # in place of datasets: whatever the dataset


@dataclass(frozen=True, order=True)
class Complaint:
    """One thing that a judge holds against a dataset, and the subject whom it is about, where it says one."""

    judge: str
    rule: str
    dataset: str
    usubjid: str = field(default="", compare=False)

    def __str__(self) -> str:
        return f"{self.judge} {self.rule} {self.dataset}"


@dataclass(frozen=True)
class Row:
    """A row of the page: what is expected of a judge, where, and the last cell (why, or our own finding's codes)."""

    judge: str
    rule: str
    datasets: frozenset[str]
    cell: str

    def covers(self, complaint: Complaint) -> bool:
        """Whether the row speaks of the complaint."""
        same = (self.judge, self.rule) == (complaint.judge, complaint.rule)
        return same and (ALL in self.datasets or complaint.dataset in self.datasets)


def read_rows(heading: str, page: str | None = None) -> list[Row]:
    """The rows of the table under a heading of the page; ValueError for one that lacks a cell."""
    text = PAGE.read_text(encoding="utf-8") if page is None else page
    section = text.split(f"{heading}\n", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in section.splitlines() if line.startswith("|")][2:]
    rows = []
    for line in lines:
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) != 4 or not all(cells):
            raise ValueError(f"a row needs judge, rule, datasets and a last cell: {line}")
        judge, rule, datasets, last = cells
        rows.append(Row(judge, rule, frozenset(name.strip() for name in datasets.split(",")), last))
    return rows


def unexplained(complaints: Iterable[Complaint], rows: Iterable[Row]) -> list[Complaint]:
    """The complaints of which no row speaks."""
    rows = list(rows)
    return sorted(c for c in complaints if not any(row.covers(c) for row in rows))


def in_short(complaints: Iterable[Complaint]) -> dict[str, str]:
    """Each rule and dataset complained of, with how often and about whom first."""
    told: dict[str, list[str]] = {}
    for complaint in complaints:
        told.setdefault(str(complaint), []).append(complaint.usubjid)
    return {what: f"{len(subjects)}, first {subjects[0] or 'no subject'}" for what, subjects in told.items()}


def stale(rows: Iterable[Row], complaints: Iterable[Complaint], judge: str) -> list[str]:
    """What rows say of a judge that it no longer says: rule and dataset."""
    said = set(complaints)
    return [
        f"{row.rule} {dataset}"
        for row in rows
        if row.judge == judge
        for dataset in sorted(row.datasets)
        if not any(row.covers(c) and dataset in (ALL, c.dataset) for c in said)
    ]
