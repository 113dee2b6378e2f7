"""Counts that tell a trial at a glance: populations, responses, events, dose-limiting toxicities, adverse events.

Each table is made where its dataset has the variables, and left out where not. Counting only: the rules are ADaM's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa

ALL = "All"
_POPULATIONS = {
    "SCRNFL": "Screened", "ENRLFL": "Enrolled", "SAFFL": "Safety", "FASFL": "Full analysis set",
    "RESPEVFL": "Response evaluable", "DLTEVLFL": "DLT evaluable",
}  # fmt: skip
_BEST = ("BOR", "CBOR", "DBOR", "DCBOR")
_RESPONSES = ("CR", "PR", "SD", "NON-CR/NON-PD", "PD", "NE")
_DLT = ("Y", "N", "INDETERMINATE")


Row = tuple[str | int, ...]


@dataclass(frozen=True)
class Overview:
    """A table of counts: a heading, column heads, and rows that begin with a label."""

    title: str
    note: str
    heads: Sequence[str]
    rows: Sequence[Row]


def overviews(adam: Mapping[str, pa.Table]) -> list[Overview]:
    """The tables that the ADaM of a run allows."""
    made = [_populations(adam), _best_responses(adam), _times(adam), _toxicities(adam), _events(adam)]
    return [overview for overview in made if overview is not None]


def _take(adam: Mapping[str, pa.Table], dataset: str, needed: Sequence[str]) -> pd.DataFrame | None:
    """These columns of a dataset; none where the dataset or one of them is missing."""
    table = adam.get(dataset)
    if table is None or not set(needed) <= set(table.column_names):
        return None
    frame: pd.DataFrame = table.select(list(needed)).to_pandas()
    return frame


def _by_group(rows: pd.DataFrame, groups: list[str]) -> list[int]:
    """Subjects among the rows, in each group and in all."""
    persons = rows.drop_duplicates("USUBJID")
    counts = persons["TRT01A"].value_counts()
    return [*(int(counts.get(group, 0)) for group in groups), len(persons)]


def _groups(subjects: pd.DataFrame) -> list[str]:
    return sorted(subjects["TRT01A"].dropna().unique())


def _populations(adam: Mapping[str, pa.Table]) -> Overview | None:
    table = adam.get("ADSL")
    flags = [flag for flag in _POPULATIONS if table is not None and flag in table.column_names]
    subjects = _take(adam, "ADSL", ["USUBJID", "TRT01A", *flags])
    if subjects is None or not flags:
        return None
    groups = _groups(subjects)
    rows: list[Row] = [(_POPULATIONS[flag], *_by_group(subjects[subjects[flag] == "Y"], groups)) for flag in flags]
    return Overview("Populations", "Subjects with the flag, by actual treatment.", ["", *groups, ALL], rows)


def _best_responses(adam: Mapping[str, pa.Table]) -> Overview | None:
    responses = _take(adam, "ADRS", ["USUBJID", "PARAMCD", "PARAM", "AVALC"])
    if responses is None:
        return None
    best = responses[responses["PARAMCD"].isin(_BEST)]
    names = best.drop_duplicates("PARAMCD").set_index("PARAMCD")["PARAM"]
    counts = best.groupby(["PARAMCD", "AVALC"]).size()
    known = [code for code in _BEST if code in names.index]
    rows: list[Row] = [
        (f"{code}: {names[code]}", *(int(counts.get((code, r), 0)) for r in _RESPONSES)) for code in known
    ]
    note = "Subjects of the full analysis set by best response, as the investigator says and as recomputed."
    return Overview("Best overall response", note, ["", *_RESPONSES], rows) if rows else None


def _times(adam: Mapping[str, pa.Table]) -> Overview | None:
    records = _take(adam, "ADTTE", ["PARAMCD", "PARAM", "CNSR", "EVNTDESC"])
    if records is None:
        return None
    counts = records.groupby(["PARAMCD", "PARAM", "CNSR", "EVNTDESC"], sort=False).size().reset_index(name="N")
    counts = counts.sort_values(["PARAMCD", "CNSR", "EVNTDESC"])
    rows = [
        (f"{code}: {name}", "event" if censor == 0 else "censored", str(why), int(n))
        for code, name, censor, why, n in counts.itertuples(index=False)
    ]
    note = "Each subject with a record, by what ended the time."
    return Overview("Time to event", note, ["", "Ended by", "Why", "Subjects"], rows)


def _toxicities(adam: Mapping[str, pa.Table]) -> Overview | None:
    criteria = _take(adam, "ADDLT", ["USUBJID", "DOSELVL", "PARAMCD", "PARAM", "AVALC"])
    subjects = _take(adam, "ADSL", ["USUBJID", "DLTEVLFL", "RP2DFL"])
    if criteria is None or subjects is None:
        return None
    criteria = criteria.merge(subjects, on="USUBJID", how="left")
    rows: list[Row] = []
    for (level, code, name), found in criteria.groupby(["DOSELVL", "PARAMCD", "PARAM"], sort=True):
        counts = found["AVALC"].value_counts()
        evaluable = int((found["DLTEVLFL"] == "Y").sum())
        recommended = "yes" if (found["RP2DFL"] == "Y").any() else ""
        rows.append(
            (f"Level {level:g}", f"{code}: {name}", *(int(counts.get(v, 0)) for v in _DLT), evaluable, recommended)
        )
    note = "Treated subjects of phase Ib by criterion; evaluable: those whom the escalation counts."
    heads = ["Dose level", "Criterion", *_DLT, "Evaluable", "RP2D"]
    return Overview("Dose-limiting toxicity", note, heads, rows)


def _events(adam: Mapping[str, pa.Table]) -> Overview | None:
    needed = ["USUBJID", "TRTA", "TRTEMFL", "ATOXGRN", "AESER", "AREL", "AESDTH", "AESIFL", "IRAEFL"]
    events, subjects = _take(adam, "ADAE", needed), _take(adam, "ADSL", ["USUBJID", "TRT01A"])
    if events is None or subjects is None:
        return None
    emergent = events[events["TRTEMFL"] == "Y"].rename(columns={"TRTA": "TRT01A"})
    groups = _groups(subjects)
    kinds = {
        "Any": emergent["USUBJID"].notna(),
        "Grade 3 or higher": emergent["ATOXGRN"] >= 3,
        "Related": emergent["AREL"] == "RELATED",
        "Serious": emergent["AESER"] == "Y",
        "Fatal": emergent["AESDTH"] == "Y",
        "Of special interest": emergent["AESIFL"] == "Y",
        "Immune-mediated": emergent["IRAEFL"] == "Y",
    }
    rows: list[Row] = [(kind, *_by_group(emergent[holds], groups)) for kind, holds in kinds.items()]
    note = "Subjects with at least one treatment-emergent adverse event of the kind, by actual treatment."
    return Overview("Treatment-emergent adverse events", note, ["", *groups, ALL], rows)
