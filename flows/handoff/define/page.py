"""define.html: what the style sheet makes of define.xml, in one file that needs no network and no script."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from lxml import etree

from flows.handoff.define.document import STYLESHEET

_NOTHING_ELSE = etree.XSLTAccessControl.DENY_ALL  # the sheet reads no file and asks no network


@cache
def stylesheet() -> bytes:
    """The style sheet, as it goes beside define.xml."""
    return files("flows.handoff.define").joinpath(STYLESHEET).read_bytes()


def define_page(document: bytes) -> bytes:
    """The page of a define.xml."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    sheet = etree.XSLT(etree.fromstring(stylesheet(), parser), access_control=_NOTHING_ELSE)
    page: bytes = bytes(sheet(etree.fromstring(document, parser)))
    return page
