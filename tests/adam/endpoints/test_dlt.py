"""Dose-limiting toxicity: units, limits and sources. The cases of the criteria are in the rule book."""

from __future__ import annotations

import pandas as pd

from adam.addlt import derive_addlt
from specs import StudySpec
from tests.adam.endpoints.days import changed
from tests.adam.endpoints.dlt_cases import in_units, phase_ib, results, sdtm
from tests.rulebook.book import section
from tests.tables import table


def test_the_overall_dlt_leads_to_the_record_that_decides(study: StudySpec) -> None:
    found = results(section("DLT").frame(), study, "DLT")[["SRCDOM", "SRCVAR", "SRCSEQ"]].astype("str")
    assert found.loc["the earliest"].tolist() == ["AE", "AEDLT", "1.0"]
    assert found.loc["Y before INDETERMINATE"].tolist() == ["LB", "LBSTRESN", "2.0"]


def test_a_count_in_an_unknown_unit_is_a_finding(study: StudySpec) -> None:
    given = section("units").frame()
    _, findings = derive_addlt(in_units(given), phase_ib(given), study)
    units = findings[findings["code"] == "ADAM-413"].set_index("usubjid")
    number = units["message"].str.extract(r"^(\d+) count", expand=False)
    told = units["dataset"] + " " + units["srcseq"] + " " + number + " " + units["value"]
    assert told.to_dict() == {
        "per cent": "LB 1 2 %",
        "an unknown unit": "LB 1 2 cells/HPF",
        "a bound, unknown unit": "LB 1 2 cells/HPF",
        "unknown, window and after": "LB 1 2 cells/HPF",
    }
    undecided = findings[(findings["code"] == "ADAM-403") & (findings["value"] == "H1G4NEUT")]
    assert sorted(undecided["usubjid"]) == sorted(told.index)
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
