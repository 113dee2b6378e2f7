"""Reads a define.xml as its readers do: by the names of the standard, references followed."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lxml import etree

NS = {
    "odm": "http://www.cdisc.org/ns/odm/v1.3",
    "def": "http://www.cdisc.org/ns/def/v2.1",
    "arm": "http://www.cdisc.org/ns/arm/v1.0",
    "xlink": "http://www.w3.org/1999/xlink",
}
FOLDERS = {"sdtm": "tabulations/sdtm", "adam": "analysis/adam/datasets"}
CODED = "./odm:CodeListItem | ./odm:EnumeratedItem"


def of(prefix: str, name: str) -> str:
    """A name as lxml has it."""
    return f"{{{NS[prefix]}}}{name}"


@dataclass
class Item:
    """An ItemDef, with what refers to it."""

    name: str
    label: str
    data_type: str
    length: int | None
    digits: int | None
    key: int | None
    method: str | None
    no_data: bool
    origin: str | None
    origin_text: str
    pages: list[str]
    display_format: str | None
    codelist: Any
    comment: str | None
    values: list[tuple[dict[str, list[str]], Item]] = field(default_factory=list)

    @property
    def terms(self) -> list[str]:
        """The terms of its codelist; none for a dictionary."""
        found = [] if self.codelist is None else self.codelist.xpath(CODED, namespaces=NS)
        return [item.get("CodedValue") for item in found]


class Define:
    """A define.xml on disk."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.tree = etree.parse(str(path))
        self.by_oid = {element.get("OID"): element for element in self.all("//*[@OID]")}

    def all(self, path: str) -> list[Any]:
        """What an XPath finds."""
        found: list[Any] = self.tree.xpath(path, namespaces=NS)
        return found

    @property
    def datasets(self) -> dict[str, Any]:
        """Name -> ItemGroupDef."""
        return {group.get("Name"): group for group in self.all("//odm:ItemGroupDef")}

    def items(self, dataset: str) -> list[Item]:
        """The variables of a dataset, in their order."""
        return [self._item(ref) for ref in self.datasets[dataset].findall("odm:ItemRef", NS)]

    def where(self, oid: str) -> dict[str, list[str]]:
        """A where clause: variable -> its values."""
        return {
            self.by_oid[check.get(of("def", "ItemOID"))].get("Name"): [
                v.text for v in check.findall("odm:CheckValue", NS)
            ]
            for check in self.by_oid[oid].findall("odm:RangeCheck", NS)
        }

    def _item(self, ref: Any) -> Item:
        item = self.by_oid[ref.get("ItemOID")]
        listed, values = item.find("odm:CodeListRef", NS), item.find("def:ValueListRef", NS)
        origin = item.find("def:Origin", NS)
        known = [] if values is None else self.by_oid[values.get("ValueListOID")].findall("odm:ItemRef", NS)
        return Item(
            name=item.get("Name"),
            label=item.findtext("odm:Description/odm:TranslatedText", namespaces=NS),
            data_type=item.get("DataType"),
            length=_number(item.get("Length")),
            digits=_number(item.get("SignificantDigits")),
            key=_number(ref.get("KeySequence")),
            method=self._said(ref.get("MethodOID")),
            no_data=ref.get(of("def", "HasNoData")) == "Yes",
            origin=None if origin is None else origin.get("Type"),
            origin_text="" if origin is None else origin.findtext("odm:Description/odm:TranslatedText", "", NS),
            pages=[] if origin is None else " ".join(origin.xpath(".//@PageRefs")).split(),
            display_format=item.get(of("def", "DisplayFormat")),
            codelist=None if listed is None else self.by_oid[listed.get("CodeListOID")],
            comment=self._said(item.get(of("def", "CommentOID"))),
            values=[(self.where(r.find("def:WhereClauseRef", NS).get("WhereClauseOID")), self._item(r)) for r in known],
        )  # fmt: skip

    def _said(self, oid: str | None) -> str | None:
        return self.by_oid[oid].findtext("odm:Description/odm:TranslatedText", namespaces=NS) if oid else None


def _number(text: str | None) -> int | None:
    return int(text) if text else None
