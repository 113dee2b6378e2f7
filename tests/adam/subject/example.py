"""A small study as SDTM: made-up, seeded, with partial dates, ties and open ends."""

from __future__ import annotations

import numpy as np
import pandas as pd

ARMS = np.array([["DL1", "Phase Ib 1"], ["DL2", "Phase Ib 2"], ["RP2D", "Phase II"]])
START = pd.Timestamp("2025-01-06")


def days(rng, n, lo, hi, partial=0.15, missing=0.0):
    """ISO texts of random days; some truncated to the month or the year, some missing."""
    dates = pd.Series(START + pd.to_timedelta(rng.integers(lo, hi, n), unit="D")).dt.strftime("%Y-%m-%d")
    length = rng.choice([10, 7, 4], n, p=[1 - partial, partial * 2 / 3, partial / 3])
    text = pd.Series([date[:k] for date, k in zip(dates, length, strict=True)], dtype="str")
    return text.mask(pd.Series(rng.random(n) < missing))


def records(rng, domain, subjects, n):
    """`n` records of a domain on random subjects, with --SEQ numbered within the subject."""
    frame = pd.DataFrame({"STUDYID": "S", "USUBJID": np.sort(rng.choice(subjects, n))}, dtype="str")
    frame[f"{domain}SEQ"] = frame.groupby("USUBJID").cumcount().add(1).astype("float64")
    return frame


