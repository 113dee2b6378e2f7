"""Results as collected, made numbers in the study's units."""

import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from sdtm.units import convert_results
from specs.loader import find_study
from specs.units import UnitTable
from tests.tables import table

UNITS = UnitTable.model_validate(yaml.safe_load((find_study("ql1706") / "units.yaml").read_text(encoding="utf-8")))


def converted(domain: str, rows: pd.DataFrame) -> pd.DataFrame:
    return convert_results(rows["test"], rows["result"], rows["unit"], UNITS.groups(domain))


# the cases of `convert_results`, in its order; every expected text worked out by hand
LB = table(
    """
    test  | result   | unit    | text    | of      | why
    PLAT  |          | 10^9/L  |         |         | 1. no result
    PLAT  | 阴性     | 10^9/L  | 阴性    |         | 2. no number: as collected
    PLAT  | 1,234    | 10^9/L  | 1,234   |         | 2. a thousand or one and a bit
    PLAT  | 12-15    | 10^9/L  | 12-15   |         | 2. a range is no number
    PLAT  | .        | 10^9/L  | .       |         | 2. a point is no number
    PLAT  | 150      | 10^6/mL |         |         | 3. no conversion
    PLAT  | 150      |         |         |         | 3. no unit
    HGB   | 120      | 10^9/L  |         |         | 3. a unit of another test
    NEUT  | <0.1     | 10^9/L  | <0.1    | 10^9/L  | 4. below a limit
    NEUT  | <100     | /uL     | <0.1    | 10^9/L  | 4. the limit is converted
    PLAT  | >1000    | 10^9/L  | >1000   | 10^9/L  | 4. above a limit
    PLAT  | ≥ 1000   | 10^9/L  | >=1000  | 10^9/L  | 4. at or above a limit
    NEUT  | 450      | /uL     | 0.45    | 10^9/L  | 5. exactly
    NEUT  | 500      | /uL     | 0.5     | 10^9/L  | 5. the limit of grade 4 itself
    NEUT  | 499.6    | /uL     | 0.4996  | 10^9/L  | 5. not rounded up to the limit
    NEUT  | 450      | 10^6/L  | 0.45    | 10^9/L  | 5. the CDISC term of the same unit
    NEUT  | 0.50     | 10^3/uL | 0.5     | 10^9/L  | 5. no zeros at the end
    PLAT  | 49.99    | K/uL    | 49.99   | 10^9/L  | 5. another spelling
    PLAT  | 25       | ×10⁹/L  | 25      | 10^9/L  | 5. superscripts
    PLAT  | 25       | X10^9/l | 25      | 10^9/L  | 5. case does not matter
    HGB   | 9.95     | g/dL    | 99.5    | g/L     | 5. times ten
    CREAT | 1.1      | mg/dL   | 97.26   | umol/L  | 5. 97.262 rounded to two
    CREAT | 0.25     | mg/dL   | 22.11   | umol/L  | 5. 22.105: half goes up
    CREAT | 88       | µmol/L  | 88      | umol/L  | 5. micro sign
    CREAT | 88       | μmol/L  | 88      | umol/L  | 5. Greek mu
    BILI  | 1.2      | mg/dL   | 20.52   | umol/L  | 5. 20.5248
    BILI  | 12.3456  | umol/L  | 12.3456 | umol/L  | 5. the study's own unit is never rounded
    ALT   | 0.5      | ukat/L  | 30      | U/L     | 5. times sixty
    PLAT  | １２３    | 10^9/L  | 123     | 10^9/L  | 5. full-width digits
    BILI  | 12,5     | umol/L  | 12.5    | umol/L  | 5. decimal comma
    BILI  | 0,125    | umol/L  | 0.125   | umol/L  | 5. no thousands begin with 0
    ALT   | -3       | U/L     | -3      | U/L     | 5. implausible, but a number
    """
)


