"""REDCap CSV: one wide file of all instruments, a row for each event and for each line of a repeating instrument.

Beside it, where they are there, the data dictionary and the list of events. The file is read in pieces.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from flows.receive.canonical import ACTIVE, PAGE, Received, Sink, about_file, field_columns, no_records
from flows.receive.choices import code_and_text
from flows.receive.redcap_columns import Columns, FormColumns, find_columns, flagged, is_filled, joined_boxes
from flows.receive.redcap_events import Events
from flows.receive.redcap_faults import identity_missing, unclear, unknown
from flows.receive.redcap_files import (
    EVENT,
    INSTANCE,
    INSTRUMENT,
    DataFile,
    open_data,
    read_dictionary,
    read_events,
    sort_files,
)
from flows.receive.redcap_rows import LINE_COLUMN, pieces
from flows.receive.subject_first import SubjectFirst
from specs import identity
from specs.errors import InputError, Problem
from specs.findings import combine, report
from specs.loader import StudySpec

_LABELS = ("Incomplete", "Unverified", "Complete")
_DONE = ("1", "2", "Unverified", "Complete")


def looks_like(files: dict[str, Path], study: StudySpec) -> bool:
    """Whether any CSV file has the subject's field and REDCap's own columns."""
    found = sort_files(files, study)
    return bool(found.data or found.with_labels)


def read_redcap(files: dict[str, Path], study: StudySpec, sink: Sink) -> Received:
    """Read every form of the specs into the sink; nothing is filtered.

    A form's record: a row of its own where its instrument repeats, else each row on which any of its cells is filled or
    its `_complete` says more than incomplete. Findings: RAW-101 (an instrument that the specs do not know), RAW-102 (a
    column), RAW-104 (a file that is no part of the export), RAW-152 (a code that means something else here), RAW-153 (a
    missing data code). Raises InputError: no data file or several, bytes that are not whole CSV in UTF-8, a form or
    column needed that is not there, a row without a subject.
    """
    found = sort_files(files, study)
    problems = unclear(found, files)
    data = open_data(files[found.data[0]], study.redcap.record_id, problems) if not problems else None
    if data is None:
        raise InputError(problems)
    columns = find_columns(data.path.name, data.header, study)
    problems = [*columns.problems, *identity_missing(data, study)]
    if problems:
        raise InputError(problems)
    described = [read_dictionary(files[name]) for name in found.dictionaries]
    listed = {unique: name for file in found.events for unique, name in read_events(files[file]).items()}
    offered = {field: choices for one in described for field, (_, choices) in one.items()}
    reading = _Reading(study, data, columns, Events(study, listed), offered, {})
    with SubjectFirst(sink, study.study.identity.subject_form) as forms:
        findings = list(reading.read(forms))
    findings += [report("RAW-104", rows := about_file("", name, [name]), value=rows["value"])
                 for name in found.strangers]  # fmt: skip
    findings += unknown(data.path.name, columns, reading.strange, offered, study)
    hashes = {data.path.name: data.sha256}
    return Received(combine(findings), hashes | _hashes(files, [*found.dictionaries, *found.events]))


@dataclass
class _Reading:
    """A data file while it is read."""

    study: StudySpec
    data: DataFile
    columns: Columns
    events: Events
    offered: dict[str, dict[str, str]]  # column -> code -> label, by the data dictionary
    sites: dict[str, str]  # subject -> site
    labels: bool | None = None  # whether cells hold labels; unknown until the first `_complete`
    strange: frozenset[str] = frozenset()

    def read(self, sink: Sink) -> Iterator[pd.DataFrame]:
        """Give every form to the sink, and the findings."""
        given: set[str] = set()
        for rows in pieces(self.data):
            self._require_subjects(rows)
            if self.labels is None:
                self.labels = self._has_labels(rows)
            placed = self._placed(rows)
            for form, own in self.columns.forms.items():
                frame, found = self._form(form, own, rows, placed)
                if len(frame):
                    sink.add(form, self.data.path.name, frame)
                    given.add(form)
                yield from found
        for form, spec in self.study.forms.items():
            if form not in given:
                sink.add(form, self.data.path.name, no_records(spec))

    def _column(self, rows: pd.DataFrame, name: str) -> pd.Series:
        """A column by its name in any letters; blank where the file has none."""
        found = next((column for column in self.data.header if column.lower() == name.lower()), "")
        return rows[found] if found else pd.Series("", index=rows.index, dtype="str")

    def _require_subjects(self, rows: pd.DataFrame) -> None:
        blank = rows[self._column(rows, self.study.redcap.record_id).str.strip() == ""]
        if len(blank):
            raise InputError(
                Problem(
                    code="INPUT-020", place=self.data.path.name,
                    fact=f"{len(blank)} row(s) have no {self.study.redcap.record_id}, first on line "
                    f"{blank[LINE_COLUMN].iloc[0]}.",
                    next_step="have the file exported again.",
                )
            )  # fmt: skip

    def _has_labels(self, rows: pd.DataFrame) -> bool | None:
        for own in self.columns.forms.values():
            said = rows[own.complete][rows[own.complete] != ""] if own.complete else rows[LINE_COLUMN].iloc[:0]
            if len(said):
                return bool(said.isin(_LABELS).any())
        return None

    def _placed(self, rows: pd.DataFrame) -> pd.DataFrame:
        """The identity columns that all forms of a row share, and the instrument that the row is of."""
        layout = self.study.redcap
        subject = self._column(rows, layout.record_id)
        event = self._column(rows, EVENT)
        places = {name: self.events.place(name) for name in event.unique()}
        in_name = event.map({name: place[1] for name, place in places.items()})
        instrument = self._column(rows, INSTRUMENT)
        named = {text: self._instrument(text) for text in instrument.unique()}
        self.strange |= {text for text, name in named.items() if text and name not in self._instruments()}
        repeat = self._column(rows, INSTANCE)
        whole_event = (instrument == "") & (repeat != "") & (in_name == "0")
        return pd.DataFrame(
            {
                identity.SUBJECT: subject,
                identity.SITE: self._sites(subject, self._column(rows, layout.site)),
                identity.FOLDER: event.map({name: place[0] for name, place in places.items()}),
                identity.INSTANCE: in_name.mask(whole_event, repeat),
                identity.VISIT_NAME: event.map({name: place[2] for name, place in places.items()}),
                INSTRUMENT: instrument.map(named),
                INSTANCE: repeat.mask(instrument == "", "").replace("", "0"),
            }
        ).astype("str")

    def _instruments(self) -> set[str]:
        return {own.instrument.lower() for own in self.columns.forms.values()}

    def _instrument(self, text: str) -> str:
        """The name of an instrument, where a row has its label instead."""
        name = re.sub(r"\W+", "_", text.strip().lower()).strip("_")
        labels = {spec.label.lower(): form for form, spec in self.study.forms.items()}
        form = labels.get(text.strip().lower(), "")
        if name not in self._instruments() and form in self.columns.forms:
            return self.columns.forms[form].instrument.lower()
        return name

    def _sites(self, subject: pd.Series, told: pd.Series) -> pd.Series:
        """The site of each row; where only some rows of a subject say it, that of the first."""
        pattern = re.compile(self.study.redcap.site_pattern, re.IGNORECASE)
        match = {text: pattern.fullmatch(text) for text in told.unique()}
        site = told.map({text: (m[1] or "") if m else text for text, m in match.items()})
        for number, first in zip(subject[site != ""], site[site != ""], strict=True):
            self.sites.setdefault(number, first)
        return site.mask(site == "", subject.map(self.sites).fillna("")).astype("str")

    def _form(
        self, form: str, own: FormColumns, rows: pd.DataFrame, placed: pd.DataFrame
    ) -> tuple[pd.DataFrame, list[pd.DataFrame]]:
        """The records of a form among the rows."""
        says = np.zeros(len(rows), dtype=bool)
        for column in own.all():
            done = rows[column].isin(_DONE) if column == own.complete else is_filled(rows[column], column)
            says |= done.to_numpy()
        of_row = placed[INSTRUMENT].to_numpy()
        here = (of_row == own.instrument.lower()) | ((of_row == "") & says)
        mine = rows[[LINE_COLUMN, *dict.fromkeys(own.all())]][here].reset_index(drop=True)
        place = placed[here].reset_index(drop=True)
        blank = pd.Series("", index=mine.index, dtype="str")

        def own_column(name: str) -> pd.Series:
            return mine[name] if name else blank

        log = self.study.forms[form].log
        repeat = place[INSTANCE]
        keys = place[identity.SUBJECT] + "/" + place[identity.FOLDER] + "." + place[identity.INSTANCE]
        made_up = keys + "/" + form + "." + repeat
        record, saved = own_column(own.record), own_column(own.saved)
        frame = pd.DataFrame(
            {
                identity.FILE: blank + self.data.path.name, identity.LINE: mine[LINE_COLUMN],
                identity.FORM: blank + form,
                identity.RECORD: record.mask(record == "", made_up),
                **{name: place[name] for name in (identity.SUBJECT, identity.SITE, identity.FOLDER, identity.INSTANCE,
                                                  identity.VISIT_NAME)},
                identity.POSITION: repeat if log else blank + "0",
                identity.PAGE_DATE: own_column(own.page_date),
                identity.SAVED: saved.mask(saved == "", self.data.exported),
                ACTIVE: blank + "1", PAGE: blank + form,
            }
        )  # fmt: skip
        values = {name: mine[column] for name, column in own.columns.items()}
        layout = self.study.redcap
        values |= {n: flagged(mine[c], layout.checked, layout.unchecked) for n, c in own.flags.items()}
        values |= {n: joined_boxes({code: mine[c] for code, c in boxes.items()}) for n, boxes in own.boxes.items()}
        found = []
        for name, column in values.items():
            missing = column.isin(layout.missing_codes)
            if missing.any():
                found.append(report("RAW-153", frame[missing], field=name, value=column[missing]))
                values[name] = column.mask(missing, "")
        for name, field in self.study.forms[form].fields.items():
            if field.kind == "coded":
                offered = self.offered.get(own.columns.get(name, "").lower(), {})
                values[name], values[name + identity.DECODE_SUFFIX] = code_and_text(
                    values.get(name, blank), self.study.choices[field.choices or ""], offered,
                    labels=bool(self.labels) and name in own.columns,
                )  # fmt: skip
        fields = {name: values.get(name, blank).astype("str") for name in field_columns(self.study.forms[form])}
        return frame.assign(**fields), found


def _hashes(files: dict[str, Path], names: list[str]) -> dict[str, str]:
    return {name: hashlib.sha256(files[name].read_bytes()).hexdigest() for name in names}
