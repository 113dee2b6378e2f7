"""Faults of treatment, visits and death: dates that contradict each other across forms."""

from __future__ import annotations

import numpy as np
import pandas as pd

from flows.simulate.days import NEVER
from flows.simulate.faults.plan import Fault, Planter
from flows.simulate.subjects import SNAPSHOT

_LATE = 8  # days by which a visit is moved: out of any window of three days
_VISIT_FORMS = ("VISIT", "EXQL", "HEM", "CHEM", "VS", "ECOG")


def _death_dates_differ(plan: Planter, fault: Fault) -> None:
    events = plan.forms["AE"]
    rows = plan.choose("AE", events["AEDTHDAT"] != "", 1)
    plan.put_day("AE", rows, "AEDTHDAT", plan.days("AE", rows, "AEDTHDAT") - 2)
    plan.note(fault.name, fault.code, "AE", rows, "AEDTHDAT")


def _month_of_death_only(plan: Planter, fault: Fault) -> None:
    deaths = plan.forms["DEATH"]
    rows = plan.choose("DEATH", deaths["DTHCAUS"] != "AE")
    plan.put("DEATH", rows, DTHDAT="UN " + plan.forms["DEATH"].loc[rows, "DTHDAT"].str[3:])
    plan.note(fault.name, fault.code, "DEATH", rows, "DTHDAT")


def _contact_after_death(plan: Planter, fault: Fault) -> None:
    contacts = plan.forms["SURV"]
    told = contacts["SSSTAT"] == "D"
    rows = plan.choose("SURV", told & (plan.events("death", contacts) < SNAPSHOT - 40))
    again = plan.forms["SURV"].loc[rows].copy()
    day = plan.days("SURV", rows, "SSDAT") + 25
    number = again["folder"].str.removeprefix("SURV").astype("int64") + 1
    again = again.assign(folder="SURV" + number.astype("str"), page_day=day, SSSTAT="A", saved=0)
    added = plan.append("SURV", again)
    plan.put_day("SURV", added, "SSDAT", day)
    plan.note(fault.name, fault.code, "SURV", added, "SSDAT")


def _dose_after_end(plan: Planter, fault: Fault) -> None:
    doses = plan.forms["EXLEN"]
    last = ~doses["subj"].duplicated(keep="last") & (doses["LNDOSE"] != "0") & (doses["LNENDAT"] != "")
    free = np.minimum(plan.events("last_seen", doses), SNAPSHOT) - plan.events("end", doses)
    rows = plan.choose("EXLEN", last & (plan.events("reason", doses) != "DTH") & (free > 30))
    start = plan.events("end", plan.forms["EXLEN"].loc[rows]).to_numpy() + 3
    added = plan.append("EXLEN", plan.forms["EXLEN"].loc[rows].assign(page_day=start))
    plan.put_day("EXLEN", added, "LNSTDAT", start)
    plan.put_day("EXLEN", added, "LNENDAT", start + 6)
    plan.note(fault.name, fault.code, "EXLEN", added, "LNENDAT")


def _visit_out_of_window(plan: Planter, fault: Fault) -> None:
    """Everything of that visit was done late; the next visit was on time again."""
    visits = plan.forms["VISIT"]
    cycle = visits["folder"].str.fullmatch(r"C\d+D1") & ~visits["folder"].isin(["C1D1", "C2D1"])
    follows = plan.events("last_dose", visits) > visits["page_day"] + 30
    rows = plan.choose("VISIT", cycle & follows & (visits["VISDAT"] != ""))
    moved = visits.loc[rows, ["subj", "folder"]]
    for form in _VISIT_FORMS:
        here = plan.forms[form].reset_index(names="row").merge(moved, on=["subj", "folder"])["row"]
        at = pd.Index(here)
        plan.forms[form].loc[at, "page_day"] += _LATE
        for field, spec in plan.truth.study.forms[form].fields.items():
            days = plan.days(form, at, field) if spec.kind == "date" else np.array([NEVER])
            dated = days < NEVER
            if dated.any():
                plan.put_day(form, at[dated], field, days[dated] + _LATE)
    plan.note(fault.name, fault.code, "VISIT", rows, "VISDAT")


def _lab_before_consent(plan: Planter, fault: Fault) -> None:
    results = plan.forms["CHEM"]
    rows = plan.choose(
        "CHEM", (results["folder"] == "SCRN") & (plan.truth.people["treated"].to_numpy()[results["subj"]])
    )
    consent = plan.truth.people["consent"].to_numpy()[plan.forms["CHEM"].loc[rows, "subj"]]
    plan.put_day("CHEM", rows, "LBDAT", consent - 6)
    plan.note(fault.name, fault.code, "CHEM", rows, "LBDAT")


def _toxicity_not_marked(plan: Planter, fault: Fault) -> None:
    """A neutropenia of grade 4 for eight days, and the investigator did not call it a DLT."""
    people, events, counts = plan.people, plan.forms["AE"], plan.forms["HEM"]
    subj = people.index[people["dlt"] == 1]
    plan.put("AE", events.index[events["subj"].isin(subj) & (events["AEDLT"] == "Y")], AEDLT="N")
    rows = counts[counts["subj"].isin(subj) & (counts["ANALYTE"] == "ANC") & (counts["folder"] == "C1D8")]
    plan.note(fault.name, fault.code, "HEM", rows.index, "LBORRES")


def _too_few_counts(plan: Planter, fault: Fault) -> None:
    """A neutropenia of grade 4 on day 8, and nobody looked again before day 15 (the subject has another DLT)."""
    people, counts = plan.people, plan.forms["HEM"]
    subj = people.index[people["dlt"] == 2]
    here = counts["subj"].isin(subj) & (counts["ANALYTE"] == "ANC") & (counts["folder"] == "C1D8")
    rows = counts.index[here]
    per_microlitre = counts.loc[rows, "LBORRESU"] == "/uL"
    plan.put("HEM", rows, LBORRES=np.where(per_microlitre, "420", "0.42"))
    plan.note(fault.name, fault.code, "HEM", rows, "LBORRES")


FAULTS = (
    Fault("death dates differ between forms", "CHK-307", _death_dates_differ),
    Fault("month of death only", "ADAM-405", _month_of_death_only),
    Fault("contact after death", "CHK-308", _contact_after_death),
    Fault("dose after the end of treatment", "CHK-302", _dose_after_end),
    Fault("visit out of its window", "CHK-303", _visit_out_of_window),
    Fault("sample before consent", "CHK-312", _lab_before_consent),
    Fault("dose-limiting toxicity not marked", "ADAM-404", _toxicity_not_marked),
    Fault("too few counts in a neutropenia", "ADAM-403", _too_few_counts),
)
