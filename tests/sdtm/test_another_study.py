# ruff: noqa: E501  (tables are as wide as they are)
"""A study of another field runs from its YAML, without any code of its own."""

from __future__ import annotations

import pandas as pd
import pytest

from sdtm import RULES, build_sdtm
from specs import KnownRules, load_study
from specs.errors import SpecError
from tests.sdtm.asthma import FILES, write_study
from tests.sdtm.raw import raw_forms
from tests.tables import table

PAT = """
 SUBJECT | SITE | GENDER | ARM | BORN
 A-001   | 7    | w      | P   | 12/31/1990
 A-002   | 7    |        | A   | 31/12/1990     # month 31
 B-001   | 8    | ?      |     | UNK/1980
"""
SPIRO = """
 SUBJECT | FOLDER | SITE | POSITION | WHEN       | CLOCK | FEV1 | FEV1_UN | PEF  | QUALITY
 A-001   | V2     | 7    | 1        | 03/09/2025 | 0800  | 2,5  | l       | 400  | A
 A-001   | V1     | 7    | 1        | 03/02/2025 | 24:00 | 2.4  |         | 0    | ?
 A-001   | V1     | 7    | 2        | 03/02/2025 | 08:00 | 9.9  | L       | 900  | REJECTED
 B-001   | V1     | 8    | 1        | 03/2025    | 08:00 | 1.5  | pints   |      |
 B-001   | V1     | 8    | 2        | 03/03/2025 |       |      |         |      | B      # neither value
"""
EXPECTED = """
 USUBJID          | RESEQ | RETESTCD | REORRES | REORRESU | RESTRESN | VISITNUM | VISIT   | VISITDY | REDTC            | REDY
 ASTHMA-1.7.A-001 | 1     | FEV1     | 2.4     | L        | 2.4      | 1        | VISIT 1 | 1       | 2025-03-03T00:00 | 1
 ASTHMA-1.7.A-001 | 2     | FEV1     | 2,5     | L        | 2.5      | 2        | VISIT 2 | 8       | 2025-03-09T08:00 | 7
 ASTHMA-1.7.A-001 | 3     | PEF      | 400     | L/min    | 400      | 2        | VISIT 2 | 8       | 2025-03-09T08:00 | 7
 ASTHMA-1.8.B-001 | 1     | FEV1     | 1.5     | pints    | 1.5      | 1        | VISIT 1 | 1       | 2025-03          |
"""


@pytest.fixture
def asthma(tmp_path):
    return load_study(write_study(tmp_path), KnownRules(sdtm=frozenset(RULES), adam=frozenset()))


def test_two_forms_become_two_domains(asthma):
    built = build_sdtm(raw_forms(asthma, PAT=PAT, SPIRO=SPIRO), asthma)
    expected = table(EXPECTED, numbers=("RESEQ", "RESTRESN", "VISITNUM", "VISITDY", "REDY"))
    pd.testing.assert_frame_equal(built.datasets["RE"][list(expected.columns)], expected)
    dm = built.datasets["DM"]
    assert dm[["SEX", "ARM", "BRTHDTC", "LABEL"]].astype("object").where(dm.notna(), None).values.tolist() == [
        ["F", "Placebo", "1990-12-31", "7/A-001"],
        ["M", "Active", None, "7/A-002"],
        ["?", None, "1980", "8/B-001"],
    ]
    assert dm["RFSTDTC"].fillna("").tolist() == ["2025-03-03T00:00", "", "2025-03"]


def test_its_findings_and_its_accounting(asthma):
    built = build_sdtm(raw_forms(asthma, PAT=PAT, SPIRO=SPIRO), asthma)
    found = built.findings[["code", "record_id", "variable", "field", "value"]]
    assert sorted(tuple(row) for row in found.values.tolist()) == [
        ("SDTM-201", "PAT-2", "BRTHDTC", "BORN", "31/12/1990"),
        ("SDTM-202", "PAT-3", "BRTHDTC", "BORN", "UNK/1980"),
        ("SDTM-202", "SPIRO-4", "REDTC", "WHEN", "03/2025"),
        ("SDTM-203", "PAT-3", "SEX", "GENDER", "?"),
        ("SDTM-210", "SPIRO-1", "RESTRESN", "FEV1", "2,5"),
        ("SDTM-211", "SPIRO-1", "REORRESU", "", "L/min"),
        ("SDTM-211", "SPIRO-4", "REORRESU", "FEV1", "pints"),
        ("SDTM-212", "SPIRO-2", "REDTC", "CLOCK", "24:00"),
    ]
    spiro = built.accounting.query("form == 'SPIRO' and dataset == ''").set_index("rule")["rows"].to_dict()
    assert spiro == {"READ": 5, "USED": 3, "REJECTED-CURVE": 2}
    supp = built.datasets["SUPPRE"]
    assert supp[["IDVARVAL", "QNAM", "QVAL"]].values.tolist() == [["2", "QUALITY", "A"], ["3", "QUALITY", "A"]]


@pytest.mark.parametrize(
    ("file", "old", "new", "fact", "hint"),
    [
        ("sdtm/re.yaml", "form: SPIRO", "form: SPIR0", "There is no form 'SPIR0'.", "did you mean 'SPIRO'?"),
        ("sdtm/re.yaml", "from: WHEN", "from: WHN", "There is no field of form SPIRO 'WHN'.", "did you mean 'WHEN'?"),
        ("sdtm/re.yaml", "rule: study_day", "rule: study_days", "There is no rule 'study_days'.", "did you mean 'study_day'?"),
        ("sdtm/re.yaml", "of: REDTC", "of: REDT", "There is no variable 'REDT'.", "did you mean 'REDTC'"),
        ("sdtm/re.yaml", "as: unit", "as: unti", "Input should be", ""),
        ("sdtm/re.yaml", "from: FEV1, as: unit", "from: PEF, as: unit", "`as: unit` does not fit PEF", ""),
        ("sdtm/dm.yaml", "as: iso8601", "as: decode", "`as: decode` does not fit BORN, a field of kind date.", ""),
        ("sdtm/re.yaml", "left_out: REJECTED-CURVE", "", "`where` and `left_out`", ""),
        ("sdtm/re.yaml", "present: true", "present: true, above: 1", "a condition is `any`, or `field`", ""),
    ],
)  # fmt: skip
def test_a_fault_in_the_mapping_is_refused_at_load(tmp_path, file, old, new, fact, hint):
    folder = write_study(tmp_path)
    assert old in FILES[file]
    (tmp_path / file).write_text(FILES[file].replace(old, new, 1).lstrip("\n"), encoding="utf-8")
    with pytest.raises(SpecError) as refused:
        load_study(folder, KnownRules(sdtm=frozenset(RULES), adam=frozenset()))
    text = str(refused.value)
    assert fact.casefold() in text.casefold()
    assert hint in text


def test_variables_that_need_each_other_over_two_domains_are_refused(tmp_path):
    folder = write_study(tmp_path)
    path = tmp_path / "sdtm/re.yaml"
    path.write_text(path.read_text().replace("from: WHEN, as: iso8601, time: CLOCK", "rule: study_day, of: VISIT"))
    with pytest.raises(SpecError, match="circle") as refused:
        build_sdtm({}, load_study(folder))
    assert "DM.RFSTDTC" in str(refused.value)
