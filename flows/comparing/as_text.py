"""A comparison for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TextIO

from rich.console import Console
from rich.text import Text

from flows.comparing.result import Comparison, DatasetComparison, Records, Value
from flows.showing import visible
from specs.counted import how_many

_BAD, _GOOD, _FAINT = "bold red", "green", "dim"


def print_comparison(comparison: Comparison, to: TextIO, *, colour: bool) -> None:
    """Write the comparison; nothing in a value or a file name is taken for a command to the terminal or as markup."""
    console = Console(file=to, force_terminal=colour, no_color=not colour, highlight=False, soft_wrap=True)

    def say(text: str, style: str = "") -> None:
        console.print(Text(text, style=style))

    for side, places in (("BASE", comparison.only_base), ("NEW", comparison.only_new)):
        for place in places:
            say(f"only in {side}: {visible(place)}", _BAD)
    plain = [d for d in comparison.datasets if d.equal and not list(_lines(d))]
    if plain:
        say(f"equal: {'; '.join(visible(d.title) for d in plain)}", _GOOD)
    for dataset in (d for d in comparison.datasets if d not in plain):
        mark = "equal" if dataset.equal else "different"
        say(f"{visible(dataset.title)}: {mark}", _GOOD if dataset.equal else _BAD)
        sides = [(dataset.base, dataset.rows_base), (dataset.new, dataset.rows_new)]
        say("  " + " and ".join(f"{visible(place)} ({how_many(rows, 'row')})" for place, rows in sides), _FAINT)
        keys = f"keys {visible(' '.join(dataset.keys))}, from {visible(dataset.keys_from)}"
        say(f"  {keys}; {how_many(dataset.paired, 'record')} paired", _FAINT)
        for line in _lines(dataset):
            say(f"  {line}")
    different = sum(not d.equal for d in comparison.datasets)
    only = len(comparison.only_base) + len(comparison.only_new)
    say("")
    compared = f"{how_many(len(comparison.datasets), 'comparison')}, {different:,} with differences"
    say(
        f"{'Equal' if comparison.equal else 'Different'}: {compared}, {how_many(only, 'file')} on one side only.",
        _GOOD if comparison.equal else _BAD,
    )


def _lines(dataset: DatasetComparison) -> Iterator[str]:
    if dataset.in_ascii:
        yield f"{how_many(dataset.in_ascii, 'text')} compared in ASCII, as the XPT file has them"
    for reason in dataset.not_compared:
        yield f"not compared: {visible(reason)}"
    for a in dataset.attributes:
        where = f"{a.variable} " if a.variable else ""
        yield f"{visible(where)}{a.what}: {shown(a.base)} -> {shown(a.new)}"
    yield from _records("gone", dataset.gone)
    yield from _records("new", dataset.added)
    doubled = dataset.duplicates
    if doubled.base or doubled.new:
        same = "the same records on both sides" if doubled.same_records else "not the same records on both sides"
        yield f"duplicate keys: {how_many(doubled.base, 'record')} in BASE, {doubled.new:,} in NEW, not paired; {same}"
        yield from (f"  {shown_key(key)}" for key in doubled.listed)
    if dataset.changed:
        yield f"changed: {how_many(dataset.changed, 'record')}"
    for v in dataset.variables:
        far = f", at most {v.largest:.6g} apart" if v.largest is not None else ""
        near = f", {v.within_tolerance:,} more within tolerance" if v.within_tolerance else ""
        yield f"{visible(v.variable)}: {v.differing:,} values differ{near}{far}"
        yield from (f"  {shown_key(d.key)}: {shown(d.base)} -> {shown(d.new)}" for d in v.listed)
        if v.differing > len(v.listed):
            yield f"  and {v.differing - len(v.listed):,} more"


def _records(what: str, records: Records) -> Iterator[str]:
    if records.count:
        yield f"{what}: {how_many(records.count, 'record')}"
        yield from (f"  {shown_key(key)}" for key in records.listed)
        if records.count > len(records.listed):
            yield f"  and {records.count - len(records.listed):,} more"


def shown(value: Value) -> str:
    """A value on one line: text in quotes, a number by its shortest digits."""
    if value is None:
        return "missing"
    if isinstance(value, str):
        return f"'{visible(value)}'"
    return f"{value:.17g}" if float(f"{value:.15g}") != value else f"{value:.15g}"


def shown_key(key: dict[str, Value]) -> str:
    """The key of a record on one line."""
    return ", ".join(f"{visible(name)} {shown(value)}" for name, value in key.items())
