"""Dose-limiting toxicity: one line a subject.

The result is Y, ? (indeterminate) or blank (N); beside it the study day on which it began.
"""

from __future__ import annotations

import pandas as pd
import pytest

from adam.addlt import derive_addlt
from specs import StudySpec
from tests.adam.endpoints.days import changed
from tests.adam.endpoints.dlt_cases import assert_results, phase_ib, results, sdtm
from tests.tables import table

H1G4NEUT = """
id  | neut                       | ex             | result | began # counts in 10^9/L by study day
101 | 8 0.4, 14 0.4, 17 2        |                | Y      | 8     # documented 7 days
102 | 8 0.4, 11 0.3, 20 0.1      |                | Y      | 8     # documented, without a recovery
103 | 8 0.4, 13 0.4, 15 2        |                | ?      | 8     # documented 6, at most 7 days
104 | 8 0.4, 15 2                |                | ?      | 8     # documented 1, at most 7 days
201 | 8 0.4, 13 0.4, 14 2        |                |        |       # documented 6, at most 6 days
202 | 8 0.4, 14 0.5              |                |        |       # 0.5 is not below 0.5
203 | 8 0.5, 15 0.5, 20 0.5      |                |        |       # 0.5 exactly, all the time
204 | 8 0.3, 8 0.4, 10 2         |                |        |       # two counts of one day
301 | 8 0.4                      |                | ?      | 8     # no recovery seen: no upper limit
302 | 8 0.4, 13 0.4              |                | ?      | 8     # documented 6 days, no recovery
303 | 5 0.4, 6 2, 15 0.4         |                | ?      | 15    # a run over, another open
304 | 5 0.4, 6 2, 15 0.4, 21 0.4 |                | Y      | 15    # a run over, another documented
401 | 21 0.4, 27 0.4             |                | Y      | 21    # begins on the window's last day
402 | 22 0.4, 28 0.4             |                |        |       # begins a day after it
403 | -3 0.4, 8 0.4, 15 0.4      |                |        |       # begins before the window
404 | 1T08:00 0.4, 8 0.4         | 1T10:00 QL1706 |        |       # baseline: timed before first dose
405 | 1T12:00 0.4, 8 0.4         | 1T10:00 QL1706 | Y      | 1     # timed after first dose
406 | 1 0.4, 8 0.4               | 1T10:00 QL1706 | Y      | 1     # no time: not known to be baseline
407 | 1T08:00 0.4, 8 0.4         | 1 QL1706       | Y      | 1     # first dose without a time
408 | 1T08:00 3, 3 0.4, 10 0.4   | 1T10:00 QL1706 | Y      | 3     # a normal baseline
409 | 1T10:00 0.4, 8 0.4         | 1T10:00 QL1706 | Y      | 1     # at the minute of first dose
501 | 8T09:00 0.4, 12T08:00 0.4, 12T16:00 2, 14 0.3, 15 1 |  |  |  # two counts of a day, in order of time
502 | 8 0.4, 12 2, 12T16:00 0.4, 14 0.3 |         | Y      | 8     # a time missing: the lowest of the day counts
503 | 8T09:00 0.4, 12T08:00 2, 12T08:00 0.4, 14 0.3 |  | Y | 8     # two counts of one minute: the lowest counts
504 | 8 0.4, 11 bad, 14 0.4      |                | Y      | 8     # no number: passed over
601 | 8 <0.1, 14 <0.1            |                | Y      | 8     # below its bound, which decides
602 | 8 <0.5, 14 0.4             |                | Y      | 8     # a bound at the limit decides
603 | 8 <=0.5, 14 0.4, 18 2      |                | ?      | 8     # 0.5 itself would not be low
604 | 8 <1, 10 2                 |                |        |       # may be low, at most for 2 days
605 | 8 0.4, 11 <1, 14 0.4       |                | ?      | 8     # may interrupt the run
606 | 8 >1, 15 >=0.5             |                |        |       # not below
607 | 2025-01 0.4                |                | ?      |       # a low count of a day not known
608 | 2025-02 0.4                |                |        |       # surely after the window
609 | 2025-01 2, 8 0.4, 14 0.4   |                | Y      | 8     # a normal one of a day not known
"""

