"""Finished SDTM, wherever it came from: a folder of Parquet or of SAS transport files, made fit for ADaM."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from flows.receive.canonical import about_file
from flows.receive.detect import list_folder
from flows.receive.sdtm_clashes import SHOWN, SUBJECT_KEY, find_clashes
from flows.receive.sdtm_dates import look_at_dates
from flows.receive.sdtm_files import DatasetFile, UnreadableFileError, is_text, open_dataset
from flows.receive.sdtm_qualifiers import look_at_qualifiers
from flows.receive.sdtm_subjects import look_at_subjects
from flows.receive.sdtm_values import look_at_values
from specs.errors import GateError, InputError, Problem, did_you_mean
from specs.findings import combine, report
from specs.loader import StudySpec
from specs.models import DatasetSpec
from specs.supplemental import is_supplemental, parent_domain, supp_spec

REQUIRED = ("DM", "EX")  # without them there is no subject and no dose, so no analysis
_SUPP_NEEDED = (SUBJECT_KEY, "QNAM", "QVAL")  # without labels and origins a qualifier can still be used
_ORIGIN = ("STUDYID", "DOMAIN", "RDOMAIN")  # looked at in every dataset


@dataclass(frozen=True)
class SdtmFolder:
    """SDTM as read from a folder.

    `datasets`: name -> frame, Char categorical (many rows share few texts), Num float64; a dataset of the specs has
    the spec's variables in the spec's order, then any others. `findings`: what was taken or left. `snapshot`: latest
    --DTC, ISO text. `files`: name -> SHA-256 of every file read.
    """

    datasets: dict[str, pd.DataFrame]
    findings: pd.DataFrame
    snapshot: str
    files: dict[str, str]


def read_sdtm_folder(folder: Path, study: StudySpec, needed: Mapping[str, frozenset[str]] | None = None) -> SdtmFolder:
    """Read the SDTM datasets of a folder; of a dataset that is there as Parquet and as XPT, the Parquet (RAW-121).

    `needed`: domain -> the variables that are used; then the frames have these, USUBJID, --SEQ, --DTC, --STRESU only.
    Rows stay as they are. A variable of the spec that is not Req and that the file lacks is added as missing (RAW-124);
    datasets and variables that the specs do not know are told (RAW-122, RAW-123); one without rows, but for DM and EX,
    counts as absent (RAW-125). Dates that are none are told (RAW-126), and so are values, arms and qualifiers that an
    analysis cannot use as they are (see `look_at_values`, `look_at_subjects`, `look_at_qualifiers`).
    Raises, with all problems of all files at once, InputError where one of these is among them: unreadable, one dataset
    in two files, DM or EX missing or without rows, a Req variable missing, text in a Num or numbers in a Char variable,
    no date in a --DTC variable; else GateError (see `find_clashes`, and the GATE- codes of the three above).
    """
    paths, problems, findings = _choose(folder)
    problems += [_no_dataset(name, folder, paths) for name in REQUIRED if name not in paths]
    read: dict[str, pd.DataFrame] = {}
    files: dict[str, str] = {}
    variables: dict[str, frozenset[str]] = {}
    for name, path in paths.items():
        try:
            files[path.name] = _sha256(path)
            file = open_dataset(path)
            frame, unfit, said = _read(file, name, study, needed)
        except UnreadableFileError as error:
            problems.append(error.problem)
            continue
        problems += unfit
        findings += said
        variables[name] = frozenset(file.names)
        if len(frame) or is_supplemental(name):
            read[name] = frame
        elif name in REQUIRED:
            problems.append(_no_rows(name, path))
        else:
            findings.append(report("RAW-125", about_file("", path.name, [name]), dataset=name, value=name))
    snapshot, undated, said_dates = look_at_dates(read, {name: path.name for name, path in paths.items()})
    problems += undated
    clashes = find_clashes(read, study)
    looks = [look_at_subjects(read, study), look_at_values(read, study), look_at_qualifiers(read, variables, study)]
    clashes += [problem for refused, _ in looks for problem in refused]
    findings += [told for _, told in looks]
    if problems:
        raise InputError([*problems, *clashes])
    if clashes:
        raise GateError(clashes)
    datasets = {name: _by_spec(frame, name, study, needed) for name, frame in read.items()}
    return SdtmFolder(datasets, combine([*findings, said_dates]), snapshot, files)


def _choose(folder: Path) -> tuple[dict[str, Path], list[Problem], list[pd.DataFrame]]:
    """The file of each dataset, sorted by name."""
    kinds: dict[str, dict[str, Path]] = {".parquet": {}, ".xpt": {}}
    problems = []
    for path in list_folder(folder).values():
        of_kind = kinds.get(path.suffix.lower())
        if of_kind is None:
            continue
        other = of_kind.setdefault(path.stem.upper(), path)
        if other != path:
            problems.append(
                Problem(
                    code="INPUT-109", place=str(folder),
                    fact=f"Dataset {path.stem.upper()} is there twice: {other.name} and {path.name}.",
                    next_step="leave the right file only.",
                )
            )  # fmt: skip
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
    both = ", ".join(sorted(set(parquet) & set(xpt)))
    said = [report("RAW-121", about_file("", str(folder.name), [folder.name]), value=both)] if both else []
    return dict(sorted({**xpt, **parquet}.items())), problems, said


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _no_dataset(name: str, folder: Path, paths: Mapping[str, Path]) -> Problem:
    return Problem(
        code="INPUT-102", place=str(folder), fact=f"Dataset {name} is missing.",
        hint=did_you_mean(name, paths), next_step=f"put {name.lower()}.parquet or {name.lower()}.xpt into the folder.",
    )  # fmt: skip


def _no_rows(name: str, path: Path) -> Problem:
    what = "subject" if name == "DM" else "dose"
    return Problem(
        code="INPUT-104", place=path.name, fact=f"{name} has no rows: there is no {what}.",
        next_step="check that this is the SDTM of the study.",
    )  # fmt: skip


def _spec_of(name: str, study: StudySpec) -> DatasetSpec | None:
    """The spec of a dataset; of SUPP--, the one that its domain's gives."""
    parent = study.sdtm.get(parent_domain(name))
    return supp_spec(parent) if parent is not None and is_supplemental(name) else study.sdtm.get(name)


