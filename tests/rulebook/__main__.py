"""Print the rule book: `python -m tests.rulebook` writes docs/rule-book.md."""

from __future__ import annotations

from flows.study import open_study
from tests.rulebook.page import PAGE, render

PAGE.write_text(render(open_study("ql1706")), encoding="utf-8")
print(PAGE)
