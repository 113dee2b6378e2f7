"""Where the raw records went: for each form and domain, and for each form over all domains.

The account of a form and domain closes: READ = USED + the rules. A record that neither stands in the domain nor was
left out by a rule counts as UNACCOUNTED, which is a fault of the code and stops a run (`unbalanced`). SDTM-ROWS stands
beside the account: how many rows of the domain came from the form's records, a wide record giving several.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from specs import identity
from specs.counted import how_many

Rows = np.ndarray[Any, Any]  # one flag a raw record

ROW = "_ROW"  # place of a raw record in its form, from 0
ACCOUNTING = ["form", "dataset", "rule", "rows"]
EVERY = ""  # as dataset: the form over all domains
NO_FORM = ""  # as form: rows of a domain that no raw record gave
READ = "READ"
USED = "USED"
SDTM_ROWS = "SDTM-ROWS"
NOT_JOINED = "NOT-JOINED"  # the domain reads the form beside another one, and took a different record or none
NO_DOMAIN = "NO-DOMAIN"  # no domain reads the form
UNACCOUNTED = "UNACCOUNTED"


class Ledger:
    """Collects, for each form and domain, which raw records gave a record and which were left out by which rule.

    A raw record is known by its place in its form, the column ROW.
    """

    def __init__(self, forms: dict[str, pd.DataFrame]) -> None:
        self._read = {name: len(form) for name, form in forms.items()}
        self._used: dict[tuple[str, str], Rows] = {}
        self._left: dict[tuple[str, str], dict[str, Rows]] = {}
        self._joined: set[tuple[str, str]] = set()
        self._made: dict[tuple[str, str], int] = {}

    def use(self, dataset: str, frame: pd.DataFrame, sources: list[str]) -> None:
        """The domain is finished: every raw record behind a row of the frame gave a record of it.

        `sources`: the forms that the domain is made from.
        """
        of_no_form = len(frame)
        for form in dict.fromkeys(sources):
            if form in self._read:
                rows = frame.loc[frame[identity.FORM] == form, ROW]
                self._flag(form, dataset, rows)
                self._made[form, dataset] = len(rows)
                of_no_form -= len(rows)
        if of_no_form:
            self._made[NO_FORM, dataset] = of_no_form

    def join(self, form: str, dataset: str, rows: pd.Series) -> None:
        """These raw records of a joined form were read beside records of the domain."""
        self._joined.add((form, dataset))
        self._flag(form, dataset, rows)

    def leave_out(self, form: str, dataset: str, rule: str, rows: pd.Series) -> None:
        """These raw records were left out of the domain by a rule."""
        rules = self._left.setdefault((form, dataset), {})
        left = rules.setdefault(rule, np.zeros(self._read[form], dtype="bool"))
        left[rows.to_numpy(dtype="int64")] = True

    def table(self) -> pd.DataFrame:
        """Rows read = rows used + rows left out by each rule, per form and domain, and per form (dataset blank).

        A record that a domain both uses and leaves out (two sources of one form) counts as used; one that two rules
        leave out counts for the first. SDTM-ROWS per form and domain (form blank: rows that no raw record gave).
        """
        rows: list[tuple[str, str, str, int]] = []
        for form in self._read:
            datasets = sorted({d for f, d in [*self._used, *self._left] if f == form})
            for dataset in datasets:
                rows += self._balance(form, dataset, [dataset])
                if (form, dataset) in self._made:
                    rows.append((form, dataset, SDTM_ROWS, self._made[form, dataset]))
            rows += self._balance(form, EVERY, datasets)
        rows += [(f, d, SDTM_ROWS, count) for (f, d), count in sorted(self._made.items()) if f == NO_FORM]
        frame = pd.DataFrame(rows, columns=ACCOUNTING)
        return frame.astype({"form": "str", "dataset": "str", "rule": "str", "rows": "int64"})

    def _flag(self, form: str, dataset: str, rows: pd.Series) -> None:
        used = self._used.setdefault((form, dataset), np.zeros(self._read[form], dtype="bool"))
        used[rows.to_numpy(dtype="int64")] = True

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
        reasons[self._for_the_rest(form, datasets)] = int(rest.sum())
        return [*rows, *((form, dataset, rule, count) for rule, count in sorted(reasons.items()) if count)]

    def _for_the_rest(self, form: str, datasets: list[str]) -> str:
        """Why a record has neither a row nor a rule; of a form that a domain is made from, nothing can say why."""
        if not datasets:
            return NO_DOMAIN
        return UNACCOUNTED if any((form, d) in self._made for d in datasets) else NOT_JOINED


def unbalanced(received: pd.DataFrame, mapped: pd.DataFrame, datasets: Mapping[str, int]) -> list[str]:
    """What does not add up between raw files and SDTM rows, in words; nothing, unless the code is at fault.

    In: the accounts of receiving (form, file, rule, rows; READ = KEPT + rules) and of mapping (`Ledger.table`, or the
    sum of several), and the rows of each dataset. Checked are, for every file, READ = KEPT + rules; for every form,
    that the records kept are those that mapping read; for every form and domain, and form, READ = USED + rules, and
    none UNACCOUNTED; for every domain in the account, that its rows are the sum of SDTM-ROWS.
    """
    said = _open_accounts(received.rename(columns={"file": "part"}), "KEPT")
    account = mapped[mapped["rule"] != SDTM_ROWS].rename(columns={"dataset": "part"})
    said += _open_accounts(account, USED)
    kept = received[received["rule"] == "KEPT"].groupby("form")["rows"].sum()
    read = mapped[(mapped["dataset"] == EVERY) & (mapped["rule"] == READ)].groupby("form")["rows"].sum()
    for form in sorted({*kept.index, *read.index}):
        if kept.get(form, 0) != read.get(form, 0):
            said.append(f"form {form}: {how_many(kept.get(form, 0), 'record')} kept, {read.get(form, 0):,} mapped")
    lost = mapped[mapped["rule"] == UNACCOUNTED]
    said += [
        f"form {form} in {dataset or 'all domains'}: {how_many(count, 'record')} neither used nor left out by a rule"
        for form, dataset, count in zip(lost["form"], lost["dataset"], lost["rows"], strict=True)
    ]
    made = mapped[mapped["rule"] == SDTM_ROWS].groupby("dataset")["rows"].sum()
    for dataset, rows in made.items():
        have = datasets.get(str(dataset), 0)
        if have != rows:
            said.append(f"dataset {dataset}: {how_many(rows, 'row')} made, {have:,} in it")
    return said


def _open_accounts(account: pd.DataFrame, taken: str) -> list[str]:
    """Accounts, by form and part, whose READ is not the rows taken and those left out by rules."""
    said = []
    for (form, part), lines in account.groupby(["form", "part"]):
        read = int(lines.loc[lines["rule"] == READ, "rows"].sum())
        closed = int(lines["rows"].sum()) - read
        if read != closed:
            where = f"form {form}, {part or 'all domains'}"
            said.append(f"{where}: {how_many(read, 'record')} read, {closed:,} {taken} or left out by a rule")
    return said
