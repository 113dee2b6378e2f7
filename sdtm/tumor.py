"""What lesions need beyond a plain mapping: identified once, measured by their kind, assessments numbered."""

from __future__ import annotations

import pandas as pd

from sdtm.rule import Call, Made, Rule
from specs import identity

NODE = "LYMPH NODE"  # what the location of a node contains (MEDIASTINAL LYMPH NODE)
DIAMETERS = {"LDIAM": "Longest Diameter", "LPERP": "Longest Perpendicular"}


def first_identification(frame: pd.DataFrame, call: Call) -> Made:  # noqa: ARG001  # every rule gets its call
    """A step of TU: of all records of a lesion the first, for each test (identified, split, merged).

    The first is that of the lowest VISITNUM, then of the earliest date, then of the lowest log line. Lesions without a
    number cannot be told apart: all their records stay. Needs TULNKID, TUTESTCD, TUDTC, VISITNUM. The index of what
    stays is unchanged; the others are left out as LESION-IDENTIFIED-BEFORE.
    """
    keys = ["USUBJID", "TULNKID", "TUTESTCD"]
    line = pd.to_numeric(frame[identity.POSITION], errors="coerce")
    order = frame[[*keys, "VISITNUM", "TUDTC", identity.RECORD]].assign(_LOGLINE=line)
    order = order.sort_values([*keys, "VISITNUM", "TUDTC", "_LOGLINE", identity.RECORD], kind="stable")
    later = order.duplicated(keys).reindex(frame.index) & frame["TULNKID"].notna()
    return Made(frame[~later], left_out={"LESION-IDENTIFIED-BEFORE": frame[later]})


def location_of_survivor(frame: pd.DataFrame, call: Call) -> pd.DataFrame:  # noqa: ARG001  # every rule gets its call
    """A step of TU: a merger lies where the lesion lies that survives it, not where its partner lay.

    Needs TULNKID, TUTESTCD, TULOC; a merger into a lesion that was never identified keeps its own location. Row order
    and count stay.
    """
    merger = frame["TUTESTCD"] == "TUMERGE"
    keys = ["USUBJID", "TULNKID"]
    identified = frame.loc[~merger, [*keys, "TULOC"]].dropna().drop_duplicates(keys)
    survivor = frame[keys].merge(identified, on=keys, how="left")["TULOC"].set_axis(frame.index)
    return frame.assign(TULOC=frame["TULOC"].mask(merger & survivor.notna(), survivor))


def diameter_of_lesion(frame: pd.DataFrame, call: Call) -> pd.DataFrame:
    """A step of TR: which diameter was measured, on records that have no TRTESTCD from their form.

    The first matching line decides:
      1. TRTESTCD is there -> it stays
      2. the location (the variable that `args.location` names; blank: that of the lesion's other records) contains
         LYMPH NODE -> LPERP, the short axis
      3. anything else -> LDIAM

    Needs TRTESTCD, TRTEST, TRLNKID. Row order and count stay.
    """
    name = str(call.args["location"])
    place = frame[name].fillna(frame.groupby(["USUBJID", "TRLNKID"])[name].transform("first"))
    node = place.str.contains(NODE, regex=False).fillna(False).astype("bool")
    test = frame["TRTESTCD"].fillna(pd.Series("LDIAM", index=frame.index, dtype="str").mask(node, "LPERP"))
    return frame.assign(TRTESTCD=test, TRTEST=frame["TRTEST"].fillna(test.map(DIAMETERS)).astype("str"))


def assessment_group(frame: pd.DataFrame, call: Call) -> pd.Series:
    """TRLNKGRP: A1 for a subject's first visit with lesion records, A2 for the next, in the order of VISITNUM.

    Needs VISITNUM. Missing where it is. Row order and count stay.
    """
    visit = frame[f"{call.of}"] if call.of else frame["VISITNUM"]
    rank = visit.groupby(frame["USUBJID"]).rank(method="dense")
    return ("A" + rank.astype("Int64").astype("str")).where(rank.notna()).astype("str")


def assessment_group_of(frame: pd.DataFrame, call: Call) -> pd.Series:
    """RSLNKGRP: the TRLNKGRP of the same subject and visit; missing where no lesion was assessed.

    Records of a category in `args.except` have none. Needs RSCAT, VISITNUM, TR.TRLNKGRP. Row order and count stay.
    """
    keys = ["USUBJID", "VISITNUM"]
    groups = call.take("TR", [*keys, "TRLNKGRP"]).dropna().drop_duplicates(keys)
    group = frame[keys].merge(groups, on=keys, how="left")["TRLNKGRP"].set_axis(frame.index)
    return group.mask(frame["RSCAT"].isin(call.args.get("except", []))).astype("str")


RULES = {
    "first_identification": Rule(first_identification),
    "location_of_survivor": Rule(location_of_survivor),
    "diameter_of_lesion": Rule(diameter_of_lesion),
    "assessment_group": Rule(assessment_group),
    "assessment_group_of": Rule(assessment_group_of, needs=("RSCAT", "TR.TRLNKGRP")),
}
