"""Publishes an output folder all at once or not at all, with one run at a time and no stranger's file deleted.

A run writes into a staging folder beside OUT. Publishing exchanges the two names in one step of the kernel
(`renameat2` with RENAME_EXCHANGE, on Linux and its usual file systems). Where that is not to be had, two renames do
it: a run killed between them leaves the last output whole as `.OUT.previous`, and the next run puts it back. With
`keep`, the output that was there goes to `OUT.kept` (flows/handoff/kept.py).
"""

from __future__ import annotations

import ctypes
import errno
import json
import logging
import os
import shutil
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from flows.handoff.errors import cannot_write, refuse, writing
from flows.handoff.kept import (
    is_the_old_output,
    keep_output,
    kept_outputs,
    leaving_name,
    left_behind,
    remove_kept,
)
from flows.handoff.lock import hold_lock

MANIFEST = "manifest.json"
WRITTEN_BY = "cdisc-flows"  # the manifest's word by which an output folder is known as ours

log = logging.getLogger("cdisc_flows")
_LITTER = (".DS_Store", "Thumbs.db", "desktop.ini")  # left by file managers
_LITTER_STARTS = ("._", "~$", ".~lock.", ".nfs")  # left by open files and by copying from a Mac


class OutputFolder:
    """The output folder of one run: a context that locks OUT and gives a staging folder to write to.

    `stage` is the folder to write to, `scratch` one for what lies between two steps of the run; `publish()` puts the
    stage in OUT's place; leaving the context without it leaves OUT untouched, and removes both folders. A link is
    followed. `keep`: how many good outputs there are to be, this one counted; None leaves those kept before alone.
    Raises HandoffError: HAND-501 when OUT is not a folder of ours
    to replace, HAND-502 when it cannot be written, HAND-505 when another run holds it.
    """

    def __init__(self, out: Path, keep: int | None = None) -> None:
        self.out = Path(os.path.realpath(out))
        self.stage = self.out.with_name(f".{self.out.name}.staging") if self.out.name else self.out
        self.scratch = self.out.with_name(f".{self.out.name}.scratch") if self.out.name else self.out
        self._previous = self.out.with_name(f".{self.out.name}.previous") if self.out.name else self.out
        self._keep = keep
        self._held = ExitStack()

    @property
    def last_output(self) -> Path | None:
        """The folder of the last published output, if there is one."""
        return self.out if (self.out / MANIFEST).is_file() else None

    def __enter__(self) -> Self:
        with ExitStack() as held, writing(self.out):
            _refuse_unusable(self.out)
            self.out.parent.mkdir(parents=True, exist_ok=True)
            held.enter_context(hold_lock(self.out))
            self._put_right_what_a_killed_run_left()
            _refuse_to_replace(self.out)
            self.stage.mkdir()
            self.scratch.mkdir(mode=0o700)
            if self.out.is_dir():
                shutil.copymode(self.out, self.stage)
            self._held = held.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            shutil.rmtree(self.stage, ignore_errors=True)
            shutil.rmtree(self.scratch, ignore_errors=True)
        finally:
            self._held.close()
        if isinstance(error, OSError) and self._is_ours(error):
            raise cannot_write(self.out, error) from error

    def _is_ours(self, error: OSError) -> bool:
        """Whether an error of the operating system came from writing beside OUT."""
        return error.errno in (errno.ENOSPC, errno.EDQUOT) or str(error.filename or "").startswith(
            (str(self.stage), str(self.scratch))
        )

    def publish(self) -> None:
        """Put the stage in OUT's place, atomically and durably, and remove the output that was there.

        The stage must hold a manifest. OUT is looked at once more: a file that came while the run went on is kept.
        """
        assert (self.stage / MANIFEST).is_file(), "an output without a manifest is not complete"
        _refuse_to_replace(self.out)
        with writing(self.out):
            _flush(self.stage)
            keeps = (self._keep or 1) > 1 and self.last_output is not None
            old = self.stage.rename(leaving_name(self.out)) if keeps else self.stage
            try:
                if not self.out.exists():
                    old.rename(self.out)
                elif not _exchange(old, self.out):
                    self.out.rename(self._previous)
                    old.rename(self.out)
                    old = self._previous
            except OSError:
                if keeps:
                    shutil.rmtree(old, ignore_errors=True)  # the stage, under its other name
                raise
            _flush_directory(self.out.parent)
        try:
            if keeps:
                keep_output(old, self.out)
            elif old.exists():
                shutil.rmtree(old)
            self._remove_kept()
        except OSError as error:
            log.warning("the replaced output could not be put away: %s; the next run tries again", error)

    def _remove_kept(self) -> None:
        """Remove the oldest of the outputs that are more than to be kept; one that holds a stranger's file stays."""
        if self._keep is None:
            return
        outputs = kept_outputs(self.out)
        for output in outputs[: max(0, len(outputs) - self._keep + 1)]:
            if strange := strange_files(output):
                log.warning("the kept output %s stays: it holds %s, which no run wrote", output.name, strange[0])
            else:
                remove_kept(output, self.out, self.scratch)

    def _put_right_what_a_killed_run_left(self) -> None:
        if self._previous.exists() and not self.out.exists():
            self._previous.rename(self.out)
        for leaving in left_behind(self.out):
            if is_the_old_output(leaving):
                keep_output(leaving, self.out)
            else:
                shutil.rmtree(leaving)
        if self._previous.exists() and (self._keep or 1) > 1:
            keep_output(self._previous, self.out)
        for leftover in (self.stage, self.scratch, self._previous):
            if leftover.exists():
                log.info("removing %s, left by a run that was killed", leftover.name)
                shutil.rmtree(leftover)


