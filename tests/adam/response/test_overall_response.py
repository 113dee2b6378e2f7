"""Overall responses where there is nothing to judge, or something that is not asked. The cases are in the rule book."""

from __future__ import annotations

import pandas as pd

from adam.rules.overall_response import derive_overall_response
from tests.adam.response.histories import adrs, values


def test_without_any_lesion_at_baseline_nothing_can_be_judged():
    none = pd.Series(["NOT APPLICABLE"], dtype="str")
    assert derive_overall_response(none, none, pd.Series([False])).tolist() == ["NE"]


def test_without_a_baseline_the_targets_cannot_be_judged():
    found, _ = adrs("42 | T01=50 NT01=P")
    assert values(found, "DTRGRESP") == "NE"


def test_a_target_that_comes_later_does_not_change_the_overall_response():
    found, _ = adrs("-10 | T01=50\n 42 | T01=50 T02=40")
    assert values(found, "DOVR") == "SD"


def test_symptomatic_deterioration_does_not_change_the_investigators_response():
    found, _ = adrs("-10 | T01=50\n 42 | T01=50 | SYMPTDTR=Y SD")
    assert values(found, "OVR") == "SD"
