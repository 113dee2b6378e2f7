"""CTCAE v5.0: every limit of every criterion, from both sides."""

from __future__ import annotations

import pandas as pd
import pytest

from adam.rules.grading import derive_grades
from tests.tables import table

# the grade of a value, low | high; "-" is no grade
BLOOD = """
 test | value | low   | high  | base | baseline | L | H | # why it is here
 NEUT | 1.8   | 1.8   | 6.3   |      |          | 0 | - | # the lower limit of normal is normal
 NEUT | 1.79  | 1.8   | 6.3   |      |          | 1 | - |
 NEUT | 1.5   | 1.8   | 6.3   |      |          | 1 | - | # 1.5 is not below 1.5
 NEUT | 1.499 | 1.8   | 6.3   |      |          | 2 | - |
 NEUT | 1.0   | 1.8   | 6.3   |      |          | 2 | - |
 NEUT | 0.999 | 1.8   | 6.3   |      |          | 3 | - |
 NEUT | 0.5   | 1.8   | 6.3   |      |          | 3 | - | # 0.5 is not below 0.5
 NEUT | 0.499 | 1.8   | 6.3   |      |          | 4 | - |
 NEUT | 0     | 1.8   | 6.3   |      |          | 4 | - |
 NEUT | 30    | 1.8   | 6.3   |      |          | 0 | - | # no criteria for high counts
 NEUT | 1.45  | 1.4   | 6.3   |      |          | 2 | - | # normal in this laboratory, and below 1.5
 PLAT | 125   | 125   | 350   |      |          | 0 | - |
 PLAT | 124   | 125   | 350   |      |          | 1 | - |
 PLAT | 75    | 125   | 350   |      |          | 1 | - |
 PLAT | 74.9  | 125   | 350   |      |          | 2 | - |
 PLAT | 50    | 125   | 350   |      |          | 2 | - | # 50 is not below 50
 PLAT | 49.9  | 125   | 350   |      |          | 3 | - |
 PLAT | 25    | 125   | 350   |      |          | 3 | - | # 25 is not below 25
 PLAT | 24.9  | 125   | 350   |      |          | 4 | - |
 WBC  | 3.5   | 3.5   | 9.5   |      |          | 0 | 0 |
 WBC  | 3.49  | 3.5   | 9.5   |      |          | 1 | 0 |
 WBC  | 3     | 3.5   | 9.5   |      |          | 1 | 0 |
 WBC  | 2.99  | 3.5   | 9.5   |      |          | 2 | 0 |
 WBC  | 2     | 3.5   | 9.5   |      |          | 2 | 0 |
 WBC  | 1.99  | 3.5   | 9.5   |      |          | 3 | 0 |
 WBC  | 1     | 3.5   | 9.5   |      |          | 3 | 0 |
 WBC  | 0.99  | 3.5   | 9.5   |      |          | 4 | 0 |
 WBC  | 100   | 3.5   | 9.5   |      |          | 0 | 0 | # leukocytosis begins above 100
 WBC  | 100.1 | 3.5   | 9.5   |      |          | 0 | 3 |
 HGB  | 115   | 115   | 150   | 140  | NORMAL   | 0 | 0 |
 HGB  | 114   | 115   | 150   | 140  | NORMAL   | 1 | 0 |
 HGB  | 100   | 115   | 150   | 140  | NORMAL   | 1 | 0 |
 HGB  | 99.9  | 115   | 150   | 140  | NORMAL   | 2 | 0 |
 HGB  | 80    | 115   | 150   | 140  | NORMAL   | 2 | 0 |
 HGB  | 79.9  | 115   | 150   | 140  | NORMAL   | 3 | 0 |
 HGB  | 150   | 115   | 150   | 140  | NORMAL   | 0 | 0 |
 HGB  | 150.1 | 115   | 150   | 140  | NORMAL   | 0 | 1 |
 HGB  | 170   | 115   | 150   | 140  | NORMAL   | 0 | 1 |
 HGB  | 170.1 | 115   | 150   | 140  | NORMAL   | 0 | 2 |
 HGB  | 190   | 115   | 150   | 140  | NORMAL   | 0 | 2 |
 HGB  | 190.1 | 115   | 150   | 140  | NORMAL   | 0 | 3 |
 HGB  | 151   | 115   | 150   | 110  | LOW      | 0 | 1 | # a low baseline is not above the upper limit
 HGB  | 160   | 115   | 150   | 160  | HIGH     | 0 | 0 | # over baseline, where that was above the upper limit
 HGB  | 160.1 | 115   | 150   | 160  | HIGH     | 0 | 1 |
 HGB  | 180   | 115   | 150   | 160  | HIGH     | 0 | 1 |
 HGB  | 180.1 | 115   | 150   | 160  | HIGH     | 0 | 2 |
 HGB  | 200   | 115   | 150   | 160  | HIGH     | 0 | 2 |
 HGB  | 200.1 | 115   | 150   | 160  | HIGH     | 0 | 3 |
"""
LIVER_AND_KIDNEY = """
 test  | value  | low | high | base | baseline | L | H | # why it is here
 ALT   | 40     | 7   | 40   | 20   | NORMAL   | - | 0 |
 ALT   | 40.1   | 7   | 40   | 20   | NORMAL   | - | 1 |
 ALT   | 120    | 7   | 40   | 20   | NORMAL   | - | 1 |
 ALT   | 120.1  | 7   | 40   | 20   | NORMAL   | - | 2 |
 ALT   | 200    | 7   | 40   | 20   | NORMAL   | - | 2 |
 ALT   | 200.1  | 7   | 40   | 20   | NORMAL   | - | 3 |
 ALT   | 800    | 7   | 40   | 20   | NORMAL   | - | 3 |
 ALT   | 800.1  | 7   | 40   | 20   | NORMAL   | - | 4 |
 ALT   | 41     | 7   | 40   | 5    | LOW      | - | 1 | # a low baseline is no abnormal one for a high result
 ALT   | 89.9   | 7   | 40   | 60   | HIGH     | - | 0 | # above the limit of normal, below 1.5 x baseline
 ALT   | 90     | 7   | 40   | 60   | HIGH     | - | 1 | # from 1.5 x baseline on, itself included
 ALT   | 180    | 7   | 40   | 60   | HIGH     | - | 1 |
 ALT   | 180.1  | 7   | 40   | 60   | HIGH     | - | 2 |
 ALT   | 300    | 7   | 40   | 60   | HIGH     | - | 2 |
 ALT   | 300.1  | 7   | 40   | 60   | HIGH     | - | 3 |
 ALT   | 1200   | 7   | 40   | 60   | HIGH     | - | 3 |
 ALT   | 1200.1 | 7   | 40   | 60   | HIGH     | - | 4 |
 AST   | 35     | 13  | 35   | 20   | NORMAL   | - | 0 |
 AST   | 35.1   | 13  | 35   | 20   | NORMAL   | - | 1 |
 AST   | 105    | 13  | 35   | 20   | NORMAL   | - | 1 |
 AST   | 105.1  | 13  | 35   | 20   | NORMAL   | - | 2 |
 AST   | 175    | 13  | 35   | 20   | NORMAL   | - | 2 |
 AST   | 175.1  | 13  | 35   | 20   | NORMAL   | - | 3 |
 AST   | 700    | 13  | 35   | 20   | NORMAL   | - | 3 |
 AST   | 700.1  | 13  | 35   | 20   | NORMAL   | - | 4 |
 AST   | 74.9   | 13  | 35   | 50   | HIGH     | - | 0 |
 AST   | 75     | 13  | 35   | 50   | HIGH     | - | 1 |
 AST   | 150.1  | 13  | 35   | 50   | HIGH     | - | 2 |
 AST   | 250.1  | 13  | 35   | 50   | HIGH     | - | 3 |
 AST   | 1000.1 | 13  | 35   | 50   | HIGH     | - | 4 |
 BILI  | 20.5   |     | 20.5 | 10   | NORMAL   | - | 0 |
 BILI  | 20.6   |     | 20.5 | 10   | NORMAL   | - | 1 |
 BILI  | 30.75  |     | 20.5 | 10   | NORMAL   | - | 1 |
 BILI  | 30.76  |     | 20.5 | 10   | NORMAL   | - | 2 |
 BILI  | 61.5   |     | 20.5 | 10   | NORMAL   | - | 2 |
 BILI  | 61.6   |     | 20.5 | 10   | NORMAL   | - | 3 |
 BILI  | 205    |     | 20.5 | 10   | NORMAL   | - | 3 |
 BILI  | 205.1  |     | 20.5 | 10   | NORMAL   | - | 4 |
 BILI  | 2.1    |     | 0.7  | 0.5  | NORMAL   | - | 2 | # 3 x 0.7 is 2.1 exactly, in binary it is a little less
 BILI  | 30     |     | 20.5 | 30   | HIGH     | - | 0 |
 BILI  | 30.1   |     | 20.5 | 30   | HIGH     | - | 1 |
 BILI  | 45     |     | 20.5 | 30   | HIGH     | - | 1 |
 BILI  | 45.1   |     | 20.5 | 30   | HIGH     | - | 2 |
 BILI  | 90     |     | 20.5 | 30   | HIGH     | - | 2 |
 BILI  | 90.1   |     | 20.5 | 30   | HIGH     | - | 3 |
 BILI  | 300    |     | 20.5 | 30   | HIGH     | - | 3 |
 BILI  | 300.1  |     | 20.5 | 30   | HIGH     | - | 4 |
 CREAT | 111    | 41  | 111  | 100  | NORMAL   | - | 0 |
 CREAT | 111.1  | 41  | 111  | 100  | NORMAL   | - | 1 |
 CREAT | 150    | 41  | 111  | 100  | NORMAL   | - | 1 | # 1.5 x baseline
 CREAT | 150.1  | 41  | 111  | 100  | NORMAL   | - | 2 |
 CREAT | 300    | 41  | 111  | 100  | NORMAL   | - | 2 | # 3 x baseline
 CREAT | 300.1  | 41  | 111  | 100  | NORMAL   | - | 3 |
 CREAT | 60     | 41  | 111  | 40   | LOW      | - | 0 |
 CREAT | 60.1   | 41  | 111  | 40   | LOW      | - | 2 | # normal, but more than 1.5 x baseline
 CREAT | 166.5  | 41  | 111  | 200  | HIGH     | - | 1 | # 1.5 x the upper limit
 CREAT | 166.6  | 41  | 111  | 200  | HIGH     | - | 2 |
 CREAT | 333    | 41  | 111  | 200  | HIGH     | - | 2 |
 CREAT | 333.1  | 41  | 111  | 200  | HIGH     | - | 3 |
 CREAT | 666    | 41  | 111  | 200  | HIGH     | - | 3 |
 CREAT | 666.1  | 41  | 111  | 200  | HIGH     | - | 4 |
"""
# what is not known leaves the grade open, unless it would not matter
NOT_ALL_KNOWN = """
 test  | value  | low | high | base | baseline | L | H | # why it is here
 NEUT  |        | 1.8 | 6.3  |      |          | - | - | # no result
 NEUT  | 1.5    |     |      |      |          | - | - | # without a range it may be grade 0 or 1
 NEUT  | 5      |     |      |      |          | - | - | # likewise: never 0 without a range
 NEUT  | 1.49   |     |      |      |          | 2 | - | # the range decides grade 1 only
 NEUT  | 0.49   |     |      |      |          | 4 | - |
 NEUT  | <0.1   | 1.8 | 6.3  |      |          | 4 | - | # anything below 0.1 is below 0.5
 NEUT  | <0.5   | 1.8 | 6.3  |      |          | 4 | - | # below 0.5 itself
 NEUT  | <=0.5  | 1.8 | 6.3  |      |          | - | - | # 0.5 would be grade 3
 NEUT  | <1     | 1.8 | 6.3  |      |          | - | - | # 3 or 4
 NEUT  | >1.8   | 1.8 | 6.3  |      |          | 0 | - |
 NEUT  | >=1.8  | 1.8 | 6.3  |      |          | 0 | - |
 NEUT  | >1.5   | 1.8 | 6.3  |      |          | - | - | # 0 or 1
 NEUT  | >100   |     |      |      |          | - | - | # a range is missing all the same
 PLAT  | >600   | 125 | 350  |      |          | 0 | - |
 WBC   | >200   | 3.5 | 9.5  |      |          | 0 | 3 |
 WBC   | >100   | 3.5 | 9.5  |      |          | 0 | 3 | # above 100 itself
 WBC   | >=100  | 3.5 | 9.5  |      |          | 0 | - |
 HGB   | 140    | 115 | 150  |      |          | 0 | - | # over what, without a baseline?
 HGB   | 140    |     | 150  | 140  | NORMAL   | - | 0 |
 ALT   | 30     | 7   | 40   |      |          | - | - | # without a baseline not even a normal result is graded
 ALT   | 900    | 7   | 40   |      |          | - | - |
 ALT   | 30     | 7   |      | 20   | NORMAL   | - | - | # no upper limit
 ALT   | 30     | 7   |      | 60   | HIGH     | - | 0 | # an abnormal baseline needs none
 ALT   | 50     | 7   | 40   | 60   |          | - | - | # a baseline without a range: normal or not?
 ALT   | <5     | 7   | 40   | 20   | NORMAL   | - | 0 |
 ALT   | >900   | 7   | 40   | 20   | NORMAL   | - | 4 |
 ALT   | >800   | 7   | 40   | 20   | NORMAL   | - | 4 |
 ALT   | >=90   | 7   | 40   | 60   | HIGH     | - | - |
 ALT   | >=1201 | 7   | 40   | 60   | HIGH     | - | 4 |
 ALT   | <90    | 7   | 40   | 60   | HIGH     | - | 0 | # below 1.5 x baseline
 ALT   | <=90   | 7   | 40   | 60   | HIGH     | - | - | # 90 itself is grade 1
 CREAT | 100    | 41  | 111  |      |          | - | - | # 1.5 x a baseline not known
 CREAT | 700    | 41  | 111  |      |          | - | 4 | # above 6 x the upper limit, whatever the baseline
 CREAT | 60     | 41  |      | 60   | NORMAL   | - | - |
"""


