"""How treatment and study ended, from DS."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from adam.inputs import among, take
from adam.rules.dates import day, earlier
from adam.supplemental import with_supplemental
from specs import StudySpec

STUDY, TREATMENT = "STUDY PARTICIPATION", "STUDY TREATMENT"
SCREEN_FAILURE = "SCREEN FAILURE"
_COLUMNS = ["USUBJID", "DSSEQ", "DSDECOD", "DSCAT", "DSSCAT", "DSSTDTC"]
_DRUG = "DSTRT"  # the study treatment that a record is about; also a QNAM of SUPPDS, in others' SDTM


def derive_end_of_study(core: pd.DataFrame, sdtm: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """How study participation ended.

    In: one row a subject with USUBJID, DTHDT, ENRLFL; DS. Adds EOSSTT, EOSDT, DCSREAS. A screening failure of a person
    who was enrolled all the same (re-screened) ended nothing. The first match decides:
      1. DS says STUDY PARTICIPATION, COMPLETED      -> COMPLETED, on that date
      2. DS says STUDY PARTICIPATION, anything else  -> DISCONTINUED, on that date, DCSREAS the reason
      3. dead, without such a record                 -> DISCONTINUED, on the date of death, DEATH
      4. anything else                               -> ONGOING
    """
    records = _dispositions(sdtm, STUDY)
    enrolled = core.loc[core["ENRLFL"] == "Y", "USUBJID"]
    overtaken = (records["DSDECOD"] == SCREEN_FAILURE) & among(records["USUBJID"], enrolled)
    ended = _matched(core, _last(records[~overtaken]))
    status, reason, date = _status(core, ended)
    return core.assign(EOSSTT=status, EOSDT=date, DCSREAS=reason)


def derive_end_of_treatment(core: pd.DataFrame, doses: pd.DataFrame, ends: pd.DataFrame) -> pd.DataFrame:
    """How treatment ended, for each study drug and as a whole.

    In: one row a subject with USUBJID and DTHDT; doses above 0; `ends` as `treatment_ends` gives it. Adds EOTSTT1,
    DCTREAS1, EOTDT1 and so on, numbered in the order of the study's drugs, and EOTSTT, DCTREAS. For a drug that the
    subject took, first match wins:
      1. DS says COMPLETED of the drug      -> COMPLETED
      2. DS says anything else of the drug  -> DISCONTINUED, DCTREAS the reason
      3. dead, without such a record        -> DISCONTINUED, DEATH
      4. anything else                      -> ONGOING
    As a whole: ONGOING while a drug is, else DISCONTINUED with the reason of the drug stopped last (on one day: of the
    first drug), else COMPLETED.
    """
    blank: pd.Series = pd.Series(np.nan, index=core.index, dtype="str")
    whole, why, when = blank, blank, pd.Series(pd.NaT, index=core.index, dtype="datetime64[us]")
    for number, (drug, of_drug) in enumerate(ends.groupby("EXTRT", sort=False), start=1):
        took = among(core["USUBJID"], doses.loc[doses["EXTRT"] == drug, "USUBJID"])
        status, reason, date = _status(core, _matched(core, of_drug.drop(columns=["EXTRT", "DTHDT", "ENDED"])))
        status, reason, date = status.where(took), reason.where(took), date.where(took)
        core = core.assign(**{f"EOTSTT{number}": status, f"DCTREAS{number}": reason, f"EOTDT{number}": date})
        stopped_later = reason.notna() & (why.isna() | (date > when))
        why, when = why.mask(stopped_later, reason), when.mask(stopped_later, date)
        goes_on = (whole == "ONGOING") | (status == "ONGOING")
        stopped = (whole == "DISCONTINUED") | (status == "DISCONTINUED")
        whole = whole.fillna(status).mask(stopped, "DISCONTINUED").mask(goes_on, "ONGOING")
    return core.assign(EOTSTT=whole, DCTREAS=why.where(whole == "DISCONTINUED"))


def treatment_ends(core: pd.DataFrame, sdtm: Mapping[str, pd.DataFrame], study: StudySpec) -> pd.DataFrame:
    """The last record of DS on the end of treatment, for each subject and study drug.

    Which drug a record is about, first match wins (SDTMIG 3.4 section 6.2.4 for the first two):
      1. DSSCAT names a drug of the study, in any case  -> that drug
      2. DSSCAT STUDY TREATMENT, SUPPDS DSTRT a drug    -> that drug
      3. DSSCAT STUDY TREATMENT, no DSTRT               -> all drugs
      4. anything else                                  -> none
    Out: USUBJID, EXTRT, DSDECOD, DATE, and ENDED, the earlier of DATE and the date of death; one row a subject of
    `core` and drug, in the order of the study's drugs.
    """
    drugs = list(study.study.drugs)
    unnamed = with_supplemental(_dispositions(sdtm, TREATMENT), sdtm, "DS", [_DRUG])
    records = pd.concat([_of_drugs(sdtm, drugs), unnamed])
    parts = [
        _matched(core, _last(records[(records[_DRUG] == drug) | records[_DRUG].isna()])).assign(
            USUBJID=core["USUBJID"], EXTRT=drug, DTHDT=core["DTHDT"]
        )
        for drug in drugs
    ]
    no_rows = _last(records).assign(EXTRT="", DTHDT="").head(0)
    ends = pd.concat([no_rows.astype({"EXTRT": "str", "DTHDT": "datetime64[us]"}), *parts], ignore_index=True)
    return ends.assign(ENDED=earlier(ends["DATE"], ends["DTHDT"]))


def _dispositions(sdtm: Mapping[str, pd.DataFrame], subcategory: str) -> pd.DataFrame:
    """Disposition events of the study or of its treatment; an event that says neither is one of the study."""
    events = _events(sdtm)
    return events[events["DSSCAT"].fillna(STUDY).str.upper().str.startswith(subcategory)]


def _of_drugs(sdtm: Mapping[str, pd.DataFrame], drugs: list[str]) -> pd.DataFrame:
    """The disposition events whose DSSCAT names one of the drugs, with the drug."""
    events, names = _events(sdtm), {drug.casefold(): drug for drug in drugs}
    events[_DRUG] = events["DSSCAT"].str.strip().str.casefold().map(names).astype("str")
    return events[events[_DRUG].notna()]


def _events(sdtm: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    ds = take(sdtm, "DS", _COLUMNS)
    return ds[ds["DSCAT"] == "DISPOSITION EVENT"].assign(DATE=lambda events: day(events["DSSTDTC"]))


def _last(records: pd.DataFrame) -> pd.DataFrame:
    ordered = records.sort_values(["USUBJID", "DATE", "DSSEQ"], kind="stable", na_position="first")
    return ordered.drop_duplicates("USUBJID", keep="last")[["USUBJID", "DSDECOD", "DATE"]]


def _matched(core: pd.DataFrame, records: pd.DataFrame) -> pd.DataFrame:
    one_each = core[["USUBJID"]].merge(records, on="USUBJID", how="left", validate="1:1")
    return one_each.set_axis(core.index)


def _status(core: pd.DataFrame, ended: pd.DataFrame) -> tuple[pd.Series, pd.Series, pd.Series]:
    recorded, dead = ended["DSDECOD"].notna(), core["DTHDT"].notna()
    completed = ended["DSDECOD"] == "COMPLETED"
    cases = [completed, recorded | dead]
    status = pd.Series(np.select(cases, ["COMPLETED", "DISCONTINUED"], "ONGOING"), index=core.index, dtype="str")
    reason = ended["DSDECOD"].mask(completed).mask(~recorded & dead, "DEATH")
    return status, reason, ended["DATE"].mask(~recorded, core["DTHDT"])


RULES = {"end_of_study": derive_end_of_study, "end_of_treatment": derive_end_of_treatment}
