"""Findings: every problem in the data, with its place in the EDC and what to do next.

The catalogue (`specs/findings/*.yaml`) holds code, severity, title, message, expectation and next step once.
`report` makes findings for many rows at once.
"""

from __future__ import annotations

import string
from functools import cache
from importlib.resources import files
from typing import Literal

import pandas as pd
import pyarrow as arrow
import pyarrow.compute as pc
from pydantic import Field

from specs import identity
from specs.models import Strict
from specs.yaml_files import read_yaml

COLUMNS = [
    "finding_id", "code", "severity", "dataset", "variable", "usubjid", "subject", "site", "visit", "form",
    "file", "line", "record_id", "field", "value", "expected", "message", "next_step",
]  # fmt: skip
MOST_SHOWN = 1_000  # characters of a value: a cell that a spreadsheet still shows, a message that people still read
SRCSEQ = "srcseq"  # inside a run only: --SEQ of the SDTM record meant, from which the raw record is looked up
_TEXT = arrow.large_string()  # as pandas keeps `str`
_ROW_PLACES = {
    "usubjid": "USUBJID", "subject": identity.SUBJECT, "site": identity.SITE, "visit": identity.VISIT_NAME,
    "form": identity.FORM, "file": identity.FILE, "line": identity.LINE, "record_id": identity.RECORD,
}  # fmt: skip


class Rule(Strict):
    """One kind of finding."""

    severity: Literal["error", "warning", "info"]
    title: str
    message: str  # may use {value}, {expected}, {field}, {variable}, {visit} and facts given to `report`
    expected: str = ""
    next_step: str = Field(alias="next")


@cache
def catalogue() -> dict[str, Rule]:
    """All finding codes that exist."""
    rules: dict[str, Rule] = {}
    for path in sorted(files("specs").joinpath("findings").iterdir(), key=lambda p: p.name):
        if path.name.endswith(".yaml"):
            for code, entry in read_yaml(path.read_text(encoding="utf-8")).items():
                if code in rules:
                    raise ValueError(f"finding code {code} stands twice, again in {path.name}")
                rules[code] = Rule.model_validate(entry)
    return rules


@cache
def _empty() -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype="str") for name in [*COLUMNS, SRCSEQ]})


def no_findings() -> pd.DataFrame:
    """A findings frame without rows."""
    return _empty().copy(deep=False)


def report(
    code: str,
    rows: pd.DataFrame,
    *,
    dataset: str = "",
    variable: str = "",
    field: str = "",
    value: pd.Series | str = "",
    expected: pd.Series | str = "",
    **facts: pd.Series | str,
) -> pd.DataFrame:
    """One finding of the given code for each row.

    In: rows with any of USUBJID, VISIT, the identity columns and `<dataset>SEQ`; Series arguments are aligned on the
    index of the rows. Out: a frame of text with COLUMNS (`finding_id` still blank) and SRCSEQ, one row a row.
    `expected` falls back to the catalogue's; of every text, the first 1,000 characters are shown.
    Raises KeyError for a code that the catalogue lacks.
    """
    rule = catalogue()[code]
    if rows.empty:
        return no_findings()

    def text(given: pd.Series | str) -> arrow.Array:
        if isinstance(given, pd.Series):
            return _shown(_as_text(given if given.index.equals(rows.index) else given.reindex(rows.index)))
        return arrow.repeat(arrow.scalar(given, _TEXT), len(rows))

    blank = text("")
    out = {name: text(rows[source]) if source in rows else blank for name, source in _ROW_PLACES.items()}
    if "VISIT" in rows:
        out["visit"] = pc.if_else(pc.equal(out["visit"], ""), text(rows["VISIT"]), out["visit"])
    out |= {
        "finding_id": blank, "code": text(code), "severity": text(rule.severity), "dataset": text(dataset),
        "variable": text(variable), "field": text(field), "value": text(value),
        "expected": text(rule.expected if isinstance(expected, str) and not expected else expected),
        "next_step": text(rule.next_step),
    }  # fmt: skip
    seq = rows.get(f"{dataset}SEQ")
    out[SRCSEQ] = text(seq.astype("Int64")) if seq is not None else blank
    out["message"] = _filled(rule.message, out | {name: text(fact) for name, fact in facts.items()})
    found: pd.DataFrame = arrow.table({name: out[name] for name in [*COLUMNS, SRCSEQ]}).to_pandas()
    return found


def _as_text(values: pd.Series) -> arrow.Array:
    told = values if isinstance(values.dtype, pd.StringDtype) else values.astype("str")
    text = arrow.array(told, _TEXT)
    return pc.fill_null(text.combine_chunks() if isinstance(text, arrow.ChunkedArray) else text, "")


def _shown(texts: arrow.Array) -> arrow.Array:
    """Texts cut to what people read, with the count of all that there is."""
    length = pc.utf8_length(texts)
    long = pc.greater(length, MOST_SHOWN)
    if not pc.any(long).as_py():
        return texts
    cut = pc.utf8_slice_codeunits(texts, 0, MOST_SHOWN)
    return pc.if_else(long, _joined([cut, "… (", length.cast(_TEXT), " characters)"]), texts)


def _filled(template: str, values: dict[str, arrow.Array]) -> arrow.Array:
    """The template with the values of each row in place of their names."""
    parts: list[arrow.Array | str] = [values["finding_id"]]  # blank, and as long as there are rows
    for literal, name, _, _ in string.Formatter().parse(template):
        parts.append(literal)
        if name:
            parts.append(values[name])
    return _joined(parts)


def _joined(parts: list[arrow.Array | str]) -> arrow.Array:
    given = [arrow.scalar(part, _TEXT) if isinstance(part, str) else part for part in parts]
    return pc.binary_join_element_wise(*given, arrow.scalar("", _TEXT))


def combine(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """All findings of several steps in one frame, in the order given."""
    some = [part for part in parts if len(part)]
    return pd.concat([no_findings(), *some], ignore_index=True) if some else no_findings()
