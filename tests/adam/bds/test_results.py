"""What becomes of each record of LB and VS: its value, its unit, or why it has no record."""

from __future__ import annotations

import pandas as pd

from adam.adlb import derive_adlb
from adam.finish import finish
from tests.adam.bds.cases import adlb, expected, in_order, records, said, subjects
from tests.tables import table

UNITS = """
 id | test | date       | value | unit   | low | high | AVAL  | AVALC      | ANRLO | ATOXGRL | # why it is here
 A  | NEUT | 2025-03-20 | 0.45  | 10^9/L | 1.8 | 6.3  | 0.45  | -          | 1.8   | 4       |
 A  | NEUT | 2025-03-20 | 0.45  | K/uL   | 1.8 | 6.3  | 0.45  | -          | 1.8   | 4       | # another spelling
 A  | NEUT | 2025-03-20 | 450   | /uL    | 1800 | 6300 | 0.45 | -          | 1.8   | 4       | # with its range
 A  | NEUT | 2025-03-20 | 499.6 | /uL    | 1800 | 6300 | 0.4996 | -        | 1.8   | 4       | # not rounded to 0.5
 A  | HGB  | 2025-03-20 | 9.9   | g/dL   | 11.5 | 15  | 99    | -          | 115   | 2       |
 A  | NEUT | 2025-03-20 | 45    | %      | 40  | 70   | -     | 45 %       | -     | -       | # no count
 A  | NEUT | 2025-03-20 | 0.45  |        | 1.8 | 6.3  | -     | 0.45       | -     | -       | # of what?
 A  | NEUT | 2025-03-20 |       |        |     |      |       |            |       |         | # no result: no record
"""


def made(text: str, study) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    lb = records("LB", text, "NEUT")
    adsl, ex = subjects(lb["USUBJID"])
    rows, findings, accounting = derive_adlb({"LB": lb, "EX": ex}, adsl, study)
    return in_order(finish(rows, study.adam["ADLB"]), lb, "LB"), findings, accounting


def test_units(study):
    rows, findings, accounting = made(UNITS, study)
    names = ("AVAL", "AVALC", "ANRLO", "ATOXGRL")
    assert said(rows, *names) == expected(UNITS, *names)[:-1]
    assert findings["code"].tolist() == ["ADAM-451", "ADAM-451"]
    assert findings["value"].tolist() == ["", "%"]
    assert findings["srcseq"].tolist() == ["7", "6"]
    assert findings["expected"].unique().tolist() == ["10^9/L"]
    assert accounting.to_dict("records") == [{"dataset": "ADLB", "rule": "NO-RESULT", "rows": 1}]


def test_a_test_without_a_parameter_is_told_once_a_subject(study):
    text = """
     id | test | date       | value | unit
     A  | NEUT | 2025-03-20 | 1     | 10^9/L
     A  | GLUC | 2025-03-20 | 5     | mmol/L
     A  | GLUC | 2025-03-21 | 5     | mmol/L
     B  | GLUC | 2025-03-20 | 5     | mmol/L
     B  | LIPASE | 2025-03-20 |     | U/L     # no result: nothing is lost
    """
    rows, findings, accounting = made(text, study)
    assert rows["PARAMCD"].tolist() == ["NEUT"]
    assert findings[["code", "usubjid", "value", "srcseq"]].to_numpy().tolist() == [
        ["ADAM-450", "A", "GLUC", "2"],
        ["ADAM-450", "B", "GLUC", "1"],
    ]
    assert "2 result(s) of test 'GLUC'" in findings["message"].iloc[0]
    assert accounting["rows"].tolist() == [1]


def test_subjects_that_adsl_lacks_keep_their_results(study):
    lb = records("LB", "id | date | value\nA | 2025-03-20 | 1\nB | 2025-03-20 | 2", "NEUT")
    adsl, ex = subjects(lb["USUBJID"].iloc[:1])
    rows, _, _ = derive_adlb({"LB": lb, "EX": ex}, adsl, study)
    assert said(rows, "USUBJID", "AVAL", "SUBJID", "ADY", "ONTRTFL") == ["A 1 A 11 Y", "B 2 - - -"]


def test_a_result_without_a_standard_one_stays_as_collected(study):
    text = """
     id | date       | value | text | result | collected | AVAL | AVALC         | ABLFL | # why it is here
     A  | 2025-03-01 | 3     | 3    | 3      | 10^9/L    | 3    | -             | Y     |
     A  | 2025-03-09 |       |      | 0.73   | mmol/mol  | -    | 0.73 mmol/mol | -     | # not standard, no baseline
     A  | 2025-03-20 |       |      | <0.1   |           | -    | <0.1          | -     | # of what? not graded
    """
    given = table(text)
    lb = records("LB", text, "NEUT").assign(LBORRES=given["result"], LBORRESU=given["collected"])
    lb["LBSTRESU"] = lb["LBSTRESU"].where(lb["LBSTRESC"].notna())
    adsl, ex = subjects(lb["USUBJID"])
    rows, findings, accounting = derive_adlb({"LB": lb, "EX": ex}, adsl, study)
    assert said(rows, "AVAL", "AVALC", "ABLFL") == expected(text, "AVAL", "AVALC", "ABLFL")
    assert rows["ATOXGRL"].fillna("-").tolist() == ["-", "-", "-"]
    assert findings[["code", "value", "srcseq"]].to_numpy().tolist() == [
        ["ADAM-451", "", "3"],
        ["ADAM-451", "mmol/mol", "2"],
    ]
    assert accounting.empty


def test_no_results_at_all(study):
    lb = records("LB", "id | date | value\nA | 2025-03-20 |", "NEUT")
    adsl, ex = subjects(lb["USUBJID"])
    rows, findings, accounting = derive_adlb({"LB": lb, "EX": ex}, adsl, study)
    assert finish(rows, study.adam["ADLB"]).empty
    assert findings.empty
    assert accounting["rows"].tolist() == [1]


def test_every_variable_of_sdtm_but_the_result_may_be_absent(study):
    lb = pd.DataFrame({"USUBJID": ["A"], "LBTESTCD": ["NEUT"], "LBSTRESN": [0.3], "LBSTRESU": ["10^9/L"]})
    adsl, ex = subjects(lb["USUBJID"])
    rows, _, _ = derive_adlb({"LB": lb, "EX": ex}, adsl, study)
    assert said(finish(rows, study.adam["ADLB"]), "AVAL", "ADT", "AVISIT", "ATOXGRL", "ABLFL") == ["0.3 - - 4 -"]


def test_study_without_unit_table_takes_the_parameters_own_unit(study):
    bare = study.model_copy(update={"units": type(study.units)()})
    text = "id | test | date | value | unit\nA | NEUT | 2025-03-20 | 0.3 | 10^9/l\nA | NEUT | 2025-03-21 | 300 | /uL"
    assert said(adlb(text, bare), "AVAL", "AVALC") == ["0.3 -", "- 300 /uL"]
