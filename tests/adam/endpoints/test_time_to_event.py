"""Time to event: censoring tables, one line a subject, in the order in which the cases are asked.

Everybody's first dose is on 2025-01-01, day 1; dates in the tables are study days, so that AVAL can be read off.
"""

from __future__ import annotations

import re

import pandas as pd
import pytest

from adam.adtte import derive_adtte, explain_time_to_event
from specs import StudySpec
from tests.adam.endpoints.days import cells, changed, date
from tests.tables import table

EVENTS = {
    "PD": "DISEASE PROGRESSION",
    "death": "DEATH",
    "response": "RESPONSE",
    "alive": "ALIVE AT LAST CONTACT",
    "none": "NO PD OR DEATH",
    "no baseline": "NO BASELINE ASSESSMENT",
    "unassessed": "NO POST-BASELINE ADEQUATE ASSESSMENT",
    "therapy": "NEW ANTICANCER THERAPY",
    "gap": "PD/DEATH AFTER >= 2 MISSED",
}
CENSORED_AT = {
    "dose": "FIRST DOSE",
    "response": "START OF RESPONSE",
    "last": "LAST ADEQUATE TUMOUR ASSESSMENT",
    "before": "LAST ADEQUATE ASSESSMENT ON OR BEFORE",
    "before gap": "LAST ADEQUATE ASSESSMENT BEFORE GAP",
    "contact": "LAST KNOWN ALIVE DATE",
    "cut-off": "DATA CUT-OFF DATE",
}


def subjects(lines: pd.DataFrame) -> pd.DataFrame:
    """ADSL from the columns id, base(line assessment), new (therapy), death, alive and cutoff, in study days."""
    missing = pd.Series(None, index=lines.index, dtype="str")
    days = {name: date(lines.get(name, missing)) for name in ("base", "new", "death", "alive", "cutoff")}
    return pd.DataFrame(
        {
            "STUDYID": "QL1706-ESCC",
            "USUBJID": lines["id"],
            "FASFL": "Y",
            "TRTSDT": date(pd.Series("1", index=lines.index)),
            "BLASDT": days["base"],
            "NACTDT": days["new"],
            "DTHDT": days["death"],
            "DTHDTF": missing,
            "LSTALVDT": days["alive"],
            "CUTOFFDT": days["cutoff"],
        }
    )


def responses(lines: pd.DataFrame, parameter: str = "OVR", column: str = "responses") -> pd.DataFrame:
    """ADRS from a column such as `43 SD, 85 PD`."""
    listed = cells(lines, column, ["day", "response"])
    missing = pd.Series(None, index=listed.index, dtype="str")
    out = pd.DataFrame(
        {
            "USUBJID": listed["USUBJID"], "PARAMCD": parameter, "AVALC": listed["response"],
            "ADT": date(listed["day"]), "ADTF": missing,
        }
    )  # fmt: skip
    return out.assign(ASEQ=out.groupby("USUBJID").cumcount() + 1.0)


def confirmed(lines: pd.DataFrame, parameter: str = "CRSP", value: str = "Y") -> pd.DataFrame:
    """The confirmed response, from the column `confirmed` (the day of its first CR or PR)."""
    given = lines.get("confirmed", pd.Series(None, index=lines.index, dtype="str"))
    out = responses(lines.assign(confirmed=given + f" {value}"), parameter, "confirmed")
    return out.assign(ASEQ=90.0)


def records(adrs: pd.DataFrame, adsl: pd.DataFrame, study: StudySpec, parameter: str) -> pd.DataFrame:
    out, _ = derive_adtte(adrs, adsl, study)
    return out[out["PARAMCD"] == parameter].set_index("USUBJID")


def assert_lines(lines: pd.DataFrame, found: pd.DataFrame) -> None:
    """One record a line, with the line's cnsr, aval, event and (where it is censored) its censoring date."""
    expected = pd.DataFrame(
        {
            "CNSR": lines["cnsr"].astype("float64"), "AVAL": lines["aval"].astype("float64"),
            "EVNTDESC": lines["event"].map(EVENTS), "CNSDTDSC": lines["at"].map(CENSORED_AT),
        }
    ).set_index(lines["id"])  # fmt: skip
    found = found[list(expected.columns)].sort_index()
    pd.testing.assert_frame_equal(found, expected.sort_index(), check_names=False, check_dtype=False)


