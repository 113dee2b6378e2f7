"""TU, TR, RS, LB and VS from small raw forms."""
# ruff: noqa: E501  # tables as wide as the datasets they show

from __future__ import annotations

import pandas as pd
import pytest

from sdtm import build_sdtm
from specs import identity
from tests.sdtm.findings.conftest import raw_form
from tests.tables import table

FORMS = {
    "SUBJ": """
        subject | PHASE | COHORT | ENRYN | ENRDAT
        01001   | IB    | DL1    | Y     | 28 FEB 2025
    """,
    "IC": """
        subject | folder | ICDAT
        01001   | SCRN   | 10 FEB 2025
    """,
    "DM": """
        subject | folder | BRTHDAT     | AGE | SEX | RACE  | ETHNIC
        01001   | SCRN   | 01 JAN 1960 | 65  | M   | ASIAN | NHL
    """,
    "EXQL": """
        subject | folder | QLYN | QLDAT       | QLSTTIM | QLENTIM | QLDOSE
        01001   | C1D1   | Y    | 01 MAR 2025 | 09:00   | 10:00   | 5
    """,
    "TARGET": """
        subject | folder | record | LESNO | LESLOC | LESMETH | LESDAT      | LESSTAT | LESDIAM | LESPAR | LESMRG | LESND
        01001   | SCRN   | 1      | T01   | LUNG   | CT      | 20 FEB 2025 | M       | 30      |        |        |
        01001   | SCRN   | 2      | T02   | LUNG   | CT      | 20 FEB 2025 | M       | 20,5    |        |        |
        01001   | SCRN   | 3      | T03   | MEDLN  | MRI     | 21 FEB 2025 | M       | 18      |        |        |
        01001   | SCRN   | 4      | T04   | LIVER  | CT      | 20 FEB 2025 | M       | 12      |        |        |
        01001   | TA1    | 5      | T01   | LUNG   | CT      | 12 APR 2025 | TS      |         |        |        |
        01001   | TA1    | 6      | T02   | LUNG   | CT      | 12 APR 2025 | ABS     |         |        |        |
        01001   | TA1    | 7      | T03   |        | CT      | 12 APR 2025 | M       | 9.5     |        |        |
        01001   | TA1    | 8      | T04   | LIVER  | CT      | 12 APR 2025 | ND      |         |        |        | Motion artefact
        01001   | TA2    | 9      | T04   | LIVER  | CT      | 24 MAY 2025 | MRG     |         |        | T01    |
        01001   | TA2    | 10     | T01.1 | LUNG   | CT      | 24 MAY 2025 | M       | 4       | T01    |        |
        01001   | TA2    | 11     | T01.2 | LUNG   | CT      | 24 MAY 2025 | M       | 3       | T01    |        |
        01001   | TA3    | 12     | T01.1 | LUNG   | CT      | 05 JUL 2025 | M       | 6       | T01    |        |
        01001   | TA3    | 13     | T04   | LIVER  | CT      | 05 JUL 2025 | MRG     |         |        | T01    |
        01001   | TA3    | 14     |       |        |         | 05 JUL 2025 |         |         |        |        |
    """,
    "NONTARG": """
        subject | folder | record | LESNO | LESLOC | LESMETH | LESDAT      | LESSTAT | LESND
        01001   | SCRN   | 21     | NT01  | BONE   | CT      | 20 FEB 2025 | PRES    |
        01001   | TA1    | 22     | NT01  | BONE   | CT      | 12 APR 2025 | ABS     |
        01001   | TA2    | 23     | NT01  | BONE   | CT      | 24 MAY 2025 | UP      |
        01001   | TA3    | 24     | NT01  | BONE   | CT      | 05 JUL 2025 | ND      | No scan
    """,
    "NEWLES": """
        subject | folder | record | LESNO | LESLOC | LESMETH | LESDAT      | LESSTAT | LESDIAM
        01001   | TA2    | 31     | NEW01 | CERLN  | CT      | 24 MAY 2025 | EQ      | 16
        01001   | TA3    | 32     | NEW01 | CERLN  | CT      | 05 JUL 2025 | UNEQ    |
    """,
    "RESP": """
        subject | folder | record | RSDAT       | TRGRESP | TRGRESP_DEC      | NTRGRESP | NEWLES | OVRLRESP
        01001   | TA1    | 41     | 12 APR 2025 | PR      | Partial response | NN       | N      | PR
        01001   | TA2    | 42     | 24 MAY 2025 | NA      | Not applicable   | PD       | EQ     | PD
        01001   | TA3    | 43     | 05 JUL 2025 | NE      | Not evaluable    | NE       | UNEQ   | NN
        01001   | TA4    | 44     | 20 AUG 2025 |         |                  |          |        | NE
    """,
    "IE": """
        subject | folder | record | IEYN | IECAT | IETESTCD | IETEST
        01001   | SCRN   | 81     | N    | EXC   | E11      | Bleeding within 3 months
        01001   | SCRN   | 82     | N    | INC   | I05      | One lesion at least
        01001   | SCRN   | 83     | Y    |       |          |
    """,
    "ECOG": """
        subject | folder | record | ECOGDAT     | ECOGRES | ECOGRES_DEC
        01001   | SCRN   | 51     | 20 FEB 2025 | 1       | Restricted in strenuous activity
    """,
    "HEM": """
        subject | folder | record | LBDAT       | LBTIM | ANALYTE | LBORRES | LBORRESU | LBORNRLO | LBORNRHI | LBND
        01001   | SCRN   | 61     | 20 FEB 2025 | 08:00 | ANC     | 1799    | /uL      | 1800     | 6300     |
        01001   | C1D1   | 62     | 01 MAR 2025 | 08:00 | ANC     | 1800    | /uL      | 1800     | 6300     |
        01001   | C1D1   | 63     | 01 MAR 2025 | 12:00 | ANC     | 6301    | /uL      | 1800     | 6300     |
        01001   | C1D8   | 64     | 08 MAR 2025 | 08:00 | ANC     | <0.1    | 10^9/L   | 1.8      | 6.3      |
        01001   | C1D8   | 65     | 08 MAR 2025 | 08:00 | PLT     | 阴性    | 10^9/L   | 125      | 350      |
        01001   | C1D8   | 66     | 08 MAR 2025 | 08:00 | HGB     | 120     | mol/L    | 115      | 150      |
        01001   | C1D8   | 67     | 08 MAR 2025 | 08:00 | WBC     |         |          |          |          | Clotted
        01001   | SCRN   | 68     | 20 FEB 2025 |       | PLT     | 150     | 10^9/L   |          | 350      |
        01001   | C1D1   | 69     | 01 MAR 2025 |       | PLT     | １６０    | 10^9/L   |          | 350      |
    """,
    "VS": """
        subject | folder | record | VSDAT       | VSTIM | TEMP | TEMP_UN | PULSE | WEIGHT | WEIGHT_UN
        01001   | C1D1   | 71     | 01 MAR 2025 | 08:30 | 98.6 | F       | 72    | 60.0   | kg
        01001   | C1D8   | 72     | 08 MAR 2025 |       | 38,5 | C       |       |        |
    """,
}


