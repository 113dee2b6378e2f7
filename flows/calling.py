"""How a step is called: directly, with progress on a terminal; Prefect's way of calling stands with its flows."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol, TypeVar

from flows.request import Stage

T = TypeVar("T")
log = logging.getLogger("cdisc_flows")


class Caller(Protocol):
    """Calls a step and returns what it returns; what surrounds the call is the caller's matter."""

    def __call__(self, name: str, step: Callable[..., T], *args: object) -> T: ...


class Progress(Protocol):
    """Told of each step as it starts and ends."""

    def starts(self, name: str) -> None: ...

    def ended(self, stage: Stage) -> None: ...


class Silence:
    """Shows nothing: for pipes, CI and Prefect, where the log says it."""

    def starts(self, name: str) -> None:
        """Nothing to show."""

    def ended(self, stage: Stage) -> None:
        """Nothing to show."""


class Stages:
    """Calls steps through a caller, times them, logs a line each and keeps the list."""

    def __init__(self, caller: Caller, progress: Progress) -> None:
        self.done: list[Stage] = []
        self._caller = caller
        self._progress = progress

    def __call__(self, name: str, step: Callable[..., T], *args: object, said: Callable[[T], str] | None = None) -> T:
        self._progress.starts(name)
        started = time.perf_counter()
        result = self._caller(name, step, *args)
        stage = Stage(name, time.perf_counter() - started, said(result) if said else "")
        self.done.append(stage)
        self._progress.ended(stage)
        log.info("%s: %s in %.1f s", name, stage.said or "done", stage.seconds)
        return result


def call_directly(name: str, step: Callable[..., T], *args: object) -> T:  # noqa: ARG001  # the name is for others
    """Call the step here and now."""
    return step(*args)


@contextmanager
def progress_display() -> Iterator[Progress]:
    """A spinner with the running step and a tick for each one done, where standard error is a terminal."""
    if not sys.stderr.isatty():
        yield Silence()
        return
    from rich.console import Console

    console = Console(stderr=True)
    with console.status("starting") as status:

        class Shown:
            def starts(self, name: str) -> None:
                status.update(f"{name} …")

            def ended(self, stage: Stage) -> None:
                console.print(f"[green]✓[/] {stage.name:<22} {stage.said:<46} [dim]{stage.seconds:6.1f} s[/]")

        yield Shown()
