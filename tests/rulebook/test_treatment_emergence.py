"""The rule book on treatment emergence: the window, and events that were there before and got worse."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.adam.endpoints.days import cells
from tests.adam.subject.event_cases import FIRST_DOSE, LAST_DOSE, as_events, emergent
from tests.rulebook.book import each, section

FIRST = {"": FIRST_DOSE, "no end": FIRST_DOSE, "none": None}
LAST = {"": LAST_DOSE, "no end": None, "none": None}


@pytest.fixture(scope="module")
def in_window():
    lines = section("window").frame()
    dosing = lines["dosing"].fillna("")
    given = pd.DataFrame(
        {"USUBJID": lines["id"], "AESTDTC": lines["start"], "NACTDT": lines["new therapy"],
         "TRTSDT": dosing.map(FIRST), "TRTEDT": dosing.map(LAST)}
    )  # fmt: skip
    return emergent(as_events(given)).set_index("USUBJID")


@pytest.fixture(scope="module")
def in_groups():
    listed = cells(section("worsening").frame(), "records", ["AESTDTC", "rest"])
    told = listed["rest"].str.split(" ", expand=True)
    given = listed.assign(
        AETOXGR=told[0].mask(told[0] == "?"), AEGRPID=pd.Series("A", listed.index).where(told[1] != "apart"),
        TRTSDT=FIRST_DOSE, TRTEDT=LAST_DOSE,
    )  # fmt: skip
    return emergent(as_events(given))


@pytest.mark.parametrize(("name", "line"), each("window"))
def test_window(name, line, in_window):
    row = in_window.loc[line["case"]].fillna("")
    assert [row["TRTEMFL"], row["TRTEMRS"]] == [line["TRTEMFL"], line["decided by"]]


@pytest.mark.parametrize(("name", "line"), each("worsening"))
def test_worsening(name, line, in_groups):
    *earlier, last = in_groups[in_groups["USUBJID"] == line["case"]].fillna("").to_dict("records")
    assert [last["TRTEMFL"], last["TRTEMRS"]] == [line["TRTEMFL"], line["decided by"]]
    before = [row for row in earlier if row["AESTDTC"] < FIRST_DOSE]
    assert {row["TRTEMRS"] for row in before} <= {"BEFORE FIRST DOSE"}
