"""What the files of an ODM export have brought so far."""

from __future__ import annotations

from flows.receive.odm_metadata import OdmMetadata
from flows.receive.odm_oids import OidNames
from flows.receive.odm_records import Subject
from specs.loader import StudySpec


class Ledger:
    """What all files of an export have brought so far: subjects and pages, and what of it the study does not know."""

    def __init__(self, study: StudySpec, names: OidNames, metadata: OdmMetadata) -> None:
        self.study, self.names, self.metadata = study, names, metadata
        self.subjects: dict[str, Subject] = {}
        self.sites: dict[str, str] = {}  # subject -> site
        self.items: dict[str, dict[str, str]] = {form: {} for form in study.forms}  # ItemOID -> name, "" unknown
        self.unknown_forms: dict[str, str] = {}  # FormOID -> file
        self.unknown_items: dict[tuple[str, str], tuple[str, str]] = {}  # form, ItemOID -> name, file
        self.snapshots: dict[tuple[str, str], str] = {}  # subject, form -> the snapshot that has it
        self.overlaps: dict[tuple[str, str], str] = {}  # subject, form -> a second one
        self.studies: dict[str, None] = {}  # StudyOIDs
