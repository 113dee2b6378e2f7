"""Days on the command line."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from specs.errors import Problem, UsageError

DAY = "YYYY-MM-DD"
_WRITTEN = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def day_of(option: str) -> Callable[[str], date]:
    """What reads the day of an option. It raises UsageError (USAGE-003) for a text that names no day."""

    def read(text: str) -> date:
        why = "its form is another"
        if _WRITTEN.fullmatch(text):
            try:
                return date.fromisoformat(text)
            except ValueError as error:
                why = str(error)
        raise UsageError(
            Problem(
                code="USAGE-003", place=f"{option} {text}",
                fact=f"This names no day: {why}.",
                hint=f"a day is written {DAY}: 2025-06-30 is the 30th of June 2025.",
                next_step="mend the day; nothing was read, and nothing published.",
            )
        )  # fmt: skip

    return read
