"""Treatment emergence: length of the window, findings, subjects, order of rows. The cases are in the rule book."""

import pandas as pd
import pytest

from adam.rules.emergence import derive_event_dates
from tests.adam.subject.event_cases import emergent, events

PARTIAL = """
AESTDTC    | AEENDTC    # why
2025-03    |            # the month of first dose
2025-03    | 2025-03-09 # ended before it
2025       | 2025-01-31
           | 2025-02-01
2025-03-12 | 2025-03-11 # complete
"""

WORSENING = """
AEGRPID | AESTDTC    | AETOXGR # why
A       | 2025-02-01 | 1
A       | 2025-04-01 | 2       # got worse
A       | 2025-05-20 | 1       # as before first dose
B       | 2025-02-01 | 3
B       | 2025-03-01 | 1       # two grades on one day
B       | 2025-03-01 | 2
B       | 2025-04-01 | 2
        | 2025-04-01 | 1       # no AEGRPID
"""


def test_the_window_is_a_parameter():
    frame = events("AESTDTC\n2025-06-30\n2025-07-01")
    assert emergent(frame, days=30)["TRTEMFL"].fillna("").to_list() == ["Y", ""]
    assert emergent(frame, days=31)["TRTEMFL"].to_list() == ["Y", "Y"]


def test_each_imputed_start_is_a_finding_on_its_record():
    _, findings = derive_event_dates(events(PARTIAL))
    imputed = findings[findings["variable"] == "AESTDTC"]
    assert imputed["srcseq"].to_list() == ["1", "2", "3", "4"]
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


def test_worsening_does_not_cross_subjects():
    one = events("AEGRPID | AESTDTC | AETOXGR\nA | 2025-02-01 | 2")
    other = events("AEGRPID | AESTDTC | AETOXGR\nA | 2025-04-01 | 1").assign(USUBJID="02")
    got = emergent(pd.concat([one, other], ignore_index=True))
    assert got["TRTEMRS"].to_list() == ["BEFORE FIRST DOSE", "NEW"]


@pytest.mark.parametrize("text", [PARTIAL, WORSENING])
def test_row_order_does_not_matter(text):
    frame = events(text)
    shuffled = emergent(frame.sample(frac=1, random_state=4)).sort_values("AESEQ", ignore_index=True)
    pd.testing.assert_frame_equal(shuffled, emergent(frame))
