"""What the export says twice must agree, and what it numbers must have no gaps: findings on the records kept."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from flows.receive.canonical import (
    DAY_SUFFIX,
    MONTH_SUFFIX,
    PAGE,
    VALUE_SUFFIX,
    YEAR_SUFFIX,
    field_columns,
)
from sdtm.date_texts import read_date
from sdtm.distinct import combinations, texts_of
from sdtm.subjects import find_circles
from specs.codes import combined_with
from specs.findings import combine, no_findings, report
from specs.identity import DECODE_SUFFIX, FOLDER, INSTANCE, LINE, POSITION, RECORD, SUBJECT
from specs.loader import StudySpec
from specs.models import FormSpec

# a date's readings in the export, and the part of an ISO 8601 date that each is to be
_READINGS = {VALUE_SUFFIX: slice(0, 10), YEAR_SUFFIX: slice(0, 4), MONTH_SUFFIX: slice(5, 7), DAY_SUFFIX: slice(8, 10)}
Ints = np.ndarray[Any, np.dtype[np.int64]]
_COMPLETE = len("2025-03-01")
_typed_date = lru_cache(maxsize=100_000)(read_date)  # the same days stand in many fields


def cross_check(form: str, rows: pd.DataFrame, inactive: pd.DataFrame, study: StudySpec) -> pd.DataFrame:
    """All findings of one form: RAW-103, 105, 106, 107, and on the subject form 111 to 114."""
    spec = study.forms[form]
    found = [*_codes(rows, spec, study), *_dates(rows, spec), _equal_content(rows, spec)]
    if spec.log:
        found.append(_gaps(rows, inactive))
    if form == study.study.identity.subject_form:
        found += _subjects(rows, study)
    return combine(found)


def fill_codes(rows: pd.DataFrame, spec: FormSpec) -> pd.DataFrame:
    """Give a coded field without a code the text that stands in its place."""
    filled = {}
    for name, field in spec.fields.items():
        if field.kind == "coded":
            text = rows[name + DECODE_SUFFIX]
            lacks = (rows[name] == "") & (text != "")
            if lacks.any():
                filled[name] = rows[name].mask(lacks, text)
    return rows.assign(**filled)


def _distinct(rows: pd.DataFrame, columns: list[str]) -> tuple[Ints, list[tuple[str, ...]]]:
    """The different combinations of values, and for each row which of them it has."""
    which, first = combinations(rows, columns)
    return which, list(zip(*(texts_of(rows[column].array.take(first)) for column in columns), strict=True))


def _hit(rows: pd.DataFrame, which: Ints, said: list[str]) -> tuple[pd.DataFrame, pd.Series]:
    """The rows of whose combination something is said, and what."""
    texts = np.array(said, dtype=object)[which]
    hit = rows[texts != ""]
    return hit, pd.Series(texts[texts != ""], index=hit.index, dtype="str")


def _codes(rows: pd.DataFrame, spec: FormSpec, study: StudySpec) -> list[pd.DataFrame]:
    """RAW-103, each coded field: the code against the text beside it."""
    found = []
    for name, field in spec.fields.items():
        if field.kind != "coded":
            continue
        choices = study.choices[field.choices or ""]
        code_of = {text: code for code, text in choices.items()}
        columns = [name, name + DECODE_SUFFIX]
        which, pairs = _distinct(rows, columns)
        said = [_disagreement(code.strip(), text.strip(), choices, code_of) for code, text in pairs]
        if any(said):
            hit, expected = _hit(rows, which, said)
            shown = "code '" + hit[name] + "', text '" + hit[columns[1]] + "'"
            used = pd.Series("code", index=hit.index, dtype="str").mask(hit[name] == "", "text")
            found.append(report("RAW-103", hit, field=name, value=shown, expected=expected, used=used))
    return found


def _disagreement(code: str, text: str, choices: dict[str, str], code_of: dict[str, str]) -> str:
    """What a code and the text beside it should have been; blank where they agree.

    The first that applies decides:
    1. both blank -> agree
    2. text blank -> disagree
    3. code blank -> disagree
    4. known code -> agree, if the text is the code's
    5. unknown code, text of another code -> disagree
    6. unknown code, unknown text -> agree: the codelist of SDTM judges
    """
    if not code and not text:
        return ""
    if not text:
        return f"text '{choices[code]}'" if code in choices else "the code's text"
    if not code:
        return f"code '{code_of[text]}'" if text in code_of else "one of the choices, with its code"
    if code in choices:
        return "" if choices[code] == text else f"text '{choices[code]}' beside code '{code}'"
    return f"code '{code_of[text]}' beside '{text}'" if text in code_of else ""


def _dates(rows: pd.DataFrame, spec: FormSpec) -> list[pd.DataFrame]:
    """RAW-105, each date field: a complete date as typed against the export's own reading of it, whole and in parts."""
    found = []
    for name, field in spec.fields.items():
        given = [suffix for suffix in _READINGS if name + suffix in rows]
        if field.order is None or not given:
            continue
        which, readings = _distinct(rows, [name, *(name + suffix for suffix in given)])
        days = [_typed_date(read[0], field.order) or "" for read in readings]
        said = [_unlike(day, dict(zip(given, read[1:], strict=True))) for day, read in zip(days, readings, strict=True)]
        if any(wrong is not None for wrong in said):
            hit, iso = _hit(rows, which, ["" if wrong is None else day for day, wrong in zip(days, said, strict=True)])
            says = pd.Series([said[place] for place in which[hit.index]], index=hit.index, dtype="str")
            found.append(report("RAW-105", hit, field=name, value=says, expected=iso, typed=hit[name]))
    return found


