"""What decided a recomputed response: its date, the TR record behind it, and a sentence."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from adam.rules.lesions import TARGET
from adam.rules.new_lesions import BACK_DATED, PROGRESSION, SMALL_NODE
from adam.rules.nontarget_response import PRESENT
from adam.rules.target_response import CR, NE, NON_CR_NON_PD, NOT_APPLICABLE, PD, PR, grown
from adam.rules.tumors import SCALE, Tumors, latest_scans
from specs.models import ResponseParameters

SUM, REAPPEARED, NONTARGET, NEW = 1, 2, 3, 4
WORDS = {"BASE": "BASELINE", "NADIR": "NADIR"}


def derive_reasons(
    out: pd.DataFrame,
    regrown: pd.DataFrame,
    worse: pd.DataFrame,
    new: pd.DataFrame,
    parameters: ResponseParameters,
) -> pd.DataFrame:
    """Every reason for PD, each with the date it goes by.

    In: out (index = ASSESS, with the columns of `derive_sums`, BASELINE, TARGET); regrown targets after an overall CR;
    worse non-targets; new lesions. Out: one row an assessment and reason: ASSESS, WHY, DT, SEQ, VAR, LESION, DETAIL,
    the reason that gives the date of PD first. The sum goes by the latest target measurement, all else by the scan that
    shows it. A small new node is a reason only beside another one. Source: PROTOCOL, "(C) The date of a response".
    """
    by_sum = out[(out["TARGET"] == PD) & grown(out, parameters)]
    parts = [
        pd.DataFrame({"ASSESS": by_sum.index, "WHY": SUM, "DT": by_sum["SUMDT"], "SEQ": by_sum["SUMSEQ"]}),
        regrown[["ASSESS", "DT", "SEQ", "LESION"]].assign(WHY=REAPPEARED),
        worse[["ASSESS", "DT", "SEQ", "LESION"]].assign(WHY=NONTARGET, DETAIL=worse["STATE"]),
        new.loc[new["STATUS"].isin(PROGRESSION), ["ASSESS", "DT", "SEQ", "LESION"]].assign(
            WHY=NEW, DETAIL=new["STATUS"]
        ),
    ]
    others = pd.concat(parts)["ASSESS"]
    small = new[(new["STATUS"] == SMALL_NODE) & new["ASSESS"].isin(others)]
    parts.append(small[["ASSESS", "DT", "SEQ", "LESION"]].assign(WHY=NEW, DETAIL=small["STATUS"]))
    reasons = pd.concat(parts, ignore_index=True)
    reasons = reasons[reasons["ASSESS"].isin(out.index[out["BASELINE"]])]
    reasons["DT"] = reasons["DT"].astype("datetime64[us]")
    reasons["DETAIL"] = reasons["DETAIL"].astype("str")
    reasons["VAR"] = pd.Series(
        np.where(reasons["WHY"].isin([SUM, REAPPEARED]), "TRSTRESN", "TRSTRESC"), index=reasons.index, dtype="str"
    )
    return reasons.sort_values(["ASSESS", "DT", "WHY", "SEQ"], kind="stable", ignore_index=True)


def explain(
    out: pd.DataFrame,
    reasons: pd.DataFrame,
    measurements: pd.DataFrame,
    states: pd.DataFrame,
    tumors: Tumors,
) -> pd.DataFrame:
    """Adds to each assessment the date, the TR record and the variable of each response, and REASON.

    Adds OVERALLDT, TARGETDT, NONTARGETDT (PD: the earliest of its reasons; else, or where those have no date, the
    latest scan of the assessment), and each with SEQ and VAR; REASON, a sentence on the overall response, and WHY, the
    number of the reason for PD (missing elsewhere). Row order and count stay.
    Source: PROTOCOL, "(C) The date of a response".
    """
    latest = latest_scans(tumors.records).reindex(out.index)
    for name, kinds in {
        "OVERALL": [SUM, REAPPEARED, NONTARGET, NEW],
        "TARGET": [SUM, REAPPEARED],
        "NONTARGET": [NONTARGET],
    }.items():
        first = reasons[reasons["WHY"].isin(kinds)].drop_duplicates("ASSESS").set_index("ASSESS").reindex(out.index)
        out[f"{name}DT"] = first["DT"].fillna(out["DT"]).astype("datetime64[us]")
        out[f"{name}SEQ"] = first["SEQ"].fillna(latest)
        out[f"{name}VAR"] = first["VAR"].fillna("TRDTC")
    out["WHY"] = reasons.drop_duplicates("ASSESS").set_index("ASSESS")["WHY"].reindex(out.index)
    out["REASON"] = _sentence(out, reasons, measurements, states, tumors.lesions["LNKID"])
    return out


def _sentence(
    out: pd.DataFrame, reasons: pd.DataFrame, measurements: pd.DataFrame, states: pd.DataFrame, lnkid: pd.Series
) -> pd.Series:
    first = reasons.drop_duplicates("ASSESS").set_index("ASSESS").reindex(out.index)
    overall, target = out["OVERALL"], out["TARGET"]
    facts = pd.DataFrame(
        {
            "LESION": lnkid.reindex(first["LESION"].fillna(-1)).set_axis(out.index),
            "LOST_TARGET": _first_lost(measurements[measurements["KIND"] == TARGET], "AMOUNT", lnkid, out.index),
            "LOST_OTHER": _first_lost(states, "STATE", lnkid, out.index),
            **{name: out[name] for name in ("SUM", "BASE", "NADIR", "NONTARGET")},
        }
    )
    back = first["DETAIL"] == PRESENT
    cases: list[tuple[pd.Series, Callable[[pd.DataFrame], pd.Series | str]]] = [
        (~out["BASELINE"], lambda _: "NO BASELINE ASSESSMENT"),
        (first["WHY"] == SUM, lambda f: _sum(f) + _compared(f, "NADIR")),
        (first["WHY"] == REAPPEARED, lambda f: "TARGET " + f["LESION"] + " BACK AFTER CR"),
        ((first["WHY"] == NONTARGET) & back, lambda f: "NON-TARGET " + f["LESION"] + " BACK AFTER CR"),
        (first["WHY"] == NONTARGET, lambda f: "NON-TARGET " + f["LESION"] + " INCREASED"),
        (
            first["DETAIL"] == BACK_DATED,
            lambda f: "NEW LESION " + f["LESION"] + " FIRST SHOWN HERE, UNEQUIVOCAL LATER",
        ),
        (first["WHY"] == NEW, lambda f: "NEW LESION " + f["LESION"]),
        (overall == CR, lambda _: "EVERY LESION GONE OR NORMAL"),
        (
            (overall == PR) & (target == CR),
            lambda f: "EVERY TARGET GONE OR NORMAL, NON-TARGET RESPONSE " + f["NONTARGET"],
        ),
        (overall == PR, lambda f: _sum(f) + _compared(f, "BASE")),
        (overall == NON_CR_NON_PD, lambda _: "NON-TARGET LESIONS PRESENT, NONE INCREASED"),
        ((overall == NE) & (target == NOT_APPLICABLE), lambda f: "NON-TARGET " + f["LOST_OTHER"] + " NOT EVALUATED"),
        ((overall == NE) & facts["LOST_TARGET"].notna(), lambda f: "TARGET " + f["LOST_TARGET"] + " NOT EVALUATED"),
        (overall == NE, lambda _: "NO COMPLETE SUM AT BASELINE"),
        (out["NADIR"] == out["BASE"], lambda f: _sum(f) + _compared(f, "BASE")),
        (overall.notna(), lambda f: _sum(f) + _compared(f, "BASE") + _compared(f, "NADIR")),
    ]
    text: pd.Series = pd.Series(np.nan, index=out.index, dtype="str")
    left = overall.notna()
    for case, say in cases:
        if (here := left & case).any():
            text[here] = pd.Series(say(facts[here]), index=text.index[here], dtype="str")
            left &= ~case
    return text


def _first_lost(rows: pd.DataFrame, value: str, lnkid: pd.Series, assessments: pd.Index) -> pd.Series:
    """The first lesion that was not evaluated, for each assessment."""
    lost = rows[rows[value].isna()].drop_duplicates("ASSESS")
    return lnkid.reindex(lost["LESION"]).set_axis(lost["ASSESS"]).reindex(assessments)


def _sum(facts: pd.DataFrame) -> pd.Series:
    return "SUM " + _mm(facts["SUM"]) + " MM"


def _compared(facts: pd.DataFrame, reference: str) -> pd.Series:
    over = facts["SUM"] - facts[reference]
    sign = pd.Series(np.where(over < 0, "", "+"), index=over.index, dtype="str")
    percent = (over * 100 / facts[reference].where(facts[reference] > 0)).round(2)
    change = sign + _mm(over) + " MM" + (", " + sign + percent.astype("str") + " %").fillna("")
    return ", " + WORDS[reference] + " " + _mm(facts[reference]) + " MM (" + change + ")"


def _mm(amount: pd.Series) -> pd.Series:
    return (amount / SCALE).astype("str")


RULES = {"date_of_response": derive_reasons}
