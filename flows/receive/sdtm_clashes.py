"""What finished SDTM says against itself: keys twice or missing, other subjects, other datasets, other studies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from flows.receive.sdtm_files import distinct, is_text
from specs.counted import how_many
from specs.errors import Problem
from specs.loader import StudySpec
from specs.supplemental import is_supplemental, parent_domain

SUBJECT_KEY = "USUBJID"
RELATED = "RELREC"  # a relationship of whole datasets belongs to no subject (SDTMIG 3.4, section 8.3)
SHOWN = 3
_REMAKE = "have DM and these datasets made from the same data."


def find_clashes(datasets: Mapping[str, pd.DataFrame], study: StudySpec) -> list[Problem]:
    """All of it, dataset by dataset; a variable whose values are of the wrong type is not looked at.

      GATE-203  a Req variable of the spec without any value
      GATE-204  two rows with one USUBJID and --SEQ, or one subject twice in DM
      GATE-208  subjects that DM does not have; datasets with the same such subjects together
      GATE-209  rows without USUBJID or --SEQ
      GATE-210  DOMAIN or RDOMAIN names another dataset
      GATE-211  STUDYID is not the study's
      GATE-212  --SEQ is no whole number from 1

    In: dataset -> frame as `DatasetFile.read` gives it.
    """
    problems = [p for name, frame in datasets.items() for p in _in_itself(name, frame, study)]
    return [*problems, *_strangers(datasets)]


def _in_itself(name: str, frame: pd.DataFrame, study: StudySpec) -> Iterator[Problem]:
    keys = [key for key in _keys(name) if _is_fit(frame, key)]
    blank = [key for key in keys if name != RELATED and frame[key].isna().any()]
    for variable in _without_values(name, frame, study):
        yield Problem(
            code="GATE-203", place=f"{name}.{variable}", fact=f"Required variable {variable} has no value at all.",
            next_step="have the dataset made with it.",
        )  # fmt: skip
    for key in blank:
        count = int(frame[key].isna().sum())
        if count < len(frame) or key not in _without_values(name, frame, study):
            yield Problem(
                code="GATE-209", place=f"{name}.{key}",
                fact=f"Of {how_many(len(frame), 'row')}, {count:,} without {key}.",
                next_step="have the dataset made with it in every row.",
            )  # fmt: skip
    yield from _other_origin(name, frame, study)
    sequence = f"{name}SEQ"
    if sequence in keys:
        numbers = frame[sequence].dropna()
        odd = numbers[~((numbers >= 1) & (numbers - np.floor(numbers) == 0))]
        if len(odd):
            yield Problem(
                code="GATE-212", place=f"{name}.{sequence}",
                fact=f"{len(odd):,} value(s) of {sequence} are no whole numbers from 1, such as {odd.iloc[0]:g}.",
                next_step="have the records of each subject numbered 1, 2, 3 and so on.",
            )  # fmt: skip
    if keys == _keys(name):
        yield from _keys_twice(name, frame, keys)


def _keys(name: str) -> list[str]:
    """The variables that tell the records of a dataset apart; of SUPP-- and RELREC only the subject is looked at."""
    return [SUBJECT_KEY] if name in ("DM", RELATED) or is_supplemental(name) else [SUBJECT_KEY, f"{name}SEQ"]


def _is_fit(frame: pd.DataFrame, key: str) -> bool:
    return key in frame and is_text(frame[key]) == (key == SUBJECT_KEY)


def _without_values(name: str, frame: pd.DataFrame, study: StudySpec) -> list[str]:
    spec = study.sdtm.get(name)
    required = (
        [key for key, variable in spec.variables.items() if variable.core == "Req"] if spec and len(frame) else []
    )
    return [key for key in required if key in frame and frame[key].isna().all()]


def _other_origin(name: str, frame: pd.DataFrame, study: StudySpec) -> Iterator[Problem]:
    """A file under the name of another one, or of another study."""
    said = "RDOMAIN" if is_supplemental(name) else "DOMAIN"
    expected = {said: ("GATE-210", parent_domain(name)), "STUDYID": ("GATE-211", study.studyid)}
    next_steps = {
        said: "check that the file has the right name, and have the dataset made again.",
        "STUDYID": "give the SDTM of this study, or another --study; or mend `studyid` in study.yaml.",
    }
    for variable, (code, wanted) in expected.items():
        if variable not in frame or not is_text(frame[variable]) or (name == RELATED and variable == said):
            continue
        others = distinct(frame[variable])
        others = others[others != wanted].sort_values()
        if len(others):
            rows, shown = int(frame[variable].isin(list(others)).sum()), _listed(list(others))
            yield Problem(
                code=code, place=f"{name}.{variable}", fact=f"{rows:,} row(s) say {shown}, not '{wanted}'.",
                next_step=next_steps[variable],
            )  # fmt: skip


def _keys_twice(name: str, frame: pd.DataFrame, keys: list[str]) -> Iterator[Problem]:
    if is_supplemental(name) or name == RELATED:
        return
    numbers = [frame[key].cat.codes.to_numpy() if is_text(frame[key]) else frame[key].to_numpy() for key in keys]
    if _ascend(numbers):
        return
    doubled = frame.loc[pd.DataFrame(dict(enumerate(numbers))).duplicated() & frame[keys].notna().all(axis=1), keys]
    if len(doubled):
        first = doubled.iloc[0]
        shown = ", ".join(
            f"{key} {value:g}" if isinstance(value, float) else f"{key} {value}" for key, value in first.items()
        )
        yield Problem(
            code="GATE-204", place=name, fact=f"{len(doubled):,} row(s) repeat the keys of another: {shown}.",
            next_step="have the dataset made again with one row for each key.",
        )  # fmt: skip


def _ascend(keys: list[np.ndarray]) -> bool:
    """Whether each row's keys stand strictly behind those of the row before; then none stand twice."""
    up = np.zeros(max(len(keys[0]) - 1, 0), dtype=bool)
    for key in reversed(keys):
        before, after = key[:-1], key[1:]
        up = (after > before) | ((after == before) & up)
    return bool(up.all())


