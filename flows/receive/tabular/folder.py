"""Reads a folder of table files into raw form frames, by the layout of the study that its file names fit."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd

from flows.receive.canonical import Received, Sink, about_file, no_records
from flows.receive.tabular.collect import collect, record_faults
from flows.receive.tabular.csv_files import open_csv_file
from flows.receive.tabular.parquet_files import open_parquet_file
from flows.receive.tabular.plan import FormPlan, plan_form
from flows.receive.tabular.sas_files import open_sas7bdat_file, open_xpt_file
from flows.receive.tabular.source import LABEL_SUFFIX, Opener, UnfitFileError, Wanted
from specs.errors import InputError, Problem, UsageError, did_you_mean
from specs.findings import combine, report
from specs.layouts import Container, LayoutSpec
from specs.loader import StudySpec

Looks = Callable[[dict[str, Path], StudySpec], bool]
Reader = Callable[[dict[str, Path], StudySpec, Sink], Received]

_OPENERS: dict[Container, Opener] = {
    "csv": open_csv_file,
    "xpt": open_xpt_file,
    "sas7bdat": open_sas7bdat_file,
    "parquet": open_parquet_file,
}


def layout_formats() -> dict[str, tuple[Looks, Reader]]:
    """The formats that layouts describe, by the kind of file: whether file names look like one, and its reader."""

    def of(container: Container) -> tuple[Looks, Reader]:
        def looks_like(files: dict[str, Path], study: StudySpec) -> bool:
            return any(_fitting(files, study, layout) for layout in _layouts(study, container).values())

        def read(files: dict[str, Path], study: StudySpec, sink: Sink) -> Received:
            return read_tables(files, study, choose_layout(files, study, container), sink)

        return looks_like, read

    return {container: of(container) for container in _OPENERS}


def choose_layout(files: dict[str, Path], study: StudySpec, container: Container) -> LayoutSpec:
    """The layout of a kind of file that the most of the file names fit; of equal ones the first by name.

    Raises UsageError where the study declares none.
    """
    layouts = _layouts(study, container)
    if not layouts:
        raise UsageError(
            Problem(
                code="USAGE-011", place=f"--format {container}",
                fact=f"Study {study.studyid} declares no layout of {container} files.",
                hint="its layouts: " + (", ".join(study.layouts) or "none"),
                next_step=f"add layouts/<name>.yaml with `container: {container}` to the study's specs.",
            )
        )  # fmt: skip
    return max(layouts.values(), key=lambda layout: len(_fitting(files, study, layout)))


def file_name(study: StudySpec, layout: LayoutSpec, form: str) -> str:
    """The name of a form's file, as the layout has it."""
    pattern = layout.form(form).file or layout.files
    return pattern.format(
        form=form, form_lower=form.lower(), project=study.study.project, study=study.studyid, field="", field_lower=""
    )


def read_tables(files: dict[str, Path], study: StudySpec, layout: LayoutSpec, sink: Sink) -> Received:
    """Read every form of the specs into the sink, piece by piece; nothing is filtered.

    Findings: RAW-101 (a file of a form that the specs do not know), RAW-102 (a column that the layout does not
    declare), RAW-104 (a file that fits no file name of the layout). Raises InputError with all problems of all files.
    """
    problems: list[Problem] = []
    findings: list[pd.DataFrame] = []
    hashes: dict[str, str] = {}
    by_form, unknown, strangers = _assign(files, study, layout)
    for name in strangers:
        findings.append(report("RAW-104", rows := about_file("", name, [name]), value=rows["value"]))
    for form, name in sorted(unknown.items()):
        hint = did_you_mean(form, study.forms)
        rows = about_file(form, name, [form])
        findings.append(report("RAW-101", rows, value=rows["value"], hint=f" ({hint})" if hint else ""))
    for form in study.forms:
        names = by_form.get(form, [])
        if len(names) == 1:
            try:
                findings += _read_form(form, files, names[0], study, layout, sink)
                hashes[names[0]] = _digest(files[names[0]])
            except UnfitFileError as error:
                problems += error.problems
            except OSError as error:
                problems.append(_no_right(names[0], error))
        elif names:
            problems.append(_twice(form, names))
        else:
            sink.add(form, file_name(study, layout, form), no_records(study.forms[form]))
            if not study.forms[form].optional:
                problems.append(_missing(study, layout, form, [*strangers, *unknown.values()]))
    if problems:
        raise InputError(problems)
    return Received(combine(findings), hashes)


# --- which file holds which form ------------------------------------------------------------------------------


def _layouts(study: StudySpec, container: Container) -> dict[str, LayoutSpec]:
    return {name: layout for name, layout in study.layouts.items() if layout.container == container}


def _fitting(files: dict[str, Path], study: StudySpec, layout: LayoutSpec) -> list[str]:
    by_form, _, _ = _assign(files, study, layout)
    return list(by_form)


