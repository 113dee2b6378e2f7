"""SDTM and ADSL of phase Ib from tables in study days."""

from __future__ import annotations

import pandas as pd

from adam.addlt import derive_addlt
from adam.rules.dlt_evaluable import derive_evaluable
from specs import StudySpec
from tests.adam.endpoints.days import FIRST_DOSE, cells, date, dtc, numbered

PROCEDURES = {"platelets": "PLATELET TRANSFUSION", "red cells": "RED CELL TRANSFUSION"}
DATES = ("TRTSDT", "LSTALVDT", "DTHDT", "EOSDT", "CUTOFFDT")


def phase_ib(lines: pd.DataFrame, **columns: object) -> pd.DataFrame:
    """ADSL: treated subjects of phase Ib on dose level 1, first dose on day 1, alive on day 60."""
    return pd.DataFrame(
        {
            "STUDYID": "QL1706-ESCC", "USUBJID": lines["id"], "ARMCD": "DL1", "PHASE": "IB", "DOSELVL": 1.0,
            "SAFFL": "Y", "TRTSDT": FIRST_DOSE, "LSTALVDT": FIRST_DOSE + pd.Timedelta(days=59),
            "DTHDT": pd.NaT, "EOSDT": pd.NaT, "CUTOFFDT": pd.NaT,
        }
        | columns
    ).astype(dict.fromkeys(DATES, "datetime64[us]"))  # fmt: skip


def sdtm(lines: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The domains that the columns of a table ask for.

    neut, plat: `8 0.4, 15T09:30 <0.1` (LB, 10^9/L); temp: `8T09:30 38.4` (VS); pr: `8 platelets`; ae:
    `8..12 3 Epistaxis` (start..end, either may be missing or ISO; grade; preferred term, with ` *` where it is marked
    as DLT and ` (disease)` where the disease is its cause); ex: `1T10:00 QL1706` (5 mg/kg).
    """
    counts = [cells(lines, column, ["day", "result"]).assign(LBTESTCD=test)
              for column, test in (("neut", "NEUT"), ("plat", "PLAT"))]  # fmt: skip
    lb = pd.concat(counts, ignore_index=True)
    number = pd.to_numeric(lb["result"], errors="coerce").astype("float64")
    lb = lb.assign(LBDTC=dtc(lb["day"]), LBSTRESC=lb["result"], LBSTRESN=number, LBSTRESU="10^9/L")
    vs = cells(lines, "temp", ["day", "result"])
    vs = vs.assign(VSDTC=dtc(vs["day"]), VSTESTCD="TEMP", VSSTRESN=vs["result"].astype("float64"), VSSTRESU="C")
    pr = cells(lines, "pr", ["day", "name"])
    pr = pr.assign(PRSTDTC=dtc(pr["day"]), PRDECOD=pr["name"].map(PROCEDURES).astype("str"))
    ex = cells(lines, "ex", ["day", "drug"])
    ex = ex.assign(EXSTDTC=dtc(ex["day"]), EXTRT=ex["drug"], EXDOSE=5.0)
    ae, suppae = events(lines)
    return {
        "LB": numbered(lb, "LB"), "VS": numbered(vs, "VS"), "PR": numbered(pr, "PR"), "EX": numbered(ex, "EX"),
        "AE": ae, "SUPPAE": suppae,
    }  # fmt: skip


def events(lines: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    ae = cells(lines, "ae", ["days", "grade", "term"])
    days = ae["days"].str.extract(r"^(.*?)(?:\.\.(.*))?$")
    term = ae["term"].astype("str")
    marked, disease = term.str.contains("*", regex=False), term.str.contains("(disease)", regex=False)
    ae = ae.assign(
        AESTDTC=dtc(days[0].mask(days[0] == "")), AEENDTC=dtc(days[1].mask(days[1] == "")), AETOXGR=ae["grade"],
        AEDECOD=term.str.replace(" *", "").str.replace(" (disease)", ""),
        AERELNST=pd.Series("DISEASE UNDER STUDY", index=ae.index, dtype="str").where(disease),
    )  # fmt: skip
    ae = numbered(ae, "AE")
    suppae = pd.DataFrame(
        {
            "RDOMAIN": "AE", "USUBJID": ae["USUBJID"], "IDVAR": "AESEQ", "IDVARVAL": ae["AESEQ"].map("{:g}".format),
            "QNAM": "AEDLT", "QVAL": "Y",
        }
    )  # fmt: skip
    return ae, suppae[marked.astype("bool")]


def results(lines: pd.DataFrame, study: StudySpec, parameter: str) -> pd.DataFrame:
    """The records of one parameter, indexed by subject."""
    addlt, _ = derive_addlt(sdtm(lines), phase_ib(lines), study)
    return addlt[addlt["PARAMCD"] == parameter].set_index("USUBJID")


def on_days(lines: pd.DataFrame, column: str) -> pd.Series:
    """Dates from a column of study days."""
    return date(lines.get(column, pd.Series(None, index=lines.index, dtype="str")))


def in_units(lines: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """SDTM with the counts in the unit of the column `unit`; first dose on day 1 at 10:00."""
    domains = sdtm(lines.assign(ex="1T10:00 QL1706"))
    units = domains["LB"]["USUBJID"].map(lines.set_index("id")["unit"])
    return {**domains, "LB": domains["LB"].assign(LBSTRESU=units.astype("str"))}


def exposure(lines: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """EX from the columns ql and len: `1..21 8` (start..end and dose; `1..` goes on, `1` is one day)."""
    parts = [cells(lines, column, ["days", "dose"]).assign(EXTRT=drug)
             for column, drug in (("ql", "QL1706"), ("len", "LENVATINIB"))]  # fmt: skip
    doses = pd.concat(parts, ignore_index=True)
    days = doses["days"].str.extract(r"^(.+?)(?:(\.\.)(\d*))?$")
    end = days[2].mask(days[2] == "").where(days[1].notna(), days[0])
    return {"EX": doses.assign(EXDOSE=doses["dose"].astype("float64"), EXSTDTC=dtc(days[0]), EXENDTC=dtc(end))}


def evaluable(lines: pd.DataFrame, study: StudySpec, **columns: object) -> pd.DataFrame:
    """ADSL with DLTEVLFL and DLTEVLRS, from dlt (DLTFL), ql, len, and the days death, ended, cutoff and alive."""
    adsl = phase_ib(
        lines, DLTFL=lines["dlt"], DTHDT=on_days(lines, "death"), EOSDT=on_days(lines, "ended"),
        CUTOFFDT=on_days(lines, "cutoff"), LSTALVDT=on_days(lines, "alive"), **columns,
    )  # fmt: skip
    return derive_evaluable(adsl, exposure(lines), study).set_index("USUBJID")