def built(study, order: int = 0):
    forms = {}
    for name, text in FORMS.items():
        frame = raw_form(study, name, text)
        frame[identity.SITE] = "01"
        forms[name] = frame.sample(frac=1, random_state=order).reset_index(drop=True) if order else frame
    return build_sdtm(forms, study)


@pytest.fixture(scope="module")
def build(study):
    return built(study)


def shown(frame: pd.DataFrame, columns: list[str]) -> list[list[str]]:
    return frame[columns].astype("str").fillna("").to_numpy().tolist()


def expected(text: str) -> tuple[list[str], list[list[str]]]:
    rows = table(text).fillna("")
    return list(rows.columns), rows.to_numpy().tolist()


def test_a_lesion_is_identified_once(build):
    columns, rows = expected(
        """
        TULNKID | TUTESTCD | TUSTRESC   | TULOC                  | TUMETHOD | TUDTC      | VISIT
        NEW01   | TUMIDENT | NEW        | CERVICAL LYMPH NODE    | CT SCAN  | 2025-05-24 | TUMOR ASSESSMENT 2
        NT01    | TUMIDENT | NON-TARGET | BONE                   | CT SCAN  | 2025-02-20 | SCREENING
        T01     | TUMERGE  | TARGET     | LUNG                   | CT SCAN  | 2025-05-24 | TUMOR ASSESSMENT 2
        T01     | TUMIDENT | TARGET     | LUNG                   | CT SCAN  | 2025-02-20 | SCREENING
        T01.1   | TUSPLIT  | TARGET     | LUNG                   | CT SCAN  | 2025-05-24 | TUMOR ASSESSMENT 2
        T01.2   | TUSPLIT  | TARGET     | LUNG                   | CT SCAN  | 2025-05-24 | TUMOR ASSESSMENT 2
        T02     | TUMIDENT | TARGET     | LUNG                   | CT SCAN  | 2025-02-20 | SCREENING
        T03     | TUMIDENT | TARGET     | MEDIASTINAL LYMPH NODE | MRI      | 2025-02-21 | SCREENING
        T04     | TUMIDENT | TARGET     | LIVER                  | CT SCAN  | 2025-02-20 | SCREENING
        """
    )
    assert shown(build.datasets["TU"], columns) == rows