PFS = """
id  | base | responses            | new | death | cnsr | aval | event       | at         # why
101 |      | 43 SD, 85 PD         |     |       | 2    | 1    | no baseline | dose       # PD does not help
102 |      |                      |     | 60    | 2    | 1    | no baseline | dose       # nor does death
103 |      | 43 SD                | 50  |       | 2    | 1    | no baseline | dose       # before new therapy
201 | -7   | 43 SD, 85 PD         | 84  |       | 4    | 43   | therapy     | before     # the day before PD
202 | -7   | 43 SD, 85 PD         | 85  |       | 0    | 85   | PD          |            # the day of PD
203 | -7   | 43 SD, 85 PD         | 86  |       | 0    | 85   | PD          |            # the day after PD
204 | -7   | 43 SD, 85 SD         | 85  |       | 4    | 85   | therapy     | before     # assessed on that day
205 | -7   | 43 SD, 85 SD         | 86  | 300   | 4    | 85   | therapy     | before     # before a late death
206 | -7   | 43 NE, 85 SD         | 50  |       | 4    | 1    | therapy     | dose       # NE only before it
207 | -7   |                      | 20  |       | 4    | 1    | therapy     | dose       # never assessed
208 | -7   | 43 SD                | 60  | 60    | 0    | 60   | death       |            # the day of death
209 | -7   | 43 SD                | 59  | 60    | 4    | 43   | therapy     | before     # the day before death
210 | -7   | 43 SD, 85 SD, 127 SD | 90  |       | 4    | 85   | therapy     | before     # no event; nor later SD
301 | -7   | 43 SD, 141 PD        |     |       | 0    | 141  | PD          |            # 98 days after the last
302 | -7   | 43 SD, 142 PD        |     |       | 5    | 43   | gap         | before gap # 99 days
303 | -7   | 43 SD                |     | 141   | 0    | 141  | death       |            # 98 days
304 | -7   | 43 SD                |     | 142   | 5    | 43   | gap         | before gap # 99 days
305 | -7   | 92 PD                |     |       | 0    | 92   | PD          |            # 91 days after first dose
306 | -7   | 93 PD                |     |       | 5    | 1    | gap         | dose       # 92 days
307 | -7   |                      |     | 92    | 0    | 92   | death       |            # unassessed, 91 days
308 | -7   |                      |     | 93    | 5    | 1    | gap         | dose       # 92 days
309 | -7   | 43 SD, 85 NE, 127 NE, 142 PD |  |  | 5    | 43   | gap         | before gap # NE is not adequate
310 | -7   | 43 NE, 93 PD         |     |       | 5    | 1    | gap         | dose       # NE only
311 | -7   | 43 SD, 150 SD        |     | 150   | 0    | 150  | death       |            # assessed on the day of death
312 | -7   | 43 SD, 142 PD        | 100 |       | 4    | 43   | therapy     | before     # asked before the gap
401 | -7   | 43 PD                |     | 43    | 0    | 43   | PD          |            # PD and death on one day
402 | -7   | 43 SD, 85 PD         |     | 84    | 0    | 84   | death       |            # the earlier: death
403 | -7   | 43 SD, 85 PD         |     | 86    | 0    | 85   | PD          |            # the earlier: PD
404 | -7   | 43 PD, 85 PD         |     |       | 0    | 43   | PD          |            # the first PD
405 | 1    | 43 PD                |     |       | 0    | 43   | PD          |            # baseline on day 1
406 | -7   |                      |     | 1     | 0    | 1    | death       |            # death on day 1
501 | -7   | 43 SD, 85 PR, 127 NE |     |       | 1    | 85   | none        | last       # NE is not adequate
502 | -7   | 43 NON-CR/NON-PD     |     |       | 1    | 43   | none        | last
503 | -7   |                      |     |       | 3    | 1    | unassessed  | dose       # never assessed
504 | -7   | 43 NE, 85 NE         |     |       | 3    | 1    | unassessed  | dose       # NE only
505 | -7   | -5 SD, 1 SD          |     |       | 3    | 1    | unassessed  | dose       # not after baseline
506 | -7   | -5 PD                |     |       | 3    | 1    | unassessed  | dose       # PD before first dose
"""

PFSS1 = """
id  | base | responses     | new | death | cnsr | aval | event       | at   # why
401 | -7   | 43 SD, 142 PD |     |       | 0    | 142  | PD          |      # missed visits are ignored
402 | -7   | 93 PD         |     |       | 0    | 93   | PD          |
403 | -7   | 43 SD, 85 PD  | 50  |       | 0    | 85   | PD          |      # new therapy is ignored
404 | -7   | 43 SD         | 50  | 400   | 0    | 400  | death       |      # and so is it before a death
405 |      | 43 PD         |     |       | 0    | 43   | PD          |      # PD counts without a baseline
406 |      |               |     | 60    | 0    | 60   | death       |
101 |      | 43 SD         |     |       | 2    | 1    | no baseline | dose
501 | -7   | 43 SD, 85 SD  | 50  |       | 1    | 85   | none        | last # after new therapy, too
502 | -7   | 43 NE         |     |       | 3    | 1    | unassessed  | dose
503 | -7   |               | 20  |       | 3    | 1    | unassessed  | dose
"""

