"""What each assessment says of each baseline lesion: splits, mergers and forgotten lesions resolved."""

from __future__ import annotations

import numpy as np
import pandas as pd

from adam.rules.assessment_order import PRE
from adam.rules.lesions import NON_TARGET
from adam.rules.tumors import ANY_AXIS, LONG_AXIS, MERGED, SHORT_AXIS, Tumors

ABSENT = "ABSENT"


def combine_records(tumors: Tumors) -> pd.DataFrame:
    """One row an assessment and identified lesion with any TR record: its diameter and its state.

    Out: ASSESS, LESION, AMOUNT (whole micrometres), TSTM, AMOUNTDT, AMOUNTSQ (TRSEQ), STATE, STATEDT, STATESQ.
    Of several diameters the kind that fits counts before DIAMETER, and that before the other kind (LPERP for a node,
    LDIAM for all else); then, as of several states, the latest.
    """
    read = tumors.records[["ASSESS", "LESION", "TESTCD", "AMOUNT", "TSTM", "STATE", "DT", "TRSEQ"]]
    records = read[read["LESION"] >= 0]
    pair = records["ASSESS"].to_numpy() * (len(tumors.lesions) + 1) + records["LESION"].to_numpy()
    records = records.assign(PAIR=pair)
    node = tumors.lesions["NODE"].to_numpy()[records["LESION"]]
    fits = np.where(node, SHORT_AXIS, LONG_AXIS)
    records["FITS"] = np.select([records["TESTCD"] == fits, records["TESTCD"] == ANY_AXIS], [2, 1], 0)
    every = records[["PAIR", "ASSESS", "LESION"]].drop_duplicates("PAIR").set_index("PAIR").sort_index()
    diameter = _last(records[records["AMOUNT"].notna()], ["FITS", "DT", "TRSEQ"])
    state = _last(records[records["STATE"].notna()], ["DT", "TRSEQ"])
    every = every.join(
        diameter[["AMOUNT", "TSTM", "DT", "TRSEQ"]].rename(columns={"DT": "AMOUNTDT", "TRSEQ": "AMOUNTSQ"})
    )
    every = every.join(state[["STATE", "DT", "TRSEQ"]].rename(columns={"DT": "STATEDT", "TRSEQ": "STATESQ"}))
    every["TSTM"] = every["TSTM"].eq(True)
    return every.reset_index(drop=True)


def _last(records: pd.DataFrame, order: list[str]) -> pd.DataFrame:
    if records["PAIR"].duplicated().any():
        records = records.sort_values(["PAIR", *order], kind="stable", na_position="first")
        records = records.drop_duplicates("PAIR", keep="last")
    return records.set_index("PAIR")


