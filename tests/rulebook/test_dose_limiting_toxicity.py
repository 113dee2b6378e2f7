"""The rule book on dose-limiting toxicity: the criteria, who is evaluable, and the 3+3 design."""

from __future__ import annotations

import pandas as pd
import pytest

from adam.addlt import derive_addlt
from adam.rules.escalation import find_rp2d, judge_levels
from tests.adam.endpoints.dlt_cases import evaluable, in_units, phase_ib, results
from tests.rulebook.book import each, section

CRITERIA = {
    "H1G4NEUT": "H1G4NEUT",
    "febrile neutropenia": "H2FN",
    "fever": "H2FN",
    "H3THROMB": "H3THROMB",
    "INVDLT": "INVDLT",
    "DLT": "DLT",
}


@pytest.fixture(scope="module")
def judged(study):
    """Result and day of each case, by section and case."""
    found = {name: results(section(name).frame(), study, code) for name, code in CRITERIA.items()}
    units = section("units").frame()
    addlt, _ = derive_addlt(in_units(units), phase_ib(units), study)
    found["units"] = addlt[addlt["PARAMCD"] == "H1G4NEUT"].set_index("USUBJID")
    return found


@pytest.mark.parametrize(("name", "line"), each(*CRITERIA, "units"))
def test_criterion(name, line, judged):
    row = judged[name].loc[line["case"]]
    begun = "" if pd.isna(row["ADY"]) else f"{row['ADY']:g}"
    assert [row["AVALC"], begun] == [section(name).word("result", line["result"]), line["began"]]


@pytest.fixture(scope="module")
def reasons(study):
    return evaluable(section("evaluable").frame(), study)


@pytest.mark.parametrize(("name", "line"), each("evaluable"))
def test_evaluable(name, line, reasons):
    row = reasons.loc[line["case"]].fillna("")
    expected = ("N", section(name).word("why not", line["why not"])) if line["why not"] else ("Y", "")
    assert (row["DLTEVLFL"], row["DLTEVLRS"]) == expected


@pytest.mark.parametrize(("name", "line"), each("level"))
def test_level(name, line, study):
    numbers = {column: [float(line[key] or 0)] for column, key in
               (("DLT", "dlt"), ("EVALUABLE", "of"), ("INDETERMINATE", "open"))}  # fmt: skip
    levels = judge_levels(pd.DataFrame(numbers), study.study.parameters.dlt)
    assert levels["STATUS"].tolist() == [line["status"]]


@pytest.mark.parametrize(("name", "line"), each("RP2D"))
def test_recommended_dose(name, line):
    status = [section(name).word(level, line[level]) or None for level in ("level 1", "level 2", "level 3")]
    levels = pd.DataFrame({"LEVEL": [1.0, 2.0, 3.0], "STATUS": pd.Series(status, dtype="str")}).dropna()
    found = find_rp2d(levels)
    assert found.text == line["rp2d"]
    assert found.level == (float(line["rp2d"]) if line["rp2d"] in "123" else None)
