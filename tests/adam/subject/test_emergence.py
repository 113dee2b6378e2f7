"""Dates of adverse events, and treatment emergence. First dose 10 March, last dose 31 May 2025: the window of 90 days
closes with 29 August.
"""

import pandas as pd
import pytest

from adam.rules.emergence import derive_event_dates, flag_treatment_emergent
from tests.tables import table

FIRST_DOSE, LAST_DOSE, DAYS = "2025-03-10", "2025-05-31", 90
MISSING_TEXT = pd.Series(dtype="str")


def events(text, *, first=FIRST_DOSE, last=LAST_DOSE, therapy=None, death=None, cutoff=None):
    """Events of one subject; AESEQ numbers the lines."""
    frame = table(text)
    for name in ("AESTDTC", "AEENDTC", "AEGRPID", "AETOXGR"):
        if name not in frame:
            frame[name] = pd.Series([None] * len(frame), dtype="str")
    frame = frame.assign(USUBJID="01", AESEQ=[float(n) for n in range(1, len(frame) + 1)])
    dates = {"TRTSDT": first, "TRTEDT": last, "NACTDT": therapy, "DTHDT": death, "CUTOFFDT": cutoff}
    return frame.assign(
        **{k: pd.Series(pd.to_datetime(v), frame.index).astype("datetime64[us]") for k, v in dates.items()}
    )


def emergent(frame, days=DAYS):
    dated, _ = derive_event_dates(frame)
    return flag_treatment_emergent(dated, window_days=days)


def check_flags(frame, days=DAYS):
    got = emergent(frame, days)
    pd.testing.assert_series_equal(got["TRTEMFL"], frame["EXPECTED"], check_names=False)
    return got


def test_window():
    got = check_flags(
        events(
            """
            AESTDTC          | EXPECTED | REASON # why
            -----------------+----------+-------
            2025-03-09       |          | BEFORE FIRST DOSE # the day before first dose
            2025-03-10       | Y        | NEW               # the day of first dose
            2025-03-10T00:05 | Y        | NEW               # the hour does not matter
            2025-03-11       | Y        | NEW
            2025-05-31       | Y        | NEW               # the day of last dose
            2025-08-29       | Y        | NEW               # last dose + 90
            2025-08-30       |          | AFTER WINDOW      # last dose + 91
            """
        )
    )
    assert got["TRTEMRS"].to_list() == got["REASON"].to_list()


def test_the_window_is_a_parameter():
    frame = events("AESTDTC | EXPECTED\n2025-06-30 | Y\n2025-07-01 |")
    check_flags(frame, days=30)
    assert emergent(frame, days=31)["TRTEMFL"].to_list() == ["Y", "Y"]


def test_without_a_last_dose_the_window_is_open():
    check_flags(events("AESTDTC | EXPECTED\n2025-03-09 |\n2027-01-01 | Y", last=None))


def test_never_dosed():
    got = check_flags(events("AESTDTC | EXPECTED\n2025-03-11 |\n2025 |", first=None, last=None))
    assert set(got["TRTEMRS"]) == {"NOT TREATED"}


def test_new_therapy():
    got = check_flags(
        events(
            """
            AESTDTC    | EXPECTED # why
            2025-06-30 | Y        # the day before new therapy starts
            2025-07-01 | Y        # on the day
            2025-07-02 |          # the day after
            2025-07    | Y        # may be before
            2025-08    |          # can only be after
            """,
            therapy="2025-07-01",
        )
    )
    assert got["TRTEMRS"].to_list()[2] == "AFTER NEW THERAPY"


PARTIAL = """
AESTDTC    | AEENDTC    | ASTDT      | ASTDTF | EXPECTED # why
-----------+------------+------------+--------+---------
2025-03    |            | 2025-03-10 | D      | Y  # 2. the month of first dose: the day of first dose
2025-03    | 2025-03-20 | 2025-03-10 | D      | Y  # 2. ended after first dose
2025-03    | 2025-03-10 | 2025-03-10 | D      | Y  # 2. ended on the day of first dose
2025-03    | 2025-03-09 | 2025-03-09 | D      |    # 2. ended before first dose: not past its own end
2025-03    | 2025-03    | 2025-03-10 | D      | Y  # 2. the end may be after first dose too
2025-03    | 2025-02    | 2025-02-28 | D      |    # 2. the end can only be before
2025-02    |            | 2025-02-01 | D      |    # 3. a month before first dose
2025-04    |            | 2025-04-01 | D      | Y  # 3. a month under treatment
2025-08    |            | 2025-08-01 | D      | Y  # 3. the month in which the window closes
2025-09    |            | 2025-09-01 | D      |    # 3. a month after the window
2025       |            | 2025-03-10 | M      | Y  # 2. the year of first dose
2025       | 2025-01-31 | 2025-01-31 | M      |    # 2. ended before first dose
2024       |            | 2024-01-01 | M      |    # 3. a year before
2026       |            | 2026-01-01 | M      |    # 3. a year after the window
2025---20  |            | 2025-03-10 | M      | Y  # 2. day known, month not
           |            | 2025-03-10 | Y      | Y  # 4. nothing known
           | 2025-02-01 | 2025-02-01 | Y      |    # 4. nothing known, ended before first dose
           | 2025-04-01 | 2025-03-10 | Y      | Y  # 4. nothing known, ended under treatment
31 FEB 2025|            | 2025-03-10 | Y      | Y  # 4. not readable
2025-03-12 | 2025-03-11 | 2025-03-12 |        | Y  # 1. a complete start stays, though it is after the end
"""


