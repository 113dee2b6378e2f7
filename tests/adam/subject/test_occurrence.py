# ruff: noqa: E501 (one case a line)
"""Occurrence flags."""

import pandas as pd
import pytest

from adam.rules.occurrence import OCCURRENCES, flag_occurrences
from tests.tables import table

# SOC, SOC-I and so on: which record is flagged; flags stand in the order of the columns S P IS IP (with O, I for the subject)
EVENTS = """
USUBJID | AESEQ | AEBODSYS | AEDECOD  | ATOXGRN | ASTDT      | TRTEMFL | EXPECTED # why
--------+-------+----------+----------+---------+------------+---------+---------
01      | 1     | Gut      | Nausea   | 3       | 2025-02-01 |   |                        # worst and first, but not treatment-emergent
01      | 2     | Gut      | Nausea   | 1       | 2025-03-11 | Y | SUBJ SOC PT            # first of all
01      | 3     | Gut      | Nausea   | 2       | 2025-03-20 | Y | PTI                    # worst of the term
01      | 4     | Gut      | Vomiting | 3       | 2025-03-21 | Y | PT SUBJI SOCI PTI      # worst of class and subject, first of those
01      | 5     | Gut      | Vomiting | 3       | 2025-03-22 | Y |                        # same grade, later
01      | 6     | Skin     | Rash     | 3       | 2025-03-21 | Y | SOC PT SOCI PTI        # same grade and day as 4, higher AESEQ
02      | 1     | Gut      | Nausea   |         | 2025-03-11 | Y | SUBJ SOC PT            # grade not known is the lowest
02      | 2     | Gut      | Nausea   | 1       | 2025-03-12 | Y | SUBJI SOCI PTI
03      | 2     | Gut      | Nausea   | 1       | 2025-03-11 | Y |                        # same day: the lower AESEQ is first
03      | 1     | Gut      | Nausea   | 1       | 2025-03-11 | Y | SUBJ SOC PT SUBJI SOCI PTI
04      | 1     |          |          | 1       | 2025-03-11 | Y | SUBJ SOC PT SUBJI SOCI PTI # not coded: a group of its own
04      | 2     |          |          | 1       | 2025-03-12 | Y |
04      | 3     | Skin     | Rash     | 1       | 2025-03-13 | Y | SOC PT SOCI PTI
05      | 1     | Gut      | Nausea   | 1       | 2025-03-11 |   |                        # none treatment-emergent
"""
NAMES = {
    "AOCCFL": "SUBJ", "AOCCSFL": "SOC", "AOCCPFL": "PT", "AOCCIFL": "SUBJI", "AOCCSIFL": "SOCI", "AOCCPIFL": "PTI",
}  # fmt: skip


def events():
    return table(EVENTS, numbers=("AESEQ", "ATOXGRN"), dates=("ASTDT",))


def told(frame):
    return [
        " ".join(name for flag, name in NAMES.items() if row[flag] == "Y") for row in frame.to_dict(orient="records")
    ]


def test_flags():
    flagged = flag_occurrences(events())
    assert told(flagged) == events()["EXPECTED"].fillna("").to_list()
    assert set(OCCURRENCES) == set(NAMES)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_row_order_does_not_matter(seed):
    shuffled = flag_occurrences(events().sample(frac=1, random_state=seed)).sort_index()
    pd.testing.assert_frame_equal(shuffled, flag_occurrences(events()))


def test_each_group_is_counted_once():
    flagged = flag_occurrences(events())
    emergent = flagged[flagged["TRTEMFL"] == "Y"]
    for flag, (by, _) in OCCURRENCES.items():
        groups = emergent[["USUBJID", *by]].drop_duplicates()
        assert (flagged[flag] == "Y").sum() == len(groups), flag


def test_no_events():
    assert flag_occurrences(events().head(0)).empty
