"""Worker processes: for the parts of a large study, and for what need not be waited for at once."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Generic, ParamSpec, Protocol, Self, TypeVar

from flows.memory import manage_memory
from specs.errors import INTERRUPTED, Problem, WorkerLostError

P = TypeVar("P")
R = TypeVar("R")
A = ParamSpec("A")
HELPER_FROM_BYTES = 4_000_000  # of input: below it a process takes longer to start than it would save
WORKERS_FROM_BYTES = 150_000_000  # an export so large will have parts: the processes are started while it is read
_WATCH = "end with the run"


@dataclass(frozen=True)
class Done(Generic[R]):
    """The result of work that has been done: a call gives it."""

    result: R

    def __call__(self) -> R:
        return self.result


class Begin(Protocol):
    """Begins work, and returns what waits for its result (or raises its error) when it is called."""

    def __call__(self, work: Callable[A, R], /, *args: A.args, **kwargs: A.kwargs) -> Callable[[], R]: ...


def at_once(work: Callable[A, R], /, *args: A.args, **kwargs: A.kwargs) -> Callable[[], R]:
    """Do the work here and now."""
    return Done(work(*args, **kwargs))


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

    def start_for(self, size: int) -> None:
        """Start as many processes as an input of so many bytes is worth, so that they are ready when it has been read.

        None for a small one; one helper for a study that is worked on here; one for each processor where it has parts.
        """
        if size >= HELPER_FROM_BYTES:
            self._start(_processors() if size >= WORKERS_FROM_BYTES else 1)

    def _start(self, count: int) -> None:
        if self._pool is None and _processors() > 1:
            self._pool = ProcessPoolExecutor(count, multiprocessing.get_context("spawn"), initializer=_begin_work)
            with _without_main(), _interrupts_ignored():  # what is started inherits that, until it can answer one
                for _ in range(count):
                    self._pool.submit(_begin_work)

    def begin(self, work: Callable[A, R], /, *args: A.args, **kwargs: A.kwargs) -> Callable[[], R]:
        """Begin work in a process of its own where there is one, else do it here and now (`Begin`)."""
        if self._pool is None:
            return at_once(work, *args, **kwargs)
        with _lost_is_told():
            result = self._pool.submit(work, *args, **kwargs).result

        def wait() -> R:
            with _lost_is_told():
                return result()

        return wait

    def each(self, work: Callable[[P], R], parts: Iterable[P]) -> list[R]:
        """The work done on each part, in the order of the parts. An error of any part is raised."""
        waiting = list(parts)
        if len(waiting) > 1:
            self._start(_processors())
        if len(waiting) < 2 or self._pool is None:
            return [work(part) for part in waiting]
        with _lost_is_told():
            return list(self._pool.map(work, waiting))


@dataclass(frozen=True)
class Workshop:
    """What parts are worked on with: a folder for what lies between two steps, and the processes."""

    scratch: Path
    workers: Workers


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def _without_main() -> Iterator[None]:
    """Spawn without the module `__main__`: a new process would run the user's script once more, to no purpose."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


@contextmanager
def _interrupts_ignored() -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():  # no other can say what becomes of a signal
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _lost_is_told() -> Iterator[None]:
    try:
        yield
    except BrokenProcessPool as error:
        raise WorkerLostError(
            Problem(
                code="RUN-001", place="worker process",
                fact="A process that worked for this run was ended from outside, before its work was done.",
                hint="the system ends processes when memory runs out; its log says so.",
                next_step="free memory, and run again: nothing was published.",
            )
        ) from error  # fmt: skip


def _begin_work() -> None:
    """Load the code, and watch the process that gives the work: without it there is nobody to work for."""
    signal.signal(signal.SIGINT, lambda *_: os._exit(INTERRUPTED))  # Ctrl-C is told by the process that gives the work
    import pyreadstat  # noqa: F401

    import flows.parts  # noqa: F401  # its imports take seconds

    manage_memory()
    parent = multiprocessing.parent_process()
    watched = any(thread.name == _WATCH for thread in threading.enumerate())
    if parent is not None and not watched:
        threading.Thread(target=_end_with, args=(parent,), name=_WATCH, daemon=True).start()


def _end_with(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)
