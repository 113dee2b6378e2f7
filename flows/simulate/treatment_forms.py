"""Forms of treatment: infusions, lenvatinib, adverse events, procedures, laboratory, vital signs."""

from __future__ import annotations

import numpy as np
import pandas as pd

from flows.simulate.adverse import codes
from flows.simulate.arrays import Texts, between, pick, stream
from flows.simulate.days import NEVER, clock, decimals
from flows.simulate.dictionary import BY_TERM
from flows.simulate.labs import draw_labs, draw_vitals
from flows.simulate.links import comments_on, lines_of_events
from flows.simulate.records import Forms, make_records
from flows.simulate.truth import Truth

PAUSE_BEFORE, PAUSE_AFTER = 3, 28  # days from the start of an event within which a dose is held for it


def fill_treatment(truth: Truth) -> Forms:
    """EXQL, EXLEN, AE, PROC, HEM, CHEM, VS."""
    rng = stream(truth.seed, "treatment forms")
    labs = draw_labs(truth.course, truth.visits, truth.events, truth.window, truth.sites, truth.seed)
    vitals = draw_vitals(truth.course, truth.visits, truth.window, truth.sites, truth.seed)
    return {
        "EXQL": _infusions(truth, rng), "EXLEN": _capsules(truth), "AE": _events(truth, rng),
        "PROC": _procedures(truth, rng),
        "HEM": _laboratory(truth, labs, "HEM"), "CHEM": _laboratory(truth, labs, "CHEM"),
        "VS": make_records(
            truth.study.forms["VS"], vitals,
            {"VSDAT": vitals["day"]} | {name: vitals[name] for name in vitals.columns[4:]},
        ),
    }  # fmt: skip