def test_the_cases_in_order():
    made = converted("LB", LB)
    assert made["text"].fillna("").tolist() == LB["text"].fillna("").tolist()
    assert made["unit"].fillna("").tolist() == LB["of"].fillna("").tolist()
    numeric = LB["why"].str.startswith("5.")
    assert made["number"].notna().tolist() == numeric.tolist()
    assert made.loc[numeric, "number"].tolist() == [float(text) for text in LB.loc[numeric, "text"]]


def test_what_is_reported():
    made = converted("LB", LB)
    assert LB.loc[made["unreadable"], "result"].tolist() == ["阴性", "1,234", "12-15", "."]
    assert made["no_unit"].sum() == 3
    assert LB.loc[made["relation"] != "", "result"].tolist() == ["<0.1", "<100", ">1000", "≥ 1000"]
    assert made["bound"].dropna().tolist() == [0.1, 0.1, 1000, 1000]
    assert LB.loc[made["normalised"], "result"].tolist() == ["１２３", "12,5", "0,125"]


VS = table(
    """
    test   | result | unit | text
    TEMP   | 98.6   | F    | 37
    TEMP   | 100.4  | °F   | 38
    TEMP   | 100.94 | ℉    | 38.3   # 38.3 exactly
    TEMP   | 101    | F    | 38.33  # 38.333...: above 38.3
    TEMP   | 101.03 | F    | 38.35  # exactly
    TEMP   | 38.25  | C    | 38.25  # not rounded
    TEMP   | -40    | F    | -40
    WEIGHT | 130    | 斤   | 65
    WEIGHT | 150    | lbs  | 68     # 68.0388555
    HEIGHT | 1.72   | m    | 172
    PULSE  | 72     | bpm  | 72
    """
)


def test_vital_signs():
    made = converted("VS", VS)
    assert made["text"].tolist() == VS["text"].tolist()
    assert made["number"].tolist() == [float(text) for text in VS["text"]]


def test_negative_half_is_rounded_away_from_zero():
    groups = UnitTable.model_validate(
        {"domains": {"XX": [{"tests": ["A"], "unit": "u", "from": {"u": {}, "v": {"factor": "0.1", "decimals": 0}}}]}}
    ).groups("XX")
    rows = pd.DataFrame({"test": "A", "result": ["-5", "5", "-4", "15"], "unit": "v"}, dtype="str")
    made = convert_results(rows["test"], rows["result"], rows["unit"], groups)
    assert made["text"].tolist() == ["-1", "1", "0", "2"]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.decimals(0, 100000, places=3), min_size=1, max_size=30), st.randoms(use_true_random=False))
def test_a_count_per_microlitre_keeps_its_side_of_every_limit(counts, random):
    texts = [str(c) for c in counts]
    random.shuffle(texts)
    rows = pd.DataFrame({"test": "NEUT", "result": texts, "unit": "/uL"}, dtype="str")
    number = converted("LB", rows)["number"].to_numpy()
    for limit in (0.5, 1.0, 25, 50):
        below = np.array([1000 * limit > float(text) for text in texts])
        assert ((number < limit) == below).all()


FAULTS = [
    ({"u": {}, "v": {"factor": "5/9"}}, "say how many `decimals`"),
    ({"u": {}, "v": {"factor": 0}}, "loses the result"),
    ({"u": {}, "v": {"factor": "ten"}}, "no decimal number"),
    ({"v": {"factor": 10}}, "itself is missing"),
    ({"u": {"also": ["V"]}, "v": {"factor": 10}}, "stands twice"),
]


@pytest.mark.parametrize(("conversions", "message"), FAULTS)
def test_a_wrong_unit_table_is_refused(conversions, message):
    with pytest.raises(ValidationError, match=message):
        UnitTable.model_validate({"domains": {"LB": [{"tests": ["A"], "unit": "u", "from": conversions}]}})


def test_a_test_stands_in_one_group_only():
    group = {"tests": ["A"], "unit": "u", "from": {"u": {}}}
    with pytest.raises(ValidationError, match="test A stands twice"):
        UnitTable.model_validate({"domains": {"LB": [group, group]}})
