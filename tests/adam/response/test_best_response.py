"""Which assessments count, confirmation, and the best overall response."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.adam.response.histories import FIRST_DOSE, date, day_of, one, solve, values

THERAPY_84 = {"adsl": {"NACTDT": date(84)}}


def says(*pairs):
    """A history of a stable target lesion, and what the investigator says: (day, response), ..."""
    return "-10 | T01=50\n" + "\n".join(f"{day} | T01=50 | {response}" for day, response in pairs)


# name: (history, arguments, BOR and its day, CBOR and its day)
CASES = {
    # 1. CR
    "CR confirmed after 28 days": (says((42, "CR"), (70, "CR")), {}, "CR 42", "CR 42"),
    "27 days are too few": (says((42, "CR"), (69, "CR")), {}, "CR 42", "SD 42"),
    "a later CR confirms": (says((42, "CR"), (69, "CR"), (70, "CR")), {}, "CR 42", "CR 42"),
    "one NE between": (says((42, "CR"), (84, "NE"), (126, "CR")), {}, "CR 42", "CR 42"),
    "two NE between": (says((42, "CR"), (84, "NE"), (100, "NE"), (126, "CR")), {}, "CR 42", "SD 42"),
    "an SD between": (says((42, "CR"), (84, "SD"), (126, "CR")), {}, "CR 42", "SD 42"),
    "a PR between": (says((42, "CR"), (60, "PR"), (84, "CR")), {}, "CR 42", "SD 42"),
    "a PR between, itself confirmed": (says((42, "CR"), (56, "PR"), (84, "CR")), {}, "CR 42", "PR 56"),
    "PR, then CR confirmed": (says((42, "PR"), (84, "CR"), (126, "CR")), {}, "CR 84", "CR 84"),
    # 2. PR
    "PR confirmed by PR": (says((42, "PR"), (70, "PR")), {}, "PR 42", "PR 42"),
    "PR confirmed by CR": (says((42, "PR"), (70, "CR")), {}, "CR 70", "PR 42"),
    "PR, 27 days": (says((42, "PR"), (69, "PR")), {}, "PR 42", "SD 42"),
    "PR, NE, PR": (says((42, "PR"), (60, "NE"), (70, "PR")), {}, "PR 42", "PR 42"),
    "PR, NE, NE, PR": (says((42, "PR"), (60, "NE"), (65, "NE"), (70, "PR")), {}, "PR 42", "SD 42"),
    "PR, SD, PR": (says((42, "PR"), (84, "SD"), (126, "PR")), {}, "PR 42", "SD 42"),
    "PR, SD, PR, PR": (says((42, "PR"), (84, "SD"), (126, "PR"), (168, "PR")), {}, "PR 42", "PR 126"),
    "PR, NON-CR/NON-PD, PR": (says((42, "PR"), (84, "NON-CR/NON-PD"), (126, "PR")), {}, "PR 42", "SD 42"),
    "PR, then PD": (says((42, "PR"), (84, "PD")), {}, "PR 42", "SD 42"),
    "PR alone": (says((42, "PR")), {}, "PR 42", "SD 42"),
    # CR followed by PR
    "CR, PR, the minimum met": (says((42, "CR"), (84, "PR")), {}, "CR 42", "SD 42"),
    "CR, PR, the minimum met by the PR": (says((28, "CR"), (42, "PR")), {}, "CR 28", "SD 42"),
    "CR, PR, the minimum not met": (says((20, "CR"), (41, "PR")), {}, "CR 20", "PD 41"),
    "CR, NE, PR, the minimum not met": (says((20, "CR"), (30, "NE"), (41, "PR")), {}, "CR 20", "PD 41"),
    "CR, PR, PR": (says((42, "CR"), (84, "PR"), (126, "PR")), {}, "CR 42", "PR 84"),
    # 3. SD
    "SD on day 42": (says((42, "SD")), {}, "SD 42", "SD 42"),
    "SD on day 41": (says((41, "SD")), {}, "NE 41", "NE 41"),
    "SD on day 41, then PD": (says((41, "SD"), (84, "PD")), {}, "PD 84", "PD 84"),
    "SD on day 41, then NE": (says((41, "SD"), (84, "NE")), {}, "NE 41", "NE 41"),
    "SD twice": (says((41, "SD"), (84, "SD")), {}, "SD 84", "SD 84"),
    "PR on day 41, then PD": (says((41, "PR"), (84, "PD")), {}, "PR 41", "PD 84"),
    "PR on day 41, then NE": (says((41, "PR"), (84, "NE")), {}, "PR 41", "NE 41"),
    "CR on day 41, then PD": (says((41, "CR"), (84, "PD")), {}, "CR 41", "PD 84"),
    "CR on day 41 alone": (says((41, "CR")), {}, "CR 41", "NE 41"),
    # 4. NON-CR/NON-PD
    "NON-CR/NON-PD on day 42": (says((42, "NON-CR/NON-PD")), {}, "NON-CR/NON-PD 42", "NON-CR/NON-PD 42"),
    "NON-CR/NON-PD on day 41": (says((41, "NON-CR/NON-PD"), (84, "PD")), {}, "PD 84", "PD 84"),
    "SD is better": (says((42, "NON-CR/NON-PD"), (84, "SD")), {}, "SD 84", "SD 84"),
    # 5. PD and 6. NE
    "PD at once": (says((42, "PD")), {}, "PD 42", "PD 42"),
    "NE, then PD": (says((42, "NE"), (84, "PD")), {}, "PD 84", "PD 84"),
    "NE only": (says((42, "NE"), (84, "NE")), {}, "NE 42", "NE 42"),
    "none assessed": ("-10 | T01=50", {}, "NE None", "NE None"),
    # what counts
    "after the first PD": (says((42, "SD"), (84, "PD"), (126, "PR"), (168, "PR")), {}, "SD 42", "SD 42"),
    "on the day new therapy starts": (says((42, "PR"), (84, "PR")), THERAPY_84, "PR 42", "PR 42"),
    "the day after": (says((42, "PR"), (85, "PR")), THERAPY_84, "PR 42", "SD 42"),
    "PD on the day new therapy starts": (says((84, "PD")), THERAPY_84, "PD 84", "PD 84"),
    "PD after new therapy": (says((85, "PD")), THERAPY_84, "NE None", "NE None"),
    "after the cut-off": (says((42, "PR"), (85, "PR")), {"adsl": {"CUTOFFDT": date(84)}}, "PR 42", "SD 42"),
    "on the cut-off": (says((42, "PR"), (84, "PR")), {"adsl": {"CUTOFFDT": date(84)}}, "PR 42", "PR 42"),
    "at baseline": ("-10 | T01=50 | CR\n 42 | T01=50 | SD", {}, "SD 42", "SD 42"),
    "the investigator needs no baseline": ("42 | T01=50 | SD", {}, "SD 42", "SD 42"),
}


@pytest.fixture(scope="module")
def answers():
    return solve(CASES)


@pytest.mark.parametrize("name", CASES)
def test_best_overall_response(name, answers):
    adrs, _ = answers[name]
    for paramcd, expected in zip(("BOR", "CBOR"), CASES[name][2:], strict=True):
        row = one(adrs, paramcd)
        assert f"{row['AVALC']} {day_of(row)}" == expected, paramcd


# name: RSP, CRSP, CB, CCB, PD as "Y day" or "N", LSTA as "response day"
FLAGS = {
    "CR confirmed after 28 days": ("Y 42", "Y 42", "Y 42", "Y 42", "N", "CR 70"),
    "PR, then CR confirmed": ("Y 42", "Y 42", "Y 42", "Y 42", "N", "CR 126"),
    "PR, 27 days": ("Y 42", "N", "Y 42", "Y 42", "N", "PR 69"),
    "PR on day 41, then PD": ("Y 41", "N", "Y 41", "N", "Y 84", "PD 84"),
    "PR, SD, PR, PR": ("Y 42", "Y 126", "Y 42", "Y 42", "N", "PR 168"),
    "SD on day 42": ("N", "N", "Y 42", "Y 42", "N", "SD 42"),
    "SD on day 41": ("N", "N", "N", "N", "N", "SD 41"),
    "NON-CR/NON-PD on day 42": ("N", "N", "Y 42", "Y 42", "N", "NON-CR/NON-PD 42"),
    "one NE between": ("Y 42", "Y 42", "Y 42", "Y 42", "N", "CR 126"),
    "NE only": ("N", "N", "N", "N", "N", None),
    "none assessed": ("N", "N", "N", "N", "N", None),
    "after the first PD": ("N", "N", "Y 42", "Y 42", "Y 84", "PD 84"),
    "PD after new therapy": ("N", "N", "N", "N", "Y 85", None),
}


@pytest.mark.parametrize("name", FLAGS)
def test_flags(name, answers):
    adrs, _ = answers[name]
    *flags, last = FLAGS[name]
    for paramcd, expected in zip(("RSP", "CRSP", "CB", "CCB", "PD"), flags, strict=True):
        row = one(adrs, paramcd)
        assert row["AVALC"] + ("" if pd.isna(row["ADT"]) else f" {day_of(row)}") == expected, paramcd
    adequate = adrs[adrs["PARAMCD"] == "LSTA"].to_dict("records")
    assert [f"{row['AVALC']} {day_of(row)}" for row in adequate] == ([last] if last else [])


# name: AVALC of OVR, and ANL01FL beside it
COUNTED = {
    "after the first PD": ("SD PD PR PR", "Y Y - -"),
    "on the day new therapy starts": ("PR PR", "Y Y"),
    "the day after": ("PR PR", "Y -"),
    "PD after new therapy": ("PD", "-"),
    "after the cut-off": ("PR", "Y"),
    "at baseline": ("CR SD", "- Y"),
}


@pytest.mark.parametrize("name", COUNTED)
def test_each_assessment_keeps_its_record(name, answers):
    adrs, _ = answers[name]
    ovr = adrs[adrs["PARAMCD"] == "OVR"].sort_values("ADT")
    assert (values(adrs, "OVR"), " ".join(ovr["ANL01FL"].fillna("-"))) == COUNTED[name]


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