def test_what_was_measured_of_each_lesion(build):
    columns, rows = expected(
        """
        TRLNKGRP | TRLNKID | TRTESTCD | TRORRES              | TRORRESU | TRSTRESC     | TRSTRESN | TRSTRESU | TRSTAT   | TRREASND
        A3       | NEW01   | LPERP    | 16                   | mm       | 16           | 16.0     | mm       |          |
        A3       | NEW01   | TUMSTATE | EQUIVOCAL            |          | EQUIVOCAL    |          |          |          |
        A4       | NEW01   | TUMSTATE | UNEQUIVOCAL          |          | UNEQUIVOCAL  |          |          |          |
        A1       | NT01    | TUMSTATE | PRESENT              |          | PRESENT      |          |          |          |
        A2       | NT01    | TUMSTATE | ABSENT               |          | ABSENT       |          |          |          |
        A3       | NT01    | TUMSTATE | INCREASED            |          | INCREASED    |          |          |          |
        A4       | NT01    | TUMSTATE |                      |          |              |          |          | NOT DONE | No scan
        A1       | T01     | LDIAM    | 30                   | mm       | 30           | 30.0     | mm       |          |
        A2       | T01     | LDIAM    | TOO SMALL TO MEASURE |          | 5            | 5.0      | mm       |          |
        A3       | T01.1   | LDIAM    | 4                    | mm       | 4            | 4.0      | mm       |          |
        A4       | T01.1   | LDIAM    | 6                    | mm       | 6            | 6.0      | mm       |          |
        A3       | T01.2   | LDIAM    | 3                    | mm       | 3            | 3.0      | mm       |          |
        A1       | T02     | LDIAM    | 20,5                 | mm       | 20.5         | 20.5     | mm       |          |
        A2       | T02     | LDIAM    | 0                    | mm       | 0            | 0.0      | mm       |          |
        A1       | T03     | LPERP    | 18                   | mm       | 18           | 18.0     | mm       |          |
        A2       | T03     | LPERP    | 9.5                  | mm       | 9.5          | 9.5      | mm       |          |
        A1       | T04     | LDIAM    | 12                   | mm       | 12           | 12.0     | mm       |          |
        A2       | T04     | LDIAM    |                      |          |              |          |          | NOT DONE | Motion artefact
        A3       | T04     | TUMSTATE | TUMOR MERGED         |          | TUMOR MERGED |          |          |          |
        A4       | T04     | TUMSTATE | TUMOR MERGED         |          | TUMOR MERGED |          |          |          |
        """
    )
    assert shown(build.datasets["TR"], columns) == rows


def test_the_investigators_response(build):
    columns, rows = expected(
        """
        RSCAT      | RSTESTCD | RSLNKGRP | RSSTRESC       | RSEVAL       | RSDTC
        ECOG       | ECOG101  |          | 1              |              | 2025-02-20
        RECIST 1.1 | NEWLPROG | A3       | EQUIVOCAL      | INVESTIGATOR | 2025-05-24
        RECIST 1.1 | NEWLPROG | A4       | UNEQUIVOCAL    | INVESTIGATOR | 2025-07-05
        RECIST 1.1 | NTRGRESP | A2       | NON-CR/NON-PD  | INVESTIGATOR | 2025-04-12
        RECIST 1.1 | NTRGRESP | A3       | PD             | INVESTIGATOR | 2025-05-24
        RECIST 1.1 | NTRGRESP | A4       | NE             | INVESTIGATOR | 2025-07-05
        RECIST 1.1 | OVRLRESP | A2       | PR             | INVESTIGATOR | 2025-04-12
        RECIST 1.1 | OVRLRESP | A3       | PD             | INVESTIGATOR | 2025-05-24
        RECIST 1.1 | OVRLRESP | A4       | NON-CR/NON-PD  | INVESTIGATOR | 2025-07-05
        RECIST 1.1 | OVRLRESP |          | NE             | INVESTIGATOR | 2025-08-20
        RECIST 1.1 | TRGRESP  | A2       | PR             | INVESTIGATOR | 2025-04-12
        RECIST 1.1 | TRGRESP  | A3       | NOT APPLICABLE | INVESTIGATOR | 2025-05-24
        RECIST 1.1 | TRGRESP  | A4       | NE             | INVESTIGATOR | 2025-07-05
        """
    )
    rs = build.datasets["RS"]
    assert shown(rs, columns) == rows
    assert rs.loc[rs["RSTESTCD"] == "TRGRESP", "RSORRES"].tolist() == [
        "Partial response", "Not applicable", "Not evaluable",
    ]  # fmt: skip
    ecog = rs[rs["RSCAT"] == "ECOG"].iloc[0]
    assert (ecog["RSORRES"], ecog["RSSTRESN"]) == ("Restricted in strenuous activity", 1.0)


