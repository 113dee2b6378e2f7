"""Makes the shell's `HandoffError`s: what the operating system or the data refuses, in words that teach."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from specs.errors import HandoffError, Problem

_HINTS = {
    errno.ENOSPC: "the disk is full.",
    errno.EDQUOT: "your disk quota is used up.",
    errno.EROFS: "the file system is read-only.",
    errno.EACCES: "you have no right to write there.",
    errno.EPERM: "you have no right to write there.",
    errno.EEXIST: "a part of the path is a file.",
    errno.ENOTDIR: "a part of the path is a file.",
    errno.ENAMETOOLONG: "the path is too long.",
}


def refuse(code: str, place: str, fact: str, next_step: str, hint: str = "") -> HandoffError:
    """A HandoffError with one problem, to be raised by the caller."""
    return HandoffError(Problem(code=code, place=place, fact=fact, hint=hint, next_step=next_step))


def differs(place: str, fact: str) -> HandoffError:
    """HAND-508: a file that was read back before publishing is not as it was to be."""
    return refuse(
        "HAND-508", place, f"Reading back: {fact}",
        "run again; if it comes again, check the disk, then report it as a bug of cdisc-flows. Nothing was published.",
    )  # fmt: skip


def cannot_write(place: Path, error: OSError) -> HandoffError:
    """HAND-502: what the operating system said, and what it most likely means."""
    said = error.strerror or str(error)
    return refuse(
        "HAND-502",
        str(place),
        f"It cannot be written: {said}.",
        "make room or grant the right to write, or give another place with --out; the last output is as it was.",
        _HINTS.get(error.errno or 0, ""),
    )


@contextmanager
def writing(place: Path) -> Iterator[None]:
    """Turn an OSError of the block into HAND-502."""
    try:
        yield
    except OSError as error:
        raise cannot_write(place, error) from error
