"""The outcomes as workflow commands, which GitHub Actions shows as annotations."""

from __future__ import annotations

from collections.abc import Iterator

from flows.checking.as_text import summary
from flows.checking.outcome import Checked, Severity
from flows.showing import visible

_LEVELS: dict[Severity, str] = {"error": "error", "warning": "warning", "info": "notice"}


def as_github(checked: Checked) -> str:
    """A command a finding, crash, unreadable file and skipped check; the summary last, as plain text."""
    return "\n".join([*_commands(checked), summary(checked)])


def _commands(checked: Checked) -> Iterator[str]:
    for outcome in checked.outcomes:
        for f in outcome.findings:
            level = "notice" if f.waived else _LEVELS[f.severity]
            told = f"{f.message} Rule: {f.rule} " + (f.waived.capitalize() if f.waived else f"Next: {f.next_step}")
            yield _command(level, told, file=f.file, title=f"{f.code} {f.place}")
        if outcome.crashed:
            yield _command(
                "error", f"Crashed: {outcome.crashed}. Rule: {outcome.rule}", title=f"{outcome.suite}, {outcome.check}"
            )
        elif outcome.skipped and outcome.skipped not in checked.unreadable:
            yield _command("notice", f"Skipped because {outcome.skipped}.", title=f"{outcome.suite}, {outcome.check}")
    for why in checked.unreadable:
        yield _command("error", why, title="Unreadable")


def _command(level: str, message: str, **properties: str) -> str:
    """One workflow command; what would end it, or begin another, is escaped as the runner has it."""
    given = ",".join(
        f"{name}={_escaped(visible(value, 500)).replace(':', '%3A').replace(',', '%2C')}"
        for name, value in properties.items()
        if value
    )
    return f"::{level} {given}::{_escaped(visible(message, 2000))}"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
