"""The outcomes of checking, in the formats that people and machines read."""

from __future__ import annotations

from collections.abc import Callable

from flows.checking.as_github import as_github
from flows.checking.as_html import as_html
from flows.checking.as_json import as_data
from flows.checking.as_junit import as_junit
from flows.checking.as_sarif import as_sarif
from flows.checking.as_text import as_text
from flows.checking.outcome import Checked

FORMATS: dict[str, Callable[[Checked], str]] = {
    "text": as_text,
    "json": as_data,
    "junit": as_junit,
    "sarif": as_sarif,
    "github": as_github,
    "html": as_html,
}


def show_checked(checked: Checked, output: str) -> str:
    """The outcomes in a format of `FORMATS`."""
    return FORMATS[output](checked)
