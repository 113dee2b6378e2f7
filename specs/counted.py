"""Numbers of things, in words for people."""

from __future__ import annotations


def how_many(number: int, thing: str) -> str:
    """`1 record`, `0 records`, `1,234 records`: a number with what it counts, one of which is called `thing`."""
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"
