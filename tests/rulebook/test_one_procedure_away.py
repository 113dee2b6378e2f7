"""The results of the study are one procedure away: one filter on a dataset, and no more programming.

The small study's medians, limits and rates are worked out by hand below. With n at risk and d events, S is multiplied
by (n - d)/n, and the variance of log S grows by d/(n(n - d)) (Greenwood). A limit of the median is the first day on
which that limit of S is 0.5 or less (Brookmeyer and Crowley 1982); the limits of S are S^exp(±1.96 se) with
se = sqrt(variance)/|log S| (log-log).

OS: deaths on days 20, 40, 60, 80, 100, 120, 140, 160, 180; alive on 50, 130, 200.

| day | n  | d | S      | variance | lower  | upper  |
| 20  | 12 | 1 | 0.9167 | 0.0076   | 0.5390 | 0.9878 |
| 40  | 11 | 1 | 0.8333 | 0.0167   | 0.4817 | 0.9555 | lower limit
| 60  | 9  | 1 | 0.7407 | 0.0306   | 0.3907 | 0.9086 |
| 80  | 8  | 1 | 0.6481 | 0.0484   | 0.3097 | 0.8518 |
| 100 | 7  | 1 | 0.5556 | 0.0722   | 0.2369 | 0.7867 |
| 120 | 6  | 1 | 0.4630 | 0.1056   | 0.1719 | 0.7140 | median
| 140 | 4  | 1 | 0.3472 | 0.1889   | 0.0938 | 0.6233 |
| 160 | 3  | 1 | 0.2315 | 0.3556   | 0.0387 | 0.5177 |
| 180 | 2  | 1 | 0.1157 | 0.8556   | 0.0067 | 0.3944 | upper limit

PFS: events on days 20, 40, 43 (2), 80, 85 (2), 127, 169; censored on 43, 127, 169.

| day | n  | d | S      | variance | lower  | upper  |
| 20  | 12 | 1 | 0.9167 | 0.0076   | 0.5390 | 0.9878 |
| 40  | 11 | 1 | 0.8333 | 0.0167   | 0.4817 | 0.9555 | lower limit
| 43  | 10 | 2 | 0.6667 | 0.0417   | 0.3370 | 0.8597 |
| 80  | 7  | 1 | 0.5714 | 0.0655   | 0.2538 | 0.7958 |
| 85  | 6  | 2 | 0.3810 | 0.1488   | 0.1209 | 0.6435 | median
| 127 | 4  | 1 | 0.2857 | 0.2321   | 0.0698 | 0.5546 |
| 169 | 2  | 1 | 0.1429 | 0.7321   | 0.0100 | 0.4396 | upper limit

DOR: of three responders one lost the response after 38 and one after 127 days; one is censored after 85. S is 2/3 from
day 38 and 0 from day 127.
"""

from __future__ import annotations

from fractions import Fraction
from math import comb

import numpy as np
import pandas as pd
import pytest

from adam.build import build_adam
from tests.adam.endpoints.days import date, dtc
from tests.adam.response.histories import together
from tests.rulebook.procedures import median, rate, survival
from tests.rulebook.visits import as_history, read_responses
from tests.tables import table

SMALL = """
id | responses                     | death | alive # OS   | PFS              | response
01 |                               | 20    |       # 20   | 20 death         |
02 |                               | 40    |       # 40   | 40 death         |
03 | 43 SD                         |       | 50    # 50+  | 43+              |
04 | 43 PD                         | 60    |       # 60   | 43 PD            |
05 | 43 PR, 71 PR                  | 80    |       # 80   | 80 death         | confirmed, day 43
06 | 43 PD                         | 100   |       # 100  | 43 PD            |
07 | 43 SD, 85 PD                  | 120   |       # 120  | 85 PD            |
08 | 43 PR, 85 PR, 127 PR          |       | 130   # 130+ | 127+             | confirmed, day 43
09 | 43 SD, 85 SD, 127 PD          | 140   |       # 140  | 127 PD           |
10 | 43 SD, 85 PD                  | 160   |       # 160  | 85 PD            |
11 | 43 CR, 85 CR, 127 CR, 169 PD  | 180   |       # 180  | 169 PD           | confirmed, day 43
12 | 43 PR, 85 SD, 127 SD, 169 SD  |       | 200   # 200+ | 169+             | not confirmed
13 |                               |       |       # never treated
"""


