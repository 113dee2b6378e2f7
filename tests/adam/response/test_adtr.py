"""ADTR: diameters, sums, baseline, nadir and changes."""

from __future__ import annotations

import pandas as pd

from adam.adtr import derive_adtr
from tests.adam.response.histories import adtr, date, history, study, together
from tests.tables import table

HISTORY = """
-10 | T01=60  T02=40 NT01=P
42  | T01=40@44 T02=30@42 NT01=P
84  | T01=TS  T02=ND NT01=P
126 | T01.1=6 T01.2=4.5 T02=MRG NT01=P
168 | T01.1=20 T01.2=16 T02=MRG NT01=P
"""


def of(frame, paramcd):
    return frame[frame["PARAMCD"] == paramcd].sort_values("AVISITN").reset_index(drop=True)


def test_sum_of_diameters():
    frame, _ = adtr(HISTORY)
    expected = table(
        """
        AVAL | BASE | CHG   | PCHG  | NADIR | CHGNAD | PCHGNAD | ABLFL | ANL01FL | NTARGET | NMEAS
        100  | 100  |       |       |       |        |         | Y     | Y       | 2       | 2
        70   | 100  | -30   | -30   | 100   | -30    | -30     |       | Y       | 2       | 2
        5    | 100  | -95   | -95   | 70    | -65    | -92.857142857142857 | | | 2     | 1     # sets no nadir
        10.5 | 100  | -89.5 | -89.5 | 70    | -59.5  | -85     |       | Y       | 3       | 3
        36   | 100  | -64   | -64   | 10.5  | 25.5   | 242.857142857142857 | | Y | 3     | 3
        """,
        numbers=("AVAL", "BASE", "CHG", "PCHG", "NADIR", "CHGNAD", "PCHGNAD", "NTARGET", "NMEAS"),
    )
    got = of(frame, "SUMDIAM")
    pd.testing.assert_frame_equal(got[expected.columns.tolist()], expected, check_dtype=False, rtol=1e-12)
    assert got["ADT"].tolist() == [date(day) for day in (-10, 44, 84, 126, 168)]
    assert got["ADY"].tolist() == [-10, 45, 85, 127, 169]
    assert got["SRCSEQ"].tolist() == [1, 4, 7, 10, 14]


def test_diameters_of_a_lesion():
    frame, _ = adtr(HISTORY)
    first, second = of(frame, "DIAM1"), of(frame, "DIAM2")
    assert first["AVAL"].tolist() == [60, 40, 5, 10.5, 36]
    assert first["LSASSESS"].tolist() == ["MEASURED", "MEASURED", "TOO SMALL TO MEASURE", "SPLIT", "SPLIT"]
    assert first["CHG"].fillna(0).tolist() == [0, -20, -55, -49.5, -24]
    assert second["AVAL"].tolist() == [40, 30, 0, 0]  # nothing on day 84, where it was not evaluated
    assert second["LSASSESS"].tolist() == ["MEASURED", "MEASURED", "MERGED", "MERGED"]
    assert set(first["TRLNKID"]) == {"T01"}
    assert first["SRCVAR"].tolist() == ["TRSTRESN"] * 5
    assert second["SRCVAR"].tolist() == ["TRSTRESN", "TRSTRESN", "TRSTRESC", "TRSTRESC"]
    assert first["ABLFL"].fillna("-").tolist() == ["Y", "-", "-", "-", "-"]
    assert first["NADIR"].isna().all()


def test_percent_change_is_exact_and_missing_from_zero():
    frame, _ = adtr("-10 | T01=97 NT01=P\n 42 | T01=67.9 NT01=P\n 84 | T01=0 NT01=P\n 126 | T01=3 NT01=P")
    got = of(frame, "SUMDIAM")
    assert got["PCHG"].tolist()[1:] == [-30.0, -100.0, -9400 / 97]
    assert got["CHGNAD"].tolist()[1:] == [-29.1, -67.9, 3.0]
    assert pd.isna(got["PCHGNAD"][3])


def test_incomplete_sum_at_baseline_is_no_baseline():
    frame, _ = adtr("-10 | T01=50 T02=ND\n 42 | T01=30 T02=20")
    got = of(frame, "SUMDIAM")
    assert got["ABLFL"].isna().all()
    assert got["BASE"].isna().all()
    assert of(frame, "DIAM1")["BASE"].tolist() == [50, 50]


def test_who_has_records():
    cases = {
        "no baseline": ("42 | T01=50", {}),
        "only non-targets": ("-10 | NT01=P\n 42 | NT01=P", {}),
        "not treated": ("-10 | T01=50", {"adsl": {"TRTSDT": pd.NaT}}),
        "before baseline": ("-20 | T01=60\n -5 | T01=50\n 42 | T01=40", {}),
    }
    frame, _ = derive_adtr(*together(cases), study())
    assert set(frame["USUBJID"]) == {"before baseline"}
    assert of(frame, "SUMDIAM")["AVAL"].tolist() == [50, 40]


def test_of_several_records_of_a_lesion_the_one_that_fits_and_then_the_latest_counts():
    sdtm, adsl = history("-10 | T01=20 T02=50\n 42 | T01=14@42 T02=40@42", nodes="T01")
    tr = sdtm["TR"]
    more = pd.concat(
        [
            tr[tr["TRSEQ"] == 3].assign(TRTESTCD="LDIAM", TRSTRESN=33.0, TRSEQ=5.0),  # the long axis of the node
            tr[tr["TRSEQ"] == 4].assign(TRSTRESN=44.0, TRSEQ=6.0, TRDTC="2025-02-14"),  # a later scan
            tr[tr["TRSEQ"] == 4].assign(TRSTRESN=None, TRSTAT="NOT DONE", TRSEQ=7.0, TRDTC="2025-02-15"),
        ]
    )
    frame, findings = derive_adtr({**sdtm, "TR": pd.concat([tr, more.astype(tr.dtypes)])}, adsl, study())
    assert of(frame, "SUMDIAM")["AVAL"].tolist() == [70, 58]
    assert of(frame, "SUMDIAM")["ADT"].tolist()[1] == pd.Timestamp("2025-02-14")
    assert "ADAM-407" not in set(findings["code"])
