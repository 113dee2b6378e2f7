# ruff: noqa: E501 (one case a line)
"""Exposure: one line a subject, worked by hand; cycles of 21 days, late from 4 days on."""

from __future__ import annotations

import pandas as pd
import pytest

from adam.adex import derive_adex
from specs import StudySpec
from tests.adam.endpoints.days import changed
from tests.adam.endpoints.days import date as on
from tests.adam.exposure.doses import adex, sdtm, subjects, values
from tests.tables import table

NUMBERS = ("TDOSE", "NDOSE", "TDUR", "PDOSE", "AVDOSE", "DI", "RDI", "NRED", "NINT", "NDLY", "DINT")

# planned: 5 mg/kg every 21 days. TDUR is first to last infusion, and 21 days
QL1706 = """
id | doses                | held   | TDOSE | NDOSE | TDUR | PDOSE        | AVDOSE | DI          | RDI          | NRED | NINT | NDLY | MOD # why
01 | 1 5, 22 5, 43 5      |        | 15    | 3     | 63   | 15           | 5      | 5           | 100          | 0    | 0    | 0    | N   # as planned
02 | 1 5                  |        | 5     | 1     | 21   | 5            | 5      | 5           | 100          | 0    | 0    | 0    | N   # one infusion covers its cycle
03 | 1 5, 25 5            |        | 10    | 2     | 45   | 10.714285714 | 5      | 4.666666667 | 93.333333333 | 0    | 0    | 0    | N   # 3 days late: as the visit may be
04 | 1 5, 26 5            |        | 10    | 2     | 46   | 10.952380952 | 5      | 4.565217391 | 91.304347826 | 0    | 0    | 1    | Y   # 4 days late
05 | 1 5, 43 5            | 22     | 10    | 2     | 63   | 15           | 5      | 3.333333333 | 66.666666667 | 0    | 1    | 0    | Y   # held in between: not late
06 | 1 5, 43 5            |        | 10    | 2     | 63   | 15           | 5      | 3.333333333 | 66.666666667 | 0    | 0    | 1    | Y   # nothing told: 21 days late
07 | 1 5, 47 5            | 22     | 10    | 2     | 67   | 15.952380952 | 5      | 3.134328358 | 62.686567164 | 0    | 1    | 1    | Y   # held, and 4 days late after it
08 | 1 5, 22 4            |        | 9     | 2     | 42   | 10           | 4.5    | 4.5         | 90           | 1    | 0    | 0    | Y   # reduced
09 | 1 5, 22 4, 43 4      |        | 13    | 3     | 63   | 15           | 4.333333333 | 4.333333333 | 86.666666667 | 1 | 0  | 0    | Y   # reduced once, for good
10 | 1 5, 22 4, 43 5, 64 4 |       | 18    | 4     | 84   | 20           | 4.5    | 4.5         | 90           | 2    | 0    | 0    | Y   # up again, and reduced again
11 | 1 4, 22 4            |        | 8     | 2     | 42   | 10           | 4      | 4           | 80           | 1    | 0    | 0    | Y   # below the arm's dose from the start
12 | 1 6, 22 6            |        | 12    | 2     | 42   | 10           | 6      | 6           | 120          | 0    | 0    | 0    | N   # above it: no reduction
13 | 1 5, 22 5 AE         |        | 10    | 2     | 42   | 10           | 5      | 5           | 100          | 0    | 0    | 0    | Y   # a reason for adjustment, the dose as before
14 | 1 5, 1 5, 22 5       |        | 10    | 2     | 42   | 10           | 5      | 5           | 100          | 0    | 0    | 0    | N   # there twice: counts once
15 | 1 5, 22 0, 43 5      | 22     | 10    | 2     | 63   | 15           | 5      | 3.333333333 | 66.666666667 | 0    | 1    | 0    | Y   # a dose of 0 is no dose
16 | 2025-01 5, 22 5      |        | 10    | 2     | 42   | 10           | 5      | 5           | 100          | 0    | 0    | 0    | N   # a partial start can be first dose
"""

