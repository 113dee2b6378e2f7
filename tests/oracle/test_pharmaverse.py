"""Pharmaverse's reference datasets judge our ADaM: every difference is meant, and every explanation is needed."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tests.oracle.agreement import PAGE, render, summary
from tests.oracle.compare import RECORD, as_text
from tests.oracle.differences import DIFFERENCES
from tests.oracle.judge import READERS, Judgement, judge, read_by
from tests.oracle.names import NOT_COMPARED, PARAMETERS, VARIABLES, pairs, why_not_compared

SAMPLE = ["DATASET", "PARAMCD", "USUBJID", "NUMBER", "VARIABLE", "OURS", "THEIRS"]
KEYS = {"USUBJID", "PARAMCD", "AESEQ"}


@pytest.fixture(scope="session")
def judgement() -> Judgement:
    return judge()


@pytest.fixture(scope="session")
def readings() -> dict[str, pd.DataFrame]:
    return {name: read_by(reader) for name, reader in READERS.items()}


def test_no_difference_is_unexplained(judgement):
    found = judgement.unexplained[SAMPLE]
    assert found.empty, f"{len(found)} values differ, and no rule says why:\n{found.head(20).to_string()}"


def test_no_rule_selects_what_agrees(judgement):
    found = judgement.wrongly_explained[SAMPLE]
    assert found.empty, f"{len(found)} values agree though a rule explains them:\n{found.head(20).to_string()}"


@pytest.mark.parametrize("number", range(len(DIFFERENCES)), ids=[d.why for d in DIFFERENCES])
def test_each_difference_still_occurs(judgement, number):
    assert judgement.explained[number].any()


def test_no_value_has_two_explanations(judgement):
    assert judgement.explained.sum(axis=1).max() == 1


def test_the_page_is_fresh(judgement, readings):
    again = "run: python -m tests.oracle.agreement"
    assert PAGE.read_text(encoding="utf-8") == render(judgement, readings), again


def test_the_readme_has_the_counts(judgement):
    readme = Path(__file__).parents[2] / "README.md"
    assert summary(judgement) in " ".join(readme.read_text(encoding="utf-8").split())


def test_every_variable_of_theirs_is_compared_or_named(judgement):
    in_adsl = {theirs for theirs, _ in pairs(VARIABLES["ADSL"])}
    forgotten = {
        (dataset, name)
        for dataset, frame in judgement.theirs.items()
        for name in frame
        if name not in KEYS | {theirs for theirs, _ in pairs(VARIABLES[dataset])}
        and not (name in in_adsl and dataset != "ADSL")
        and why_not_compared(name) is None
    }
    assert not forgotten


def test_what_is_named_as_not_compared_is_there(judgement):
    theirs = {name for frame in judgement.theirs.values() for name in frame}
    named = [name for names in NOT_COMPARED.values() for name in names.split()]
    assert set(named) <= theirs
    assert len(named) == len(set(named))


def test_every_parameter_of_theirs_is_compared(judgement):
    theirs = {(dataset, code) for dataset in PARAMETERS for code in judgement.theirs[dataset]["PARAMCD"]}
    assert theirs == {(dataset, code) for dataset, names in PARAMETERS.items() for code, _ in pairs(names)}


def test_every_record_of_theirs_is_counted(judgement):
    records = judgement.cells[judgement.cells["VARIABLE"] == RECORD]
    counted = records[records["THEIRS"] != ""].groupby("DATASET").size()
    assert counted.to_dict() == {dataset: len(frame) for dataset, frame in judgement.theirs.items()}


def test_a_wrong_value_is_an_unexplained_difference(judgement):
    """The judge can say no: one wrong value of each parameter and variable is told."""
    cells = judgement.cells
    equal = cells[cells["EQUAL"] & (cells["THEIRS"] != "") & (cells["VARIABLE"] != RECORD)]
    wrong = equal.drop_duplicates(["DATASET", "PARAMCD", "VARIABLE"]).index
    spoilt = cells.assign(OURS=cells["OURS"].mask(cells.index.isin(wrong), "something else"))
    spoilt = spoilt.assign(EQUAL=spoilt["OURS"] == spoilt["THEIRS"])

    found = Judgement(spoilt, judgement.explained, judgement.theirs).unexplained

    assert found.index.tolist() == wrong.tolist()


def test_a_lost_difference_is_a_stale_explanation(judgement):
    """A value that no longer differs is told of the rule that selects it."""
    cells = judgement.cells
    mended = cells[~cells["EQUAL"]].drop_duplicates(["DATASET", "PARAMCD", "VARIABLE"]).index
    alike = cells.assign(EQUAL=cells["EQUAL"] | cells.index.isin(mended))

    found = Judgement(alike, judgement.explained, judgement.theirs).wrongly_explained

    assert found.index.tolist() == mended.tolist()


@pytest.mark.parametrize("reader", READERS)
def test_recomputed_response_is_the_readers_own(readings, reader):
    """A PR that a reader recorded behind a CR is PD when the lesion is back; RECIST 1.1 knows no PR behind a CR."""
    rows = readings[reader]
    fallen = (rows["RECORDED"] == "PR") & rows["AFTER_CR"]
    assert len(rows) == 22
    assert rows["RECOMPUTED"].tolist() == rows["RECORDED"].mask(fallen, "PD").tolist()
    assert fallen.sum() == (reader == "radiologist 2")


def test_values_as_text():
    values = pd.Series([1.0, 0.1 + 0.2, None, pd.Timestamp("2025-03-01"), "A", -17.77777777778], dtype="object")
    assert as_text(values).tolist() == ["1", "0.3", "", "2025-03-01", "A", "-17.7777778"]
