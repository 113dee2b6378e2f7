"""The records that a declared check looks at, of a raw form or a built dataset alike (specs/declared_checks.py)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sdtm.checks.columns import Bools, Column, Floats, Ints, shared_keys
from sdtm.checks.evidence import Evidence
from specs import identity
from specs.declared_checks import DateOf, Records
from specs.findings import no_findings
from specs.mapping import Condition


@dataclass(frozen=True)
class Looked:
    """Records of a form or dataset, by their places in it. Records of subjects that are not known are not here."""

    evidence: Evidence
    spec: Records
    places: Ints

    def column(self, name: str) -> Column:
        """A field or variable of all records of the form or dataset."""
        return self.evidence.column(self.spec.form, self.spec.dataset, name)

    def dates(self, name: str) -> Column:
        """A date as truncated ISO 8601."""
        return self.evidence.date_column(self.spec.form, self.spec.dataset, name)

    def days(self, name: str) -> tuple[Floats, Floats]:
        """The first and the last day that the date of each record can mean."""
        dates = self.dates(name)
        return dates.first_days(self.places), dates.last_days(self.places)

    def numbers(self, name: str) -> Floats:
        """A field of each record as number; missing where it is none."""
        column = self.column(name)
        return column.numbers[column.codes[self.places]]

    def key(self, names: Iterable[str]) -> Ints:
        """One number a record for the values of several fields; -1 where one of them is blank."""
        columns = [self.column(name) for name in names]
        return shared_keys(columns, self.places, columns, self.places)[1]

    def place(self) -> list[Ints]:
        """The order of the records in the export, as keys for np.lexsort (last key first)."""
        if self.spec.form is None or not len(self.places):
            return [self.places]
        form = self.evidence.forms[self.spec.form]
        files = self.evidence.column(self.spec.form, None, identity.FILE)
        return [form[identity.LINE].to_numpy()[self.places], files.ranks[files.codes[self.places]]]

    def meets(self, conditions: list[Condition]) -> Bools:
        """Which of the records meet all of further conditions."""
        return _meets(self, conditions)[self.places] if len(self.places) else np.zeros(0, dtype="bool")

    def found(self, code: str, wrong: Bools, name: str, **facts: pd.Series | str) -> pd.DataFrame:
        """A finding on a field of each record for which `wrong` is true.

        A fact is one text, or a Series with an entry for each of the wrong records, in their order; `value` is the
        field itself where it is not given.
        """
        at = self.places[wrong]
        if not len(at):
            return no_findings()
        told = {"value": self.column(name).shown(at), **facts}
        columns = {f"_{fact}": v.to_numpy() if isinstance(v, pd.Series) else v for fact, v in told.items()}
        shown = {fact: f"_{fact}" for fact in told}
        if self.spec.form is not None:
            rows = self.evidence.forms[self.spec.form].iloc[at].assign(**columns)
            return self.evidence.found_raw(code, rows, name, **shown)
        rows = self.evidence.take(self.spec.dataset or "").iloc[at].assign(**columns)
        return self.evidence.found(code, self.spec.dataset or "", rows, name, **shown)


def look(evidence: Evidence, spec: Records) -> Looked:
    """The records of the spec, in the order of the form or dataset."""
    size = evidence.size(spec.form, spec.dataset)
    every = Looked(evidence, spec, np.arange(size))
    if not size:
        return every
    held = _meets(every, spec.where)
    known = evidence.forms[spec.form].get("KNOWN") if spec.form is not None else None
    return Looked(evidence, spec, np.flatnonzero(held if known is None else held & known.to_numpy(dtype="bool")))


def date_of(own: Looked, spec: DateOf) -> tuple[Column, Ints]:
    """The first or the last date of the other records with the key of each own one.

    Gives the column of these dates, and for each own record the place of the other in it; -1 where there is none.
    """
    other = look(own.evidence, spec)
    dates = other.dates(spec.date)
    mine, theirs = shared_keys(
        [own.column(name) for name in spec.by],
        own.places,
        [other.column(name) for name in spec.by.values()],
        other.places,
    )
    told = (theirs >= 0) & (dates.codes[other.places] >= 0)
    theirs, places = theirs[told], other.places[told]
    order = np.lexsort([dates.ranks[dates.codes[places]], theirs])
    theirs, places = theirs[order], places[order]
    keys, first = np.unique(theirs, return_index=True)
    last = np.append(first[1:], len(theirs)) - 1
    if not len(keys):
        return dates, np.full(len(mine), -1)
    chosen = places[first if spec.take == "first" else last]
    near = np.searchsorted(keys, mine).clip(max=len(keys) - 1)
    return dates, np.where(keys[near] == mine, chosen[near], -1)


def _meets(looked: Looked, conditions: list[Condition]) -> Bools:
    """Which records of the whole form or dataset meet all conditions."""
    held = np.ones(looked.evidence.size(looked.spec.form, looked.spec.dataset), dtype="bool")
    for condition in conditions:
        if condition.any_ is not None:
            one = np.zeros_like(held)
            for part in condition.any_:
                one |= _meets(looked, [part])
            held &= one
        else:
            held &= looked.column(condition.field or "").holds(condition)
    return held


def show_days(days: Floats) -> pd.Series:
    """Day numbers as ISO 8601 dates."""
    return pd.Series(pd.to_datetime(pd.Series(days), unit="D").dt.strftime("%Y-%m-%d"), dtype="str")


def show_numbers(numbers: Floats) -> pd.Series:
    """Numbers as people write them."""
    return pd.Series([f"{number:.15g}" for number in numbers], dtype="str")
