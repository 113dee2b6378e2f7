"""The rule book on response: the tables of RECIST, lesion histories, dates, and the best response."""

from __future__ import annotations

import pandas as pd
import pytest

from adam.rules.overall_response import derive_overall_response
from tests.adam.response.histories import date, day_of, one, solve
from tests.rulebook.book import each, section
from tests.rulebook.visits import as_history, read_responses, read_visits, since_first_dose, study_day

TABLES = ("table 1", "table 2")
AT_ASSESSMENTS = (
    "complete", "progression", "missing", "partial", "split", "merged", "non-target", "overall", "new lesions",
    "after CR",
)  # fmt: skip
OVER_TIME = ("table 3", "confirmation", "stable", "counted", "response flags")
PARAMETERS = {"target": "DTRGRESP", "non-target": "DNTRGRSP", "overall": "DOVR"}

# lesions with just this response, of a target of 100 mm and a non-target at baseline
TARGETS = {"CR": "0", "PR": "60", "SD": "100", "NE": "ND", "PD": "130"}
NON_TARGETS = {"CR": "A", "NON-CR/NON-PD": "P", "NE": "ND", "PD": "INC"}


def combination(line):
    """The history of a row of table 1 or 2."""
    target, other = TARGETS.get(line["target"]), NON_TARGETS.get(line["non-target"])
    seen = [f"T01={target}" if target else "", f"NT01={other}" if other else "", "NEW01=UNEQ" * (line["new"] == "Y")]
    base = [f"{name}={value}" for name, value, there in (("T01", 100, target), ("NT01", "P", other)) if there]
    return f"-10 | {' '.join(base)}\n42 | {' '.join(seen)}", {}


def history(line):
    return as_history(read_visits(line["assessments"])), {"nodes": line.get("nodes", "")}


def judged(line):
    """The history of overall responses by the investigator."""
    days = {"NACTDT": line.get("therapy"), "CUTOFFDT": line.get("cut-off")}
    adsl = {name: date(since_first_dose(day)) for name, day in days.items() if day}
    return as_history(read_responses(line["responses"])), {"adsl": adsl}


@pytest.fixture(scope="module")
def answers():
    """ADRS of each case, by (section, case)."""
    ways = {**dict.fromkeys(TABLES, combination), **dict.fromkeys(OVER_TIME, judged)}
    cases = {
        (name, line["case"]): ways.get(name, history)(line)
        for name in (*TABLES, *AT_ASSESSMENTS, "dates", *OVER_TIME)
        for line in section(name).lines()
    }
    found = solve({f"{name}: {case}": given for (name, case), given in cases.items()})
    return {(name, case): found[f"{name}: {case}"][0] for name, case in cases}


def in_time(adrs, paramcd):
    return adrs[adrs["PARAMCD"] == paramcd].sort_values(["ADT", "AVISITN"], kind="stable")


def told(row):
    """A result with its study day."""
    days = day_of(row)
    return row["AVALC"] if days is None else f"{row['AVALC']} {study_day(days)}"


@pytest.mark.parametrize(("name", "line"), each(*TABLES))
def test_tables_of_recist(name, line, answers):
    words = [pd.Series([line[column]], dtype="str") for column in ("target", "non-target")]
    assert derive_overall_response(*words, pd.Series([line["new"] == "Y"])).tolist() == [line["overall"]]
    found = {
        column: in_time(answers[name, line["case"]], code)["AVALC"].tolist() for column, code in PARAMETERS.items()
    }
    assert found == {column: [line[column]] for column in PARAMETERS}


@pytest.mark.parametrize(("name", "line"), each(*AT_ASSESSMENTS))
def test_response_at_an_assessment(name, line, answers):
    asked = {column: code for column, code in PARAMETERS.items() if line.get(column)}
    adrs = answers[name, line["case"]]
    assert asked
    for column, paramcd in asked.items():
        assert ", ".join(in_time(adrs, paramcd)["AVALC"]) == line[column], column


@pytest.mark.parametrize(("name", "line"), each("dates"))
def test_date_of_response(name, line, answers):
    adrs = answers[name, line["case"]]
    own = in_time(adrs, "DOVR")
    progressed = own[own["AVALC"] == "PD"]
    decisive = progressed.head(1) if len(progressed) else own.tail(1)
    rows = {"OVR day": in_time(adrs, "OVR").tail(1), "DOVR day": decisive}
    days = {column: [str(study_day(day_of(row))) for row in of.to_dict("records")] for column, of in rows.items()}
    assert days == {column: [line[column]] if line[column] else [] for column in rows}


@pytest.mark.parametrize(("name", "line"), each(*OVER_TIME))
def test_best_response(name, line, answers):
    adrs = answers[name, line["case"]]
    asked = [column for column in ("BOR", "CBOR", "RSP", "CRSP", "CB", "CCB", "PD") if column in line]
    assert {column: told(one(adrs, column)) for column in asked} == {column: line[column] for column in asked}
    if "LSTA" in line:
        found = adrs[adrs["PARAMCD"] == "LSTA"].to_dict("records")
        assert [told(row) for row in found] == ([line["LSTA"]] if line["LSTA"] else [])
