"""Small datasets and specs for the hand-off's tests."""

# ruff: noqa: DTZ001  # SAS has no time zones
from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from specs.models import DatasetSpec, Dictionary, Handoff

STAMP = datetime(2025, 3, 9, 7, 5, 1)
LABEL_40 = "Größe in Zentimeter, gemessen am Tag 1"  # 40 bytes in 38 characters: ö and ß have two


def spec_of(dataset: str = "AE", label: str = "Adverse Events", **variables: dict[str, Any]) -> DatasetSpec:
    """A spec with STUDYID, USUBJID, --SEQ and the variables given."""
    known = {
        "STUDYID": {"label": "Study Identifier", "type": "Char", "core": "Req"},
        "USUBJID": {"label": "Unique Subject Identifier", "type": "Char", "core": "Req"},
        f"{dataset}SEQ": {"label": "Sequence Number", "type": "Num", "integer": True},
    }
    return DatasetSpec.model_validate(
        {
            "dataset": dataset, "label": label, "class": "EVENTS", "structure": "one record an event",
            "keys": ["STUDYID", "USUBJID", f"{dataset}SEQ"], "variables": known | variables,
        }
    )  # fmt: skip


def frame_of(spec: DatasetSpec, **columns: list[Any]) -> pd.DataFrame:
    """A finished dataset of the spec: identifiers are made up, the columns given are typed by the spec."""
    rows = len(next(iter(columns.values())))
    seq = f"{spec.dataset}SEQ"
    given = {"STUDYID": ["QL1706"] * rows, "USUBJID": [f"QL1706-{n:03}" for n in range(1, rows + 1)]}
    given |= {seq: list(range(1, rows + 1))} | columns
    frame = {}
    for name, variable in spec.variables.items():
        if variable.type == "Char":
            frame[name] = pd.Series(given[name], dtype="str")
        elif variable.format in ("DATE9.", "DATETIME20."):
            frame[name] = pd.Series(pd.to_datetime(given[name], format="ISO8601")).astype("datetime64[us]")
        else:
            frame[name] = pd.Series(given[name], dtype="float64")
    return pd.DataFrame(frame)


def everything() -> tuple[DatasetSpec, pd.DataFrame]:
    """One of each: all formats, both ends of the ranges, non-ASCII, missing values, dates before 1960."""
    spec = spec_of(
        "ADAE", "Adverse Events – Analysis",
        AETERM={"label": LABEL_40, "type": "Char", "length": 60, "codelist": "TERM", "origin": "Collected"},
        EMPTY={"label": "Never filled", "type": "Char"},
        AVAL={"label": "Analysis Value", "type": "Num"},
        NONE={"label": "Never filled either", "type": "Num"},
        ASTDT={"label": "Analysis Start Date", "type": "Num", "format": "DATE9."},
        ASTDTM={"label": "Analysis Start Date/Time", "type": "Num", "format": "DATETIME20."},
        ASTTM={"label": "Analysis Start Time", "type": "Num", "format": "TIME8."},
    )  # fmt: skip
    smallest, largest = 16.0**-65, float(np.nextafter(16.0**63, 0))
    frame = frame_of(
        spec,
        AETERM=["Übelkeit", "发热 (39 °C)", " leading blank", "a\nline, \"quoted\"", None, "A"],
        EMPTY=[None] * 6,
        AVAL=[0.1, -118.625, smallest, -largest, None, 0.0],
        NONE=[None] * 6,
        ASTDT=["1959-12-31", "1960-01-01", "1899-02-28", None, "2024-02-29", "9999-12-31"],
        ASTDTM=["1959-12-31T23:59:59.5", "1960-01-01T00:00:00", None, "2025-03-09T08:30:00.000001",
                "1900-01-01T00:00:00", "2024-02-29T12:00:00"],
        ASTTM=[0, 86_399.5, None, 1, 43_200, 60],
    )  # fmt: skip
    return spec, frame


@dataclass(frozen=True)
class TinyFile:
    """As much of study.yaml as the hand-off reads."""

    studyid: str = "QL1706-ESCC"
    handoff: Handoff = field(default_factory=Handoff)
    ct_version: str = "2022-09-30"
    dictionaries: dict[str, Dictionary] = field(
        default_factory=lambda: {"MEDDRA": Dictionary(name="MedDRA", version="28.0")}
    )


@dataclass
class TinyStudy:
    """As much of a study's specs as the hand-off reads."""

    sdtm: dict[str, DatasetSpec] = field(default_factory=dict)
    adam: dict[str, DatasetSpec] = field(default_factory=dict)
    studyid: str = "QL1706-ESCC"
    digest: str = "5" * 64
    study: TinyFile = TinyFile()
