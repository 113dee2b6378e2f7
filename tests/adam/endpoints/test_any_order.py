"""Whatever the order of the rows, and however the subjects are split: the same records."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from adam.addlt import derive_addlt
from adam.adtte import derive_adtte
from adam.rules.dlt import derive_dlt_flags, derive_rp2d_flag
from specs import StudySpec
from tests.adam.endpoints.dlt_cases import phase_ib, sdtm
from tests.adam.endpoints.time_to_event_cases import confirmed, responses, subjects
from tests.rulebook.book import section

FEW = settings(max_examples=5, deadline=None, database=None)


def together(*names: str) -> pd.DataFrame:
    """The cases of several sections of the rule book, under ids of their own."""
    parts = [
        section(name).frame().assign(id=lambda of, n=number: f"{n}-" + of["id"]) for number, name in enumerate(names)
    ]
    return pd.concat(parts, ignore_index=True).astype("str")


TTE = together("PFS", "PFSS1", "DOR", "TTR", "OS")
ADSL = subjects(TTE)
ADRS = pd.concat([responses(TTE), confirmed(TTE)], ignore_index=True)
DLT = together("H1G4NEUT", "febrile neutropenia", "fever", "H3THROMB", "INVDLT")
DLT_ADSL, DLT_SDTM = phase_ib(DLT), sdtm(DLT)

Frames = dict[str, pd.DataFrame]


def ordered(frame: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    return frame.sort_values(keys, ignore_index=True)


def shuffled(frames: Mapping[str, pd.DataFrame], seed: int) -> Frames:
    return {name: frame.sample(frac=1, random_state=seed) for name, frame in frames.items()}


def those(frames: Mapping[str, pd.DataFrame], ids: pd.Series) -> Frames:
    return {name: frame[frame["USUBJID"].isin(ids)] for name, frame in frames.items()}


@FEW
@given(seed=st.integers(0, 10_000), cut=st.integers(1, len(TTE) - 1))
def test_time_to_event_is_local_to_the_subject(study: StudySpec, seed: int, cut: int) -> None:
    whole, _ = derive_adtte(ADRS, ADSL, study)
    mixed = shuffled({"ADRS": ADRS, "ADSL": ADSL}, seed)
    parts = [those(mixed, mixed["ADSL"]["USUBJID"].iloc[span]) for span in (slice(cut), slice(cut, None))]
    found = pd.concat([derive_adtte(part["ADRS"], part["ADSL"], study)[0] for part in parts])
    keys = ["USUBJID", "PARAMCD"]
    pd.testing.assert_frame_equal(ordered(found, keys), ordered(whole, keys))


@FEW
@given(seed=st.integers(0, 10_000), cut=st.integers(1, len(DLT) - 1))
def test_dlt_is_local_to_the_subject(study: StudySpec, seed: int, cut: int) -> None:
    whole, reported = derive_addlt(DLT_SDTM, DLT_ADSL, study)
    mixed = shuffled({**DLT_SDTM, "ADSL": DLT_ADSL}, seed)
    parts = [those(mixed, mixed["ADSL"]["USUBJID"].iloc[span]) for span in (slice(cut), slice(cut, None))]
    found = [derive_addlt(part, part["ADSL"], study) for part in parts]
    keys = ["USUBJID", "PARAMCD"]
    records = pd.concat([records for records, _ in found])
    pd.testing.assert_frame_equal(ordered(records, keys), ordered(whole, keys))
    keys = ["usubjid", "code", "message"]
    findings = pd.concat([findings for _, findings in found])
    pd.testing.assert_frame_equal(ordered(findings, keys), ordered(reported, keys))


@FEW
@given(seed=st.integers(0, 10_000))
def test_flags_do_not_hang_on_the_order(study: StudySpec, seed: int) -> None:
    addlt, _ = derive_addlt(DLT_SDTM, DLT_ADSL, study)
    whole, reported = derive_rp2d_flag(derive_dlt_flags(DLT_ADSL, addlt, DLT_SDTM, study), addlt, study)
    mixed = shuffled({**DLT_SDTM, "ADSL": DLT_ADSL, "ADDLT": addlt}, seed)
    flagged = derive_dlt_flags(mixed["ADSL"], mixed["ADDLT"], mixed, study)
    found, again = derive_rp2d_flag(flagged, mixed["ADDLT"], study)
    assert found["USUBJID"].tolist() == mixed["ADSL"]["USUBJID"].tolist()
    pd.testing.assert_frame_equal(ordered(found, ["USUBJID"]), ordered(whole, ["USUBJID"]))
    pd.testing.assert_frame_equal(again, reported)


def test_nothing_given_is_changed(study: StudySpec) -> None:
    before = {name: frame.copy() for name, frame in {**DLT_SDTM, "ADSL": DLT_ADSL, "ADRS": ADRS, "TTE": ADSL}.items()}
    addlt, _ = derive_addlt(DLT_SDTM, DLT_ADSL, study)
    derive_dlt_flags(DLT_ADSL, addlt, DLT_SDTM, study)
    derive_adtte(ADRS, ADSL, study)
    for name, frame in {**DLT_SDTM, "ADSL": DLT_ADSL, "ADRS": ADRS, "TTE": ADSL}.items():
        pd.testing.assert_frame_equal(frame, before[name])
