"""Baseline, change from it, ranges and shifts."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.adam.bds.cases import adlb, advs, expected, said

# first dose on 10 March at 09:30
DAY_ONE = """
 id | date                | value | number | ABLFL | BASE | CHG  | # why it is here
 A  | 2025-03-01          | 1     | 1      | -     | 2    | -    |
 A  | 2025-03-09          | 2     | 2      | Y     | 2    | -    | # the day before, the last before first dose
 A  | 2025-03-11          | 5     | 3      | -     | 2    | 3    |
 B  | 2025-03-09          | 1     | 1      | -     | 2    | -    |
 B  | 2025-03-10T09:29    | 2     | 2      | Y     | 2    | -    | # timed before the dose
 B  | 2025-03-10T09:30    | 3     | 3      | -     | 2    | 1    | # at the dose is not before it
 B  | 2025-03-10T15:00    | 4     | 4      | -     | 2    | 2    |
 C  | 2025-03-09T10:00    | 1     | 1      | -     | 2    | -    |
 C  | 2025-03-10          | 2     | 2      | Y     | 2    | -    | # without a time: as planned, before the dose
 D  | 2025-03-10          | 1     | 1      | -     | 2    | -    |
 D  | 2025-03-10T07:00    | 2     | 2      | Y     | 2    | -    | # of a day, one without a time comes first
 E  | 2025-03-10T09       | 2     | 1      | Y     | 2    | -    | # the hour alone: its beginning
 E  | 2025-03-10T10       | 3     | 2      | -     | 2    | 1    |
 F  | 2025-03             | 1     | 1      | -     | -    | -    | # may be before or after: no baseline, no change
 F  | 2025-04             | 4     | 2      | -     | -    | -    | # no baseline
 G  | 2025-02             | 1     | 1      | -     | 2    | -    | # certainly before, but not known when
 G  | 2025-03-02          | 2     | 2      | Y     | 2    | -    |
 G  | 2025-04             | 5     | 3      | -     | 2    | 3    | # certainly after
 G  |                     | 7     | 4      | -     | 2    | -    | # no date
 H  | 2025-03-11          | 4     | 1      | -     | -    | -    | # nothing before first dose
 I  | 2025-03-09          | 1     | 5      | Y     | 1    | -    | # of one time, the later visit
 I  | 2025-03-09          | 2     | 1      | -     | 1    | -    |
 J  | 2025-03-09          | 1     | 1      | -     | 2    | -    | # of one visit, the later record
 J  | 2025-03-09          | 2     | 1      | Y     | 2    | -    |
 K  | 2025-03-10T09:29:59 | 2     | 1      | Y     | 2    | -    | # seconds count
"""


def test_last_result_before_first_dose(study):
    made = advs(DAY_ONE, study, dose="2025-03-10T09:30")
    assert said(made, "ABLFL", "BASE", "CHG") == expected(DAY_ONE, "ABLFL", "BASE", "CHG")


DOSE_WITHOUT_TIME = """
 id | date             | value | ABLFL | BASE | CHG | # the time of the dose is not known
 A  | 2025-03-09       | 1     | -     | 3    | -   |
 A  | 2025-03-10T07:00 | 2     | -     | 3    | -   |
 A  | 2025-03-10T15:00 | 3     | Y     | 3    | -   | # as planned, before the dose
 A  | 2025-03-11       | 4     | -     | 3    | 1   |
"""
UNTIMED_COUNT_AS_AFTER = """
 id | date             | value | ABLFL | BASE | CHG | # the study says so
 A  | 2025-03-09       | 1     | Y     | 1    | -   |
 A  | 2025-03-10T07:00 | 2     | -     | 1    | 1   |
 A  | 2025-03-10T15:00 | 3     | -     | 1    | 2   |
 A  | 2025-03-11       | 4     | -     | 1    | 3   |
