"""Decision traces: which candidates and cases a rule asked, which of them hold, and which decided."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from adam.adae import derive_adae
from adam.addlt import derive_addlt, judge_criteria
from adam.adrs import Responses, read_responses
from adam.adtte import trace_time_to_event
from adam.build import build_prepared, can_make, prepare
from adam.rules.best_response import (
    best_response_cases,
    confirmation_cases,
    counting_cases,
    flag_confirmed,
    flag_long_enough,
    in_time,
    pair_responses,
)
from adam.rules.decisions import trace_each, trace_first_match
from adam.rules.dlt import CRITERIA, OVERALL, derive_dlt_flags
from adam.rules.dlt_evaluable import trace_evaluable
from adam.rules.dlt_evidence import NO, evidence_cases, in_order, pick_decisive
from adam.rules.emergence import EMERGENT, emergence_cases
from adam.rules.target_response import NE
from specs import StudySpec
from specs.errors import InputError, Problem, did_you_mean

COLUMNS = [
    "USUBJID", "PARAMCD", "CANDIDATE", "NUMBER", "CASE", "HOLDS", "DECIDES", "RESULT", "ADT", "REASON",
    "SRCDOM", "SRCVAR", "SRCSEQ",
]  # fmt: skip
_TYPES = dict.fromkeys(["USUBJID", "PARAMCD", "CANDIDATE", "CASE", "RESULT", "REASON", "SRCDOM", "SRCVAR"], "str")
# the parameters of a reader: overall response, best response without and with confirmation, confirmed response
_OF_READER = {"investigator": ("OVR", "BOR", "CBOR", "CRSP"), "derived": ("DOVR", "DBOR", "DCBOR", "DCRSP")}
_NEEDED = ("ADSL", "ADRS", "ADTTE")  # no other dataset is made for a trace
LAST_OF = {NE: 7, NO: 3}  # the number of the last case, which holds where no candidate has any: after those of the rule


def explain(
    usubjid: str, sdtm: Mapping[str, pd.DataFrame], study: StudySpec, cutoff: pd.Timestamp | None = None
) -> pd.DataFrame:
    """The full trace of every decision on one subject; see `trace_decisions`.

    Only the subject's records are looked at. Raises InputError (DATA-012) for a subject that DM lacks, naming those
    that are spelt alike.
    """
    known = sdtm["DM"]["USUBJID"] if "DM" in sdtm else pd.Series(dtype="str")
    if usubjid not in set(known):
        raise InputError(
            Problem(
                code="DATA-012", place="SDTM, domain DM", fact=f"There is no subject {usubjid}.",
                hint=did_you_mean(usubjid, known.dropna()), next_step="give a USUBJID that DM has.",
            )
        )  # fmt: skip
    own = {
        name: frame[frame["USUBJID"] == usubjid].reset_index(drop=True) if "USUBJID" in frame else frame
        for name, frame in sdtm.items()
    }
    return trace_decisions(own, study, cutoff)


def trace_decisions(
    sdtm: Mapping[str, pd.DataFrame], study: StudySpec, cutoff: pd.Timestamp | None = None
) -> pd.DataFrame:
    """Every candidate and case of the decisions on all subjects, and the one that decided.

    In: as `build_adam`. The cases are those of the rules themselves. Out: USUBJID; PARAMCD, what is decided; CANDIDATE,
    the record asked about (blank: the subject); NUMBER and CASE, in the order in which the cases are asked; HOLDS;
    DECIDES; RESULT, the value that the case gives; ADT, its date; REASON, in words; SRCDOM, SRCVAR, SRCSEQ. PARAMCD is
      OS, PFS, PFSS1, DOR, TTR     RESULT the value of CNSR; DECIDES once a subject
      OVR, DOVR                    whether each assessment counts; DECIDES once a candidate
      CRSP, DCRSP                  whether each later CR or PR confirms each earlier one; DECIDES once a candidate
      BOR, CBOR, DBOR, DCBOR       which assessment gives which best response; DECIDES once a subject
      H1G4NEUT, H2FN, H3THROMB, INVDLT, DLT   evidence of dose-limiting toxicity; DECIDES once a subject
      DLTEVLFL                     whether the subject is evaluable for DLT; DECIDES once a subject
      TRTEMFL                      each adverse event; DECIDES once a candidate
    What the SDTM or the study leaves out of ADaM has no trace.
    """
    needed = study.model_copy(update={"adam": {name: study.adam[name] for name in _NEEDED if name in study.adam}})
    ready = prepare(sdtm, study, cutoff)
    built = build_prepared(ready, needed).datasets
    parts = []
    if "ADTTE" in built:
        made = set(built["ADTTE"]["PARAMCD"])
        traced = trace_time_to_event(built["ADRS"], built["ADSL"], study)
        parts.append(traced[traced["PARAMCD"].isin(made)])
    if "ADRS" in built:
        traced = _trace_responses(read_responses(ready.sdtm, ready.adsl, study, ready.tumors))
        parts.append(traced[traced["PARAMCD"].isin(built["ADRS"]["PARAMCD"])])
    if can_make("ADDLT", ready.sdtm, study):
        parts.append(_trace_toxicity(ready.sdtm, ready.adsl, study))
        parts.append(_trace_evaluable(ready.sdtm, ready.adsl, study))
    if can_make("ADAE", ready.sdtm, study):
        events, _ = derive_adae(ready.sdtm, ready.adsl, study)
        parts.append(_trace_emergence(events.sort_values(study.adam["ADAE"].keys, kind="stable"), study))
    trace = pd.concat([_typed(part) for part in parts], ignore_index=True)
    return trace.sort_values("USUBJID", kind="stable", ignore_index=True)


def _trace_responses(responses: Responses) -> pd.DataFrame:
    readers = {"investigator": responses.investigator, "derived": responses.own}
    return pd.concat(
        [
            part
            for reader, assessments in readers.items()
            for part in _trace_reader(assessments, responses, *_OF_READER[reader])
        ],
        ignore_index=True,
    )


def _trace_reader(
    assessments: pd.DataFrame, responses: Responses, overall: str, best: str, confirmed_best: str, response: str
) -> list[pd.DataFrame]:
    """Which assessments count, which responses are confirmed by which, and which assessment gives the best one."""
    subjects, parameters = responses.tumors.subjects, responses.parameters
    treated = subjects.index[subjects["FASFL"] == "Y"]
    dated = in_time(assessments)
    all_cases = counting_cases(dated, subjects)
    counting = trace_each(all_cases, dated.assign(CANDIDATE=_assessment(dated))).assign(PARAMCD=overall)

    counted = in_time(assessments[assessments["COUNTED"] & assessments["SUBJ"].isin(treated)])
    pairs = pair_responses(counted)
    confirming = trace_each(confirmation_cases(pairs, parameters), _pairs(pairs, counted)).assign(PARAMCD=response)
    cases = best_response_cases(
        counted, flag_confirmed(counted, parameters), flag_long_enough(counted, subjects, parameters)
    )
    candidates = counted.assign(CANDIDATE=_assessment(counted))
    best_ones = [
        _or_else(trace_first_match(of_best, candidates, "SUBJ"), "SUBJ", treated, NE, "no assessment counts").assign(
            PARAMCD=paramcd
        )
        for paramcd, of_best in zip((best, confirmed_best), cases, strict=True)
    ]
    return [
        trace.assign(USUBJID=subjects["USUBJID"].reindex(trace["SUBJ"]).to_numpy())
        for trace in (counting, confirming, *best_ones)
    ]


def _assessment(rows: pd.DataFrame) -> pd.Series:
    shown = rows["ADT"].dt.strftime("%Y-%m-%d").astype("str").fillna("no date")
    text: pd.Series = rows["VISIT"].fillna("no visit") + ", " + shown + ": " + rows["RESULT"].astype("str")
    return text


def _pairs(pairs: pd.DataFrame, counted: pd.DataFrame) -> pd.DataFrame:
    """The pairs with what is between the two, and the source of the earlier one."""
    text = _assessment(counted)
    source = counted.loc[pairs["ROW"], ["SRCDOM", "SRCVAR", "SRCSEQ"]].set_axis(pairs.index)
    days = (pairs["ADT_2"] - pairs["ADT"]).dt.days.astype("str")
    between = (
        days + " days apart, " + pairs["UNKNOWN"].astype("str") + " NE and " + pairs["BREAKS"].astype("str")
        + " that do not qualify between"
    )  # fmt: skip
    by = text.reindex(pairs["ROW_2"]).set_axis(pairs.index)
    candidate = text.reindex(pairs["ROW"]).set_axis(pairs.index) + ", by " + by
    return pd.concat([pairs.assign(CANDIDATE=candidate, REASON=between), source], axis=1)


def _trace_toxicity(sdtm: Mapping[str, pd.DataFrame], adsl: pd.DataFrame, study: StudySpec) -> pd.DataFrame:
    judged = judge_criteria(sdtm, adsl, study)
    found = dict(judged.evidence)
    decided = {code: pick_decisive(found[code]) for code in CRITERIA}
    named = [rows.assign(DLTRSN=f"{code}: " + rows["DLTRSN"]) for code, rows in decided.items()]
    found[OVERALL] = pd.concat(named, ignore_index=True)
    return pd.concat(
        [_trace_evidence(evidence, judged.treated).assign(PARAMCD=code) for code, evidence in found.items()],
        ignore_index=True,
    )


def _trace_evaluable(sdtm: Mapping[str, pd.DataFrame], adsl: pd.DataFrame, study: StudySpec) -> pd.DataFrame:
    addlt, _ = derive_addlt(sdtm, adsl, study)
    return trace_evaluable(derive_dlt_flags(adsl, addlt, sdtm, study), sdtm, study).assign(PARAMCD="DLTEVLFL")


def _trace_evidence(found: pd.DataFrame, treated: pd.DataFrame) -> pd.DataFrame:
    """Each piece of evidence in each case, and the last case, that there is none, of every subject."""
    ordered = in_order(found)
    where = ordered["SRCDOM"] + " " + ordered["SRCSEQ"].astype("Int64").astype("str").fillna("")
    trace = trace_first_match(
        evidence_cases(ordered), ordered.assign(CANDIDATE=where, REASON=ordered["DLTRSN"]), "USUBJID"
    )
    return _or_else(trace, "USUBJID", treated["USUBJID"], NO, "no evidence that decides")


def _or_else(trace: pd.DataFrame, by: str, everybody: Iterable[object], otherwise: str, reason: str) -> pd.DataFrame:
    """With RESULT, the name of the case; and the last case of all, which decides where no candidate does."""
    trace = trace.assign(RESULT=trace["CASE"].str.split(" ", n=1).str[1])
    number = LAST_OF[otherwise]
    last = pd.DataFrame({by: list(everybody)}).assign(
        NUMBER=number, CASE=f"{number} {otherwise}", HOLDS=True, RESULT=otherwise, REASON=reason
    )
    last["DECIDES"] = ~last[by].isin(trace.loc[trace["DECIDES"], by])
    return pd.concat([trace, last], ignore_index=True).sort_values([by, "NUMBER"], kind="stable", ignore_index=True)


def _trace_emergence(events: pd.DataFrame, study: StudySpec) -> pd.DataFrame:
    """In: the records of ADAE with all that they are made from, also where the study's ADAE does not show it."""
    assert study.study.parameters is not None
    events = events.reset_index(drop=True)
    severity = events["AESEV"].str.casefold()
    how_bad = ("grade " + events["AETOXGR"]).fillna(severity).fillna("grade ?")
    shown = events["ASTDT"].dt.strftime("%Y-%m-%d").astype("str").fillna("no date")
    asked = events[["USUBJID"]].assign(
        CANDIDATE=events["AEDECOD"].fillna("not coded") + ", " + how_bad + ", " + shown,
        ADT=events["ASTDT"], SRCDOM="AE", SRCVAR="AESTDTC", SRCSEQ=events["AESEQ"],
    )  # fmt: skip
    cases = emergence_cases(events, window_days=study.study.parameters.safety.teae_days)
    trace = trace_each(cases, asked)
    emergent = trace["CASE"].str.split(" ", n=1).str[1].isin(EMERGENT)
    return trace.assign(
        PARAMCD="TRTEMFL", RESULT=pd.Series(np.where(emergent, "Y", ""), index=trace.index, dtype="str")
    )


def _typed(trace: pd.DataFrame) -> pd.DataFrame:
    out = trace.reindex(columns=COLUMNS).astype(_TYPES)
    return out.astype({"ADT": "datetime64[us]", "SRCSEQ": "float64", "HOLDS": "bool", "DECIDES": "bool"})
