"""Runs every check on the datasets of a folder; what one of them brings up keeps no other from running."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

import pandas as pd

from flows.checking.cross import cross_checks
from flows.checking.datasets import check_file, schema_frame
from flows.checking.outcome import Checked, Outcome
from flows.checking.waivers import apply_waivers, read_waivers
from flows.datasets import Dataset, DatasetFile, UnreadableDatasetError, find_dataset_files, read_dataset_file
from flows.handoff import dataset_spec
from flows.handoff.publish import MANIFEST
from flows.study import open_study
from specs import StudySpec
from specs.errors import InputError, Problem, did_you_mean
from specs.models import DatasetSpec
from specs.supplemental import parent_domain

_HALVES = ("sdtm", "adam")
_READABLE = "The file can be read, and is a dataset of the study."
_SCHEMA = "The dataset is as the schema made from its spec says."
_MADE = "Every dataset of the study that may not be empty is there."


@dataclass(frozen=True)
class CheckRequest:
    """What to check, and how strictly."""

    study: str
    folder: Path
    today: date  # compared with the days on which waivers expire
    waivers: Path | None = None
    fail_on: str = "warning"
    listed: int = 10  # records of a finding that are shown; the others are counted


def check_folder(request: CheckRequest) -> Checked:
    """All outcomes of all checks on the datasets of a folder and below, or of a published output.

    In a published output its Parquet files are checked: its other forms were held against them when they were written,
    and `compare` does so again. Raises SpecError: an unknown study, a fault in a spec or in the file of waivers;
    InputError: no such folder, nothing in it that looks like a dataset, a link that leads out of it. A file that cannot
    be read, or that the study does not know, is told in what comes out, with everything else.
    """
    study = open_study(request.study)
    waivers = read_waivers(request.waivers) if request.waivers else []
    files = _files(request.folder)
    twice = {name for name, count in Counter((f.name, f.kind) for f in files).items() if count > 1}
    unreadable: list[str] = []
    outcomes: list[Outcome] = []
    frames: dict[str, pd.DataFrame] = {}
    places: dict[str, str] = {}
    for file in files:
        suite = f"{file.name} ({file.place})"
        try:
            dataset, spec = _read(file, study, doubled=(file.name, file.kind) in twice)
        except InputError as error:
            why = "; ".join(" ".join(str(p).split()) for p in error.problems)
            unreadable.append(why)
            outcomes.append(Outcome(suite, "readable", _READABLE, skipped=why))
            continue
        outcomes.append(Outcome(suite, "readable", _READABLE))
        outcomes += _guarded(suite, partial(check_file, file, dataset, spec, study))
        if file.name not in study.adam and file.name not in frames:  # of two forms of a dataset, the first
            frames[file.name] = schema_frame(dataset, spec)
            places[file.name] = file.place
    complete = (request.folder / MANIFEST).is_file()
    outcomes += _absent(study, files, complete=complete)
    outcomes += cross_checks(frames, places, study, complete=complete, listed=request.listed)
    if request.waivers:
        outcomes = apply_waivers(outcomes, waivers, request.today, request.waivers.name)
    return Checked(study.studyid, outcomes, unreadable, request.fail_on)


def _files(folder: Path) -> list[DatasetFile]:
    """The files to check: of the halves of a published output, else all of the folder; Parquet first."""
    halves = [folder / half for half in _HALVES if (folder / half).is_dir()]
    if not (folder / MANIFEST).is_file() or not halves:
        return sorted(find_dataset_files(folder), key=lambda f: (f.kind != "parquet", f.kind, f.place))
    files = [(half, file) for half in halves for file in find_dataset_files(half)]
    return [DatasetFile(f.path, f.name, f.kind, f"{half.name}/{f.place}") for half, f in files]


def _read(file: DatasetFile, study: StudySpec, *, doubled: bool) -> tuple[Dataset, DatasetSpec]:
    known = [*study.sdtm, *study.adam]
    if doubled:
        fact = f"Dataset {file.name} is there more than once in this form."
        raise InputError(_problem("INPUT-108", file, fact, "", "give the folder that holds one of them."))
    if parent_domain(file.name) not in known:
        fact = f"The study's specs know no dataset {file.name}."
        next_step = "rename or remove the file, or add the dataset to the specs."
        raise InputError(_problem("INPUT-107", file, fact, did_you_mean(file.name, known), next_step))
    try:
        return read_dataset_file(file.path), dataset_spec(
            study, "adam" if file.name in study.adam else "sdtm", file.name
        )
    except UnreadableDatasetError as error:
        raise InputError(error.problem) from error


def _problem(code: str, file: DatasetFile, fact: str, hint: str, next_step: str) -> Problem:
    return Problem(code=code, place=file.place, fact=fact, hint=hint, next_step=next_step)


def _guarded(suite: str, ask: Callable[[], list[Outcome]]) -> list[Outcome]:
    """The outcomes, or one that says that the program failed; the message of an error may quote data."""
    try:
        return ask()
    except Exception as error:
        trace = error.__traceback__
        while trace and trace.tb_next:
            trace = trace.tb_next
        place = f"{Path(trace.tb_frame.f_code.co_filename).name}, line {trace.tb_lineno}" if trace else "unknown place"
        return [Outcome(suite, "schema", _SCHEMA, crashed=f"{type(error).__name__} in {place}")]


def _absent(study: StudySpec, files: list[DatasetFile], *, complete: bool) -> list[Outcome]:
    """Datasets of the study that are not there: skipped. An output of a run passed the gate that asks for them."""
    there = {file.name for file in files}
    why = "the run made no rows of it" if complete else "the folder holds no file of it"
    return [Outcome(name, "there", _MADE, skipped=why) for name in [*study.sdtm, *study.adam] if name not in there]
