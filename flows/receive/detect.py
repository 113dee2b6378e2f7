"""Looks at an export folder and chooses the reader for it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from flows.receive import odm, rave, redcap, tabular
from flows.receive.canonical import Received, Sink
from specs.errors import InputError, Problem, UsageError, did_you_mean
from specs.loader import StudySpec

Reader = Callable[[dict[str, Path], StudySpec, Sink], Received]

# name -> whether the file names look like it, and the reader; the first that looks right is taken
FORMATS: dict[str, tuple[Callable[[dict[str, Path], StudySpec], bool], Reader]] = {
    "rave": (rave.looks_like, rave.read_rave),
    "odm": (odm.looks_like, odm.read_odm),
    "redcap": (redcap.looks_like, redcap.read_redcap),
    **tabular.layout_formats(),
}


def list_folder(folder: Path) -> dict[str, Path]:
    """The files of a folder by name, sorted. Raises InputError.

    A file that is a link out of the folder is refused; subfolders and hidden files are no part of an export.
    """
    fact = next_step = ""
    if not folder.exists():
        code, fact, next_step = "INPUT-001", "There is no such folder.", "mend the path, or wait for the export."
    elif not folder.is_dir():
        code, fact, next_step = "INPUT-002", "This is a file, not a folder.", "give the folder that holds the files."
    if fact:
        hint = did_you_mean(folder.name, _neighbours(folder))
        raise InputError(Problem(code=code, place=str(folder), fact=fact, hint=hint, next_step=next_step))
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        raise InputError(
            Problem(
                code="INPUT-003", place=str(folder), fact=f"The folder cannot be read: {error.strerror}.",
                next_step="ask for the right to read it.",
            )
        ) from error  # fmt: skip
    files = {p.name: p for p in entries if not p.name.startswith(".") and (p.is_symlink() or p.is_file())}
    if not files:
        raise InputError(
            Problem(
                code="INPUT-004", place=str(folder), fact="The folder is empty: it holds no file.",
                hint="the files lie in a subfolder?" if any(p.is_dir() for p in entries) else "",
                next_step="give the folder into which the export was unpacked.",
            )
        )  # fmt: skip
    home = folder.resolve()
    outside = [name for name, path in files.items() if not path.resolve().is_relative_to(home)]
    if outside:
        raise InputError(
            Problem(
                code="INPUT-005", place=name, fact="This is a link that leads out of the export's folder.",
                next_step="put the file itself into the folder.",
            )
            for name in outside
        )  # fmt: skip
    return {name: path for name, path in files.items() if path.is_file()}


def _neighbours(folder: Path) -> list[str]:
    try:
        return [p.name for p in folder.parent.iterdir() if p.is_dir()]
    except OSError:
        return []


def choose_reader(files: dict[str, Path], folder: Path, study: StudySpec, name: str) -> Reader:
    """The reader of the format named, or for `auto` of the format the files look like.

    Raises UsageError for a format that does not exist, InputError where the files look like none.
    """
    if name in FORMATS:
        return FORMATS[name][1]
    if name != "auto":
        raise UsageError(
            Problem(
                code="USAGE-010", place=f"--format {name}", fact="There is no such raw format.",
                hint=did_you_mean(name, [*FORMATS, "auto"]) or "known formats: auto, " + ", ".join(FORMATS),
                next_step="give one of the known formats.",
            )
        )  # fmt: skip
    for looks_like, reader in FORMATS.values():
        if looks_like(files, study):
            return reader
    layouts = [study.layouts[name] for name in sorted(study.layouts)]
    expected = [rave.file_name(study, "AE"), *(tabular.file_name(study, layout, "AE") for layout in layouts)]
    shown = ", ".join(sorted(files)[:5]) + (" ..." if len(files) > 5 else "")
    raise InputError(
        Problem(
            code="INPUT-006", place=str(folder),
            fact=f"No file here looks like a raw export; the folder holds {shown}.",
            hint=f"an export of this study has files such as {', '.join(expected)}.",
            next_step="check the folder, the export's format and `project` in study.yaml, or declare a layout.",
        )
    )  # fmt: skip
