"""Where the raw records went: for each form and domain, and for each form over all domains."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

Rows = np.ndarray[Any, Any]  # one flag a raw record

ROW = "_ROW"  # place of a raw record in its form, from 0
ACCOUNTING = ["form", "dataset", "rule", "rows"]
EVERY = ""  # as dataset: the form over all domains
READ = "READ"
USED = "USED"
NO_DOMAIN = "NO-DOMAIN"  # no domain is made from the form


class Ledger:
    """Collects, for each form and domain, which raw records gave a record and which were left out by which rule.

    A raw record is known by its place in its form, the column ROW.
    """

    def __init__(self, forms: dict[str, pd.DataFrame]) -> None:
        self._read = {name: len(form) for name, form in forms.items()}
        self._used: dict[tuple[str, str], Rows] = {}
        self._left: dict[tuple[str, str], dict[str, Rows]] = {}

    def use(self, form: str, dataset: str, rows: pd.Series) -> None:
        """These raw records gave a record of the domain."""
        used = self._used.setdefault((form, dataset), np.zeros(self._read[form], dtype="bool"))
        used[rows.to_numpy(dtype="int64")] = True

    def leave_out(self, form: str, dataset: str, rule: str, rows: pd.Series) -> None:
        """These raw records were left out of the domain by a rule."""
        rules = self._left.setdefault((form, dataset), {})
        left = rules.setdefault(rule, np.zeros(self._read[form], dtype="bool"))
        left[rows.to_numpy(dtype="int64")] = True

    def table(self) -> pd.DataFrame:
        """Rows read = rows used + rows left out by each rule, per form and domain, and per form (dataset blank).

        A record that a domain both uses and leaves out (two sources of one form) counts as used; one that two rules
        leave out counts for the first.
        """
        rows: list[tuple[str, str, str, int]] = []
        for form in self._read:
            datasets = sorted({d for f, d in [*self._used, *self._left] if f == form})
            for dataset in datasets:
                rows += self._balance(form, dataset, [dataset])
            rows += self._balance(form, EVERY, datasets)
        frame = pd.DataFrame(rows, columns=ACCOUNTING)
        return frame.astype({"form": "str", "dataset": "str", "rule": "str", "rows": "int64"})

    def _balance(self, form: str, dataset: str, datasets: list[str]) -> list[tuple[str, str, str, int]]:
        rest = np.ones(self._read[form], dtype="bool")
        for d in datasets:
            rest &= ~self._used.get((form, d), np.zeros_like(rest))
        rows = [(form, dataset, READ, len(rest)), (form, dataset, USED, len(rest) - int(rest.sum()))]
        reasons: dict[str, int] = {}
        for d in datasets:
            for rule, left in self._left.get((form, d), {}).items():
                reasons[rule] = reasons.get(rule, 0) + int((rest & left).sum())
                rest = rest & ~left
        reasons[NO_DOMAIN] = int(rest.sum())
        return [*rows, *((form, dataset, rule, count) for rule, count in sorted(reasons.items()) if count)]
