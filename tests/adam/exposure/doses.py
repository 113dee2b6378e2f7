"""Dosing that people can read aloud, as SDTM and ADSL: study days, first dose on day 1, 2025-01-01."""

from __future__ import annotations

import pandas as pd

from adam.adex import derive_adex
from specs import StudySpec
from tests.adam.endpoints.days import FIRST_DOSE, cells, date, dtc, numbered

DATES = ("TRTSDT", "TRTEDT", "LSTALVDT", "DTHDT", "EOSDT", "CUTOFFDT")
DRUGS = {
    "QL1706": {"EXDOSU": "mg/kg", "EXDOSFRQ": "ONCE"},
    "LENVATINIB": {"EXDOSU": "mg", "EXDOSFRQ": "QD"},
}


def sdtm(lines: pd.DataFrame, drug: str) -> dict[str, pd.DataFrame]:
    """EX of one drug, EC of what was held, and SV.

    doses: `1 5` (day, dose) of an infusion, `1-21 8` (first and last day; `1-` has no end) of a daily dose, with
    ` AE` behind a dose that was adjusted; held: `22` or `11-14`; visits: `40=22` (VISITNUM made on a day), a held dose
    `v40` has no date but a visit.
    """
    ex = cells(lines, "doses", ["days", "dose", "adjusted"])
    days = ex["days"].str.split("-", n=1, expand=True).reindex(columns=[0, 1]).astype("str")
    end = days[1].where(ex["days"].str.contains("-"), days[0])
    ex = ex.assign(
        STUDYID="S", EXTRT=drug, EXDOSE=ex["dose"].astype("float64"), EXSTDTC=dtc(days[0]),
        EXENDTC=dtc(end.mask(end == "")), EXADJ=ex["adjusted"].map({"AE": "ADVERSE EVENT"}).astype("str"),
        **DRUGS[drug],
    )  # fmt: skip
    ec = cells(lines, "held", ["days"])
    visit = ec["days"].str.extract(r"^v(\d+)$")[0].astype("float64")
    days = ec["days"].mask(visit.notna()).str.split("-", n=1, expand=True).reindex(columns=[0, 1]).astype("str")
    ec = ec.assign(
        STUDYID="S", ECTRT=drug, ECOCCUR="N", ECADJ="ADVERSE EVENT", VISITNUM=visit, ECSTDTC=dtc(days[0]),
        ECENDTC=dtc(days[1]),
    )  # fmt: skip
    sv = cells(lines, "visits", ["visit"])
    made = sv["visit"].str.split("=", n=1, expand=True).reindex(columns=[0, 1]).astype("str")
    sv = sv.assign(STUDYID="S", VISITNUM=made[0].astype("float64"), SVSTDTC=dtc(made[1]))
    return {"EX": numbered(ex, "EX"), "EC": numbered(ec, "EC"), "SV": sv}


def subjects(lines: pd.DataFrame, **columns: object) -> pd.DataFrame:
    """ADSL: dose level 1 (QL1706 5 mg/kg, lenvatinib 8 mg), last known alive on day `alive`, else on day 100."""
    alive = date(lines["alive"]) if "alive" in lines else pd.Series(pd.NaT, index=lines.index)
    return pd.DataFrame(
        {
            "STUDYID": "S", "USUBJID": lines["id"], "ARMCD": "DL1", "ACTARMCD": "DL1", "TRTSDT": FIRST_DOSE,
            "LSTALVDT": alive.fillna(FIRST_DOSE + pd.Timedelta(days=99)), **dict.fromkeys(DATES[3:], pd.NaT),
            "TRTEDT": pd.NaT,
        }
        | columns
    ).astype(dict.fromkeys(DATES, "datetime64[us]"))  # fmt: skip


def adex(
    lines: pd.DataFrame, drug: str, study: StudySpec, cutoff: pd.Timestamp | None = None, **columns: object
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """ADEX and findings of a table."""
    return derive_adex(sdtm(lines, drug), subjects(lines, **columns), study, cutoff)


def values(frame: pd.DataFrame, paramcd: str) -> pd.Series:
    """AVAL of a parameter by subject."""
    return frame[frame["PARAMCD"] == paramcd].set_index("USUBJID")["AVAL"]
