"""Whatever the cut-off: no date after it, of any kind, in any variable of any dataset of the study."""

from __future__ import annotations

import pandas as pd
import pytest

from adam.build import build_adam
from adam.cutoff import KEPT, LEAVES_OUT, READ
from adam.rules.dates import day
from tests.adam.subject.example import example

pytestmark = pytest.mark.slow
DATE_IN_TEXT = r"(\d{4}-\d{2}-\d{2})"


def days_of(sdtm, domain, variable):
    days = day(sdtm[domain][variable].astype("str")).dropna()
    return days.sort_values(ignore_index=True)


def cutoffs(sdtm):
    """A day before everybody's first dose, the days around a death, one in the middle, and the last day."""
    doses, deaths = days_of(sdtm, "EX", "EXSTDTC"), days_of(sdtm, "DM", "DTHDTC")
    one_day, death = pd.Timedelta(days=1), deaths[len(deaths) // 2]
    last = max(days_of(sdtm, *place).max() for place in (("AE", "AESTDTC"), ("EX", "EXENDTC"), ("SS", "SSDTC")))
    return {
        "before the first dose": doses.min() - one_day, "day before a death": death - one_day, "day of a death": death,
        "day after a death": death + one_day, "in the middle": doses[len(doses) // 2], "last day": last,
    }  # fmt: skip


def late_values(frame, cutoff):
    """Every value that tells of a day after the cut-off: dates, and days within texts, with USUBJID."""
    late = []
    for name, column in frame.items():
        if column.dtype.kind == "M":
            hits = column.dt.normalize() > cutoff
        elif column.dtype == "str" and name != "USUBJID":
            told = column.str.extractall(DATE_IN_TEXT)[0]
            partial = column.where(column.str.fullmatch(r"\d{4}(-\d{2})?") & name.endswith("DTC"))
            first = pd.to_datetime((partial + "-01-01").str.slice(0, 10), format="%Y-%m-%d", errors="coerce")
            dates = pd.to_datetime(told, format="%Y-%m-%d", errors="coerce").groupby(level=0).max()
            hits = (dates.reindex(column.index) > cutoff) | (first > cutoff)
        else:
            continue
        late += [
            (name, subject, value) for subject, value in zip(frame.loc[hits, "USUBJID"], column[hits], strict=True)
        ]
    return late


@pytest.fixture(scope="module", params=["made up", "simulated"])
def sdtm(request):
    return example(3) if request.param == "made up" else request.getfixturevalue("simulated_sdtm")


def test_no_date_after_the_cutoff_in_any_dataset(study, sdtm):
    uncut = build_adam(sdtm, study).datasets
    for why, cutoff in cutoffs(sdtm).items():
        build = build_adam(sdtm, study, cutoff)
        for name, frame in build.datasets.items():
            assert late_values(frame, cutoff) == [], f"{name}, cut-off {cutoff:%Y-%m-%d} ({why})"
        assert set(build.datasets) == set(uncut)
        assert (build.datasets["ADSL"]["CUTOFFDT"] == cutoff).all()
        read, kept, out = (
            build.accounting[build.accounting["rule"].isin(rules)].groupby("dataset")["rows"].sum()
            for rules in ([READ], [KEPT], LEAVES_OUT)
        )
        assert (read == kept.add(out, fill_value=0)).all(), why
    # the check itself can fail: without a cut-off there is something to find
    first = min(cutoffs(sdtm).values())
    assert all(late_values(frame, first) for name, frame in uncut.items() if name in ("ADSL", "ADAE", "ADRS", "ADTTE"))


def test_nobody_is_dosed_before_the_first_dose(study, sdtm):
    """A doubtful date may be before it, and stays: asked are the subjects whose doses all have complete dates."""
    doubtful = sdtm["EX"].loc[day(sdtm["EX"]["EXSTDTC"].astype("str")).isna(), "USUBJID"]
    build = build_adam(sdtm, study, cutoffs(sdtm)["before the first dose"]).datasets
    sure = {name: frame[~frame["USUBJID"].isin(doubtful.astype("str"))] for name, frame in build.items()}
    assert len(sure["ADSL"])
    assert set(sure["ADSL"]["SAFFL"]) <= {"N"}
    assert sure["ADSL"][["TRTSDT", "TRTEDT"]].isna().to_numpy().all()
    assert sure["ADTTE"].empty
    assert sure["ADDLT"].empty


def test_a_death_counts_from_its_day_on(study, sdtm):
    days = cutoffs(sdtm)
    who = sdtm["DM"].loc[day(sdtm["DM"]["DTHDTC"].astype("str")) == days["day of a death"], "USUBJID"].astype("str")
    for why, dead in (("day before a death", False), ("day of a death", True), ("day after a death", True)):
        adsl = build_adam(sdtm, study, days[why]).datasets["ADSL"].set_index("USUBJID").reindex(who)
        assert adsl["DTHFL"].eq("Y").eq(dead).all(), why
        assert adsl["DTHDT"].notna().eq(dead).all(), why


def test_a_later_cutoff_never_knows_less(study, sdtm):
    """Records only join as the cut-off moves on: subjects, events and assessments of an earlier one are there later."""
    ordered = sorted(cutoffs(sdtm).values())
    keys = {"ADSL": ["USUBJID"], "ADAE": ["USUBJID", "AESEQ"]}
    known = {name: set() for name in keys}
    for cutoff in ordered:
        datasets = build_adam(sdtm, study, cutoff).datasets
        for name, by in keys.items():
            now = set(map(tuple, datasets[name][by].to_numpy().tolist()))
            assert known[name] <= now, f"{name}, {cutoff:%Y-%m-%d}"
            known[name] = now


def test_dates_among_qualifiers_are_cut_too(study):
    sdtm = example(2)
    who = sdtm["DM"]["USUBJID"].iloc[0]
    sdtm["SUPPDM"] = pd.DataFrame(
        {"USUBJID": [who, who], "QNAM": ["DIAGDTC", "STAGE"], "QVAL": ["2025-05-16", "2025-05-16"]}, dtype="str"
    )
    for cutoff, diagnosed in (("2025-05-15", False), ("2025-05-16", True)):
        adsl = build_adam(sdtm, study, pd.Timestamp(cutoff)).datasets["ADSL"].set_index("USUBJID")
        assert adsl["DIAGDT"].notna()[who] == diagnosed
        assert adsl["STAGE"][who] == "2025-05-16"  # no date by its name