# --- what may be replaced -------------------------------------------------------------------------------------


def _refuse_unusable(out: Path) -> None:
    if not out.name or os.path.ismount(out):
        raise refuse(
            "HAND-501",
            str(out),
            "It is the root of a file system, so nothing can be written beside it and put in its place in one step.",
            f"give a folder in it: --out {out / 'output'}",
        )
    if out.exists() and not out.is_dir():
        raise refuse("HAND-501", str(out), "It is a file; the output is a folder.", "give another place with --out.")


def _refuse_to_replace(out: Path) -> None:
    """An output folder is replaced as a whole, so it must hold what a run wrote, and nothing else."""
    with writing(out):
        if not out.exists() or not any(out.iterdir()):
            return
        if _read_manifest(out) is None:
            raise refuse(
                "HAND-501",
                str(out),
                "It holds files, but no manifest.json of cdisc-flows: it is no output of an earlier run.",
                "give a new or empty folder with --out; nothing was touched.",
            )
        strange = strange_files(out)
    if strange:
        more = f" and {len(strange) - 3} more" if len(strange) > 3 else ""
        raise refuse(
            "HAND-501",
            str(out),
            f"It holds what no run wrote: {', '.join(strange[:3])}{more}. A run replaces the folder as a whole.",
            "move these files elsewhere, or give another place with --out; nothing was touched.",
        )


def strange_files(out: Path) -> list[str]:
    """The files and links in an output that its manifest does not name; what file managers leave does not count.

    Without a manifest of ours, all of them.
    """
    manifest = _read_manifest(out) or {"outputs": []}
    known = {MANIFEST, *(output["path"] for output in manifest["outputs"])}
    files = (p for p in sorted(out.rglob("*")) if p.is_symlink() or not p.is_dir())
    names = (p.relative_to(out).as_posix() for p in files if not is_litter(p.name))
    return [name for name in names if name not in known]


def _read_manifest(out: Path) -> dict[str, Any] | None:
    try:
        manifest = json.loads((out / MANIFEST).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    ours = isinstance(manifest, dict) and manifest.get("written_by") == WRITTEN_BY and "outputs" in manifest
    return manifest if ours else None


def is_litter(name: str) -> bool:
    """Whether a file is what file managers and open files leave."""
    return name in _LITTER or name.startswith(_LITTER_STARTS)


# --- the kernel's part ----------------------------------------------------------------------------------------


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two names in one step; False where the kernel or the file system cannot."""
    renameat2 = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if renameat2 is None:
        return False
    at_cwd, exchange = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
    if renameat2(at_cwd, os.fsencode(one), at_cwd, os.fsencode(other), exchange) == 0:
        return True
    number = ctypes.get_errno()
    if number in (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP):
        return False
    raise OSError(number, os.strerror(number), str(other))


def _flush(folder: Path) -> None:
    for directory, _, names in os.walk(folder):
        for name in names:
            _flush_one(Path(directory, name), os.O_RDONLY)
        _flush_directory(Path(directory))


def _flush_directory(folder: Path) -> None:
    _flush_one(folder, os.O_RDONLY | os.O_DIRECTORY)


def _flush_one(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
