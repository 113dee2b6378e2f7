"""Writes forms as a Medidata Rave clinical-view export: one CSV a form, `V_<PROJECT>_<FORM>.csv`, ended by `EOF`.

Header columns as the Biostats Gateway has them. A field gives several columns: a coded one FIELD (the text the site
saw) and FIELD_STD (its code); a date FIELD (date and time, blank where partial), FIELD_RAW (as typed), FIELD_INT
(interpolated), FIELD_YYYY, FIELD_MM, FIELD_DD; a number FIELD and FIELD_RAW, and FIELD_UN where it has units.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from flows.simulate.date_columns import first_day, parts, whole_day
from flows.simulate.days import NEVER
from flows.simulate.records import DAY_SECONDS, Forms
from flows.simulate.schedule import Folder
from specs.identity import UNIT_SUFFIX
from specs.loader import StudySpec
from specs.models import FieldSpec

HEADER = (
    "userid", "projectid", "project", "studyid", "environmentName", "subjectId", "StudySiteId", "Subject", "siteid",
    "Site", "SiteNumber", "SiteGroup", "instanceId", "InstanceName", "InstanceRepeatNumber", "folderid", "Folder",
    "FolderName", "FolderSeq", "TargetDays", "DataPageId", "DataPageName", "PageRepeatNumber", "RecordDate", "RecordId",
    "recordposition", "RecordActive", "SaveTs", "MinCreated", "MaxUpdated",
)  # fmt: skip
END = "EOF"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_PROJECT_ID, _STUDY_ID, _USER_ID = "4127", "6093", "11824"
_FIRST_SUBJECT_ID, _FIRST_SITE_ID, _FIRST_FOLDER_ID, _FIRST_PAGE_ID = 210_000, 5_100, 33_000, 1_000_000_000
_NEEDS_QUOTES = re.compile(r'[",\r\n]')
_ROWS_AT_ONCE = 100_000
_INSTANCES_PER_SUBJECT = 30_000  # folders (some 300) times repeats (up to 99)


@dataclass
class Extras:
    """What an export holds beyond its forms: cells that the EDC shows otherwise, and things unknown to the spec."""

    cells: list[tuple[str, int, str, str]] = field(default_factory=list)  # form, record, column, text
    columns: dict[str, dict[str, str]] = field(default_factory=dict)  # form -> column -> text in every row
    forms: dict[str, pd.DataFrame] = field(default_factory=dict)  # form -> text columns after the header; see `write`
    marked: set[str] = field(default_factory=set)  # forms whose file begins with a byte order mark


def file_name(study: StudySpec, form: str) -> str:
    """`V_<PROJECT>_<FORM>.csv`."""
    return f"V_{study.study.project}_{form}.csv"


def write(
    folder: Path, study: StudySpec, forms: Forms, people: pd.DataFrame, sites: pd.DataFrame,
    known: Mapping[str, Folder], extras: Extras,
) -> None:  # fmt: skip
    """Write every form of the study, and the unknown ones of `extras`, which borrow the header of the subject form."""
    page = _FIRST_PAGE_ID
    for name, rows in forms.items():
        header, page = _header(rows, study.forms[name].label, study, people, sites, known, page)
        body = _fields(rows, study, name)
        body |= {column: _constant(text, len(rows)) for column, text in extras.columns.get(name, {}).items()}
        columns = _with_cells(header | body, rows, [cell for cell in extras.cells if cell[0] == name])
        _write(folder / file_name(study, name), columns, BYTE_ORDER_MARK if name in extras.marked else b"")
    for name, unknown in extras.forms.items():
        rows = forms[study.study.identity.subject_form].head(len(unknown))
        header, page = _header(rows, name.title(), study, people, sites, known, page)
        own = {str(column): _taken(unknown[column].tolist(), np.arange(len(unknown))) for column in unknown}
        _write(folder / file_name(study, name), header | own)


def _write(path: Path, columns: dict[str, pa.Array], mark: bytes = b"") -> None:
    size = len(next(iter(columns.values())))
    with path.open("wb") as file:
        file.write(mark + (",".join(columns) + "\n").encode())
        for start in range(0, size, _ROWS_AT_ONCE):
            part = [column.slice(start, _ROWS_AT_ONCE) for column in columns.values()]
            file.write(_lines(part))
        file.write(f"{END}\n".encode())


def _lines(columns: list[pa.Array]) -> memoryview:
    """The rows as one piece of text, each ended by a line feed. Cells have been quoted where they need it."""
    rows = pc.binary_join_element_wise(pc.binary_join_element_wise(*columns, ","), "", "\n")
    _, offsets, text = rows.buffers()
    ends = np.frombuffer(offsets, dtype="int32")
    return memoryview(text)[ends[rows.offset] : ends[rows.offset + len(rows)]]


def _quoted(text: str) -> str:
    """A cell of a CSV file: in quotes only where it has a comma, a quote or a line end."""
    return '"' + text.replace('"', '""') + '"' if _NEEDS_QUOTES.search(text) else text


def _constant(text: str, size: int) -> pa.Array:
    return pa.repeat(pa.scalar(_quoted(text), pa.string()), size)


def _numbers(values: np.ndarray) -> pa.Array:
    return pa.array(values.astype("int64")).cast(pa.string())


def _taken(texts: list[str], where: np.ndarray) -> pa.Array:
    return pa.array([_quoted(text) for text in texts], pa.string()).take(pa.array(where.astype("int64")))


def _moments(seconds: np.ndarray) -> pa.Array:
    """`2025-03-01T09:24:52`, blank before 1971."""
    shown = pa.array(seconds.astype("datetime64[s]"), mask=seconds <= 0).cast(pa.string())
    return pc.fill_null(pc.utf8_replace_slice(shown, 10, 11, "T"), "")


def iso_moment(seconds: int) -> str:
    """One moment as the export shows it."""
    return str(np.datetime64(seconds, "s"))


def _header(
    rows: pd.DataFrame, label: str, study: StudySpec, people: pd.DataFrame, sites: pd.DataFrame,
    known: Mapping[str, Folder], page: int,
) -> tuple[dict[str, pa.Array], int]:  # fmt: skip
    """The identity columns of a form, and the next free page number."""
    size = len(rows)
    subj, instance = rows["subj"].to_numpy(), rows["instance"].to_numpy()
    names = list(known)
    which = rows["folder"].map({name: n for n, name in enumerate(names)}).to_numpy(dtype="int64")
    site = people["site"].to_numpy()[subj]
    new_page = np.r_[True, (np.diff(subj) != 0) | (np.diff(which) != 0) | (np.diff(instance) != 0)][:size]
    pages = page + np.cumsum(new_page)
    day = rows["page_day"].to_numpy()
    dated = np.where((day > 0) & (day < NEVER), day, 0)
    saved = rows["saved"].to_numpy()
    titles = pd.Series([known[name].name for name in names]).to_numpy(dtype=object)[which]
    repeats = instance > 0
    titles[repeats] = titles[repeats] + " (" + instance[repeats].astype(str).astype(object) + ")"
    columns = {
        "userid": _constant(_USER_ID, size), "projectid": _constant(_PROJECT_ID, size),
        "project": _constant(study.study.project, size), "studyid": _constant(_STUDY_ID, size),
        "environmentName": _constant("Prod", size), "subjectId": _numbers(_FIRST_SUBJECT_ID + subj),
        "StudySiteId": _numbers(2 * _FIRST_SITE_ID + site), "Subject": _taken(people["number"].tolist(), subj),
        "siteid": _numbers(_FIRST_SITE_ID + site), "Site": _taken(sites["name"].tolist(), site - 1),
        "SiteNumber": _taken([f"{n:02d}" for n in sites.index], site - 1), "SiteGroup": _constant("World", size),
        "instanceId": _numbers((subj + 1) * _INSTANCES_PER_SUBJECT + which * 100 + instance),
        "InstanceName": pa.array(titles, pa.string()), "InstanceRepeatNumber": _numbers(instance),
        "folderid": _numbers(_FIRST_FOLDER_ID + which), "Folder": _taken(names, which),
        "FolderName": _taken([known[name].name for name in names], which),
        "FolderSeq": _taken([f"{known[name].seq:.1f}" for name in names], which),
        "TargetDays": _taken([_blank_or(known[name].target_day) for name in names], which),
        "DataPageId": _numbers(pages), "DataPageName": _constant(label, size), "PageRepeatNumber": _constant("0", size),
        "RecordDate": _moments(dated * DAY_SECONDS),
        "RecordId": _numbers(rows["record"].to_numpy()),
        "recordposition": _numbers(rows["position"].to_numpy()), "RecordActive": _numbers(rows["active"].to_numpy()),
        "SaveTs": _moments(saved), "MinCreated": _moments(saved - saved % 7 * 1800 - 60), "MaxUpdated": _moments(saved),
    }  # fmt: skip
    return columns, page + int(new_page.sum())


def _blank_or(number: int | None) -> str:
    return "" if number is None else str(number)


def _fields(rows: pd.DataFrame, study: StudySpec, form: str) -> dict[str, pa.Array]:
    columns: dict[str, pa.Array] = {}
    for name, spec in study.forms[form].fields.items():
        codes, distinct = pd.factorize(rows[name], sort=False)
        texts = [str(text) for text in distinct]
        for suffix, translate in _columns(spec, study):
            columns[name + suffix] = _taken([translate(text) for text in texts], codes)
        if spec.units:
            codes, units = pd.factorize(rows[name + UNIT_SUFFIX], sort=False)
            columns[name + UNIT_SUFFIX] = _taken([str(unit) for unit in units], codes)
    return columns


def _columns(spec: FieldSpec, study: StudySpec) -> list[tuple[str, Callable[[str], str]]]:
    """The suffixes of a field's columns, and what each shows of the text as typed."""
    if spec.kind == "coded":
        choices = study.choices[spec.choices or ""]
        return [("", lambda code: choices.get(code, code)), ("_STD", lambda code: code if code in choices else "")]
    if spec.kind == "number":
        return [("", _number), ("_RAW", str)]
    if spec.kind == "date":
        order = spec.order or "DMY"

        def part(n: int) -> Callable[[str], str]:
            return lambda text: parts(text, order)[n]

        return [
            ("", lambda text: whole_day(parts(text, order))), ("_RAW", str),
            ("_INT", lambda text: first_day(parts(text, order))), ("_YYYY", part(0)), ("_MM", part(1)),
            ("_DD", part(2)),
        ]  # fmt: skip
    return [("", str)]


def _number(text: str) -> str:
    try:
        return str(float(text)) if text else ""
    except ValueError:
        return ""


def _with_cells(
    columns: dict[str, pa.Array], rows: pd.DataFrame, cells: list[tuple[str, int, str, str]]
) -> dict[str, pa.Array]:
    for _, record, column, text in cells:
        here = pa.array((rows["record"] == record).to_numpy())
        columns[column] = pc.if_else(here, _quoted(text), columns[column])
    return columns
