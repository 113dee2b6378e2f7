"""The last result before exposure and that of the baseline visit: two rules, two flags."""

from __future__ import annotations

import pandas as pd
import pytest

from sdtm.baseline import baseline_visit, last_before_exposure
from sdtm.results import standard_results
from sdtm.rule import Call
from specs import identity
from tests.tables import table

FIRST_DOSE = table(
    """
    USUBJID | RFXSTDTC
    A       | 2025-03-01T09:00
    B       | 2025-03-01
    C       |
    D       | 2025-03
    """
)

# the cases of both rules; every result is that of one test, HGB, but where it says so
RESULTS = table(
    """
    USUBJID | test | VISIT           | VISITNUM | LBDTC            | result | line | last | visit | why
    A       | HGB  | SCREENING       | 1        | 2025-02-20       | 110    | 1    |      |       | an earlier one
    A       | HGB  | CYCLE 1 DAY 1   | 10       | 2025-03-01T08:00 | 111    | 1    |      | Y     | the last of the baseline visit before the dose
    A       | HGB  | UNSCHEDULED 10  | 10.01    | 2025-03-01T08:30 | 112    | 1    | Y    |       | later, but no planned visit
    A       | HGB  | CYCLE 1 DAY 1   | 10       | 2025-03-01T09:00 | 113    | 1    |      |       | at the time of the dose
    A       | HGB  | CYCLE 1 DAY 1   | 10       | 2025-03-01T10:00 | 114    | 1    |      |       | after it
    A       | HGB  | CYCLE 1 DAY 8   | 20       | 2025-03-08       | 115    | 1    |      |       | days after it
    A       | NEUT | SCREENING       | 1        | 2025-02-20       | 2.0    | 1    | Y    | Y     | another test, seen at screening only
    A       | NEUT | CYCLE 1 DAY 1   | 10       | 2025-03-01T08:00 |        | 1    |      |       | no result
    A       | PLAT | CYCLE 1 DAY 1   | 10       | 2025-03-01       | 150    | 1    | Y    | Y     | that day, time not known
    A       | WBC  | CYCLE 1 DAY 1   | 10       |                  | 6.0    | 1    |      | Y     | no date: planned before the dose
    A       | WBC  | SCREENING       | 1        | 2025-02-20       | 6.1    | 1    | Y    |       | the visit that is preferred has a result
    A       | ALT  | SCREENING       | 1        | 2025-02          | 20     | 1    |      | Y     | a partial date
    A       | AST  | SCREENING       | 1        | 2025-02-20T08:00 | 20     | 2    | Y    | Y     | at one time: the later line
    A       | AST  | SCREENING       | 1        | 2025-02-20T08:00 | 21     | 1    |      |       |
    B       | HGB  | CYCLE 1 DAY 1   | 10       | 2025-03-01T23:00 | 111    | 1    | Y    | Y     | the time of the dose is not known
    B       | HGB  | SCREENING       | 1        | 2025-02-20       | 110    | 1    |      |       |
    C       | HGB  | SCREENING       | 1        | 2025-02-20       | 110    | 1    |      |       | never dosed
    D       | HGB  | SCREENING       | 1        | 2025-02-20       | 110    | 1    |      | Y     | the day of the dose is not known
    """,  # noqa: E501  # the reason stands beside its case
    numbers=("VISITNUM",),
)


def _records(order: int) -> pd.DataFrame:
    rows = RESULTS.rename(columns={"test": "LBTESTCD", "result": "LBORRES", "line": identity.POSITION})
    rows = rows.assign(LBSTRESC=rows["LBORRES"], **{identity.RECORD: RESULTS.index.astype("str")})
    return rows.sample(frac=1, random_state=order) if order else rows


@pytest.mark.parametrize("order", [0, 1, 2])
@pytest.mark.parametrize(
    ("rule", "args", "flag"),
    [
        (last_before_exposure, {}, "last"),
        (baseline_visit, {"visits": ["CYCLE 1 DAY 1", "SCREENING"]}, "visit"),
    ],
)
def test_which_record_is_marked(study, rule, args, flag, order):
    rows = _records(order)
    call = Call(study, study.sdtm["LB"], {"LB": rows, "DM": FIRST_DOSE}, {}, args=args)
    marked = rule(rows, call)
    assert marked.index.equals(rows.index)
    assert marked.sort_index().fillna("").tolist() == RESULTS[flag].fillna("").tolist()


def test_lesions_are_told_apart(study):
    rows = table(
        """
        USUBJID | TRTESTCD | TRLNKID | VISITNUM | TRDTC      | TRORRES | TRLOBXFL
        A       | LDIAM    | T01     | 1        | 2025-02-10 | 30      |
        A       | LDIAM    | T01     | 1        | 2025-02-20 | 31      | Y
        A       | LDIAM    | T02     | 1        | 2025-02-20 | 15      | Y
        A       | TUMSTATE | T02     | 1        | 2025-02-20 | PRESENT | Y
        A       | LDIAM    | T02     | 75       | 2025-04-20 | 14      |
        """,
        numbers=("VISITNUM",),
    )
    rows = rows.assign(TRSTRESC=rows["TRORRES"], **{identity.POSITION: "1", identity.RECORD: rows.index.astype("str")})
    spec = study.sdtm["TR"]
    call = Call(study, spec, {"TR": rows, "DM": FIRST_DOSE}, {}, args=spec.variables["TRLOBXFL"].args)
    marked = last_before_exposure(rows.astype({identity.POSITION: "str"}), call)
    assert marked.fillna("").tolist() == rows["TRLOBXFL"].fillna("").tolist()


