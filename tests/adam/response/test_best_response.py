"""The records beside the best response: each assessment's own, and the subject's. The cases are in the rule book."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.adam.response.histories import FIRST_DOSE, date, day_of, one, solve, values

THERAPY_84 = {"adsl": {"NACTDT": date(84)}}


def says(*pairs):
    """A history of a stable target lesion, and what the investigator says: (day, response), ..."""
    return "-10 | T01=50\n" + "\n".join(f"{day} | T01=50 | {response}" for day, response in pairs)


# name: (history, arguments, AVALC of OVR, and ANL01FL beside it)
COUNTED = {
    "after the first PD": (says((42, "SD"), (84, "PD"), (126, "PR"), (168, "PR")), {}, "SD PD PR PR", "Y Y - -"),
    "on the day new therapy starts": (says((42, "PR"), (84, "PR")), THERAPY_84, "PR PR", "Y Y"),
    "the day after": (says((42, "PR"), (85, "PR")), THERAPY_84, "PR PR", "Y -"),
    "PD after new therapy": (says((85, "PD")), THERAPY_84, "PD", "-"),
    "after the cut-off": (says((42, "PR"), (85, "PR")), {"adsl": {"CUTOFFDT": date(84)}}, "PR", "Y"),
    "at baseline": ("-10 | T01=50 | CR\n 42 | T01=50 | SD", {}, "CR SD", "- Y"),
}


@pytest.fixture(scope="module")
def answers():
    return solve(COUNTED)


@pytest.mark.parametrize("name", COUNTED)
def test_each_assessment_keeps_its_record(name, answers):
    adrs, _ = answers[name]
    ovr = adrs[adrs["PARAMCD"] == "OVR"].sort_values("ADT")
    assert (values(adrs, "OVR"), " ".join(ovr["ANL01FL"].fillna("-"))) == COUNTED[name][2:]


def test_the_investigator_needs_no_baseline():
    adrs, _ = solve({"S": ("42 | T01=50 | SD", {})})["S"]
    assert [(one(adrs, paramcd)["AVALC"], day_of(one(adrs, paramcd))) for paramcd in ("BOR", "CBOR")] == [
        ("SD", 42)
    ] * 2


def test_derived_best_response_from_the_lesions():
    """Investigator and recomputed response stand side by side, each with its own confirmation."""
    text = "-10 | T01=100\n 42 | T01=60 | SD\n 84 | T01=60 | SD"
    adrs, _ = solve({"S": (text, {})})["S"]
    got = {paramcd: one(adrs, paramcd)["AVALC"] for paramcd in ("BOR", "CBOR", "DBOR", "DCBOR", "CRSP", "DCRSP")}
    assert got == {"BOR": "SD", "CBOR": "SD", "DBOR": "PR", "DCBOR": "PR", "CRSP": "N", "DCRSP": "Y"}


def test_subject_parameters():
    cases = {
        "died": ("-10 | T01=50", {"adsl": {"DTHFL": "Y", "DTHDT": date(100), "DTHDTF": "D"}}),
        "no targets": ("-10 | NT01=P", {}),
        "not treated": ("-10 | T01=50", {"adsl": {"FASFL": "N", "TRTSDT": pd.NaT}}),
    }
    answers = solve(cases)
    death = one(answers["died"][0], "DEATH")
    assert (death["AVALC"], day_of(death), death["ADTF"]) == ("Y", 100, "D")
    measurable = one(answers["died"][0], "MDIS")
    assert (measurable["AVALC"], day_of(measurable), measurable["SRCSEQ"]) == ("Y", -10, 1.0)
    assert one(answers["no targets"][0], "DEATH")["AVALC"] == "N"
    assert one(answers["no targets"][0], "MDIS")["AVALC"] == "N"
    assert answers["not treated"][0].empty
    assert pd.Timestamp("2025-01-01") == FIRST_DOSE
