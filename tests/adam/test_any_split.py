"""However the subjects are split, and whatever the order of the rows: the same ADaM, of every dataset of the study."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from adam.build import AdamBuild, build_adam, build_subjects, settle
from specs.findings import combine
from tests.adam.subject.example import example

pytestmark = pytest.mark.slow
# an example takes seconds, and is a seed: there is nothing to shrink
FEW = settings(
    max_examples=3, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), phases=[Phase.generate]
)
CUTOFF = pd.Timestamp("2025-05-15")


def mixed(sdtm, rng):
    """Every domain with its rows in another order."""
    return {name: frame.iloc[rng.permutation(len(frame))] for name, frame in sdtm.items()}


def split(sdtm, part_of):
    """The SDTM of each part; `part_of`: subject -> number of its part. Rows of no subject are in the first part."""
    numbers = sorted(set(part_of.values()))
    for number in numbers:
        yield {
            name: frame[frame["USUBJID"].astype("str").map(part_of).fillna(numbers[0]) == number]
            if "USUBJID" in frame
            else frame
            for name, frame in sdtm.items()
        }


def put_together(parts, study, domains, cutoff):
    """Parts as one build, and what rests on all subjects added: as a run does it."""
    names = [name for name in study.adam if any(name in part.datasets for part in parts)]
    whole = {name: pd.concat([part.datasets[name] for part in parts], ignore_index=True) for name in names}
    accounting = (
        pd.concat([part.accounting for part in parts]).groupby(["dataset", "rule"], as_index=False)["rows"].sum()
    )
    return settle(AdamBuild(whole, combine([part.findings for part in parts]), accounting), domains, study, cutoff)


def ordered(frame, by):
    return frame.sort_values(list(by), ignore_index=True)


def assert_same(found, expected, study):
    assert set(found.datasets) == set(expected.datasets)
    for name, frame in expected.datasets.items():
        keys = study.adam[name].keys
        pd.testing.assert_frame_equal(ordered(found.datasets[name], keys), ordered(frame, keys), obj=name)
    told = [ordered(build.findings, build.findings.columns) for build in (found, expected)]
    pd.testing.assert_frame_equal(*told, obj="findings")
    counted = [build.accounting.set_index(["dataset", "rule"])["rows"].sort_index() for build in (found, expected)]
    pd.testing.assert_series_equal(*counted, check_dtype=False)


def check(sdtm, whole, study, cutoff, parts, seed):
    rng = np.random.default_rng(seed)
    subjects = sdtm["DM"]["USUBJID"].astype("str")
    part_of = dict(zip(subjects, rng.integers(0, parts, len(subjects)), strict=True))
    builds = [build_subjects(part, study, cutoff) for part in split(mixed(sdtm, rng), part_of)]
    assert_same(put_together(builds, study, sdtm, cutoff), whole, study)


@FEW
@given(seed=st.integers(0, 10_000), parts=st.integers(1, 3), cutoff=st.sampled_from([None, CUTOFF]))
def test_of_made_up_subjects(study, seed, parts, cutoff):
    sdtm = example(seed)
    check(sdtm, build_adam(sdtm, study, cutoff), study, cutoff, parts, seed)


@cache
def cutoffs_of(dates):
    return pd.to_datetime(pd.Series(dates)).quantile([0.4, 0.8]).dt.normalize().to_list()


@pytest.fixture(scope="module")
def wholes(simulated_sdtm, study):
    """Builds of all simulated subjects, without a cut-off and with two."""
    doses = simulated_sdtm["EX"]["EXSTDTC"].astype("str").str.slice(0, 10)
    days = tuple(doses[doses.str.len() == len("2025-03-01")])
    return {cutoff: build_adam(simulated_sdtm, study, cutoff) for cutoff in (None, *cutoffs_of(days))}


@FEW
@given(seed=st.integers(0, 10_000), parts=st.integers(1, 3), which=st.integers(0, 2))
def test_of_simulated_subjects(study, simulated_sdtm, wholes, seed, parts, which):
    cutoff = list(wholes)[which]
    check(simulated_sdtm, wholes[cutoff], study, cutoff, parts, seed)


def test_whether_text_is_categorical_does_not_matter(study, simulated_sdtm, wholes):
    as_text = {
        name: frame.astype({column: "str" for column in frame if isinstance(frame[column].dtype, pd.CategoricalDtype)})
        for name, frame in simulated_sdtm.items()
    }
    for cutoff, whole in list(wholes.items())[:2]:
        assert_same(build_adam(as_text, study, cutoff), whole, study)


def test_the_examples_reach_every_dataset(study, wholes):
    made = wholes[None].datasets
    assert set(made) == set(study.adam)
    assert all(len(frame) for frame in made.values())
