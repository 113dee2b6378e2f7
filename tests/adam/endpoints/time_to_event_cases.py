"""ADSL and ADRS from tables in study days. Everybody's first dose is on 2025-01-01, day 1."""

from __future__ import annotations

import pandas as pd

from adam.adtte import derive_adtte
from specs import StudySpec
from tests.adam.endpoints.days import cells, date


def subjects(lines: pd.DataFrame) -> pd.DataFrame:
    """ADSL from the columns id, base(line assessment), new (therapy), death, alive and cutoff, in study days."""
    missing = pd.Series(None, index=lines.index, dtype="str")
    days = {name: date(lines.get(name, missing)) for name in ("base", "new", "death", "alive", "cutoff")}
    return pd.DataFrame(
        {
            "STUDYID": "QL1706-ESCC",
            "USUBJID": lines["id"],
            "FASFL": "Y",
            "TRTSDT": date(pd.Series("1", index=lines.index)),
            "BLASDT": days["base"],
            "NACTDT": days["new"],
            "DTHDT": days["death"],
            "DTHDTF": missing,
            "LSTALVDT": days["alive"],
            "CUTOFFDT": days["cutoff"],
        }
    )


def responses(lines: pd.DataFrame, parameter: str = "OVR", column: str = "responses") -> pd.DataFrame:
    """ADRS from a column such as `43 SD, 85 PD`."""
    listed = cells(lines, column, ["day", "response"])
    missing = pd.Series(None, index=listed.index, dtype="str")
    out = pd.DataFrame(
        {
            "USUBJID": listed["USUBJID"], "PARAMCD": parameter, "AVALC": listed["response"],
            "ADT": date(listed["day"]), "ADTF": missing,
        }
    )  # fmt: skip
    return out.assign(ASEQ=out.groupby("USUBJID").cumcount() + 1.0)


def confirmed(lines: pd.DataFrame, parameter: str = "CRSP", value: str = "Y") -> pd.DataFrame:
    """The confirmed response, from the column `confirmed` (the day of its first CR or PR)."""
    given = lines.get("confirmed", pd.Series(None, index=lines.index, dtype="str"))
    out = responses(lines.assign(confirmed=given + f" {value}"), parameter, "confirmed")
    return out.assign(ASEQ=90.0)


def records(adrs: pd.DataFrame, adsl: pd.DataFrame, study: StudySpec, parameter: str) -> pd.DataFrame:
    out, _ = derive_adtte(adrs, adsl, study)
    return out[out["PARAMCD"] == parameter].set_index("USUBJID")
