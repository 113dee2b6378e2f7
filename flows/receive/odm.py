"""ODM-XML 1.3: one file, or several that follow each other, of OpenClinica, Medidata Rave or any other EDC.

A snapshot is read as a stream, one subject at a time; a series of transactional files keeps the state of all subjects
until the last transaction.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pandas as pd
import pyarrow as pa

from flows.receive.canonical import ACTIVE, PAGE, Received, Sink, about_file, field_columns, frame_of, no_records
from flows.receive.choices import code_and_text
from flows.receive.odm_attributes import part_of
from flows.receive.odm_elements import OdmElements
from flows.receive.odm_files import OdmFile, in_order, open_files
from flows.receive.odm_ledger import Ledger
from flows.receive.odm_metadata import OdmMetadata
from flows.receive.odm_oids import OidNames
from flows.receive.odm_records import Record, Subject, records_of
from flows.receive.subject_first import SubjectFirst
from flows.receive.xml_stream import UnfitXmlError, XmlStream
from specs import identity
from specs.errors import InputError, Problem, did_you_mean
from specs.findings import combine, report
from specs.loader import StudySpec
from specs.odm_layout import OdmPlace

_BATCH = 50_000  # records of a form that are handed over at once
_SHOWN = 5
_SNIFFED = 1 << 14
_INACTIVE_WORDS = ("0", "false", "no", "n")
_MIDNIGHT = r"T00:00(?::00(?:\.0+)?)?$"  # what an export puts behind the date of a field that has no time


def looks_like(files: dict[str, Path], study: StudySpec) -> bool:  # noqa: ARG001 - every format is asked so
    """Whether any file is XML that begins with an element ODM."""
    return any(_is_odm(path) for name, path in files.items() if name.lower().endswith(".xml"))


def _is_odm(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            head = file.read(_SNIFFED).replace(b"\0", b"")
    except OSError:
        return False
    return (
        re.search(rb"<(?:\w+:)?ODM[\s>]", head) is not None or re.search(rb"<!DOCTYPE\s+(?:\w+:)?ODM", head) is not None
    )


def read_odm(files: dict[str, Path], study: StudySpec, sink: Sink) -> Received:
    """Read every form of the specs into the sink; nothing is filtered.

    Findings: RAW-101 (a FormOID that the specs do not know), RAW-102 (an item), RAW-104 (a file that is no ODM),
    RAW-151 (a change of what was never inserted), RAW-152 (a code that means something else here), RAW-154 (several
    studies), RAW-155 (a form without records where nothing is defined). Raises InputError: a file that is no safe,
    whole XML, is not ODM 1.x, or lacks what places a record; files without an order, or of which one is missing;
    snapshots that hold the same; a form or item needed that the export's definitions do not have.
    """
    series, strangers, problems = open_files(files)
    if problems:
        raise InputError(problems)
    series = in_order(series)
    names, metadata = OidNames(study), OdmMetadata()
    ledger = Ledger(study, names, metadata)
    with SubjectFirst(sink, study.study.identity.subject_form) as forms:
        writer = _FormWriter(study, ledger, forms, series)
        hashes = _follow(series, ledger, writer)
        faults = [*_overlaps(ledger), *metadata.missing(study, names, ", ".join(file.path.name for file in series))]
        if faults:
            raise InputError(faults)
        found = writer.finish()
    findings = [report("RAW-104", rows := about_file("", name, [name]), value=rows["value"]) for name in strangers]
    findings += [*_unknown(ledger, study), *_other_meanings(ledger, study, series[-1]), *found]
    if len(ledger.studies) > 1 and not study.odm.study_oids:
        rows = about_file("", series[-1].path.name, [", ".join(ledger.studies)])
        findings.append(report("RAW-154", rows, value=rows["value"]))
    return Received(combine(findings), hashes)


def _follow(series: list[OdmFile], ledger: Ledger, writer: _FormWriter) -> dict[str, str]:
    """Read the files one after the other; their SHA-256 by name."""
    as_stream = all(file.snapshot for file in series)
    hashes: dict[str, str] = {}
    for file in series:
        stream = XmlStream(file.path)
        finished = writer.take if as_stream else None
        elements = OdmElements(stream, file.path.name, ledger, finished, snapshot=file.snapshot)
        try:
            hashes[file.path.name] = stream.read(elements.start, elements.end)
        except UnfitXmlError as error:
            raise InputError(error.problem) from error
        elements.finish()
    for subject in ledger.subjects.values():
        writer.take(subject)
    return hashes


class _FormWriter:
    """Gathers records by form, and hands them to the sink as frames."""

    def __init__(self, study: StudySpec, ledger: Ledger, sink: Sink, series: list[OdmFile]) -> None:
        self._study, self._ledger, self._sink, self._series = study, ledger, sink, series
        self._as_of = {file.path.name: file.as_of for file in series}
        self._records: dict[str, list[Record]] = {form: [] for form in study.forms}
        self._given: set[str] = set()
        self._findings: list[pd.DataFrame] = []

    def take(self, subject: Subject) -> None:
        """Take the records of a subject."""
        for record in records_of(subject):
            records = self._records[record.page.form]
            records.append(record)
            if len(records) >= _BATCH:
                self._hand_over(record.page.form)

    def finish(self) -> list[pd.DataFrame]:
        """Hand over what is left, an empty frame of each form that had no record, and give the findings."""
        for form in self._study.forms:
            if self._records[form]:
                self._hand_over(form)
            elif form not in self._given:
                last = self._series[-1].path.name
                self._sink.add(form, last, no_records(self._study.forms[form]))
                if not self._ledger.metadata.forms:
                    rows = about_file(form, last, [form])
                    self._findings.append(report("RAW-155", rows, value=rows["value"]))
        return self._findings

    def _hand_over(self, form: str) -> None:
        records, self._records[form] = self._records[form], []
        self._given.add(form)
        frame = self._frame(form, records)
        unfounded = frame[[record.line.unfounded for record in records]]
        self._findings.append(report("RAW-151", unfounded))
        self._sink.add(form, records[0].line.file, frame)

    def _frame(self, form: str, records: list[Record]) -> pd.DataFrame:
        layout = self._study.odm
        log = self._study.forms[form].log
        ids, pages, saves = (_placed(p, records) for p in (layout.record, layout.page, layout.saved))
        activity = _placed(layout.active, records)
        columns: dict[str, Iterable[str | int]] = {
            identity.FILE: [r.line.file for r in records],
            identity.LINE: [r.line.line for r in records],
            identity.FORM: [form] * len(records),
            identity.RECORD: [given or _made_up_id(r) for given, r in zip(ids, records, strict=True)],
            identity.SUBJECT: [r.subject.number for r in records],
            identity.SITE: [r.subject.site for r in records],
            identity.FOLDER: [r.page.folder for r in records],
            identity.INSTANCE: [r.page.instance for r in records],
            identity.VISIT_NAME: [r.page.visit for r in records],
            identity.POSITION: [r.position if log or r.page.lines else "0" for r in records],
            identity.PAGE_DATE: _placed(layout.page_date, records),
            identity.SAVED: [
                r.line.saved or given or r.page.saved or r.subject.saved or self._as_of[r.line.file]
                for given, r in zip(saves, records, strict=True)
            ],
            ACTIVE: [
                "1" if r.line.active and word.strip().lower() not in _INACTIVE_WORDS else "0"
                for word, r in zip(activity, records, strict=True)
            ],
            PAGE: [given or _made_up_page(r) for given, r in zip(pages, records, strict=True)],
        }
        spec = self._study.forms[form]
        values = [r.values for r in records]
        columns |= {name: [v.get(name, "") for v in values] for name in field_columns(spec)}
        frame = frame_of(
            {name: pa.array(column, pa.int64() if name == identity.LINE else pa.large_string())
             for name, column in columns.items()}
        )  # fmt: skip
        changed: dict[str, pd.Series] = {}
        for name, field in spec.fields.items():
            if field.kind == "coded":
                offered = {code: texts[0] for code, texts in _offered(self._ledger, form, name).items() if texts}
                decode = name + identity.DECODE_SUFFIX
                changed[name], changed[decode] = code_and_text(
                    frame[name], self._study.choices[field.choices or ""], offered
                )
            elif field.kind == "date":
                changed[name] = frame[name].str.replace(_MIDNIGHT, "", regex=True)
        return frame.assign(**changed)


def _placed(places: list[OdmPlace], records: list[Record]) -> list[str]:
    """For each record what the first place says that says anything."""
    found = [""] * len(records)
    for place in places:
        if place.element is not None:
            given = [r.line.attributes.get(place.at, "") for r in records]
        else:
            given = [part_of(r.values.get(place.name, ""), place.take) for r in records]
        found = [before or now for before, now in zip(found, given, strict=True)]
    return found


def _made_up_id(record: Record) -> str:
    """The keys of a record, where the export has no id for it."""
    page = record.page
    return f"{record.subject.number}/{page.folder}.{page.instance}/{page.form}.{page.repeat or 0}/{record.position}"


def _made_up_page(record: Record) -> str:
    """The keys of a page; pages that each hold one line count as one."""
    return f"{record.page.form}.{record.page.repeat or 0}" if record.page.lines else record.page.form


# --- findings and problems of the export as a whole ----------------------------------------------------------------


def _offered(ledger: Ledger, form: str, name: str) -> dict[str, list[str]]:
    """The codes of a field and their texts, as the export's own code lists have them."""
    offered: dict[str, list[str]] = {}
    for oid, field in ledger.items[form].items():
        if field == name:
            for code, texts in ledger.metadata.choices_of(oid).items():
                offered.setdefault(code, []).extend(texts)
    return offered


