"""The package against plain loops written from the protocol, on histories that nobody thought of."""

from __future__ import annotations

import random

import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adam.adrs import derive_adrs
from tests.adam.response import oracle
from tests.adam.response.histories import date, day_of, one, study, together

NODES = "T02 NEW01"
TARGET_WORDS = ["0", "0", "4.9", "5", "6", "7", "8.3", "9.9", "10", "12", "14", "16", "20", "24", "30", "TS", "ND", ""]
OTHER_WORDS = ["P", "P", "A", "A", "A", "INC", "ND", ""]
NEW_WORDS = ["", "", "", "", "EQ", "UNEQ", "P", "P:9.9", "P:10", "P:14.9", "P:15", "A"]


def make_history(choose):
    """Assessments as (day, {lesion: (words, day of scan)}), with splits, mergers, gaps and two scan dates.

    `choose` picks one of several things.
    """
    targets = choose([["T01"], ["T01", "T02"], ["T01", "T02", "T03"], ["T01", "T02", "T03"], []])
    others = choose([[], ["NT01"], ["NT01", "NT02"]])
    shrinks, new_words = choose([True, False]), choose([NEW_WORDS, [""]])
    big = ["16", "20", "24.5", "30"]
    base = {name: (choose([*big, "ND"] if name == "T03" else big), -10) for name in targets}
    base |= dict.fromkeys(others, ("P", -10))
    out = [(-10, base)] if base and choose(range(12)) else []
    day, split, merged = 0, False, False
    for _ in range(choose(range(1, 8))):
        day += choose([5, 14, 27, 28, 29, 42, 42, 60])
        seen = {}
        split = split or choose(range(10)) == 0
        target_words = ["0", "0", "0", "TS", "4", "9"] if shrinks else TARGET_WORDS
        for name in targets:
            word = choose(target_words)
            if name == "T01" and split:
                parts = {part: choose(target_words) for part in ("T01.1", "T01.2")}
                seen |= {part: (what, day) for part, what in parts.items() if what}
                word = choose(["", "", "", "30"])
            if name == "T03" and (merged or choose(range(10)) == 0):
                merged = True
                word = choose(["MRG", "MRG", "", "ND", "12"])
            if word:
                seen[name] = (word, day + choose([0, 0, 0, 2]))
        for name in others:
            word = choose(["A", "A", "A", "P", ""] if shrinks else OTHER_WORDS)
            if word:
                seen[name] = (word, day + choose([0, 0, 3]))
        for name in ("NEW01", "NEW02"):
            word = choose(new_words)
            if word:
                seen[name] = (word, day + choose([0, 0, 1]))
        if seen:
            out.append((day, seen))
    return out


@st.composite
def histories(draw):
    """Histories that shrink to a readable one when a test fails."""
    return make_history(lambda options: draw(st.sampled_from(options)))


def written(assessments):
    return "\n".join(
        f"{day} | " + " ".join(f"{n}={word}@{when}" for n, (word, when) in seen.items()) for day, seen in assessments
    )


def derived(cases):
    """ADRS of several subjects, by subject."""
    adrs, _ = derive_adrs(*together(cases), study())
    return dict(iter(adrs.groupby("USUBJID")))


def check_recomputed(subjects):
    cases = {
        f"S{n}": (written(assessments), {"nodes": NODES, "adsl": {"NACTDT": date(day) if day else pd.NaT}})
        for n, (assessments, day) in enumerate(subjects)
    }
    by_subject = derived(cases)
    for n, (assessments, new_therapy) in enumerate(subjects):
        adrs, told = by_subject[f"S{n}"], cases[f"S{n}"]
        expected = oracle.Subject(assessments, NODES.split()).after_baseline()
        names = ["DTRGRESP", "DNTRGRSP", "DOVR"]
        seen = [adrs[adrs["PARAMCD"] == name].sort_values("AVISITN")["AVALC"].tolist() for name in names]
        assert list(zip(*seen, strict=True)) == [(target, other, overall) for _, target, other, overall in expected], (
            told
        )
        dates = adrs[adrs["PARAMCD"] == "DOVR"].sort_values("AVISITN")["ADT"].tolist()
        assert dates == [date(day) for day, *_ in expected], told
        pairs = oracle.counted([(day, overall) for day, *_, overall in expected], new_therapy)
        assert one(adrs, "DBOR")["AVALC"] == oracle.best(pairs, confirmation=False), told
        assert one(adrs, "DCBOR")["AVALC"] == oracle.best(pairs, confirmation=True), told


def test_recomputed_response_of_many_subjects():
    choose = random.Random(20251122).choice
    subjects = [(make_history(choose), choose([None, 40, 90])) for _ in range(1000)]
    check_recomputed([(assessments, day) for assessments, day in subjects if assessments])


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(histories().filter(bool), st.sampled_from([None, 40, 90])), min_size=1, max_size=30))
def test_recomputed_response(subjects):
    check_recomputed(subjects)


responses = st.sampled_from(["CR", "CR", "PR", "PR", "SD", "NON-CR/NON-PD", "PD", "NE", "NE"])
steps = st.tuples(st.sampled_from([7, 14, 27, 28, 29, 41, 42]), responses)


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.lists(steps, max_size=7), min_size=1, max_size=60))
def test_best_response(subjects):
    series = {}
    for n, taken in enumerate(subjects):
        day, series[f"S{n}"] = 0, []
        for step, response in taken:
            day += step
            series[f"S{n}"].append((day, response))
    cases = {
        name: ("-10 | T01=50\n" + "\n".join(f"{d} | T01=50 | {r}" for d, r in pairs), {})
        for name, pairs in series.items()
    }
    by_subject = derived(cases)
    for name, pairs in series.items():
        adrs, used = by_subject[name], oracle.counted(pairs, None)
        assert one(adrs, "BOR")["AVALC"] == oracle.best(used, confirmation=False)
        assert one(adrs, "CBOR")["AVALC"] == oracle.best(used, confirmation=True)
        confirmed = [d for i, (d, r) in enumerate(used) if oracle.is_confirmed(used, i)]
        assert one(adrs, "CRSP")["AVALC"] == ("Y" if confirmed else "N")
        assert day_of(one(adrs, "CRSP")) == (confirmed[0] if confirmed else None)


def test_the_second_opinion_is_no_mirror():
    grown = oracle.Subject([(-10, {"T01": ("50", -10)}), (42, {"T01": ("60", 42)})], []).after_baseline()
    stable = oracle.Subject([(-10, {"T01": ("50", -10)}), (42, {"T01": ("54.9", 42)})], []).after_baseline()
    assert [grown[0][3], stable[0][3]] == ["PD", "SD"]
