"""A comparison as text, JSON or HTML."""

from __future__ import annotations

import io
from dataclasses import asdict
from typing import Literal

from flows.comparing.as_html import comparison_page
from flows.comparing.as_text import print_comparison
from flows.comparing.result import Comparison
from flows.showing import as_json

Format = Literal["text", "json", "html"]


def show_comparison(comparison: Comparison, output: Format, *, colour: bool = False) -> str:
    """The comparison as it is to be written; values stand in all three, each escaped as its format has it."""
    if output == "json":
        whole = asdict(comparison) | {"equal": comparison.equal}
        for shown, dataset in zip(whole["datasets"], comparison.datasets, strict=True):
            shown["equal"] = dataset.equal
        return as_json(whole)
    if output == "html":
        return comparison_page(comparison)
    text = io.StringIO()
    print_comparison(comparison, text, colour=colour)
    return text.getvalue().rstrip("\n")
