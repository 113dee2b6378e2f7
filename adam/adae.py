"""ADAE: one row an adverse event (OCCDS 1.1)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from adam.inputs import take
from adam.rules.emergence import derive_event_dates, flag_treatment_emergent
from adam.rules.occurrence import flag_occurrences
from adam.supplemental import with_supplemental
from specs import StudySpec
from specs.dates import study_day

_NEEDED = [
    "STUDYID", "USUBJID", "AESEQ", "AEGRPID", "AEDECOD", "AEBODSYS", "AESTDTC", "AEENDTC", "AETOXGR", "AESEV", "AEREL",
]  # fmt: skip
# of ADSL: what the rules read, and what ADAE shows beside the event
_FROM_ADSL = [
    "SUBJID", "SITEID", "AGE", "AGEGR1", "SEX", "RACE", "TRT01P", "TRT01A", "PHASE", "DOSELVL",
    "SAFFL", "FASFL", "DLTEVLFL", "TRTSDT", "TRTEDT", "NACTDT", "DTHDT", "CUTOFFDT",
]  # fmt: skip
UNRELATED, RELATED = "NOT RELATED", "RELATED"
SEVERITY = {"MILD": 1.0, "MODERATE": 2.0, "SEVERE": 3.0}  # CDISC codelist AESEV
WORST = {"AETOXGR": "ATOXGRN", "AESEV": "ASEVN"}  # what is collected -> the number that tells the worst event


def derive_adae(
    sdtm: Mapping[str, pd.DataFrame], adsl: pd.DataFrame, study: StudySpec
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Adverse events with dates, treatment emergence, grade, relation, categories and occurrence flags.

    In: AE with all its variables, SUPPAE, ADSL. Out: one row a row of AE, in its order, AESEQ kept; and findings
    (ADAM-421). Read top to bottom: the events, their dates, whether under treatment, how bad, by what, of what
    kind, counted once.
    """
    assert study.study.parameters is not None
    events = _events(sdtm, study).merge(_columns(adsl), on="USUBJID", how="left", validate="m:1")
    events, findings = derive_event_dates(events)
    events["ASTDY"] = study_day(events["ASTDT"], events["TRTSDT"])
    events["AENDY"] = study_day(events["AENDT"], events["TRTSDT"])
    events = _duration(events)

    events = flag_treatment_emergent(events, window_days=study.study.parameters.safety.teae_days)
    events["TRTP"], events["TRTA"] = events["TRT01P"], events["TRT01A"]

    events["ATOXGR"] = events["AETOXGR"]
    events["ATOXGRN"] = pd.to_numeric(events["AETOXGR"], errors="coerce").astype("float64")
    events["ASEV"] = events["AESEV"]
    events["ASEVN"] = events["AESEV"].map(SEVERITY).astype("float64")
    events = _relation(events, study)
    events = _categories(events, study)
    if "AEDLT" in events:
        events["DLTFL"] = events["AEDLT"].where(events["AEDLT"] == "Y")
    return flag_occurrences(events, worst_by=WORST[study.study.parameters.safety.worst_by]), findings


def _events(sdtm: Mapping[str, pd.DataFrame], study: StudySpec) -> pd.DataFrame:
    """AE with all its variables, and what the spec has of SUPPAE."""
    others = sdtm["AE"].drop(columns=_NEEDED, errors="ignore").reset_index(drop=True)
    texts = [name for name in others if isinstance(others[name].dtype, pd.CategoricalDtype)]
    events = pd.concat([take(sdtm, "AE", _NEEDED), others.astype(dict.fromkeys(texts, "str"))], axis=1)
    spec = study.adam["ADAE"].variables
    return with_supplemental(events, sdtm, "AE", [name for name in spec if name.startswith("AE")])


def _columns(adsl: pd.DataFrame) -> pd.DataFrame:
    """ADSL's share, without what AE itself has; dates that ADSL lacks are missing."""
    dates = {
        name: pd.Series(pd.NaT, index=adsl.index, dtype="datetime64[us]") for name in _FROM_ADSL if name[-2:] == "DT"
    }
    missing = {name: empty for name, empty in dates.items() if name not in adsl}
    return adsl.assign(**missing).reindex(columns=["USUBJID", *_FROM_ADSL])


def _duration(events: pd.DataFrame) -> pd.DataFrame:
    """ADURN, the days from start to end, both counted; missing where one is, or the end lies before the start."""
    days = (events["AENDT"] - events["ASTDT"]).dt.days.astype("float64") + 1
    days = days.where(days > 0)
    unit = pd.Series("DAYS", index=events.index, dtype="str").where(days.notna())
    return events.assign(ADURN=days, ADURU=unit)


def _relation(events: pd.DataFrame, study: StudySpec) -> pd.DataFrame:
    """AREL, and the same for each drug's AEREL... in the spec: NOT RELATED for the terms `unrelated`, else RELATED.

    A causality that is not told counts as related; where only a drug's is not, that drug's follows AEREL.
    """
    spec = study.adam["ADAE"].variables
    of_drugs = [name for name in spec if name.startswith("AEREL") and f"A{name[2:]}" in spec and name != "AEREL"]
    told = {name: events[name].fillna(events["AEREL"]) for name in ["AEREL", *of_drugs]}
    unrelated = study.terms("unrelated")
    return events.assign(
        **{
            f"A{name[2:]}": pd.Series(
                np.where(told[name].isin(unrelated), UNRELATED, RELATED), events.index, dtype="str"
            )
            for name in told
        }
    )


def _categories(events: pd.DataFrame, study: StudySpec) -> pd.DataFrame:
    """AESICAT, the first list of `aesi` that has the preferred term; AESIFL; IRAEFL by the list `immune_mediated`."""
    term = events["AEDECOD"].str.casefold()
    listed = {
        name: term.isin([word.casefold() for word in study.terms(name)])
        for name in [*study.terms("aesi"), "immune_mediated"]
    }
    lists = study.terms("aesi")
    names = [name.upper().replace("_", " ") for name in lists]
    category = pd.Series("", index=events.index, dtype="str")
    for name, list_name in zip(reversed(names), reversed(lists), strict=True):
        category = category.mask(listed[list_name], name)
    yes = pd.Series("Y", index=events.index, dtype="str")
    return events.assign(
        AESICAT=category.mask(category == ""),
        AESIFL=yes.where(category != ""),
        IRAEFL=yes.where(listed["immune_mediated"]),
    )
