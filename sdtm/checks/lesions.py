"""Checks of lesions and response: the same lesions from scan to scan, and a response that goes with them."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from sdtm.checks.evidence import Evidence
from sdtm.checks.partial import earliest, later, latest
from specs.checks import (
    LesionForgotten,
    LesionNotIdentified,
    NewLesionNotProgression,
    ResponseWithoutScans,
    ScanDatesDiffer,
)

LESION = ["USUBJID", "TRLNKID"]
_VISIT = ["USUBJID", "VISITNUM"]


def followed(evidence: Evidence, more: Sequence[str] = ()) -> pd.DataFrame:
    """TR records of target and non-target lesions of treated subjects, one a lesion and assessment.

    Adds FRAGMENT_OF (the parent of a fragment: T01 of T01.1) and BASELINE: the assessment began on or before the first
    dose. Assessments are visits.
    """
    tu = evidence.take("TU", ["TULNKID", "TUTESTCD", "TUSTRESC"])
    identified = tu[tu["TUTESTCD"].isin(["TUMIDENT", "TUSPLIT"]) & tu["TUSTRESC"].isin(["TARGET", "NON-TARGET"])]
    identified = identified.rename(columns={"TULNKID": "TRLNKID"}).drop_duplicates(LESION)
    tr = evidence.take("TR", ["TRLNKID", "TRSTRESC", "VISITNUM", "VISIT", "TRDTC", *more]).dropna(
        subset=[*LESION, "VISITNUM"]
    )
    rows = tr.merge(identified[[*LESION, "TUTESTCD"]], on=LESION)
    dose = earliest(evidence.subjects("RFSTDTC", rows))
    rows, dose = rows[dose.notna()], dose[dose.notna()]
    began = earliest(rows["TRDTC"]).groupby([rows["USUBJID"], rows["VISITNUM"]]).transform("min")
    rows = rows.assign(
        BASELINE=began <= dose,
        FRAGMENT_OF=rows["TRLNKID"].str.replace(r"\.[^.]*$", "", regex=True).where(rows["TUTESTCD"] == "TUSPLIT"),
    )
    return rows.drop_duplicates([*LESION, "VISITNUM"])


def lesion_forgotten(evidence: Evidence, spec: LesionForgotten, code: str) -> pd.DataFrame:
    """A baseline lesion without a record at a later assessment at which another one has a record.

    The first matching line decides:
      1. the lesion, or a fragment of it, has a record at the assessment (not done is one, too) -> not forgotten
      2. an earlier record has a state of `gone` (merged into another) -> not forgotten
      3. anything else -> forgotten; reported on the record that identified the lesion, once an assessment
    """
    rows = followed(evidence)
    baseline = rows[rows["BASELINE"] & rows["FRAGMENT_OF"].isna()].drop_duplicates(LESION)[LESION]
    later_rows = rows[~rows["BASELINE"]]
    recorded = later_rows.assign(TRLNKID=later_rows["FRAGMENT_OF"].fillna(later_rows["TRLNKID"]))
    recorded = recorded.merge(baseline, on=LESION)
    assessments = recorded.drop_duplicates(_VISIT)[[*_VISIT, "VISIT"]]
    expected = assessments.merge(baseline, on="USUBJID")
    keys = [*LESION, "VISITNUM"]
    expected = expected.merge(recorded[keys].drop_duplicates(), on=keys, how="left", indicator="HAS")
    gone = rows[rows["TRSTRESC"].isin(spec.gone)].groupby(LESION)["VISITNUM"].min().rename("GONE").reset_index()
    expected = expected.merge(gone, on=LESION, how="left")
    forgotten = expected[(expected["HAS"] == "left_only") & ~(expected["GONE"] < expected["VISITNUM"])]
    tu = evidence.take("TU", ["TULNKID", "TUTESTCD"]).rename(columns={"TULNKID": "TRLNKID"})
    tu = tu[tu["TUTESTCD"] == "TUMIDENT"].drop_duplicates(LESION)
    wrong = forgotten.merge(tu, on=LESION).drop(columns="HAS")
    wrong["AT"] = wrong["VISIT"].fillna("visit " + wrong["VISITNUM"].astype("str"))
    wrong = wrong.drop(columns="VISIT")
    return evidence.found(code, "TU", wrong, "TULNKID", value="AT", lesion="TRLNKID")


def lesion_not_identified(evidence: Evidence, spec: LesionNotIdentified, code: str) -> pd.DataFrame:  # noqa: ARG001
    """A record under treatment of a target or non-target lesion that no assessment up to first dose identified.

    Fragments of a lesion that was identified belong to it.
    """
    rows = followed(evidence)
    whole = rows.assign(TRLNKID=rows["FRAGMENT_OF"].fillna(rows["TRLNKID"]))
    baseline = whole.loc[rows["BASELINE"], LESION].drop_duplicates()
    known = whole[LESION].merge(baseline, on=LESION, how="left", indicator=True)["_merge"].to_numpy() == "both"
    return evidence.found(code, "TR", rows[~known & ~rows["BASELINE"]], "TRLNKID", value="TRLNKID")


def new_lesion_not_progression(evidence: Evidence, spec: NewLesionNotProgression, code: str) -> pd.DataFrame:
    """An overall response other than progression at a visit where a new lesion is proven (on either form)."""
    tr = evidence.take("TR", [*_VISIT, "TRTESTCD", "TRSTRESC"])
    rs = evidence.take("RS", [*_VISIT, "RSTESTCD", "RSSTRESC"])
    seen = tr[(tr["TRTESTCD"] == "TUMSTATE") & tr["TRSTRESC"].isin(spec.states)]
    said = rs[(rs["RSTESTCD"] == "NEWLPROG") & rs["RSSTRESC"].isin(spec.states)]
    proven = pd.concat([seen[_VISIT], said[_VISIT]]).dropna().drop_duplicates()
    overall = rs[(rs["RSTESTCD"] == "OVRLRESP") & (rs["RSSTRESC"] != spec.progression)].dropna(subset=["RSSTRESC"])
    return evidence.found(code, "RS", overall.merge(proven, on=_VISIT), "RSSTRESC", value="RSSTRESC")


def scan_dates_differ(evidence: Evidence, spec: ScanDatesDiffer, code: str) -> pd.DataFrame:
    """A lesion scanned more than `tolerated_days` after the first scan of the same visit."""
    rows = evidence.take("TR", ["VISITNUM", "VISIT", "TRDTC"]).dropna(subset=["VISITNUM", "TRDTC"])
    rows["FIRST"] = rows.groupby(_VISIT)["TRDTC"].transform("min")
    wrong = rows[later(rows["TRDTC"], rows["FIRST"], spec.tolerated_days)]
    return evidence.found(code, "TR", wrong, "TRDTC", value="TRDTC", first="FIRST")


def response_without_scans(evidence: Evidence, spec: ResponseWithoutScans, code: str) -> pd.DataFrame:
    """A response that certainly lies on or before the first dose, or at a visit without any lesion record.

    A response of `without_scans` needs no scans.
    """
    rs = evidence.take("RS", [*_VISIT, "RSCAT", "RSTESTCD", "RSSTRESC", "RSDTC"])
    rows = rs[rs["RSCAT"].isin(spec.categories) & (rs["RSTESTCD"] == spec.test)]
    dose = evidence.subjects("RFSTDTC", rows)
    early = latest(rows["RSDTC"]) <= earliest(dose)
    scans = evidence.take("TR", _VISIT)[_VISIT].drop_duplicates()
    scanned = rows[_VISIT].merge(scans, on=_VISIT, how="left", indicator=True)["_merge"].to_numpy() == "both"
    bare = ~scanned & ~rows["RSSTRESC"].isin(spec.without_scans)
    reason = pd.Series("no lesion was assessed at this visit", index=rows.index, dtype="str").where(bare)
    reason = reason.mask(early, "its date " + rows["RSDTC"] + " is not after the first dose on " + dose)
    rows = rows.assign(REASON=reason)
    return evidence.found(code, "RS", rows[reason.notna()], "RSSTRESC", value="RSSTRESC", reason="REASON")
