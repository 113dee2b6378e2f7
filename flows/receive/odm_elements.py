"""Follows the elements of an ODM file: definitions into the metadata, clinical data into pages, lines and values."""

from __future__ import annotations

import re
from collections.abc import Callable

from flows.receive.odm_definitions import Definitions
from flows.receive.odm_ledger import Ledger
from flows.receive.odm_position import Position
from flows.receive.odm_records import REMOVE, UPDATE, UPSERT, Subject
from flows.receive.xml_stream import MAX_DEPTH, SEPARATOR, XmlStream
from specs.identity import UNIT_SUFFIX

_ODM = "cdisc.org/ns/odm"
_STAMP = re.compile(r"\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2})?)?")


class OdmElements(Position):
    """Takes the elements of one file. See Position for `finished`."""

    def __init__(
        self, stream: XmlStream, file: str, ledger: Ledger, finished: Callable[[Subject], None] | None,
        *, snapshot: bool,
    ) -> None:  # fmt: skip
        super().__init__(stream, file, ledger, finished, snapshot=snapshot)
        self._depth = 0
        self._field = self._item_transaction = ""
        self._in_audit = False
        definitions = Definitions(ledger.metadata, stream, ledger.names)
        self._openers |= definitions.openers | {
            "ItemData": self._item_data, "MeasurementUnitRef": self._unit_ref, "AuditRecord": self._audit,
            "DateTimeStamp": self._stamp,
        }  # fmt: skip
        self._closers |= definitions.closers | {"AuditRecord": self._audited, "DateTimeStamp": self._stamped}
        self._opener_of: dict[str, Callable[[dict[str, str]], None]] = {}
        self._closer_of: dict[str, Callable[[], None] | None] = {}

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        self._depth += 1
        opener = self._opener_of.get(name)
        if opener is None:
            opener = self._learn_element(name)
        if self._depth > MAX_DEPTH:
            self._stream.limit_depth(self._depth)
        opener(attributes)

    def end(self, name: str) -> None:
        """An element ends."""
        self._depth -= 1
        closer = self._closer_of[name]
        if closer is not None:
            closer()

    def _learn_element(self, name: str) -> Callable[[dict[str, str]], None]:
        namespace, _, local = name.rpartition(SEPARATOR)
        ours = not namespace or _ODM in namespace
        typed = ours and local.startswith("ItemData") and local != "ItemData"
        self._opener_of[name] = self._typed_item if typed else self._openers.get(local, _ignore) if ours else _ignore
        self._closer_of[name] = self._typed_left if typed else self._closers.get(local) if ours else None
        return self._opener_of[name]

    # --- what a record holds ------------------------------------------------------------------------------------

    def _item_data(self, attributes: dict[str, str]) -> None:
        line = self._line
        if line is None:
            return
        oid = attributes.get("ItemOID")
        name = self._items.get(oid) if oid else None
        if name is None:
            name = self._learn_item(attributes)
        self._field = name
        if not name:
            return
        transaction = self._transaction
        if "TransactionType" in attributes:
            transaction = self._checked(attributes["TransactionType"], transaction)
            if transaction == REMOVE and line.active:
                line.put(name, "", transaction)
                self._field = ""
                return
        value = attributes.get("Value", "")
        if value or "IsNull" in attributes or transaction in (UPDATE, UPSERT):
            line.put(name, value, transaction)

    def _typed_item(self, attributes: dict[str, str]) -> None:
        self._item_data(attributes)
        self._item_transaction = attributes.get("TransactionType") or self._transaction
        if attributes.get("IsNull") != "Yes":
            self._stream.gather_text()

    def _typed_left(self) -> None:
        value = self._stream.take_text()
        if value and self._field and self._line:
            self._line.put(self._field, value, self._item_transaction)
        self._field = ""

    def _learn_item(self, attributes: dict[str, str]) -> str:
        """The name of an item, blank where the study does not know it."""
        oid = self._needed(attributes, "ItemData", "ItemOID")
        assert self._page is not None
        name, known = self._names.item(self._page.form, oid)
        if not known:
            self._ledger.unknown_items.setdefault((self._page.form, oid), (name, self._file))
        self._items[oid] = name if known else ""
        return self._items[oid]

    def _unit_ref(self, attributes: dict[str, str]) -> None:
        if self._line and self._field:
            oid = attributes.get("MeasurementUnitOID", "")
            unit = self._ledger.metadata.units.get(oid) or self._names.unit(oid)
            self._line.put(self._field + UNIT_SUFFIX, unit, self._transaction)

    def _audit(self, _: dict[str, str]) -> None:
        self._in_audit = self._subject is not None

    def _audited(self) -> None:
        self._in_audit = False

    def _stamp(self, _: dict[str, str]) -> None:
        if self._in_audit:  # a signature has a DateTimeStamp, too
            self._stream.gather_text()

    def _stamped(self) -> None:
        match = _STAMP.match(self._stream.take_text().strip())
        holder = self._line or self._page or self._subject
        if match and holder:
            holder.saved = max(holder.saved, match[0])


def _ignore(attributes: dict[str, str]) -> None:
    """An element that says nothing of a record."""
