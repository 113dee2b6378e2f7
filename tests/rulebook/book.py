"""The rule book's cases, as data: what goes in, what must come out, and a sentence that says why.

A topic is a file of `cases/`. Its sections name where their rule comes from; a section's cases are a table, a line a
case, with the sentence on the line below, behind `>`. The tests here run the cases, `page` prints them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from tests.tables import table

FOLDER = Path(__file__).parent / "cases"

# the kinds of case that are counted, and how many of each there must be
AT_LEAST = {
    "combination": 30,
    "visit sequence": 80,
    "dose-limiting toxicity": 25,
    "censoring": 30,
    "imputation": 30,
    "treatment emergence": 20,
}


@dataclass(frozen=True)
class Section:
    """Cases of one rule. `cases` has text columns only: `case`, its name, and `why`, its sentence, among them."""

    name: str
    title: str
    sources: str
    kind: str
    cases: pd.DataFrame
    about: str = ""
    says: str = ""  # DATASET.VARIABLE or DATASET.PARAMCD of the specs, whose sentence is the rule in short
    rule: str = ""  # module.function, whose docstring lists the cases; after a slash how the line above the list begins
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # by column, what a short word stands for

    def word(self, column: str, cell: str) -> str:
        """A cell in full."""
        return self.words.get(column, {}).get(cell, cell)

    def lines(self) -> list[dict[str, str]]:
        """The cases, blank where nothing is given."""
        return self.cases.fillna("").to_dict("records")  # type: ignore[return-value]

    def frame(self) -> pd.DataFrame:
        """The cases without their sentences, named in the column `id`."""
        return self.cases.drop(columns="why").rename(columns={"case": "id"})


@dataclass(frozen=True)
class Topic:
    title: str
    about: str
    sections: tuple[Section, ...]


@cache
def topics() -> tuple[Topic, ...]:
    """All topics, in the order of the files' names."""
    return tuple(_topic(yaml.safe_load(path.read_text(encoding="utf-8"))) for path in sorted(FOLDER.glob("*.yaml")))


def section(name: str) -> Section:
    (found,) = (section for topic in topics() for section in topic.sections if section.name == name)
    return found


def each(*names: str) -> list[Any]:
    """The cases of some sections as (section, case), for `pytest.mark.parametrize`; the case's name is the id."""
    import pytest

    lines = ((name, line) for name in names for line in section(name).lines())
    return [pytest.param(name, line, id=f"{name}: {line['case']}") for name, line in lines]


def _topic(told: dict[str, Any]) -> Topic:
    words = told.get("words", {})
    sections = tuple(Section(**{**part, "cases": _cases(part["cases"]), "words": words}) for part in told["sections"])
    return Topic(told["title"], told["about"], sections)


def _cases(text: str) -> pd.DataFrame:
    rows: list[str] = []
    sentences: list[str] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        if line.startswith(">"):
            sentences[-1] = f"{sentences[-1]} {line[1:].strip()}".strip()
        else:
            sentences += [""] if rows else []
            rows.append(line)
    return table("\n".join(rows)).assign(why=sentences)
