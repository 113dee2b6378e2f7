"""Medidata Rave clinical-view CSV: a folder of `V_<PROJECT>_<FORM>.csv`, each ending in a line `EOF`."""

from __future__ import annotations

import hashlib
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

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
from flows.receive.csv_text import LINE_COLUMN, CsvText, open_csv, read_columns
from specs import identity
from specs.errors import InputError, Problem, did_you_mean
from specs.findings import combine, report
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
    """Read every form of the specs into the sink; nothing is filtered.

    Findings: RAW-101 (a file of a form that the specs do not know), RAW-102 (a column that they do not know), RAW-104
    (a file that is no view of the project). Raises InputError with all problems of all files.
    """
    problems: list[Problem] = []
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
    hashes: dict[str, str] = {}
    present = {form: by_form[upper][0] for upper, form in named.items() if len(by_form.get(upper, [])) == 1}
    with ThreadPoolExecutor() as pool:  # parsing and hashing leave Python free for another file
        reading = pool.map(lambda form: _read_form(form, study.forms[form], files[present[form]]), present)
        read = dict(zip(present, reading, strict=True))
    for upper, form in named.items():
        names = by_form.get(upper, [])
        if len(names) > 1:
            problems.append(_twice(form, names))
        elif not names:
            sink.add(form, file_name(study, form), no_records(study.forms[form]))
            if not study.forms[form].optional:
                problems.append(
                    _missing(study, form, [*strangers, *(n for f in by_form if f not in named for n in by_form[f])])
                )
        else:
            frame, found, digest, faults = read[form]
            hashes[names[0]] = digest
            problems += faults
            findings += found
            if frame is not None:
                sink.add(form, names[0], frame)
    if problems:
        raise InputError(problems)
    return Received(combine(findings), hashes)


def _read_form(
    form: str, spec: FormSpec, path: Path
) -> tuple[pd.DataFrame | None, list[pd.DataFrame], str, list[Problem]]:
    """A form's frame (none where the file is broken), findings, SHA-256 and problems."""
    problems: list[Problem] = []
    try:
        raw = path.read_bytes()
    except OSError as error:
        problems.append(
            Problem(
                code="INPUT-007", place=path.name, fact=f"The file cannot be read: {error.strerror}.",
                next_step="ask for the right to read it.",
            )
        )  # fmt: skip
        return None, [], "", problems
    digest = hashlib.sha256(raw).hexdigest()
    file = open_csv(path.name, raw, list(_SOURCES.values()), END_MARK, problems)
    if file is None:
        return None, [], digest, problems
    sources, missing = _column_sources(spec, file.header)
    lacks = [
        _lacks(path.name, c, file.header) for c in [*(s for s in _SOURCES.values() if s not in file.header), *missing]
    ]
    problems += lacks
    if lacks:
        return None, [], digest, problems
    wanted = sorted({*_SOURCES.values(), *sources.values()} - {""})
    table = read_columns(file, wanted, "RecordId", END_MARK, problems)
    if table is None:
        return None, [], digest, problems
    faults = _record_faults(path.name, table)
    problems += faults
    frame = None if faults else _canonical(form, path.name, sources, table)
    return frame, [_unknown_columns(form, file, spec)], digest, problems


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
    frame = frame_of(columns)
    return frame.assign(**{ACTIVE: frame[ACTIVE].str.lower().map(_ACTIVE_WORDS).astype("str")})


def _record_faults(file: str, table: pa.Table) -> list[Problem]:
    """Records without an id, and words in RecordActive that say neither yes nor no."""
    problems = []
    for column in ("RecordId", "Subject"):
        blank = table.filter(pc.equal(pc.utf8_trim_whitespace(table.column(column)), ""))
        if blank.num_rows:
            line = blank.column(LINE_COLUMN)[0].as_py()
            problems.append(
                Problem(
                    code="INPUT-020", place=file,
                    fact=f"{blank.num_rows} record(s) have no {column}, first on line {line}.",
                    next_step="have the file exported again.",
                )
            )  # fmt: skip
    words = pc.unique(table.column("RecordActive")).to_pylist()
    strange = sorted(word for word in words if word.lower() not in _ACTIVE_WORDS)
    if strange:
        problems.append(
            Problem(
                code="INPUT-021", place=file,
                fact=f"RecordActive holds '{strange[0]}', which says neither active (1) nor inactive (0).",
                next_step="have the file exported again.",
            )
        )  # fmt: skip
    return problems


def _unknown_columns(form: str, file: CsvText, spec: FormSpec) -> pd.DataFrame:
    known = {*HEADER, *(name + suffix for name in spec.fields for suffix in _FIELD_SUFFIXES)}
    rows = about_file(form, file.name, [column for column in file.header if column not in known])
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
