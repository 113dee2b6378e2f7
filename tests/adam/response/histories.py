"""Lesion histories that people can read aloud, as SDTM.

One line an assessment: its day (days after first dose; the day of first dose is 0), its lesions, and what the
investigator says of it. A lesion is written `T01=50`: a number is the diameter in mm, TS too small to measure, ND not
evaluated, MRG merged into another one; NT01=P present, A absent, INC increased; NEW01=EQ, UNEQ, P, or P:12 with a size.
`@45` behind it is another day of the scan. T01.1 is a fragment of T01.
"""

from __future__ import annotations

from functools import cache

import pandas as pd

from adam.adrs import derive_adrs
from adam.adtr import derive_adtr
from specs import load_study

FIRST_DOSE = pd.Timestamp("2025-01-01")
STATES = {
    "P": "PRESENT",
    "A": "ABSENT",
    "INC": "INCREASED",
    "EQ": "EQUIVOCAL",
    "UNEQ": "UNEQUIVOCAL",
    "MRG": "TUMOR MERGED",
}


@cache
def study():
    return load_study("ql1706")


def date(day):
    return FIRST_DOSE + pd.Timedelta(days=int(day))


def iso(day):
    return date(day).strftime("%Y-%m-%d")


def history(text, **kwargs):
    """SDTM domains TU, TR, RS and a one-row ADSL of a history; the arguments are those of `_rows`."""
    return together({kwargs.pop("subject", "S1"): (text, kwargs)})


def together(cases):
    """SDTM and ADSL of several subjects, from a dict of subject -> (history, arguments of `_rows`)."""
    domains, adsl = {"TU": [], "TR": [], "RS": []}, []
    for subject, (text, kwargs) in cases.items():
        *rows, own = _rows(text, subject, **kwargs)
        adsl.append(own)
        for (domain, all_rows), of_subject in zip(domains.items(), rows, strict=True):
            all_rows += [
                {"USUBJID": subject, f"{domain}SEQ": float(n), f"{domain}EVAL": "INVESTIGATOR", **row}
                for n, row in enumerate(of_subject, start=1)
            ]
    return {domain: _frame(rows) for domain, rows in domains.items()}, pd.DataFrame(adsl)


def _rows(text, subject, *, nodes="", link="group", adsl=None):
    """Rows of TU, TR and RS and the ADSL row; `nodes` are lymph nodes; `link`: group, or visit without link groups."""
    lesions, tr, rs = {}, [], []
    nodes = nodes.split()
    lines = [line.split("#")[0].strip() for line in text.strip().splitlines()]
    for number, line in enumerate((line for line in lines if line), start=1):
        day, measured, *says = [cell.strip() for cell in line.split("|")]
        visit = {"VISITNUM": float(number * 10), "VISIT": f"VISIT {number}"}
        group = f"A{number}" if link == "group" else None
        for word in measured.split():
            name, _, value = word.partition("=")
            value, _, other_day = value.partition("@")
            scanned = iso(other_day or day)
            lesions.setdefault(name, {"TUDTC": scanned, **visit})
            for test, result in _records(name, value, name.partition(".")[0] in nodes):
                tr.append({"TRLNKID": name, "TRLNKGRP": group, "TRTESTCD": test, "TRDTC": scanned, **result, **visit})
        for said in says[0].split() if says else []:
            test, _, result = said.rpartition("=")
            said_of = {"RSLNKGRP": group, "RSTESTCD": test or "OVRLRESP", "RSSTRESC": result, "RSCAT": "RECIST 1.1"}
            rs.append({**said_of, "RSDTC": iso(day), **visit})
    tu = [
        {
            "TULNKID": name,
            "TUTESTCD": "TUSPLIT" if "." in name else "TUMIDENT",
            "TUSTRESC": "NEW" if name.startswith("NEW") else "NON-TARGET" if name.startswith("NT") else "TARGET",
            "TULOC": "CERVICAL LYMPH NODE" if name.partition(".")[0] in nodes else f"ORGAN {name.partition('.')[0]}",
            **where,
        }
        for name, where in lesions.items()
    ]
    own = {"STUDYID": "X", "USUBJID": subject, "TRTSDT": FIRST_DOSE, "NACTDT": pd.NaT, "FASFL": "Y", **(adsl or {})}
    return tu, tr, rs, own


def _records(name, value, node):
    value, _, size = value.partition(":")
    diameter = "LPERP" if node else "LDIAM"
    if value == "ND":
        return [("TUMSTATE" if name.startswith("N") else diameter, {"TRSTAT": "NOT DONE"})]
    if value == "TS":
        return [(diameter, {"TRORRES": "TOO SMALL TO MEASURE", "TRSTRESC": "5", "TRSTRESN": 5.0})]
    if value in STATES:
        state = [("TUMSTATE", {"TRORRES": STATES[value], "TRSTRESC": STATES[value]})]
        return state + ([(diameter, {"TRSTRESN": float(size)})] if size else [])
    return [(diameter, {"TRORRES": value, "TRSTRESC": value, "TRSTRESN": float(value)})]


def _frame(rows):
    frame = pd.DataFrame(rows)
    texts = [name for name in frame.columns if not name.endswith(("NUM", "SEQ", "STRESN"))]
    return frame.astype(dict.fromkeys(texts, "str"))


def adrs(text, **kwargs):
    """ADRS and findings of a history."""
    return derive_adrs(*history(text, **kwargs), study())


def adtr(text, **kwargs):
    """ADTR and findings of a history."""
    return derive_adtr(*history(text, **kwargs), study())


def values(frame, paramcd):
    """AVALC of a parameter in the order of time, as one text."""
    rows = frame[frame["PARAMCD"] == paramcd].sort_values(["ADT", "AVISITN"], kind="stable")
    return " ".join(rows["AVALC"].fillna("-"))


def one(frame, paramcd):
    """The only record of a parameter."""
    (row,) = frame[frame["PARAMCD"] == paramcd].to_dict("records")
    return row


def day_of(row):
    """Days after first dose."""
    return None if pd.isna(row["ADT"]) else (row["ADT"] - FIRST_DOSE).days


def solve(cases):
    """ADRS and findings by subject, of a dict of name -> (history, arguments..., expected), made in one go."""
    adrs_of_all, findings = derive_adrs(*together({name: case[:2] for name, case in cases.items()}), study())
    return {
        name: (adrs_of_all[adrs_of_all["USUBJID"] == name], findings[findings["usubjid"] == name]) for name in cases
    }
