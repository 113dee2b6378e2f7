"""The records of an ODM export while its transactions are applied, one after the other, in the order of the files.

A page is one form of one visit of one subject. Item groups with a repeat key are its lines; what stands without one
belongs to the page as a whole, and so to each of its lines (a page without lines is one record).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

INSERT, UPDATE, REMOVE, UPSERT, CONTEXT = TRANSACTIONS = ("Insert", "Update", "Remove", "Upsert", "Context")


@dataclass(slots=True)
class Line:
    """An item group of a page, or the items of the page itself."""

    file: str
    line: int
    values: dict[str, str] = field(default_factory=dict)  # fields, their units, parts of identity
    attributes: dict[str, str] = field(default_factory=dict)  # place of an identity value -> value
    saved: str = ""
    active: bool = True
    unfounded: bool = False  # updated, but never inserted

    def begin(self, transaction: str) -> None:
        """A transaction on the item group as a whole; what it does to single items comes after it.

        1. Remove                                  -> inactive, its values stay
        2. Insert or Upsert of an inactive line    -> a new line in its place
        3. anything else                           -> nothing
        """
        if transaction == REMOVE:
            self.active = False
        elif transaction in (INSERT, UPSERT) and not self.active:
            self.active = True
            self.values = {}

    def put(self, name: str, value: str, transaction: str) -> None:
        """A value of an item; blank where it is null or removed.

        1. Context                      -> only where the item has no value yet
        2. blank, of a line removed     -> the last value stays, to be seen in the inactive record
        3. anything else                -> the value, in place of an earlier one
        """
        if transaction == CONTEXT:
            self.values.setdefault(name, value)
        elif value or self.active:
            self.values[name] = value


@dataclass(slots=True)
class Page:
    """A form of a visit of a subject."""

    form: str
    folder: str
    instance: str
    visit: str
    repeat: str  # FormRepeatKey, blank where there is none
    saved: str = ""
    header: Line | None = None
    lines: dict[str, Line] = field(default_factory=dict)  # ItemGroupRepeatKey -> line

    def remove(self) -> None:
        """Make all that is on the page inactive."""
        for line in (self.header, *self.lines.values()):
            if line:
                line.active = False


@dataclass(slots=True)
class Subject:
    """A subject and the pages it has so far."""

    number: str
    site: str = ""
    saved: str = ""
    pages: dict[tuple[str, ...], Page] = field(default_factory=dict)  # event, its repeat, form, its repeat


class Record(NamedTuple):
    """One record, as all its transactions have left it."""

    subject: Subject
    page: Page
    position: str
    line: Line
    values: dict[str, str]


def records_of(subject: Subject) -> Iterator[Record]:
    """The records of a subject, in the order in which they came."""
    for page in subject.pages.values():
        header = page.header
        if not page.lines and header:
            yield Record(subject, page, page.repeat or "0", header, header.values)
        for key, line in page.lines.items():
            values = {**header.values, **line.values} if header else line.values
            if header:
                line.attributes = {**header.attributes, **line.attributes}
                line.saved = max(line.saved, header.saved)
            yield Record(subject, page, key, line, values)
