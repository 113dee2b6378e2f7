"""Medidata Rave clinical-view CSV: a folder of `V_<PROJECT>_<FORM>.csv`, each ending in a line `EOF`."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Lock

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from flows.receive.canonical import (
    ACTIVE,
    DAY_SUFFIX,
    MONTH_SUFFIX,
    PAGE,
    VALUE_SUFFIX,
    YEAR_SUFFIX,
    Received,
    Sink,
    about_file,
    frame_of,
    no_records,
)
from flows.receive.csv_text import LINE_COLUMN, CsvText, open_csv
from specs import identity
from specs.counted import how_many
from specs.errors import InputError, Problem, did_you_mean
from specs.findings import combine, no_findings, report
from specs.loader import StudySpec
from specs.models import FieldSpec, FormSpec

END_MARK = "EOF"
HEADER = (
    "userid", "projectid", "project", "studyid", "environmentName", "subjectId", "StudySiteId", "Subject", "siteid",
    "Site", "SiteNumber", "SiteGroup", "instanceId", "InstanceName", "InstanceRepeatNumber", "folderid", "Folder",
    "FolderName", "FolderSeq", "TargetDays", "DataPageId", "DataPageName", "PageRepeatNumber", "RecordDate", "RecordId",
    "recordposition", "RecordActive", "SaveTs", "MinCreated", "MaxUpdated",
)  # fmt: skip
_SOURCES = {  # identity column -> header column
    identity.RECORD: "RecordId",
    identity.SUBJECT: "Subject",
    identity.SITE: "SiteNumber",
    identity.FOLDER: "Folder",
    identity.INSTANCE: "InstanceRepeatNumber",
    identity.VISIT_NAME: "InstanceName",
    identity.POSITION: "recordposition",
    identity.PAGE_DATE: "RecordDate",
    identity.SAVED: "SaveTs",
    ACTIVE: "RecordActive",
    PAGE: "DataPageId",
}
_ACTIVE_WORDS = {"1": "1", "true": "1", "0": "0", "false": "0"}
_FIELD_SUFFIXES = (
    "", "_RAW", "_STD", "_UN", "_STD_UN", "_INT", "_YYYY", "_YY", "_MM", "_DD", "_HH", "_NN", "_SS", "_USR", "_LNG",
)  # fmt: skip


def file_name(study: StudySpec, form: str) -> str:
    """The name of a form's file."""
    return f"V_{study.study.project}_{form}.csv"


def looks_like(files: dict[str, Path], study: StudySpec) -> bool:
    """Whether any file is named as a view of the study's project."""
    return any(_form_of(name, study) for name in files)


def _form_of(name: str, study: StudySpec) -> str:
    """The form that a file's name speaks of, in capitals; blank where it is no view of the project."""
    match = re.fullmatch(rf"V_{re.escape(study.study.project)}_(\w+)\.csv", name, flags=re.IGNORECASE | re.ASCII)
    return match[1].upper() if match else ""


def read_rave(files: dict[str, Path], study: StudySpec, sink: Sink) -> Received:
    """Read every form of the specs into the sink, a large file in pieces; nothing is filtered.

    Findings: RAW-101 (a file of a form that the specs do not know), RAW-102 (a column that they do not know), RAW-104
    (a file that is no view of the project). Raises InputError with all problems of all files.
    """
    by_form: dict[str, list[str]] = {}
    strangers: list[str] = []
    for name in files:
        form = _form_of(name, study)
        by_form.setdefault(form, []).append(name) if form else strangers.append(name)
    named = {form.upper(): form for form in study.forms}
    findings = [report("RAW-104", rows := about_file("", name, [name]), value=rows["value"]) for name in strangers]
    for form in sorted(set(by_form) - set(named)):
        rows = about_file(form, by_form[form][0], [form])
        hint = did_you_mean(form, study.forms)
        findings.append(report("RAW-101", rows, value=rows["value"], hint=f" ({hint})" if hint else ""))
    others = [*strangers, *(name for form in by_form if form not in named for name in by_form[form])]
    broken, one_at_a_time = Event(), Lock()

    def give(form: str, file: str, frame: pd.DataFrame) -> None:
        with one_at_a_time:
            if not broken.is_set():  # otherwise nothing of the export will be used
                sink.add(form, file, frame)

    def refused(problems: list[Problem]) -> _Read:
        broken.set()
        return _Read([], {}, problems)

    def read(form: str) -> _Read:
        names, spec = by_form.get(form.upper(), []), study.forms[form]
        if len(names) > 1:
            return refused([_twice(form, names)])
        if not names and not spec.optional:
            return refused([_missing(study, form, others)])
        if not names:
            give(form, file_name(study, form), no_records(spec))
            return _Read([], {}, [])
        try:
            return _read_form(form, spec, files[names[0]], give)
        except InputError as error:
            return refused(error.problems)

    subject_form = study.study.identity.subject_form
    rest = [form for form in study.forms if form != subject_form]
    rest.sort(key=lambda form: -_size(files, by_form.get(form.upper(), [])))  # a large file started last ends alone
    done = {subject_form: read(subject_form)}
    with ThreadPoolExecutor() as pool:  # parsing and hashing leave Python free for another file
        done |= dict(zip(rest, pool.map(read, rest), strict=True))
    in_order = [done[form] for form in study.forms]
    problems = [problem for got in in_order for problem in got.problems]
    if problems:
        raise InputError(problems)
    findings += [found for got in in_order for found in got.findings]
    return Received(combine(findings), {name: sha256 for got in in_order for name, sha256 in got.hashes.items()})