def results(text: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The cases of a table, and the columns that grading reads; each case is a group without a baseline record."""
    given = table(text)
    bound = given["value"].str.extract(r"^([<>]=?)(.+)$")
    rows = pd.DataFrame(
        {
            "PARAMCD": given["test"], "SIGN": bound[0].fillna(""), "BOUND": bound[1].astype("float64"),
            "AVAL": pd.to_numeric(given["value"], errors="coerce").astype("float64"),
            "ANRLO": given["low"].astype("float64"), "ANRHI": given["high"].astype("float64"),
            "BASE": given["base"].astype("float64"), "BNRIND": given["baseline"], "GROUP": range(len(given)),
            "ABLFL": pd.Series(None, index=given.index, dtype="str"),
        }
    )  # fmt: skip
    return given, rows


def graded(text: str, study) -> tuple[list[str], list[str]]:
    """Lines "test value: low high" as graded, and as the table has them."""
    given, rows = results(text)
    made = derive_grades(rows, study.grading.tests)
    case = given["test"] + " " + given["value"].fillna("nothing") + ": "
    low, high = made["ATOXGRL"].fillna("-"), made["ATOXGRH"].fillna("-")
    return (case + low + " " + high).tolist(), (case + given["L"] + " " + given["H"]).tolist()


@pytest.mark.parametrize("text", [BLOOD, LIVER_AND_KIDNEY, NOT_ALL_KNOWN], ids=["blood", "organs", "not all known"])
def test_grades(study, text):
    made, wanted = graded(text, study)
    assert made == wanted


def test_every_limit_of_the_study_is_in_the_tables(study):
    """Both sides of each grade: a value of that grade, and one of a grade below it, for each test and direction."""
    cases = pd.concat([table(text) for text in (BLOOD, LIVER_AND_KIDNEY)])
    for test, criteria in study.grading.tests.items():
        for column, toxicity in (("L", criteria.low), ("H", criteria.high)):
            if toxicity is not None:
                seen = set(cases.loc[cases["test"] == test, column])
                assert seen == {"0", *map(str, toxicity.grades)}, f"{test} {column}"


def test_any_order(study):
    rows = table(BLOOD)
    lines = BLOOD.strip().splitlines()
    mixed = [lines[0], *(lines[n + 1] for n in rows.sample(frac=1, random_state=1).index)]
    made, wanted = graded("\n".join(mixed), study)
    assert made == wanted


def test_terms_stand_beside_numbers_and_grades(study):
    text = """
     test | value | low | high | base | baseline
     NEUT | 5     | 1.8 | 6.3  |      |
     NEUT | <0.1  | 1.8 | 6.3  |      |          # no number, but a grade
     NEUT | <1    | 1.8 | 6.3  |      |          # neither
     WBC  | 5     | 3.5 | 9.5  |      |
    """
    made = derive_grades(results(text)[1], study.grading.tests)
    neutrophils, leukocytes = "Neutrophil count decreased", "White blood cell decreased"
    assert made["ATOXDSCL"].fillna("-").tolist() == [neutrophils, neutrophils, "-", leukocytes]
    assert made["ATOXDSCH"].fillna("-").tolist() == ["-", "-", "-", "Leukocytosis"]


def test_without_criteria_nothing_is_graded():
    _, rows = results("test | value | low | high | base | baseline\nNEUT | 0.1 | 1.8 | 6.3 | | ")
    made = derive_grades(rows, {})
    assert made[["ATOXGRL", "ATOXGRH", "ATOXDSCL", "ATOXDSCH", "BTOXGRL", "BTOXGRH"]].isna().all(axis=None)
