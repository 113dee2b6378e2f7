"""Which columns of a REDCap export hold which fields: by the study's layout, checkboxes and all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import pandas as pd

from flows.receive.redcap_files import COMPLETE, EVENT, INSTANCE, INSTRUMENT
from specs.errors import Problem, did_you_mean
from specs.identity import UNIT_SUFFIX
from specs.loader import StudySpec
from specs.models import FormSpec

CHECKBOX = "___"
_OURS = {EVENT, INSTRUMENT, INSTANCE, "redcap_data_access_group", "redcap_survey_identifier"}
_CHECKED, _UNCHECKED = ("1", "checked"), ("0", "unchecked")


@dataclass
class FormColumns:
    """The columns of one form."""

    instrument: str
    columns: dict[str, str] = field(default_factory=dict)  # field or unit -> column
    boxes: dict[str, dict[str, str]] = field(default_factory=dict)  # field -> code -> checkbox column
    flags: dict[str, str] = field(default_factory=dict)  # field -> the one checkbox that stands for it
    record: str = ""
    saved: str = ""
    page_date: str = ""
    complete: str = ""

    def all(self) -> list[str]:
        """Every column that belongs to the form."""
        boxes = [column for columns in self.boxes.values() for column in columns.values()]
        own = [self.record, self.saved, self.page_date, self.complete]
        return [*self.columns.values(), *boxes, *self.flags.values(), *(column for column in own if column)]


@dataclass
class Columns:
    """The columns of a file: of each form the study has, and those that it does not know."""

    forms: dict[str, FormColumns]
    unknown: list[tuple[str, str]]  # form, and a name of no field of it
    strange_instruments: list[str]
    problems: list[Problem]


def find_columns(file: str, header: list[str], study: StudySpec) -> Columns:
    """Find the columns of every form. A column belongs to the instrument whose `_complete` comes next."""
    layout = study.redcap
    at = {column.lower(): column for column in header}
    instruments = {form.lower(): form for form in study.forms} | layout.instruments
    forms: dict[str, FormColumns] = {}
    problems: list[Problem] = []
    for form, spec in study.forms.items():
        instrument = next((name for name, named in layout.instruments.items() if named == form), form.lower())
        found, missing = _form_columns(form, instrument, spec, study, at)
        if not found.columns and not found.boxes and not found.flags:
            if not spec.optional:
                problems.append(_no_form(file, form, spec, instrument, header))
            continue
        forms[form] = found
        problems += [_no_column(file, form, name, column, header) for name, column in missing]
    known = {column for found in forms.values() for column in found.all()} | {at.get(layout.site.lower(), "")}
    known |= {at[name] for name in (*_OURS, layout.record_id.lower()) if name in at}
    unknown: list[tuple[str, str]] = []
    strange: list[str] = []
    for instrument, columns in _blocks(header):
        form = instruments.get(instrument.lower(), "")
        if instrument and not form:
            strange.append(instrument)
        else:
            unknown += [(form, _bare(column, form)) for column in columns if column not in known]
    return Columns(forms, unknown, strange, problems)


def _form_columns(
    form: str, instrument: str, spec: FormSpec, study: StudySpec, at: dict[str, str]
) -> tuple[FormColumns, list[tuple[str, str]]]:
    """The columns of a form, and the fields needed that have none, each with the column it was looked for under."""
    layout = study.redcap

    def named(pattern: str, field: str = "") -> str:
        return at.get(pattern.format(form=instrument, field=field.lower()).lower(), "")

    found = FormColumns(instrument, complete=at.get(f"{instrument.lower()}{COMPLETE}", ""))
    found.record, found.saved = named(layout.record), named(layout.saved)
    found.page_date = named(layout.page_date)
    missing = []
    for name, one in spec.fields.items():
        declared = layout.fields.get(f"{form}.{name}")
        candidates = [declared] if declared else [p.format(form=instrument, field=name.lower()) for p in layout.columns]
        column = next((at[c.lower()] for c in candidates if c.lower() in at), "")
        boxes = next(
            (b for c in candidates if (b := _boxes(c.lower(), study.choices.get(one.choices or "", {}), at))), {}
        )
        if column and CHECKBOX in column:
            found.flags[name] = column
        elif column:
            found.columns[name] = column
            unit = at.get((column + layout.unit_suffix).lower(), "")
            if one.units and unit:
                found.columns[name + UNIT_SUFFIX] = unit
        elif boxes:
            found.boxes[name] = boxes
        elif not one.optional:
            missing.append((name, candidates[0]))
    return found, missing


def _boxes(name: str, choices: dict[str, str], at: dict[str, str]) -> dict[str, str]:
    """The checkboxes of a field by code; a column has the code in small letters, with _ for what is no letter."""
    codes = {re.sub(r"\W", "_", code.lower()): code for code in choices}
    start = name + CHECKBOX
    return {
        codes.get(lower.removeprefix(start), lower.removeprefix(start)): column
        for lower, column in at.items() if lower.startswith(start)
    }  # fmt: skip


def _blocks(header: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Each instrument with its columns, and at the end what belongs to none."""
    columns: list[str] = []
    for column in header:
        if column.lower().endswith(COMPLETE):
            yield column[: -len(COMPLETE)], columns
            columns = []
        else:
            columns.append(column)
    yield "", columns


def _bare(column: str, form: str) -> str:
    """A column's name as a field of the form would be called."""
    start = form.lower() + "_"
    return (column[len(start) :] if form and column.lower().startswith(start) else column).upper()


def joined_boxes(boxes: dict[str, pd.Series]) -> pd.Series:
    """The codes whose boxes are checked, with commas between them; blank where none is."""
    joined = pd.Series(dtype="str")
    for code, box in boxes.items():
        checked = box.str.strip().str.lower().isin(_CHECKED)
        mine = pd.Series("", index=box.index, dtype="str").mask(checked, code)
        comma = pd.Series("", index=box.index, dtype="str")
        joined = mine if joined.empty else joined + comma.mask((joined != "") & checked, ",") + mine
    return joined


def flagged(box: pd.Series, checked: str, unchecked: str) -> pd.Series:
    """What a checkbox says that stands for a field by itself; anything but a tick or none stays as it is."""
    word = box.str.strip().str.lower()
    return box.mask(word.isin(_CHECKED), checked).mask(word.isin(_UNCHECKED), unchecked)


def is_filled(column: pd.Series, name: str) -> pd.Series:
    """Whether a cell says anything: a box that is not checked does not."""
    filled = column != ""
    return filled & ~column.str.strip().str.lower().isin(_UNCHECKED) if CHECKBOX in name else filled


def _no_form(file: str, form: str, spec: FormSpec, instrument: str, header: list[str]) -> Problem:
    instruments = [name for name, _ in _blocks(header) if name]
    return Problem(
        code="INPUT-076", place=file, fact=f"The file has no column of form {form} ({spec.label}).",
        hint=did_you_mean(instrument, instruments),
        next_step=f"have instrument {instrument} exported, say `optional: true` for {form} in forms.yaml, or name its "
        "instrument and columns in the study's redcap.yaml.",
    )  # fmt: skip


def _no_column(file: str, form: str, name: str, column: str, header: list[str]) -> Problem:
    return Problem(
        code="INPUT-010", place=f"{file}, form {form}", fact=f"Column {column} (field {name}) is missing.",
        hint=did_you_mean(column, header),
        next_step="have it exported, say `optional: true` for its field in forms.yaml, or name its column in the "
        "study's redcap.yaml.",
    )  # fmt: skip
