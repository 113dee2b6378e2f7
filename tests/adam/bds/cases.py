"""Tables of results as SDTM and ADSL, and what ADLB and ADVS make of them."""

from __future__ import annotations

import pandas as pd

from adam.adlb import derive_adlb
from adam.advs import derive_advs
from adam.finish import finish
from specs import StudySpec
from tests.tables import table

FIRST_DOSE = "2025-03-10"
# heading of a table -> variable of LB or VS, without the domain
HEADINGS = {
    "id": "USUBJID", "test": "TESTCD", "value": "STRESN", "text": "STRESC", "unit": "STRESU", "low": "STNRLO",
    "high": "STNRHI", "date": "DTC", "visit": "VISIT", "number": "VISITNUM", "seq": "SEQ",
}  # fmt: skip
NUMBERS = ("STRESN", "STNRLO", "STNRHI", "VISITNUM", "SEQ")
UNITS = {
    "NEUT": "10^9/L", "PLAT": "10^9/L", "WBC": "10^9/L", "HGB": "g/L", "ALT": "U/L", "AST": "U/L", "BILI": "umol/L",
    "CREAT": "umol/L", "SYSBP": "mmHg", "DIABP": "mmHg", "PULSE": "beats/min",
    "TEMP": "C", "WEIGHT": "kg",
}  # fmt: skip


def records(domain: str, text: str, test: str) -> pd.DataFrame:
    """A domain from a table; what the table does not have is what most records have: one test, its unit, a visit."""
    rows = table(text).rename(columns=HEADINGS)
    rows = rows[[name for name in rows if name in HEADINGS.values()]]
    number = rows.groupby("USUBJID").cumcount().add(1).astype("str")
    usual = {"TESTCD": test, "SEQ": number, "VISIT": "V" + number, "VISITNUM": number}
    for name, value in usual.items():
        rows[name] = rows.get(name, value)
    rows["STRESU"] = rows.get("STRESU", rows["TESTCD"].map(UNITS))
    rows["STRESN"] = rows.get("STRESN", pd.Series("", index=rows.index, dtype="str"))
    value = pd.to_numeric(rows["STRESN"], errors="coerce").astype("float64")
    rows["STRESC"] = rows.get("STRESC", rows["STRESN"])
    rows["STRESN"] = value
    rows = rows.astype({name: "float64" for name in NUMBERS if name in rows}).assign(STUDYID="S", DOMAIN=domain)
    shared = ("STUDYID", "DOMAIN", "USUBJID", "VISIT", "VISITNUM")
    rows = rows.rename(columns={name: f"{domain}{name}" for name in rows if name not in shared})
    return rows.astype({name: "str" for name in rows if rows[name].dtype.kind not in "fM"})


def subjects(ids: pd.Series, dose: str | None = FIRST_DOSE, **dates: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """ADSL and EX of subjects with the same first dose (a date, or a date with time), or none."""
    ids = ids.drop_duplicates().reset_index(drop=True)
    day = pd.Timestamp(dose).normalize() if dose else pd.NaT
    adsl = pd.DataFrame({"STUDYID": "S", "USUBJID": ids, "SUBJID": ids, "SITEID": "01", "TRT01P": "A", "TRT01A": "A"})
    adsl = adsl.assign(
        PHASE="II", SAFFL="Y" if dose else "N",
        TRTSDT=pd.Series(day, index=ids.index, dtype="datetime64[us]"),
        TRTEDT=pd.Series(pd.Timestamp(dates.get("last", "NaT")), index=ids.index, dtype="datetime64[us]"),
        NACTDT=pd.Series(pd.Timestamp(dates.get("therapy", "NaT")), index=ids.index, dtype="datetime64[us]"),
    )  # fmt: skip
    ex = pd.DataFrame({"STUDYID": "S", "USUBJID": ids, "EXTRT": "QL1706", "EXDOSE": 5.0, "EXSTDTC": dose, "EXSEQ": 1.0})
    ex = ex if dose else ex.iloc[:0]
    return _plain(adsl), _plain(ex)


def adlb(text: str, study: StudySpec, test: str = "NEUT", dose: str | None = FIRST_DOSE, **dates: str) -> pd.DataFrame:
    """ADLB, finished, of a table of results, in the table's order."""
    lb = records("LB", text, test)
    adsl, ex = subjects(lb["USUBJID"], dose, **dates)
    made, _, _ = derive_adlb({"LB": lb, "EX": ex}, adsl, study)
    return in_order(finish(made, study.adam["ADLB"]), lb, "LB")


def advs(text: str, study: StudySpec, test: str = "SYSBP", dose: str | None = FIRST_DOSE, **dates: str) -> pd.DataFrame:
    """ADVS, likewise."""
    vs = records("VS", text, test)
    adsl, ex = subjects(vs["USUBJID"], dose, **dates)
    made, _, _ = derive_advs({"VS": vs, "EX": ex}, adsl, study)
    return in_order(finish(made, study.adam["ADVS"]), vs, "VS")


def in_order(made: pd.DataFrame, source: pd.DataFrame, domain: str) -> pd.DataFrame:
    """The rows in the order of the records that they come from."""
    keys = ["USUBJID", f"{domain}SEQ"]
    return source[keys].merge(made, on=keys, how="inner", validate="1:1")


def said(rows: pd.DataFrame, *names: str) -> list[str]:
    """What some variables say, a line a row: numbers short, what is missing a dash."""
    texts = [
        rows[name].map("{:g}".format, na_action="ignore") if rows[name].dtype.kind == "f" else rows[name]
        for name in names
    ]
    return [" ".join(line) for line in zip(*(text.astype("str").fillna("-") for text in texts), strict=True)]


def expected(text: str, *names: str) -> list[str]:
    """The same of the table's own columns."""
    rows = table(text)
    return [" ".join(line) for line in zip(*(rows[name].fillna("-") for name in names), strict=True)]


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.astype({name: "str" for name in frame if frame[name].dtype.kind not in "fM"})