# planned: 8 mg a day. TDUR is first to last day
LENVATINIB = """
id | doses              | held         | alive | TDOSE | NDOSE | TDUR | PDOSE | AVDOSE      | DI          | RDI          | NRED | NINT | DINT | MOD # why
01 | 1-21 8             |              |       | 168   | 21    | 21   | 168   | 8           | 8           | 100          | 0    | 0    | 0    | N   # as planned
02 | 1-10 8, 15-21 8    | 11-14        |       | 136   | 17    | 21   | 168   | 8           | 6.476190476 | 80.952380952 | 0    | 1    | 4    | Y   # held for four days
03 | 1-10 8, 15-21 8    | 11-12, 13-14 |       | 136   | 17    | 21   | 168   | 8           | 6.476190476 | 80.952380952 | 0    | 1    | 4    | Y   # held from one day to the next: one interruption
04 | 1-10 8, 12-15 8, 17-21 8 | 11-11, 16-16 |  | 152   | 19    | 21   | 168   | 8           | 7.238095238 | 90.476190476 | 0    | 2    | 2    | Y   # held twice
05 | 1-10 8, 15-21 8    | 11-          |       | 136   | 17    | 21   | 168   | 8           | 6.476190476 | 80.952380952 | 0    | 1    | 4    | Y   # held without an end: to the day before the next dose
06 | 1-10 8, 11-21 4    |              |       | 124   | 21    | 21   | 168   | 5.904761905 | 5.904761905 | 73.80952381  | 1    | 0    | 0    | Y   # reduced
07 | 1-10 8, 11-15 4, 16-20 8 |        |       | 140   | 20    | 20   | 160   | 7           | 7           | 87.5         | 1    | 0    | 0    | Y   # and up again
08 | 1- 8               |              | 30    | 240   | 30    | 30   | 240   | 8           | 8           | 100          | 0    | 0    | 0    | N   # goes on: to last known alive
09 | 1- 8, 11-20 4      |              | 60    | 120   | 20    | 20   | 160   | 6           | 6           | 75           | 1    | 0    | 0    | Y   # no end: to the day before the next dose
10 | 1-10 8, 8-17 8     |              |       | 160   | 17    | 17   | 136   | 9.411764706 | 9.411764706 | 117.647058824 | 0   | 0    | 0    | N   # three days are there twice: both doses, days once
11 | 1-20 8, 5-8 8      |              |       | 192   | 20    | 20   | 160   | 9.6         | 9.6         | 120          | 0    | 0    | 0    | N   # one lies in the other
12 | 1-1 8              |              |       | 8     | 1     | 1    | 8     | 8           | 8           | 100          | 0    | 0    | 0    | N   # one day
13 | 1-10 12            |              |       | 120   | 10    | 10   | 80    | 12          | 12          | 150          | 0    | 0    | 0    | N   # above the arm's dose
"""


@pytest.mark.parametrize(("drug", "number", "lines"), [("QL1706", 1, QL1706), ("LENVATINIB", 2, LENVATINIB)])
def test_what_the_doses_add_up_to(study: StudySpec, drug: str, number: int, lines: str) -> None:
    given = table(lines)
    frame, _ = adex(given, drug, study)
    expected = given.set_index("id")
    for name in [name for name in NUMBERS if name in given]:
        found = values(frame, f"{name}{number}")
        wanted = expected[name].astype("float64")
        assert found.round(9).to_dict() == wanted.to_dict(), name
    modified = frame[frame["PARAMCD"] == f"MOD{number}"].set_index("USUBJID")
    assert modified["AVALC"].to_dict() == expected["MOD"].to_dict()
    assert modified["AVAL"].map({1.0: "Y", 0.0: "N"}).tolist() == modified["AVALC"].tolist()


def test_each_dose_has_its_record(study: StudySpec) -> None:
    frame, _ = adex(table("id | doses | held\n01 | 1-10 8, 15- 4 AE | 11-14\n02 | 1-5 8 |"), "LENVATINIB", study)
    one = frame[(frame["USUBJID"] == "01") & (frame["PARCAT2"] == "INDIVIDUAL")]
    shown = one[["PARAMCD", "AVAL", "ASTDY", "AENDY", "AENDTF", "MODTYPE", "MODREAS", "SRCDOM", "SRCSEQ"]]
    assert shown.astype("object").where(shown.notna(), None).to_numpy().tolist() == [
        ["DOSE2", 8, 1, 10, None, None, None, "EX", 1],
        ["DOSE2", 4, 15, 100, "Y", "REDUCED", "ADVERSE EVENT", "EX", 2],
        ["DUR2", 10, 1, 10, None, None, None, "EX", 1],
        ["DUR2", 86, 15, 100, "Y", "REDUCED", "ADVERSE EVENT", "EX", 2],
        ["AMT2", 80, 1, 10, None, None, None, "EX", 1],
        ["AMT2", 344, 15, 100, "Y", "REDUCED", "ADVERSE EVENT", "EX", 2],
        ["HELD2", 4, 11, 14, None, "HELD", "ADVERSE EVENT", "EC", 1],
    ]
    assert set(frame["DOSEU"]) == {"mg"}
    assert set(frame.loc[frame["PARAMCD"] == "DOSE2", "DOSEP"]) == {8.0}
    assert not frame["PARAMCD"].str.endswith("1").any()  # nobody took QL1706


