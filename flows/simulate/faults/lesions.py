"""Faults of lesions and responses."""

from __future__ import annotations

import numpy as np
import pandas as pd

from flows.simulate.faults.plan import Fault, Planter

_PAGE = ["subj", "folder", "instance"]


def _response_at(plan: Planter, rows: pd.DataFrame, field: str) -> pd.Series:
    """What the response form says at the visit of each row; blank where it has no page."""
    told = plan.forms["RESP"][[*_PAGE, field]].rename(columns={field: "told"})
    return pd.Series(rows[_PAGE].merge(told, on=_PAGE, how="left")["told"].fillna("").to_numpy(), index=rows.index)


def _lesion_forgotten(plan: Planter, fault: Fault) -> None:
    """The last line of a page is missing; the key names the lesion's record at baseline."""
    lesions = plan.forms["TARGET"]
    last = lesions["position"] == lesions.groupby(_PAGE)["position"].transform("max")
    steady = _response_at(plan, lesions, "OVRLRESP").isin(["SD", "PR"])
    fit = last & steady & (lesions["position"] > 1) & (lesions["LESSTAT"] == "M") & (lesions["LESPAR"] == "")
    rows = plan.choose("TARGET", fit & lesions["folder"].isin(["TA1", "TA2", "TA3"]))
    forgotten = lesions.loc[rows, ["subj", "LESNO"]]
    plan.remove("TARGET", rows)
    kept = plan.forms["TARGET"].reset_index(names="row")
    first = kept[kept["folder"] == "SCRN"].merge(forgotten, on=["subj", "LESNO"])["row"]
    plan.note(fault.name, fault.code, "TARGET", pd.Index(first), "LESNO")


def _lesion_not_identified(plan: Planter, fault: Fault) -> None:
    lesions = plan.forms["TARGET"]
    steady = _response_at(plan, lesions, "OVRLRESP").isin(["SD", "PR"])
    planned = (
        lesions["folder"].isin(["TA1", "TA2", "TA3"])
        & (lesions["LESPAR"] == "")
        & lesions["LESNO"].isin(["T01", "T02"])
    )
    rows = plan.choose("TARGET", steady & planned)
    extra = lesions.loc[rows].assign(LESNO="T09", LESLOC="ADREN", LESSTAT="M", LESDIAM="14", LESMRG="", LESND="")
    plan.note(fault.name, fault.code, "TARGET", plan.append("TARGET", extra), "LESNO")


def _two_scan_dates(plan: Planter, fault: Fault) -> None:
    lesions = plan.forms["TARGET"]
    several = lesions.groupby(_PAGE)["position"].transform("max") > 1
    steady = _response_at(plan, lesions, "OVRLRESP").isin(["SD", "PR"])
    rows = plan.choose("TARGET", several & steady & (lesions["position"] > 1) & lesions["folder"].str.startswith("TA"))
    plan.put_day("TARGET", rows, "LESDAT", plan.days("TARGET", rows, "LESDAT") + 2)
    plan.note(fault.name, fault.code, "TARGET", rows, "LESDAT")


def _new_lesion_without_progression(plan: Planter, fault: Fault) -> None:
    told = plan.forms["RESP"]
    fit = (told["NEWLES"] == "UNEQ") & told["TRGRESP"].isin(["SD", "PR"]) & (told["NTRGRESP"] != "PD")
    rows = plan.choose("RESP", fit)
    plan.put("RESP", rows, OVRLRESP=plan.forms["RESP"].loc[rows, "TRGRESP"])
    plan.note(fault.name, fault.code, "RESP", rows, "OVRLRESP")


def _diameter_in_words(plan: Planter, fault: Fault) -> None:
    _state_as_diameter(plan, fault, "TSTM")


def _diameter_below_a_limit(plan: Planter, fault: Fault) -> None:
    _state_as_diameter(plan, fault, "<5")


def _state_as_diameter(plan: Planter, fault: Fault, text: str) -> None:
    """Too small to measure, typed where the diameter goes: at a progression that the sum has no part in.

    It is the subject's last assessment, so that the sum that is now unknown is the nadir of none.
    """
    lesions, told = plan.forms["TARGET"], plan.forms["RESP"]
    last = lesions["page_day"] >= lesions["subj"].map(told.groupby("subj")["page_day"].max())
    by_others = (_response_at(plan, lesions, "OVRLRESP") == "PD") & (
        _response_at(plan, lesions, "TRGRESP").isin(["SD", "PR"])
    )
    whole = (lesions["LESSTAT"] == "M") & (lesions["LESPAR"] == "") & plan.untouched("TARGET")
    rows = plan.choose("TARGET", last & by_others & whole)
    plan.put("TARGET", rows, LESDIAM=text)
    plan.note(fault.name, fault.code, "TARGET", rows, "LESDIAM")


