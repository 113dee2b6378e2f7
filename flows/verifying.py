"""Whether an output is as its run left it: its files against the manifest, the manifest against the journal."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from flows.handoff import sha256_of
from flows.handoff.publish import MANIFEST, WRITTEN_BY, is_litter
from flows.handoff.runs import journal_of
from flows.journal import Journal, read_journal
from flows.showing import as_json, visible
from specs.counted import how_many
from specs.errors import InputError, Problem, did_you_mean

What = Literal["changed", "missing", "extra", "altered", "removed", "inserted", "moved", "broken", "unrecorded"]


@dataclass(frozen=True)
class Tampering:
    """One thing that is not as the run left it."""

    what: What
    place: str  # a file of the output, or a line of the journal
    fact: str


@dataclass(frozen=True)
class Verification:
    """What `verify` found."""

    out: str
    files: int  # named by the manifest
    runs: int  # lines of the journal
    last_line: str  # the newest line's own hash; blank without a journal
    found: list[Tampering] = field(default_factory=list)

    @property
    def intact(self) -> bool:
        return not self.found


def verify_output(out: Path, runs: Path | None = None) -> Verification:
    """Check an output against its manifest, and the manifest against the journal of runs.

    Named are: files that are changed, missing or extra; a manifest that no recorded good run wrote; lines of the
    journal that were altered, removed, inserted or moved. `runs`: the journal, where it does not lie beside OUT. What
    file managers leave (.DS_Store and the like) is passed over, as when publishing. Raises InputError: no such folder,
    or neither a manifest nor a journal, so that it is no output of a run.

    What cannot be seen: failed runs taken off the end of the journal, and a journal written anew as a whole.
    """
    journal_path = runs or journal_of(out)
    if not out.is_dir():
        raise InputError(
            Problem(
                code="INPUT-001", place=str(out), fact="There is no such folder.",
                hint=did_you_mean(out.name, [p.name for p in out.absolute().parent.glob("*") if p.is_dir()]),
                next_step="give the folder that a run published to.",
            )
        )  # fmt: skip
    has_manifest, has_journal = (out / MANIFEST).is_file(), journal_path.is_file()
    if not has_manifest and not has_journal:
        raise InputError(
            Problem(
                code="INPUT-109", place=str(out),
                fact=f"It holds no {MANIFEST}, and no journal {journal_path.name} lies beside it: it is no output.",
                next_step="give the folder that a run published to.",
            )
        )  # fmt: skip
    found: list[Tampering] = []
    try:
        listed = list(_listed(out, found)) if has_manifest else []
        found += _files(out, listed)
        journal = read_journal(journal_path) if has_journal else None
    except OSError as error:
        raise InputError(
            Problem(
                code="INPUT-003", place=str(error.filename or out), fact=f"It cannot be read: {error.strerror}.",
                next_step="ask for the right to read it.",
            )
        ) from error  # fmt: skip
    if not has_manifest:
        found.append(Tampering("missing", MANIFEST, "The manifest is not there."))
    if journal is None:
        fact = "There is no journal of runs beside the output, so nobody knows which manifest a run wrote."
        found.append(Tampering("missing", journal_path.name, fact))
    else:
        found += [Tampering(what, f"{journal_path.name}, {place}", fact) for what, place, fact in journal.faults]
        if has_manifest:
            found += _manifest_recorded(out, journal, journal_path)
    newest = journal.newest if journal else ""
    return Verification(str(out), len(listed), len(journal.lines) if journal else 0, newest, found)


def _listed(out: Path, found: list[Tampering]) -> Iterator[dict[str, Any]]:
    """The entries of the manifest that can be checked; what is wrong with the others, and with it, is added."""
    try:
        manifest = json.loads((out / MANIFEST).read_bytes())
    except (ValueError, RecursionError):
        found.append(Tampering("changed", MANIFEST, "It is no JSON any more."))
        return
    outputs = manifest.get("outputs") if isinstance(manifest, dict) else None
    if not isinstance(outputs, list) or manifest.get("written_by") != WRITTEN_BY:
        found.append(Tampering("changed", MANIFEST, "It is no manifest of a run: its entries are gone."))
        return
    for number, entry in enumerate(outputs, start=1):
        path = entry.get("path") if isinstance(entry, dict) else None
        if not isinstance(path, str) or not _is_inside(path):
            found.append(Tampering("changed", MANIFEST, f"Entry {number} of its outputs names no file of the output."))
        else:
            yield entry


def _is_inside(path: str) -> bool:
    pure = PurePosixPath(path)
    return bool(path) and "\0" not in path and not pure.is_absolute() and ".." not in pure.parts


def _files(out: Path, listed: list[dict[str, Any]]) -> Iterator[Tampering]:
    there = {path.relative_to(out).as_posix(): path for path in _all_files(out)}
    for entry in listed:
        name = entry["path"]
        path = there.pop(name, None)
        if path is None:
            yield Tampering("missing", name, "The manifest names it, but it is not there.")
        elif path.is_symlink() or not path.is_file():
            yield Tampering("changed", name, "A link stands where the run wrote a file.")
        elif path.stat().st_size != entry.get("bytes"):
            yield Tampering(
                "changed", name, f"It has {how_many(path.stat().st_size, 'byte')}, not {_number(entry.get('bytes'))}."
            )
        elif sha256_of(path) != entry.get("sha256"):
            yield Tampering("changed", name, "Its content is not that of the manifest's SHA-256.")
    for name in sorted(there):
        if name != MANIFEST and not is_litter(there[name].name):
            yield Tampering("extra", name, "The manifest does not name it: no run wrote it here.")


def _all_files(out: Path) -> Iterator[Path]:
    for folder, inner, names in os.walk(out):
        yield from (Path(folder, name) for name in names)
        yield from (Path(folder, name) for name in inner if Path(folder, name).is_symlink())


def _number(size: object) -> str:
    return f"{size:,}" if isinstance(size, int) else "as many as the manifest ought to say"


def _manifest_recorded(out: Path, journal: Journal, path: Path) -> Iterator[Tampering]:
    digest = hashlib.sha256((out / MANIFEST).read_bytes()).hexdigest()
    wrote = journal.manifests.get(digest, [])
    if not wrote:
        fact = f"No good run in {path.name} wrote this manifest: it was changed, or the line of its run was removed."
        yield Tampering("unrecorded", MANIFEST, fact)
    elif journal.last_good not in wrote and not journal_of_kept(out):
        newest = f"the newest good run, in line {journal.last_good}, wrote another"
        fact = f"It is that of the run in line {wrote[-1]}; {newest}."
        yield Tampering("changed", MANIFEST, fact)


def journal_of_kept(out: Path) -> bool:
    """Whether an output is a kept one, whose journal is that of the output it was kept for."""
    return journal_of(out).name != out.resolve().name + ".runs.jsonl"


def show_verification(result: Verification, *, as_data: bool) -> str:
    """The result as text, or as JSON."""
    if as_data:
        found = [vars(t) for t in result.found]
        return as_json({**vars(result), "found": found, "intact": result.intact})
    lines = [f"{t.what:<10} {visible(t.place)}\n           {visible(t.fact, 500)}" for t in result.found]
    counted = f"{how_many(result.files, 'file')} of the manifest, {how_many(result.runs, 'run')} in the journal"
    newest = f"; the newest line is {result.last_line}" if result.last_line else ""
    if result.intact:
        return f"Intact: {counted}{newest}."
    return "\n".join([*lines, f"{len(result.found):,} not as the run left it, of {counted}{newest}."])
