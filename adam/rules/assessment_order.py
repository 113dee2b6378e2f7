"""Which records make one tumour assessment, the order of assessments in time, and the baseline among them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from adam.rules.lesions import NEW

BASELINE, POST, PRE = "BASELINE", "POST", "PRE"


def assessment_key(records: pd.DataFrame, group: str, date: str) -> pd.Series:
    """A text that the records of one assessment of a subject share.

    In: SUBJ, VISITNUM, and the variables named. The first match decides:
      1. a link group                       -> the group
      2. its visit has one link group only  -> that group
      3. a VISITNUM                         -> the visit
      4. anything else                      -> the date as collected
    Source: PROTOCOL, "An assessment = the records of one TRLNKGRP (else one VISITNUM)".
    """
    key = "GROUP " + records[group]
    without = key.isna()
    if not without.any():
        return key
    groups = records.loc[~without].groupby(["SUBJ", "VISITNUM"])[group].agg(["first", "nunique"])
    sole = groups.loc[groups["nunique"] == 1, "first"]
    rest = records[without]
    visit = pd.MultiIndex.from_frame(rest[["SUBJ", "VISITNUM"]])
    by_group = ("GROUP " + sole.reindex(visit)).set_axis(rest.index).astype("str")
    by_visit = ("VISIT " + rest["VISITNUM"].astype("str")).where(rest["VISITNUM"].notna())
    return key.fillna(by_group).fillna(by_visit).fillna("DATE " + rest[date].fillna(""))


def order_assessments(
    records: pd.DataFrame, responses: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Numbers the assessments of TR in the order of time, and links TR and RS to them.

    In: records and responses with SUBJ, KEY, VISITNUM, DT (records also LNKGRP, VISIT). Out: both with ASSESS (-1 for
    a response without TR records), responses also with RSKEY (one number an assessment of RS); and the assessments,
    index = ASSESS: SUBJ, LNKGRP, VISITNUM, VISIT, DT. DT is the latest scan date, without one the latest RSDTC. One
    without any date stands where its VISITNUM puts it; ties in date go by VISITNUM. A response belongs to the
    assessment of its link group, else of its VISITNUM.
    """
    n = len(records)
    codes, keys = pd.factorize(pd.concat([records["KEY"], responses["KEY"]], ignore_index=True), sort=True)
    records = records.assign(RAW=records["SUBJ"] * len(keys) + codes[:n])
    responses = responses.assign(RSKEY=responses["SUBJ"] * len(keys) + codes[n:])
    table = records.groupby("RAW", sort=True).agg(
        SUBJ=("SUBJ", "first"), LNKGRP=("LNKGRP", "first"), VISITNUM=("VISITNUM", "min"), VISIT=("VISIT", "first"),
        DT=("DT", "max"),
    )  # fmt: skip
    responses = responses.assign(RAW=_link(responses, table))
    table["DT"] = table["DT"].fillna(responses.groupby("RAW")["DT"].max()).astype("datetime64[us]")
    table = table.sort_values(["SUBJ", "VISITNUM"], kind="stable")
    table["WHEN"] = table["DT"].fillna(table.groupby("SUBJ")["DT"].ffill())
    table = table.sort_values(["SUBJ", "WHEN", "VISITNUM"], kind="stable", na_position="first")
    number = pd.Series(np.arange(len(table)), index=table.index)
    records = records.assign(ASSESS=number.reindex(records["RAW"]).to_numpy()).drop(columns=["RAW", "KEY"])
    linked = number.reindex(responses["RAW"]).fillna(-1).astype("int64").to_numpy()
    responses = responses.assign(ASSESS=linked).drop(columns=["RAW", "KEY"])
    return records, responses, table.drop(columns="WHEN").reset_index(drop=True).rename_axis("ASSESS")