def test_laboratory_results(build):
    columns, rows = expected(
        """
        LBTESTCD | LBORRES | LBORRESU | LBSTRESC | LBSTRESN | LBSTRESU | LBSTNRLO | LBSTNRHI | LBNRIND | LBSTAT   | LBLOBXFL
        HGB      | 120     | mol/L    |          |          |          |          |          |         |          |
        NEUT     | 1799    | 10^6/L   | 1.799    | 1.799    | 10^9/L   | 1.8      | 6.3      | LOW     |          |
        NEUT     | 1800    | 10^6/L   | 1.8      | 1.8      | 10^9/L   | 1.8      | 6.3      | NORMAL  |          | Y
        NEUT     | 6301    | 10^6/L   | 6.301    | 6.301    | 10^9/L   | 1.8      | 6.3      | HIGH    |          |
        NEUT     | <0.1    | 10^9/L   | <0.1     |          | 10^9/L   | 1.8      | 6.3      | LOW     |          |
        PLAT     | 150     | 10^9/L   | 150      | 150.0    | 10^9/L   |          | 350.0    | NORMAL  |          |
        PLAT     | １６０    | 10^9/L   | 160      | 160.0    | 10^9/L   |          | 350.0    | NORMAL  |          | Y
        PLAT     | 阴性    | 10^9/L   | 阴性     |          |          |          |          |         |          |
        WBC      |         |          |          |          |          |          |          |         | NOT DONE |
        """
    )
    assert shown(build.datasets["LB"], columns) == rows


def test_vital_signs(build):
    columns, rows = expected(
        """
        VSTESTCD | VSORRES | VSORRESU  | VSSTRESC | VSSTRESN | VSSTRESU  | VSDTC            | VSLOBXFL
        PULSE    | 72      | beats/min | 72       | 72.0     | beats/min | 2025-03-01T08:30 | Y
        TEMP     | 98.6    | F         | 37       | 37.0     | C         | 2025-03-01T08:30 | Y
        TEMP     | 38,5    | C         | 38.5     | 38.5     | C         | 2025-03-08       |
        WEIGHT   | 60.0    | kg        | 60       | 60.0     | kg        | 2025-03-01T08:30 | Y
        """
    )
    assert shown(build.datasets["VS"], columns) == rows


def test_criteria_not_met(build):
    columns, rows = expected(
        """
        IETESTCD | IECAT     | IEORRES | IESTRESC
        E11      | EXCLUSION | Y       | Y
        I05      | INCLUSION | N       | N
        """
    )
    assert shown(build.datasets["IE"], columns) == rows


def test_findings_of_results(build):
    found = build.findings[build.findings["code"].isin(["SDTM-206", "SDTM-207", "SDTM-209", "SDTM-210"])]
    places = found[["code", "form", "record_id", "field", "value"]].to_numpy().tolist()
    assert sorted(places) == [
        ["SDTM-206", "HEM", "66", "LBORRESU", "mol/L"],
        ["SDTM-207", "HEM", "65", "LBORRES", "阴性"],
        ["SDTM-209", "HEM", "64", "LBORRES", "<0.1"],
        ["SDTM-210", "HEM", "69", "LBORRES", "１６０"],
        ["SDTM-210", "TARGET", "2", "LESDIAM", "20,5"],
        ["SDTM-210", "VS", "72", "TEMP", "38,5"],
    ]


def test_rows_left_out_are_counted(build):
    counted = build.accounting
    tu = counted[(counted["dataset"] == "TU") & ~counted["rule"].isin(["READ", "USED"])]
    rules = tu.set_index(["form", "rule"])["rows"]
    assert rules["TARGET", "LINE-WITHOUT-LESION"] == 1


def test_row_order_does_not_matter(study, build):
    shuffled = built(study, order=1)
    for name in ("TU", "TR", "RS", "LB", "VS"):
        pd.testing.assert_frame_equal(shuffled.datasets[name], build.datasets[name])