FEBRILE_EVENTS = """
id  | ae                       | result | began
101 | 10..12 3 Febrile neutropenia | Y  | 10    # grade 3
102 | 10..12 4 Febrile neutropenia | Y  | 10    # grade 4
103 | 10..12 2 Febrile neutropenia |    |       # below grade 3
104 | 10..12 3 Febrile neutropenia (disease) |  |  # caused by the disease
105 | 21 3 Febrile neutropenia | Y      | 21    # last day
106 | 22 3 Febrile neutropenia |        |       # a day later
107 | -1 3 Febrile neutropenia |        |       # before first dose
108 | 2025-01 3 Febrile neutropenia | ? | 1     # in the window or not
109 | 2025-01..20 3 Febrile neutropenia | Y | 1 # started by day 20
110 | 10 3 Neutropenia         |        |       # another event
"""

FEVER = """
id  | neut       | temp                       | result | began
201 | 8 0.9      | 8T09:00 38.4               | Y      | 8     # above 38.3
202 | 8 0.9      | 8T09:00 38.3               |        |       # 38.3 is not above 38.3
203 | 8 1        | 8T09:00 39                 |        |       # 1.0 is not below 1.0
204 | 8 0.9      | 9 38.4                     | Y      | 8     # the next day; one needs no time
205 | 8 0.9      | 10 38.4                    |        |       # two days later
206 | 8 0.9      | 7 38.4                     |        |       # the day before
207 | 21 0.9     | 22 38.4                    | Y      | 21    # the count is in the window
208 | 22 0.9     | 22 38.4                    |        |       # it is not
209 | 8 0.9, 9 2 | 10 38.4                    |        |       # recovered on day 9
301 | 8 0.9      | 8T09:00 38, 8T10:01 38     | Y      | 8     # 61 minutes apart
302 | 8 0.9      | 8T09:00 38, 8T10:00 38     |        |       # 60 minutes
303 | 8 0.9      | 8T09:00 38, 8T10:01 37.9   |        |       # one of 38.0 or more
304 | 8 0.9      | 8T09:00 38, 8T09:30 37.9, 8T10:01 38 |  |   # a lower one between
305 | 8 0.9      | 8T09:00 38, 8T09:30 38.1, 8T10:01 38 | Y | 8 # a higher one between
306 | 8 0.9      | 8T23:30 38.2, 9T06:00 38.1 | Y      | 8     # over midnight
307 | 8 0.9      | 9T06:00 38.2, 9T08:00 38.1 | Y      | 8     # both the next day
308 | 8 0.9      | 9T23:30 38.2, 10T06:00 38.1 |       |       # the second is two days later
309 | 8 0.9      | 8T09:00 38.2, 8T12:00 37, 8T13:00 38.2, 8T13:30 38.2 |  |  # never for long
401 | 8 0.9      | 8 38.1, 8 38.2             | ?      | 8     # no times
402 | 8 0.9      | 8T09:00 38.1, 8 38.2       | ?      | 8     # one time missing
403 | 8 0.9      | 8 38.1                     |        |       # one reading only
404 | 8 0.9      | 8 38.1, 8 37.9             |        |       # one of 38.0 or more
405 | 8 0.9      | 8T09:00 38.1, 8T11:00 38.1, 8 36.5 | ? | 8  # a lower one, perhaps between
406 | 8 0.9      | 8T09:00 38.1, 8T11:00 38.1, 9 36.5 | Y | 8  # not between: the next day
407 | 8 0.9      | 8 38.1, 8 38.2, 8T09:00 38.4 | Y    | 8     # the single one decides
501 | 8 <1       | 8 38.4                     | Y      | 8     # below its bound
502 | 8 <1.5     | 8 38.4                     | ?      | 8     # may be below 1.0
503 | 8 <1.5     | 8 38.1                     |        |       # no fever
"""

