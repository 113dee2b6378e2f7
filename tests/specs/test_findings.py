"""Findings for many rows at once, with their places and sentences."""

import string

import pandas as pd
import pytest

from specs.findings import COLUMNS, SRCSEQ, catalogue, combine, no_findings, report

ROWS = pd.DataFrame(
    {
        "USUBJID": ["S-1", "S-2"], "_SUBJECT": ["1", "2"], "_SITE": ["01", "02"], "_VISIT": ["Screening", ""],
        "VISIT": ["SCREENING", "WEEK 1"], "_FORM": ["AE", "AE"], "_FILE": ["V_AE.csv"] * 2, "_LINE": [2, 9],
        "_RECORD": ["11", "12"], "AESEQ": [1.0, float("nan")],
    },
    index=[4, 2],
)  # fmt: skip


def test_each_row_gives_a_finding_with_its_place():
    found = report("RAW-105", ROWS, field="AESTDAT", value=pd.Series(["b", "a"], index=[2, 4]), expected="x", typed="y")
    assert list(found) == [*COLUMNS, SRCSEQ]
    assert list(found["value"]) == ["a", "b"]  # aligned on the index, not on the position
    assert list(found["line"]) == ["2", "9"]
    assert list(found["record_id"]) == ["11", "12"]
    assert list(found["usubjid"]) == ["S-1", "S-2"]
    assert list(found["visit"]) == ["Screening", "WEEK 1"]  # the EDC's words, else the dataset's
    assert list(found["severity"]) == ["error", "error"]
    assert found["message"][0].startswith("AESTDAT: the site typed 'y' (x), but the export's date column says a")
    assert isinstance(found.index, pd.RangeIndex)


def test_the_sequence_number_of_the_dataset_is_kept_as_text():
    found = report("RAW-106", ROWS, dataset="AE", value="11")
    assert list(found[SRCSEQ]) == ["1", ""]


def test_expected_falls_back_to_the_catalogue():
    assert report("RAW-106", ROWS, value="1")["expected"][0] == catalogue()["RAW-106"].expected
    assert report("RAW-106", ROWS, value="1", expected="that")["expected"][0] == "that"


def test_rows_without_any_place_are_fine():
    found = report("RAW-108", pd.DataFrame({"x": [1]}))
    assert (found["subject"][0], found["line"][0], found["code"][0]) == ("", "", "RAW-108")


def test_no_rows_give_no_findings_with_all_columns():
    found = report("RAW-108", ROWS.iloc[:0])
    assert found.empty
    assert list(found) == [*COLUMNS, SRCSEQ]


def test_everything_is_text():
    found = combine([report("RAW-108", ROWS), no_findings()])
    assert set(found.dtypes.astype(str)) == {"str"}
    assert not found.isna().any(axis=None)


def test_combine_keeps_the_order_and_takes_nothing():
    assert list(combine([report("RAW-109", ROWS, value="99"), report("RAW-108", ROWS)])["code"]) == [
        "RAW-109", "RAW-109", "RAW-108", "RAW-108",
    ]  # fmt: skip
    assert combine([]).equals(no_findings())


def test_no_findings_is_a_frame_of_its_own():
    one = no_findings()
    one["extra"] = "x"
    assert list(no_findings()) == [*COLUMNS, SRCSEQ]


def test_an_unknown_code_is_an_error_of_the_programmer():
    with pytest.raises(KeyError):
        report("RAW-999", ROWS)


def test_a_fact_that_the_sentence_wants_must_be_given():
    with pytest.raises(KeyError, match="hint"):
        report("RAW-102", ROWS, value="X")


@pytest.mark.parametrize("code", sorted(catalogue()))
def test_every_rule_of_the_catalogue_teaches(code):
    rule = catalogue()[code]
    assert rule.title
    assert rule.message.endswith((".", "}", ")"))
    assert rule.next_step.endswith(".")
    assert all(name is None or name.isidentifier() for _, name, _, _ in string.Formatter().parse(rule.message))