def _other_meanings(ledger: Ledger, study: StudySpec, last: OdmFile) -> Iterable[pd.DataFrame]:
    """RAW-152: a code of the specs that has another text in the export, in whatever language it has it."""
    for form, spec in study.forms.items():
        for name, field in spec.fields.items():
            if field.kind != "coded":
                continue
            offered = _offered(ledger, form, name)
            differ = [
                (code, text, " or ".join(f"'{t}'" for t in dict.fromkeys(offered[code])))
                for code, text in study.choices[field.choices or ""].items()
                if offered.get(code) and text not in offered[code]
            ]
            rows = about_file(form, last.path.name, [code for code, _, _ in differ])
            expected = pd.Series([text for _, text, _ in differ], index=rows.index, dtype="str")
            says = pd.Series([texts for _, _, texts in differ], index=rows.index, dtype="str")
            yield report("RAW-152", rows, field=name, value=rows["value"], expected=expected, says=says)


def _unknown(ledger: Ledger, study: StudySpec) -> Iterable[pd.DataFrame]:
    for oid, file in sorted(ledger.unknown_forms.items()):
        rows = about_file(oid, file, [oid])
        hint = did_you_mean(oid, study.forms)
        yield report("RAW-101", rows, value=rows["value"], hint=f" ({hint})" if hint else "")
    for (form, _), (name, file) in sorted(ledger.unknown_items.items()):
        rows = about_file(form, file, [name])
        hint = did_you_mean(name, study.forms[form].fields)
        yield report("RAW-102", rows, value=rows["value"], hint=f" ({hint})" if hint else "")


def _overlaps(ledger: Ledger) -> list[Problem]:
    if not ledger.overlaps:
        return []
    (subject, form), second = next(iter(ledger.overlaps.items()))
    first = ledger.snapshots[subject, form]
    return [
        Problem(
            code="INPUT-067", place=f"{first}, {second}",
            fact=f"Two snapshots hold the same: form {form} of subject {subject}"
            + (f", and {len(ledger.overlaps) - 1:,} more." if len(ledger.overlaps) > 1 else "."),
            hint="what the later one no longer has would come back from the earlier one.",
            next_step="leave only the latest snapshot in the folder.",
        )
    ]  # fmt: skip
