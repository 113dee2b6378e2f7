"""Finished SDTM, wherever it came from: a folder of Parquet or of SAS transport files, made fit for ADaM."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from flows.receive.canonical import about_file
from flows.receive.detect import list_folder
from flows.receive.sdtm_files import UnreadableFileError, read_dataset
from specs.errors import GateError, InputError, Problem, did_you_mean
from specs.findings import combine, report
from specs.loader import StudySpec
from specs.models import DatasetSpec

REQUIRED = ("DM", "EX")  # without them there is no subject and no dose, so no analysis
SUBJECT_KEY = "USUBJID"
RELATED = "RELREC"  # a relationship of whole datasets belongs to no subject (SDTMIG 3.4, section 8.3)
_SHOWN = 3


@dataclass(frozen=True)
class SdtmFolder:
    """SDTM as read from a folder.

    `datasets`: name -> frame, Char `str`, Num float64; a dataset of the specs has the spec's variables in the spec's
    order, then any others. `findings`: what was taken or left. `snapshot`: the latest --DTC, ISO text. `files`: name ->
    SHA-256 of every file read.
    """

    datasets: dict[str, pd.DataFrame]
    findings: pd.DataFrame
    snapshot: str
    files: dict[str, str]


def read_sdtm_folder(folder: Path, study: StudySpec) -> SdtmFolder:
    """Read the SDTM datasets of a folder; where it has Parquet and XPT, the Parquet (RAW-121).

    Rows stay as they are. A variable of the spec that is not Req and that the file lacks is added as missing (RAW-124);
    datasets and variables that the specs do not know are kept (RAW-122, RAW-123). Raises InputError with all problems
    of all files: unreadable, DM or EX missing, DM without rows, a Req variable missing, text in a Num or numbers in a
    Char variable. Else GateError with all of these: a Req variable without any value, DM with a subject twice,
    USUBJID and --SEQ twice, subjects that DM does not have.
    """
    paths, findings = _choose(folder)
    problems = [_no_dataset(name, folder, paths) for name in REQUIRED if name not in paths]
    datasets: dict[str, pd.DataFrame] = {}
    files: dict[str, str] = {}
    for name, path in paths.items():
        try:
            files[path.name] = _sha256(path)
            datasets[name] = read_dataset(path)
        except UnreadableFileError as error:
            problems.append(error.problem)
            continue
        spec = study.sdtm.get(name)
        if spec is None:
            if name.startswith("SUPP"):
                continue
            findings.append(report("RAW-122", about_file("", path.name, [name]), dataset=name, value=name))
            continue
        problems += _unfit(datasets[name], path.name, spec)
        if not problems:
            datasets[name], said = _by_spec(datasets[name], path.name, spec)
            findings += said
    if "DM" in datasets and datasets["DM"].empty:
        problems.append(
            Problem(
                code="INPUT-104", place=paths["DM"].name, fact="DM has no rows: there is no subject.",
                next_step="check that this is the SDTM of the study.",
            )
        )  # fmt: skip
    if problems:
        raise InputError(problems)
    clashes = [p for name, frame in datasets.items() for p in _clashes(name, frame, datasets["DM"], study)]
    if clashes:
        raise GateError(clashes)
    return SdtmFolder(datasets, combine(findings), _latest_date(datasets), files)


def _choose(folder: Path) -> tuple[dict[str, Path], list[pd.DataFrame]]:
    """The file of each dataset, sorted by name."""
    files = list_folder(folder)
    kinds = {
        kind: {path.stem.upper(): path for path in files.values() if path.suffix.lower() == kind}
        for kind in (".parquet", ".xpt")
    }
    parquet, xpt = kinds[".parquet"], kinds[".xpt"]
    if not parquet and not xpt:
        inside = [sub for sub in ("sdtm", "m5") if (folder / sub).is_dir()]
        raise InputError(
            Problem(
                code="INPUT-101", place=str(folder), fact="The folder holds no .parquet and no .xpt file.",
                hint=f"did you mean {folder / 'sdtm'}?" if "sdtm" in inside else "",
                next_step="give the folder that holds the datasets themselves.",
            )
        )  # fmt: skip
    said = report("RAW-121", about_file("", str(folder.name), [folder.name])) if parquet and xpt else None
    return dict(sorted((parquet or xpt).items())), [said] if said is not None else []


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _no_dataset(name: str, folder: Path, paths: dict[str, Path]) -> Problem:
    return Problem(
        code="INPUT-102", place=str(folder), fact=f"Dataset {name} is missing.",
        hint=did_you_mean(name, paths), next_step=f"put {name.lower()}.parquet or {name.lower()}.xpt into the folder.",
    )  # fmt: skip


def _unfit(frame: pd.DataFrame, file: str, spec: DatasetSpec) -> Iterator[Problem]:
    """Req variables that are missing, and variables whose values are of the other type."""
    for name, variable in spec.variables.items():
        if name not in frame:
            if variable.core == "Req":
                yield Problem(
                    code="INPUT-103", place=file, fact=f"Required variable {name} ({variable.label}) is missing.",
                    hint=did_you_mean(name, [str(c) for c in frame if c not in spec.variables]),
                    next_step="have the dataset made with it.",
                )  # fmt: skip
            continue
        is_text = frame[name].dtype == "str"
        if is_text == (variable.type == "Char") or frame[name].isna().all():
            continue
        shown = ", ".join(f"'{v}'" for v in frame[name].dropna().drop_duplicates().head(_SHOWN))
        has, wants = ("text", "numeric") if is_text else ("numbers", "text")
        yield Problem(
            code="INPUT-106", place=file, fact=f"{name} holds {has} ({shown}), but it is a {wants} variable.",
            next_step="have the dataset made with the type of the SDTM implementation guide.",
        )  # fmt: skip


def _by_spec(frame: pd.DataFrame, file: str, spec: DatasetSpec) -> tuple[pd.DataFrame, list[pd.DataFrame]]:
    """The frame with the spec's variables first, in the spec's order and types, and what was added or not known."""
    absent = [name for name in spec.variables if name not in frame]
    others = [str(name) for name in frame if name not in spec.variables]
    columns = {
        name: (frame[name] if name in frame else pd.Series(np.nan, index=frame.index)).astype(
            "str" if variable.type == "Char" else "float64"
        )
        for name, variable in spec.variables.items()
    }
    said = []
    for code, names in (("RAW-123", others), ("RAW-124", absent)):
        rows = about_file("", file, names)
        said.append(report(code, rows, dataset=spec.dataset, value=rows["value"]))
    return pd.DataFrame(columns | {name: frame[name] for name in others}), said


def _clashes(name: str, frame: pd.DataFrame, dm: pd.DataFrame, study: StudySpec) -> Iterator[Problem]:
    """Req variables without a value, keys twice, and subjects that DM does not have."""
    spec = study.sdtm.get(name)
    for variable, v in spec.variables.items() if spec else ():
        if v.core == "Req" and len(frame) and frame[variable].isna().all():
            yield Problem(
                code="GATE-203", place=f"{name}.{variable}", fact=f"Required variable {variable} has no value at all.",
                next_step="have the dataset made with it.",
            )  # fmt: skip
    if SUBJECT_KEY not in frame:
        return
    sequence = f"{name}SEQ"
    keys = [SUBJECT_KEY] if name == "DM" else [SUBJECT_KEY, sequence] if sequence in frame else []
    doubled = frame[frame.duplicated(keys)] if keys else frame.iloc[:0]
    if len(doubled):
        first = ", ".join(f"{key} {doubled[key].iloc[0]}" for key in keys)
        yield Problem(
            code="GATE-204", place=name, fact=f"{len(doubled):,} row(s) repeat the keys of another: {first}.",
            next_step="have the dataset made again with one row for each key.",
        )  # fmt: skip
    of_datasets = frame[SUBJECT_KEY].isna() & (name == RELATED)
    strangers = frame.loc[~(frame[SUBJECT_KEY].isin(dm[SUBJECT_KEY]) | of_datasets), SUBJECT_KEY].fillna("(missing)")
    if len(strangers):
        shown = sorted(set(strangers))
        listed = ", ".join(shown[:_SHOWN]) + (" ..." if len(shown) > _SHOWN else "")
        yield Problem(
            code="GATE-208", place=name,
            fact=f"{len(strangers):,} row(s) belong to {len(shown):,} subject(s) that DM does not have: {listed}.",
            hint=did_you_mean(shown[0], dm[SUBJECT_KEY].dropna()),
            next_step="have DM and this dataset made from the same data.",
        )  # fmt: skip


def _latest_date(datasets: dict[str, pd.DataFrame]) -> str:
    """The latest --DTC of all datasets; blank where there is none."""
    latest = ""
    for frame in datasets.values():
        for name in frame:
            if str(name).endswith("DTC") and frame[name].dtype == "str":
                dates = frame[name].drop_duplicates().dropna()
                dates = dates[dates.str.match(r"\d{4}-\d{2}-\d{2}(?:T|$)")]
                latest = max([latest, *dates])
    return latest
