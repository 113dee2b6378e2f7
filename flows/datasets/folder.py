"""The dataset files of a folder and of all folders in it: a hand-off, or any pile of files."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from flows.datasets.dataset import readers
from flows.datasets.dataset_json import is_dataset_json
from flows.handoff.xpt_pieces import SPLIT_FOLDER
from specs.errors import InputError, Problem


@dataclass(frozen=True)
class DatasetFile:
    """A file that by its ending holds a dataset."""

    path: Path
    name: str  # of the dataset: the file's name in capitals
    kind: str  # the ending without its point: parquet, xpt, json, ndjson
    place: str  # the path below the folder that was given


def find_dataset_files(place: Path) -> list[DatasetFile]:
    """The dataset files of a folder, with those of all folders in it; or the one file that was given.

    Sorted by place; passed over are hidden files and folders, JSON that is no Dataset-JSON, and folders `split`, whose
    files repeat a whole one in pieces. No link to a folder is followed. Raises InputError with all problems: no such
    place, a folder that cannot be listed, a file of another kind, no dataset at all, a link out of the folder.
    """
    known = sorted(readers())
    if not place.exists():
        raise InputError(_problem("INPUT-001", str(place), "There is no such file or folder.", "mend the path."))
    if place.is_file():
        if place.suffix.lower() not in known:
            raise InputError(_no_datasets(place, known))
        return [_file(place, place.name)]
    problems: list[Problem] = []

    def unlisted(error: OSError) -> None:
        fact = f"The folder cannot be read: {error.strerror}."
        problems.append(_problem("INPUT-003", str(error.filename), fact, "ask for the right to read it."))

    files = []
    home = place.resolve()
    for folder, inner, names in os.walk(place, onerror=unlisted):
        inner[:] = [name for name in inner if not name.startswith(".") and name != SPLIT_FOLDER]
        for name in names:
            path = Path(folder, name)
            if name.startswith(".") or path.suffix.lower() not in known:
                continue
            if not path.resolve().is_relative_to(home):
                fact = "This is a link that leads out of the folder."
                problems.append(_problem("INPUT-005", name, fact, "put the file itself into the folder."))
            elif path.is_file():
                if path.suffix.lower() == ".json" and not is_dataset_json(path):
                    continue
                files.append(_file(path, path.relative_to(place).as_posix()))
            else:
                problems.append(_problem("INPUT-105", name, "This is no file.", "put the file itself there."))
    if not files and not problems:
        problems.append(_no_datasets(place, known))
    if problems:
        raise InputError(problems)
    return sorted(files, key=lambda file: file.place)


def _file(path: Path, place: str) -> DatasetFile:
    return DatasetFile(path, path.stem.upper(), path.suffix.lower().removeprefix("."), place)


def _problem(code: str, place: str, fact: str, next_step: str) -> Problem:
    return Problem(code=code, place=place, fact=fact, next_step=next_step)


def _no_datasets(place: Path, known: list[str]) -> Problem:
    fact = f"There is no dataset here: no file that ends in {' or '.join(known)}."
    return _problem("INPUT-101", str(place), fact, "give a published output, or the folder that holds the datasets.")