"""


def test_a_dose_without_a_time(study):
    made = advs(DOSE_WITHOUT_TIME, study, dose="2025-03-10")
    assert said(made, "ABLFL", "BASE", "CHG") == expected(DOSE_WITHOUT_TIME, "ABLFL", "BASE", "CHG")


def test_the_study_says_what_untimed_results_of_day_one_are(study):
    safety = study.study.parameters.safety.model_copy(update={"day1_untimed": "after"})
    parameters = study.study.parameters.model_copy(update={"safety": safety})
    other = study.model_copy(update={"study": study.study.model_copy(update={"parameters": parameters})})
    made = advs(UNTIMED_COUNT_AS_AFTER, other, dose="2025-03-10")
    assert said(made, "ABLFL", "BASE", "CHG") == expected(UNTIMED_COUNT_AS_AFTER, "ABLFL", "BASE", "CHG")


def test_without_first_dose_there_is_neither_baseline_nor_change(study):
    made = advs("id | date | value\nA | 2025-03-09 | 1\nA | 2025-03-20 | 2", study, dose=None)
    assert made[["ABLFL", "BASE", "CHG", "PCHG", "ONTRTFL", "ADY"]].isna().all(axis=None)


CHANGE = """
 id | date       | value | BASE | CHG  | PCHG | # why it is here
 A  | 2025-03-01 | 0.3   | 0.1  | -    | -    | # before the baseline
 A  | 2025-03-09 | 0.1   | 0.1  | -    | -    | # the baseline itself
 A  | 2025-03-20 | 0.3   | 0.1  | 0.2  | 200  | # 0.3 - 0.1 is 0.2
 A  | 2025-03-21 | 0.05  | 0.1  | -0.05 | -50 |
 A  | 2025-03-22 | 0.1   | 0.1  | 0    | 0    |
 B  | 2025-03-09 | 0     | 0    | -    | -    |
 B  | 2025-03-20 | 4     | 0    | 4    | -    | # no percentage of nothing
"""


def test_change(study):
    made = adlb(CHANGE, study)
    assert said(made, "BASE", "CHG", "PCHG") == expected(CHANGE, "BASE", "CHG", "PCHG")


TEXTS = """
 id | date       | value | text | AVAL | AVALC | BASE | BASEC | CHG | # why it is here
 A  | 2025-03-01 | 2     | 2    | 2    | -     | -    | <0.1  | -   |
 A  | 2025-03-09 |       | <0.1 | -    | <0.1  | -    | <0.1  | -   | # the last result, though no number
 A  | 2025-03-20 | 3     | 3    | 3    | -     | -    | <0.1  | -   |
 B  | 2025-03-09 | 2     | 2    | 2    | -     | 2    | -     | -   |
 B  | 2025-03-20 |       | 阴性 | -    | 阴性  | 2    | -     | -   |
