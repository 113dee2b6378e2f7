"""Two sets of ADaM datasets, ours and pharmaverse's, cut into cells that can be compared one by one."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from tests.oracle.names import DATASETS, ONLY_OF, PARAMETERS, VARIABLES, in_their_words, pairs

RECORD = "(record)"  # in place of a variable: whether the record is there at all
HERE = "there"
KEY = ["DATASET", "PARAMCD", "USUBJID", "NUMBER"]


def compare(ours: Mapping[str, pd.DataFrame], theirs: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """One row a record of either side, and one a variable of each record that both have.

    In: datasets by our name. Out: KEY (PARAMCD is theirs, blank in ADSL and ADAE; NUMBER tells the records of a subject
    and parameter apart), VARIABLE (theirs, or RECORD), OURS and THEIRS as text in their words, and EQUAL.
    """
    parts = []
    for dataset in DATASETS:
        one, other = _records(dataset, _ours(dataset, ours[dataset])), _records(dataset, theirs[dataset])
        both = one.merge(other, on=KEY, how="outer", suffixes=("_O", "_T"), indicator="SIDE", validate="1:1")
        names = [name for name, _ in pairs(VARIABLES[dataset])]
        parts.append(
            both[KEY].assign(
                VARIABLE=RECORD,
                OURS=np.where(both["SIDE"] != "right_only", HERE, ""),
                THEIRS=np.where(both["SIDE"] != "left_only", HERE, ""),
            )
        )
        shared = both[both["SIDE"] == "both"]
        for name in names:
            only = ONLY_OF.get((dataset, name))
            rows = shared[shared["PARAMCD"] == only] if only else shared
            parts.append(rows[KEY].assign(VARIABLE=name, OURS=rows[f"{name}_O"], THEIRS=rows[f"{name}_T"]))
    cells = pd.concat(parts, ignore_index=True)
    return cells.assign(EQUAL=cells["OURS"] == cells["THEIRS"])


def _records(dataset: str, frame: pd.DataFrame) -> pd.DataFrame:
    """The compared variables as text, under their names, with the key."""
    number = {"ADAE": "AESEQ", "ADRS": "RSSEQ", "ADTR": "AVISITN"}.get(dataset)
    out = pd.DataFrame({name: as_text(frame[name]) for name, _ in pairs(VARIABLES[dataset])})
    out["DATASET"] = dataset
    out["USUBJID"] = frame["USUBJID"].astype("str")
    out["PARAMCD"] = as_text(frame["PARAMCD"]) if "PARAMCD" in frame else ""
    out["NUMBER"] = as_text(frame[number]) if number else ""
    if dataset == "ADRS":  # one record a subject of every other parameter
        out["NUMBER"] = out["NUMBER"].where(out["PARAMCD"] == "OVR", "")
    if dataset == "ADTR":  # baseline is 0 in theirs, the number of the visit in ours
        out["NUMBER"] = out["NUMBER"].replace("0", "1")
    return out


def _ours(dataset: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Our dataset with their parameters, their names and their words."""
    if dataset in PARAMETERS:
        parts = []
        for theirs, ours in pairs(PARAMETERS[dataset]):
            rows = frame[frame["PARAMCD"] == ours]
            parts.append(_MADE.get(theirs, _as_it_is)(rows, theirs).assign(PARAMCD=theirs))
        frame = pd.concat(parts, ignore_index=True)
    named = {theirs: frame.get(ours, np.nan) for theirs, ours in pairs(VARIABLES[dataset])}
    frame = frame.assign(**named)
    return frame.assign(**{name: in_their_words(dataset, name, as_text(frame[name])) for name in named})


def _as_it_is(rows: pd.DataFrame, paramcd: str) -> pd.DataFrame:
    return rows


def _responders(rows: pd.DataFrame, paramcd: str) -> pd.DataFrame:
    """Y or N for a best response of CR or PR, with its date and source where Y."""
    yes = rows["AVALC"].isin(["CR", "PR"])
    blank = {name: rows[name].where(yes) for name in ("ADT", "ADTF", "AVISIT", "SRCSEQ")}
    return rows.assign(AVALC=np.where(yes, "Y", "N"), AVAL=np.where(yes, 1.0, 0.0), **blank)


def _of_axis(rows: pd.DataFrame, paramcd: str) -> pd.DataFrame:
    """The lesions measured on one axis: nodes on the perpendicular (NLDIAM), all else on the longest diameter."""
    node = rows["TULOC"].str.contains("LYMPH NODE")
    return rows[node == paramcd.startswith("N")]


_MADE: dict[str, Callable[[pd.DataFrame, str], pd.DataFrame]] = {
    "BCP": _responders,
    "CBCP": _responders,
    **{f"{axis}DIAM{n}": _of_axis for n in range(1, 6) for axis in ("L", "NL")},
}


def as_text(column: pd.Series) -> pd.Series:
    """Values as text: dates in ISO 8601, numbers to nine digits, missing as blank."""
    return column.map(_text).astype("str")


def _text(value: object) -> str:
    if value is None or value is pd.NaT or (isinstance(value, float) and np.isnan(value)):
        return ""
    if isinstance(value, datetime.date):  # a timestamp is one, too
        return value.strftime("%Y-%m-%d")
    if isinstance(value, int | float | np.integer | np.floating):
        return f"{float(value):.9g}"
    return str(value)
