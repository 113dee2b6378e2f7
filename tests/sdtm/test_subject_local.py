"""Any split of the subjects gives the same rows, in any order of the raw records."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sdtm import add_trial_design, build_sdtm, build_subjects
from sdtm.checks import check_sdtm
from specs import identity, load_study
from tests.sdtm.asthma import write_study
from tests.sdtm.findings.planted import plant, read_cases
from tests.sdtm.findings.test_planted import CASES
from tests.sdtm.raw import raw_forms
from tests.sdtm.test_domains import FORMS

SUBJECTS = ["A-001", "A-002", "A-003", "B-001"]
DATES = ["03/02/2025", "03/2025", "UNK/2025", "13/13/2025", "", "02/28/2025"]
RECORDS = st.lists(
    st.tuples(
        st.sampled_from(SUBJECTS), st.sampled_from(["V1", "V2", "LOG"]), st.sampled_from(DATES),
        st.sampled_from(["24:00", "8:30", "", "x"]), st.sampled_from(["2.5", "2,5", "", "<1"]),
        st.sampled_from(["0", "400", "", "high"]), st.sampled_from(["A", "?", "REJECTED", ""]),
    ),
    max_size=12,
)  # fmt: skip


@pytest.fixture(scope="module")
def asthma(tmp_path_factory):
    return load_study(write_study(tmp_path_factory.mktemp("asthma")))


def _built(forms, study):
    built = build_sdtm(forms, study)
    return {**built.datasets, **{f"lineage {name}": frame for name, frame in built.lineage.items()}}


def _of(frame: pd.DataFrame, numbers: set[str]) -> pd.DataFrame:
    return frame[frame[identity.SUBJECT].isin(numbers)]


def _same(whole, parts):
    for name, frame in whole.items():
        pieces = [part[name] for part in parts if name in part and len(part[name])]
        together = pd.concat(pieces, ignore_index=True) if pieces else frame.iloc[:0]
        order = [c for c in ("USUBJID", "RESEQ", "IDVARVAL", "QNAM") if c in frame] or list(frame.columns)
        together = together.sort_values(order, kind="stable", ignore_index=True)
        pd.testing.assert_frame_equal(together, frame.sort_values(order, kind="stable", ignore_index=True))


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(records=RECORDS, first=st.sets(st.sampled_from(SUBJECTS)), seed=st.integers(0, 5))
def test_any_split_of_the_subjects_gives_the_same_rows(asthma, records, first, seed):
    head = "SUBJECT | FOLDER | WHEN | CLOCK | FEV1 | PEF | QUALITY | POSITION\n"
    lines = "\n".join(" | ".join((*r, str(n))) for n, r in enumerate(records, start=1))
    patients = "SUBJECT | GENDER | BORN\n" + "\n".join(f"{s} | F | 1990" for s in SUBJECTS)
    forms = raw_forms(asthma, PAT=patients, SPIRO=head + lines)
    whole = _built(forms, asthma)
    split = [set(first), set(SUBJECTS) - set(first)]
    parts = [_built({name: _of(form, part) for name, form in forms.items()}, asthma) for part in split if part]
    _same(whole, parts)
    shuffled = {name: form.sample(frac=1, random_state=seed) for name, form in forms.items()}
    _same(whole, [_built(shuffled, asthma)])


def test_the_studys_own_domains_are_subject_local_too(study):
    forms = raw_forms(study, **FORMS)
    whole = build_sdtm(forms, study).datasets
    numbers = sorted(set(forms["SUBJ"][identity.SUBJECT]))
    parts = [
        build_subjects({name: _of(form, part) for name, form in forms.items()}, study)
        for part in ({numbers[0]}, set(numbers[1:]))
    ]
    together = {
        name: pd.concat([p.datasets[name] for p in parts if name in p.datasets], ignore_index=True)
        for name in sorted({name for part in parts for name in part.datasets})
    }
    merged = add_trial_design(replace(parts[0], datasets=together), study).datasets
    assert list(merged) == list(whole)
    for name, frame in whole.items():
        pd.testing.assert_frame_equal(merged[name], frame)


def test_the_cross_checks_are_subject_local_too(study):
    cases = [case for case in read_cases(CASES) if case.found][::3]
    forms = plant(study, cases)
    whole = _found(forms, study)
    assert len(whole) > len(cases)
    numbers = forms["SUBJ"][identity.SUBJECT].str[:4]  # both numbers of a person begin alike
    parts = [
        _found({name: form[form[identity.SUBJECT].str[:4].isin(part)] for name, form in forms.items()}, study)
        for part in (set(numbers[::2]), set(numbers) - set(numbers[::2]))
    ]
    order = ["code", "form", "record_id", "field", "message"]
    together = pd.concat(parts, ignore_index=True).sort_values(order, ignore_index=True)
    pd.testing.assert_frame_equal(together, whole.sort_values(order, ignore_index=True))
    turned = {name: form.sample(frac=1, random_state=3) for name, form in forms.items()}
    again = _found(turned, study).sort_values(order, ignore_index=True)
    pd.testing.assert_frame_equal(
        again.drop(columns="srcseq"), whole.sort_values(order, ignore_index=True).drop(columns="srcseq")
    )


def _found(forms, study):
    return check_sdtm(build_sdtm(forms, study), forms, study)
