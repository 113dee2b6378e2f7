"""What must not matter: the order of rows, the company of other subjects, the unit of the study's numbers."""

from __future__ import annotations

import random

import pandas as pd
import pytest

from adam.adrs import derive_adrs
from adam.adtr import derive_adtr
from adam.finish import finish
from adam.rules.assessments import derive_baseline_assessment
from tests.adam.response.histories import date, history, one, study, together, values
from tests.adam.response.test_second_opinion import NODES, make_history, written


@pytest.fixture(scope="module")
def many():
    choose = random.Random(7).choice
    said = ["CR", "PR", "PR", "SD", "PD", "NE"]
    cases = {}
    for n in range(60):
        lines = written(make_history(choose)).splitlines()
        lines = [line + (f" | {choose(said)}" if not line.startswith("-10") else "") for line in lines]
        cases[f"S{n:02}"] = ("\n".join(lines), {"nodes": NODES, "adsl": {"NACTDT": choose([pd.NaT, date(60)])}})
    cases = {name: case for name, case in cases.items() if case[0]}
    return together(cases)


def build(sdtm, adsl):
    adtr, of_lesions = derive_adtr(sdtm, adsl, study())
    adrs, of_responses = derive_adrs(sdtm, adsl, study())
    findings = pd.concat([of_lesions, of_responses]).drop(columns="finding_id")
    return (
        finish(adtr, study().adam["ADTR"]),
        finish(adrs, study().adam["ADRS"]),
        findings.sort_values(list(findings.columns), ignore_index=True),
        derive_baseline_assessment(sdtm, adsl, study()),
    )


def test_row_order(many):
    sdtm, adsl = many
    for seed in (1, 2):
        mixed = {name: frame.sample(frac=1, random_state=seed) for name, frame in sdtm.items()}
        for one_way, other_way in zip(
            build(sdtm, adsl), build(mixed, adsl.sample(frac=1, random_state=seed)), strict=True
        ):
            pd.testing.assert_frame_equal(one_way, other_way)


def test_subjects_apart(many):
    """Subject-local: any split of the subjects gives the rows of the whole."""
    sdtm, adsl = many
    whole = build(sdtm, adsl)
    parts = []
    for subjects in (adsl["USUBJID"].iloc[::3], adsl["USUBJID"].iloc[1::3], adsl["USUBJID"].iloc[2::3]):
        some = {name: frame[frame["USUBJID"].isin(subjects)] for name, frame in sdtm.items()}
        parts.append(build(some, adsl[adsl["USUBJID"].isin(subjects)]))
    for together_, apart, spec in zip(whole[:2], list(zip(*parts, strict=True))[:2], ("ADTR", "ADRS"), strict=True):
        pd.testing.assert_frame_equal(together_, finish(pd.concat(apart, ignore_index=True), study().adam[spec]))
    for position in (2, 3):
        joined = pd.concat([part[position] for part in parts], ignore_index=True)
        by = list(joined.columns)
        pd.testing.assert_frame_equal(
            whole[position].sort_values(by, ignore_index=True), joined.sort_values(by, ignore_index=True)
        )


def test_input_is_not_changed(many):
    sdtm, adsl = many
    before = {name: frame.copy() for name, frame in sdtm.items()}
    build(sdtm, adsl)
    for name, frame in sdtm.items():
        pd.testing.assert_frame_equal(frame, before[name])


def test_keys_are_unique_and_types_fit(many):
    adtr, adrs, _, _ = build(*many)
    for frame, name in ((adtr, "ADTR"), (adrs, "ADRS")):
        spec = study().adam[name]
        assert not frame.duplicated(list(spec.keys)).any()
        assert list(frame.columns) == list(spec.variables)
        assert set(frame["PARAMCD"]) <= set(spec.parameters)
        assert frame["PARAM"].notna().all()
    assert adrs.loc[adrs["SRCDOM"].isna()].empty


def test_the_numbers_are_the_studys():
    """Another confirmation time, SD minimum, limits and sizes in the spec: another result."""
    text = "-10 | T01=100\n 35 | T01=72 | PR\n 60 | T01=72 | PR\n 80 | T01=80 | SD"
    own = study()
    numbers = own.study.parameters.response.model_copy(
        update={"confirm_days": 25, "pr_decrease": 0.28, "pd_increase": 0.1, "sd_min_days": 35, "node_normal_mm": 12}
    )
    parameters = own.study.parameters.model_copy(update={"response": numbers})
    other = own.model_copy(update={"study": own.study.model_copy(update={"parameters": parameters})})
    usual, changed = (derive_adrs(*history(text), spec)[0] for spec in (own, other))
    assert [values(frame, "DOVR") for frame in (usual, changed)] == ["SD SD SD", "PR PR PD"]
    assert [one(frame, "CBOR")["AVALC"] for frame in (usual, changed)] == ["SD", "PR"]


def test_baseline_assessment():
    cases = {
        "targets": ("-20 | T01=50\n -5 | T01=50 NT01=P@-3\n 42 | T01=50", {}),
        "only non-targets": ("-5 | NT01=P", {}),
        "on the day of first dose": ("0 | T01=50", {}),
        "after first dose": ("1 | T01=50", {}),
        "scans on both sides of first dose": ("-5 | T01=50 NT01=P@2\n 42 | T01=50", {}),
        "one date mistyped later": ("-5 | T01=50 NT01=P\n 42 | T01=50 NT01=P@-40", {}),
        "not treated": ("-5 | T01=50", {"adsl": {"TRTSDT": pd.NaT, "FASFL": "N"}}),
    }
    got = derive_baseline_assessment(*together(cases), study()).set_index("USUBJID")
    seen = {
        name: (None if pd.isna(row["BLASDT"]) else (row["BLASDT"] - date(0)).days, row["BLGRP"], row["RESPEVFL"])
        for name, row in got.fillna({"BLGRP": "-"}).to_dict("index").items()
    }
    assert seen == {
        "targets": (-3, "A2", "Y"),
        "only non-targets": (-5, "A1", "N"),
        "on the day of first dose": (0, "A1", "Y"),
        "after first dose": (None, "-", "N"),
        "scans on both sides of first dose": (-5, "A1", "Y"),
        "one date mistyped later": (-5, "A1", "Y"),
        "not treated": (None, "-", "N"),
    }