def _response_against_measurements(plan: Planter, fault: Fault) -> None:
    told = plan.forms["RESP"]
    rows = plan.choose("RESP", (told["TRGRESP"] == "SD") & (told["OVRLRESP"] == "SD") & (told["NEWLES"] == "N"))
    plan.put("RESP", rows, TRGRESP="PR", OVRLRESP="PR")
    plan.note(fault.name, fault.code, "RESP", rows, "OVRLRESP")


def _equivocal_confirmed(plan: Planter, fault: Fault) -> None:
    """The new lesion that was a progression had been seen at the scan before, and was in doubt then."""
    told = plan.forms["RESP"].sort_values(["subj", "page_day"], kind="stable")
    before = told.groupby("subj").shift(1)
    steady = before["OVRLRESP"].isin(["SD", "PR", "NN"]) & (before["NEWLES"] == "N")
    only_new = ~told["TRGRESP"].isin(["PD"]) & (told["NTRGRESP"] != "PD") & (told["OVRLRESP"] == "PD")
    fit = (steady & only_new & (told["NEWLES"] == "UNEQ")).reindex(plan.forms["RESP"].index)
    rows = plan.choose("RESP", fit)
    at = before.loc[rows, [*_PAGE[1:], "page_day", "record", "saved"]].assign(subj=told.loc[rows, "subj"])
    earlier = plan.forms["RESP"].index[plan.forms["RESP"]["record"].isin(at["record"])]
    plan.put("RESP", earlier, NEWLES="EQ")
    shown = plan.forms["NEWLES"].reset_index(names="row").merge(
        plan.forms["RESP"].loc[rows, _PAGE], on=_PAGE
    ).drop_duplicates("subj").set_index("subj")["row"]  # fmt: skip
    lesion = plan.forms["NEWLES"].loc[shown.reindex(at["subj"]).to_numpy()].reset_index(drop=True)
    for column in ("folder", "instance", "page_day", "saved"):
        lesion[column] = at[column].to_numpy().astype(lesion[column].to_numpy().dtype)
    added = plan.append("NEWLES", lesion.assign(LESSTAT="EQ", LESDIAM=""))
    plan.put_day("NEWLES", added, "LESDAT", lesion["page_day"].to_numpy())
    plan.note(fault.name, fault.code, "NEWLES", added, "LESSTAT")


def _old_baseline(plan: Planter, fault: Fault) -> None:
    _note_baseline(plan, fault, "old_scan", "T01", "LESDAT")


def _six_targets(plan: Planter, fault: Fault) -> None:
    _note_baseline(plan, fault, "sixth", "T06", "LESNO")


def _note_baseline(plan: Planter, fault: Fault, chosen: str, lesion: str, field: str) -> None:
    """These came with the subject; here they are only written down."""
    lesions = plan.forms["TARGET"]
    here = plan.truth.people[chosen].to_numpy()[lesions["subj"]] & (lesions["folder"] == "SCRN")
    plan.note(fault.name, fault.code, "TARGET", lesions.index[np.asarray(here) & (lesions["LESNO"] == lesion)], field)


FAULTS = (
    Fault("baseline scan older than 28 days", "ADAM-402", _old_baseline),
    Fault("six target lesions", "ADAM-408", _six_targets),
    Fault("new lesion, but no progression", "CHK-314", _new_lesion_without_progression),
    Fault("equivocal lesion confirmed later", "ADAM-410", _equivocal_confirmed),
    Fault("word for a diameter", "SDTM-207", _diameter_in_words),
    Fault("diameter below a limit", "SDTM-209", _diameter_below_a_limit),
    Fault("lesion forgotten at a later scan", "CHK-304", _lesion_forgotten),
    Fault("lesion never identified at baseline", "CHK-305", _lesion_not_identified),
    Fault("two scan dates in one assessment", "CHK-315", _two_scan_dates),
    Fault("response against the measurements", "ADAM-401", _response_against_measurements),
)