def _infusions(truth: Truth, rng: np.random.Generator) -> pd.DataFrame:
    rows = truth.dosing.infusions.assign(instance=0)
    given = rows["given"].to_numpy(dtype=bool)
    begin = between(rng, 600, 840, len(rows))
    dose = np.round(rows["dose"].to_numpy(dtype="float64") * 10).astype("int64")
    total = np.round(rows["dose"] * truth.people["weight"].to_numpy()[rows["subj"]]).astype("int64").astype("str")
    whole = decimals(dose // 10, 0) if not (dose % 10).any() else decimals(dose, 1)
    return make_records(
        truth.study.forms["EXQL"], rows,
        {
            "QLYN": np.where(given, "Y", "N"), "QLREASND": np.where(given, "", "Adverse event"),
            "QLDAT": np.where(given, rows["day"], NEVER), "QLSTTIM": clock(np.where(given, begin, NEVER)),
            "QLENTIM": clock(np.where(given, begin + between(rng, 55, 75, len(rows)), NEVER)),
            "QLDOSE": np.where(given, whole, ""), "QLTOTAL": np.where(given, total, ""),
            "QLADJ": np.where(given, "NONE", "AE"),
        },
    )  # fmt: skip


def _capsules(truth: Truth) -> pd.DataFrame:
    rows = truth.dosing.capsules
    return make_records(
        truth.study.forms["EXLEN"], truth.log(rows["subj"], rows["start"]),
        {
            "LNSTDAT": rows["start"], "LNENDAT": rows["end"], "LNADJ": rows["changed"],
            "LNDOSE": decimals(rows["dose"].to_numpy().astype("int64"), 0),
        },
    )  # fmt: skip


def _events(truth: Truth, rng: np.random.Generator) -> pd.DataFrame:
    """A line for each event and grade change; a treated subject without any has one line that says so."""
    lines = truth.events
    without = np.setdiff1d(np.flatnonzero(truth.people["treated"]), lines["subj"])
    none = make_records(
        truth.study.forms["AE"], truth.log(without, truth.people["dose"].to_numpy()[without]), {"AEYN": "N"}
    )
    fields = _event_fields(lines, rng) | {"AECOM": comments_on(lines, truth.seed)}
    fields["AEACNLEN"] = np.where((lines["action"] == "INT") & ~_paused_for(truth, lines), "NC", fields["AEACNLEN"])
    told = make_records(truth.study.forms["AE"], truth.log(lines["subj"], lines["start"]), fields)
    return pd.concat([told, none], ignore_index=True)


def _paused_for(truth: Truth, lines: pd.DataFrame) -> np.ndarray:
    """Whether lenvatinib was held from about the start of each event on."""
    pauses = truth.dosing.capsules.query("dose == 0")[["subj", "start"]].rename(columns={"start": "held"})
    both = lines[["subj", "start"]].reset_index(names="line").merge(pauses, on="subj")
    near = both["held"].sub(both["start"]).between(-PAUSE_BEFORE, PAUSE_AFTER)
    return lines.index.isin(both.loc[near, "line"])


def _event_fields(lines: pd.DataFrame, rng: np.random.Generator) -> dict[str, pd.Series | np.ndarray | str]:
    size = len(lines)
    grade, end = lines["grade"].to_numpy(dtype="int64"), lines["end"].to_numpy(dtype="int64")
    fatal, ongoing = lines["fatal"].to_numpy(dtype=bool), end == NEVER
    chance = rng.random((4, size))
    life = (grade == 4) & (chance[0] < 0.7)
    hospital = ~fatal & (grade >= 3) & (chance[1] < 0.35)
    important = (grade >= 3) & ~hospital & ~life & ~fatal & (chance[2] < 0.08)
    serious = fatal | life | hospital | important
    outcome = np.select(
        [fatal, lines["onward"].to_numpy(dtype=bool), ongoing & (chance[3] < 0.4), ongoing, chance[3] < 0.02],
        ["5", "3", "2", "3", "4"], "1",
    )  # fmt: skip
    relation = _relations(lines["pt"], rng)
    stopped = lines["action"].to_numpy() == "WD"
    yes = {True: "Y", False: "N"}

    def ticked(where: np.ndarray) -> pd.Series:
        return pd.Series(where).map(yes)

    return {
        "AEYN": "Y", "AETERM": _verbatims(lines["pt"], rng), **codes(lines["pt"]),
        "AEGRPID": decimals(lines["group"].to_numpy(dtype="int64"), 0), "AESTDAT": lines["start"], "AEENDAT": end,
        "AEONGO": ticked(ongoing), "AETOXGR": grade.astype(str), "AESER": ticked(serious), "AESDTH": ticked(fatal),
        "AESLIFE": ticked(life), "AESHOSP": ticked(hospital), "AESDISAB": "N", "AESCONG": "N",
        "AESMIE": ticked(important), **relation, "AEACNQL": np.where(stopped, "WD", np.where(fatal, "NA", "NC")),
        "AEACNLEN": np.where(fatal, "NA", lines["action"]), "AEOUT": outcome,
        "AEDTHDAT": np.where(fatal, end, NEVER), "AEDLT": lines["dlt"],
    }  # fmt: skip


def _verbatims(pt: pd.Series, rng: np.random.Generator) -> Texts:
    """What the site wrote: one of the ways to put the preferred term."""
    out = np.empty(len(pt), dtype=object)
    choice = rng.random(len(pt))
    for event in BY_TERM.values():
        here = np.flatnonzero((pt == event.term).to_numpy())
        words = np.asarray(event.verbatims, dtype=object)
        out[here] = words[(choice[here] * len(words)).astype("int64")]
    return out


def _relations(pt: pd.Series, rng: np.random.Generator) -> dict[str, np.ndarray]:
    size = len(pt)
    cause = pt.map({event.term: event.cause for event in BY_TERM.values()}).to_numpy(dtype=object)
    strong = pick(rng, ["REL", "POS", "NOT"], size, [0.45, 0.40, 0.15])
    weak = pick(rng, ["POS", "NOT"], size, [0.25, 0.75])
    to_infusion = np.where(np.isin(cause, ("QL", "BOTH")), strong, weak)
    to_capsules = np.where(np.isin(cause, ("LEN", "BOTH")), strong, weak)
    disease = (cause == "DISEASE") & (to_infusion == "NOT") & (to_capsules == "NOT")
    neither = (to_infusion == "NOT") & (to_capsules == "NOT")
    other = np.select([disease, neither], ["DIS", pick(rng, ["CM", "OTH"], size)], "NA")
    return {"AERELQL": to_infusion, "AERELLEN": to_capsules, "AERELOTH": other}


def _procedures(truth: Truth, rng: np.random.Generator) -> pd.DataFrame:
    """Platelet transfusions of the DLT window, and a few stents, drainages and red cell transfusions."""
    people = truth.people
    told = truth.window.transfusions.astype("int64")
    subj = np.flatnonzero(people["treated"].to_numpy() & (rng.random(len(people)) < 0.12))
    first, last = people["dose"].to_numpy()[subj], truth.course.events["last_seen"].to_numpy()[subj]
    day = first + 25 + (rng.random(len(subj)) * np.maximum(last - first - 26, 0)).astype("int64")
    kept = day < last
    kind = pick(rng, ["RBC", "STENT", "DRAIN"], len(subj), [0.5, 0.3, 0.2])
    words = {
        "PLT": "Platelet transfusion",
        "RBC": "Red cell transfusion",
        "STENT": "Oesophageal stent",
        "DRAIN": "Pleural drainage",
    }
    why = {"PLT": "Thrombocytopenia", "RBC": "Anaemia", "STENT": "Dysphagia", "DRAIN": "Pleural effusion"}
    terms = {"PLT": "Platelet count decreased", "RBC": "Anaemia"}
    at = truth.log(np.r_[told["subj"], subj[kept]], np.r_[told["day"], day[kept]])
    code = pd.Series(np.r_[np.full(len(told), "PLT", dtype=object), kind[kept]])
    return make_records(
        truth.study.forms["PROC"], at,
        {
            "PRCODE": code, "PRTRT": code.map(words), "PRINDC": code.map(why), "PRSTDAT": at["day"],
            "PRENDAT": at["day"],
            "PRAELN": lines_of_events(truth.events, at["subj"], at["day"], code.map(terms).fillna("")),
        },
    )  # fmt: skip


def _laboratory(truth: Truth, labs: pd.DataFrame, form: str) -> pd.DataFrame:
    rows = labs[labs["form"] == form].reset_index(drop=True)
    return make_records(
        truth.study.forms[form], rows,
        {
            "LBDAT": rows["day"], "LBTIM": clock(rows["minute"].to_numpy()), "LBNAM": rows["laboratory"],
            "ANALYTE": rows["analyte"], "LBORRES": rows["text"], "LBORRESU": rows["unit"], "LBORNRLO": rows["low"],
            "LBORNRHI": rows["high"],
        },
    )  # fmt: skip
