"""What is reported about dose-limiting toxicity: indeterminate criteria, and judgements that differ."""

from __future__ import annotations

import pandas as pd

from adam.addlt import derive_addlt
from specs import StudySpec
from tests.adam.endpoints.dlt_cases import phase_ib, sdtm
from tests.tables import table

CASES = """
id  | neut             | plat  | temp           | ae                      | found         # code, dataset and --SEQ
101 | 5 3, 8 0.4, 10 2 |       |                |                         |
102 | 5 3, 8 0.4, 16 2 |       |                |                         | ADAM-403 LB 2 # the first low count
103 | 5 3, 8 0.9       |       | 8 38.1, 8 38.2 |                         | ADAM-403 LB 2 # no times
104 |                  |       |                | 2025-01 3 Febrile neutropenia | ADAM-403 AE 1 # in the window or not
105 | 8 0.4, 16 2      | 7 <30 |                |                         | ADAM-403 LB 1, ADAM-403 LB 3 # two
201 | 8 0.4, 15 0.4    |       |                |                         | ADAM-404 LB 1 # met, nothing marked
202 | 8 0.4, 15 0.4    |       |                | 8 4 Neutrophil count decreased * |      # met and marked
203 | 8 0.4, 15 0.4    |       |                | 9 3 Hepatitis *         |               # something is marked
204 | 8 0.4, 15 0.4    |       |                | 30 4 Neutrophil count decreased * | ADAM-404 LB 1 # after the window
205 |                  |       |                | 8 3 Febrile neutropenia | ADAM-404 AE 1 # met by the event itself
206 |                  | 9 24  |                |                         | ADAM-404 LB 1
301 | 8 0.4, 10 2      |       |                | 8 4 Neutrophil count decreased * | ADAM-404 AE 1 # marked, not met
302 | 8 2              |       |                | 6 1 Rash, 8 4 Thrombocytopenia * | ADAM-404 AE 2
303 | 8 2              |       |                | 8 3 Hepatitis *         |               # for the rest
304 | 8 0.4, 16 2      |       |                | 8 4 Neutropenia *       | ADAM-403 LB 1 # may be met
305 | 8 2              |       |                | 30 4 Neutropenia *      |               # after the window
"""


def test_findings_lie_on_the_record_that_decides(study: StudySpec) -> None:
    given = table(CASES)
    _, findings = derive_addlt(sdtm(given), phase_ib(given), study)
    place = findings["code"] + " " + findings["dataset"] + " " + findings["srcseq"]
    found = place.groupby(findings["usubjid"]).agg(lambda of: ", ".join(sorted(of)))
    expected = given.set_index("id")["found"]
    assert found.reindex(expected.index).fillna("").to_dict() == expected.fillna("").to_dict()


def test_findings_say_what_to_do(study: StudySpec) -> None:
    given = table("""
    id | neut          | ae
    1  | 8 0.4, 16 2   |
    2  | 8 0.4, 15 0.4 |
    3  | 8 2           | 8 4 Neutropenia *
    """)
    _, findings = derive_addlt(sdtm(given), phase_ib(given), study)
    differ = "The investigator's judgement and the protocol's rules differ:"
    long = "Neutrophils below 0.5: documented 8 days, no recovery seen"
    assert findings["message"].tolist() == [
        "Criterion H1G4NEUT cannot be decided: Neutrophils below 0.5: documented 1 days, at most 8 days.",
        f"{differ} rule H1G4NEUT is met ({long}), but no adverse event is marked.",
        f"{differ} the adverse event Neutropenia is marked, but no haematologic rule is met.",
    ]
    assert findings["severity"].eq("warning").all()
    assert findings["next_step"].ne("").all()


def test_phase_ii_is_not_judged(study: StudySpec) -> None:
    given = table("id | neut | ae\n1 | 8 0.4, 15 0.4 | 8 4 Neutropenia *\n2 | 8 0.4 |")
    addlt, findings = derive_addlt(sdtm(given), phase_ib(given, PHASE="II"), study)
    assert addlt.empty
    assert findings.empty


def test_marks_that_lead_nowhere_are_no_dlt(study: StudySpec) -> None:
    given = table("id | ae\n1 | 8 3 Hepatitis *")
    evidence = sdtm(given)
    evidence["SUPPAE"] = pd.concat([evidence["SUPPAE"].assign(IDVARVAL=text) for text in ("7", "x")])
    addlt, _ = derive_addlt(evidence, phase_ib(given), study)
    assert set(addlt["AVALC"]) == {"N"}
