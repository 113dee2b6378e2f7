"""The best percent change of the sum of diameters: one line a history, worked by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from adam.adrs import derive_adrs
from tests.adam.endpoints.days import changed
from tests.adam.response.histories import adrs, adtr, date, day_of, solve, study, together

# name: (history, arguments, best change and its day; nothing where there is none)
CASES = {
    "the smallest": ("-10 | T01=100\n 42 | T01=80 | SD\n 84 | T01=60 | PR\n 126 | T01=70 | PR", {}, "-40 84"),
    "the earliest of equal ones": ("-10 | T01=100\n 42 | T01=60 | PR\n 84 | T01=60 | PR", {}, "-40 42"),
    "growth can be the best": ("-10 | T01=100\n 42 | T01=110 | SD\n 84 | T01=130 | PD", {}, "10 42"),
    "all gone": ("-10 | T01=100\n 42 | T01=0 | CR", {}, "-100 42"),
    "an assessment with PD counts": ("-10 | T01=100\n 42 | T01=70 NEW01=UNEQ | PD", {}, "-30 42"),
    "one after the first PD does not": ("-10 | T01=100\n 42 | T01=130 | PD\n 84 | T01=50 | PR", {}, "30 42"),
    "after new therapy": (
        "-10 | T01=100\n 42 | T01=90 | SD\n 84 | T01=50 | PR", {"adsl": {"NACTDT": date(83)}}, "-10 42",
    ),
    "on the day new therapy starts": (
        "-10 | T01=100\n 42 | T01=90 | SD\n 84 | T01=50 | PR", {"adsl": {"NACTDT": date(84)}}, "-50 84",
    ),
    "an incomplete sum": ("-10 | T01=60 T02=40\n 42 | T01=30 | NE\n 84 | T01=50 T02=40 | SD", {}, "-10 84"),
    "incomplete at baseline": ("-10 | T01=60 T02=ND\n 42 | T01=30 T02=40 | PR", {}),
    "without a response of the reader": ("-10 | T01=100\n 42 | T01=60\n 84 | T01=80 | SD", {}, "-20 84"),
    "no targets": ("-10 | NT01=P\n 42 | NT01=P | NON-CR/NON-PD", {}),
    "nothing after baseline": ("-10 | T01=100", {}),
    "not treated": ("-10 | T01=100\n 42 | T01=60 | PR", {"adsl": {"FASFL": "N"}}),
    "thirds": ("-10 | T01=90\n 42 | T01=60 | PR", {}, f"{-100 / 3:g} 42"),
}  # fmt: skip


@pytest.fixture(scope="module")
def answers():
    return solve(CASES)


@pytest.mark.parametrize("name", CASES)
def test_best_change(name, answers):
    frame, _ = answers[name]
    rows = frame[frame["PARAMCD"] == "BPCHG"].to_dict("records")
    assert [f"{row['AVAL']:g} {day_of(row)}" for row in rows] == list(CASES[name][2:])
    assert all(pd.isna(row["AVALC"]) and row["ANL01FL"] == "Y" for row in rows)


def test_it_is_a_change_of_adtr():
    text = "-10 | T01=97 T02=30\n 42 | T01=68 T02=23 | SD\n 84 | T01=68 T02=29 | SD"
    (best,) = adrs(text)[0].query("PARAMCD == 'BPCHG'").to_dict("records")
    sums = adtr(text)[0].query("PARAMCD == 'SUMDIAM'").set_index("SRCSEQ")
    assert best["AVAL"] == sums.loc[best["SRCSEQ"], "PCHG"] == sums["PCHG"].min()
    assert (best["SRCDOM"], best["SRCVAR"], best["AVISIT"]) == ("TR", "TRSTRESN", "VISIT 2")


def test_whose_responses_count_is_a_parameter():
    """The investigator saw PD at once; from the lesions it came later."""
    case = ("-10 | T01=100\n 42 | T01=90 | PD\n 84 | T01=60 | PR", {})
    frame, _ = derive_adrs(*together({"S": case}), changed(study(), response={"source": "derived"}))
    assert adrs(case[0])[0].query("PARAMCD == 'BPCHG'")["AVAL"].tolist() == [-10]
    assert frame.query("PARAMCD == 'BPCHG'")["AVAL"].tolist() == [-40]
