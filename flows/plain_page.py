"""One HTML page that stands alone: no script runs in it, nothing is loaded from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable

from flows.handoff.html import Content, Html, tag

_NOTHING_FROM_ELSEWHERE = (
    '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
)
_STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 0 auto; max-width: 72rem; padding: 1.5rem; }
table { border-collapse: collapse; margin: .5rem 0 1rem; }
th, td { border-bottom: 1px solid #8886; padding: .25rem .75rem .25rem 0; text-align: left; vertical-align: top; }
td { overflow-wrap: anywhere; }
section { border-top: 1px solid #8888; margin-top: 1.5rem; }
.good { color: #17803d; } .bad { color: #c4261d; } .faint { opacity: .7; }
@media print { section { break-inside: avoid; } }
"""


def plain_page(title: str, *content: Content) -> str:
    """A page with this title; text is escaped (flows/handoff/html.py)."""
    head = tag("head", Html(_NOTHING_FROM_ELSEWHERE), tag("title", title), Html(f"<style>{_STYLE}</style>"))
    body = tag("body", tag("main", tag("h1", title), *content))
    return f'<!DOCTYPE html>\n<html lang="en">\n{head}\n{body}\n</html>\n'


def table(heads: list[str], rows: Iterable[list[Content]]) -> Html:
    """A table with a line of headings."""
    head = tag("thead", tag("tr", [tag("th", text) for text in heads]))
    body = [tag("tr", [tag("td", cell) for cell in row]) for row in rows]
    return tag("table", head, tag("tbody", body))
