"""The one family of errors a user can meet. Each carries problems that teach, and an exit code.

An error holds *all* problems of its kind that were seen at once, so that a user mends them in one go.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: code, place, fact, hint and next step, in that order on paper."""

    code: str
    place: str
    fact: str
    next_step: str
    hint: str = ""

    def __str__(self) -> str:
        lines = [f"{self.code}  {self.place}", f"  {self.fact}"]
        if self.hint:
            lines.append(f"  Hint: {self.hint}")
        lines.append(f"  Next: {self.next_step}")
        return "\n".join(lines)


INTERRUPTED = 130  # the exit code after Ctrl-C, as shells have it


class CdiscFlowsError(Exception):
    """Base of every error that stops a run for a reason the user can act on.

    `problems` lists what is wrong; `exit_code` is what the command line returns (DESIGN: exit codes).
    """

    exit_code = 1

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        self.problems: list[Problem] = [problems] if isinstance(problems, Problem) else list(problems)
        super().__init__("\n\n".join(map(str, self.problems)))

    def __reduce__(self) -> tuple[type, tuple[list[Problem]]]:
        # Prefect and process pools pickle exceptions; the default would pass the text, not the problems.
        return type(self), (self.problems,)


class UsageError(CdiscFlowsError):
    """The command line's words do not go together."""

    exit_code = 2


class SpecError(CdiscFlowsError):
    """An unknown study, or a fault in a spec: found before any data is read."""

    exit_code = 10


class InputError(CdiscFlowsError):
    """The input is structurally broken: missing, empty, truncated or unreadable."""

    exit_code = 11


class GateError(CdiscFlowsError):
    """A gate did not open: keys twice, required variable absent or all null, dataset without rows."""

    exit_code = 12


class HandoffError(CdiscFlowsError):
    """The output cannot be written, or does not read back as it was written."""

    exit_code = 13


class PrefectUnavailableError(CdiscFlowsError):
    """A Prefect API is configured but does not answer."""

    exit_code = 14


class WorkerLostError(CdiscFlowsError):
    """A process of the run was ended from outside."""

    exit_code = 1


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint naming the nearest known words, or an empty text where none is near."""
    candidates = sorted(set(known))
    by_folded = {candidate.casefold(): candidate for candidate in candidates}
    near = get_close_matches(word.casefold(), list(by_folded), n=3, cutoff=0.6)
    if not near:
        return ""
    return "did you mean " + " or ".join(f"'{by_folded[match]}'" for match in near) + "?"