def test_a_dose_that_does_not_count_keeps_its_record_and_is_a_finding(study: StudySpec) -> None:
    given = table("id | doses\n01 | 1 5, 1 5, 22 5\n02 | 1 5, 22 350")
    domains = sdtm(given, "QL1706")
    domains["EX"].loc[4, "EXDOSU"] = "mg"
    frame, findings = derive(domains, given, study)
    doses = frame[frame["PARAMCD"] == "DOSE1"]
    assert doses[["AVAL", "ANL01FL"]].fillna("").to_numpy().tolist() == [
        [5, "Y"], [5, ""], [5, "Y"], [5, "Y"], [350, ""],
    ]  # fmt: skip
    assert values(frame, "TDOSE1").to_dict() == {"01": 10, "02": 5}
    told = findings[["code", "usubjid", "srcseq"]].to_numpy().tolist()
    assert told == [["ADAM-470", "01", "2"], ["ADAM-470", "02", "2"]]
    assert "its unit is mg, not mg/kg" in findings["message"].iloc[1]


def test_a_daily_dose_without_days_is_a_finding(study: StudySpec) -> None:
    given = table("id | doses\n01 | 1-10 8, 20-15 8")
    frame, findings = adex(given, "LENVATINIB", study)
    assert values(frame, "TDOSE2").to_dict() == {"01": 80}
    assert findings["message"].str.contains("the days on which it was taken cannot be told").tolist() == [True]


def test_where_dosing_ends(study: StudySpec) -> None:
    given = table("""
    id | doses   | alive | end of treatment | end of study | death | cutoff | last # why
    01 | 1- 8    | 60    |                  |              |       |        | 60   # last known alive
    02 | 1- 8    | 60    |                  |              |       | 40     | 40   # the cut-off
    03 | 1- 8    | 30    |                  |              |       | 40     | 40   # the cut-off, though the last contact was earlier
    04 | 1- 8    | 60    | 50               |              |       |        | 50   # the end of treatment
    05 | 1- 8    | 60    |                  | 45           |       |        | 45   # the end of study
    06 | 1- 8    | 60    |                  |              | 61    |        | 61   # death: on treatment until then
    07 | 1-20 8  | 60    | 50               |              |       | 40     | 20   # an end is an end
    08 | 1-2025-01 8 | 60 |                 |              |       |        | 31   # partial: the last day that it can be
    09 | 1-2025-01 8 | 60 |                 |              |       | 25     | 25   # at most the cut-off
    10 | 1-2025-01 8 | 60 | 22              |              |       |        | 22   # at most the end of treatment
    """)
    for cut, lines in given.groupby(given["cutoff"].fillna("")):
        domains = sdtm(lines.assign(doses=lines["doses"].str.replace("-2025-01", "-")), "LENVATINIB")
        partial = lines["doses"].str.contains("2025-01").to_numpy()
        domains["EX"]["EXENDTC"] = domains["EX"]["EXENDTC"].mask(partial, "2025-01")
        ended = lines[lines["end of treatment"].notna()]
        domains["DS"] = pd.DataFrame(
            {
                "USUBJID": ended["id"], "DSSEQ": 1.0, "DSCAT": "DISPOSITION EVENT", "DSSCAT": "LENVATINIB",
                "DSDECOD": "ADVERSE EVENT", "DSSTDTC": on(ended["end of treatment"]).dt.strftime("%Y-%m-%d"),
            }
        )  # fmt: skip
        cutoff = on(pd.Series([cut])).iloc[0] if cut else None
        adsl = subjects(lines, EOSDT=on(lines["end of study"]), DTHDT=on(lines["death"]))
        frame, _ = derive_adex(domains, adsl, study, cutoff)
        last = frame[frame["PARAMCD"] == "DOSE2"].set_index("USUBJID")["AENDY"]
        assert last.to_dict() == lines.set_index("id")["last"].astype("float64").to_dict()


