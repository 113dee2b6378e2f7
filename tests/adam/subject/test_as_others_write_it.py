"""SDTM that others made: a drug in another case, a count in another spelling of its unit."""

from __future__ import annotations

import pytest

from adam.build import build_adam
from adam.rules.counts import _UNITS
from adam.rules.treatment import given_doses, report_other_drugs
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


OTHER_DRUGS = """
USUBJID | EXTRT       | EXDOSE | EXSEQ | found         # why
01      | Lenvatinib  | 12     | 1     |               # the study drug in another case
01      | PLACEBO     |        | 2     | 01 2 PLACEBO 2 # an amount that is not given is still a dose
01      | PLACEBO     | 1      | 3     |               # told with the one before
01      | LENVATINB   | 12     | 4     | 01 4 LENVATINB 1
02      | LENVATINB   | 0      | 1     |               # nothing was given
02      | LENVATINB   | 8      | 2     | 02 2 LENVATINB 1
03      |             | 8      | 1     | 03 1  1       # no name at all
"""


def test_doses_of_no_study_drug_are_told_with_name_and_number(study):
    ex = table(OTHER_DRUGS, numbers=("EXDOSE", "EXSEQ"))

    found = report_other_drugs({"EX": ex.drop(columns="found")}, study)

    number = found["message"].str.extract(r"^(\d+) dose", expand=False)
    told = found["usubjid"] + " " + found["srcseq"] + " " + found["value"] + " " + number
    assert sorted(told) == sorted(ex["found"].dropna().str.replace("03 1  1", "03 1  1"))
    assert set(found["code"]) == {"ADAM-426"}
    assert set(found["expected"]) == {"QL1706 or LENVATINIB"}


def test_the_build_tells_of_them(study):
    dm = table("STUDYID | USUBJID | ARMCD\n S | 01 | DL1\n S | 02 | DL1")
    ex = table("USUBJID | EXTRT | EXDOSE | EXSTDTC\n 01 | Lenva | 8 | 2025-01-01", numbers=("EXDOSE",))

    built = build_adam({"DM": dm, "EX": ex.assign(EXSEQ=1.0)}, study)

    told = built.findings[built.findings["code"] == "ADAM-426"]
    assert told[["usubjid", "severity", "value"]].to_numpy().tolist() == [["01", "warning", "Lenva"]]
    assert built.datasets["ADSL"]["SAFFL"].tolist() == ["N", "N"]