"""


def test_results_that_are_no_numbers(study):
    made = adlb(TEXTS, study)
    names = ("AVAL", "AVALC", "BASE", "BASEC", "CHG")
    assert said(made, *names) == expected(TEXTS, *names)


RANGES = """
 id | date       | value | text  | low | high | ANRIND | BNRIND | SHIFT1           | # why it is here
 A  | 2025-03-09 | 1.8   | 1.8   | 1.8 | 6.3  | NORMAL | NORMAL | -                | # a limit is normal
 A  | 2025-03-20 | 1.79  | 1.79  | 1.8 | 6.3  | LOW    | NORMAL | NORMAL to LOW    |
 A  | 2025-03-21 | 6.3   | 6.3   | 1.8 | 6.3  | NORMAL | NORMAL | NORMAL to NORMAL |
 A  | 2025-03-22 | 6.31  | 6.31  | 1.8 | 6.3  | HIGH   | NORMAL | NORMAL to HIGH   |
 A  | 2025-03-23 | 5     | 5     |     |      | -      | NORMAL | -                | # no range
 A  | 2025-03-24 | 5     | 5     |     | 6.3  | NORMAL | NORMAL | NORMAL to NORMAL | # one limit is a range too
 A  | 2025-03-25 |       | <1.8  | 1.8 | 6.3  | LOW    | NORMAL | NORMAL to LOW    |
 A  | 2025-03-26 |       | <=1.8 | 1.8 | 6.3  | -      | NORMAL | -                | # 1.8 would be normal
 A  | 2025-03-27 |       | >6.3  | 1.8 | 6.3  | HIGH   | NORMAL | NORMAL to HIGH   |
 A  | 2025-03-28 |       | >2    | 1.8 | 6.3  | -      | NORMAL | -                | # on which side?
 A  | 2025-03-29 |       | NEG   | 1.8 | 6.3  | -      | NORMAL | -                |
 B  | 2025-03-09 | 9     | 9     | 1.8 | 6.3  | HIGH   | HIGH   | -                |
 B  | 2025-03-20 | 1     | 1     | 1.8 | 6.3  | LOW    | HIGH   | HIGH to LOW      |
 C  | 2025-03-20 | 1     | 1     | 1.8 | 6.3  | LOW    | -      | -                | # no baseline
"""


def test_ranges_and_shifts(study):
    made = adlb(RANGES, study)
    assert said(made, "ANRIND", "BNRIND", "SHIFT1") == expected(RANGES, "ANRIND", "BNRIND", "SHIFT1")


SHIFTED_GRADES = """
 id | test | date       | value | low | high | ATOXGRL | BTOXGRL | ATOXGRH | BTOXGRH | # why it is here
 A  | NEUT | 2025-03-09 | 1.2   | 1.8 | 6.3  | 2       | 2       | -       | -       |
 A  | NEUT | 2025-03-20 | 0.4   | 1.8 | 6.3  | 4       | 2       | -       | -       |
 A  | ALT  | 2025-03-01 | 30    | 7   | 40   | -       | -       | 0       | 0       | # before the baseline
 A  | ALT  | 2025-03-09 | 60    | 7   | 40   | -       | -       | 0       | 0       | # its own baseline
 A  | ALT  | 2025-03-20 | 100   | 7   | 40   | -       | -       | 1       | 0       | # 1.5 x 60 is 90
 A  | ALT  | 2025-03-21 | 100   | 7   | 60   | -       | -       | 1       | 0       | # the baseline keeps its range
 B  | ALT  | 2025-03-20 | 30    | 7   | 40   | -       | -       | -       | -       | # no baseline
"""


def test_grades_against_baseline(study):
    made = adlb(SHIFTED_GRADES, study)
    names = ("ATOXGRL", "BTOXGRL", "ATOXGRH", "BTOXGRH")
    assert said(made, *names) == expected(SHIFTED_GRADES, *names)


@pytest.mark.parametrize(
    ("dtc", "day", "time", "ady"),
    [
        ("2025-03-11T08:05", "2025-03-11", "2025-03-11 08:05:00", 2),
        ("2025-03-11T08:05:30", "2025-03-11", "2025-03-11 08:05:30", 2),
        ("2025-03-11T08", "2025-03-11", "NaT", 2),  # the minute is not known, and not made up
        ("2025-03-11", "2025-03-11", "NaT", 2),
        ("2025-03-09", "2025-03-09", "NaT", -1),
        ("2025-03", "NaT", "NaT", None),
    ],
)
def test_dates_are_as_recorded(study, dtc, day, time, ady):
    made = advs(f"id | date | value\nA | {dtc} | 1", study).iloc[0]
    assert (made["ADT"] is pd.NaT, made["ADTM"] is pd.NaT) == (day == "NaT", time == "NaT")
    assert str(made["ADTM"]) == time
    assert pd.isna(made["ADY"]) if ady is None else made["ADY"] == ady
    assert str(made["ADT"])[:10] == day
