"""The raw forms of one subject, as a person leafing through the casebook sees them."""

from __future__ import annotations

import csv
from collections import defaultdict
from datetime import date
from pathlib import Path

Row = dict[str, str]


class Casebook:
    """The active records of a subject, by form."""

    def __init__(self) -> None:
        self._rows: dict[str, list[Row]] = defaultdict(list)

    def add(self, form: str, row: Row) -> None:
        self._rows[form].append(row)

    def rows(self, form: str) -> list[Row]:
        return self._rows[form]

    def days(self, form: str, field: str) -> list[date]:
        """The complete days of a field."""
        return [day for row in self.rows(form) if (day := day_of(row, field))]


def day_of(row: Row, field: str) -> date | None:
    """A day whose year, month and day are all known."""
    parts = [row[f"{field}_{part}"] for part in ("YYYY", "MM", "DD")]
    return date(*map(int, parts)) if all(parts) else None


def read_casebooks(export: Path) -> dict[str, Casebook]:
    """The casebooks of an export, by subject number."""
    books: dict[str, Casebook] = defaultdict(Casebook)
    for path in sorted(export.glob("V_*.csv")):
        form = path.stem.split("_", 2)[2]
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                if row["RecordActive"] == "1":
                    books[row["Subject"]].add(form, row)
    return dict(books)
