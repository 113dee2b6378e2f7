"""The records that a declared check looks at, of a raw form or a built dataset alike (specs/declared_checks.py)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sdtm.checks.evidence import ROW, Evidence
from sdtm.checks.partial import earliest, latest
from sdtm.conditions import meets_all
from sdtm.distinct import by_distinct, order_codes
from sdtm.numbers import read_numbers
from specs import identity
from specs.declared_checks import DateOf, Records
from specs.mapping import Condition

_BETWEEN = "\x1f"  # no text of a site has it


@dataclass(frozen=True)
class Looked:
    """Records with the fields that a check reads; blank texts are missing. Records of unknown subjects are not here."""

    evidence: Evidence
    spec: Records
    frame: pd.DataFrame

    def text(self, name: str) -> pd.Series:
        """A field as text."""
        return self.frame[name]

    def date(self, name: str) -> pd.Series:
        """A date field as truncated ISO 8601; missing where it cannot be read."""
        if self.spec.form is None or name in identity.IDENTITY:
            return self.frame[name]
        return self.evidence.iso(self.spec.form, name).reindex(self.frame.index)

    def number(self, name: str) -> pd.Series:
        """A field as number; missing where it is none."""
        values = self.frame[name]
        return values if values.dtype.kind == "f" else read_numbers(values)["number"]

    def key(self, names: Iterable[str]) -> pd.Series:
        """One text a record for the values of several fields; missing where one of them is."""
        key: pd.Series | None = None
        for name in names:
            part = self.frame[name]
            key = part if key is None else key + _BETWEEN + part
        assert key is not None, "a key has at least one field"
        return key

    def place(self) -> list[np.ndarray[Any, Any]]:
        """The order of the records in the export, as keys for np.lexsort (last key first)."""
        if self.spec.form is None:
            return [self.frame[ROW].to_numpy()]
        return [self.frame[identity.LINE].to_numpy(), order_codes(self.frame[identity.FILE])]

    def meets(self, conditions: list[Condition]) -> pd.Series:
        """Which records meet all of further conditions."""
        return meets_all(_as_texts(self.frame, conditions), conditions)

    def found(self, code: str, wrong: pd.Series, name: str, **facts: pd.Series | str) -> pd.DataFrame:
        """A finding on a field of each record for which `wrong` is true; facts besides `value` fill the message."""
        rows = self.frame[wrong.to_numpy(dtype="bool")]
        told: dict[str, pd.Series | str] = {"value": rows[name], **facts}
        columns = {f"_{fact}": as_text(v.reindex(rows.index)) if isinstance(v, pd.Series) else v
                   for fact, v in told.items()}  # fmt: skip
        rows, shown = rows.assign(**columns), {fact: f"_{fact}" for fact in told}
        if self.spec.form is not None:
            return self.evidence.found_raw(code, rows, name, **shown)
        return self.evidence.found(code, self.spec.dataset or "", rows, name, **shown)


def look(evidence: Evidence, spec: Records) -> Looked:
    """The records of the spec with everything that it names; row order and index are those of the form or dataset."""
    names = list(dict.fromkeys(spec.own_names()))
    if spec.form is not None:
        rows = evidence.raw(spec.form)
        rows = rows[rows["KNOWN"]] if "KNOWN" in rows else rows
        rows = rows[meets_all(rows, spec.where)] if spec.where else rows
        places = [name for name in (*identity.IDENTITY, "USUBJID") if name in rows]
        read = [name for name in names if name in rows and name not in places]
        rows = rows[[*places, *read]]
    else:
        dataset = spec.dataset or ""
        own = [name for name in names if name not in identity.IDENTITY]
        rows = evidence.take(dataset, own)
        if spec.where:
            rows = rows[meets_all(_as_texts(rows, spec.where), spec.where)]
        if len(own) < len(names):
            rows = evidence.located(dataset, rows)
    absent = [name for name in names if name not in rows]
    rows = rows.assign(**{name: pd.Series(np.nan, index=rows.index, dtype="str") for name in absent})
    texts = {name: _blank_is_missing(rows[name]) for name in names if isinstance(rows[name].dtype, pd.StringDtype)}
    return Looked(evidence, spec, rows.assign(**texts))


def date_of(evidence: Evidence, spec: DateOf) -> pd.Series:
    """Key -> the first or the last date of the other records with that key; complete or not."""
    other = look(evidence, spec)
    dates = pd.DataFrame({"KEY": other.key(spec.by.values()), "DATE": other.date(spec.date)}).dropna()
    dates = dates.iloc[np.lexsort([order_codes(dates["DATE"])])]
    return dates.drop_duplicates("KEY", keep=spec.take).set_index("KEY")["DATE"]


def days_after(date: pd.Series, than: pd.Series) -> pd.Series:
    """By how many days a date is certainly after another (less than 0: it may be before); missing where unknown."""
    return (earliest(date) - latest(than)).dt.days


def _blank_is_missing(texts: pd.Series) -> pd.Series:
    return by_distinct(texts, lambda distinct: distinct.str.strip().where(lambda text: text != ""))


def _as_texts(frame: pd.DataFrame, conditions: list[Condition]) -> pd.DataFrame:
    """The frame with the numbers that conditions ask about as texts."""
    names = {name for condition in conditions for name in condition.fields if name in frame}
    numbers = {name: as_text(frame[name]) for name in names if frame[name].dtype.kind == "f"}
    return frame.assign(**numbers) if numbers else frame


def as_text(values: pd.Series) -> pd.Series:
    """Numbers as people write them, each distinct one once; texts as they are."""
    if values.dtype.kind != "f":
        return values
    return by_distinct(values, lambda numbers: numbers.map(_plain, na_action="ignore").astype("str"))


def _plain(number: float) -> str:
    return f"{number:.15g}"
