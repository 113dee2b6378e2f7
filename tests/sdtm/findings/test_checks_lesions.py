"""Checks of lesions and response. `record` begins with X where the check must fire, with ok where it must not."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

DM = """
USUBJID | RFSTDTC
1       | 2025-03-01T09:00
2       |
"""
TU = """
record | form    | USUBJID | TULNKID | TUTESTCD | TUSTRESC
T01    | TARGET  | 1       | T01     | TUMIDENT | TARGET
T02    | TARGET  | 1       | T02     | TUMIDENT | TARGET
T03    | TARGET  | 1       | T03     | TUMIDENT | TARGET
T01a   | TARGET  | 1       | T01.1   | TUSPLIT  | TARGET
T01b   | TARGET  | 1       | T01.2   | TUSPLIT  | TARGET
MERGE  | TARGET  | 1       | T02     | TUMERGE  | TARGET
NT01   | NONTARG | 1       | NT01    | TUMIDENT | NON-TARGET
NEW01  | NEWLES  | 1       | NEW01   | TUMIDENT | NEW
T09    | TARGET  | 1       | T09     | TUMIDENT | TARGET
ELSE   | TARGET  | 2       | T01     | TUMIDENT | TARGET
"""


def tumours(*rows: str) -> str:
    return "record | form | USUBJID | TRLNKID | VISITNUM | VISIT | TRDTC | TRSTRESC\n" + "\n".join(rows)


BASELINE = [
    "ok1 | TARGET  | 1 | T01  | 1 | SCREENING | 2025-02-20 | 30",
    "ok2 | TARGET  | 1 | T02  | 1 | SCREENING | 2025-02-20 | 20",
    "ok3 | TARGET  | 1 | T03  | 1 | SCREENING | 2025-02-20 | 15",
    "ok4 | NONTARG | 1 | NT01 | 1 | SCREENING | 2025-02-20 | PRESENT",
]


def records(found):
    return found["record_id"].tolist()


def test_lesion_forgotten(evidence, check):
    found = check(
        "CHK-304",
        evidence(
            DM=DM,
            TU=TU,
            TR=tumours(
                *BASELINE,
                "ok | TARGET  | 1 | T01   | 75  | TA1 | 2025-04-12 | 30",
                "ok | TARGET  | 1 | T02   | 75  | TA1 | 2025-04-12 |",  # not done is a record, too
                "ok | NONTARG | 1 | NT01  | 75  | TA1 | 2025-04-12 | PRESENT",  # T03 forgotten
                "ok | TARGET  | 1 | T01.1 | 135 | TA2 | 2025-05-24 | 15",  # a fragment stands for T01
                "ok | TARGET  | 1 | T02   | 135 | TA2 | 2025-05-24 | 20",
                "ok | TARGET  | 1 | T03   | 135 | TA2 | 2025-05-24 | TUMOR MERGED",  # NT01 forgotten
                "ok | TARGET  | 1 | T01.2 | 195 | TA3 | 2025-07-05 | 15",
                "ok | TARGET  | 1 | T02   | 195 | TA3 | 2025-07-05 | 20",  # T03 merged before
                "ok | NONTARG | 1 | NT01  | 195 | TA3 | 2025-07-05 | PRESENT",
                "ok | NEWLES  | 1 | NEW01 | 255 | TA4 | 2025-08-16 | UNEQUIVOCAL",  # no baseline lesion recorded
            ),
        ),
    )
    assert list(zip(records(found), found["value"], strict=True)) == [("T03", "TA1"), ("NT01", "TA2")]
    assert found["form"].tolist() == ["TARGET", "NONTARG"]
    assert found.loc[0, "message"].startswith("Lesion T03 has no record at TA1")


SCANS = [
    *BASELINE,
    "X1  | TARGET  | 1 | T09   | 75  | TA1 | 2025-04-12 | 12",
    "ok5 | TARGET  | 1 | T02   | 75  | TA1 | 2025-04-12 | 30",
    "ok6 | TARGET  | 1 | T01.1 | 135 | TA2 | 2025-05-24 | 15",
    "ok7 | NONTARG | 1 | NT01  | 135 | TA2 | 2025-05-24 | PRESENT",
]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.permutations(SCANS))
def test_the_order_of_records_does_not_matter(evidence, check, rows):
    looked_at = evidence(DM=DM, TU=TU, TR=tumours(*rows))
    forgotten = check("CHK-304", looked_at)
    assert sorted(zip(forgotten["record_id"], forgotten["value"], strict=True)) == [
        ("NT01", "TA1"), ("T01", "TA1"), ("T02", "TA2"), ("T03", "TA1"), ("T03", "TA2"),
    ]  # fmt: skip
    assert records(check("CHK-305", looked_at)) == ["X1"]


def test_lesion_not_identified(evidence, check):
    found = check(
        "CHK-305",
        evidence(
            DM=DM,
            TU=TU,
            TR=tumours(
                *BASELINE,
                "ok5 | TARGET | 1 | T01   | 75  | TA1 | 2025-04-12 | 30",
                "X6  | TARGET | 1 | T09   | 75  | TA1 | 2025-04-12 | 12",
                "X7  | TARGET | 1 | T09   | 135 | TA2 | 2025-05-24 | 13",
                "ok8 | TARGET | 1 | T01.1 | 135 | TA2 | 2025-05-24 | 15",
                "ok9 | NEWLES | 1 | NEW01 | 135 | TA2 | 2025-05-24 | UNEQUIVOCAL",
                "ok0 | TARGET | 2 | T01   | 75  | TA1 | 2025-04-12 | 12",  # never dosed: no baseline to speak of
            ),
        ),
    )
    assert records(found) == ["X6", "X7"]


def test_a_baseline_scan_finished_after_first_dose_is_still_baseline(evidence, check):
    looked_at = evidence(
        DM=DM,
        TU=TU,
        TR=tumours(
            "ok1 | TARGET | 1 | T01 | 1  | SCREENING | 2025-03-01 | 30",
            "ok2 | TARGET | 1 | T02 | 1  | SCREENING | 2025-03-03 | 20",
            "ok3 | TARGET | 1 | T01 | 75 | TA1       | 2025-04-12 | 30",
        ),
    )
    assert check("CHK-305", looked_at).empty
    assert records(check("CHK-304", looked_at)) == ["T02"]


def test_new_lesion_not_progression(evidence, check):
    found = check(
        "CHK-314",
        evidence(
            TR="""
            record | USUBJID | VISITNUM | TRTESTCD | TRSTRESC
            t1     | 1       | 75       | TUMSTATE | UNEQUIVOCAL
            t2     | 1       | 135      | TUMSTATE | UNEQUIVOCAL
            t3     | 2       | 75       | TUMSTATE | EQUIVOCAL
            t4     | 3       | 75       | TUMSTATE | PRESENT
            """,
            RS="""
            record | USUBJID | VISITNUM | RSTESTCD | RSSTRESC
            X1     | 1       | 75       | OVRLRESP | SD
            ok2    | 1       | 135      | OVRLRESP | PD
            ok3    | 1       | 195      | OVRLRESP | SD
            ok4    | 2       | 75       | OVRLRESP | SD
            ok5    | 3       | 75       | OVRLRESP | SD
            X6     | 4       | 75       | OVRLRESP | NE
            ok6    | 4       | 75       | NEWLPROG | UNEQUIVOCAL
            ok7    | 5       | 75       | OVRLRESP | PR
            ok7    | 5       | 75       | NEWLPROG | EQUIVOCAL
            """,
        ),
    )
    assert records(found) == ["X1", "X6"]


def test_scan_dates_differ(evidence, check):
    found = check(
        "CHK-315",
        evidence(
            TR="""
            record | USUBJID | TRLNKID | TRTESTCD | VISITNUM | TRDTC
            ok1    | 1       | T01     | LDIAM    | 75       | 2025-04-12
            X2     | 1       | T02     | LDIAM    | 75       | 2025-04-13
            X2     | 1       | T02     | TUMSTATE | 75       | 2025-04-13
            ok3    | 1       | T01     | LDIAM    | 135      | 2025-05-24
            ok4    | 1       | T02     | LDIAM    | 135      | 2025-05
            ok5    | 2       | T01     | LDIAM    | 75       | 2025-04-19
            """
        ),
    )
    assert records(found) == ["X2"]
    assert found["severity"].tolist() == ["info"]


def test_response_without_scans(evidence, check):
    found = check(
        "CHK-321",
        evidence(
            DM=DM,
            TR="""
            record | USUBJID | VISITNUM
            t1     | 1       | 1
            t2     | 1       | 75
            """,
            RS="""
            record | USUBJID | VISITNUM | RSCAT      | RSTESTCD | RSSTRESC | RSDTC
            X1     | 1       | 1        | RECIST 1.1 | OVRLRESP | SD       | 2025-03-01
            ok2    | 1       | 75       | RECIST 1.1 | OVRLRESP | SD       | 2025-03-02
            X3     | 1       | 135      | RECIST 1.1 | OVRLRESP | SD       | 2025-05-24
            ok4    | 1       | 195      | RECIST 1.1 | OVRLRESP | NE       | 2025-07-05
            ok5    | 1       | 135      | RECIST 1.1 | TRGRESP  | SD       | 2025-05-24
            ok6    | 1       | 1        | ECOG       | ECOG101  | 1        | 2025-02-20
            """,
        ),
    )
    assert records(found) == ["X1", "X3"]
