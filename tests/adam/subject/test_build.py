"""The whole step: from SDTM to ADaM."""

import pandas as pd
import pytest

from adam.build import build_adam
from adam.cutoff import KEPT, LEAVES_OUT, READ
from specs.errors import InputError
from tests.adam.subject.example import example

CUTOFF = pd.Timestamp("2025-05-15")


def test_accounting_adds_up(study):
    build = build_adam(example(2), study, CUTOFF)
    read, kept, left_out = (
        build.accounting[build.accounting["rule"].isin(rules)].groupby("dataset")["rows"].sum()
        for rules in ([READ], [KEPT], LEAVES_OUT)
    )
    assert read.to_dict() == {name: len(frame) for name, frame in example(2).items()}
    assert (read == kept.add(left_out, fill_value=0)).all()
    assert left_out.sum() > 0


def test_a_cutoff_after_everything_changes_nothing_but_its_date(study):
    sdtm = example(3)
    uncut, cut = build_adam(sdtm, study).datasets, build_adam(sdtm, study, pd.Timestamp("2030-01-01")).datasets
    for name in ("ADSL", "ADAE"):
        pd.testing.assert_frame_equal(
            cut[name].drop(columns="CUTOFFDT", errors="ignore"), uncut[name].drop(columns="CUTOFFDT", errors="ignore")
        )


def test_one_record_a_subject_and_one_an_event(study):
    sdtm = example(4)
    build = build_adam(sdtm, study)
    assert build.datasets["ADSL"]["USUBJID"].to_list() == sdtm["DM"]["USUBJID"].to_list()
    assert len(build.datasets["ADAE"]) == len(sdtm["AE"])
    assert set(build.datasets) == set(study.adam)


@pytest.mark.parametrize(
    ("absent", "datasets", "parameters"),
    [
        ("AE", {"ADAE", "ADDLT"}, set()),
        ("LB", {"ADDLT", "ADLB"}, set()),
        ("VS", {"ADVS"}, set()),
        ("TR", {"ADTR"}, {"PFS", "PFSS1", "DOR", "TTR"}),
        ("TU", {"ADTR"}, {"PFS", "PFSS1", "DOR", "TTR"}),
        ("RS", set(), {"PFS", "PFSS1", "DOR", "TTR"}),
        ("CM", set(), set()),
        ("SS", set(), set()),
        ("DS", set(), set()),
        ("EC", set(), set()),
    ],
)
def test_an_absent_domain_leaves_out_what_depends_on_it(study, absent, datasets, parameters):
    sdtm = example(5)
    sdtm.pop(absent, None)
    build = build_adam(sdtm, study)
    assert set(study.adam) - set(build.datasets) == datasets
    assert not parameters & set(build.datasets["ADTTE"]["PARAMCD"])
    assert "OS" in set(build.datasets["ADTTE"]["PARAMCD"])
    told = build.findings[build.findings["code"].isin(["ADAM-430", "ADAM-431"]) & (build.findings["value"] == absent)]
    assert len(told) >= 1
    assert (told["severity"] == "warning").any() == bool(datasets | parameters)


def test_absent_response_is_no_response_of_anybody(study):
    sdtm = example(5)
    del sdtm["RS"]
    adrs = build_adam(sdtm, study).datasets["ADRS"]
    assert "BOR" not in set(adrs["PARAMCD"])
    assert "DBOR" in set(adrs["PARAMCD"])


@pytest.mark.parametrize("absent", [["DM"], ["EX"], ["DM", "EX"]])
def test_dm_and_ex_are_needed(study, absent):
    sdtm = example(1)
    for name in absent:
        del sdtm[name]
    with pytest.raises(InputError) as caught:
        build_adam(sdtm, study)
    assert [problem.place for problem in caught.value.problems] == [f"SDTM, domain {name}" for name in absent]


def test_what_is_given_is_not_changed(study):
    sdtm = example(6)
    copies = {name: frame.copy() for name, frame in sdtm.items()}
    build_adam(sdtm, study, CUTOFF)
    for name, frame in sdtm.items():
        pd.testing.assert_frame_equal(frame, copies[name])
