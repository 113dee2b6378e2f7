"""Ranges that the study assigns, and criteria that are flagged after first dose."""

from __future__ import annotations

import pytest

from specs.criteria import criterion_text
from specs.grading import Limit
from tests.adam.bds.cases import adlb, advs, expected, said

VITAL_SIGNS = """
 id | test   | date       | value | ANRLO | ANRHI | ANRIND | SHIFT1           | CRIT1FL | # why it is here
 A  | SYSBP  | 2025-03-09 | 160   | 90    | 140   | HIGH   | -                | -       | # met, but before first dose
 A  | SYSBP  | 2025-03-20 | 160   | 90    | 140   | HIGH   | HIGH to HIGH     | Y       | # 160 itself
 A  | SYSBP  | 2025-03-21 | 159   | 90    | 140   | HIGH   | HIGH to HIGH     | N       |
 A  | SYSBP  | 2025-03-22 | 140   | 90    | 140   | NORMAL | HIGH to NORMAL   | N       |
 A  | SYSBP  | 2025-03-23 | 89    | 90    | 140   | LOW    | HIGH to LOW      | N       |
 A  | DIABP  | 2025-03-20 | 100   | 60    | 90    | HIGH   | -                | Y       |
 A  | DIABP  | 2025-03-21 | 99.9  | 60    | 90    | HIGH   | -                | N       |
 A  | PULSE  | 2025-03-20 | 120   | 60    | 100   | HIGH   | -                | N       | # 120 is not above 120
 A  | PULSE  | 2025-03-21 | 121   | 60    | 100   | HIGH   | -                | Y       |
 A  | TEMP   | 2025-03-20 | 38    | 36    | 37.5  | HIGH   | -                | Y       |
 A  | TEMP   | 2025-03-21 | 37.9  | 36    | 37.5  | HIGH   | -                | N       |
 A  | WEIGHT | 2025-03-09 | 70    | -     | -     | -      | -                | -       |
 A  | WEIGHT | 2025-03-20 | 63    | -     | -     | -      | -                | N       | # 0.9 x 70 is 63
 A  | WEIGHT | 2025-03-21 | 62.9  | -     | -     | -      | -                | Y       |
 B  | WEIGHT | 2025-03-20 | 60    | -     | -     | -      | -                | -       | # no baseline
"""
LABORATORY = """
 id | test | date       | value | text | low | high | CRIT1FL | # why it is here
 A  | ALT  | 2025-03-20 | 120   | 120  | 7   | 40   | N       | # 3 x 40 is not above it
 A  | ALT  | 2025-03-21 | 120.1 | 120.1 | 7  | 40   | Y       |
 A  | ALT  | 2025-03-22 | 900   | 900  | 7   |      | -       | # three times what?
 A  | ALT  | 2025-03-23 |       | >150 | 7   | 40   | Y       |
 A  | ALT  | 2025-03-24 |       | >100 | 7   | 40   | -       | # may be
 A  | ALT  | 2025-03-25 |       | <5   | 7   | 40   | N       |
 A  | ALT  | 2025-03-26 |       | NEG  | 7   | 40   | -       |
 A  | BILI | 2025-03-20 | 41    | 41   |     | 20.5 | N       |
 A  | BILI | 2025-03-21 | 41.1  | 41.1 |     | 20.5 | Y       |
 A  | NEUT | 2025-03-20 | 0.1   | 0.1  | 1.8 | 6.3  | -       | # has no criterion
"""


def test_vital_signs(study):
    made = advs(VITAL_SIGNS, study)
    names = ("ANRLO", "ANRHI", "ANRIND", "SHIFT1", "CRIT1FL")
    assert said(made, *names) == expected(VITAL_SIGNS, *names)
    assert made["CRIT1"].dropna().unique().tolist() == [
        "Systolic Blood Pressure (mmHg) >= 160",
        "Diastolic Blood Pressure (mmHg) >= 100",
        "Pulse Rate (beats/min) > 120",
        "Temperature (C) >= 38",
        "Weight (kg) < 0.9 x BASELINE",
    ]
    assert made["CRIT1"].notna().all()


def test_laboratory_results(study):
    made = adlb(LABORATORY, study)
    assert said(made, "CRIT1FL") == expected(LABORATORY, "CRIT1FL")
    assert made["CRIT1"].fillna("-").unique().tolist() == [
        "Alanine Aminotransferase (U/L) > 3 x ULN", "Bilirubin (umol/L) > 2 x ULN", "-",
    ]  # fmt: skip


def test_a_range_of_the_record_itself_stays(study):
    made = advs("id | date | value | low | high\nA | 2025-03-20 | 95 | 100 |\nA | 2025-03-21 | 95 | |", study)
    assert said(made, "ANRLO", "ANRHI", "ANRIND") == ["100 - LOW", "90 140 NORMAL"]


@pytest.mark.parametrize(
    ("limit", "text"),
    [
        ({"below": 25}, "P < 25"),
        ({"from": 1.5, "of": "BASELINE", "when": "abnormal"}, "P >= 1.5 x BASELINE, baseline abnormal"),
        ({"above": 1, "of": "ULN", "plus": 20}, "P > 1 x ULN + 20"),
    ],
)
def test_criteria_in_words(limit, text):
    assert criterion_text("P", Limit.model_validate(limit)) == text