H3THROMB = """
id  | plat                 | ae                  | pr                | result | began
101 | 8 24.9, 15 90        |                     |                   | Y      | 8     # grade 4
102 | 8 25, 15 90          |                     |                   |        |       # 25 is not below 25
103 | 8 40, 12 24, 15 90   |                     |                   | Y      | 8     # the run begins on day 8
104 | 20 40, 25 24         |                     |                   | Y      | 20    # the run begins in the window
105 | 22 24                |                     |                   |        |       # it does not
106 | -2 45, 8 24          |                     |                   |        |       # it began before
107 | 8 24, 15 90, 18 40   | 18 1 Epistaxis      |                   | Y      | 8     # the first of two runs
201 | 8 49.9, 12 30, 15 90 | 10..11 1 Epistaxis  |                   | Y      | 8     # bleeds within the run
202 | 8 50, 12 50          | 8..12 1 Epistaxis   |                   |        |       # 50 is not below 50
203 | 8 40, 12 30, 15 90   | 2..8 1 Epistaxis    |                   | Y      | 8     # ends on its first day
204 | 8 40, 12 30, 15 90   | 2..7 1 Epistaxis    |                   |        |       # ends the day before
205 | 8 40, 12 30, 15 90   | 12..20 1 Epistaxis  |                   | Y      | 8     # starts on its last low count
206 | 8 40, 12 30, 15 90   | 13..20 1 Epistaxis  |                   |        |       # starts the day after
207 | 8 40, 12 30, 15 90   | 2 1 Epistaxis       |                   | Y      | 8     # no end date: it goes on
208 | 8 40, 12 30, 15 90   | 10 1 Headache       |                   |        |       # no haemorrhage
209 | 20 40, 28 30         | 27 1 Epistaxis      |                   | Y      | 20    # bleeds after the window
210 | 8 40, 12 30, 15 90   | 2025-01 1 Epistaxis |                   | ?      | 8     # a partial start date
211 | 8 40, 12 30, 15 90   | 2024-12..2025-01 1 Epistaxis |          | ?      | 8     # a partial end date
212 | 8 40, 12 30, 15 90   | 2024 1 Epistaxis    |                   | Y      | 8     # partial, but surely before
213 | 8 40, 12 30, 15 90   | 2025-02 1 Epistaxis |                   |        |       # partial, but surely after
214 | 8 40, 12 30, 15 90   | 10 1 EPISTAXIS      |                   | Y      | 8     # upper and lower case alike
301 | 8 40, 12 30, 15 90   |                     | 8 platelets       | Y      | 8     # on its first day
302 | 8 40, 12 30, 15 90   |                     | 13 platelets      | Y      | 8     # a day after its last
303 | 8 40, 12 30, 15 90   |                     | 14 platelets      |        |       # two days after
304 | 8 40, 12 30, 15 90   |                     | 7 platelets       |        |       # the day before
305 | 8 40, 12 30, 15 90   |                     | 9 red cells       |        |       # another product
306 | 8 60, 12 55          |                     | 9 platelets       |        |       # never below 50
307 | 8 40, 12 30, 15 90   |                     | 2025-01 platelets | ?      | 8     # a partial date
401 | 8 <30, 15 90         |                     |                   | ?      | 8     # may be below 25
402 | 8 <30, 15 90         | 8 1 Epistaxis       |                   | Y      | 8     # below 50 all the same
403 | 8 >600               | 8 1 Epistaxis       |                   |        |       # not below
404 | 2025-01 20           |                     |                   | ?      |       # a day not known
"""

