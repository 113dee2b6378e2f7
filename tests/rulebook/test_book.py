"""The rule book as a whole: enough cases of each kind, a sentence for each, and a page that is up to date."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from tests.rulebook.book import AT_LEAST, topics
from tests.rulebook.page import COMMAND, PAGE, link, listed_cases, render

SECTIONS = [section for topic in topics() for section in topic.sections]


@pytest.mark.parametrize(("kind", "number"), AT_LEAST.items())
def test_there_are_enough_cases(kind, number):
    assert sum(len(section.cases) for section in SECTIONS if section.kind == kind) >= number


def test_every_kind_is_counted():
    assert {section.kind for section in SECTIONS} == set(AT_LEAST)


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.name)
def test_cases_have_names_of_their_own_and_a_sentence_each(section):
    lines = section.lines()
    assert [name for name, count in Counter(line["case"] for line in lines).items() if count > 1] == []
    assert [line["case"] for line in lines if not re.fullmatch(r"[A-Z0-9\"“].*\.", line["why"])] == []
    given = [tuple(value for name, value in line.items() if name not in ("case", "why")) for line in lines]
    assert [of for of, count in Counter(given).items() if count > 1] == [], "two cases of the same data"


def test_titles_are_links_of_their_own():
    titles = [topic.title for topic in topics()] + [section.title for section in SECTIONS]
    assert [to for to, count in Counter(map(link, titles)).items() if count > 1] == []


def test_a_rules_cases_are_found_in_its_docstring():
    assert [line.split(".")[0] for line in listed_cases("adam.rules.time_to_event.progression") if line[0] != " "] == [
        "1", "2a", "2b", "3a", "3b", "4a", "4b", "5a", "5b",
    ]  # fmt: skip
    end = listed_cases("adam.rules.emergence.derive_event_dates / The end")
    start = listed_cases("adam.rules.emergence.derive_event_dates / The start")
    assert [len(end), len(start)] == [3, 5]
    assert [end[-1], start[-1]] == [
        "3. wholly missing         -> no date: ongoing or unknown",
        "4. wholly missing         -> the day of first dose; none: no date",
    ]


def test_the_page_is_up_to_date(study):
    printed = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    assert printed == render(study), f"{PAGE.name} is not what the cases say: run `{COMMAND}`"
