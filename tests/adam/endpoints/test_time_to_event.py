"""Time to event: sources, flags, findings, parameters. The censoring cases are in the rule book.

Everybody's first dose is on 2025-01-01, day 1; dates in the tables are study days, so that AVAL can be read off.
"""

from __future__ import annotations

import re

import pandas as pd

from adam.adtte import derive_adtte, explain_time_to_event
from specs import StudySpec
from tests.adam.endpoints.days import changed, date
from tests.adam.endpoints.time_to_event_cases import confirmed, records, responses, subjects
from tests.rulebook.book import section
from tests.tables import table

SOURCES = """
id  | base | responses     | new | death | parameter | domain | variable | seq # why
101 |      | 43 SD         |     |       | PFS       | ADSL   | TRTSDT   |
201 | -7   | 43 SD, 85 SD  | 90  |       | PFS       | ADRS   | ADT      | 2   # last on or before therapy
301 | -7   | 43 SD, 142 PD |     |       | PFS       | ADRS   | ADT      | 1   # last before the gap
401 | -7   | 43 SD, 85 PD  |     |       | PFS       | ADRS   | ADT      | 2   # the PD
402 | -7   | 43 SD         |     | 60    | PFS       | ADSL   | DTHDT    |
501 | -7   | 43 SD         |     |       | PFS       | ADRS   | ADT      | 1
601 | -7   |               |     | 60    | OS        | ADSL   | DTHDT    |
"""


def test_every_date_leads_to_its_source(study: StudySpec) -> None:
    given = table(SOURCES, numbers=("seq",))
    out, _ = derive_adtte(responses(given), subjects(given), study)
    asked = given.merge(out, left_on=["id", "parameter"], right_on=["USUBJID", "PARAMCD"], validate="1:1")
    assert asked["SRCDOM"].tolist() == given["domain"].tolist()
    assert asked["SRCVAR"].tolist() == given["variable"].tolist()
    assert asked["SRCSEQ"].fillna(0).tolist() == given["seq"].fillna(0).tolist()


def test_no_date_lies_after_the_cutoff(study: StudySpec) -> None:
    given = section("cut-off").frame()
    out, _ = derive_adtte(responses(given), subjects(given), study)
    cutoff = subjects(given).set_index("USUBJID")["CUTOFFDT"]
    assert (out["ADT"] <= out["USUBJID"].map(cutoff)).all()


def test_the_population_is_the_treated(study: StudySpec) -> None:
    given = table("""
    id | base | responses | alive
    1  | -7   | 43 SD     | 50
    2  | -7   | 43 SD     | 50
    3  | -7   | 43 SD     | 50
    """)
    adsl = subjects(given).assign(FASFL=["Y", "N", "Y"])
    adsl.loc[2, "TRTSDT"] = pd.NaT
    out, _ = derive_adtte(responses(given), adsl, study)
    assert out[["USUBJID", "PARAMCD"]].to_numpy().tolist() == [["1", "OS"], ["1", "PFS"], ["1", "PFSS1"]]


def test_a_parameter_decides_whose_responses_count(study: StudySpec) -> None:
    given = table("""
    id | base | responses    | recomputed           | confirmed
    1  | -7   | 43 SD, 85 PD | 43 PR, 85 PR, 169 PD | 43
    2  | -7   | 43 SD, 85 PD | 43 SD, 64 PR, 127 PD |
    """)
    adrs = pd.concat([
        responses(given), responses(given, "DOVR", "recomputed"),
        confirmed(given, "DCRSP"), confirmed(given.assign(confirmed="43"), "DCRSP", "N"),
    ])  # fmt: skip
    derived = changed(study, response={"source": "derived"})
    by = {name: records(adrs, subjects(given), spec, "PFS") for name, spec in (("own", study), ("new", derived))}
    assert by["own"]["AVAL"].to_dict() == {"1": 85, "2": 85}
    assert by["new"]["AVAL"].to_dict() == {"1": 169, "2": 127}
    assert records(adrs, subjects(given), study, "DOR").empty  # the investigator confirms none
    assert records(adrs, subjects(given), derived, "DOR")["AVAL"].to_dict() == {"1": 127}


