"""The rule book on partial dates: what they can mean, and what becomes of them."""

from __future__ import annotations

import pandas as pd
import pytest

from adam.rules.dates import possible_days
from adam.rules.death import derive_death
from adam.rules.emergence import derive_event_dates
from adam.rules.treatment import derive_first_dose, derive_last_dose, derive_new_therapy
from tests.adam.endpoints.days import cells
from tests.adam.subject.event_cases import FIRST_DOSE, LAST_DOSE, as_events, emergent
from tests.rulebook.book import each, section


def dates(texts):
    return pd.to_datetime(texts).astype("datetime64[us]")


def text(value):
    """A date or flag as the book writes it."""
    if pd.isna(value):
        return ""
    return f"{value:%Y-%m-%d}" if isinstance(value, pd.Timestamp) else str(value)


def by_cutoff(lines, derive):
    """What a rule finds for the cases of each cut-off: dates with USUBJID as index, and findings."""
    cuts = lines.assign(CUT=dates(lines["cut-off"])).groupby("CUT", dropna=False)
    found, findings = zip(*(derive(of, None if pd.isna(cutoff) else cutoff) for cutoff, of in cuts), strict=True)
    return pd.concat(found).set_index("USUBJID"), pd.concat(findings)


def missing(days):
    """`?` is a date that is not given."""
    return days.astype("str").mask(days == "?").replace("", None)


def events(name):
    """One event for each case; where there is a cut-off, dosing goes on."""
    lines = section(name).frame()
    read = {"USUBJID": "id", "AESTDTC": "start", "AEENDTC": "end", "DTHDT": "death", "CUTOFFDT": "cut-off"}
    given = lines.reindex(columns=list(read.values())).set_axis(list(read), axis=1)
    last = pd.Series(LAST_DOSE, index=lines.index).where(given["CUTOFFDT"].isna())
    frame = as_events(given.assign(TRTSDT=FIRST_DOSE, TRTEDT=last))
    return emergent(frame).set_index("USUBJID"), derive_event_dates(frame)[1]


def deaths():
    lines = section("death").frame()

    def derive(of, cutoff):
        dm = of.rename(columns={"id": "USUBJID", "death": "DTHDTC", "dead": "DTHFL"})
        alive = pd.DataFrame(
            {"USUBJID": of["id"], "LSTALVDT": dates(of["alive"]), "LSTALVSR": "SS.SSDTC", "LSTALVSQ": 4.0}
        )
        return derive_death({"DM": dm}, alive, cutoff)

    return by_cutoff(lines, derive)


def first_doses():
    lines = section("first dose").frame()
    doses = cells(lines, "doses", ["EXSTDTC"])
    doses = doses.assign(EXSEQ=range(len(doses)), EXSTDTC=missing(doses["EXSTDTC"]))
    consent = pd.DataFrame({"USUBJID": lines["id"], "RFICDT": dates(lines["consent"])}).dropna()
    found, findings = derive_first_dose(doses, consent)
    return found.set_index("USUBJID"), findings


def last_doses(study):
    lines = section("last dose").frame()

    def derive(of, cutoff):
        doses = cells(of, "doses", ["EXTRT", "days"])
        days = doses["days"].str.split("..", regex=False, expand=True)
        doses = doses.assign(EXSEQ=range(len(doses)), EXSTDTC=missing(days[0]), EXENDTC=missing(days[1]), EXDOSFRQ=None)
        ends = cells(of, "ended", ["EXTRT", "ENDED"])
        ends = ends.assign(ENDED=dates(ends["ENDED"]))
        return derive_last_dose(doses, study, ends, cutoff)

    return by_cutoff(lines, derive)


def new_therapies(study):
    lines = section("new therapy").frame()

    def derive(of, cutoff):
        listed = cells(of, "therapies", ["domain", "start"])
        treated = pd.DataFrame(
            {"USUBJID": of["id"], "TRTSDT": pd.Timestamp("2025-01-06"), "TRTEDT": dates(of["last dose"])}
        )
        sdtm = {
            domain: courses.assign(
                **{f"{domain}SEQ": range(len(courses)), f"{domain}CAT": "SUBSEQUENT ANTI-CANCER THERAPY"},
                **{f"{domain}STDTC": missing(courses["start"])},
            )
            for domain, courses in listed.groupby("domain")
        }
        found, findings = derive_new_therapy(sdtm, study, treated, cutoff)
        return treated[["USUBJID"]].merge(found, how="left"), findings

    return by_cutoff(lines, derive)


COLUMNS = {
    "event start": ["ASTDT", "ASTDTF", "TRTEMFL"],
    "event end": ["AENDT", "AENDTF"],
    "death": ["DTHDT", "DTHDTF"],
    "first dose": ["TRTSDT", "TRTSDTF"],
    "last dose": ["TRTEDT", "TRTEDTF"],
    "new therapy": ["NACTDT", "NACTDTF"],
}


@pytest.fixture(scope="module")
def imputed(study):
    """What becomes of the dates of each section, and the findings on them."""
    return {
        "event start": events("event start"),
        "event end": events("event end"),
        "death": deaths(),
        "first dose": first_doses(),
        "last dose": last_doses(study),
        "new therapy": new_therapies(study),
    }


@pytest.mark.parametrize(("name", "line"), each("text"))
def test_what_a_date_can_mean(name, line):
    found = possible_days(pd.Series([line["text"] or None], dtype="str")).loc[0, ["FIRST", "LAST", "DTF"]]
    assert [text(value) for value in found] == [line["first"], line["last"], line["flag"]]


@pytest.mark.parametrize(("name", "line"), each(*COLUMNS))
def test_what_is_imputed(name, line, imputed):
    found = [text(value) for value in imputed[name][0].loc[line["case"], COLUMNS[name]]]
    assert found == [line[key] for key in ("date", "flag", "TRTEMFL") if key in line]


@pytest.mark.parametrize(
    ("name", "code", "variable"),
    [
        ("event start", "ADAM-421", "AESTDTC"),
        ("event end", "ADAM-421", "AEENDTC"),
        ("death", "ADAM-405", "DTHDTC"),
        ("first dose", "ADAM-422", "EXSTDTC"),
        ("last dose", "ADAM-422", "EXENDTC"),
        ("new therapy", "ADAM-424", "CMSTDTC"),
    ],
)
def test_each_imputed_date_is_a_finding(name, code, variable, imputed):
    lines = section(name).frame()
    findings = imputed[name][1]
    found = findings[(findings["code"] == code) & (findings["variable"] == variable)]
    undated = {"nothing known"} if name == "death" else set()  # a death without any date is told, too
    assert sorted(found["usubjid"]) == sorted({*lines.loc[lines["flag"].notna(), "id"], *undated})


@pytest.mark.parametrize(
    ("name", "code", "case"),
    [
        ("death", "ADAM-412", "alive after the month"),
        ("first dose", "ADAM-423", "nothing known"),
        ("new therapy", "ADAM-425", "wholly missing, dosing goes on"),
    ],
)
def test_a_date_that_contradicts_or_cannot_be_told_is_a_finding(name, code, case, imputed):
    findings = imputed[name][1]
    assert findings.loc[findings["code"] == code, "usubjid"].tolist() == [case]
