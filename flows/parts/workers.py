"""Worker processes for the parts of a study."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

P = TypeVar("P")
R = TypeVar("R")
_WATCH = "end with the run"


class Workers:
    """Does work on several parts at once, in processes of their own; one part alone is worked on here.

    A context: leaving it ends the processes. They end with this process too, however it ends.
    """

    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def start(self) -> None:
        """Start the processes now, so that they are ready when the first part is."""
        if self._pool is None and _processors() > 1:
            self._pool = ProcessPoolExecutor(
                _processors(), multiprocessing.get_context("spawn"), initializer=_begin_work
            )
            for _ in range(_processors()):
                self._pool.submit(_begin_work)

    def each(self, work: Callable[[P], R], parts: Iterable[P]) -> list[R]:
        """The work done on each part, in the order of the parts. An error of any part is raised."""
        waiting = list(parts)
        if len(waiting) > 1:
            self.start()
        if len(waiting) < 2 or self._pool is None:
            return [work(part) for part in waiting]
        return list(self._pool.map(work, waiting))


@dataclass(frozen=True)
class Workshop:
    """What parts are worked on with: a folder for what lies between two steps, and the processes."""

    scratch: Path
    workers: Workers


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _begin_work() -> None:
    """Load the code, and watch the process that gives the work: without it there is nobody to work for."""
    import flows.parts.adam  # noqa: F401  # its imports take seconds

    parent = multiprocessing.parent_process()
    watched = any(thread.name == _WATCH for thread in threading.enumerate())
    if parent is not None and not watched:
        threading.Thread(target=_end_with, args=(parent,), name=_WATCH, daemon=True).start()


def _end_with(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)
