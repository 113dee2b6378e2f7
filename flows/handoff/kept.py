"""Keeps the last good outputs: `OUT.kept/1`, `OUT.kept/2` and so on beside OUT, the highest number being the newest.

Principle 7 stays: OUT itself is published by one exchange as always, and what was there before goes to its place in
OUT.kept by one rename. Between the two it lies beside OUT under a name that holds the hash of its own manifest, so
that after a kill the next run knows an old output (kept) from a new one that was never published (removed).
"""

from __future__ import annotations

import hashlib
import re
import shutil
from pathlib import Path

KEPT = ".kept"
_MANIFEST = "manifest.json"
_HASH = 16  # hex digits of a manifest's hash in the name of an output on its way to OUT.kept


def kept_folder(out: Path) -> Path:
    """Where the outputs before this one are."""
    return out.with_name(out.name + KEPT)


def kept_outputs(out: Path) -> list[Path]:
    """The kept outputs, oldest first. What else lies in the folder is not ours."""
    folder = kept_folder(out)
    found = [p for p in folder.iterdir() if p.name.isdecimal() and not p.is_symlink()] if folder.is_dir() else []
    return sorted((p for p in found if p.is_dir()), key=lambda p: int(p.name))


def leaving_name(out: Path) -> Path:
    """The name beside OUT under which the output that is there now is on its way to OUT.kept."""
    return out.with_name(f".{out.name}.{_digest(out)}.leaving")


def is_the_old_output(leaving: Path) -> bool:
    """Whether a folder under such a name is the output that its name is made of."""
    return leaving.name.split(".")[-2] == _digest(leaving)


def left_behind(out: Path) -> list[Path]:
    """Folders that runs which were killed left on their way to OUT.kept."""
    name = re.compile(rf"\.{re.escape(out.name)}\.[0-9a-f]{{{_HASH}}}\.leaving")
    return sorted(p for p in out.parent.iterdir() if name.fullmatch(p.name))


def keep_output(old: Path, out: Path) -> None:
    """Give an old output the next number in OUT.kept, in one step."""
    folder = kept_folder(out)
    folder.mkdir(exist_ok=True)
    numbers = [int(p.name) for p in folder.iterdir() if p.name.isdecimal()]
    old.rename(folder / str(max(numbers, default=0) + 1))


def remove_kept(output: Path, out: Path, scratch: Path) -> None:
    """Remove a kept output; it leaves OUT.kept in one step, so that no half of it is ever to be seen there."""
    gone = output.rename(scratch / f"kept-{output.name}")
    shutil.rmtree(gone)
    folder = kept_folder(out)
    if not any(folder.iterdir()):
        folder.rmdir()


def _digest(output: Path) -> str:
    try:
        return hashlib.sha256((output / _MANIFEST).read_bytes()).hexdigest()[:_HASH]
    except OSError:
        return ""
