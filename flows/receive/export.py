"""From a folder of raw files to checked raw form frames: read, sift, cross-check."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from flows.receive.canonical import ACTIVE, Received, ReceivedForm, Sink, field_columns
from flows.receive.crosscheck import cross_check, fill_codes, record_ids_twice
from flows.receive.detect import choose_reader, list_folder
from flows.receive.gathering import Gathering
from flows.receive.sift import sift
from sdtm.subjects import identify_persons
from specs.counted import how_many
from specs.errors import GateError, InputError, Problem
from specs.findings import combine
from specs.identity import IDENTITY, SUBJECT
from specs.loader import StudySpec

_SHOWN = 5


@dataclass(frozen=True)
class RawExport:
    """A raw export, read and sifted.

    `forms`: form -> frame of text (identity columns, then exactly the fields of forms.yaml; blank = ""). `findings`:
    what the raw records show by themselves. `accounting`: form, file, rule, rows, with READ = KEPT + the other rules.
    `snapshot`: the latest save in the export, ISO text. `files`: name -> SHA-256 of every file read.
    """

    forms: dict[str, pd.DataFrame]
    findings: pd.DataFrame
    accounting: pd.DataFrame
    snapshot: str
    files: dict[str, str]


def read_export(folder: Path, study: StudySpec, format: str = "auto") -> RawExport:  # noqa: A002  # the option's name
    """Read a raw export. `format` names a reader, `auto` lets the files decide.

    Raises InputError with all that is structurally broken (see `rave.read_rave`), or without a subject left after
    sifting; GateError for a record id that stands twice with different content, or a subject with two subject records.
    Values that are merely dirty become findings (specs/findings/raw.yaml).
    """
    gathered = Gathering()
    received = read_forms(folder, study, format, gathered)
    export_faults(gathered, study)
    forms = gathered.forms(study.forms)
    seen = look_over(forms, study, forms[study.study.identity.subject_form].frame)
    findings = combine([received.findings, seen.findings])
    return replace(seen, findings=findings, snapshot=gathered.snapshot, files=received.files)


def read_forms(folder: Path, study: StudySpec, format: str, sink: Sink) -> Received:  # noqa: A002
    """Have the reader of the format read every form into the sink. Raises InputError or UsageError."""
    files = list_folder(folder)
    return choose_reader(files, folder, study, format)(files, study, sink)


def export_faults(gathered: Gathering, study: StudySpec) -> None:
    """Raise what is wrong with an export as a whole: record ids or subjects twice, or no subject at all."""
    clashes = [
        problem
        for form in study.forms
        for problem in _clashes(form, ReceivedForm(gathered.files[form], gathered.with_record_ids_twice(form)))
    ]
    if clashes:
        raise GateError(clashes)
    _require_subjects(gathered.form(study.study.identity.subject_form), study)


def look_over(forms: dict[str, ReceivedForm], study: StudySpec, subjects: pd.DataFrame) -> RawExport:
    """Sift the forms of an export, or of some of its subjects, and cross-check them; no snapshot and no files.

    `subjects`: the subject form's frame of the whole study.
    """
    sifted = sift(forms, study, subjects)

    def look_at(form: str) -> tuple[pd.DataFrame, pd.DataFrame]:
        spec, rows = study.forms[form], sifted.kept[form]
        found = cross_check(form, rows, sifted.inactive[form], study)
        return found, fill_codes(rows, spec)[[*IDENTITY, *field_columns(spec)]]

    looked_at = {form: look_at(form) for form in study.forms}
    findings = combine([sifted.findings, *(found for found, _ in looked_at.values())])
    found = _with_persons(findings, subjects, study)
    return RawExport({form: frame for form, (_, frame) in looked_at.items()}, found, sifted.accounting, "", {})


def _with_persons(findings: pd.DataFrame, subjects: pd.DataFrame, study: StudySpec) -> pd.DataFrame:
    """Fills usubjid: the person that a known subject number belongs to."""
    form = study.study.identity.subject_form
    persons = identify_persons({form: subjects[subjects[ACTIVE] == "1"]}, study)["USUBJID"]
    return findings.assign(usubjid=findings["subject"].map(persons).fillna("").astype("str"))


def _clashes(form: str, got: ReceivedForm) -> list[Problem]:
    clashing = record_ids_twice(got.frame)
    shown = "; ".join(f"record {record} on lines {lines}" for record, lines in clashing[:_SHOWN])
    more = f"; and {len(clashing) - _SHOWN} more" if len(clashing) > _SHOWN else ""
    return [
        Problem(
            code="GATE-101", place=f"{got.file}, form {form}",
            fact=f"A record id stands twice with different content: {shown}{more}.",
            next_step="have the file exported again; if it stays so, ask the EDC's support which content is right.",
        )
    ] if clashing else []  # fmt: skip


def _require_subjects(received: ReceivedForm, study: StudySpec) -> None:
    form = study.study.identity.subject_form
    subjects = sift({form: received}, study, received.frame).kept[form]
    if subjects.empty:
        read = how_many(len(received.frame), "record")
        raise InputError(
            Problem(
                code="INPUT-022", place=received.file,
                fact=f"The export has no subject: form {form} has {read}, none of an active, real subject.",
                next_step="check that the export was made for the right study, site and environment.",
            )
        )  # fmt: skip
    doubled = subjects[subjects[SUBJECT].duplicated(keep=False)]
    if not doubled.empty:
        numbers = sorted(set(doubled[SUBJECT]))
        raise GateError(
            Problem(
                code="GATE-102", place=f"{received.file}, form {form}",
                fact=f"Subject(s) stand twice in the subject form: {', '.join(numbers[:_SHOWN])}"
                + (f" and {len(numbers) - _SHOWN} more." if len(numbers) > _SHOWN else "."),
                next_step="have the second record made inactive in the EDC, or the file exported again.",
            )
        )  # fmt: skip
