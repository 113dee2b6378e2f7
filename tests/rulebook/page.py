"""The rule book as a page: for each rule what it says, where it comes from, and its cases with a sentence each."""

from __future__ import annotations

import importlib
import inspect
import re
from collections import Counter
from pathlib import Path

from flows.handoff.guides.facts import stated
from specs import StudySpec
from tests.rulebook.book import Section, Topic, topics
from tests.rulebook.visits import as_words

PAGE = Path(__file__).parents[2] / "docs" / "rule-book.md"
COMMAND = "make rule-book"

OPENING = f"""# The rule book

How the endpoints of the study QL1706-ESCC are decided, case by case: every case below is a test. It lies as a line in
`tests/rulebook/cases/`, `tests/rulebook/test_*.py` put it through the rules of `adam/`, and this page is printed from
the same lines by `{COMMAND}`. Each section has the rule as define.xml has it, the cases of the rule in the order in
which they are asked (the docstring of the function that is named), its source, and which data give what, and why.

RECIST 1.1 is Eisenhauer et al., European Journal of Cancer 45 (2009), 228-247; PROTOCOL is the protocol of the study.
"""

_NUMBERED = re.compile(r"^ *\d+[ab]?\. ")


def render(study: StudySpec) -> str:
    """The page, from the cases, the study's specs and the docstrings of the rules."""
    book = topics()
    parts = [OPENING, "## Contents\n", *_contents(book), "\n## How many cases\n", *_counts(book)]
    for topic in book:
        parts += [f"\n## {topic.title}\n", " ".join(topic.about.split())]
        for section in topic.sections:
            parts += _section(section, study)
    return "\n".join(parts) + "\n"


def link(title: str) -> str:
    """Where a heading's link leads."""
    return "#" + re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def listed_cases(rule: str) -> list[str]:
    """The numbered cases in a rule's docstring."""
    path, _, mark = rule.partition(" / ")
    module, function = path.rsplit(".", 1)
    lines = (inspect.getdoc(getattr(importlib.import_module(module), function)) or "").splitlines()
    start = next((number for number, line in enumerate(lines) if mark and line.startswith(mark)), 0)
    first = next(number for number, line in enumerate(lines[start:], start) if _NUMBERED.match(line))
    indent = len(lines[first]) - len(lines[first].lstrip())
    out = []
    for line in lines[first:]:
        if not _NUMBERED.match(line) and (not line or len(line) - len(line.lstrip()) <= indent):
            break
        out.append(line[indent:])
    return out


def _contents(book: tuple[Topic, ...]) -> list[str]:
    out = []
    for topic in book:
        out.append(f"- [{topic.title}]({link(topic.title)})")
        out += [f"  - [{part.title}]({link(part.title)}), {len(part.cases)}" for part in topic.sections]
    return out


def _counts(book: tuple[Topic, ...]) -> list[str]:
    kinds = Counter({part.kind: 0 for topic in book for part in topic.sections})
    for topic in book:
        for part in topic.sections:
            kinds[part.kind] += len(part.cases)
    rows = [f"| {kind} | {number} |" for kind, number in kinds.items()]
    return ["| kind | cases |", "|---|---|", *rows, f"| together | {kinds.total()} |"]


def _section(section: Section, study: StudySpec) -> list[str]:
    out = [f"\n### {section.title}\n"]
    if section.says:
        out.append(f"`{section.says}`: {_sentence(section.says, study)}\n")
    if section.rule:
        out += [
            f"Asked by `{section.rule.split(' / ')[0]}` in this order:\n",
            "```text",
            *listed_cases(section.rule),
            "```\n",
        ]
    out.append(f"Source: {section.sources}.\n")
    if section.about:
        out.append(f"{' '.join(section.about.split())}\n")
    columns = [name for name in section.cases if name != "why"]
    out += [f"| {' | '.join([*columns, 'because'])} |", "|---" * (len(columns) + 1) + "|"]
    for line in section.lines():
        cells = [_cell(section, name, line[name]) for name in columns]
        out.append(f"| {' | '.join([*cells, _escaped(line['why'])])} |")
    return out


def _sentence(name: str, study: StudySpec) -> str:
    dataset, _, code = name.partition(".")
    spec = study.adam[dataset]
    told = spec.variables[code].says if code in spec.variables else spec.parameters[code].says
    return _escaped(stated(told or "", study))


def _cell(section: Section, column: str, cell: str) -> str:
    if column == "assessments":
        return "<br>".join(map(_escaped, as_words(cell)))
    return _escaped(section.word(column, cell))


def _escaped(text: str) -> str:
    """Text that Markdown shows as it is."""
    return re.sub(r"([*|<])", r"\\\1", text)