DOR = """
id  | base | confirmed | responses            | new | death | cnsr | aval | event       | at         # why
101 |      | 43        | 43 PR, 85 PR, 127 PD |     |       | 2    | 1    | no baseline | response   # not before it
201 | -7   | 43        | 43 PR, 85 PR, 127 PD | 126 |       | 4    | 43   | therapy     | before     # the day before PD
202 | -7   | 43        | 43 PR, 85 PR, 127 PD | 127 |       | 0    | 85   | PD          |            # the day of PD
203 | -7   | 43        | 43 PR, 85 PR, 127 SD | 90  |       | 4    | 43   | therapy     | before
301 | -7   | 43        | 43 PR, 85 PR, 183 PD |     |       | 0    | 141  | PD          |            # 98 days
302 | -7   | 43        | 43 PR, 85 PR, 184 PD |     |       | 5    | 43   | gap         | before gap # 99 days
303 | -7   | 43        | 43 PR, 85 PR         |     | 184   | 5    | 43   | gap         | before gap
401 | -7   | 85        | 43 PR, 64 SD, 85 PR, 127 CR, 169 PD |  |  | 0 | 85 | PD        |            # the confirmed one
402 | -7   | 43        | 43 PR, 85 PR         |     | 100   | 0    | 58   | death       |
501 | -7   | 43        | 43 CR, 85 CR, 127 NE |     |       | 1    | 43   | none        | last
"""

# first dose to the start of the confirmed response: no other date moves it, and nothing is censored
TTR = """
id  | base | confirmed | responses            | new | death | cnsr | aval | event    | at # why
101 | -7   | 43        | 43 PR, 85 PR, 127 PD |     |       | 0    | 43   | response |
102 | -7   | 85        | 43 PR, 64 SD, 85 PR, 127 CR, 169 PD |  |  | 0 | 85 | response |  # the confirmed one
103 |      | 43        | 43 PR, 85 PR         |     |       | 0    | 43   | response |    # no baseline
104 | -7   | 43        | 43 PR, 85 PR         | 50  | 100   | 0    | 43   | response |    # therapy and death come later
"""

OS = """
id  | death | alive | cutoff | cnsr | aval | event | at      # why
101 | 100   | 90    |        | 0    | 100  | death |
102 | 100   | 90    | 100    | 0    | 100  | death |         # on the cut-off date
103 | 1     |       |        | 0    | 1    | death |         # the day of first dose
201 | 101   | 90    | 100    | 1    | 100  | alive | cut-off # a death after it proves life on it
202 |       | 101   | 100    | 1    | 100  | alive | cut-off # so does a contact
301 |       | 100   | 100    | 1    | 100  | alive | contact
302 |       | 90    | 100    | 1    | 90   | alive | contact
303 |       | 90    |        | 1    | 90   | alive | contact
401 |       |       |        | 1    | 1    | alive | dose    # no contact after the dose
"""


@pytest.mark.parametrize(
    ("parameter", "lines"), [("PFS", PFS), ("PFSS1", PFSS1), ("DOR", DOR), ("TTR", TTR), ("OS", OS)]
)
def test_the_first_case_that_holds_decides(parameter: str, lines: str, study: StudySpec) -> None:
    given = table(lines)
    adrs = [responses(given), confirmed(given)]
    found = records(pd.concat(adrs, ignore_index=True), subjects(given), study, parameter)
    assert_lines(given, found)


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


def test_what_lies_after_the_cutoff_is_not_known(study: StudySpec) -> None:
    given = table("""
    id | base | responses            | new | death | alive | cutoff | cnsr | aval | event | at
    1  | -7   | 43 SD, 85 SD, 127 PD |     |       | 130   | 126    | 1    | 85   | none  | last
    2  | -7   | 43 SD, 85 SD, 127 PD |     |       | 130   | 127    | 0    | 127  | PD    |
    3  | -7   | 43 SD                | 90  |       | 130   | 89     | 1    | 43   | none  | last
    4  | -7   | 43 SD                |     | 60    | 50    | 59     | 1    | 43   | none  | last
    """)
    out, _ = derive_adtte(responses(given), subjects(given), study)
    assert_lines(given, out[out["PARAMCD"] == "PFS"].set_index("USUBJID"))
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
    given = table(PFS)
    trace = explain_time_to_event("312", responses(given), subjects(given), study)
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
