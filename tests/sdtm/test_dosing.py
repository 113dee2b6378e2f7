"""Exposure: as collected with held doses, and one interval for each constant dose."""

from __future__ import annotations

import pandas as pd
import pytest

from sdtm import build_sdtm
from sdtm.dosing import merge_constant_doses
from sdtm.rule import Call, Made
from specs import identity
from tests.sdtm.raw import raw_forms
from tests.tables import table

# the cases of `merge_constant_doses` in its order, each with a subject of its own; the last column names the interval
LINES = table(
    """
    USUBJID | EXTRT | EXDOSE | EXDOSFRQ | EXADJ | EXSTDTC          | EXENDTC    | record | interval | why
    A1      | LEN   | 8      | QD       |       | 2025-03-01       | 2025-03-10 | 1      | 1 | 1. the first
    A2      | LEN   | 8      | QD       |       | 2025-03          | 2025-03-10 | 1      | 1 | 1. no complete start
    A2      | LEN   | 8      | QD       |       | 2025-03-05       | 2025-03-12 | 2      | 1 | 6. before the other ended
    A3      | LEN   | 8      | QD       |       | 2025-03-01       | 2025-03-10 | 1      | 1 |
    A3      | LEN   | 8      | QD       |       | 2025-04          | 2025-04-10 | 2      | 2 | 1. no complete start
    B1      | LEN   | 8      | QD       |       | 2025-03-01       | 2025-03-10 | 1      | 1 |
    B1      | LEN   | 4      | QD       | AE    | 2025-03-11       | 2025-03-20 | 2      | 2 | 2. another dose
    B1      | LEN   | 8      | QD       |       | 2025-03-21       | 2025-03-30 | 3      | 3 | 2. and back
    B2      | LEN   | 8      | QD       |       | 2025-03-01       | 2025-03-10 | 1      | 1 |
    B2      | LEN   | 8      | BID      |       | 2025-03-11       | 2025-03-20 | 2      | 2 | 2. another frequency
    B3      | LEN   | 8      | QD       |       | 2025-03-01       | 2025-03-10 | 1      | 1 |
    B3      | OTHER | 8      | QD       |       | 2025-03-11       | 2025-03-20 | 2      | 2 | 2. another treatment
    B4      | LEN   | 8      | QD       |       | 2025-03-01       | 2025-03-10 | 1      | 1 |
    B4      | LEN   | 4      | QD       |       | 2025-03-05       | 2025-03-06 | 2      | 2 | 2. within the other
    B4      | LEN   | 8      | QD       |       | 2025-03-11       | 2025-03-20 | 3      | 3 | 2.
    C1      | QL    | 5      | ONCE     |       | 2025-03-01T09:00 | 2025-03-01 | 1      | 1 |
    C1      | QL    | 5      | ONCE     |       | 2025-03-02T09:00 | 2025-03-02 | 2      | 2 | 3. stands for itself
    D1      | LEN   | 8      | QD       |       | 2025-03-01       |            | 1      | 1 |
    D1      | LEN   | 8      | QD       |       | 2025-03-11       | 2025-03-20 | 2      | 2 | 4. no end before it
    D1      | LEN   | 8      | QD       |       | 2025-03-21       | 2025-03-30 | 3      | 2 | 6. but one after that
    D2      | LEN   | 8      | QD       |       | 2025-03-01       | 2025-03    | 1      | 1 |
    D2      | LEN   | 8      | QD       |       | 2025-04-01       | 2025-04-20 | 2      | 2 | 4. a partial end
    E1      | LEN   | 8      | QD       |       | 2025-03-01       | 2025-03-10 | 1      | 1 |
    E1      | LEN   | 8      | QD       | AE    | 2025-03-12       | 2025-03-20 | 2      | 2 | 5. one day held
    F1      | LEN   | 8      | QD       |       | 2025-02-20       | 2025-02-28 | 1      | 1 |
    F1      | LEN   | 8      | QD       |       | 2025-03-01       | 2025-03-20 | 2      | 1 | 6. the next day
    F2      | LEN   | 8      | QD       |       | 2025-03-01       | 2025-03-20 | 1      | 1 |
    F2      | LEN   | 8      | QD       |       | 2025-03-05       | 2025-03-10 | 2      | 1 | 6. within
    F2      | LEN   | 8      | QD       | AE    | 2025-03-21       | 2025-03-22 | 3      | 1 | 6. next to the longest
    F3      | LEN   | 8      | QD       |       | 2025-03-01       | 2025-03-10 | 1      | 1 |
    F3      | LEN   | 8      | QD       |       | 2025-03-11       |            | 2      | 1 | 6. dosing goes on
    F4      | LEN   | 8      | QD       |       | 2025-03-01       | 2025-03-10 | 1      | 1 |
    F4      | LEN   | 8      | QD       |       | 2025-03-01       | 2025-03-10 | 2      | 1 | 6. entered twice
    """,
    numbers=("EXDOSE",),
)

