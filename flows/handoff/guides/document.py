"""A document of headings, paragraphs, lists and tables, shown as Markdown and as a page of HTML."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.resources import files

from flows.handoff.html import Html, tag

_MARKDOWN = re.compile(r"([\\`*_\[\]<>|#])")


@dataclass(frozen=True)
class Heading:
    """A numbered heading; level 2 is a section, 3 a part of it."""

    level: int
    text: str


@dataclass(frozen=True)
class Paragraph:
    """Running text."""

    text: str


@dataclass(frozen=True)
class Bullets:
    """A list."""

    items: Sequence[str]


@dataclass(frozen=True)
class Table:
    """A table with a heading for each column; columns of numbers stand to the right."""

    heads: Sequence[str]
    rows: Sequence[Sequence[str | int]]


Block = Heading | Paragraph | Bullets | Table


@dataclass
class Document:
    """A title and what stands under it."""

    title: str
    over: str  # a line above the title
    blocks: list[Block] = field(default_factory=list)

    def section(self, text: str) -> None:
        """Begin a section."""
        self.blocks.append(Heading(2, text))

    def part(self, text: str) -> None:
        """Begin a part of a section."""
        self.blocks.append(Heading(3, text))

    def say(self, *paragraphs: str) -> None:
        """Add paragraphs."""
        self.blocks += [Paragraph(text) for text in paragraphs]

    def list(self, items: Sequence[str]) -> None:
        """Add a list; none where there is nothing in it."""
        self.blocks += [Bullets(items)] if items else []

    def table(self, heads: Sequence[str], rows: Sequence[Sequence[str | int]], without: str) -> None:
        """Add a table; in place of one without rows, what that means."""
        self.blocks.append(Table(heads, rows) if rows else Paragraph(without))


def as_markdown(document: Document) -> str:
    """The document as Markdown; text is escaped, so that nothing in it is taken for markup."""
    parts = [f"{_plain(document.over)}\n", f"# {_plain(document.title)}\n"]
    for block in document.blocks:
        match block:
            case Heading():
                parts.append(f"{'#' * block.level} {_plain(block.text)}\n")
            case Paragraph():
                parts.append(f"{_plain(block.text)}\n")
            case Bullets():
                parts.append("".join(f"- {_plain(item)}\n" for item in block.items))
            case Table():
                parts.append(_markdown_table(block))
    return "\n".join(parts)


def _markdown_table(table: Table) -> str:
    right = _right(table)
    rule = [("--:" if number else "---") for number in right]
    lines = [[_plain(head) for head in table.heads], rule, *([_plain(_cell(c)) for c in row] for row in table.rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _plain(text: str) -> str:
    return _MARKDOWN.sub(r"\\\1", " ".join(text.split()))


def as_html(document: Document) -> str:
    """The document as one page without script or network."""
    headings = [b for b in document.blocks if isinstance(b, Heading)]
    contents = [tag("li", tag("a", h.text, href=f"#{_anchor(h)}"), css="part" if h.level > 2 else "") for h in headings]
    style = files("flows.handoff.guides").joinpath("guide.css").read_text(encoding="utf-8")
    head = tag(
        "head",
        Html('<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'),
        tag("title", document.title),
        Html(f"<style>\n{style}</style>"),
    )
    main = tag(
        "main", tag("p", document.over, css="over"), tag("h1", document.title), [_html(b) for b in document.blocks]
    )
    body = tag("body", tag("nav", tag("h2", "Contents"), tag("ul", contents)), main)
    return f'<!DOCTYPE html>\n<html lang="en">\n{head}\n{body}\n</html>\n'


def _html(block: Block) -> Html:
    match block:
        case Heading():
            return tag(f"h{block.level}", block.text, anchor=_anchor(block))
        case Paragraph():
            return tag("p", block.text)
        case Bullets():
            return tag("ul", [tag("li", item) for item in block.items])
        case Table():
            return _html_table(block)


def _html_table(table: Table) -> Html:
    right = ["number" if number else "" for number in _right(table)]
    heads = [tag("th", head, css=css) for head, css in zip(table.heads, right, strict=True)]
    rows = [tag("tr", [tag("td", _cell(c), css=css) for c, css in zip(row, right, strict=True)]) for row in table.rows]
    return tag("div", tag("table", tag("thead", tag("tr", heads)), tag("tbody", rows)), css="wide")


def _right(table: Table) -> list[bool]:
    """Which columns hold numbers only."""
    return [all(isinstance(row[place], int) for row in table.rows) for place in range(len(table.heads))]


def _cell(value: str | int) -> str:
    return value if isinstance(value, str) else f"{value:,}"


def _anchor(heading: Heading) -> str:
    return re.sub(r"[^a-z0-9]+", "-", heading.text.lower()).strip("-")