@dataclass(frozen=True)
class _Read:
    """What reading a form's file showed, beside its records."""

    findings: list[pd.DataFrame]
    hashes: dict[str, str]
    problems: list[Problem]


def _size(files: dict[str, Path], names: list[str]) -> int:
    try:
        return sum(files[name].stat().st_size for name in names)
    except OSError:  # reading it will say why
        return 0


def _read_form(form: str, spec: FormSpec, path: Path, give: Callable[[str, str, pd.DataFrame], None]) -> _Read:
    """Give a form's records on; InputError where the file is broken."""
    with open_csv(path, list(_SOURCES.values()), END_MARK) as file:
        sources, missing = _column_sources(spec, file.header)
        missing = [*(source for source in _SOURCES.values() if source not in file.header), *missing]
        if missing:
            file.refuse([_lacks(path.name, column, file.header) for column in missing])
        wanted = sorted({*_SOURCES.values(), *sources.values()} - {""})
        faults = _RecordFaults(path.name)
        for table in file.tables(wanted, "RecordId"):
            faults.look(table)
            if not faults.any:
                give(form, path.name, _canonical(form, path.name, sources, table))
        if faults.any:
            raise InputError(faults.problems())
        return _Read([_unknown_columns(form, file, spec)], {path.name: file.sha256}, [])


def _column_sources(spec: FormSpec, header: list[str]) -> tuple[dict[str, str], list[str]]:
    """Where each column of the raw form frame comes from ("" = blank), and which columns are missing.

    By kind of field F, the first that the file has:
      1. text    F
      2. coded   code F_STD, text F
      3. date    F_RAW; beside it F, F_YYYY or F_YY, F_MM, F_DD where there
      4. time    F_RAW, else F
      5. number  F_RAW; unit F_UN
    """
    sources: dict[str, str] = {}
    missing: list[str] = []
    for name, field in spec.fields.items():
        for column, choices in _choices(name, field).items():
            found = next((c for c in choices if c in header), "")
            if not found and VALUE_SUFFIX[0] in column:
                continue
            if not found and not field.optional:
                missing.append(choices[0])
            sources[column] = found
    return sources, missing


def _choices(name: str, field: FieldSpec) -> dict[str, list[str]]:
    """For each column of the raw form frame that a field has, the columns of the file it may come from."""
    if field.kind == "coded":
        return {name: [f"{name}_STD"], name + identity.DECODE_SUFFIX: [name]}
    if field.kind == "date":
        return {
            name: [f"{name}_RAW"],
            name + VALUE_SUFFIX: [name],
            name + YEAR_SUFFIX: [f"{name}_YYYY", f"{name}_YY"],
            name + MONTH_SUFFIX: [f"{name}_MM"],
            name + DAY_SUFFIX: [f"{name}_DD"],
        }
    if field.kind == "time":
        return {name: [f"{name}_RAW", name]}
    if field.kind == "number":
        unit = {name + identity.UNIT_SUFFIX: [f"{name}_UN"]} if field.units else {}
        return {name: [f"{name}_RAW"], **unit}
    return {name: [name]}