def _link(responses: pd.DataFrame, table: pd.DataFrame) -> pd.Series:
    by_group = responses["RSKEY"].isin(table.index)
    raw = responses["RSKEY"].where(by_group, -1)
    free = table[~table.index.isin(responses.loc[by_group, "RSKEY"])].reset_index()
    free = free.dropna(subset="VISITNUM").drop_duplicates(["SUBJ", "VISITNUM"])
    visits = pd.MultiIndex.from_frame(free[["SUBJ", "VISITNUM"]])
    rest = responses[~by_group]
    found = visits.get_indexer(pd.MultiIndex.from_frame(rest[["SUBJ", "VISITNUM"]]))
    raw.loc[rest.index] = np.where(found >= 0, free["RAW"].to_numpy()[found] if len(free) else -1, -1)
    return raw


def pick_baseline(
    subjects: pd.DataFrame, assessments: pd.DataFrame, lesions: pd.DataFrame, records: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """The last assessment with a TARGET or NON-TARGET record on or before first dose, and the lesions identified by it.

    A record marked NOT DONE, or without a date, makes no baseline. An assessment with records on both sides of first
    dose is the baseline only where none lies wholly before. Adds to subjects BASELINE (assessment, -1 for none) and
    BLASDT (the latest such date in it, up to first dose); to assessments PHASE: BASELINE, POST behind it (without a
    baseline: dated after first dose), else PRE; to lesions INBASE: a TARGET or NON-TARGET of a subject with a baseline,
    unless TU dates it after first dose and TR has no record of it up to baseline. Row counts stay.
    Source: PROTOCOL, "Baseline: (C) the last assessment ...".
    """
    known = records.loc[records["LESION"] >= 0, ["SUBJ", "ASSESS", "LESION", "AMOUNT", "STATE", "DT"]]
    known = known[lesions["KIND"].reindex(known["LESION"]).to_numpy() != NEW]
    seen = known[(known["AMOUNT"].notna() | known["STATE"].notna()) & known["DT"].notna()]
    early = seen["DT"] <= subjects["TRTSDT"].reindex(seen["SUBJ"]).set_axis(seen.index)
    choices = seen.assign(EARLY=early, DT=seen["DT"].where(early)).groupby("ASSESS", sort=True)
    choices = choices.agg(SUBJ=("SUBJ", "first"), WHOLLY=("EARLY", "all"), BLASDT=("DT", "max")).dropna(subset="BLASDT")
    chosen = choices.reset_index().sort_values(["SUBJ", "WHOLLY", "ASSESS"]).drop_duplicates("SUBJ", keep="last")
    chosen = chosen.set_index("SUBJ")[["ASSESS", "BLASDT"]].reindex(subjects.index)
    baseline = chosen["ASSESS"].fillna(-1).astype("int64")
    subjects = subjects.assign(BASELINE=baseline, BLASDT=chosen["BLASDT"].astype("datetime64[us]"))

    own = subjects.reindex(assessments["SUBJ"]).set_axis(assessments.index)
    number = assessments.index.to_series()
    after = (number > own["BASELINE"]).where(own["BASELINE"] >= 0, assessments["DT"] > own["TRTSDT"])
    phase = np.select([number == own["BASELINE"], after.astype(bool)], [BASELINE, POST], PRE)
    assessments = assessments.assign(PHASE=pd.Series(phase, index=assessments.index, dtype="str"))

    own = subjects.reindex(lesions["SUBJ"]).set_axis(lesions.index)
    by_then = known.loc[known["ASSESS"].to_numpy() <= baseline.reindex(known["SUBJ"]).to_numpy(), "LESION"]
    root = lesions["ROOT"].to_numpy()
    recorded = lesions["ROOT"].isin(root[by_then.unique()])
    late = lesions["TUDT"].to_numpy()[root] > own["TRTSDT"].to_numpy()
    in_base = (own["BASELINE"] >= 0) & (lesions["KIND"] != NEW) & (recorded | ~late)
    return subjects, assessments, lesions.assign(INBASE=in_base)
