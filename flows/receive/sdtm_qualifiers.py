"""Supplemental qualifiers (SUPP--) that lead to no record, stand twice, or are named otherwise than in the specs."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

import pandas as pd

from flows.receive.sdtm_files import distinct, is_text
from specs.errors import Problem, did_you_mean
from specs.findings import combine, report
from specs.loader import StudySpec
from specs.supplemental import is_supplemental, parent_domain

_KEYS = ["USUBJID", "IDVAR", "IDVARVAL", "QNAM"]
_NAME = 8  # characters of a QNAM
_SHOWN = 3


def look_at_qualifiers(
    datasets: Mapping[str, pd.DataFrame], variables: Mapping[str, Collection[str]], study: StudySpec
) -> tuple[list[Problem], pd.DataFrame]:
    """Problems that refuse the folder, and findings on SUPP--.

      GATE-204  one QNAM twice for a record
      GATE-216  IDVAR is no variable of the domain, or no record of the subject has the --SEQ that IDVARVAL says
      RAW-147   IDVAR is another variable than --SEQ: such a qualifier is not used, but for those of DM
      RAW-148   a QNAM that the specs of the domain do not have, and that is no further part of a long text

    In: dataset -> frame as `DatasetFile.read` gives it; dataset -> the variables of its file. A SUPP-- without its
    domain is passed over, and so is RAW-148 of a domain without a spec. Source: SDTMIG 3.4, section 8.4.
    """
    problems: list[Problem] = []
    findings: list[pd.DataFrame] = []
    for name, frame in datasets.items():
        parent = parent_domain(name)
        if not is_supplemental(name) or not all(key in frame and is_text(frame[key]) for key in _KEYS):
            continue
        problems += _twice(name, frame)
        if parent in datasets and parent != "DM":
            problems += _without_parent(name, frame, parent, datasets[parent], variables[parent])
            findings += _by_other_variable(name, frame, parent, variables[parent])
        findings += _unknown_names(name, frame, parent, study)
    return problems, combine(findings)


def _twice(name: str, frame: pd.DataFrame) -> Iterator[Problem]:
    codes = pd.DataFrame({key: frame[key].cat.codes for key in _KEYS})
    doubled = frame[codes.duplicated()]
    if len(doubled):
        first = ", ".join(f"{key} {value}" for key, value in doubled.iloc[0][_KEYS].dropna().items())
        yield Problem(
            code="GATE-204", place=name, fact=f"{len(doubled):,} row(s) repeat the keys of another: {first}.",
            next_step="have the dataset made again with one row for each record and QNAM.",
        )  # fmt: skip


def _without_parent(
    name: str, frame: pd.DataFrame, parent: str, records: pd.DataFrame, known: Collection[str]
) -> Iterator[Problem]:
    unknown = sorted(set(distinct(frame["IDVAR"])) - set(known))
    if unknown:
        rows = int(frame["IDVAR"].isin(unknown).sum())
        yield Problem(
            code="GATE-216", place=f"{name}.IDVAR",
            fact=f"{rows:,} row(s) are tied to {parent} by {', '.join(unknown[:_SHOWN])}, which it does not have.",
            hint=did_you_mean(unknown[0], known), next_step=f"have {name} and {parent} made from the same data.",
        )  # fmt: skip
    seq = f"{parent}SEQ"
    if seq not in records or is_text(records[seq]) or "USUBJID" not in records or not is_text(records["USUBJID"]):
        return
    tied = frame[frame["IDVAR"] == seq]
    values = pd.Series(tied["IDVARVAL"].cat.categories, dtype="str")
    numbers = pd.to_numeric(values, errors="coerce").astype("float64")
    number = numbers.array.take(tied["IDVARVAL"].cat.codes.to_numpy(), allow_fill=True)
    ours = pd.MultiIndex.from_arrays([records["USUBJID"], records[seq]])
    lost = tied[~pd.MultiIndex.from_arrays([tied["USUBJID"], number]).isin(ours)]
    if len(lost):
        first = lost.astype("str").sort_values(_KEYS, kind="stable").iloc[0]
        shown = f"{first['USUBJID']}, {seq} {first['IDVARVAL']}, {first['QNAM']}"
        yield Problem(
            code="GATE-216", place=f"{name}.IDVARVAL",
            fact=f"{len(lost):,} row(s) qualify a record that {parent} does not have: {shown}.",
            next_step=f"have {name} and {parent} made from the same data.",
        )  # fmt: skip


def _by_other_variable(name: str, frame: pd.DataFrame, parent: str, known: Collection[str]) -> Iterator[pd.DataFrame]:
    """One finding for each QNAM and IDVAR."""
    other = frame["IDVAR"].isna() | (frame["IDVAR"].isin(list(known)) & (frame["IDVAR"] != f"{parent}SEQ"))
    rows = frame.loc[other, _KEYS].astype("str")
    by = ["QNAM", "IDVAR"]
    number = rows.groupby(by, dropna=False)["USUBJID"].transform("size").astype("str")
    first = rows.sort_values(_KEYS, kind="stable").drop_duplicates(by)
    yield report(
        "RAW-147", first, dataset=name, variable="IDVAR", value=first["IDVAR"].fillna(""), expected=f"{parent}SEQ",
        qualifier=first["QNAM"], number=number,
    )  # fmt: skip


def _unknown_names(name: str, frame: pd.DataFrame, parent: str, study: StudySpec) -> Iterator[pd.DataFrame]:
    spec = study.sdtm.get(parent)
    if spec is None:
        return
    unknown = sorted(
        name
        for name in set(distinct(frame["QNAM"])) - set(spec.supplemental) - set(spec.as_collected)
        if not _continues(name, spec.made)
    )
    rows = frame.loc[frame["QNAM"].isin(unknown), _KEYS].astype("str")
    number = rows.groupby("QNAM")["USUBJID"].transform("size").astype("str")
    first = rows.sort_values(_KEYS, kind="stable").drop_duplicates("QNAM")
    hints = {given: did_you_mean(given, spec.supplemental) for given in unknown}
    yield report(
        "RAW-148", first, dataset=name, variable="QNAM", value=first["QNAM"],
        expected=first["QNAM"].map(hints).astype("str"), number=number,
    )  # fmt: skip


def _continues(name: str, variables: Collection[str]) -> bool:
    """Whether a QNAM is that of a further part of a text: the variable's name with 1, 2, ... (section 4.5.3.2)."""
    stem = name.rstrip("0123456789")
    room = _NAME - (len(name) - len(stem))
    return stem != name and any(variable[:room] == stem for variable in variables)
