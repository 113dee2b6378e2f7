"""ODM files of the mini study, written out so that a test shows what it is about."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from flows.receive import read_export
from specs.errors import CdiscFlowsError
from tests.receive.mini import Mini

NAMESPACES = (
    'xmlns="http://www.cdisc.org/ns/odm/v1.3" xmlns:OpenClinica="http://www.openclinica.org/ns/odm_ext_v130/v3.1" '
    'xmlns:mdsol="http://www.mdsol.com/ns/odm/metadata"'
)


def odm(*inside: str, kind: str = "Snapshot", created: str = "2025-05-01T10:00:00", head: str = "") -> str:
    """A whole file."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<ODM {NAMESPACES} ODMVersion="1.3.2" FileType="{kind}" '
        f'CreationDateTime="{created}" {head}>\n' + "\n".join(inside) + "\n</ODM>\n"
    )


def clinical(*subjects: str, study: str = "MINI(Prod)") -> str:
    """ClinicalData."""
    return f'<ClinicalData StudyOID="{study}" MetaDataVersionOID="1">\n' + "\n".join(subjects) + "\n</ClinicalData>"


def subject(key: str, *events: str, more: str = "", site: str = "01") -> str:
    """SubjectData of a site."""
    return (
        f'<SubjectData SubjectKey="{key}" {more}><SiteRef LocationOID="{site}"/>' + "".join(events) + "</SubjectData>"
    )


def event(oid: str, *forms: str, more: str = "") -> str:
    """StudyEventData."""
    return f'<StudyEventData StudyEventOID="{oid}" {more}>' + "".join(forms) + "</StudyEventData>"


def form(oid: str, *groups: str, more: str = "") -> str:
    """FormData."""
    return f'<FormData FormOID="{oid}" {more}>' + "".join(groups) + "</FormData>"


def group(*items: str, more: str = "", oid: str = "IG") -> str:
    """ItemGroupData."""
    return f'<ItemGroupData ItemGroupOID="{oid}" {more}>' + "".join(items) + "</ItemGroupData>"


def line(key: int, *items: str, more: str = "") -> str:
    """ItemGroupData of a log line."""
    return group(*items, more=f'ItemGroupRepeatKey="{key}" {more}')


def item(oid: str, value: str, more: str = "") -> str:
    """ItemData."""
    return f'<ItemData ItemOID="{oid}" Value="{value}" {more}/>'


def stamp(moment: str) -> str:
    """AuditRecord."""
    return (
        '<AuditRecord><UserRef UserOID="u"/><LocationRef LocationOID="l"/>'
        f"<DateTimeStamp>{moment}</DateTimeStamp></AuditRecord>"
    )


SUBJ = event("SCRN", form("SUBJ", group()))  # the subject's own record: nothing is filled in


def in_log(*lines: str, key: str = "00101", folder: str = "SCRN") -> str:
    """A subject with its own record, and lines of the adverse event form."""
    return subject(key, SUBJ, event(folder, form("AE", *lines)))


class OdmFolder:
    """Writes ODM files for the mini study, and reads them."""

    def __init__(self, mini: Mini) -> None:
        self.mini = mini
        self.folder = mini.folder
        self.folder.mkdir()

    def write(self, text: str | bytes, name: str = "a.xml") -> Path:
        """Write a file."""
        path = self.folder / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def layout(self, text: str) -> None:
        """Declare how the export names things."""
        (self.mini.study_folder / "odm.yaml").write_text(text)
        self.mini.respecify()

    def read(self, *texts: str, form: str = "AE") -> pd.DataFrame:
        """A form as read from files that hold these texts, active records only."""
        for n, text in enumerate(texts):
            self.write(text, f"{n}.xml")
        return read_export(self.folder, self.mini.study, "odm").forms[form]

    def terms(self, *texts: str) -> list[tuple[str, str, str]]:
        """Line, term and outcome of every active adverse event."""
        rows = self.read(*texts)
        return list(zip(rows["_POSITION"], rows["AETERM"], rows["AEOUT"], strict=True))

    def findings(self) -> list[tuple[str, str, str]]:
        """Code, field and value of each finding."""
        found = read_export(self.folder, self.mini.study, "odm").findings
        return sorted(zip(found["code"], found["field"], found["value"], strict=True))

    def refused(self) -> list[str]:
        """The problems with which reading ends, each as all of its text."""
        try:
            read_export(self.folder, self.mini.study, "odm")
        except CdiscFlowsError as error:
            return [f"{error.exit_code} {problem}" for problem in error.problems]
        return []