def _unlike(day: str, readings: dict[str, str]) -> str | None:
    """The first reading that is not the complete date as typed; none where all agree, or the date is not complete."""
    if len(day) != _COMPLETE:
        return None
    return next((r.strip() for suffix, r in readings.items() if not _agrees(suffix, r.strip(), day)), None)


def _agrees(suffix: str, reading: str, typed: str) -> bool:
    """Whether the export's reading of a date, or of a part of it, is the date as typed; a blank one says nothing."""
    if suffix == VALUE_SUFFIX:
        return reading in ("", typed) or reading.startswith(f"{typed}T")
    return reading in ("", typed[_READINGS[suffix]], typed[_READINGS[suffix]].lstrip("0"))


def _equal_content(rows: pd.DataFrame, spec: FormSpec) -> pd.DataFrame:
    """RAW-106 on each record whose subject, visit and fields all equal those of an earlier record of the form."""
    fields = field_columns(spec)
    places, which = _twins(rows, [SUBJECT, FOLDER, INSTANCE, *fields])
    if not len(places):
        return no_findings()
    twins = rows.iloc[places]
    filled = (twins[fields] != "").any(axis=1).to_numpy()
    twins, which = twins[filled], which[filled]
    first = twins.groupby(which, sort=False)[RECORD].transform("first")
    later = pd.Series(which).duplicated().to_numpy()
    return report("RAW-106", twins[later], value=first[later], record=twins.loc[later, RECORD])


def _twins(rows: pd.DataFrame, columns: list[str]) -> tuple[Ints, Ints]:
    """The places of the rows that equal another one in all columns, and a number that tells which of them are alike.

    Column by column what is alone so far is passed over: mostly nothing is left after a few.
    """
    places, which = np.arange(len(rows)), np.zeros(len(rows), dtype="int64")
    for column in columns:
        values = rows[column]
        which = combined_with(which, values if len(places) == len(rows) else values.iloc[places])
        alike = np.bincount(which)[which] > 1
        if not alike.any():
            return places[:0], which[:0]
        places, which = places[alike], which[alike]
    return places, which