@pytest.fixture(scope="module")
def small(study):
    """ADaM of twelve treated subjects and one screen failure. First dose is on day 1."""
    lines = table(SMALL)
    treated = lines["id"] != "13"
    tumours, _ = together(
        {line["id"]: (as_history(read_responses(line["responses"])), {})
         for line in lines[treated].fillna("").to_dict("records")}
    )  # fmt: skip
    dm = pd.DataFrame({"STUDYID": "QL1706-ESCC", "USUBJID": lines["id"], "SUBJID": lines["id"], "SITEID": "01"})
    arm = pd.Series("RP2D", dm.index).where(treated)
    dead = pd.Series("Y", dm.index).where(lines["death"].notna())
    dm = dm.assign(
        ARMCD=arm, ACTARMCD=arm, ARMNRS=pd.Series("SCREEN FAILURE", dm.index).mask(treated), RFICDTC="2024-12-15",
        DTHDTC=date(lines["death"]).dt.strftime("%Y-%m-%d"), DTHFL=dead,
    )  # fmt: skip
    own = {"USUBJID": lines["id"], "STUDYID": "QL1706-ESCC"}
    ex = pd.DataFrame({**own, "EXSEQ": 1.0, "EXTRT": "LENVATINIB", "EXDOSE": 8.0, "EXSTDTC": "2025-01-01"})[treated]
    ss = pd.DataFrame({**own, "SSSEQ": 1.0, "SSTESTCD": "SURVSTAT", "SSSTRESC": "ALIVE", "SSDTC": dtc(lines["alive"])})
    return build_adam({"DM": dm, "EX": ex, "SS": ss[lines["alive"].notna()], **tumours}, study).datasets


@pytest.fixture(scope="module")
def simulated(published):
    """The datasets as published, of a simulated study."""
    return {
        name: pd.read_parquet(published / "adam" / f"{name.lower()}.parquet")
        for name in ("ADSL", "ADRS", "ADTTE", "ADAE")
    }


def times(adam, parameter):
    """The one filter."""
    return adam["ADTTE"].query("PARAMCD == @parameter")


def analysed(adam, study, display, result):
    """The records that an analysis of the study takes, as `analyses.yaml` and define.xml say."""
    datasets = study.analyses.displays[display].results[result].datasets
    found = {}
    for name, of in datasets.items():
        rows = adam[name]
        for variable, values in of.where.items():
            rows = rows[rows[variable].isin(values)]
        found[name] = rows
    return found


MEDIANS = {"OS": (120, 40, 180), "PFS": (85, 40, 169), "DOR": (127, 38, None), "TTR": (43, None, None)}


@pytest.mark.parametrize(("parameter", "expected"), MEDIANS.items())
def test_medians_worked_out_by_hand(small, parameter, expected):
    assert median(times(small, parameter)) == expected


@pytest.mark.parametrize("parameter", ["OS", "PFS", "DOR"])
def test_the_analyses_of_the_study_take_these_records(small, study, parameter):
    assert median(analysed(small, study, parameter, "KM")["ADTTE"]) == MEDIANS[parameter]


def test_survival_worked_out_by_hand(small):
    overall, progression = (survival(times(small, parameter)) for parameter in ("OS", "PFS"))
    days = [20, 40, 60, 80, 100, 120, 140, 160, 180]
    by_hand = [0.9167, 0.8333, 0.7407, 0.6481, 0.5556, 0.4630, 0.3472, 0.2315, 0.1157]
    assert overall.evaluate(days).round(4).tolist() == by_hand
    by_hand = [0.9167, 0.8333, 0.6667, 0.5714, 0.3810, 0.2857, 0.1429]
    assert progression.evaluate([20, 40, 43, 80, 85, 127, 169]).round(4).tolist() == by_hand
    limits = overall.confidence_interval(0.95, method="log-log")
    assert limits.low.evaluate([20, 40, 180]).round(4).tolist() == [0.5390, 0.4817, 0.0067]
    assert limits.high.evaluate([20, 160, 180]).round(4).tolist() == [0.9878, 0.5177, 0.3944]


def test_only_cnsr_0_is_an_event(small):
    found = {parameter: times(small, parameter) for parameter in ("OS", "PFS", "DOR", "TTR")}
    events = {name: sorted(of.loc[of["CNSR"] == 0, "AVAL"]) for name, of in found.items()}
    censored = {name: sorted(of.loc[of["CNSR"] > 0, "AVAL"]) for name, of in found.items()}
    assert events == {
        "OS": [20, 40, 60, 80, 100, 120, 140, 160, 180],
        "PFS": [20, 40, 43, 43, 80, 85, 85, 127, 169],
        "DOR": [38, 127],
        "TTR": [43, 43, 43],
    }
    assert censored == {"OS": [50, 130, 200], "PFS": [43, 127, 169], "DOR": [85], "TTR": []}


# Clopper and Pearson: so many or more of 12 have a probability of 0.025 at the lower limit, so many or fewer at the
# upper one
@pytest.mark.parametrize(("parameter", "yes", "low", "high"), [("CRSP", 3, 0.0549, 0.5719), ("RSP", 4, 0.0992, 0.6511)])
def test_response_rates_worked_out_by_hand(small, parameter, yes, low, high):
    found = rate(small["ADRS"].query("PARAMCD == @parameter"))
    assert (*found[:2], round(found[2], 4), round(found[3], 4)) == (yes, 12, low, high)
    assert tail(range(yes, 13), found[2]) == pytest.approx(0.025)
    assert tail(range(yes + 1), found[3]) == pytest.approx(0.025)


