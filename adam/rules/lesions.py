"""Lesions of TU: what each one is, and which lesion it split from."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from adam.inputs import places_among, take
from adam.rules.dates import day
from specs.models import ReaderSpec

TARGET, NON_TARGET, NEW = "TARGET", "NON-TARGET", "NEW"
LYMPH_NODE = "LYMPH NODE"
INVESTIGATOR = "INVESTIGATOR"
_FRAGMENT = r"^(.+)\.\d+$"  # T01.1 is a fragment of T01
_COLUMNS = [
    "USUBJID", "TUSEQ", "TULNKID", "TUTESTCD", "TUSTRESC", "TULOC", "TUEVAL", "TUEVALID", "TUACPTFL", "TUDTC", "VISIT",
]  # fmt: skip


def is_read(records: pd.DataFrame, domain: str, reader: ReaderSpec) -> pd.Series:
    """Whether the records of TU, TR or RS are those of the reader; a blank --EVAL is the investigator's."""
    by_reader = records[f"{domain}EVAL"].fillna(INVESTIGATOR) == reader.evaluator
    if reader.evaluator_id is not None:
        by_reader &= records[f"{domain}EVALID"] == reader.evaluator_id
    if reader.accepted:
        by_reader &= records[f"{domain}ACPTFL"] == "Y"
    return by_reader


def read_lesions(
    sdtm: Mapping[str, pd.DataFrame], subjects: pd.DataFrame, measured: pd.DataFrame, reader: ReaderSpec
) -> pd.DataFrame:
    """The lesions that the reader identified, with the fragments that they split into.

    In: TU; subjects (USUBJID, index = subject number); measured: the distinct SUBJ and LNKID of TR. Out: one row a
    lesion or fragment, index = lesion number, in the order of subject and LNKID: SUBJ, LNKID, KIND (TARGET, NON-TARGET,
    NEW), NODE, TULOC, ORGAN, TUSEQ, VISIT, TUDT, PARENT (lesion that it is a fragment of, -1 for none), ROOT, DEPTH.
    A fragment has a TUSPLIT record, or only TR records, under its parent's identifier with a number behind a full stop;
    it takes KIND, NODE, TULOC and ORGAN from the lesion at the root. Of several records of a lesion the earliest stays.
    Source: PROTOCOL, "How lesions lie in SDTM".
    """
    tu = take(sdtm, "TU", _COLUMNS)
    tu = tu.assign(
        SUBJ=places_among(sdtm, "TU", subjects["USUBJID"]),
        LNKID=tu["TULNKID"],
        TUDT=day(tu["TUDTC"]),
        KIND=tu["TUSTRESC"].where((tu["TUTESTCD"] == "TUMIDENT") & tu["TUSTRESC"].isin([TARGET, NON_TARGET, NEW])),
    )
    usable = (tu["SUBJ"] >= 0) & tu["LNKID"].notna() & is_read(tu, "TU", reader)
    usable &= tu["KIND"].notna() | (tu["TUTESTCD"] == "TUSPLIT")
    tu = tu[usable].sort_values(["SUBJ", "LNKID", "TUDT", "TUSEQ"], kind="stable")
    dotted = measured[measured["LNKID"].str.contains(".", regex=False).fillna(value=False).astype(bool)]
    fragments = dotted[dotted["LNKID"].str.match(_FRAGMENT).fillna(value=False).astype(bool)]
    lesions = pd.concat([tu[tu["KIND"].notna()], tu[tu["KIND"].isna()], fragments], ignore_index=True)
    lesions = lesions.drop_duplicates(["SUBJ", "LNKID"])
    return _trace_fragments(lesions.sort_values(["SUBJ", "LNKID"], kind="stable", ignore_index=True))


def _trace_fragments(lesions: pd.DataFrame) -> pd.DataFrame:
    """Follows each fragment up to the lesion at its root; one that leads to no identified lesion is left out."""
    known = pd.MultiIndex.from_frame(lesions[["SUBJ", "LNKID"]])
    above = lesions["LNKID"].str.extract(_FRAGMENT, expand=False)
    parent = np.full(len(lesions), -1)
    fragment = above.notna().to_numpy()
    wanted = pd.MultiIndex.from_arrays([lesions["SUBJ"][fragment], above[fragment]])
    parent[fragment] = known.get_indexer(wanted)
    root, depth = np.arange(len(lesions)), np.zeros(len(lesions), dtype="int64")
    while (parent[root] >= 0).any():
        depth += parent[root] >= 0
        root = np.where(parent[root] >= 0, parent[root], root)
    identified = lesions["KIND"].notna().to_numpy()[root]
    position = np.cumsum(identified) - 1  # a fragment and its parent have the same root: both stay, or neither
    place = lesions["TULOC"].take(root).set_axis(lesions.index)
    node = place.str.upper().str.contains(LYMPH_NODE, regex=False).fillna(value=False).astype(bool)
    lesions = lesions.assign(
        KIND=lesions["KIND"].take(root).set_axis(lesions.index),
        NODE=node,
        TULOC=place,
        ORGAN=place.mask(node, LYMPH_NODE),
        PARENT=np.where(parent >= 0, position[parent], -1),
        ROOT=position[root],
        DEPTH=depth,
    )[identified].reset_index(drop=True)
    return lesions[
        ["SUBJ", "LNKID", "KIND", "NODE", "TULOC", "ORGAN", "TUSEQ", "VISIT", "TUDT", "PARENT", "ROOT", "DEPTH"]
    ]
