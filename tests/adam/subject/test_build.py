"""The whole step: from SDTM to ADaM."""

import pandas as pd
import pytest

from adam.build import AdamBuild, build_adam, build_subjects, settle
from adam.cutoff import KEPT, LEAVES_OUT, READ
from specs.errors import InputError
from specs.findings import combine
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


def without_baseline(sdtm, subjects):
    """SDTM in which TU has nothing of these subjects."""
    return {**sdtm, "TU": sdtm["TU"][~sdtm["TU"]["USUBJID"].isin(subjects)]}


def told_of_baseline(findings):
    told = findings[findings["code"].isin(["ADAM-401", "ADAM-441", "ADAM-445"])]
    return told.groupby("code")["message"].agg(["size", "first"])


def test_lesions_that_nobody_identified_are_told_once(study):
    sdtm = example(5)
    everybody = list(sdtm["DM"]["USUBJID"])
    each = told_of_baseline(build_adam(without_baseline(sdtm, everybody), study).findings)
    assert each.loc["ADAM-441", "size"] > 1
    del sdtm["TU"]
    build = build_adam(sdtm, study)
    once = told_of_baseline(build.findings)
    assert once.index.to_list() == ["ADAM-445"]
    assert once["size"].to_list() == [1]
    assert f" {each.loc['ADAM-441', 'size']} subject(s)" in once.loc["ADAM-445", "first"]
    half = [{k: f[f["USUBJID"].isin(part)] for k, f in sdtm.items()} for part in (everybody[::2], everybody[1::2])]
    builds = [build_subjects(part, study) for part in half]
    settled = settle(AdamBuild({}, combine([b.findings for b in builds]), builds[0].accounting), sdtm, study)
    assert told_of_baseline(settled.findings).loc["ADAM-445", "first"] == once.loc["ADAM-445", "first"]


def test_a_subject_without_lesions_among_others_is_told_by_name(study):
    sdtm = example(5)

    def unbased(given):
        findings = build_adam(given, study).findings
        assert "ADAM-445" not in set(findings["code"])
        return set(findings.loc[findings["code"] == "ADAM-441", "usubjid"])

    before, everybody = unbased(sdtm), unbased(without_baseline(sdtm, sdtm["DM"]["USUBJID"]))
    subject = min(everybody - before)
    assert unbased(without_baseline(sdtm, [subject])) - before == {subject}


@pytest.mark.parametrize("cutoff", [None, CUTOFF])
def test_a_part_without_subjects_has_every_dataset_without_rows(study, cutoff):
    sdtm = example(5)
    whole = build_subjects(sdtm, study, cutoff)
    nobody = build_subjects({name: frame.iloc[:0] for name, frame in sdtm.items()}, study, cutoff)
    assert list(nobody.datasets) == list(whole.datasets)
    for name, frame in whole.datasets.items():
        assert len(nobody.datasets[name]) == 0
        assert nobody.datasets[name].dtypes.to_dict() == frame.dtypes.to_dict(), name
    assert nobody.findings.empty


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