def _gaps(rows: pd.DataFrame, inactive: pd.DataFrame) -> pd.DataFrame:
    """RAW-107 on each log line whose number does not follow that of the line before it, or 0, on its page."""
    page = [SUBJECT, FOLDER, INSTANCE, PAGE]
    number = _numbers(rows[POSITION])
    same_page = np.logical_and.reduce([rows[c] == rows[c].shift() for c in page])
    in_order = (number == 1) | (same_page & (number == number.shift() + 1))
    if in_order.all():
        return report("RAW-107", rows.iloc[:0])
    doubtful = rows.loc[~in_order, page].drop_duplicates()
    lines = pd.concat([rows.assign(kept=1).reset_index(names="row"), inactive.assign(kept=0, row=-1)])
    lines = lines.merge(doubtful, on=page).assign(number=lambda x: _numbers(x[POSITION]))
    lines = lines[lines["number"] >= 1].sort_values([*page, "number", "kept"], kind="stable", ignore_index=True)
    lines["hidden"] = (1 - lines["kept"]).groupby([lines[c] for c in page]).cumsum()
    lines = lines[lines["kept"] == 1]
    before = lines.groupby(page)[["number", "hidden"]].shift().fillna(0)
    gap = lines["number"] > before["number"] + 1
    lines, before = lines[gap], before[gap]
    missing = (before["number"] + 1).astype("int64").astype("str")
    last = (lines["number"] - 1).astype("int64").astype("str")
    span = ("line " + missing + " is").where(missing == last, "lines " + missing + " to " + last + " are")
    reason = pd.Series("nothing in the export says why", index=lines.index, dtype="str").mask(
        lines["hidden"] - before["hidden"] == lines["number"] - before["number"] - 1, "made inactive in the EDC"
    )
    hit = rows.loc[lines["row"]]
    return report(
        "RAW-107", hit, value=hit[POSITION], expected=missing.set_axis(hit.index),
        span=span.set_axis(hit.index), reason=reason.set_axis(hit.index),
    )  # fmt: skip


def _numbers(texts: pd.Series) -> pd.Series:
    """Texts as numbers, each different one read once; NaN where it is none."""
    codes, distinct = pd.factorize(texts)
    return pd.Series(pd.to_numeric(pd.Series(distinct), errors="coerce").to_numpy("float64")[codes], index=texts.index)


def _subjects(rows: pd.DataFrame, study: StudySpec) -> list[pd.DataFrame]:
    """RAW-111 to 114, subject form: screened again, number out of pattern, former number unknown, in a circle."""
    who = study.study.identity
    odd = rows[~rows[SUBJECT].str.fullmatch(who.subject_pattern)]
    found = [report("RAW-112", odd, value=odd[SUBJECT], expected=who.subject_pattern)]
    if who.previous_subject:
        former = rows[who.previous_subject].str.strip()
        again = rows[former != ""]
        found.append(
            report("RAW-111", again, field=who.previous_subject, value=former.loc[again.index], number=again[SUBJECT])
        )
        lost = again[~former.loc[again.index].isin(set(rows[SUBJECT]))]
        found.append(report("RAW-113", lost, field=who.previous_subject, value=former.loc[lost.index]))
        circle = rows[find_circles(rows, study)]
        found.append(
            report(
                "RAW-114", circle, field=who.previous_subject, value=former.loc[circle.index], number=circle[SUBJECT]
            )
        )
    return found


def record_ids_twice(rows: pd.DataFrame) -> list[tuple[str, str]]:
    """Record ids that stand twice with different content, and the lines they stand on."""
    again = rows[RECORD].duplicated()
    if not again.any():
        return []
    doubled = rows[rows[RECORD].isin(set(rows.loc[again, RECORD]))]
    content = [c for c in rows.columns if c != LINE]
    kinds = doubled.drop_duplicates(content)
    clashing = sorted(set(kinds.loc[kinds[RECORD].duplicated(), RECORD]))
    lines = doubled.groupby(RECORD)[LINE].agg(lambda x: ", ".join(map(str, sorted(x))))
    return [(record, lines[record]) for record in clashing]
