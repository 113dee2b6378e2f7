"""A study of three forms and a sound export of it, small enough to read: what the corruption tests corrupt."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from flows.receive import RawExport, read_export
from specs import StudySpec, load_study
from specs.errors import CdiscFlowsError

STUDY = """\
studyid: MINI-1
title: A mini study
project: MINI
sdtmig: "3.4"
adamig: "1.3"
ct_version: "2022-09-30"
arms: {A: {arm: Arm A, phase: II}}
visits: [{folder: SCRN, visit: SCREENING, visitnum: 1}]
identity:
  usubjid: "{study}-{site}-{subject}"
  subject_pattern: '\\d{5}'
  test_sites: ["99"]
  subject_form: SUBJ
  previous_subject: PREVSUBJ
"""
CHOICES = 'YESNO: {Y: "Yes", N: "No"}\nOUTCOME: {"1": Recovered, "2": Fatal}\n'
FORMS = """\
SUBJ:
  label: Subject
  fields:
    PREVSUBJ: {label: Former number, kind: text}
AE:
  label: Adverse events
  log: true
  fields:
    AETERM: {label: Term, kind: text}
    AESER: {label: Serious, kind: coded, choices: YESNO}
    AEOUT: {label: Outcome, kind: coded, choices: OUTCOME}
    AESTDAT: {label: Start, kind: date, order: DMY}
    AETIM: {label: Time, kind: time, optional: true}
VS:
  label: Vital signs
  optional: true
  fields:
    WEIGHT: {label: Weight, kind: number, units: true}
"""

HEADER = (
    "userid,projectid,project,studyid,environmentName,subjectId,StudySiteId,Subject,siteid,Site,SiteNumber,SiteGroup,"
    "instanceId,InstanceName,InstanceRepeatNumber,folderid,Folder,FolderName,FolderSeq,TargetDays,DataPageId,"
    "DataPageName,PageRepeatNumber,RecordDate,RecordId,recordposition,RecordActive,SaveTs,MinCreated,MaxUpdated"
)
FIELDS = {
    "SUBJ": "PREVSUBJ",
    "AE": "AETERM,AESER,AESER_STD,AEOUT,AEOUT_STD,AESTDAT,AESTDAT_RAW,AESTDAT_YYYY,AESTDAT_MM,AESTDAT_DD",
    "VS": "WEIGHT,WEIGHT_RAW,WEIGHT_UN",
}
START = "2025-03-10T00:00:00,10 MAR 2025,2025,3,10"  # a sound AESTDAT in its five columns
GOOD_AE = f"Rash,No,N,Recovered,1,{START}"


def line(
    record: int,
    subject: str,
    fields: str,
    *,
    site: str = "01",
    folder: str = "SCRN",
    position: int = 0,
    active: str = "1",
    saved: str = "2025-04-01T09:00:00",
) -> str:
    """One line of a form's file."""
    page = f"{subject}{folder}"
    return (
        f"7,1,MINI,1,Prod,{subject},1,{subject},1,Site {site},{site},World,1,Visit {folder},0,1,{folder},{folder},1.0,,"
        f"{page},Page,0,2025-03-10T00:00:00,{record},{position},{active},{saved},2025-03-11T00:00:00,"
        f"2025-04-01T00:00:00,{fields}"
    )


def good_lines() -> dict[str, list[str]]:
    """The records of a sound export: two subjects."""
    return {
        "SUBJ": [line(1, "00101", ""), line(2, "00102", "", saved="2025-05-01T10:00:00")],
        "AE": [
            line(11, "00101", GOOD_AE, position=1),
            line(12, "00101", f"Cough,Yes,Y,Fatal,2,{START}", position=2),
            line(13, "00102", "NA,,,,,,UN MAR 2025,,,", position=1),
        ],
        "VS": [line(21, "00101", "70.0,70.0,kg"), line(22, "00102", "1.0,001,kg")],
    }


Edit = Callable[[dict[str, list[str]]], object]


class Mini:
    """Writes the export, sound or edited, and reads it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "raw"
        self.study_folder = folder / "mini"
        self.study_folder.mkdir()
        self.respecify()

    def respecify(self, forms: str = FORMS, study: str = STUDY) -> None:
        """Write the specs, and load them."""
        texts = {"study": study, "choices": CHOICES, "codelists": "{}\n", "forms": forms}
        for name, text in texts.items():
            (self.study_folder / f"{name}.yaml").write_text(text)
        self.study: StudySpec = load_study(str(self.study_folder))

    def write(self, edit: Edit = lambda lines: None) -> Path:
        """Write the export; `edit` changes its lines first."""
        self.folder.mkdir(exist_ok=True)
        lines = good_lines()
        edit(lines)
        for form, records in lines.items():
            text = "\n".join([f"{HEADER},{FIELDS[form]}", *records, "EOF"]) + "\n"
            self.file(form).write_text(text, encoding="utf-8", newline="")
        return self.folder

    def file(self, form: str) -> Path:
        """The file of a form."""
        return self.folder / f"V_MINI_{form}.csv"

    def read(self, edit: Edit | None = None) -> RawExport:
        """Write (where an edit is given) and read the export."""
        if edit:
            self.write(edit)
        return read_export(self.folder, self.study)

    def refused(self, kind: type[CdiscFlowsError]) -> dict[str, str]:
        """The problems with which reading ends: code -> all of the text."""
        with pytest.raises(kind) as caught:
            self.read()
        return {f"{p.code} {p.place}": str(p) for p in caught.value.problems}

    def findings(self, edit: Edit) -> list[tuple[str, str, str]]:
        """Code, record and value of each finding that an edit of the sound export gives."""
        found = self.read(edit).findings
        return sorted(zip(found["code"], found["record_id"], found["value"], strict=True))