def test_the_gaps_are_parameters(study: StudySpec) -> None:
    given = table("""
    id | base | responses     | cnsr with 98 and 91 | cnsr with 97 and 90
    1  | -7   | 43 SD, 141 PD | 0                   | 5
    2  | -7   | 92 PD         | 0                   | 5
    3  | -7   | 43 SD, 140 PD | 0                   | 0
    4  | -7   | 91 PD         | 0                   | 0
    """)
    shorter = changed(study, time_to_event={"gap_days": 97, "first_gap_days": 90})
    for spec, expected in ((study, "cnsr with 98 and 91"), (shorter, "cnsr with 97 and 90")):
        found = records(responses(given), subjects(given), spec, "PFS")["CNSR"]
        assert found.tolist() == given[expected].astype("float64").tolist()


def test_imputed_dates_keep_their_flags(study: StudySpec) -> None:
    given = table("""
    id | base | confirmed | responses            | death | alive
    1  | -7   |           | 43 SD                | 60    | 50
    2  | -7   | 43        | 43 PR, 85 PR, 127 PD |       | 130
    """)
    adrs = pd.concat([responses(given), confirmed(given)], ignore_index=True).assign(ADTF="D")
    adsl = subjects(given).assign(DTHDTF=["M", None])
    out, _ = derive_adtte(adrs, adsl, study)
    flags = out.set_index(["USUBJID", "PARAMCD"])[["STARTDTF", "ADTF"]].fillna("").T.to_dict("list")
    assert flags == {
        ("1", "OS"): ["", "M"], ("1", "PFS"): ["", "M"], ("1", "PFSS1"): ["", "M"],
        ("2", "OS"): ["", ""], ("2", "PFS"): ["", "D"], ("2", "PFSS1"): ["", "D"], ("2", "DOR"): ["D", "D"],
        ("2", "TTR"): ["", "D"],
    }  # fmt: skip


def test_a_response_without_a_date_is_a_finding(study: StudySpec) -> None:
    given = table("""
    id | base | responses    | alive
    1  | -7   | 43 SD, 85 PD | 90
    """)
    adrs = responses(given).assign(SRCDOM="RS", SRCSEQ=[11.0, 12.0])
    adrs.loc[1, "ADT"] = pd.NaT
    out, findings = derive_adtte(adrs, subjects(given), study)
    assert findings[["code", "dataset", "srcseq", "usubjid"]].to_numpy().tolist() == [["ADAM-460", "RS", "12", "1"]]
    assert out.set_index("PARAMCD")["AVAL"].to_dict() == {"OS": 90, "PFS": 43, "PFSS1": 43}


def test_the_decision_can_be_explained(study: StudySpec) -> None:
    given = section("PFS").frame()
    trace = explain_time_to_event("3 therapy is asked first", responses(given), subjects(given), study)
    trace = trace[trace["PARAMCD"] == "PFS"]
    assert trace.loc[trace["DECIDES"], "CASE"].tolist() == ["2a new therapy"]
    held = ["2a new therapy", "2b new therapy, unassessed", "3a missed assessments", "4a progression", "4b death",
            "5a no event", "5b no event, unassessed"]  # fmt: skip
    assert trace.loc[trace["HOLDS"], "CASE"].tolist() == held
    assert explain_time_to_event("nobody", responses(given), subjects(given), study).empty