def _canonical(form: str, file: str, sources: dict[str, str], table: pa.Table) -> pd.DataFrame:
    def all_rows(value: str) -> pa.Array:
        return pa.repeat(pa.scalar(value, pa.large_string()), table.num_rows)

    columns = {identity.FILE: all_rows(file), identity.LINE: table.column(LINE_COLUMN), identity.FORM: all_rows(form)}
    columns |= {name: table.column(source) for name, source in _SOURCES.items()}
    columns |= {name: table.column(source) if source else all_rows("") for name, source in sources.items()}
    columns[ACTIVE] = _plainly_active(table.column(_SOURCES[ACTIVE]))
    return frame_of(columns)


def _plainly_active(words: pa.ChunkedArray) -> pa.Array:
    """The words of RecordActive as 1 and 0."""
    known = words.combine_chunks().dictionary_encode()
    plain = [_ACTIVE_WORDS[word.lower()] for word in known.dictionary.to_pylist()]
    return pa.array(plain, pa.large_string()).take(known.indices)


class _RecordFaults:
    """Records without an id, and words in RecordActive that say neither yes nor no."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._blank = {"RecordId": 0, "Subject": 0}
        self._first: dict[str, int] = {}
        self._strange: list[str] = []  # the first of them in the alphabet

    @property
    def any(self) -> bool:
        return bool(self._first or self._strange)

    def look(self, table: pa.Table) -> None:
        """Look at the next records."""
        for column in self._blank:
            blank = table.filter(pc.equal(pc.utf8_trim_whitespace(table.column(column)), ""))
            if blank.num_rows:
                self._blank[column] += blank.num_rows
                self._first.setdefault(column, blank.column(LINE_COLUMN)[0].as_py())
        words = pc.unique(table.column("RecordActive")).to_pylist()
        strange = [word for word in words if word.lower() not in _ACTIVE_WORDS]
        self._strange = sorted([*self._strange, *strange])[:1]

    def problems(self) -> list[Problem]:
        """One problem for each kind of fault."""
        again = "have the file exported again."
        problems = [
            Problem(
                code="INPUT-020", place=self._file, next_step=again,
                fact=f"{how_many(self._blank[column], 'record')} without a {column}, the first on line {line}.",
            ) for column, line in sorted(self._first.items())
        ]  # fmt: skip
        problems += [
            Problem(
                code="INPUT-021", place=self._file, next_step=again,
                fact=f"RecordActive holds '{word}', which says neither active (1) nor inactive (0).",
            ) for word in self._strange
        ]  # fmt: skip
        return problems


def _unknown_columns(form: str, file: CsvText, spec: FormSpec) -> pd.DataFrame:
    known = {*HEADER, *(name + suffix for name in spec.fields for suffix in _FIELD_SUFFIXES)}
    unknown = [column for column in file.header if column not in known]
    if not unknown:
        return no_findings()
    rows = about_file(form, file.name, unknown)
    hints = {column: did_you_mean(column, spec.fields) for column in rows["value"]}
    hint = pd.Series([f" ({hints[c]})" if hints[c] else "" for c in rows["value"]], index=rows.index, dtype="str")
    return report("RAW-102", rows, value=rows["value"], hint=hint)


def _twice(form: str, names: list[str]) -> Problem:
    return Problem(
        code="INPUT-008", place=", ".join(names),
        fact=f"Form {form} is there twice, under names that differ only in case.",
        next_step="leave only the right file in the folder.",
    )  # fmt: skip


def _missing(study: StudySpec, form: str, others: list[str]) -> Problem:
    wanted = file_name(study, form)
    return Problem(
        code="INPUT-009", place=wanted, fact=f"The file of form {form} ({study.forms[form].label}) is missing.",
        hint=did_you_mean(wanted, others),
        next_step=f"have it exported, or say `optional: true` for {form} in forms.yaml.",
    )  # fmt: skip


def _lacks(file: str, column: str, header: list[str]) -> Problem:
    return Problem(
        code="INPUT-010", place=file, fact=f"Column {column} is missing.", hint=did_you_mean(column, header),
        next_step="have it exported"
        + ("." if column in HEADER else ", or say `optional: true` for its field in forms.yaml."),
    )  # fmt: skip