INTERVALS = table(
    """
    USUBJID | EXADJ | EXSTDTC          | EXENDTC
    A1      |       | 2025-03-01       | 2025-03-10
    A2      |       | 2025-03          | 2025-03-12
    A3      |       | 2025-03-01       | 2025-03-10
    A3      |       | 2025-04          | 2025-04-10
    B1      |       | 2025-03-01       | 2025-03-10
    B1      | AE    | 2025-03-11       | 2025-03-20
    B1      |       | 2025-03-21       | 2025-03-30
    B2      |       | 2025-03-01       | 2025-03-10
    B2      |       | 2025-03-11       | 2025-03-20
    B3      |       | 2025-03-01       | 2025-03-10
    B3      |       | 2025-03-11       | 2025-03-20
    B4      |       | 2025-03-01       | 2025-03-10
    B4      |       | 2025-03-05       | 2025-03-06
    B4      |       | 2025-03-11       | 2025-03-20
    C1      |       | 2025-03-01T09:00 | 2025-03-01
    C1      |       | 2025-03-02T09:00 | 2025-03-02
    D1      |       | 2025-03-01       |
    D1      |       | 2025-03-11       | 2025-03-30
    D2      |       | 2025-03-01       | 2025-03
    D2      |       | 2025-04-01       | 2025-04-20
    E1      |       | 2025-03-01       | 2025-03-10
    E1      | AE    | 2025-03-12       | 2025-03-20
    F1      |       | 2025-02-20       | 2025-03-20
    F2      | AE    | 2025-03-01       | 2025-03-22
    F3      |       | 2025-03-01       |
    F4      |       | 2025-03-01       | 2025-03-10
    """
)


def _merged(study, lines: pd.DataFrame) -> Made:
    constant = {"EXDOSU": "mg", "EXDOSFRM": "CAPSULE", "EXROUTE": "ORAL", identity.POSITION: "1"}
    frame = lines.rename(columns={"record": identity.RECORD}).assign(**constant)
    frame = frame.astype(dict.fromkeys(constant, "str"))
    return merge_constant_doses(frame, Call(study, study.sdtm["EX"], {}, {}, args={"single": ["ONCE"]}))


@pytest.mark.parametrize("order", [0, 1, 2])
def test_the_cases_in_order(study, order):
    lines = LINES.sample(frac=1, random_state=order) if order else LINES
    made = _merged(study, lines)
    merged = made.values
    assert merged["interval"].tolist() == LINES.drop_duplicates(["USUBJID", "interval"])["interval"].tolist()
    columns = list(INTERVALS.columns)
    assert merged[columns].fillna("").to_numpy().tolist() == INTERVALS.fillna("").to_numpy().tolist()
    assert {rule: len(rows) for rule, rows in made.left_out.items()} == {"SAME-DOSE-CONTINUED": 7}


def test_nothing_to_merge(study):
    assert len(_merged(study, LINES.iloc[:0]).values) == 0


EXQL = """
    SUBJECT | FOLDER | QLYN | QLREASND      | QLDAT       | QLSTTIM | QLENTIM | QLDOSE | QLTOTAL | QLADJ
    01001   | C1D1   | Y    |               | 01 MAR 2025 | 09:00   | 10:00   | 5      | 300     | NONE
    01001   | C2D1   | N    | Adverse event |             |         |         |        |         | AE
    01001   | C3D1   | Y    |               | 12 APR 2025 | 09:00   |         | 5      | 300     | NONE
    01001   | C4D1   | Y    |               | 03 MAY 2025 |         |         | half   |         | OTH
"""
EXLEN = """
    SUBJECT | POSITION | LNSTDAT     | LNENDAT     | LNDOSE | LNADJ
    01001   | 1        | 01 MAR 2025 | 10 MAR 2025 | 8      | NONE
    01001   | 2        | 11 MAR 2025 | 20 MAR 2025 | 8      | NONE
    01001   | 3        | 21 MAR 2025 | 25 MAR 2025 | 0      | AE
    01001   | 4        | 26 MAR 2025 | 30 MAR 2025 | 8      | NONE
    01001   | 5        | 31 MAR 2025 |             | 4      | AE
"""


