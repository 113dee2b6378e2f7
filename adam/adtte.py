"""ADTTE: overall survival, progression-free survival, duration of response and time to response."""

from __future__ import annotations

import pandas as pd

from adam.rules.assessment_history import (
    READERS,
    add_landmarks,
    pick_confirmed_response,
    pick_first_response,
    read_assessments,
    read_subjects,
    undated_assessments,
)
from adam.rules.time_to_event import (
    ENROLMENT,
    FIRST_DOSE,
    Case,
    Dated,
    decide,
    from_adrs,
    from_adsl,
    overall_survival,
    progression,
    progression_whenever,
    time_to_response,
    trace,
)
from specs import StudySpec
from specs.findings import combine, report
from specs.models import Parameters

DATASET = "ADTTE"
START_OF_RESPONSE = "START OF RESPONSE"
# where survival begins -> the date in ADSL, its imputation flag, and what a date of censoring there is called
ORIGINS = {"first_dose": ("TRTSDT", "TRTSDTF", FIRST_DOSE), "enrolment": ("ENRLDT", None, ENROLMENT)}


def derive_adtte(adrs: pd.DataFrame, adsl: pd.DataFrame, study: StudySpec) -> tuple[pd.DataFrame, pd.DataFrame]:
    """One record for each treated subject whose origin has a date and OS, PFS, PFSS1; for each responder DOR and TTR.

    In: ADRS with its ASEQ (USUBJID, PARAMCD, AVALC, ADT, ADTF), ADSL (FASFL, TRTSDT, ENRLDT, BLASDT, NACTDT, DTHDT,
    LSTALVDT, CUTOFFDT and what the spec carries over). Whose responses count says the study parameter
    `response.source`; where survival begins, `time_to_event.origin`; which responses have a duration,
    `time_to_event.duration_from`.
    Out: the records, sorted by subject and parameter, and findings (ADAM-460 an assessment without a date).
    AVAL is in days. Raises ValueError where the study has no parameters. Source: PROTOCOL, "Time to event".
    """
    parameters = _parameters(study)
    undated = undated_assessments(adrs, READERS[parameters.response.source])
    parts = [
        decide(cases, start).drop(columns="CASE").assign(PARAMCD=code).reset_index()
        for code, (cases, start) in _tables(adrs, adsl, parameters).items()
        if code in study.adam[DATASET].parameters
    ]
    records = pd.concat(parts, ignore_index=True)
    records["PARAMCD"] = records["PARAMCD"].astype("str")
    spec = study.adam[DATASET]
    names = {code: parameter.param for code, parameter in spec.parameters.items()}
    numbers = {code: parameter.paramn for code, parameter in spec.parameters.items()}
    records["PARAM"] = records["PARAMCD"].map(names).astype("str")
    records["PARAMN"] = records["PARAMCD"].map(numbers).astype("float64")
    carried = [name for name in spec.variables if name in adsl and name not in records]
    records = records.merge(adsl[["USUBJID", *carried]], on="USUBJID", how="left", validate="m:1")
    return records.sort_values(["USUBJID", "PARAMN"], ignore_index=True), _undated(undated)


def trace_time_to_event(adrs: pd.DataFrame, adsl: pd.DataFrame, study: StudySpec) -> pd.DataFrame:
    """Every case of each subject's parameters, in the order in which they are asked, and the one that decided.

    In: as `derive_adtte`. Out: USUBJID, PARAMCD, NUMBER, CASE, HOLDS, DECIDES, CNSR, EVNTDESC, CNSDTDSC, ADT (the date
    the case would give), SRCDOM, SRCVAR, SRCSEQ; RESULT, the value of CNSR, and REASON, both descriptions, as text.
    """
    parts = [
        trace(cases, start).assign(PARAMCD=code)
        for code, (cases, start) in _tables(adrs, adsl, _parameters(study)).items()
        if code in study.adam[DATASET].parameters
    ]
    traced = pd.concat(parts, ignore_index=True)
    reason = traced["EVNTDESC"].astype("str") + (", at: " + traced["CNSDTDSC"]).fillna("")
    return traced.assign(RESULT=traced["CNSR"].astype("str"), REASON=reason)


def explain_time_to_event(usubjid: str, adrs: pd.DataFrame, adsl: pd.DataFrame, study: StudySpec) -> pd.DataFrame:
    """The trace of one subject, see `trace_time_to_event`; no rows for a subject without records."""
    return trace_time_to_event(adrs[adrs["USUBJID"] == usubjid], adsl[adsl["USUBJID"] == usubjid], study)


def _tables(adrs: pd.DataFrame, adsl: pd.DataFrame, parameters: Parameters) -> dict[str, tuple[list[Case], Dated]]:
    """The cases and the start date of each parameter."""
    reader = READERS[parameters.response.source]
    gaps = parameters.time_to_event
    treated = read_subjects(adsl)
    treated = treated[treated[ORIGINS[gaps.origin][0]].notna()]
    assessments = read_assessments(adrs, treated, reader)
    subjects = add_landmarks(treated, assessments)
    variable, flag, text = ORIGINS[gaps.origin]
    origin = from_adsl(subjects, variable, flag)
    confirmed = gaps.duration_from == "confirmed"
    response = (
        pick_confirmed_response(adrs, treated, reader) if confirmed else pick_first_response(assessments, treated)
    )
    responders = subjects.join(response.set_index("USUBJID").add_prefix("RESPONSE_"), how="inner")
    first_response = from_adrs(responders, "RESPONSE_")
    return {
        "OS": (overall_survival(subjects, origin, text), origin),
        "PFS": (progression(subjects, gaps, origin, text), origin),
        "PFSS1": (progression_whenever(subjects, origin, text), origin),
        "DOR": (progression(responders, gaps, first_response, START_OF_RESPONSE), first_response),
        "TTR": (time_to_response(responders, first_response), from_adsl(responders, variable, flag)),
    }


def _parameters(study: StudySpec) -> Parameters:
    if study.study.parameters is None:
        raise ValueError("the study has no parameters; ADTTE needs response, time_to_event")
    return study.study.parameters


def _undated(assessments: pd.DataFrame) -> pd.DataFrame:
    named = assessments.assign(SRCDOM=assessments.get("SRCDOM", "RS"))
    sources = {str(source): rows for source, rows in named.groupby("SRCDOM")}
    return combine(
        [
            report(
                "ADAM-460", rows.rename(columns={"SRCSEQ": f"{source}SEQ"}), dataset=source,
                variable=f"{source}DTC", value=rows["AVALC"],
            )
            for source, rows in sources.items()
        ]
    )  # fmt: skip