def test_the_docstring_has_the_cases_in_the_order_of_the_list() -> None:
    from adam.rules import time_to_event

    # Python 3.13 takes the indentation off a docstring, earlier versions keep it
    documented = re.findall(r"^ *(\d[ab]?)\. ", time_to_event.progression.__doc__ or "", re.MULTILINE)
    given = subjects(table("id | base\n1 | -7"))
    given = given.assign(
        EVENTDT=given["DTHDT"],
        **{f"{p}_{c}": None for p in ("PD", "LAST", "BEFORE_NEW", "BEFORE_EVENT") for c in ("ADT", "ADTF", "ASEQ")},
    )
    given = given.assign(**{f"{p}_ADT": given["DTHDT"] for p in ("PD", "LAST", "BEFORE_NEW", "BEFORE_EVENT")})
    gaps = time_to_event.TimeToEventParameters(
        origin="first_dose", duration_from="confirmed", gap_days=98, first_gap_days=91
    )
    cases = time_to_event.progression(given, gaps, time_to_event.from_adsl(given, "TRTSDT"), "FIRST DOSE")
    assert documented == [case.name.split(" ")[0] for case in cases]


ORIGINS = """
id  | enrolled | base | responses           | death | alive | first_dose | enrolment # why: CNSR and AVAL of OS
801 | -5       | -7   |                     | 60    |       | 0 60       | 0 65      # no day 0: five days earlier
802 | 1        | -7   |                     |       | 90    | 1 90       | 1 90      # enrolled and treated on one day
803 | -5       | -7   |                     |       |       | 1 1        | 1 1       # never known alive: at the origin
804 | 5        | -7   |                     |       | 3     | 1 3        | 1 1       # last known alive before it
805 |          | -7   |                     | 60    |       | 0 60       |           # without the origin no record
"""


def test_survival_begins_where_the_study_says(study):
    lines = table(ORIGINS)
    adsl = subjects(lines).assign(ENRLDT=date(lines["enrolled"]))
    for origin in ("first_dose", "enrolment"):
        found = records(responses(lines), adsl, changed(study, time_to_event={"origin": origin}), "OS")
        told = found["CNSR"].astype("int64").astype("str") + " " + found["AVAL"].astype("int64").astype("str")
        expected = lines.set_index("id")[origin].dropna()
        assert told.to_dict() == expected.to_dict()


def test_time_to_response_begins_there_too(study):
    lines = table("id | enrolled | base | responses | confirmed\n806 | -5 | -7 | 43 PR, 85 PR | 43")
    adsl = subjects(lines).assign(ENRLDT=date(lines["enrolled"]))
    adrs = pd.concat([responses(lines), confirmed(lines)])
    for origin, days in (("first_dose", 43), ("enrolment", 48)):  # no day 0
        found = records(adrs, adsl, changed(study, time_to_event={"origin": origin}), "TTR")
        assert found["AVAL"].to_list() == [days]


DURATIONS = """
id  | base | new | responses              | confirmed | confirmed_only | any   # why: CNSR and AVAL of DOR
901 | -7   |     | 43 PR, 85 PR, 127 PD   | 43        | 0 85           | 0 85  # confirmed
902 | -7   |     | 43 PR, 85 SD, 127 PD   |           |                | 0 85  # not confirmed
903 | -7   |     | 43 PR, 85 SD, 127 CR   |           |                | 1 85  # the first counts, whichever it is
904 | -7   |     | 43 SD, 85 PD, 127 PR   |           |                |       # behind the first PD
905 | -7   | 50  | 43 SD, 85 PR           |           |                |       # behind new therapy
906 | -7   | 85  | 43 SD, 85 PR           |           |                | 4 1   # on the day of new therapy: it censors
907 | -7   |     | 43 SD, 85 NE           |           |                |       # no response
"""


def test_a_response_has_a_duration_when_confirmed_or_always(study):
    lines = table(DURATIONS)
    adrs = pd.concat([responses(lines), confirmed(lines)])
    for kind, column in (("confirmed", "confirmed_only"), ("any", "any")):
        found = records(adrs, subjects(lines), changed(study, time_to_event={"duration_from": kind}), "DOR")
        told = found["CNSR"].astype("int64").astype("str") + " " + found["AVAL"].astype("int64").astype("str")
        assert told.to_dict() == lines.set_index("id")[column].dropna().to_dict()
