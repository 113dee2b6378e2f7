"""SDTM that others made: a drug in another case, a count in another spelling of its unit."""

from __future__ import annotations

import pytest

from adam.rules.counts import _UNITS
from adam.rules.treatment import given_doses
from tests.tables import table


def test_a_drug_is_the_study_drug_in_any_case(study):
    ex = table(
        """
        USUBJID | EXTRT       | EXDOSE | EXSTDTC
        01      | Lenvatinib  | 12     | 2025-01-01
        02      | LENVATINIB  | 12     | 2025-01-01
        03      | Paracetamol | 500    | 2025-01-01 # not of the study
        04      | ql1706      | 0      | 2025-01-01 # not given
        """,
        numbers=("EXDOSE",),
    )

    doses = given_doses({"EX": ex}, study)

    assert doses[["USUBJID", "EXTRT"]].to_numpy().tolist() == [["01", "LENVATINIB"], ["02", "LENVATINIB"]]


@pytest.mark.parametrize(
    ("unit", "factor"), [("10*3/UL", 1.0), ("X10^9/L", 1.0), ("CELLS/MM3", 1e-3), ("10*6/L", 1e-3)]
)
def test_the_usual_spellings_of_count_units_are_known(unit, factor):
    assert _UNITS[unit] == factor