@pytest.fixture(scope="module")
def built(study):
    return build_sdtm(raw_forms(study, SUBJ="SUBJECT | ENRYN\n 01001 | Y", EXQL=EXQL, EXLEN=EXLEN), study)


def _shown(frame: pd.DataFrame, columns: list[str]) -> list[list[str]]:
    return frame[columns].astype("str").fillna("").to_numpy().tolist()


def test_as_collected_with_what_was_held(built):
    wanted = table(
        """
        ECTRT      | ECOCCUR | ECREASOC      | ECDOSE | ECDOSTXT | ECADJ         | VISIT         | ECSTDTC          | ECENDTC
        LENVATINIB | Y       |               | 8.0    |          |               |               | 2025-03-01       | 2025-03-10
        LENVATINIB | Y       |               | 8.0    |          |               |               | 2025-03-11       | 2025-03-20
        LENVATINIB | N       | ADVERSE EVENT |        |          | ADVERSE EVENT |               | 2025-03-21       | 2025-03-25
        LENVATINIB | Y       |               | 8.0    |          |               |               | 2025-03-26       | 2025-03-30
        LENVATINIB | Y       |               | 4.0    |          | ADVERSE EVENT |               | 2025-03-31       |
        QL1706     | Y       |               | 5.0    |          |               | CYCLE 1 DAY 1 | 2025-03-01T09:00 | 2025-03-01T10:00
        QL1706     | Y       |               | 5.0    |          |               | CYCLE 3 DAY 1 | 2025-04-12T09:00 | 2025-04-12
        QL1706     | Y       |               |        | half     | OTHER         | CYCLE 4 DAY 1 | 2025-05-03       | 2025-05-03
        QL1706     | N       | Adverse event |        |          | ADVERSE EVENT | CYCLE 2 DAY 1 |                  |
        """  # noqa: E501  # as wide as the dataset
    ).fillna("")
    assert _shown(built.datasets["EC"], list(wanted.columns)) == wanted.to_numpy().tolist()
    held = built.datasets["EC"].query("VISIT == 'CYCLE 2 DAY 1'")
    assert held["EPOCH"].tolist() == ["TREATMENT"]  # it has no date to tell


def test_one_interval_for_each_constant_dose_and_a_gap_where_doses_were_held(built):
    wanted = table(
        """
        EXTRT      | EXDOSE | EXDOSU | EXDOSFRQ | EXADJ         | EXSTDTC          | EXENDTC
        LENVATINIB | 8.0    | mg     | QD       |               | 2025-03-01       | 2025-03-20
        LENVATINIB | 8.0    | mg     | QD       |               | 2025-03-26       | 2025-03-30
        LENVATINIB | 4.0    | mg     | QD       | ADVERSE EVENT | 2025-03-31       |
        QL1706     | 5.0    | mg/kg  | ONCE     |               | 2025-03-01T09:00 | 2025-03-01T10:00
        QL1706     | 5.0    | mg/kg  | ONCE     |               | 2025-04-12T09:00 | 2025-04-12
        """
    ).fillna("")
    assert _shown(built.datasets["EX"], list(wanted.columns)) == wanted.to_numpy().tolist()


def test_an_interval_leads_to_its_first_line_and_every_line_is_accounted_for(built):
    lineage = built.lineage["EX"]
    assert lineage.loc[lineage["EXSEQ"] == 1, identity.RECORD].tolist() == ["EXLEN-1"]
    told = built.accounting.query("form == 'EXLEN' and dataset == 'EX'").set_index("rule")["rows"]
    assert told.to_dict() == {"READ": 5, "USED": 3, "NOT-GIVEN": 1, "SAME-DOSE-CONTINUED": 1, "SDTM-ROWS": 3}
