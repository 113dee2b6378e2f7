"""ADEX: exposure to each study drug, dose by dose and added up, and how dosing was modified."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from adam.parameters import add_parameter, carry_over
from adam.rules.exposure import derive_doses, total_doses
from adam.rules.modifications import (
    DELAYED,
    HELD,
    REDUCED,
    derive_delays,
    derive_held,
    flag_reductions,
    list_reasons,
)
from specs import StudySpec
from specs.dates import study_day
from specs.models import ExposureParameters

DATASET = "ADEX"
_TOTALS = ("TDOSE", "TDUR", "NDOSE", "PDOSE", "AVDOSE", "DI", "RDI")  # of `total_doses`
_OWN = ["USUBJID", "ASTDT", "ASTDTF", "AENDT", "AENDTF", "EXADJ"]


def derive_adex(
    sdtm: Mapping[str, pd.DataFrame], adsl: pd.DataFrame, study: StudySpec, cutoff: pd.Timestamp | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Exposure of every subject who took a study drug, for each drug that the subject took.

    In: EX, EC, SV, DS; ADSL. Each drug has the parameters of its number, in the order of the study's drugs: DOSE1, ...
    for the first. Out: one row for each dose (DOSEn, DURn, AMTn), held dose (HELDn) and late dose (DLYn), and one a
    subject and drug of TDOSEn, TDURn, NDOSEn, PDOSEn, AVDOSEn, DIn, RDIn (`total_doses`), NREDn, NINTn, DINTn, NDLYn
    (numbers of reductions and interruptions, days held, number of delays), MODn (any modification, Y or N, with the
    reasons given); and findings (ADAM-470). What the spec has no parameter of is not made; without EC no HELDn, DLYn,
    NINTn, DINTn, NDLYn and MODn, for no held dose is seen. Raises ValueError where the study lacks its parameters.
    """
    parameters = study.study.parameters.exposure if study.study.parameters else None
    if parameters is None:
        raise ValueError("the study has no parameters `exposure`; ADEX needs cycle_days and delay_days")
    doses, findings = derive_doses(sdtm, adsl, study, cutoff)
    doses["REDUCED"] = flag_reductions(doses)
    held = derive_held(doses, sdtm, study, cutoff) if "EC" in sdtm else None
    late = derive_delays(doses, held, study, parameters) if held is not None else None
    parts = [
        part
        for number, drug in enumerate(study.study.drugs, start=1)
        for part in _of_drug(doses, held, late, drug, number, study, parameters)
    ]
    spec = study.adam[DATASET]
    rows = pd.concat(parts, ignore_index=True).astype({"PARAMCD": "str"})
    rows = rows[rows["PARAMCD"].isin(list(spec.parameters))].reset_index(drop=True)
    rows = carry_over(add_parameter(rows, spec), adsl, spec)
    for date in ("ASTDT", "AENDT"):
        rows[date] = rows[date].astype("datetime64[us]")
        rows[f"{date[:-2]}DY"] = study_day(rows[date], rows["TRTSDT"])
    return rows, findings


def _of_drug(
    doses: pd.DataFrame,
    held: pd.DataFrame | None,
    late: pd.DataFrame | None,
    drug: str,
    number: int,
    study: StudySpec,
    parameters: ExposureParameters,
) -> list[pd.DataFrame]:
    """The rows of one drug."""
    schedule = study.study.drugs[drug]
    own = doses[doses["EXTRT"] == drug]
    totals = total_doses(doses, drug, once=schedule.frequency == "ONCE", parameters=parameters)
    totals["NRED"] = _number(own.loc[own["REDUCED"], "USUBJID"], totals)
    parts = [_dose_rows(own, name, column, number) for name, column in _BY_DOSE.items()]
    if held is not None and late is not None:
        own_held, own_late = held[held["EXTRT"] == drug], late[late["EXTRT"] == drug]
        totals["NINT"] = _number(own_held.loc[own_held["BEGINS"], "USUBJID"], totals)
        days = own_held.groupby("USUBJID")["DAYS"].sum()
        totals["DINT"] = days.reindex(totals.index, fill_value=0.0)
        totals["NDLY"] = _number(own_late["USUBJID"], totals)
        parts += [_held_rows(own_held, number), _late_rows(own_late, number), _modified(totals, own, own_held, number)]
    summaries = [name for name in (*_TOTALS, "NRED", "NINT", "DINT", "NDLY") if name in totals]
    parts += [_summary(totals, number, name).assign(AVAL=totals[name].to_numpy()) for name in summaries]
    return [part.assign(EXTRT=drug, DOSEU=schedule.dose_unit) for part in parts]


