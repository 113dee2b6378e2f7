"""Decisions as ordered cases: the first that holds decides, and the trace shows all that were asked.

A rule hands its list of cases, each a name and whether it holds for each candidate, to the function that decides and to
the one that traces: both read the same list.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

Cases = list[tuple[str, pd.Series]]


def name_first_case(cases: Cases) -> pd.Series:
    """The name of the first case that holds for each candidate; one of them must."""
    names = np.array([name for name, _ in cases], dtype=object)
    first = np.argmax(np.column_stack([holds for _, holds in cases]), axis=1)
    return pd.Series(names[first], index=cases[0][1].index, dtype="str")


def first_match(cases: Cases, candidates: pd.DataFrame, by: str) -> pd.DataFrame:
    """For each `by` the first case that holds for any candidate, and the first candidate for which it does.

    In: candidates in the order in which they are asked. Out: their rows, one for each `by` that has one, and CASE, in
    the order of `by`.
    """
    parts = [candidates[holds].assign(CASE=name, RANK=rank) for rank, (name, holds) in enumerate(cases)]
    found = pd.concat(parts, ignore_index=True).sort_values([by, "RANK"], kind="stable")
    found["CASE"] = found["CASE"].astype("str")
    return found.drop_duplicates(by).drop(columns="RANK").reset_index(drop=True)


def trace_each(cases: Cases, candidates: pd.DataFrame) -> pd.DataFrame:
    """Every case of every candidate: its columns, CASE (with its number), HOLDS, and DECIDES: the first that holds."""
    trace = _asked(cases, candidates)
    return trace.assign(DECIDES=trace["HOLDS"] & (trace.groupby("AT")["HOLDS"].cumsum() == 1)).drop(columns="AT")


def trace_first_match(cases: Cases, candidates: pd.DataFrame, by: str) -> pd.DataFrame:
    """Every case of every candidate, case by case: DECIDES is the one that `first_match` takes."""
    trace = _asked(cases, candidates).sort_values([by, "NUMBER", "AT"], kind="stable", ignore_index=True)
    decides = trace["HOLDS"] & (trace.groupby(by)["HOLDS"].cumsum() == 1)
    return trace.assign(DECIDES=decides).drop(columns="AT")


def _asked(cases: Cases, candidates: pd.DataFrame) -> pd.DataFrame:
    parts = [
        candidates.assign(AT=range(len(candidates)), NUMBER=number, CASE=f"{number} {name}", HOLDS=holds.astype("bool"))
        for number, (name, holds) in enumerate(cases, start=1)
    ]
    trace = pd.concat(parts, ignore_index=True).sort_values(["AT", "NUMBER"], kind="stable", ignore_index=True)
    return trace.astype({"CASE": "str", "HOLDS": "bool"})
