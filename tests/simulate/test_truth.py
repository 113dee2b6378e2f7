"""The simulated study as a whole: dates that can be, rates that are known, and cohorts that 3+3 allows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from flows.simulate.arrays import stream
from flows.simulate.days import NEVER
from flows.simulate.escalation import escalate
from flows.simulate.truth import draw_truth
from flows.simulate.tumour_forms import fill_tumours
from tests.simulate.conftest import read_form

DATES = {
    "VISIT": "VISDAT", "EXQL": "QLDAT", "EXLEN": "LNSTDAT LNENDAT", "AE": "AESTDAT AEENDAT", "CM": "CMSTDAT CMENDAT",
    "PROC": "PRSTDAT", "HEM": "LBDAT", "CHEM": "LBDAT", "VS": "VSDAT", "ECOG": "ECOGDAT", "TARGET": "LESDAT",
    "NONTARG": "LESDAT", "NEWLES": "LESDAT", "RESP": "RSDAT", "EOT": "EOTLAST EOTDAT", "EOS": "EOSDAT", "SURV": "SSDAT",
    "SUBAC": "SASTDAT SAENDAT",
}  # fmt: skip


def _dates(folder, form):
    rows = read_form(folder, form)
    for name in DATES[form].split():
        yield name, rows[rows[name] != ""].set_index("Subject")[name].str[:10]


@pytest.fixture(scope="module")
def death(clean):
    return read_form(clean, "DEATH").set_index("Subject")["DTHDAT"].str[:10]


@pytest.mark.parametrize("form", DATES)
def test_nothing_after_death(clean, death, form):
    for name, dates in _dates(clean, form):
        of_dead = dates[dates.index.isin(death.index)]
        assert (of_dead <= death.reindex(of_dead.index)).all(), name


@pytest.mark.parametrize("form", sorted(set(DATES) - {"CM"}))
def test_nothing_before_consent(clean, form):
    consent = read_form(clean, "IC").set_index("Subject")["ICDAT"].str[:10]
    for name, dates in _dates(clean, form):
        assert (dates >= consent.reindex(dates.index)).all(), name


@pytest.mark.parametrize("form", DATES)
def test_nothing_after_it_was_saved(clean, form):
    rows = read_form(clean, form)
    for name in DATES[form].split():
        assert (rows[name] <= rows["SaveTs"]).all(), name


def test_a_death_is_told_everywhere(clean, death):
    ends = read_form(clean, "EOS").set_index("Subject")
    assert set(ends.index[ends["EOSREAS_STD"] == "DTH"]) == set(death.index)
    assert (ends.loc[death.index, "EOSDAT"].str[:10] == death).all()
    told = read_form(clean, "SURV").set_index("Subject")
    told = told[told["SSSTAT_STD"] == "D"]["SSDAT"].str[:10]
    assert (told == death.reindex(told.index)).all()
    fatal = read_form(clean, "AE").set_index("Subject")
    fatal = fatal[fatal["AESDTH_STD"] == "Y"]
    causes = read_form(clean, "DEATH").set_index("Subject")["DTHCAUS_STD"]
    assert set(fatal.index) == set(causes.index[causes == "AE"])
    assert len(fatal) > 0
    assert (fatal["AEDTHDAT"].str[:10] == death.reindex(fatal.index)).all()
    assert (fatal["AEOUT_STD"] == "5").all()
    assert (fatal["AETOXGR_STD"] == "5").all()


def test_doses_end_before_the_end_of_treatment(clean):
    ends = read_form(clean, "EOT")
    assert (ends["EOTLAST"] <= ends["EOTDAT"]).all()
    for form, start, dose, drug in (("EXLEN", "LNENDAT", "LNDOSE", "LEN"), ("EXQL", "QLDAT", "QLDOSE", "QL")):
        rows = read_form(clean, form)
        given = rows[(rows[dose] != "") & (rows[dose] != "0.0")].groupby("Subject")[start].max()
        last = ends[ends["EOTDRUG_STD"] == drug].set_index("Subject")["EOTLAST"]
        assert (given.reindex(last.index) == last).all(), form


def test_lenvatinib_has_no_holes_and_no_overlap(clean):
    rows = read_form(clean, "EXLEN")
    for _, lines in rows.groupby("Subject"):
        start, end = (pd.to_datetime(lines[name].str[:10]).to_numpy() for name in ("LNSTDAT", "LNENDAT"))
        assert (start[1:] - end[:-1] == np.timedelta64(1, "D")).all()
        assert (end[:-1] >= start[:-1]).all()


def test_visits_are_in_their_windows(study, thousand):
    first = thousand.people["dose"].to_numpy()
    for visit in study.study.visits:
        if visit.day is None:
            continue
        for n in range(visit.first, visit.last + 1):
            rows = thousand.visits[
                (thousand.visits["folder"] == visit.folder.replace("{n}", str(n))) & thousand.visits["done"]
            ]
            rows = rows[first[rows["subj"]] < NEVER]
            day = rows["day"].to_numpy() - first[rows["subj"]]
            planned = visit.day + visit.days * (n - visit.first)
            planned -= planned > 0
            assert ((day >= planned - visit.early) & (day <= planned + visit.late)).all(), (visit.folder, n)


def test_a_new_lesion_in_doubt_never_turns_out_to_be_one(thousand):
    """Whoever has a new lesion in doubt and a certain one later has the second elsewhere, under a number of its own."""
    lesions = fill_tumours(thousand)["NEWLES"]
    doubted = lesions[lesions["LESSTAT"] == "EQ"].merge(lesions[lesions["LESSTAT"] == "UNEQ"], on="subj")
    assert len(doubted) > 0
    assert (doubted["LESNO_x"] != doubted["LESNO_y"]).all()
    assert (doubted["LESLOC_x"] != doubted["LESLOC_y"]).all()
    certain = lesions[lesions["LESSTAT"] == "UNEQ"]
    assert certain.groupby("subj")[["LESNO", "LESLOC"]].nunique().eq(1).all(axis=None)


def test_events_end_after_they_start_and_have_one_code(clean):
    rows = read_form(clean, "AE").query("AEYN_STD == 'Y'")
    ended = rows[rows["AEENDAT"] != ""]
    assert (ended["AEENDAT"] >= ended["AESTDAT"]).all()
    assert ((rows["AEONGO_STD"] == "Y") == (rows["AEENDAT"] == "")).all()
    assert rows.groupby("AEPT")[["AEPTCD", "AESOC", "AESOCCD"]].nunique().eq(1).all(axis=None)
    assert rows.groupby("AEPTCD")["AEPT"].nunique().eq(1).all()


def test_the_dictionary_knows_the_terms_of_the_study(study):
    from flows.simulate.dictionary import BY_TERM

    for name in ("febrile_neutropenia", "haemorrhage", "immune_mediated"):
        assert set(study.terms(name)) <= set(BY_TERM)
    assert len({event.code for event in BY_TERM.values()}) == len(BY_TERM)


def test_screen_failures(clean):
    subjects, criteria = read_form(clean, "SUBJ"), read_form(clean, "IE").set_index("Subject")
    failed = subjects.loc[subjects["ENRYN_STD"] == "N", "Subject"]
    assert len(failed) == round(0.12 * 120)
    assert (criteria.loc[failed, "IEYN_STD"] == "N").all()
    assert (criteria.loc[failed, "IETESTCD"] != "").all()
    assert set(read_form(clean, "EXQL")["Subject"]) == set(subjects["Subject"]) - set(failed)
    assert set(read_form(clean, "EOS").query("EOSREAS_STD == 'SF'")["Subject"]) == set(failed)


def _share(truth, subj) -> float:
    return len(set(subj)) / truth.people["treated"].sum()


def _responders(truth):
    return np.flatnonzero(np.isin(truth.course.responses.overall, ("CR", "PR")).any(axis=1))


def _severe(truth, pt):
    events = truth.events
    return events.loc[(events["pt"] == pt) & (events["grade"] >= 3), "subj"]


BANDS = [
    # FACTS 1.3, with room for chance at 1,000 subjects
    ("objective response", 0.18, 0.29, _responders),
    ("death", 0.62, 0.82, lambda t: np.flatnonzero(t.course.events["death"] < NEVER)),
    ("hypertension", 0.34, 0.46, lambda t: t.events.loc[t.events["pt"] == "Hypertension", "subj"]),
    ("proteinuria", 0.25, 0.36, lambda t: t.events.loc[t.events["pt"] == "Proteinuria", "subj"]),
    ("pruritus", 0.10, 0.18, lambda t: t.events.loc[t.events["pt"] == "Pruritus", "subj"]),
    ("hypertension of grade 3", 0.10, 0.22, lambda t: _severe(t, "Hypertension")),
    ("later therapy", 0.20, 0.42, lambda t: np.flatnonzero(t.course.events["therapy"] < NEVER)),
    ("lenvatinib interrupted", 0.15, 0.35, lambda t: t.dosing.capsules.loc[t.dosing.capsules["dose"] == 0, "subj"]),
]


@pytest.mark.parametrize(("low", "high", "subjects"), [b[1:] for b in BANDS], ids=[b[0] for b in BANDS])
def test_rates(thousand, low, high, subjects):
    assert low <= _share(thousand, subjects(thousand)) <= high


def test_median_survival(thousand):
    """Kaplan-Meier medians in months: PFS about 4.8, OS about 10.5."""
    people, events = thousand.people, thousand.course.events
    treated = people["treated"].to_numpy()
    for of, low, high in ((["progression", "death"], 4.0, 5.8), (["death"], 8.8, 12.5)):
        event = events[of].min(axis=1)
        days = (np.minimum(event, events["last_seen"]) - people["dose"])[treated].to_numpy()
        happened = (event < NEVER)[treated].to_numpy()[np.argsort(days, kind="stable")]
        at_risk = np.arange(len(days), 0, -1)
        alive = np.cumprod(1 - happened / at_risk)
        assert low <= np.sort(days)[np.argmax(alive <= 0.5)] / 30.4375 <= high, of


@pytest.mark.parametrize("seed", range(40))
def test_cohorts_are_those_of_three_plus_three(study, seed):
    slots = escalate(study, stream(seed, "cohorts"))
    assert [slot.day for slot in slots] == sorted({slot.day for slot in slots})
    rule = study.study.parameters.dlt
    levels = [name for name, arm in study.study.arms.items() if arm.phase == "IB"]
    for level in levels:
        evaluable = [slot for slot in slots if slot.arm == level and slot.evaluable]
        first = sum(slot.dlt for slot in evaluable[:3])
        dlts = sum(slot.dlt for slot in evaluable)
        assert len(evaluable) in (3, 6)
        assert len(evaluable) == 6 or first == 0
        assert first < rule.stop_min_dlt
        assert dlts <= rule.expand_max_dlt
    assert sum(slot.dlt for slot in slots) == 2
    assert sum(not slot.evaluable for slot in slots) <= 1


@pytest.mark.parametrize("seed", range(6))
def test_toxicities_of_phase_ib(study, seed):
    """One DLT is a neutropenia of grade 4 for seven days or more, one is of the platelets; nobody else has one."""
    truth = draw_truth(study, 40, seed, clean=True)
    finding = truth.people[truth.people["phase"] == "IB"]
    assert sorted(finding["dlt"][finding["dlt"] > 0]) == [1, 2]
    low = truth.window.dips
    long = low[(low["analyte"] == "ANC") & (low["value"] < 0.5) & (low["end"] - low["start"] >= 7)]
    assert long["subj"].tolist() == finding.index[finding["dlt"] == 1].tolist()
    marked = truth.window.events.loc[truth.window.events["dlt"] == "Y", "subj"]
    assert set(marked) == set(finding.index[finding["dlt"] > 0])
    window = truth.people["dose"].to_numpy()[truth.events["subj"]] + 20
    others = truth.events[(truth.events["dlt"] == "Y") | (truth.events["start"] <= window)]
    others = others[others["subj"].isin(finding.index[finding["dlt"] == 0])]
    assert not others["pt"].isin(["Febrile neutropenia", "Epistaxis"]).any()


def test_every_kind_of_toxicity_comes_up_at_some_seed(study):
    kinds = set()
    for seed in range(12):
        window = draw_truth(study, 20, seed, clean=True).window
        marked = set(window.events.loc[window.events["dlt"] == "Y", "pt"])
        kinds |= marked | ({"transfusion"} if len(window.transfusions) else set())
        kinds |= {"fever"} if (window.fevers["temp"] > 38.3).any() else set()
        kinds |= (
            {"grade 4 platelets"} if ((window.dips["analyte"] == "PLT") & (window.dips["value"] < 25)).any() else set()
        )
    assert {
        "Neutrophil count decreased", "Febrile neutropenia", "fever", "Epistaxis", "transfusion", "grade 4 platelets",
        "Autoimmune hepatitis",
    } <= kinds  # fmt: skip


def test_a_larger_study_keeps_its_phase_ib(study):
    small, large = (draw_truth(study, size, 3, clean=True).people for size in (60, 400))
    assert (small["phase"] == "IB").sum() == (large["phase"] == "IB").sum()
    assert large["phase"].value_counts()["II"] > 300
