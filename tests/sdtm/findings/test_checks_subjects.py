"""Checks of deaths, events and plausible values. `record` begins with X where a check must fire, with ok where not."""

import pytest
from pydantic import TypeAdapter, ValidationError

from sdtm.checks import CHECKS
from specs.checks import CHECK_NAMES, CheckSpec, faults

DM = """
USUBJID | DTHDTC     | RFICDTC
1       | 2025-06-10 | 2025-01-01
2       | 2025-06    | 2025-01-01
3       |            | 2025-01-01
"""


def records(found):
    return found["record_id"].tolist()


def test_death_dates_differ(evidence, check):
    found = check(
        "CHK-307",
        evidence(
            DM=DM,
            raw={
                "AE": """
                record | USUBJID | AEDTHDAT
                ok1    | 1       | 10 JUN 2025
                X2     | 1       | 11 JUN 2025
                ok3    | 1       | UN JUN 2025
                X4     | 1       | UN MAY 2025
                ok5    | 2       | 30 JUN 2025
                X6     | 2       | 01 JUL 2025
                ok7    | 3       | 01 JUL 2025
                ok8    | 1       |
                """,
                "EOS": """
                record | USUBJID | EOSREAS | EOSDAT
                X9     | 1       | DTH     | 09 JUN 2025
                ok10   | 1       | WD      | 09 JUN 2025
                """,
                "SURV": """
                record | USUBJID | SSSTAT | SSDAT
                X11    | 1       | D      | 09 JUN 2025
                ok12   | 1       | D      | 20 JUN 2025
                ok13   | 1       | A      | 09 JUN 2025
                """,
            },
        ),
    )
    assert records(found) == ["X2", "X4", "X6", "X9", "X11"]
    assert found["form"].tolist() == ["AE", "AE", "AE", "EOS", "SURV"]
    assert found.loc[0, "message"].startswith(
        "AE form: the date 2025-06-11 does not go with the date of death 2025-06-10"
    )


def test_after_death(evidence, check):
    found = check(
        "CHK-308",
        evidence(
            DM=DM,
            SS="""
            record | USUBJID | SSDTC      | SSSTRESC
            X1     | 1       | 2025-06-11 | ALIVE
            ok2    | 1       | 2025-06-11 | DEAD
            ok3    | 1       | 2025-06-10 | ALIVE
            ok4    | 2       | 2025-06-30 | ALIVE
            X5     | 2       | 2025-07-01 | ALIVE
            ok6    | 3       | 2025-07-01 | ALIVE
            """,
            VS="""
            record | USUBJID | VSDTC            | VSTESTCD
            X7     | 1       | 2025-06-11T08:00 | TEMP
            X7     | 1       | 2025-06-11T08:00 | PULSE
            """,
        ),
    )
    assert records(found) == ["X1", "X5", "X7"]


def test_fatal_without_death(evidence, check):
    found = check(
        "CHK-319",
        evidence(
            AE="""
            record | USUBJID | AEOUT              | AESDTH
            ok1    | 1       | FATAL              | Y
            X2     | 3       | FATAL              |
            X3     | 4       | UNKNOWN            | Y
            ok4    | 3       | RECOVERED/RESOLVED | N
            """,
            raw={
                "DEATH": """
                record | USUBJID | DTHDAT      | DTHCAUS
                ok5    | 1       | 10 JUN 2025 | AE
                X6     | 2       | UN JUN 2025 | AE
                ok7    | 5       | 10 JUN 2025 | DIS
                """
            },
        ),
    )
    assert records(found) == ["X2", "X3", "X6"]


def test_ongoing_with_end(evidence, check):
    found = check(
        "CHK-309",
        evidence(
            raw={
                "AE": """
                record | USUBJID | AEONGO | AEENDAT
                X1     | 1       | Y      | 10 JUN 2025
                X2     | 1       | Y      | 31 FEB 2025
                ok3    | 1       | Y      |
                ok4    | 1       | N      | 10 JUN 2025
                """,
                "CM": """
                record | USUBJID | CMONGO | CMENDAT
                X5     | 1       | Y      | 2025-06
                """,
            }
        ),
    )
    assert records(found) == ["X1", "X2", "X5"]


def test_recovered_without_end(evidence, check):
    found = check(
        "CHK-310",
        evidence(
            AE="""
            record | USUBJID | AEOUT                            | AEENDTC
            X1     | 1       | RECOVERED/RESOLVED               |
            X2     | 1       | RECOVERED/RESOLVED WITH SEQUELAE |
            ok3    | 1       | RECOVERED/RESOLVED               | 2025
            ok4    | 1       | NOT RECOVERED/NOT RESOLVED       |
            """
        ),
    )
    assert records(found) == ["X1", "X2"]


def test_same_event_twice(evidence, check):
    found = check(
        "CHK-317",
        evidence(
            raw={
                "AE": """
                record | USUBJID | AETERM  | AESTDAT     | AETOXGR | AEGRPID
                X1     | 1       | Rash    | 10 JUN 2025 | 1       |
                X2     | 1       | rash    | 10 JUN 2025 | 2       |
                ok3    | 1       | Rash    | 11 JUN 2025 | 2       |
                ok4    | 2       | Rash    | 10 JUN 2025 | 1       |
                ok5    | 3       | Nausea  | 10 JUN 2025 | 1       | 7
                ok6    | 3       | Nausea  | 10 JUN 2025 | 2       | 7
                X7     | 4       | Nausea  | 10 JUN 2025 | 1       | 7
                X8     | 4       | Nausea  | 10 JUN 2025 | 2       | 8
                ok9    | 5       | Nausea  | 10 JUN 2025 | 1       |
                ok10   | 5       | Nausea  | 10 JUN 2025 | 1       |
                ok11   | 6       |         | 10 JUN 2025 | 1       |
                ok12   | 6       |         | 10 JUN 2025 | 2       |
                ok13   | 7       | Nausea  |             | 1       |
                ok14   | 7       | Nausea  |             | 2       |
                """
            }
        ),
    )
    assert records(found) == ["X1", "X2", "X7", "X8"]
    assert found["usubjid"].tolist() == ["1", "1", "4", "4"]


