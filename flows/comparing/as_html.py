"""A comparison as one HTML page: no script, no network, every text escaped."""

from __future__ import annotations

from flows.comparing.as_text import shown, shown_key
from flows.comparing.result import Comparison, DatasetComparison, Records
from flows.handoff.html import Content, Html, tag
from flows.plain_page import plain_page, table
from flows.showing import visible
from specs.counted import how_many


def comparison_page(comparison: Comparison) -> str:
    """The page: summary first, then each comparison with its differences."""
    verdict = "Equal" if comparison.equal else "Different"
    rows: list[list[Content]] = [
        [
            tag("a", visible(d.title), href=f"#c{number}"),
            tag("span", "equal" if d.equal else "different", css="good" if d.equal else "bad"),
            f"{d.rows_base:,}", f"{d.rows_new:,}", f"{d.paired:,}", f"{d.added.count:,}", f"{d.gone.count:,}",
            f"{d.changed:,}", f"{len(d.attributes) + len(d.not_compared):,}",
        ]
        for number, d in enumerate(comparison.datasets)
    ]  # fmt: skip
    heads = ["dataset", "", "rows BASE", "rows NEW", "paired", "new", "gone", "changed", "other"]
    lone = [f"only in BASE: {visible(p)}" for p in comparison.only_base]
    lone += [f"only in NEW: {visible(p)}" for p in comparison.only_new]
    return plain_page(
        f"Comparison: {verdict.lower()}",
        tag("p", tag("strong", verdict, css="good" if comparison.equal else "bad")),
        tag("p", f"BASE {visible(comparison.base)}, NEW {visible(comparison.new)}"),
        tag("ul", [tag("li", text, css="bad") for text in lone]) if lone else None,
        table(heads, rows),
        [_dataset(number, d) for number, d in enumerate(comparison.datasets)],
    )


def _dataset(number: int, d: DatasetComparison) -> Html:
    said = f"{visible(d.base)} against {visible(d.new)}; keys {visible(' '.join(d.keys))}, from {visible(d.keys_from)}"
    doubled = d.duplicates
    parts: list[Content] = [tag("h2", visible(d.title)), tag("p", said)]
    if d.in_ascii:
        parts.append(tag("p", f"{how_many(d.in_ascii, 'text')} compared in ASCII, as the XPT file has them"))
    parts += [tag("p", f"Not compared: {visible(reason)}", css="bad") for reason in d.not_compared]
    if d.attributes:
        cells: list[list[Content]] = [[visible(a.variable), a.what, shown(a.base), shown(a.new)] for a in d.attributes]
        parts += [tag("h3", "Attributes"), table(["variable", "what", "BASE", "NEW"], cells)]
    if doubled.base or doubled.new:
        same = "the same records" if doubled.same_records else "not the same records"
        records = how_many(doubled.base, "record")
        told = f"{records} in BASE and {doubled.new:,} in NEW share a key; {same} on both sides."
        parts += [tag("h3", "Duplicate keys, not paired"), tag("p", told), _keys(doubled.listed)]
    parts += [_records("Gone", d.gone), _records("New", d.added)]
    for v in d.variables:
        far = f", at most {v.largest:.6g} apart" if v.largest is not None else ""
        near = f", {v.within_tolerance:,} more within tolerance" if v.within_tolerance else ""
        cells = [[shown_key(x.key), shown(x.base), shown(x.new)] for x in v.listed]
        more = v.differing - len(v.listed)
        parts += [
            tag("h3", f"{visible(v.variable)}: {v.differing:,} values differ{near}{far}"),
            table(["record", "BASE", "NEW"], cells) if cells else None,
            tag("p", f"and {more:,} more") if more else None,
        ]
    return tag("section", *parts, anchor=f"c{number}")


def _records(title: str, records: Records) -> Content:
    if not records.count:
        return None
    more = records.count - len(records.listed)
    return [
        tag("h3", f"{title}: {how_many(records.count, 'record')}"),
        _keys(records.listed),
        tag("p", f"and {more:,} more") if more else None,
    ]


def _keys(keys: list[dict[str, str | float | None]]) -> Html:
    return tag("ul", [tag("li", shown_key(key)) for key in keys])
