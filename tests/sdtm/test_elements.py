"""The elements that subjects went through, and the epochs that lie in them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sdtm.elements import TAKEN, derive_epoch, subject_elements
from sdtm.rule import Call
from tests.tables import table

DM = """
 USUBJID   | ARMCD
 DOSED     | DL1
 ONGOING   | DL2
 HELD      | DL1
 ONE-DRUG  | DL1
 LEFT      | DL1
 FAILED    |
 SCREENING |
 UNPLANNED |
 NOBODY    |
 NO-CONSENT | RP2D
 LATE      | RP2D
 SAME-DAY  | RP2D
 DIED      | RP2D
 PARTIAL   | RP2D
 OPEN-END  | RP2D
"""
DS = """
 USUBJID   | DSDECOD                    | DSCAT              | DSSCAT              | DSSTDTC
 DOSED     | INFORMED CONSENT OBTAINED  | PROTOCOL MILESTONE |                     | 2025-03-01
 DOSED     | PROGRESSIVE DISEASE        | DISPOSITION EVENT  | QL1706              | 2025-04-22
 DOSED     | PROGRESSIVE DISEASE        | DISPOSITION EVENT  | LENVATINIB          | 2025-04-22
 DOSED     | WITHDRAWAL BY SUBJECT      | DISPOSITION EVENT  | STUDY PARTICIPATION | 2025-09-30
 ONGOING   | INFORMED CONSENT OBTAINED  | PROTOCOL MILESTONE |                     | 2025-03-01
 HELD      | INFORMED CONSENT OBTAINED  | PROTOCOL MILESTONE |                     | 2025-03-01
 ONE-DRUG  | INFORMED CONSENT OBTAINED  | PROTOCOL MILESTONE |                     | 2025-03-01
 ONE-DRUG  | ADVERSE EVENT              | DISPOSITION EVENT  | LENVATINIB          | 2025-04-22
 LEFT      | INFORMED CONSENT OBTAINED  | PROTOCOL MILESTONE |                     | 2025-03-01
 LEFT      | LOST TO FOLLOW-UP          | DISPOSITION EVENT  | STUDY PARTICIPATION | 2025-06-15
 FAILED    | INFORMED CONSENT OBTAINED  | PROTOCOL MILESTONE |                     | 2025-03-01
 FAILED    | SCREEN FAILURE             | DISPOSITION EVENT  | STUDY PARTICIPATION | 2025-03-08
 SCREENING | INFORMED CONSENT OBTAINED  | PROTOCOL MILESTONE |                     | 2025-03-01
 UNPLANNED | INFORMED CONSENT OBTAINED  | PROTOCOL MILESTONE |                     | 2025-03-01
 LATE      | INFORMED CONSENT OBTAINED  | PROTOCOL MILESTONE |                     | 2025-03-11
 SAME-DAY  | INFORMED CONSENT OBTAINED  | PROTOCOL MILESTONE |                     | 2025-03-10
 DIED      | INFORMED CONSENT OBTAINED  | PROTOCOL MILESTONE |                     | 2025-03-01
 DIED      | DEATH                      | DISPOSITION EVENT  | STUDY PARTICIPATION | 2025-04-20
 PARTIAL   | INFORMED CONSENT OBTAINED  | PROTOCOL MILESTONE |                     | 2025-02-15
 OPEN-END  | INFORMED CONSENT OBTAINED  | PROTOCOL MILESTONE |                     | 2025-03-01
 OPEN-END  | DEATH                      | OTHER EVENT        |                     | 2025
"""
SV = """
 USUBJID    | SVSTDTC
 NO-CONSENT | 2025-03-04
 NO-CONSENT | 2025-03-10
 SCREENING  | 2025-02-01
"""
EX = """
 USUBJID    | EXTRT      | EXSTDTC          | EXENDTC
 DOSED      | LENVATINIB | 2025-03-10       | 2025-04-20
 DOSED      | QL1706     | 2025-03-10T09:30 | 2025-03-31T10:00
 ONGOING    | QL1706     | 2025-03-10T09:30 | 2025-03-10T10:30
 ONGOING    | LENVATINIB | 2025-03-10       |
 HELD       | LENVATINIB | 2025-03-10       | 2025-04-20
 ONE-DRUG   | LENVATINIB | 2025-03-10       | 2025-04-20
 ONE-DRUG   | QL1706     | 2025-03-10T09:30 | 2025-04-21T10:30
 LEFT       | LENVATINIB | 2025-03-10       | 2025-04-20
 UNPLANNED  | LENVATINIB | 2025-03-10       |
 NO-CONSENT | LENVATINIB | 2025-03-10       |
 LATE       | LENVATINIB | 2025-03-10       |
 SAME-DAY   | LENVATINIB | 2025-03-10       |
 DIED       | LENVATINIB | 2025-03-10       | 2025-04-20
 PARTIAL    | LENVATINIB | 2025-03          |
 OPEN-END   | LENVATINIB | 2025-03-10       | 2025-04