def example(seed: int = 1, people: int = 14) -> dict[str, pd.DataFrame]:
    rng = np.random.default_rng(seed)
    subjects = np.array([f"S-{n:03}" for n in range(1, people + 1)])
    enrolled = rng.random(people) < 0.85
    arm = ARMS[rng.integers(0, 3, people)]
    died = rng.random(people) < 0.5
    dm = pd.DataFrame({"STUDYID": "S", "USUBJID": subjects, "SUBJID": subjects, "SITEID": "01"}, dtype="str").assign(
        AGE=rng.integers(40, 80, people).astype("float64"), AGEU="YEARS", SEX="M", RACE="ASIAN", COUNTRY="CHN",
        ARMCD=pd.Series(arm[:, 0]).where(enrolled), ARM=pd.Series(arm[:, 1]).where(enrolled),
        ACTARMCD=pd.Series(arm[:, 0]).where(enrolled), ACTARM=pd.Series(arm[:, 1]).where(enrolled),
        ARMNRS=pd.Series("SCREEN FAILURE", index=range(people), dtype="str").where(~enrolled),
        RFICDTC=days(rng, people, -28, -1), DTHDTC=days(rng, people, 100, 300, 0.3).where(died),
        DTHFL=pd.Series("Y", index=range(people), dtype="str").where(died),
    )  # fmt: skip
    ex = records(rng, "EX", subjects[enrolled], people * 4).assign(
        EXTRT=lambda f: rng.choice(["QL1706", "LENVATINIB"], len(f)),
        EXDOSE=lambda f: rng.choice([0.0, 8.0], len(f), p=[0.1, 0.9]),
        EXDOSFRQ=lambda f: f["EXTRT"].map({"QL1706": "ONCE", "LENVATINIB": "QD"}),
        EXSTDTC=lambda f: days(rng, len(f), 0, 90), EXENDTC=lambda f: days(rng, len(f), 90, 120, missing=0.15),
    )  # fmt: skip
    ec = ex[ex["EXDOSE"] == 0].rename(columns=lambda name: name.replace("EX", "EC", 1)).assign(
        ECDOSE=np.nan, ECOCCUR="N", ECADJ="ADVERSE EVENT",
    )  # fmt: skip
    ae = records(rng, "AE", subjects, people * 6).assign(
        AETERM="event", AEDECOD=lambda f: rng.choice(["Nausea", "Rash", "Epistaxis"], len(f)),
        AEBODSYS=lambda f: f["AEDECOD"].map({"Nausea": "Gut", "Rash": "Skin", "Epistaxis": "Vessels"}),
        AEGRPID=lambda f: pd.Series(rng.choice(["1", "2", "3"], len(f))).where(rng.random(len(f)) < 0.7),
        AESTDTC=lambda f: days(rng, len(f), -20, 230, missing=0.05),
        AEENDTC=lambda f: days(rng, len(f), 0, 250, missing=0.3), AEREL="RELATED", AEOUT="UNKNOWN",
        AETOXGR=lambda f: pd.Series(rng.choice(list("12345"), len(f))).where(rng.random(len(f)) < 0.9),
    )  # fmt: skip
    marks = ae[rng.random(len(ae)) < 0.1]
    cm = records(rng, "CM", subjects, people * 2).assign(
        CMCAT=lambda f: rng.choice(["SUBSEQUENT ANTI-CANCER THERAPY", "PRIOR ANTI-CANCER THERAPY"], len(f)),
        CMSTDTC=lambda f: days(rng, len(f), 60, 260, 0.4),
    )  # fmt: skip
    ss = records(rng, "SS", subjects, people * 2).assign(
        SSTESTCD="SURVSTAT", SSSTRESC=lambda f: rng.choice(["ALIVE", "UNKNOWN"], len(f)),
        SSDTC=lambda f: days(rng, len(f), 50, 280),
    )  # fmt: skip
    ds = records(rng, "DS", subjects, people).assign(
        DSCAT="DISPOSITION EVENT", DSSCAT=lambda f: rng.choice(["STUDY TREATMENT", "STUDY PARTICIPATION"], len(f)),
        DSDECOD=lambda f: rng.choice(["COMPLETED", "ADVERSE EVENT", "DEATH"], len(f)),
        DSSTDTC=lambda f: days(rng, len(f), 90, 300),
    )  # fmt: skip
    lb = records(rng, "LB", subjects, people * 5).assign(
        LBTESTCD=lambda f: rng.choice(["NEUT", "PLAT"], len(f)), LBSTRESU="10^9/L",
        LBSTRESN=lambda f: rng.choice([0.3, 0.9, 20.0, 40.0, 150.0], len(f)), LBDTC=lambda f: days(rng, len(f), -5, 40),
    )  # fmt: skip
    supp = pd.DataFrame({"USUBJID": marks["USUBJID"], "RDOMAIN": "AE", "IDVAR": "AESEQ", "QNAM": "AEDLT", "QVAL": "Y"})
    supp["IDVARVAL"] = marks["AESEQ"].astype("int64").astype("str")
    domains = {
        "DM": dm,
        "EX": ex,
        "EC": ec,
        "AE": ae,
        "SUPPAE": supp,
        "CM": cm,
        "SS": ss,
        "DS": ds,
        "LB": lb,
        **_scans(rng, subjects),
    }
    domains |= _results(np.random.default_rng([seed, 1]), domains, subjects)
    return {name: _plain(frame) for name, frame in domains.items()}


def _results(rng, domains, subjects) -> dict[str, pd.DataFrame]:
    """Ranges, visits and times beside the laboratory results, and some vital signs; doses with times."""
    n = len(domains["LB"])
    lb = domains["LB"].assign(
        LBSTNRLO=rng.choice([2.0, 100.0, np.nan], n), LBSTNRHI=400.0, LBDTC=_timed(rng, domains["LB"]["LBDTC"]),
        LBSTRESC=lambda f: f["LBSTRESN"].astype("str"), VISITNUM=rng.integers(1, 5, n).astype("float64"),
        VISIT=lambda f: "VISIT " + f["VISITNUM"].astype("str"),
    )  # fmt: skip
    bound = pd.Series(rng.random(n) < 0.1)
    lb = lb.assign(LBSTRESC=lb["LBSTRESC"].mask(bound, "<0.1"), LBSTRESN=lb["LBSTRESN"].mask(bound))
    vs = records(rng, "VS", subjects, len(subjects) * 4).assign(
        VSTESTCD=lambda f: rng.choice(["SYSBP", "TEMP"], len(f)),
        VSSTRESN=lambda f: rng.integers(30, 160, len(f)).astype("float64"),
        VSSTRESC=lambda f: f["VSSTRESN"].astype("str"),
        VSSTRESU=lambda f: f["VSTESTCD"].map({"SYSBP": "mmHg", "TEMP": "C"}),
        VSDTC=lambda f: _timed(rng, days(rng, len(f), -5, 60)), VISITNUM=1.0, VISIT="SCREENING",
    )  # fmt: skip
    ex = domains["EX"].assign(EXSTDTC=_timed(rng, domains["EX"]["EXSTDTC"]))
    return {"LB": lb, "VS": vs, "EX": ex}


