"""Schema checks on existing datasets, wherever they came from."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from flows.handoff import Half, dataset_spec
from flows.receive.detect import list_folder
from flows.receive.sdtm_files import UnreadableFileError, read_dataset
from flows.study import open_study
from specs import StudySpec
from specs.errors import InputError, Problem, did_you_mean
from specs.models import DatasetSpec
from specs.schemas import VIOLATIONS, check_dataset
from specs.supplemental import parent_domain

_SAS_EPOCH = pd.Timestamp("1960-01-01")
_ENDINGS = (".parquet", ".xpt")


def check_folder(folder: Path, study: str) -> pd.DataFrame:
    """Every violation of the study's specs by the datasets of a folder, or of a published output.

    Columns as in `specs.schemas.check_dataset`. Raises SpecError, or InputError: no datasets, or one that cannot be
    read or that the study does not know, with all such problems.
    """
    spec = open_study(study)
    problems: list[Problem] = []
    found = [pd.DataFrame(columns=VIOLATIONS)]
    for path in _dataset_files(folder):
        name = path.stem.upper()
        half: Half = "adam" if name in spec.adam else "sdtm"
        if parent_domain(name) not in {**spec.sdtm, **spec.adam}:
            problems.append(_unknown(path, name, spec))
            continue
        try:
            dataset = dataset_spec(spec, half, name)
            found.append(check_dataset(_typed(read_dataset(path), dataset), dataset, spec))
        except UnreadableFileError as error:
            problems.append(error.problem)
    if problems:
        raise InputError(problems)
    return pd.concat(found, ignore_index=True)


def show_violations(violations: pd.DataFrame, *, as_json: bool) -> str:
    """The violations as text or as a JSON list."""
    if as_json:
        return json.dumps(violations.to_dict("records"), ensure_ascii=False, indent=1)
    if violations.empty:
        return "Clean: every dataset is as its spec says."
    lines = [
        f"{v['severity']:<8} {v['dataset']}{'.' + v['variable'] if v['variable'] else ''}  {v['message']}"
        + (f"\n         {v['rows']:,} row(s), such as {v['examples']}" if v["examples"] else "")
        for v in violations.to_dict("records")
    ]
    return "\n".join([*lines, f"{len(violations):,} violations"])


def _dataset_files(folder: Path) -> list[Path]:
    """The files to check: of the halves of a published output, else of the folder itself."""
    halves = [folder / half for half in ("sdtm", "adam") if (folder / half).is_dir()]
    files = [path for place in halves or [folder] for path in list_folder(place).values()]
    datasets = [path for path in files if path.suffix.lower() in _ENDINGS]
    if not datasets:
        raise InputError(
            Problem(
                code="INPUT-101", place=str(folder), fact="The folder holds no .parquet and no .xpt file.",
                next_step="give a published output, or the folder that holds the datasets themselves.",
            )
        )  # fmt: skip
    return datasets


def _unknown(path: Path, name: str, study: StudySpec) -> Problem:
    known = [*study.sdtm, *study.adam]
    return Problem(
        code="INPUT-107", place=path.name, fact=f"The study's specs know no dataset {name}.",
        hint=did_you_mean(name, known), next_step="rename or remove the file, or add the dataset to the specs.",
    )  # fmt: skip


def _typed(frame: pd.DataFrame, spec: DatasetSpec) -> pd.DataFrame:
    """Dates as the schema wants them: a file has them as ISO 8601 text (Parquet) or SAS numbers (XPT).

    A text variable without any value has no type in some files; it becomes text.
    """
    columns = {}
    for name, column in frame.items():
        variable = spec.variables.get(str(name))
        if variable and variable.format in ("DATE9.", "DATETIME20."):
            column = _moments(column, 86_400 if variable.format == "DATE9." else 1)
        elif variable and column.isna().all():
            column = column.astype("str" if variable.type == "Char" else "float64")
        columns[name] = column
    return pd.DataFrame(columns)


def _moments(column: pd.Series, seconds: int) -> pd.Series:
    """Moments from ISO 8601 text, or from SAS numbers that count so many seconds since 1960."""
    if column.dtype == "str":
        return pd.to_datetime(column, format="ISO8601", errors="coerce").astype("datetime64[us]")
    return (_SAS_EPOCH + pd.to_timedelta(column * seconds, unit="s")).astype("datetime64[us]")