"""
ELEMENTS = [
    # an element whose beginning nothing tells was not entered
    ("NOBODY", []),
    ("SCREENING", [("SCREEN", 1, "SCREENING", "2025-03-01", None)]),
    ("FAILED", [("SCREEN", 1, "SCREENING", "2025-03-01", "2025-03-08")]),
    (
        "ONGOING",
        [
            ("SCREEN", 1, "SCREENING", "2025-03-01", "2025-03-10"),
            ("DL2", 2, "TREATMENT", "2025-03-10", None),
        ],
    ),
    # all intervals are closed, but neither drug has its end of treatment: held, or between two infusions
    ("HELD", [("SCREEN", 1, "SCREENING", "2025-03-01", "2025-03-10"), ("DL1", 2, "TREATMENT", "2025-03-10", None)]),
    # one drug has ended, the other goes on
    ("ONE-DRUG", [("SCREEN", 1, "SCREENING", "2025-03-01", "2025-03-10"), ("DL1", 2, "TREATMENT", "2025-03-10", None)]),
    # the day of last dose is the last of the treatment
    (
        "DOSED",
        [
            ("SCREEN", 1, "SCREENING", "2025-03-01", "2025-03-10"),
            ("DL1", 2, "TREATMENT", "2025-03-10", "2025-04-21"),
            ("FU", 3, "FOLLOW-UP", "2025-04-21", "2025-09-30"),
        ],
    ),
    # no end of treatment was recorded, but participation has ended
    (
        "LEFT",
        [
            ("SCREEN", 1, "SCREENING", "2025-03-01", "2025-03-10"),
            ("DL1", 2, "TREATMENT", "2025-03-10", "2025-04-21"),
            ("FU", 3, "FOLLOW-UP", "2025-04-21", "2025-06-15"),
        ],
    ),
    # an end before the follow-up could begin: there was none
    (
        "DIED",
        [
            ("SCREEN", 1, "SCREENING", "2025-03-01", "2025-03-10"),
            ("RP2D", 2, "TREATMENT", "2025-03-10", "2025-04-20"),
        ],
    ),
    # consent after the first dose: the subject was never in screening
    ("LATE", [("RP2D", 2, "TREATMENT", "2025-03-10", None)]),
    (
        "SAME-DAY",
        [("SCREEN", 1, "SCREENING", "2025-03-10", "2025-03-10"), ("RP2D", 2, "TREATMENT", "2025-03-10", None)],
    ),
    # without a consent the first visit begins the screening
    (
        "NO-CONSENT",
        [("SCREEN", 1, "SCREENING", "2025-03-04", "2025-03-10"), ("RP2D", 2, "TREATMENT", "2025-03-10", None)],
    ),
    # no arm planned the treatment
    (
        "UNPLANNED",
        [("SCREEN", 1, "SCREENING", "2025-03-01", "2025-03-10"), ("UNPLAN", None, "TREATMENT", "2025-03-10", None)],
    ),
    # partial dates stay partial
    ("PARTIAL", [("SCREEN", 1, "SCREENING", "2025-02-15", "2025-03"), ("RP2D", 2, "TREATMENT", "2025-03", None)]),
    (
        "OPEN-END",
        [
            ("SCREEN", 1, "SCREENING", "2025-03-01", "2025-03-10"),
            ("RP2D", 2, "TREATMENT", "2025-03-10", "2025-04"),
            ("FU", 3, "FOLLOW-UP", "2025-04", "2025"),
        ],
    ),
]
EPOCHS = [
    # the cases in the order of the docstring, with their boundaries
    ("DOSED", None, None),
    ("NOBODY", "2025-03-10", None),
    ("DOSED", "2025-02-28", None),
    ("DOSED", "2025-02", None),
    ("DOSED", "2019", None),
    ("DOSED", "2025-03-01", "SCREENING"),
    ("DOSED", "2025-03-09T23:59", "SCREENING"),
    ("DOSED", "2025-03-10", "TREATMENT"),
    ("DOSED", "2025-03-10T08:00", "TREATMENT"),  # elements begin on days
    ("DOSED", "2025-04-20T23:59", "TREATMENT"),
    ("DOSED", "2025-04-21", "FOLLOW-UP"),
    ("DOSED", "2025-10-01", "FOLLOW-UP"),  # after the end of participation
    ("DOSED", "2025-05", "FOLLOW-UP"),
    ("FAILED", "2025-03-20", "SCREENING"),
    ("ONGOING", "2026-04-20", "TREATMENT"),
    ("SAME-DAY", "2025-03-10", "TREATMENT"),
    ("LATE", "2025-03-09", None),
    ("UNPLANNED", "2025-03-11", "TREATMENT"),
    ("DOSED", "2025-03", None),
    ("DOSED", "2025-04", None),
    ("DOSED", "2025", None),
    ("DOSED", "2025---15", None),
    ("PARTIAL", "2025-02-28", "SCREENING"),
    ("PARTIAL", "2025-03-15", None),
    ("PARTIAL", "2025-03-31", "TREATMENT"),  # the dose was on this day at the latest
    ("OPEN-END", "2025-03-31", "TREATMENT"),
    ("OPEN-END", "2025-04-01", "TREATMENT"),  # the last dose was on this day at the earliest
    ("OPEN-END", "2025-04-02", None),
    ("OPEN-END", "2025-04-30", None),
    ("OPEN-END", "2025-05-01", "FOLLOW-UP"),
]


@pytest.fixture(scope="module")
def frames():
    return {"DM": table(DM), "DS": table(DS), "SV": table(SV), "EX": table(EX)}


def _call(study, frames, of="AESTDTC"):
    return Call(study, study.sdtm["AE"], frames, {}, "EPOCH", of)


@pytest.mark.parametrize(("subject", "expected"), ELEMENTS, ids=[case[0] for case in ELEMENTS])
def test_elements(study, frames, subject, expected):
    found = subject_elements(_call(study, frames))
    rows = found.loc[found["USUBJID"] == subject, ["ETCD", "TAETORD", "EPOCH", "SESTDTC", "SEENDTC"]]
    assert [tuple(None if pd.isna(value) else value for value in row) for row in rows.to_numpy()] == expected


def test_an_unplanned_element_is_described_and_has_no_name(study, frames):
    found = subject_elements(_call(study, frames)).query("ETCD == 'UNPLAN'")
    assert found["ELEMENT"].isna().all()
    assert found["SEUPDES"].tolist() == ["Treatment without a planned arm"]


@pytest.mark.parametrize(("subject", "date", "epoch"), EPOCHS)
def test_epochs(study, frames, subject, date, epoch):
    frame = pd.DataFrame({"USUBJID": [subject], "AESTDTC": [date]}, dtype="str")
    found = derive_epoch(frame, _call(study, frames)).iloc[0]
    assert (None if pd.isna(found) else found) == epoch


def test_epochs_of_many_records_at_once_stay_on_their_index(study, frames):
    frame = pd.DataFrame([case[:2] for case in EPOCHS], columns=["USUBJID", "AESTDTC"], dtype="str")
    frame.index = pd.Index(np.arange(len(frame))[::-1] * 3)
    found = derive_epoch(frame, _call(study, frames))
    assert found.index.equals(frame.index)
    assert [None if pd.isna(value) else value for value in found] == [case[2] for case in EPOCHS]


def test_elements_do_not_depend_on_the_order_of_rows_or_on_other_subjects(study, frames):
    whole = subject_elements(_call(study, frames))
    turned = subject_elements(_call(study, {name: frame.iloc[::-1] for name, frame in frames.items()}))
    pd.testing.assert_frame_equal(turned, whole)
    names = table(DM)["USUBJID"]
    parts = [
        subject_elements(
            _call(study, {n: f[f["USUBJID"].isin(part)].reset_index(drop=True) for n, f in frames.items()})
        )
        for part in (names[::2], names[1::2])
    ]
    together = pd.concat(parts).sort_values(["USUBJID", "_PLACE"], ignore_index=True)
    pd.testing.assert_frame_equal(together, whole)


def test_there_is_no_gap_and_no_overlap(study, frames):
    found = subject_elements(_call(study, frames))
    following = found.groupby("USUBJID")["SESTDTC"].shift(-1)
    assert (found["SEENDTC"] == following)[following.notna()].all()
    assert found["SESTDTC"].notna().all()


def test_without_subjects_there_are_no_elements(study):
    found = subject_elements(_call(study, {"DM": table(DM).iloc[:0]}))
    assert len(found) == 0
    assert [name for name in found if name in TAKEN] == TAKEN
