"""Follows the definitions of an ODM file: the elements of Study, BasicDefinitions and MetaDataVersion."""

from __future__ import annotations

from collections.abc import Callable

from flows.receive.odm_metadata import OdmMetadata
from flows.receive.odm_oids import OidNames
from flows.receive.xml_stream import XmlStream


class Definitions:
    """Takes the elements of one file into the metadata of the export."""

    def __init__(self, metadata: OdmMetadata, stream: XmlStream, names: OidNames) -> None:
        self._metadata, self._stream, self._names = metadata, stream, names
        self._form = self._group = self._item = self._list = self._code = self._unit = ""
        self._translated = 0
        self.openers: dict[str, Callable[[dict[str, str]], None]] = {
            "StudyEventDef": self._event, "FormDef": self._form_def, "ItemGroupRef": self._group_ref,
            "ItemGroupDef": self._group_def, "ItemRef": self._item_ref, "ItemDef": self._item_def,
            "CodeListRef": self._list_ref, "CodeList": self._list_def, "CodeListItem": self._code_item,
            "MeasurementUnit": self._unit_def, "TranslatedText": self._text, "Include": self._include,
        }  # fmt: skip
        self.closers: dict[str, Callable[[], None]] = {
            "FormDef": self._form_left, "ItemGroupDef": self._group_left, "ItemDef": self._item_left,
            "CodeList": self._list_left, "CodeListItem": self._code_left, "MeasurementUnit": self._unit_left,
            "TranslatedText": self._text_left,
        }  # fmt: skip

    def _event(self, attributes: dict[str, str]) -> None:
        name, repeats = attributes.get("Name", ""), attributes.get("Repeating", "Yes") != "No"
        self._metadata.events[attributes.get("OID", "")] = (name, repeats)

    def _form_def(self, attributes: dict[str, str]) -> None:
        self._form = attributes.get("OID", "")
        self._metadata.forms.setdefault(self._form, set())

    def _form_left(self) -> None:
        self._form = ""

    def _group_ref(self, attributes: dict[str, str]) -> None:
        if self._form:
            self._metadata.forms[self._form].add(attributes.get("ItemGroupOID", ""))

    def _group_def(self, attributes: dict[str, str]) -> None:
        self._group = attributes.get("OID", "")
        self._metadata.groups.setdefault(self._group, set())
        if attributes.get("Repeating") == "No":
            self._metadata.single_groups.add(self._group)

    def _group_left(self) -> None:
        self._group = ""

    def _item_ref(self, attributes: dict[str, str]) -> None:
        if self._group:
            self._metadata.groups[self._group].add(attributes.get("ItemOID", ""))

    def _item_def(self, attributes: dict[str, str]) -> None:
        self._item = attributes.get("OID", "")

    def _item_left(self) -> None:
        self._item = ""

    def _list_ref(self, attributes: dict[str, str]) -> None:
        if self._item:
            self._metadata.codelist_of[self._item] = attributes.get("CodeListOID", "")

    def _list_def(self, attributes: dict[str, str]) -> None:
        self._list = attributes.get("OID", "")
        self._metadata.codelists.setdefault(self._list, {})

    def _list_left(self) -> None:
        self._list = ""

    def _code_item(self, attributes: dict[str, str]) -> None:
        self._code = attributes.get("CodedValue", "")
        if self._list:
            self._metadata.codelists[self._list].setdefault(self._code, [])

    def _code_left(self) -> None:
        self._code = ""

    def _unit_def(self, attributes: dict[str, str]) -> None:
        self._unit = attributes.get("OID", "")
        self._metadata.units[self._unit] = attributes.get("Name", "") or self._names.unit(self._unit)
        self._translated = 0

    def _unit_left(self) -> None:
        self._unit = ""

    def _text(self, _: dict[str, str]) -> None:
        if self._unit or (self._list and self._code):
            self._stream.gather_text()

    def _text_left(self) -> None:
        text = self._stream.take_text().strip()
        if not text:
            return
        if self._unit and not self._translated:
            self._metadata.units[self._unit] = text
            self._translated += 1
        elif self._list and self._code:
            self._metadata.codelists[self._list][self._code].append(text)

    def _include(self, _: dict[str, str]) -> None:
        self._metadata.elsewhere = True