def _strangers(datasets: Mapping[str, pd.DataFrame]) -> Iterator[Problem]:
    """One problem for each group of datasets that have the same subjects whom DM lacks."""
    dm = datasets.get("DM")
    if dm is None or not _is_fit(dm, SUBJECT_KEY):
        return
    known = pa.array(distinct(dm[SUBJECT_KEY]))
    groups: dict[tuple[str, ...], dict[str, int]] = {}
    for name, frame in datasets.items():
        if _is_fit(frame, SUBJECT_KEY):
            subjects = distinct(frame[SUBJECT_KEY])
            who = tuple(sorted(subjects[~np.asarray(pc.is_in(pa.array(subjects), value_set=known))]))
            if who:
                groups.setdefault(who, {})[name] = int(frame[SUBJECT_KEY].isin(who).sum())
    for who, rows in groups.items():
        counts = ", ".join(f"{name} {count:,}" for name, count in rows.items())
        few = f"Rows ({counts})" if len(rows) > 1 else f"{sum(rows.values()):,} row(s)"
        yield Problem(
            code="GATE-208", place=", ".join(rows),
            fact=f"{few} belong to {len(who):,} subject(s) that DM does not have: {_listed(who)}.",
            hint=_same_but_for_writing(who, set(known.to_pylist())), next_step=_REMAKE,
        )  # fmt: skip


def _same_but_for_writing(who: tuple[str, ...], known: set[str]) -> str:
    """A hint where an identifier differs from one of DM by leading zeros, spaces or case alone."""
    strange = pd.Series(who, dtype="str")
    ours = pd.Series(sorted(known), dtype="str")
    canonical = dict(zip(_bare(ours), ours, strict=True))
    for given, bare in zip(strange, _bare(strange), strict=True):
        if bare in canonical:
            return f"DM has '{canonical[bare]}' for '{given}': leading zeros, spaces or capitals were changed."
    return ""


def _bare(subjects: pd.Series) -> pd.Series:
    return (
        subjects.str.strip()
        .str.casefold()
        .str.replace(r"\D0+(?=\d)", lambda m: m[0][0], regex=True)
        .str.replace(r"^0+(?=\d)", "", regex=True)
    )


def _listed(values: list[str] | tuple[str, ...]) -> str:
    return ", ".join(f"'{value}'" for value in values[:SHOWN]) + (" ..." if len(values) > SHOWN else "")
