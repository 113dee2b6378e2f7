"""The whole step: from SDTM to ADaM."""

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adam.build import build_adam
from adam.cutoff import KEPT, LEAVES_OUT, READ
from specs.errors import InputError
from tests.adam.subject.example import example

CUTOFF = pd.Timestamp("2025-05-15")
RELAXED = settings(max_examples=3, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def only(sdtm, subjects):
    return {name: frame[frame["USUBJID"].isin(subjects)].reset_index(drop=True) for name, frame in sdtm.items()}


def rows(frame):
    """As a set of rows; RP2DFL rests on all subjects, so it stays out."""
    frame = frame.drop(columns="RP2DFL", errors="ignore")
    return frame.sort_values(list(frame.columns), ignore_index=True)


@pytest.mark.slow
@RELAXED
@given(seed=st.integers(0, 10_000), data=st.data(), cutoff=st.sampled_from([None, CUTOFF]))
def test_any_split_of_the_subjects_gives_the_same_rows(study, seed, data, cutoff):
    sdtm = example(seed, people=6)
    subjects = sdtm["DM"]["USUBJID"].to_list()
    one = data.draw(st.sets(st.sampled_from(subjects), min_size=1, max_size=len(subjects) - 1))
    whole = build_adam(sdtm, study, cutoff).datasets
    parts = [build_adam(only(sdtm, part), study, cutoff).datasets for part in (one, set(subjects) - one)]
    for name, frame in whole.items():
        together = pd.concat([part[name] for part in parts], ignore_index=True)
        pd.testing.assert_frame_equal(rows(together), rows(frame), obj=name)


@pytest.mark.slow
@RELAXED
@given(seed=st.integers(0, 10_000), shuffle=st.integers(0, 10_000))
def test_row_order_does_not_matter(study, seed, shuffle):
    sdtm = example(seed, people=6)
    shuffled = {name: frame.sample(frac=1, random_state=shuffle) for name, frame in sdtm.items()}
    before, after = build_adam(sdtm, study, CUTOFF), build_adam(shuffled, study, CUTOFF)
    for name, frame in before.datasets.items():
        pd.testing.assert_frame_equal(after.datasets[name], frame, obj=name)
    order = ["code", "usubjid", "dataset", "srcseq", "message"]
    pd.testing.assert_frame_equal(
        after.findings.sort_values(order, ignore_index=True), before.findings.sort_values(order, ignore_index=True)
    )


@pytest.mark.parametrize("seed", range(2))
def test_no_date_after_the_cutoff(study, seed):
    build = build_adam(example(seed), study, CUTOFF)
    for name, frame in build.datasets.items():
        for date in study.adam[name].date_variables:
            late = frame.loc[frame[date] > CUTOFF, ["USUBJID", date]]
            assert late.empty, f"{name}.{date}\n{late}"
    assert (build.datasets["ADSL"]["CUTOFFDT"] == CUTOFF).all()


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