def _timed(rng, dates: pd.Series) -> pd.Series:
    """Half of the complete dates with a time."""
    timed = (dates.str.len() == len("2025-01-06")) & (rng.random(len(dates)) < 0.5)
    return dates.mask(timed, dates + "T" + pd.Series(rng.choice(["07:30", "08:00", "11"], len(dates)), dtype="str"))


def _scans(rng, subjects) -> dict[str, pd.DataFrame]:
    """One target lesion a subject, measured at baseline and at up to three later assessments."""
    visits = pd.DataFrame(
        {"USUBJID": np.repeat(subjects, 4), "VISITNUM": np.tile([1.0, 75.0, 135.0, 195.0], len(subjects))}
    )
    visits = visits[(visits["VISITNUM"] == 1) | (rng.random(len(visits)) < 0.8)].reset_index(drop=True)
    lag = visits["VISITNUM"].map({1.0: -10, 75.0: 42, 135.0: 84, 195.0: 126})
    visits["DTC"] = (START + pd.to_timedelta(lag + rng.integers(-7, 7, len(visits)), unit="D")).dt.strftime("%Y-%m-%d")
    visits["GROUP"] = "A" + visits.groupby("USUBJID").cumcount().add(1).astype("str")
    seq = visits.groupby("USUBJID").cumcount().add(1).astype("float64")
    tr = visits.assign(
        STUDYID="S", TRSEQ=seq, TRLNKID="T01", TRLNKGRP=visits["GROUP"], TRTESTCD="LDIAM", TREVAL="INVESTIGATOR",
        TRSTRESN=rng.integers(0, 80, len(visits)).astype("float64"), TRSTRESU="mm", TRDTC=visits["DTC"],
    )  # fmt: skip
    tr["TRORRES"] = tr["TRSTRESN"].astype("str")
    tr["TRSTRESC"] = tr["TRORRES"]
    baseline = visits[visits["VISITNUM"] == 1]
    tu = baseline.assign(
        STUDYID="S", TUSEQ=1.0, TULNKID="T01", TUTESTCD="TUMIDENT", TUORRES="TARGET", TUSTRESC="TARGET", TULOC="LIVER",
        TUEVAL="INVESTIGATOR", TUDTC=baseline["DTC"],
    )  # fmt: skip
    later = visits[visits["VISITNUM"] > 1].reset_index(drop=True)
    rs = later.assign(
        STUDYID="S", RSSEQ=later.groupby("USUBJID").cumcount().add(1).astype("float64"), RSTESTCD="OVRLRESP",
        RSCAT="RECIST 1.1", RSEVAL="INVESTIGATOR", RSLNKGRP=later["GROUP"], RSDTC=later["DTC"],
        RSSTRESC=rng.choice(["CR", "PR", "SD", "PD", "NE"], len(later)),
    )  # fmt: skip
    return {"TU": tu, "TR": tr, "RS": rs}


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Types of a finished SDTM dataset."""
    frame = frame.reset_index(drop=True)
    return frame.astype({name: "str" for name in frame if frame[name].dtype.kind not in "fM"})
