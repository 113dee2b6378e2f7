"""The way of the rows as a picture: forms on the left, SDTM in the middle, ADaM on the right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

import pandas as pd

from flows.handoff.guides.facts import GuideFacts, reads
from flows.handoff.html import Html, tag
from specs import StudySpec
from specs.counted import how_many
from specs.supplemental import is_supplemental

_PITCH, _TOP, _NODE = 24, 34, 150  # between two nodes, above the first, the width of one
_COLUMNS = (0, 425, 850)
_WIDTH = _COLUMNS[2] + _NODE
_WIDEST = 9.0  # of the line with most rows


@dataclass(frozen=True)
class Link:
    """Rows that go from a node to one of the next column; 0: how many is not counted."""

    source: str
    target: str
    rows: int


def flow_picture(study: StudySpec, facts: GuideFacts) -> Html | None:
    """The picture, as SVG that says in words what each line is; None for a run that had no SDTM to make."""
    links = from_forms(facts.accounting.get("sdtm"))
    if not links:
        return None
    rows = {d.name: d.rows for d in facts.datasets}
    read = facts.accounting["receive"]
    forms = read[read["rule"] == "KEPT"].groupby("form")["rows"].sum()
    domains = [n for n in dict.fromkeys(link.target for link in links) if n in rows]
    to_adam = [
        Link(source, d.name, 0) for d in facts.of_half("adam") for source in reads(study, d.name) if source in domains
    ]
    columns = [
        {form: int(forms.get(form, 0)) for form in dict.fromkeys(link.source for link in links)},
        {name: rows[name] for name in sorted(domains)},
        {d.name: d.rows for d in facts.of_half("adam")},
    ]
    height = _TOP + _PITCH * max(map(len, columns)) + 6
    places = [_places(list(column), height) for column in columns]
    most = max(link.rows for link in links)
    lines = [
        *(_line(link, places[0], places[1], 0, most) for link in links if link.target in places[1]),
        *(_line(link, places[1], places[2], 1, most) for link in to_adam),
    ]
    heads = [
        tag("text", title, x=f"{x + _NODE / 2:g}", y="16", css="head", text_anchor="middle")
        for title, x in zip(("Forms: records kept", "SDTM: rows", "ADaM: rows"), _COLUMNS, strict=True)
    ]
    nodes = [
        _node(name, count, x, place[name])
        for column, place, x in zip(columns, places, _COLUMNS, strict=True)
        for name, count in column.items()
    ]
    return tag(
        "svg", tag("title", "The way of the rows from forms to SDTM to ADaM"), heads, lines, nodes,
        css="flow", viewBox=f"0 0 {_WIDTH} {height:g}", role="img", xmlns="http://www.w3.org/2000/svg",
    )  # fmt: skip


def from_forms(account: pd.DataFrame | None) -> list[Link]:
    """Form -> domain with the rows that came from it; SUPP-- goes with its domain."""
    if account is None:
        return []
    made = account[(account["rule"] == "SDTM-ROWS") & (account["form"] != "") & (account["rows"] > 0)]
    made = made[~made["dataset"].map(is_supplemental).astype("bool")]
    return [
        Link(str(form), str(dataset), int(n))
        for form, dataset, n in zip(made["form"], made["dataset"], made["rows"], strict=True)
    ]


def _places(names: Sequence[str], height: float) -> Mapping[str, float]:
    """The middle of each node, spread over the height."""
    step = (height - _TOP) / max(len(names), 1)
    return {name: _TOP + step * (place + 0.5) for place, name in enumerate(names)}


def _line(link: Link, left: Mapping[str, float], right: Mapping[str, float], column: int, most: int) -> Html:
    start, end = _COLUMNS[column] + _NODE, _COLUMNS[column + 1]
    middle, y0, y1 = (start + end) / 2, left[link.source], right[link.target]
    said = f"{link.source} to {link.target}" + (f": {how_many(link.rows, 'row')}" if link.rows else "")
    width = 1 + (_WIDEST - 1) * sqrt(link.rows / most)
    curve = f"M{start} {y0:.1f}C{middle:g} {y0:.1f} {middle:g} {y1:.1f} {end} {y1:.1f}"
    css = "counted" if link.rows else "read"
    return tag("path", tag("title", said), d=curve, css=css, stroke_width=f"{width:.1f}")


def _node(name: str, count: int, x: int, y: float) -> Html:
    return tag(
        "g",
        tag("rect", x=f"{x}", y=f"{y - 9:.1f}", width=f"{_NODE}", height="18", rx="3"),
        tag("text", name, x=f"{x + 8}", y=f"{y + 4:.1f}"),
        tag("text", f"{count:,}", x=f"{x + _NODE - 8}", y=f"{y + 4:.1f}", css="count", text_anchor="end"),
    )