def _assign(
    files: dict[str, Path], study: StudySpec, layout: LayoutSpec
) -> tuple[dict[str, list[str]], dict[str, str], list[str]]:
    """The files of each form; files of forms that the specs do not know; files that fit no name of the layout."""
    own = {form: _regex(file_name(study, layout, form)) for form in study.forms}
    any_form = _regex(file_name(study, layout, "\0"))
    by_form: dict[str, list[str]] = {}
    unknown: dict[str, str] = {}
    strangers = []
    catalogue = (layout.catalogue or "").lower()
    for name in files:
        forms = [form for form, pattern in own.items() if pattern.fullmatch(name)]
        stranger = any_form.fullmatch(name)
        if forms:
            # `lab_*` and `lab_chem` may both fit: the name with the fewest free letters is meant
            best = max(forms, key=lambda form: len(file_name(study, layout, form).replace("*", "")))
            by_form.setdefault(best, []).append(name)
        elif stranger:
            unknown.setdefault(stranger["form"].upper(), name)
        elif name.lower() != catalogue:
            strangers.append(name)
    return by_form, unknown, strangers


def _regex(name: str) -> re.Pattern[str]:
    """A file name with `*` for any text, and a zero byte for the name of a form that is not known."""
    parts = re.split(r"([*\0])", name)
    seen = False
    pattern = ""
    for part in parts:
        if part == "\0":
            pattern += r"(?P=form)" if seen else r"(?P<form>\w+)"
            seen = True
        else:
            pattern += ".*" if part == "*" else re.escape(part)
    return re.compile(pattern, flags=re.IGNORECASE)


# --- one form -------------------------------------------------------------------------------------------------


def _read_form(
    form: str, files: dict[str, Path], name: str, study: StudySpec, layout: LayoutSpec, sink: Sink
) -> list[pd.DataFrame]:
    """Put a form's records into the sink; gives the findings. Raises UnfitFileError, OSError."""
    plan = plan_form(study, layout, form)
    table = _OPENERS[layout.container](files[name], Wanted(layout, plan.required, files))
    lacking = plan.lacking(table.columns)
    if lacking:
        raise UnfitFileError([_lacks(name, column, table.columns, layout) for column in lacking])
    origins = plan.at_hand(table.columns)
    wanted = list(dict.fromkeys(column for origin in origins.values() for column in origin.columns))
    rows = 0
    faults: list[Problem] = []
    for piece in table.pieces(wanted):
        frame = collect(form, name, origins, layout.missing, piece)
        if not len(frame):
            continue
        rows += len(frame)
        faults = record_faults(name, frame)
        if faults:
            break
        sink.add(form, name, frame)
    if faults:
        raise UnfitFileError(faults)
    if not rows:
        if form not in layout.may_be_empty and not study.forms[form].optional:
            raise UnfitFileError(_no_rows(name, form))
        sink.add(form, name, no_records(study.forms[form]))
    return [_unknown_columns(form, name, table.columns, plan, study)]


def _unknown_columns(form: str, file: str, header: list[str], plan: FormPlan, study: StudySpec) -> pd.DataFrame:
    strange = [column for column in header if column not in plan.known and not column.endswith(LABEL_SUFFIX)]
    rows = about_file(form, file, strange)
    hints = {column: did_you_mean(column, study.forms[form].fields) for column in strange}
    hint = pd.Series([f" ({hints[c]})" if hints[c] else "" for c in strange], index=rows.index, dtype="str")
    return report("RAW-102", rows, value=rows["value"], hint=hint)


def _digest(path: Path) -> str:
    total = hashlib.sha256()
    for part in _parts(path):
        total.update(part)
    return total.hexdigest()


def _parts(path: Path, size: int = 1 << 22) -> Iterator[bytes]:
    with path.open("rb") as file:
        while part := file.read(size):
            yield part


# --- what is said of a broken export --------------------------------------------------------------------------


def _no_right(name: str, error: OSError) -> Problem:
    return Problem(
        code="INPUT-007", place=name, fact=f"The file cannot be read: {error.strerror or error}.",
        next_step="ask for the right to read it.",
    )  # fmt: skip


def _twice(form: str, names: list[str]) -> Problem:
    return Problem(
        code="INPUT-008", place=", ".join(sorted(names)),
        fact=f"Form {form} is there {len(names)} times: each of these names is one of its file's.",
        next_step="leave only the right file in the folder.",
    )  # fmt: skip


def _missing(study: StudySpec, layout: LayoutSpec, form: str, others: list[str]) -> Problem:
    wanted = file_name(study, layout, form)
    return Problem(
        code="INPUT-009", place=wanted, fact=f"The file of form {form} ({study.forms[form].label}) is missing.",
        hint=did_you_mean(wanted, others),
        next_step=f"have it exported, mend its name in the layout, or say `optional: true` for {form} in forms.yaml.",
    )  # fmt: skip


def _lacks(file: str, column: str, header: list[str], layout: LayoutSpec) -> Problem:
    if column.endswith(LABEL_SUFFIX):
        column = column.removesuffix(LABEL_SUFFIX)
        fact = f"The catalogue {layout.catalogue} has no value labels for column {column}."
        return Problem("INPUT-010", file, fact, "have the catalogue exported again, or declare `decode` for the field.")
    return Problem(
        code="INPUT-010", place=file, fact=f"Column {column} is missing.", hint=did_you_mean(column, header),
        next_step="have it exported, mend the layout, or say `optional: true` for its field in forms.yaml.",
    )  # fmt: skip


def _no_rows(file: str, form: str) -> Problem:
    return Problem(
        code="INPUT-044", place=file, fact=f"The file of form {form} has no record.",
        hint=f"where a study may have none of them, list {form} in `may_be_empty` of the layout.",
        next_step="check that the export was made for the right study, site and environment.",
    )  # fmt: skip
