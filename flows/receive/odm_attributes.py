"""Attributes of ODM elements by the names that the specs call them, and the parts of values that the specs ask for."""

from __future__ import annotations

import re
from functools import lru_cache

from flows.receive.xml_stream import SEPARATOR

_VENDORS = {"openclinica": "OpenClinica", "mdsol": "mdsol"}  # part of a namespace -> the prefix the specs use


def part_of(value: str, take: str | None) -> str:
    """The part of a value that a place takes."""
    if take is None:
        return value
    match = re.search(take, value)
    return match[1] or "" if match else ""


def plain(attributes: dict[str, str]) -> dict[str, str]:
    """Attributes with the prefix by which the specs call a vendor, in place of its namespace."""
    if not any(SEPARATOR in name for name in attributes):
        return attributes
    return {_plain_name(name): value for name, value in attributes.items()}


@lru_cache(maxsize=1000)
def _plain_name(name: str) -> str:
    namespace, _, local = name.rpartition(SEPARATOR)
    vendor = next((prefix for part, prefix in _VENDORS.items() if part in namespace.lower()), "")
    return f"{vendor}:{local}" if vendor else local