def _read(
    file: DatasetFile, name: str, study: StudySpec, needed: Mapping[str, frozenset[str]] | None
) -> tuple[pd.DataFrame, list[Problem], list[pd.DataFrame]]:
    """The variables of a dataset that are used or checked; what is unfit, and what is said, of the whole file."""
    spec = _spec_of(name, study)
    asked = {v for v in file.names if v in _ORIGIN or _is_used(name, v, needed)}
    if spec is None:
        known = is_supplemental(name)
        said = [] if known else [report("RAW-122", about_file("", file.path.name, [name]), dataset=name, value=name)]
        return file.read(asked), [], said
    required = set(_required(spec))
    doubtful = {
        variable
        for variable, v in spec.variables.items()
        if variable in file.names and file.is_text[variable] != (v.type == "Char")
    }
    frame = file.read(asked | required | doubtful)
    return frame, list(_unfit(frame, file, spec)), _unlike_spec(file, spec)


def _is_used(name: str, variable: str, needed: Mapping[str, frozenset[str]] | None) -> bool:
    if needed is None or is_supplemental(name) or variable in (SUBJECT_KEY, f"{name}SEQ"):
        return True
    return variable.endswith(("DTC", "STRESU")) or variable in needed.get(name, frozenset())


def _required(spec: DatasetSpec) -> list[str]:
    if is_supplemental(spec.dataset):
        return list(_SUPP_NEEDED)
    return [name for name, variable in spec.variables.items() if variable.core == "Req"]


def _unfit(frame: pd.DataFrame, file: DatasetFile, spec: DatasetSpec) -> Iterator[Problem]:
    """Req variables that are missing, and variables whose values are of the other type."""
    place, required = file.path.name, _required(spec)
    for name, variable in spec.variables.items():
        if name not in file.names:
            if name in required:
                yield Problem(
                    code="INPUT-103", place=place, fact=f"Required variable {name} ({variable.label}) is missing.",
                    hint=did_you_mean(name, [given for given in file.names if given not in spec.variables]),
                    next_step="have the dataset made with it.",
                )  # fmt: skip
            continue
        is_text = file.is_text[name]
        if is_text == (variable.type == "Char") or frame[name].isna().all():
            continue
        values = frame[name].dropna().drop_duplicates().head(SHOWN)
        shown = ", ".join(f"'{v:g}'" if isinstance(v, float) else f"'{v}'" for v in values)
        has, wants = ("text", "numeric") if is_text else ("numbers", "text")
        yield Problem(
            code="INPUT-106", place=place, fact=f"{name} holds {has} ({shown}), but it is a {wants} variable.",
            hint="leading zeros are lost in numbers." if name == SUBJECT_KEY else "",
            next_step="have the dataset made with the type of the SDTM implementation guide.",
        )  # fmt: skip


def _unlike_spec(file: DatasetFile, spec: DatasetSpec) -> list[pd.DataFrame]:
    """Findings on variables that the spec or the file does not have."""
    if is_supplemental(spec.dataset):
        return []
    absent = [name for name in spec.variables if name not in file.names]
    others = [name for name in file.names if name not in spec.variables]
    said = []
    for code, names in (("RAW-123", others), ("RAW-124", absent)):
        rows = about_file("", file.path.name, names)
        said.append(report(code, rows, dataset=spec.dataset, value=rows["value"]))
    return said


def _by_spec(
    frame: pd.DataFrame, name: str, study: StudySpec, needed: Mapping[str, frozenset[str]] | None
) -> pd.DataFrame:
    """The frame with the spec's variables first, in the spec's order and types, as far as they are used."""
    spec = _spec_of(name, study)
    if spec is None or is_supplemental(name):
        return frame
    columns = {
        variable: _typed(frame, variable, "category" if v.type == "Char" else "float64")
        for variable, v in spec.variables.items()
        if _is_used(name, variable, needed)
    }
    others = {
        str(given): frame[given]
        for given in frame
        if given not in spec.variables and _is_used(name, str(given), needed)
    }
    return pd.DataFrame(columns | others, copy=False)


def _typed(frame: pd.DataFrame, variable: str, dtype: str) -> pd.Series:
    """A variable as categorical text or float64; one that the file lacks, or has without values, missing."""
    if variable in frame and (dtype == "category") == is_text(frame[variable]):
        return frame[variable]
    empty: pd.Series = pd.Series(np.nan, index=frame.index).astype(dtype)  # type: ignore[call-overload]
    return empty