_BY_DOSE = {"DOSE": "EXDOSE", "DUR": "DAYS", "AMT": "AMOUNT"}


def _dose_rows(doses: pd.DataFrame, name: str, column: str, number: int) -> pd.DataFrame:
    modified = pd.Series(np.nan, index=doses.index, dtype="str").mask(doses["REDUCED"], REDUCED)
    return doses[_OWN].assign(
        PARAMCD=f"{name}{number}", AVAL=doses[column], DOSEP=doses["PLANNED"], MODTYPE=modified,
        ANL01FL=pd.Series(np.nan, index=doses.index, dtype="str").mask(doses["COUNTED"], "Y"),
        SRCDOM="EX", SRCVAR="EXDOSE" if name == "DOSE" else "EXSTDTC", SRCSEQ=doses["EXSEQ"],
    ).rename(columns={"EXADJ": "MODREAS"})  # fmt: skip


def _held_rows(held: pd.DataFrame, number: int) -> pd.DataFrame:
    return held[["USUBJID", "ASTDT", "AENDT"]].assign(
        PARAMCD=f"HELD{number}", AVAL=held["DAYS"], MODTYPE=HELD, MODREAS=held["REASON"], ANL01FL="Y",
        SRCDOM="EC", SRCVAR="ECOCCUR", SRCSEQ=held["ECSEQ"],
    )  # fmt: skip


def _late_rows(late: pd.DataFrame, number: int) -> pd.DataFrame:
    return late[["USUBJID", "ASTDT"]].assign(
        PARAMCD=f"DLY{number}", AVAL=late["DAYS"], AENDT=late["ASTDT"], MODTYPE=DELAYED, ANL01FL="Y",
        SRCDOM="EX", SRCVAR="EXSTDTC", SRCSEQ=late["EXSEQ"],
    )  # fmt: skip


def _modified(totals: pd.DataFrame, doses: pd.DataFrame, held: pd.DataFrame, number: int) -> pd.DataFrame:
    """Y with a reduction, a held dose or a delay, or a dose that counts and has a reason for its adjustment."""
    adjusted = doses[doses["COUNTED"] & doses["EXADJ"].notna()]
    events = totals[["NRED", "NINT", "NDLY"]].sum(axis=1) > 0
    yes = events | totals.index.isin(adjusted["USUBJID"])
    given = [adjusted.rename(columns={"EXADJ": "REASON"})[["USUBJID", "REASON"]], held[["USUBJID", "REASON"]]]
    reasons = list_reasons(pd.concat(given, ignore_index=True)).reindex(totals.index)
    return _summary(totals, number, "MOD").assign(
        AVAL=yes.astype("float64").to_numpy(), AVALC=np.where(yes, "Y", "N"), MODREAS=reasons.to_numpy()
    )


def _summary(totals: pd.DataFrame, number: int, name: str) -> pd.DataFrame:
    """A row for each subject who took the drug, from its first day to its last; no single record is its source."""
    return pd.DataFrame(
        {
            "USUBJID": totals.index, "PARAMCD": f"{name}{number}", "ASTDT": totals["FIRST"].to_numpy(),
            "AENDT": totals["LAST"].to_numpy(), "DOSEP": totals["PLANNED"].to_numpy(), "ANL01FL": "Y",
            "SRCDOM": _SOURCES.get(name, "EX"), "SRCVAR": "ECOCCUR" if name in _SOURCES else "EXDOSE",
        }
    )  # fmt: skip


_SOURCES = {"NINT": "EC", "DINT": "EC"}


def _number(subjects: pd.Series, totals: pd.DataFrame) -> pd.Series:
    """How often each subject stands in a list, 0 for the others."""
    return subjects.value_counts().reindex(totals.index, fill_value=0).astype("float64")