INDICATORS = table(
    """
    LBTESTCD | LBORRES | LBORRESU | LBORNRLO | LBORNRHI | collected | LBNRIND  | why
    HGB      | 11.4    | g/dL     | 11.5     | 15.0     |           | LOW      | below the limit, in its own unit
    HGB      | 11.5    | g/dL     | 11.5     | 15.0     |           | NORMAL   | the limit itself
    HGB      | 15.0    | g/dL     | 11.5     | 15.0     |           | NORMAL   | the limit itself
    HGB      | 15.1    | g/dL     | 11.5     | 15.0     |           | HIGH     |
    HGB      | 15.1    | g/dL     | 11.5     | 15.0     | ABNORMAL  | HIGH     | the range goes first
    HGB      | 12      | g/dL     |          |          |           |          | no range
    HGB      | 12      | g/dL     |          |          | ABNORMAL  | ABNORMAL | no range, but collected
    HGB      | 阳性    |          |          |          | ABNORMAL  | ABNORMAL | in words
    HGB      | 阳性    |          |          |          |           |          | ABNORMAL is never derived
    NEUT     | <1.8    | 10^9/L   | 1.8      | 6.3      |           | LOW      | below the limit
    NEUT     | <2      | 10^9/L   | 1.8      | 6.3      |           |          | on either side of it
    NEUT     | >6.3    | 10^9/L   | 1.8      | 6.3      |           | HIGH     |
    NEUT     | >1      | 10^9/L   | 1.8      | 6.3      |           |          |
    NEUT     | 1799    | /uL      | 1800     | 6300     |           | LOW      | range converted, too
    NEUT     | 2       | strange  | 1.8      | 6.3      |           |          | no conversion
    """
)


def test_the_indicator_is_that_of_the_converted_range_and_abnormal_only_where_collected(study):
    rows = INDICATORS.drop(columns=["LBNRIND", "why"]).rename(columns={"collected": "LBNRIND"})
    rows = rows.assign(**dict.fromkeys(identity.IDENTITY, ""), _MAP=0)
    made = standard_results(rows, Call(study, study.sdtm["LB"], {}, {})).values
    assert made["LBNRIND"].fillna("").tolist() == INDICATORS["LBNRIND"].fillna("").tolist()


def test_a_panel_that_was_not_done_has_one_record(study):
    from sdtm import build_sdtm
    from tests.sdtm.raw import raw_forms

    forms = raw_forms(
        study,
        SUBJ="SUBJECT | ENRYN\n 01001 | Y",
        HEM="""
            SUBJECT | FOLDER | POSITION | LBDAT       | ANALYTE | LBORRES | LBORRESU | LBND
            01001   | SCRN   | 1        | 20 FEB 2025 | HGB     | 120     | g/L      |
            01001   | C1D1   | 1        | 01 MAR 2025 |         |         |          | Machine broken
            01001   | C1D8   | 1        | 08 MAR 2025 | HGB     |         |          | Clotted
            01001   | C1D8   | 2        | 08 MAR 2025 | PLT     | 未做    |          |
            01001   | C1D8   | 3        | 08 MAR 2025 | WBC     | ND      |          | Clotted
            01001   | C1D15  | 1        | 15 MAR 2025 |         |         |          |
        """,
    )
    built = build_sdtm(forms, study)
    wanted = table(
        """
        LBTESTCD | LBTEST                  | LBCAT      | LBORRES | LBSTRESC | LBSTAT   | LBREASND
        HGB      | Hemoglobin              | HEMATOLOGY | 120     | 120      |          |
        HGB      | Hemoglobin              | HEMATOLOGY |         |          | NOT DONE | Clotted
        LBALL    | Laboratory Test Results | HEMATOLOGY |         |          | NOT DONE | Machine broken
        PLAT     | Platelets               | HEMATOLOGY |         |          | NOT DONE | 未做
        WBC      | Leukocytes              | HEMATOLOGY |         |          | NOT DONE | Clotted
        """
    ).fillna("")
    assert built.datasets["LB"][list(wanted.columns)].fillna("").to_numpy().tolist() == wanted.to_numpy().tolist()
    left = built.accounting.query("form == 'HEM' and dataset == 'LB'").set_index("rule")["rows"].to_dict()
    assert left == {"READ": 6, "USED": 5, "LINE-WITHOUT-ANALYTE": 1, "SDTM-ROWS": 5}
    assert built.findings.query("dataset == 'LB'")["code"].tolist() == ["SDTM-205"]  # 未做
