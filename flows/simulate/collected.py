"""Forms as a tabular export shows them: who, where and when beside each record, and what the EDC makes of its fields.

Columns as a reader gives them (`flows.receive.canonical`), all text: F as typed, a coded F with its code and F_DEC, the
text; a number's F_UN; a date's F#VALUE, the moment at which a complete date begins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from flows.receive.canonical import ACTIVE, PAGE, VALUE_SUFFIX
from flows.simulate.date_columns import parts, whole_day
from flows.simulate.days import NEVER
from flows.simulate.rave import Extras
from flows.simulate.records import DAY_SECONDS, Forms
from flows.simulate.schedule import Folder
from specs import identity
from specs.identity import DECODE_SUFFIX, UNIT_SUFFIX
from specs.loader import StudySpec
from specs.models import FieldSpec

TEXT = pa.string()
_FIRST_PAGE_ID = 1_000_000_000
_RAVE_SUBJECT = "Subject"  # faults are planted in the words of Rave's columns


@dataclass(frozen=True)
class CollectedForm:
    """A form's records: columns of the raw form frame, then columns that no spec knows."""

    form: str
    columns: dict[str, pa.Array]
    unknown: dict[str, pa.Array]


def collect_forms(
    study: StudySpec, forms: Forms, people: pd.DataFrame, known: Mapping[str, Folder], extras: Extras
) -> Iterator[CollectedForm]:
    """Every form of the study, then the unknown ones of `extras`, which borrow who and where of the subject form."""
    page = _FIRST_PAGE_ID
    for name, rows in forms.items():
        who, page = _identity(rows, people, known, page)
        columns = who | _fields(rows, study, name)
        for form, record, column, text in extras.cells:
            place = _place(study, name, column)
            if form == name and place in columns:
                here = pa.array((rows["record"] == record).to_numpy())
                columns[place] = pc.if_else(here, pa.scalar(text, TEXT), columns[place])
        unknown = {
            column: pa.repeat(pa.scalar(text, TEXT), len(rows)) for column, text in extras.columns.get(name, {}).items()
        }
        yield CollectedForm(name, columns, unknown)
    for name, records in extras.forms.items():
        rows = forms[study.study.identity.subject_form].head(len(records))
        who, page = _identity(rows, people, known, page)
        own = {str(column): pa.array(records[column].tolist(), TEXT) for column in records}
        yield CollectedForm(name, who, own)


def _place(study: StudySpec, form: str, rave_column: str) -> str:
    """The column of the raw form frame that shows what a column of Rave shows; blank where there is none."""
    if rave_column == _RAVE_SUBJECT:
        return identity.SUBJECT
    field = study.forms[form].fields.get(rave_column)
    if field is None:
        return ""
    return rave_column + {"coded": DECODE_SUFFIX, "date": VALUE_SUFFIX}.get(field.kind, "")


def _identity(
    rows: pd.DataFrame, people: pd.DataFrame, known: Mapping[str, Folder], page: int
) -> tuple[dict[str, pa.Array], int]:
    subj, instance = rows["subj"].to_numpy(), rows["instance"].to_numpy()
    names = list(known)
    which = rows["folder"].map({name: n for n, name in enumerate(names)}).to_numpy(dtype="int64")
    new_page = np.r_[True, (np.diff(subj) != 0) | (np.diff(which) != 0) | (np.diff(instance) != 0)][: len(rows)]
    day = rows["page_day"].to_numpy()
    titles = pd.Series([known[name].name for name in names]).to_numpy(dtype=object)[which]
    again = instance > 0
    titles[again] = titles[again] + " (" + instance[again].astype(str).astype(object) + ")"
    columns = {
        identity.RECORD: _numbers(rows["record"].to_numpy()),
        identity.SUBJECT: pa.array(people["number"].to_numpy()[subj].tolist(), TEXT),
        identity.SITE: pa.array([f"{n:02d}" for n in people["site"].to_numpy()[subj].tolist()], TEXT),
        identity.FOLDER: pa.array([names[n] for n in which.tolist()], TEXT),
        identity.INSTANCE: _numbers(instance),
        identity.VISIT_NAME: pa.array(titles, TEXT),
        identity.POSITION: _numbers(rows["position"].to_numpy()),
        PAGE: _numbers(page + np.cumsum(new_page)),
        identity.PAGE_DATE: _moments(np.where((day > 0) & (day < NEVER), day, 0) * DAY_SECONDS),
        identity.SAVED: _moments(rows["saved"].to_numpy()),
        ACTIVE: _numbers(rows["active"].to_numpy()),
    }
    return columns, page + int(new_page.sum())


def _numbers(values: np.ndarray) -> pa.Array:
    return pa.array(values.astype("int64")).cast(TEXT)


def _moments(seconds: np.ndarray) -> pa.Array:
    """`2025-03-01T09:24:52`, blank before 1971."""
    shown = pa.array(seconds.astype("datetime64[s]"), mask=seconds <= 0).cast(TEXT)
    return pc.fill_null(pc.utf8_replace_slice(shown, 10, 11, "T"), "")


def _fields(rows: pd.DataFrame, study: StudySpec, form: str) -> dict[str, pa.Array]:
    columns: dict[str, pa.Array] = {}
    for name, spec in study.forms[form].fields.items():
        codes, distinct = pd.factorize(rows[name], sort=False)
        texts = [str(text) for text in distinct]
        for suffix, show in _shown(spec, study):
            columns[name + suffix] = pa.array([show(text) for text in texts], TEXT).take(pa.array(codes))
        if spec.units:
            columns[name + UNIT_SUFFIX] = pa.array(rows[name + UNIT_SUFFIX].tolist(), TEXT)
    return columns


def _shown(spec: FieldSpec, study: StudySpec) -> list[tuple[str, Callable[[str], str]]]:
    if spec.kind == "coded":
        choices = study.choices[spec.choices or ""]
        return [
            ("", lambda code: code if code in choices else ""),
            (DECODE_SUFFIX, lambda code: choices.get(code, code)),
        ]
    if spec.kind == "date":
        order = spec.order or "DMY"
        return [("", str), (VALUE_SUFFIX, lambda text: whole_day(parts(text, order)))]
    return [("", str)]
