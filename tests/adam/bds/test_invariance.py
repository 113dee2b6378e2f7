"""Whatever the order of the rows, and however the subjects are split: the same records."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adam.adlb import derive_adlb
from adam.advs import derive_advs
from adam.finish import finish
from specs import StudySpec
from tests.adam.bds.cases import records, subjects
from tests.adam.bds.test_baseline import CHANGE, DAY_ONE, RANGES, SHIFTED_GRADES, TEXTS
from tests.adam.bds.test_criteria import LABORATORY, VITAL_SIGNS
from tests.adam.bds.test_on_treatment import VISITS, WINDOW, WORST
from tests.adam.bds.test_results import UNITS

FEW = settings(max_examples=8, deadline=None, database=None)
CASES = (CHANGE, DAY_ONE, RANGES, SHIFTED_GRADES, TEXTS, VITAL_SIGNS, LABORATORY, VISITS, WINDOW, WORST, UNITS)
MADE = {"LB": (derive_adlb, "ADLB", "NEUT"), "VS": (derive_advs, "ADVS", "TEMP")}

Frames = dict[str, pd.DataFrame]


def everything(domain: str) -> Frames:
    """All cases together, the subjects of each under ids of their own."""
    parts = [records(domain, text, MADE[domain][2]) for text in CASES]
    rows = pd.concat(
        [part.assign(USUBJID=f"{number}-" + part["USUBJID"]) for number, part in enumerate(parts)], ignore_index=True
    )
    if domain == "VS":
        rows["VSTESTCD"] = rows["VSTESTCD"].replace({"NEUT": "TEMP", "HGB": "SYSBP", "ALT": "PULSE", "PLAT": "GLUC"})
    adsl, ex = subjects(rows["USUBJID"], "2025-03-10T09:30", last="2025-03-31")
    return {domain: rows, "EX": ex, "ADSL": adsl}


def build(frames: Frames, domain: str, study: StudySpec) -> tuple[pd.DataFrame, pd.DataFrame, int]:
    derive, dataset, _ = MADE[domain]
    rows, findings, accounting = derive(frames, frames["ADSL"], study)
    by = list(findings.columns)
    return finish(rows, study.adam[dataset]), findings.sort_values(by, ignore_index=True), int(accounting["rows"].sum())


@pytest.mark.parametrize("domain", MADE)
@FEW
@given(seed=st.integers(0, 10_000), cut=st.integers(1, 20))
def test_order_and_split(study: StudySpec, domain: str, seed: int, cut: int) -> None:
    frames = everything(domain)
    whole, findings, left_out = build(frames, domain, study)
    mixed = {name: frame.sample(frac=1, random_state=seed) for name, frame in frames.items()}
    again = build(mixed, domain, study)
    pd.testing.assert_frame_equal(again[0], whole)
    pd.testing.assert_frame_equal(again[1], findings)
    ids = mixed["ADSL"]["USUBJID"]
    parts = [
        build({name: frame[frame["USUBJID"].isin(some)] for name, frame in mixed.items()}, domain, study)
        for some in (ids.iloc[:cut], ids.iloc[cut:])
    ]
    dataset = MADE[domain][1]
    joined = finish(pd.concat([part[0] for part in parts], ignore_index=True), study.adam[dataset])
    pd.testing.assert_frame_equal(joined, whole)
    by = list(findings.columns)
    of_parts = pd.concat([part[1] for part in parts]).sort_values(by, ignore_index=True)
    pd.testing.assert_frame_equal(of_parts, findings)
    assert sum(part[2] for part in parts) == left_out


@pytest.mark.parametrize("domain", MADE)
def test_nothing_given_is_changed(study: StudySpec, domain: str) -> None:
    frames = everything(domain)
    before = {name: frame.copy() for name, frame in frames.items()}
    build(frames, domain, study)
    for name, frame in frames.items():
        pd.testing.assert_frame_equal(frame, before[name])
