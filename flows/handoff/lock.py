"""One run at a time on an output folder, by a lock that the kernel frees when its holder ends, however it ends."""

from __future__ import annotations

import errno
import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flows.handoff.errors import refuse


@contextmanager
def hold_lock(out: Path) -> Iterator[None]:
    """Hold `OUT.lock` beside OUT. Raises HandoffError (HAND-505) at once when another run holds it.

    The file says who holds it, and goes away with the lock; after a kill it stays, but no lock is on it.
    """
    path = out.with_name(out.name + ".lock")
    descriptor = _locked(path)
    try:
        os.truncate(descriptor, 0)
        os.write(descriptor, f"process {os.getpid()} on {socket.gethostname()}\n".encode())
        yield
    finally:
        path.unlink(missing_ok=True)
        os.close(descriptor)


def _locked(path: Path) -> int:
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.read(descriptor, 200).decode(errors="replace").strip()
            os.close(descriptor)
            if error.errno not in (errno.EWOULDBLOCK, errno.EACCES):
                raise
            raise refuse(
                "HAND-505",
                str(path.with_suffix("")),
                f"Another run holds this output folder: {holder or 'it has just started'}.",
                "wait until it is done, or give another place with --out.",
                "overlapping schedules? one run at a time can publish to a folder.",
            ) from error
        if _is_still(path, descriptor):
            return descriptor
        os.close(descriptor)  # its holder has just let go and removed it: take the new one


def _is_still(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False
