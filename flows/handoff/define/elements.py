"""Builds XML elements by the names that Define-XML uses (`def:Origin`), with nothing in them that XML cannot hold."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeAlias

from lxml import etree

NAMESPACES = {
    None: "http://www.cdisc.org/ns/odm/v1.3",
    "def": "http://www.cdisc.org/ns/def/v2.1",
    "arm": "http://www.cdisc.org/ns/arm/v1.0",
    "xlink": "http://www.w3.org/1999/xlink",
}
_XML = "http://www.w3.org/XML/1998/namespace"
_IMPOSSIBLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, section 2.2
REPLACED = "\ufffd"  # what stands for a character that XML cannot hold

Element: TypeAlias = Any  # lxml carries no types
Attributes: TypeAlias = Mapping[str, str | int | None]  # those that are None are left off


def node(name: str, attributes: Attributes | None = None, *children: Element | None) -> Element:
    """An element with the attributes and children given; None among the children is passed over."""
    prefix, _, local = name.rpartition(":")
    made = etree.Element(f"{{{NAMESPACES[prefix or None]}}}{local}", nsmap={})
    for key, value in (attributes or {}).items():
        if value is not None:
            made.set(_attribute(key), printable(str(value)))
    made.extend([child for child in children if child is not None])
    return made


def text_node(name: str, text: str, attributes: Attributes | None = None) -> Element:
    """An element that holds text."""
    made = node(name, attributes)
    made.text = printable(text)
    return made


def translated(name: str, text: str) -> Element:
    """A Description or Decode with an English text."""
    return node(name, None, text_node("TranslatedText", text, {"xml:lang": "en"}))


def described(text: str) -> Element:
    """A Description."""
    return translated("Description", text)


def printable(text: str) -> str:
    """The text with a replacement mark for each character that XML cannot hold."""
    return _IMPOSSIBLE.sub(REPLACED, text)


def _attribute(key: str) -> str:
    prefix, _, local = key.rpartition(":")
    if not prefix:
        return local
    return f"{{{_XML if prefix == 'xml' else NAMESPACES[prefix]}}}{local}"