INVDLT = """
id  | ae                        | result | began
101 | 8 3 Hepatitis *           | Y      | 8
102 | 21 3 Hepatitis *          | Y      | 21    # the last day
103 | 22 3 Hepatitis *          |        |       # a day later
104 | 1 3 Hepatitis *           | Y      | 1     # the day of first dose
105 | -1 3 Hepatitis *          |        |       # before
106 | 8 3 Hepatitis             |        |       # not marked
107 | 2025-01 3 Hepatitis *     | Y      | 1     # can be in the window: the mark says so
108 | 2025-02 3 Hepatitis *     |        |       # surely after
109 | 9 3 Rash, 8 3 Hepatitis * | Y      | 8     # the marked one
"""


@pytest.mark.parametrize(
    ("parameter", "lines"),
    [("H1G4NEUT", H1G4NEUT), ("H2FN", FEBRILE_EVENTS), ("H2FN", FEVER), ("H3THROMB", H3THROMB), ("INVDLT", INVDLT)],
)
def test_a_criterion_is_met_or_not(parameter: str, lines: str, study: StudySpec) -> None:
    assert_results(table(lines), study, parameter)


def test_the_overall_dlt(study: StudySpec) -> None:
    given = table("""
    id | neut          | plat | ae              | result | began
    1  | 8 0.4, 14 0.4 |      |                 | Y      | 8
    2  | 8 0.4         | 9 24 |                 | Y      | 9     # Y before indeterminate, though later
    3  | 8 0.4         |      | 12 3 Hepatitis  | ?      | 8
    4  | 8 0.4, 10 2   | 8 60 | 12 3 Hepatitis  |        |
    5  | 8 0.4, 14 0.4 | 7 24 | 6 3 Hepatitis * | Y      | 6     # the earliest
    """)
    assert_results(given, study, "DLT")
    source = results(given, study, "DLT")[["SRCDOM", "SRCVAR", "SRCSEQ"]].astype("str")
    assert source.loc["5"].tolist() == ["AE", "AEDLT", "1.0"]
    assert source.loc["2"].tolist() == ["LB", "LBSTRESN", "2.0"]


UNITS = """
id | neut             | unit      | result | found
1  | 8 450, 14 499.9  | /uL       | Y      |
2  | 8 500, 14 500    | /uL       |        |          # 0.5 exactly
3  | 8 0.45, 14 0.45  | 10^3/uL   | Y      |
4  | 8 0.45, 14 0.45  |           | Y      |          # no unit: the standard one
5  | 8 0.45, 14 0.45  | %         | ?      | LB 1 2 % # no count: it may have been any
6  | 8 3.2, 14 3.2    | cells/HPF | ?      | LB 1 2 cells/HPF # high numbers say nothing either
7  | 1T08:00 3.2      | cells/HPF |        |          # baseline
8  | 8 <0.1, 14 <0.1  | cells/HPF | ?      | LB 1 2 cells/HPF # a bound of an unknown unit
9  | 8 3.2, 30 3.2    | cells/HPF | ?      | LB 1 2 cells/HPF # the second after the window
"""


def _in_units(given: pd.DataFrame) -> dict[str, pd.DataFrame]:
    evidence = sdtm(given.assign(ex="1T10:00 QL1706"))
    units = evidence["LB"]["USUBJID"].map(given.set_index("id")["unit"])
    return {**evidence, "LB": evidence["LB"].assign(LBSTRESU=units.astype("str"))}


def test_units_are_converted_before_comparing_and_an_unknown_one_decides_nothing(study: StudySpec) -> None:
    given = table(UNITS)
    addlt, findings = derive_addlt(_in_units(given), phase_ib(given), study)
    found = addlt[addlt["PARAMCD"] == "H1G4NEUT"].set_index("USUBJID")["AVALC"].replace({"N": "", "INDETERMINATE": "?"})
    assert found.to_dict() == given.set_index("id")["result"].fillna("").to_dict()
    units = findings[findings["code"] == "ADAM-413"].set_index("usubjid")
    number = units["message"].str.extract(r"^(\d+) count", expand=False)
    told = units["dataset"] + " " + units["srcseq"] + " " + number + " " + units["value"]
    assert told.to_dict() == given.set_index("id")["found"].dropna().to_dict()
    undecided = findings[(findings["code"] == "ADAM-403") & (findings["value"] == "H1G4NEUT")]
    assert undecided["usubjid"].tolist() == ["5", "6", "8", "9"]
    assert undecided["message"].str.contains("unknown unit").all()