def test_the_response_rate_of_the_study_is_that_of_the_full_analysis_set(small, study):
    found = analysed(small, study, "ORR", "RATE")
    answers = found["ADRS"][found["ADRS"]["USUBJID"].isin(found["ADSL"]["USUBJID"])]
    assert rate(answers)[:2] == (3, 12)
    assert len(found["ADSL"]) == 12


def tail(counts, share):
    """The probability of so many of 12."""
    return sum(comb(12, count) * share**count * (1 - share) ** (12 - count) for count in counts)


@pytest.mark.parametrize("parameter", ["OS", "PFS", "PFSS1"])
def test_everybody_treated_has_one_time(simulated, parameter):
    treated = simulated["ADSL"].query("FASFL == 'Y'")
    found = times(simulated, parameter)
    assert len(treated) > 50
    assert sorted(found["USUBJID"]) == sorted(treated["USUBJID"])
    assert (found["FASFL"] == "Y").all()
    events, censored = found["CNSR"] == 0, found["CNSR"] > 0
    assert events.sum() + censored.sum() == len(treated)
    assert events.any()
    assert censored.any()
    assert found.loc[events, "CNSDTDSC"].isna().all()
    assert found.loc[censored, "CNSDTDSC"].notna().all()


@pytest.mark.parametrize(("display", "result"), [("OS", "KM"), ("PFS", "KM"), ("PFS", "KMS1")])
def test_an_analysis_takes_one_time_of_everybody_treated_in_phase_ii(simulated, study, display, result):
    treated = simulated["ADSL"].query("FASFL == 'Y' and PHASE == 'II'")
    found = analysed(simulated, study, display, result)["ADTTE"]
    assert sorted(found["USUBJID"]) == sorted(treated["USUBJID"])
    assert 0 < len(found) < len(simulated["ADSL"].query("FASFL == 'Y'"))


@pytest.mark.parametrize("parameter", ["OS", "PFS", "PFSS1", "DOR", "TTR"])
def test_medians_of_a_simulated_study(simulated, parameter):
    """Against the product-limit estimate in fractions."""
    found = times(simulated, parameter)
    share, expected = Fraction(1), {}
    for day, of_day in found.groupby("AVAL"):
        at_risk = int((found["AVAL"] >= day).sum())
        share *= 1 - Fraction(int((of_day["CNSR"] == 0).sum()), at_risk)
        expected[day] = share
    curve = survival(found)
    np.testing.assert_allclose(curve.evaluate(list(expected)), [float(at_day) for at_day in expected.values()])
    at_half = next((day for day, at_day in expected.items() if at_day <= Fraction(1, 2)), None)
    value, low, high = median(found)
    assert value == at_half
    assert (low or 0) <= (value or np.inf) <= (high or np.inf)


def test_responders_are_those_of_the_times(simulated):
    adrs, treated = simulated["ADRS"], simulated["ADSL"].query("FASFL == 'Y'")
    confirmed = adrs.query("PARAMCD == 'CRSP'")
    assert rate(confirmed)[:2] == (len(times(simulated, "DOR")), len(treated))
    responders = set(confirmed.loc[confirmed["AVALC"] == "Y", "USUBJID"])
    assert responders == set(times(simulated, "DOR")["USUBJID"]) == set(times(simulated, "TTR")["USUBJID"])
    assert 0 < len(responders) < len(treated)


def test_assessments_that_count_are_one_flag(simulated):
    adrs = simulated["ADRS"]
    counted = adrs.query("PARAMCD == 'OVR' and ANL01FL == 'Y'")
    responders = set(counted.loc[counted["AVALC"].isin(["CR", "PR"]), "USUBJID"])
    assert responders == set(adrs.query("PARAMCD == 'RSP' and AVALC == 'Y'")["USUBJID"])
    best = adrs.query("PARAMCD == 'BOR'")
    assert set(best.loc[best["AVALC"].isin(["CR", "PR"]), "USUBJID"]) == responders
    assert not adrs.query("PARAMCD == 'OVR'")["ANL01FL"].eq("Y").all()


def test_subjects_with_adverse_events_are_one_flag(simulated):
    adae = simulated["ADAE"]
    first = adae.query("AOCCFL == 'Y'")
    assert sorted(first["USUBJID"]) == sorted(adae.query("TRTEMFL == 'Y'")["USUBJID"].unique())
    assert set(first["USUBJID"]) <= set(simulated["ADSL"].query("SAFFL == 'Y'")["USUBJID"])