def derive_measurements(tumors: Tumors, combined: pd.DataFrame) -> pd.DataFrame:
    """One row a baseline lesion and assessment, from baseline on, whether or not it has a record there.

    In: `combine_records`. Out: SUBJ, ASSESS, LESION, ROOT, KIND, NODE, AMOUNT (whole micrometres), STATE, TSTM, MERGED,
    DT, SEQ (TRSEQ), VAR (the TR variable that holds the value); AMOUNT and STATE missing where it was not evaluated.
    AMOUNT: the first match decides:
      1. TUMOR MERGED, or no record since a TUMOR MERGED -> 0
      2. a diameter, "too small to measure" included     -> it
      3. TUMSTATE ABSENT                                 -> 0
    Where a fragment has a record, its parent's row is replaced by one row for each fragment that had appeared by then.
    Source: PROTOCOL, "Response (RECIST 1.1)", Baseline.
    """
    lesions = tumors.lesions[tumors.lesions["INBASE"]]
    columns = lesions[["SUBJ", "ROOT", "KIND", "NODE"]].reset_index(names="LESION")
    followed = tumors.assessments.loc[tumors.assessments["PHASE"] != PRE, ["SUBJ"]].reset_index(names="ASSESS")
    grid = columns.merge(followed, on="SUBJ")
    grid = grid.merge(combined, on=["ASSESS", "LESION"], how="left", indicator="RECORD")
    grid["RECORD"] = grid["RECORD"] == "both"
    grid = _keep_parts(grid, tumors)
    grid = grid.sort_values(["ASSESS", "LESION"], kind="stable", ignore_index=True)

    merged = (grid["STATE"] == MERGED) | _still_merged(grid)
    by_state = ~merged & grid["AMOUNT"].isna() & (grid["STATE"] == ABSENT)
    from_state = merged | grid["AMOUNT"].isna() | ((grid["KIND"] == NON_TARGET) & grid["STATE"].notna())
    grid["DT"] = grid["AMOUNTDT"].mask(from_state, grid["STATEDT"]).astype("datetime64[us]")
    grid["SEQ"] = grid["AMOUNTSQ"].mask(from_state, grid["STATESQ"])
    grid["VAR"] = pd.Series(np.where(from_state, "TRSTRESC", "TRSTRESN"), index=grid.index, dtype="str")
    grid["AMOUNT"] = grid["AMOUNT"].mask(merged | by_state, 0.0)
    grid["STATE"] = grid["STATE"].mask(merged, ABSENT)
    grid["MERGED"] = merged
    return grid[
        [
            "SUBJ", "ASSESS", "LESION", "ROOT", "KIND", "NODE", "AMOUNT", "STATE", "TSTM", "MERGED", "DT", "SEQ", "VAR",
        ]
    ]  # fmt: skip


def _still_merged(grid: pd.DataFrame) -> pd.Series:
    """Rows without a record whose lesion's last record says that it merged into another one."""
    ever = grid.loc[grid["STATE"] == MERGED, "LESION"].unique()
    part = grid[grid["LESION"].isin(ever)].sort_values(["LESION", "ASSESS"], kind="stable")
    state = part["STATE"].fillna("OTHER").where(part["RECORD"])
    last = state.groupby(part["LESION"]).ffill()
    return ((last == MERGED) & ~part["RECORD"]).reindex(grid.index, fill_value=False)


def _keep_parts(grid: pd.DataFrame, tumors: Tumors) -> pd.DataFrame:
    """Where a fragment has a record: its parent's row taken out; elsewhere: its own row taken out."""
    lesions = tumors.lesions
    fragment = lesions["DEPTH"] > 0
    if not fragment.any():
        return grid
    recorded = grid.loc[grid["RECORD"] & fragment.reindex(grid["LESION"]).to_numpy(), ["ASSESS", "LESION"]]
    split: list[pd.DataFrame] = []
    step = recorded
    while not step.empty:
        step = step.assign(LESION=lesions["PARENT"].reindex(step["LESION"]).to_numpy())
        step = step[step["LESION"] >= 0]
        split.append(step)
    replaced = pd.MultiIndex.from_frame(pd.concat([recorded[:0], *split]).drop_duplicates())
    own = pd.MultiIndex.from_frame(grid[["ASSESS", "LESION"]]).isin(replaced)
    parent = lesions["PARENT"].reindex(grid["LESION"]).to_numpy()
    above = pd.MultiIndex.from_arrays([grid["ASSESS"], parent]).isin(replaced)
    known_by_then = grid["ASSESS"] >= _appearance(grid, tumors).reindex(grid["LESION"]).to_numpy()
    return grid[~own & ((parent < 0) | (above & known_by_then))]


def _appearance(grid: pd.DataFrame, tumors: Tumors) -> pd.Series:
    """The first assessment at which a fragment has a TR record, or that ends on or after the day TU identifies it."""
    identified = tumors.lesions["TUDT"].reindex(grid["LESION"]).to_numpy()
    ends = tumors.assessments["DT"].reindex(grid["ASSESS"]).to_numpy()
    there = grid["RECORD"] | (ends >= identified)
    return grid["ASSESS"].where(there).groupby(grid["LESION"]).min()


RULES = {"lesion_measurements": derive_measurements}