def test_partial_onset():
    frame = events(PARTIAL)
    dated, findings = derive_event_dates(frame)
    pd.testing.assert_series_equal(dated["ASTDT"].dt.strftime("%Y-%m-%d"), frame["ASTDT"])
    pd.testing.assert_series_equal(dated["ASTDTF"], frame["ASTDTF"])
    check_flags(frame.drop(columns=["ASTDT", "ASTDTF"]))
    imputed = findings[findings["variable"] == "AESTDTC"]
    assert imputed["srcseq"].to_list() == [str(n) for n in range(1, 20)], "a finding for each imputed start"
    assert set(imputed["severity"]) == {"info"}


def test_imputed_dates_are_not_past_the_cutoff():
    frame = events(
        """
        AESTDTC    | AEENDTC | ASTDT      | AENDT      # why
        2025-03    | 2025-03 | 2025-03-10 | 2025-03-12 # the end's month goes on after the cut-off
                   | 2025    | 2025-03-10 | 2025-03-12
        2025-03-11 |         | 2025-03-11 |            # ongoing
        """,
        last=None, cutoff="2025-03-12",
    )  # fmt: skip
    dated, _ = derive_event_dates(frame)
    for name in ("ASTDT", "AENDT"):
        pd.testing.assert_series_equal(dated[name].dt.strftime("%Y-%m-%d"), frame[name])


def test_end():
    frame = events(
        """
        AEENDTC    | AENDT      | AENDTF # why
        2025-04-02 | 2025-04-02 |        # 1. complete
        2025-04    | 2025-04-30 | D      # 2. the last of the month
        2025-06    | 2025-06-15 | D      # 2. not after death
        2025       | 2025-06-15 | M      # 2. not after death
                   |            |        # 3. ongoing
        2025-06-20 | 2025-06-20 |        # 1. complete, though after death
        """,
        death="2025-06-15",
    )
    dated, _ = derive_event_dates(frame)
    pd.testing.assert_series_equal(dated["AENDT"].dt.strftime("%Y-%m-%d"), frame["AENDT"])
    pd.testing.assert_series_equal(dated["AENDTF"], frame["AENDTF"])


WORSENING = """
AEGRPID | AESTDTC    | AETOXGR | EXPECTED | REASON # why
--------+------------+---------+----------+-------
A       | 2025-02-01 | 1       |   | BEFORE FIRST DOSE # the event before first dose
A       | 2025-04-01 | 2       | Y | WORSENED          # got worse
A       | 2025-04-20 | 3       | Y | WORSENED          # and worse again
A       | 2025-05-01 | 2       | Y | WORSENED          # better than that, but worse than before first dose
A       | 2025-05-20 | 1       |   | NOT WORSE         # as before first dose
B       | 2025-02-01 | 3       |   | BEFORE FIRST DOSE
B       | 2025-03-01 | 1       |   | BEFORE FIRST DOSE # improved before first dose
B       | 2025-04-01 | 2       | Y | WORSENED          # worse than the last grade before first dose
C       | 2025-02-01 | 2       |   | BEFORE FIRST DOSE
C       | 2025-04-01 | 1       |   | NOT WORSE         # improved
D       | 2025-02-01 |         |   | BEFORE FIRST DOSE # grade before first dose not known
D       | 2025-04-01 | 1       | Y | WORSENED          # may be worse: counts
E       | 2025-02-01 | 2       |   | BEFORE FIRST DOSE
E       | 2025-04-01 |         | Y | WORSENED          # its own grade not known: counts
F       | 2025-03-10 | 1       | Y | NEW               # began on the day of first dose
F       | 2025-04-01 | 1       | Y | NEW               # same event, nothing before first dose
G       | 2025-02-01 | 1       |   | BEFORE FIRST DOSE
G       | 2025-08-30 | 4       |   | AFTER WINDOW      # worse, but after the window
        | 2025-02-01 | 1       |   | BEFORE FIRST DOSE # no AEGRPID
        | 2025-04-01 | 1       | Y | NEW               # no AEGRPID: events are not tied
H       | 2025-03-01 | 1       |   | BEFORE FIRST DOSE
H       | 2025-03-01 | 2       |   | BEFORE FIRST DOSE # same day: the higher grade counts
H       | 2025-04-01 | 2       |   | NOT WORSE
"""


def test_worsening():
    got = check_flags(events(WORSENING))
    assert got["TRTEMRS"].to_list() == got["REASON"].to_list()


def test_worsening_does_not_cross_subjects():
    one = events("AEGRPID | AESTDTC | AETOXGR\nA | 2025-02-01 | 2")
    other = events("AEGRPID | AESTDTC | AETOXGR\nA | 2025-04-01 | 1").assign(USUBJID="02")
    got = emergent(pd.concat([one, other], ignore_index=True))
    assert got["TRTEMRS"].to_list() == ["BEFORE FIRST DOSE", "NEW"]


@pytest.mark.parametrize("text", [PARTIAL, WORSENING])
def test_row_order_does_not_matter(text):
    frame = events(text).drop(columns=["ASTDT", "ASTDTF"], errors="ignore")
    shuffled = emergent(frame.sample(frac=1, random_state=4)).sort_values("AESEQ", ignore_index=True)
    pd.testing.assert_frame_equal(shuffled, emergent(frame))
