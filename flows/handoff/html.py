"""HTML made of nested calls, in which every text is escaped unless it is HTML already."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape


class Html(str):
    """A piece of HTML: not escaped again."""

    __slots__ = ()


Content = str | None | Iterable["Content"]


def tag(name: str, *content: Content, css: str = "", anchor: str = "", href: str = "", **more: str) -> Html:
    """An element with class, id, link and `more` attributes where given (`stroke_width` is stroke-width).

    None among the content is passed over, lists are taken apart.
    """
    given = {key: value for key, value in (("class", css), ("id", anchor), ("href", href)) if value}
    given |= {key.replace("_", "-"): value for key, value in more.items()}
    attributes = "".join(f' {key}="{escape(value)}"' for key, value in given.items())
    return Html(f"<{name}{attributes}>{_inner(content)}</{name}>")


def _inner(content: Content) -> str:
    if content is None:
        return ""
    if isinstance(content, Html):
        return content
    if isinstance(content, str):
        return escape(content)
    return "".join(map(_inner, content))