MIXED = """
id | neut                               | plat        | result | why
1  | 7 3, 8 0.4 ?, 9 3                  |             |        | low for less than seven days, whatever the count
2  | 7 3, 8 0.4 ?, 16 3                 |             | ?      | may have been low for seven days
3  | 8 0.4, 11 5 ?, 14 0.4              |             | ?      | may have broken the run
4  | 8 0.4, 8 60 ?, 14 0.4, 14 60 ?     |             | Y      | the same samples, counted too
5  | 7 3, 8 3                           | 8 90 ?, 9 90 |       | platelets: any count may be of grade 4
"""


def test_a_count_in_an_unknown_unit_may_be_any(study: StudySpec) -> None:
    given = table(MIXED)
    evidence = sdtm(given)
    unknown = evidence["LB"]["result"].str.endswith("?")
    number = evidence["LB"]["result"].str.rstrip(" ?")
    lb = evidence["LB"].assign(LBSTRESC=number, LBSTRESN=number.astype("float64"))
    lb = lb.assign(LBSTRESU=lb["LBSTRESU"].mask(unknown, "cells"))
    addlt, findings = derive_addlt({**evidence, "LB": lb}, phase_ib(given), study)
    found = addlt.pivot_table(index="USUBJID", columns="PARAMCD", values="AVALC", aggfunc="first")
    shown = found["H1G4NEUT"].replace({"N": "", "INDETERMINATE": "?"})
    assert shown.to_dict() == given.set_index("id")["result"].fillna("").to_dict()
    assert found["H3THROMB"].to_dict() == {"1": "N", "2": "N", "3": "N", "4": "N", "5": "INDETERMINATE"}
    assert findings.loc[findings["code"] == "ADAM-413", "usubjid"].tolist() == ["1", "2", "3", "5"]


def test_float_noise_does_not_move_a_limit(study: StudySpec) -> None:
    given = table("id | neut\n1 | 8 0.5, 14 0.5\n2 | 8 0.5, 14 0.5")
    evidence = sdtm(given)
    noise = evidence["LB"]["USUBJID"].map({"1": 0.5 - 1e-12, "2": 0.5 - 1e-6})
    evidence["LB"] = evidence["LB"].assign(LBSTRESN=noise, LBSTRESC="0.5")
    addlt, _ = derive_addlt(evidence, phase_ib(given), study)
    found = addlt[addlt["PARAMCD"] == "H1G4NEUT"].set_index("USUBJID")["AVALC"]
    assert found.to_dict() == {"1": "N", "2": "Y"}


def test_a_transfusion_without_a_coded_name_goes_by_its_words(study: StudySpec) -> None:
    given = table("id | plat | pr\n1 | 8 40 | 8 platelets\n2 | 8 40 | 8 platelets")
    evidence = sdtm(given)
    coded = pd.Series([None, "RED CELL TRANSFUSION"], dtype="str")
    evidence["PR"] = evidence["PR"].assign(PRTRT="Platelet transfusion", PRDECOD=coded)
    addlt, _ = derive_addlt(evidence, phase_ib(given), study)
    assert addlt.loc[addlt["PARAMCD"] == "H3THROMB", "AVALC"].tolist() == ["Y", "N"]


