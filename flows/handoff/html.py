"""HTML made of nested calls, in which every text is escaped unless it is HTML already."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape


class Html(str):
    """A piece of HTML: not escaped again."""

    __slots__ = ()


Content = str | None | Iterable["Content"]


def tag(name: str, *content: Content, css: str = "", anchor: str = "", href: str = "") -> Html:
    """An element with class, id and link where given; None among the content is passed over, lists are taken apart."""
    given = {"class": css, "id": anchor, "href": href}
    attributes = "".join(f' {key}="{escape(value)}"' for key, value in given.items() if value)
    return Html(f"<{name}{attributes}>{_inner(content)}</{name}>")


def _inner(content: Content) -> str:
    if content is None:
        return ""
    if isinstance(content, Html):
        return content
    if isinstance(content, str):
        return escape(content)
    return "".join(map(_inner, content))