def test_age_and_birth_disagree(evidence, check):
    found = check(
        "CHK-318",
        evidence(
            raw={
                "DM": """
                record | USUBJID | BRTHDAT     | AGE
                ok1    | 1       | 15 MAR 1960 | 65
                X2     | 2       | 16 MAR 1960 | 65
                X3     | 3       | 15 MAR 1960 | 64
                ok4    | 4       | UN UNK 1960 | 65
                ok5    | 5       | UN UNK 1960 | 64
                X6     | 6       | UN UNK 1960 | 63
                X7     | 7       | UN UNK 1960 | 66
                ok8    | 8       | UN APR 1960 | 64
                X9     | 9       | UN APR 1960 | 65
                ok10   | 10      |             | 12
                ok11   | 11      | 15 MAR 1960 | 12
                """,
                "IC": "USUBJID | ICDAT\n" + "\n".join(f"{n} | 15 MAR 2025" for n in range(1, 11)),
            }
        ),
    )
    assert records(found) == ["X2", "X3", "X6", "X7", "X9"]
    assert found["expected"].tolist() == ["64", "65", "64 to 65", "64 to 65", "64"]


def test_implausible_value(evidence, check):
    found = check(
        "CHK-320",
        evidence(
            VS="""
            record | USUBJID | VSTESTCD | VSORRES | VSORRESU | VSSTRESN | VSSTRESU
            ok1    | 1       | TEMP     | 43      | C        | 43       | C
            X2     | 1       | TEMP     | 43.1    | C        | 43.1     | C
            X3     | 1       | TEMP     | 32.9    | C        | 32.9     | C
            ok4    | 1       | WEIGHT   | 60      | kg       | 60       | kg
            ok5    | 1       | WEIGHT   | 78      | kg       | 78       | kg
            ok6    | 1       | WEIGHT   | 60      | kg       | 60       | kg
            X7     | 1       | WEIGHT   | 120     | kg       | 120      | kg
            ok8    | 1       | WEIGHT   | 60      | kg       | 60       | kg
            X9     | 2       | WEIGHT   | 201     | kg       | 201      | kg
            ok10   | 3       | PULSE    |         |          |          |
            """,
            LB="""
            record | USUBJID | LBTESTCD | LBORRES | LBORRESU | LBSTRESN | LBSTRESU
            X11    | 1       | NEUT     | 101000  | 10^6/L   | 101      | 10^9/L
            ok12   | 1       | NEUT     | 0       | 10^6/L   | 0        | 10^9/L
            ok13   | 1       | XYZ      | 1000000 |          | 1000000  |
            """,
        ),
    )
    assert sorted(records(found)) == ["X11", "X2", "X3", "X7", "X9"]
    message = found.set_index("record_id").loc["X7", "message"]
    assert message == "WEIGHT 120 kg is implausible: the subject's median is 60.0 kg."


def test_every_check_of_the_specs_exists_and_no_other():
    assert sorted(CHECKS) == sorted(CHECK_NAMES)


FAULTS = [
    ({"check": "end_before_begin"}, "there is no check 'end_before_begin'"),
    ({"check": "scan_dates_differ", "tolerated_day": 3}, "unknown key 'tolerated_day'"),
    ({"check": "lesion_forgotten"}, "Field required"),
    ({"check": "implausible_value", "limits": {"VS": {"TEMP": {"low": 43, "high": 33}}}}, "not below"),
]


@pytest.mark.parametrize(("spec", "message"), FAULTS)
def test_a_wrong_check_is_refused(spec, message):
    with pytest.raises(ValidationError, match=message):
        TypeAdapter(CheckSpec).validate_python(spec)


MISSING = [
    ({"CHK-999": {"check": "lesion_not_identified"}}, "There is no finding code 'CHK-999'"),
    ({"CHK-312": {"check": "before_consent", "dates": [{"dataset": "LX", "date": "LBDTC"}]}}, "no dataset 'LX'"),
    ({"CHK-312": {"check": "before_consent", "dates": [{"dataset": "LB", "date": "LBDAT"}]}}, "variable of LB 'LBDAT'"),
    (
        {"CHK-309": {"check": "ongoing_with_end", "forms": [{"form": "AE", "ongoing": "AEONG", "end": "AEENDAT"}]}},
        "field of form AE 'AEONG'",
    ),
]


@pytest.mark.parametrize(("given", "message"), MISSING)
def test_a_reference_that_leads_nowhere_is_a_problem(study, given, message):
    checks = TypeAdapter(dict[str, CheckSpec]).validate_python(given)
    problems = list(faults(checks, study.sdtm, study.forms))
    assert len(problems) == 1
    assert message in problems[0].fact


def test_the_checks_of_the_study_read_what_exists(study):
    assert {check.check for check in study.checks.values()} == set(CHECK_NAMES)
    assert list(faults(study.checks, study.sdtm, study.forms)) == []
