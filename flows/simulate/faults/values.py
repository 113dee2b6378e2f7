"""Faults of single values: laboratory results and units, weight, age."""

from __future__ import annotations

import numpy as np
import pandas as pd

from flows.simulate.faults.mess import page_of, quiet_visit
from flows.simulate.faults.plan import Fault, Planter

_FULL_WIDTH = str.maketrans("0123456789.", "０１２３４５６７８９．")
MIDNIGHT = "24:00"
_WORDS = ("阴性", "NEG", "+-")


def _results(plan: Planter, form: str, analyte: str) -> pd.Series:
    """Results of an analyte under treatment."""
    results = plan.forms[form]
    return (results["ANALYTE"] == analyte) & (results["folder"] != "SCRN") & (results["LBORRES"] != "")


def _unknown_unit(plan: Planter, fault: Fault) -> None:
    rows = plan.choose("CHEM", _results(plan, "CHEM", "CREA"))
    plan.put("CHEM", rows, LBORRESU="mmol/mol")
    plan.note(fault.name, fault.code, "CHEM", rows, "LBORRESU")


def _word_for_a_number(plan: Planter, fault: Fault) -> None:
    rows = plan.choose("CHEM", _results(plan, "CHEM", "TBIL"), len(_WORDS) * plan.copies)
    plan.put("CHEM", rows, LBORRES=np.resize(np.asarray(_WORDS, dtype=object), len(rows)))
    plan.note(fault.name, fault.code, "CHEM", rows, "LBORRES")


def _below_a_limit(plan: Planter, fault: Fault) -> None:
    rows = plan.choose("CHEM", _results(plan, "CHEM", "TBIL"))
    plan.put("CHEM", rows, LBORRES="<0.1")
    plan.note(fault.name, fault.code, "CHEM", rows, "LBORRES")


def _above_a_limit(plan: Planter, fault: Fault) -> None:
    rows = plan.choose("CHEM", _results(plan, "CHEM", "ALT"))
    plan.put("CHEM", rows, LBORRES=">1000")
    plan.note(fault.name, fault.code, "CHEM", rows, "LBORRES")


def _full_width(plan: Planter, fault: Fault) -> None:
    rows = plan.choose("HEM", _results(plan, "HEM", "PLT"))
    plan.put("HEM", rows, LBORRES=plan.forms["HEM"].loc[rows, "LBORRES"].str.translate(_FULL_WIDTH))
    plan.note(fault.name, fault.code, "HEM", rows, "LBORRES")


def _decimal_comma(plan: Planter, fault: Fault) -> None:
    has_point = plan.forms["HEM"]["LBORRES"].str.contains(".", regex=False)
    rows = plan.choose("HEM", _results(plan, "HEM", "WBC") & has_point)
    plan.put("HEM", rows, LBORRES=plan.forms["HEM"].loc[rows, "LBORRES"].str.replace(".", ",", regex=False))
    plan.note(fault.name, fault.code, "HEM", rows, "LBORRES")


def _weight_in_jin(plan: Planter, fault: Fault) -> None:
    """A jin is half a kilogram."""
    measured = plan.forms["VS"]
    weight = pd.to_numeric(measured["WEIGHT"], errors="coerce")
    rows = plan.choose("VS", (measured["folder"].str.fullmatch(r"C([2-9]|1\d)D1")) & (weight > 55))
    twice = np.round(2 * weight.loc[rows], 1)
    plan.put("VS", rows, WEIGHT=twice.astype("str"))
    plan.note(fault.name, fault.code, "VS", rows, "WEIGHT")


def _age_against_birth(plan: Planter, fault: Fault) -> None:
    people = plan.forms["DM"]
    rows = plan.choose("DM", pd.Series(plan.truth.people["treated"].to_numpy()[people["subj"]], index=people.index))
    plan.put("DM", rows, AGE=(people.loc[rows, "AGE"].astype("int64") + 7).astype("str"))
    plan.note(fault.name, fault.code, "DM", rows, "AGE")


def _samples_at_midnight(plan: Planter, fault: Fault) -> None:
    """All counts of a page; 24:00 is the next day's first moment, and they were saved after it."""
    rows = page_of(plan, "HEM", plan.choose("HEM", quiet_visit(plan, "HEM")))
    plan.put("HEM", rows, LBTIM=MIDNIGHT)
    plan.save_after("HEM", rows, plan.forms["HEM"].loc[rows, "page_day"].to_numpy(dtype="int64") + 1)
    plan.note(fault.name, fault.code, "HEM", rows, "LBTIM")


def _number_too_long(plan: Planter, fault: Fault) -> None:
    """A criterion's number has eight characters at most. Who is screened again has that to tell already."""
    criteria = plan.forms["IE"]
    again = criteria["subj"].isin(plan.people["previous"])
    rows = plan.choose("IE", (criteria["IETESTCD"] != "") & ~again)
    plan.put("IE", rows, IETESTCD="CRITERION " + plan.forms["IE"].loc[rows, "IETESTCD"])
    plan.note(fault.name, fault.code, "IE", rows, "IETESTCD")


def _medication_not_coded(plan: Planter, fault: Fault) -> None:
    rows = plan.choose("CM", plan.forms["CM"]["CMDECOD"] != "")
    plan.put("CM", rows, CMDECOD="")
    plan.note(fault.name, fault.code, "CM", rows, "CMTRT")


FAULTS = (
    Fault("unit without conversion", "SDTM-206", _unknown_unit),
    Fault("word for a number", "SDTM-207", _word_for_a_number),
    Fault("result below a limit", "SDTM-209", _below_a_limit),
    Fault("result above a limit", "SDTM-209", _above_a_limit),
    Fault("full-width digits", "SDTM-210", _full_width),
    Fault("decimal comma", "SDTM-210", _decimal_comma),
    Fault("time of 24:00", "SDTM-212", _samples_at_midnight),
    Fault("number of a criterion too long", "SDTM-204", _number_too_long),
    Fault("medication without a code", "SDTM-213", _medication_not_coded),
    Fault("weight in jin under kg", "CHK-320", _weight_in_jin),
    Fault("age and birth date disagree", "CHK-318", _age_against_birth),
)