def test_each_treated_subject_of_phase_ib_has_each_parameter(study: StudySpec) -> None:
    lines = table("id | neut\n1 | 8 0.4\n2 | 8 0.4\n3 | 8 0.4\n4 |")
    adsl = phase_ib(lines, PHASE=["IB", "II", "IB", "IB"], SAFFL=["Y", "Y", "N", "Y"])
    addlt, _ = derive_addlt(sdtm(lines), adsl, study)
    assert addlt.groupby("USUBJID")["PARAMCD"].agg(list).to_dict() == {
        "1": ["H1G4NEUT", "H2FN", "H3THROMB", "INVDLT", "DLT"],
        "4": ["H1G4NEUT", "H2FN", "H3THROMB", "INVDLT", "DLT"],
    }
    assert addlt["PARAM"].notna().all()


def test_without_domains_nobody_has_a_dlt_and_nothing_breaks(study: StudySpec) -> None:
    addlt, findings = derive_addlt({}, phase_ib(table("id\n1")), study)
    assert addlt["AVALC"].tolist() == ["N"] * 5
    assert findings.empty


def test_without_a_date_of_first_dose_nothing_can_be_decided(study: StudySpec) -> None:
    given = table("id | neut | ex\n1 | 8 0.4, 14 0.4 | 2025 QL1706")
    addlt, findings = derive_addlt(sdtm(given), phase_ib(given, TRTSDT=pd.NaT), study)
    assert set(addlt["AVALC"]) == {"INDETERMINATE"}
    assert set(findings["dataset"] + findings["srcseq"]) == {"EX1"}


LIMITS = """
changed                  | column | entries             | parameter | as it is      | as changed
window_days=8            | plat   | 9 24                | H3THROMB  | Y             | N
window_days=28           | plat   | 25 24               | H3THROMB  | N             | Y
anc_grade4_below=0.3     | neut   | 8 0.4, 14 0.4       | H1G4NEUT  | Y             | N
anc_low_days=6           | neut   | 8 0.4, 13 0.4, 15 2 | H1G4NEUT  | INDETERMINATE | Y
anc_febrile_below=0.5    | neut   | 8 0.6               | H2FN      | Y             | N
temp_single_above=38.6   | neut   | 8 0.6               | H2FN      | Y             | N
plat_grade3_below=75     | plat   | 8 60                | H3THROMB  | N             | Y
plat_grade4_below=20     | plat   | 9 24                | H3THROMB  | Y             | N
transfusion_days_after=2 | plat   | 6 40                | H3THROMB  | N             | Y
"""


def test_the_limits_are_parameters(study: StudySpec) -> None:
    lines = table(LIMITS)
    given = pd.DataFrame(
        {
            "id": lines.index.astype("str"), "temp": "8T09:00 38.5", "pr": "8 platelets",
            "plat": lines["entries"].where(lines["column"] == "plat"),
            "neut": lines["entries"].where(lines["column"] == "neut"),
        }
    )  # fmt: skip

    def judged(of: pd.DataFrame, spec: StudySpec) -> list[str]:
        addlt, _ = derive_addlt(sdtm(of), phase_ib(of), spec)
        result = addlt.set_index(["USUBJID", "PARAMCD"])["AVALC"]
        return [result[line["id"], lines.loc[int(line["id"]), "parameter"]] for line in of.to_dict("records")]

    assert judged(given, study) == lines["as it is"].tolist()
    for number, line in enumerate(lines.to_dict("records")):
        name, value = line["changed"].split("=")
        other = changed(study, dlt={name: float(value) if "." in value else int(value)})
        assert judged(given.iloc[[number]], other) == [line["as changed"]], name


def test_sustained_fever_has_parameters(study: StudySpec) -> None:
    given = table("id | neut | temp\n1 | 8 0.6 | 8T09:00 37.8, 8T09:45 37.9")
    other = changed(study, dlt={"temp_sustained_from": 37.8, "temp_sustained_minutes": 44})
    assert results(given, study, "H2FN")["AVALC"].tolist() == ["N"]
    assert results(given, other, "H2FN")["AVALC"].tolist() == ["Y"]
