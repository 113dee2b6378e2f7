"""The mapping algorithms: how one variable gets its value from the raw records of a source."""

from __future__ import annotations

import string
from dataclasses import dataclass, field

import pandas as pd

from sdtm.distinct import distinct_texts, take_distinct
from sdtm.iso8601 import read_dates
from sdtm.numbers import read_numbers
from specs.findings import report
from specs.identity import DECODE_SUFFIX, IDENTITY, UNIT_SUFFIX
from specs.mapping import Mapping
from specs.models import FieldSpec


@dataclass(frozen=True)
class Mapped:
    """A mapped variable: its values, the texts that could not be read (missing elsewhere; None: none), findings."""

    values: pd.Series
    as_collected: pd.Series | None = None
    findings: list[pd.DataFrame] = field(default_factory=list)


@dataclass(frozen=True)
class Target:
    """What a mapping is for: the variable, its type, and the fields that can be read."""

    dataset: str
    variable: str
    number: bool
    fields: dict[str, FieldSpec]


def map_variable(frame: pd.DataFrame, mapping: Mapping, target: Target) -> Mapped:
    """The value of a mapping on each raw record.

    The mapping's algorithm gives the value, of texts through `map`; then `default` and `or` apply in this order. Char
    values are `str` with blanks taken off at both ends and missing NaN, Num values float64.
    """
    mapped = _by_algorithm(frame, mapping, target)
    values = mapped.values
    if mapping.default is not None:
        values = values.fillna(float(mapping.default) if target.number else mapping.default)
    if mapping.or_ is None:
        return Mapped(values, mapped.as_collected, mapped.findings)
    second = map_variable(frame, mapping.or_, target)
    return Mapped(values.fillna(second.values), mapped.as_collected, [*mapped.findings, *second.findings])


def _by_algorithm(frame: pd.DataFrame, mapping: Mapping, target: Target) -> Mapped:
    if mapping.constant is not None:
        kind = "float64" if target.number else "str"
        constant = float(mapping.constant) if target.number else str(mapping.constant)
        return Mapped(pd.Series(constant, index=frame.index, dtype=kind))
    if mapping.template is not None:
        text = _fill(frame, mapping.template)
        return Mapped(read_numbers(text)["number"] if target.number else text)
    name = mapping.from_ or ""
    if mapping.as_ == "iso8601":
        return _date(frame, mapping, target)
    if mapping.as_ == "number" or target.number:
        return _number(frame, name, target)
    suffix = {"decode": DECODE_SUFFIX, "unit": UNIT_SUFFIX}.get(mapping.as_, "")
    return Mapped(_text(frame, name + suffix, mapping.map))


def _text(frame: pd.DataFrame, name: str, table: dict[str, str] | None = None) -> pd.Series:
    """The field as collected, blanks at both ends taken off, missing where nothing is left; then through `table`."""
    if name not in frame:
        return pd.Series(index=frame.index, dtype="str")
    codes, distinct = distinct_texts(frame[name])
    known = table or {}
    plain = [known.get(stripped, stripped) or None for stripped in map(str.strip, distinct)]
    return take_distinct(pd.Series(plain, dtype="str"), codes, frame.index)


def _fill(frame: pd.DataFrame, template: str) -> pd.Series:
    text = pd.Series("", index=frame.index, dtype="str")
    for literal, name, _, _ in string.Formatter().parse(template):
        text = text + literal
        if name:
            text = text + _text(frame, name)  # a missing part makes the whole missing
    return text


def collected_at(frame: pd.DataFrame, field: str) -> pd.DataFrame:
    """The records with the identity of the raw record that the field belongs to: for FORM.FIELD, the joined one."""
    form, _, _ = field.rpartition(".")
    if not form:
        return frame
    own = {name: frame[f"{form}.{name}"] for name in IDENTITY if f"{form}.{name}" in frame}
    return frame.assign(**own)


def plain_name(field: str) -> str:
    """The name of a field without the form that it was joined from."""
    return field.rpartition(".")[2]


def _number(frame: pd.DataFrame, name: str, target: Target) -> Mapped:
    collected = _text(frame, name)
    read = read_numbers(collected)
    found = [
        *_found("SDTM-207", frame, read["bad"], name, target, collected),
        *_found("SDTM-210", frame, read["normalised"], name, target, collected),
    ]
    if target.number:
        return Mapped(read["number"], collected.where(read["bad"]) if read["bad"].any() else None, found)
    return Mapped(collected, None, found)


def _date(frame: pd.DataFrame, mapping: Mapping, target: Target) -> Mapped:
    name, clock = mapping.from_ or "", mapping.time
    collected = _text(frame, name)
    known = target.fields.get(name)
    times = _text(frame, clock) if clock else None
    read = read_dates(collected, (known.order if known else None) or "YMD", times)
    found = [
        *_found("SDTM-201", frame, read["bad_date"], name, target, collected),
        *_found("SDTM-202", frame, read["partial"], name, target, collected, iso=read["dtc"]),
        *_found("SDTM-210", frame, read["normalised"], name, target, collected),
    ]
    if read["midnight"].any():
        beside = read["midnight"] & times.notna() if times is not None else read["midnight"] & False
        found += _found("SDTM-212", frame, read["midnight"] & ~beside, name, target, collected, iso=read["dtc"])
        if times is not None and clock:
            found += _found("SDTM-212", frame, beside, clock, target, times, iso=read["dtc"])
    bad = read["bad_date"] | read["bad_time"]
    if not bad.any():
        return Mapped(read["dtc"], None, found)
    typed = collected
    if times is not None and clock:
        typed = collected.where(times.isna(), collected + " " + times)
        found += _found("SDTM-201", frame, read["bad_time"], clock, target, times)
    return Mapped(read["dtc"], typed.where(bad), found)


def _found(
    code: str, frame: pd.DataFrame, at: pd.Series, name: str, target: Target, value: pd.Series, **facts: pd.Series
) -> list[pd.DataFrame]:
    """Findings on the records where `at` holds; none where it nowhere does."""
    if not at.any():
        return []
    rows = collected_at(frame[at], name)
    return [
        report(
            code, rows, dataset=target.dataset, variable=target.variable, field=plain_name(name), value=value,
            expected="", **facts,
        )
    ]  # fmt: skip
