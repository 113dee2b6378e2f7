"""Where in an ODM file a reader is: study, subject, visit, form, item group, and the transactions they inherit."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

from flows.receive.odm_attributes import part_of, plain
from flows.receive.odm_ledger import Ledger
from flows.receive.odm_oids import repeat_number
from flows.receive.odm_records import REMOVE, TRANSACTIONS, UPDATE, Line, Page, Subject
from flows.receive.xml_stream import UnfitXmlError, XmlStream
from specs.errors import Problem, did_you_mean

_CONTEXT_KEY = "@CONTEXT"  # what Rave calls the item group that is not a log line
_UNGROUPED = "_UNGROUPED"  # how OpenClinica ends the name of such a group
_STATUS = "OpenClinica:Status"


class Position:
    """Follows the clinical data of one file down to the item group, and opens pages and lines on the way.

    `finished` is told of each subject whose element is followed by another subject's: a snapshot says nothing new of a
    page that was left.
    """

    def __init__(
        self, stream: XmlStream, file: str, ledger: Ledger, finished: Callable[[Subject], None] | None,
        *, snapshot: bool,
    ) -> None:  # fmt: skip
        self._stream, self._file, self._ledger, self._finished = stream, file, ledger, finished
        self._names, self._layout = ledger.names, ledger.study.odm
        self._snapshot = snapshot
        self._subject: Subject | None = None
        self._page: Page | None = None
        self._line: Line | None = None
        self._items: dict[str, str] = {}  # of the form: ItemOID -> name
        self._event = self._event_repeat = self._transaction = ""
        self._at: dict[str, dict[str, str]] = {}  # element -> its attributes
        self._transactions = dict.fromkeys(("", "SubjectData", "StudyEventData", "FormData"), "")
        self._removed: dict[str, bool] = dict.fromkeys(self._transactions, False)
        self._places = [
            (p.at, p.element, p.name, p.take)
            for p in (*self._layout.record, *self._layout.page, *self._layout.page_date, *self._layout.saved,
                      *self._layout.active)
            if p.element is not None
        ]  # fmt: skip
        self._openers: dict[str, Callable[[dict[str, str]], None]] = {
            "ClinicalData": self._clinical_data, "SubjectData": self._subject_data, "SiteRef": self._site_ref,
            "StudyEventData": self._event_data, "FormData": self._form_data, "ItemGroupData": self._group_data,
        }  # fmt: skip
        self._closers: dict[str, Callable[[], None]] = {
            "ClinicalData": self._left, "SubjectData": self._subject_left, "StudyEventData": self._event_left,
            "FormData": self._form_left, "ItemGroupData": self._group_left,
        }  # fmt: skip

    def _clinical_data(self, attributes: dict[str, str]) -> None:
        study = self._needed(attributes, "ClinicalData", "StudyOID")
        self._at = {"ClinicalData": plain(attributes)}
        self._ledger.studies.setdefault(study)
        if self._layout.study_oids and study not in self._layout.study_oids:
            self._refuse(
                "INPUT-071", f"The file holds data of study {study}, which is not one of {self._layout.study_oids}.",
                did_you_mean(study, self._layout.study_oids),
                "take the export of the right study and environment, or mend `study_oids` in odm.yaml.",
            )  # fmt: skip

    def _subject_data(self, attributes: dict[str, str]) -> None:
        self._needed(attributes, "SubjectData", "SubjectKey")
        self._enter("SubjectData", "", attributes)
        self._at.pop("SiteRef", None)
        number = self._identity("subject")
        if not number.strip():
            self._refuse("INPUT-070", "SubjectData has no subject number.", "", "have the file exported again.")
        ledger = self._ledger
        if self._finished and number not in ledger.subjects:
            self.finish()
        subject = ledger.subjects.get(number)
        if subject is None:
            subject = ledger.subjects[number] = Subject(number, ledger.sites.get(number, ""))
        self._subject = subject
        self._set_site()
        if self._transactions["SubjectData"] == REMOVE:
            for page in subject.pages.values():
                page.remove()

    def _site_ref(self, attributes: dict[str, str]) -> None:
        if self._subject and not self._page:
            self._at["SiteRef"] = plain(attributes)
            self._set_site()

    def _set_site(self) -> None:
        subject = self._subject
        assert subject is not None
        subject.site = self._identity("site") or subject.site
        self._ledger.sites[subject.number] = subject.site

    def _event_data(self, attributes: dict[str, str]) -> None:
        if not self._subject:
            return self._misplaced("StudyEventData", "SubjectData")
        self._event = self._needed(attributes, "StudyEventData", "StudyEventOID")
        self._event_repeat = attributes.get("StudyEventRepeatKey", "")
        self._enter("StudyEventData", "SubjectData", attributes)
        if self._transactions["StudyEventData"] == REMOVE:
            for key, page in self._subject.pages.items():
                if key[:2] == (self._event, self._event_repeat):
                    page.remove()
        return None

    def _form_data(self, attributes: dict[str, str]) -> None:
        if not self._subject or "StudyEventData" not in self._at:
            return self._misplaced("FormData", "StudyEventData")
        oid = self._needed(attributes, "FormData", "FormOID")
        self._enter("FormData", "StudyEventData", attributes)
        form = self._names.form(oid)
        if not form:
            self._ledger.unknown_forms.setdefault(oid, self._file)
            return None
        repeat = attributes.get("FormRepeatKey", "")
        key = (self._event, self._event_repeat, form, repeat)
        page = self._subject.pages.get(key)
        if page is None:
            page = self._subject.pages[key] = self._new_page(form, repeat)
        self._page, self._items = page, self._ledger.items[form]
        if self._transactions["FormData"] == REMOVE:
            page.remove()
        if self._snapshot:
            owner = self._ledger.snapshots.setdefault((self._subject.number, form), self._file)
            if owner != self._file:
                self._ledger.overlaps.setdefault((self._subject.number, form), self._file)
        return None

    def _new_page(self, form: str, repeat: str) -> Page:
        name, repeats = self._ledger.metadata.events.get(self._event, ("", True))
        folder = self._names.folder(self._event)
        instance = repeat_number(self._event_repeat) if self._event_repeat and repeats else "0"
        shown = (name or folder) + (f" ({instance})" if instance != "0" else "")
        return Page(form, folder, instance, shown, repeat_number(repeat) if repeat else "")

    def _group_data(self, attributes: dict[str, str]) -> None:
        page = self._page
        if page is None:
            return
        group = attributes.get("ItemGroupOID", "")
        attributes = self._at["ItemGroupData"] = plain(attributes)
        transaction = self._checked(attributes.get("TransactionType"), self._transactions["FormData"])
        key = self._line_key(page, group, attributes.get("ItemGroupRepeatKey", ""))
        line = page.lines.get(key) if key else page.header
        if line is None:
            line = Line(self._file, self._stream.line, unfounded=transaction == UPDATE and not self._snapshot)
            if key:
                page.lines[key] = line
            else:
                page.header = line
        else:
            line.file, line.line = self._file, self._stream.line
        if self._removed["FormData"] or attributes.get(_STATUS) in self._layout.removed_status:
            line.active = False
        else:
            line.begin(transaction)
        for at, element, name, take in self._places:
            value = self._attribute(element, name, take)
            if value:
                line.attributes[at] = value
        self._line, self._transaction = line, transaction

    def _line_key(self, page: Page, group: str, key: str) -> str:
        """The repeat key of a line; blank for what belongs to the page as a whole.

        The first that applies decides:
        1. no repeat key, or that of Rave's context        -> the page
        2. the export says that the group does not repeat  -> the page
        3. the form has no log lines, and the key is 1     -> the page
        4. anything else                                   -> the key's number
        """
        if not key or key == _CONTEXT_KEY:
            return ""
        if group in self._ledger.metadata.single_groups or group.endswith(_UNGROUPED):
            return ""
        number = repeat_number(key)
        return "" if number == "1" and not self._ledger.study.forms[page.form].log else number

    def _enter(self, level: str, parent: str, attributes: dict[str, str]) -> None:
        """An element of clinical data: its attributes, the transaction it inherits, whether it was removed."""
        attributes = self._at[level] = plain(attributes)
        self._transactions[level] = self._checked(attributes.get("TransactionType"), self._transactions[parent])
        removed = attributes.get(_STATUS) in self._layout.removed_status
        self._removed[level] = self._removed[parent] or removed

    def _checked(self, transaction: str | None, inherited: str) -> str:
        if transaction is None:
            return inherited
        if transaction not in TRANSACTIONS:
            self._refuse(
                "INPUT-072", f"There is no TransactionType '{transaction}'.",
                did_you_mean(transaction, TRANSACTIONS) or "known: " + ", ".join(TRANSACTIONS),
                "have the file exported again.",
            )  # fmt: skip
        return transaction

    # --- leaving ------------------------------------------------------------------------------------------------

    def _group_left(self) -> None:
        self._line = None

    def _form_left(self) -> None:
        self._page = None
        self._at.pop("FormData", None)

    def _event_left(self) -> None:
        self._at.pop("StudyEventData", None)

    def _subject_left(self) -> None:
        self._subject = None
        self._at.pop("SubjectData", None)

    def _left(self) -> None:
        self._at = {}

    def finish(self) -> None:
        """Hand over the subjects that are complete."""
        if self._finished:
            for subject in self._ledger.subjects.values():
                self._finished(subject)
            self._ledger.subjects.clear()

    # --- attributes ---------------------------------------------------------------------------------------------

    def _identity(self, what: str) -> str:
        for place in getattr(self._layout, what):
            value = self._attribute(place.element or "", place.name, place.take)
            if value:
                return value
        return ""

    def _attribute(self, element: str, name: str, take: str | None) -> str:
        attributes = self._at.get(element)
        return part_of(attributes.get(name, ""), take) if attributes else ""

    def _needed(self, attributes: dict[str, str], element: str, name: str) -> str:
        value = attributes.get(name, "")
        if not value:
            self._refuse("INPUT-070", f"{element} has no {name}.", "", "have the file exported again.")
        return value

    def _misplaced(self, element: str, parent: str) -> None:
        self._refuse("INPUT-070", f"{element} does not stand within {parent}.", "", "have the file exported again.")

    def _refuse(self, code: str, fact: str, hint: str, next_step: str) -> NoReturn:
        place = f"{self._file}, line {self._stream.line}"
        raise UnfitXmlError(Problem(code=code, place=place, fact=fact, hint=hint, next_step=next_step))