def test_a_held_dose_is_dated_by_its_visit(study: StudySpec) -> None:
    given = table("""
    id | doses     | held | visits       | cutoff 30 | uncut | late
    01 | 1 5       | v40  | 10=1, 40=22  | 1         | 1     | 0    # a visit by the cut-off
    02 | 1 5       | v40  | 10=1         | 0         | 1     | 0    # none by then: not known of
    03 | 1 5, 43 5 | v40  | 10=1, 40=22  | 1         | 1     | 0    # it explains the gap
    """)
    uncut, _ = adex(given, "QL1706", study)
    assert values(uncut, "NINT1").to_dict() == given.set_index("id")["uncut"].astype("float64").to_dict()
    assert values(uncut, "NDLY1").to_dict() == given.set_index("id")["late"].astype("float64").to_dict()
    assert uncut.loc[uncut["PARAMCD"] == "HELD1", "ASTDY"].fillna(0).tolist() == [22, 0, 22]
    cut, _ = adex(given.assign(doses="1 5"), "QL1706", study, pd.Timestamp("2025-01-30"))
    assert values(cut, "NINT1").to_dict() == given.set_index("id")["cutoff 30"].astype("float64").to_dict()


def test_all_reasons_stand_beside_any_modification(study: StudySpec) -> None:
    given = table("id | doses | held\n01 | 1-10 8, 15-21 4 AE | 11-14\n02 | 1-21 8 |")
    domains = sdtm(given, "LENVATINIB")
    domains["EC"]["ECADJ"] = None
    domains["EC"]["ECREASOC"] = "Patient forgot"
    frame, _ = derive(domains, given, study)
    modified = frame[frame["PARAMCD"] == "MOD2"].set_index("USUBJID")["MODREAS"].fillna("")
    assert modified.to_dict() == {"01": "ADVERSE EVENT; PATIENT FORGOT", "02": ""}


def test_without_ec_nothing_is_said_of_held_doses(study: StudySpec) -> None:
    given = table("id | doses\n01 | 1 5, 22 4")
    domains = sdtm(given, "QL1706")
    del domains["EC"]
    frame, _ = derive(domains, given, study)
    assert set(frame["PARAMCD"]) == {
        "DOSE1", "TDOSE1", "TDUR1", "NDOSE1", "PDOSE1", "AVDOSE1", "DI1", "RDI1", "NRED1",
    }  # fmt: skip


def test_without_an_arm_nothing_is_planned(study: StudySpec) -> None:
    given = table("id | doses\n01 | 1 5, 22 4")
    frame, _ = adex(given, "QL1706", study, ARMCD=None, ACTARMCD=None)
    missing = frame.loc[frame["AVAL"].isna(), "PARAMCD"].tolist()
    assert missing == ["PDOSE1", "RDI1"]
    assert values(frame, "TDOSE1").to_dict() == {"01": 9}


def test_the_conventions_are_parameters(study: StudySpec) -> None:
    given = table("id | doses\n01 | 1 5, 18 5, 35 5")
    other = changed(study, exposure={"cycle_days": 14, "delay_days": 2})
    frame, _ = adex(given, "QL1706", other)
    assert {name: values(frame, name)["01"] for name in ("TDUR1", "PDOSE1", "NDLY1")} == {
        "TDUR1": 48, "PDOSE1": pytest.approx(17.142857143), "NDLY1": 2,
    }  # fmt: skip
    assert values(adex(given, "QL1706", study)[0], "NDLY1").to_dict() == {"01": 0}


def test_each_parameter_and_drug_is_the_specs(study: StudySpec) -> None:
    spec = study.adam["ADEX"]
    drugs = {f"{n}": drug for n, drug in enumerate(study.study.drugs, start=1)}
    assert {drugs[code[-1]] for code in spec.parameters} == set(drugs.values())
    assert all(p.parcat1 == drugs[code[-1]] for code, p in spec.parameters.items())
    terms = study.codelists["EX_PARAMCD"].terms
    assert {code: p.param for code, p in spec.parameters.items()} == {c: t.decode for c, t in terms.items() if t}


def derive(domains: dict[str, pd.DataFrame], lines: pd.DataFrame, study: StudySpec):
    return derive_adex(domains, subjects(lines), study)
