"""ADRS: the investigator's response, and the one recomputed from the lesions, side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from adam.inputs import coded
from adam.parameters import add_parameter, carry_over
from adam.rules.best_response import (
    derive_best_response,
    flag_confirmed,
    flag_counted,
    flag_long_enough,
    in_time,
    pick_first_progression,
)
from adam.rules.investigator_response import derive_investigator_response
from adam.rules.lesions import TARGET
from adam.rules.overall_response import derive_response
from adam.rules.response_findings import explain_responses
from adam.rules.target_response import CR, NE, NON_CR_NON_PD, PD, PR, SD
from adam.rules.tumor_change import pick_best_change
from adam.rules.tumors import Tumors, read_tumors
from adam.rules.unused_responses import report_unused_responses
from specs import StudySpec
from specs.dates import study_day
from specs.findings import combine
from specs.models import ResponseParameters

NUMBERS: Mapping[str | None, float] = {CR: 1, PR: 2, SD: 3, NON_CR_NON_PD: 4, PD: 5, NE: 6, "Y": 1, "N": 0}
_SOURCE = ["SRCDOM", "SRCVAR", "SRCSEQ", "TRSEQ", "LNKGRP", "VISIT", "VISITNUM", "REASON"]


def derive_adrs(
    sdtm: Mapping[str, pd.DataFrame], adsl: pd.DataFrame, study: StudySpec, tumors: Tumors | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Response by the investigator and recomputed from TU and TR.

    In: RS, TU, TR; ADSL; `tumors`, if read already. Out: OVR, one row an OVRLRESP record; DTRGRESP, DNTRGRSP, DOVR,
    one row an assessment after baseline; and for each FASFL = Y subject one row of BOR, CBOR, RSP, CRSP, CB, CCB, PD,
    DEATH, MDIS, DBOR, DCBOR, DCRSP, one of LSTA where an assessment was adequate, and of BPCHG where a change of the
    sum counts (and the spec has it); and findings on assessments (ADAM-401, -406, -410, -411, -441, -444).
    Source: PROTOCOL, "Response (RECIST 1.1)".
    """
    rows, subjects, findings = _rows_of_all_parameters(sdtm, adsl, study, tumors)
    return _complete(rows, subjects, adsl, study), findings


def _rows_of_all_parameters(
    sdtm: Mapping[str, pd.DataFrame], adsl: pd.DataFrame, study: StudySpec, tumors: Tumors | None
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """The rows with SUBJ in place of the subject, the subjects, and the findings; all else leaves the memory."""
    responses = read_responses(sdtm, adsl, study, tumors)
    tumors, recomputed, own = responses.tumors, responses.recomputed, responses.own
    investigator, parameters = responses.investigator, responses.parameters
    rows = pd.concat(
        [
            investigator.assign(PARAMCD="OVR"),
            own.assign(PARAMCD="DOVR"),
            _component_rows(own, recomputed, "TARGET", "DTRGRESP"),
            _component_rows(own, recomputed, "NONTARGET", "DNTRGRSP"),
            *_investigator_parameters(investigator, tumors, parameters),
            *_recomputed_parameters(own, tumors, parameters),
            *([_best_change(responses)] if "BPCHG" in study.adam["ADRS"].parameters else []),
            _death(tumors),
            _measurable(tumors),
        ],
        ignore_index=True,
    )
    explained = explain_responses(tumors, recomputed, responses.new, investigator)
    unused = report_unused_responses(sdtm, tumors, responses.parameters.reader)
    return rows, tumors.subjects, combine([explained, unused])


@dataclass(frozen=True)
class Responses:
    """What TU, TR and RS say of response: each reader's assessments, and whether each counts."""

    tumors: Tumors
    recomputed: pd.DataFrame  # `derive_response`
    new: pd.DataFrame  # `derive_new_lesions`
    investigator: pd.DataFrame  # one row an OVRLRESP record: SUBJ, ASSESS, RESULT, ADT, POST, COUNTED, its source
    own: pd.DataFrame  # one row an assessment, likewise
    parameters: ResponseParameters

    @property
    def of_reader(self) -> pd.DataFrame:
        """The assessments of the reader whose responses count."""
        return self.investigator if self.parameters.source == "investigator" else self.own


def read_responses(
    sdtm: Mapping[str, pd.DataFrame], adsl: pd.DataFrame, study: StudySpec, tumors: Tumors | None = None
) -> Responses:
    """The assessments by the investigator and recomputed from TU and TR; arguments as `derive_adrs`."""
    assert study.study.parameters is not None
    parameters = study.study.parameters.response
    tumors = tumors or read_tumors(sdtm, adsl, study)
    recomputed, new = derive_response(tumors, parameters)
    own = _recomputed_rows(recomputed, tumors)
    investigator = _investigator_rows(tumors, recomputed)
    for rows in (own, investigator):
        rows["COUNTED"] = flag_counted(rows, tumors.subjects)
    return Responses(tumors, recomputed, new, investigator, own, parameters)


def _investigator_rows(tumors: Tumors, recomputed: pd.DataFrame) -> pd.DataFrame:
    rows = derive_investigator_response(tumors, recomputed)
    rows = rows.rename(columns={"RSSEQ": "SRCSEQ", "DATESEQ": "TRSEQ"})
    return rows.assign(SRCDOM="RS", SRCVAR="RSSTRESC", REASON=pd.Series(np.nan, index=rows.index, dtype="str"))


def _recomputed_rows(recomputed: pd.DataFrame, tumors: Tumors) -> pd.DataFrame:
    of_visit = tumors.assessments[["LNKGRP", "VISITNUM", "VISIT"]].reindex(recomputed.index)
    names = {"OVERALL": "RESULT", "OVERALLDT": "ADT", "OVERALLSEQ": "SRCSEQ", "OVERALLVAR": "SRCVAR"}
    rows = recomputed[["SUBJ", "REASON", *names]].rename(columns=names)
    rows[["LNKGRP", "VISITNUM", "VISIT"]] = of_visit
    rows = rows.assign(SRCDOM="TR", TRSEQ=rows["SRCSEQ"], POST=True)
    return rows.reset_index()


def _component_rows(own: pd.DataFrame, recomputed: pd.DataFrame, of: str, paramcd: str) -> pd.DataFrame:
    """The target or non-target response behind each DOVR; blank ANL01FL, for only the overall response is analysed."""
    part = recomputed.loc[own["ASSESS"], [of, f"{of}DT", f"{of}SEQ", f"{of}VAR"]].set_axis(own.index)
    return own.assign(
        PARAMCD=paramcd, RESULT=part[of], ADT=part[f"{of}DT"], SRCSEQ=part[f"{of}SEQ"], TRSEQ=part[f"{of}SEQ"],
        SRCVAR=part[f"{of}VAR"], COUNTED=False, REASON=pd.Series(np.nan, index=own.index, dtype="str"),
    )  # fmt: skip


def _investigator_parameters(
    investigator: pd.DataFrame, tumors: Tumors, parameters: ResponseParameters
) -> list[pd.DataFrame]:
    counted = in_time(investigator[investigator["COUNTED"]])
    confirmed_as = flag_confirmed(counted, parameters)
    long_enough = flag_long_enough(counted, tumors.subjects, parameters)
    best, confirmed_best = derive_best_response(counted, confirmed_as, long_enough)
    result, confirmed = counted["RESULT"], confirmed_as != ""
    responded = result.isin([CR, PR])
    stable = result.isin([SD, NON_CR_NON_PD]) & long_enough
    lasting = result.isin([CR, PR, SD, NON_CR_NON_PD]) & long_enough
    adequate = counted[result != NE].drop_duplicates("SUBJ", keep="last")
    blank = {"SRCDOM": "RS", "SRCVAR": "RSSTRESC"}
    return [
        _one_each(best, tumors, "BOR", NE, blank),
        _one_each(confirmed_best, tumors, "CBOR", NE, blank),
        _yes_or_no(counted[responded], tumors, "RSP", blank),
        _yes_or_no(counted[confirmed], tumors, "CRSP", blank),
        _yes_or_no(counted[responded | stable], tumors, "CB", blank),
        _yes_or_no(counted[confirmed | lasting], tumors, "CCB", blank),
        _yes_or_no(pick_first_progression(investigator), tumors, "PD", blank),
        adequate[adequate["SUBJ"].isin(_analysed(tumors).index)].assign(PARAMCD="LSTA", COUNTED=True),
    ]


def _recomputed_parameters(own: pd.DataFrame, tumors: Tumors, parameters: ResponseParameters) -> list[pd.DataFrame]:
    counted = in_time(own[own["COUNTED"]])
    confirmed_as = flag_confirmed(counted, parameters)
    long_enough = flag_long_enough(counted, tumors.subjects, parameters)
    best, confirmed_best = derive_best_response(counted, confirmed_as, long_enough)
    blank = {"SRCDOM": "TR", "SRCVAR": "TRDTC"}
    return [
        _one_each(best, tumors, "DBOR", NE, blank),
        _one_each(confirmed_best, tumors, "DCBOR", NE, blank),
        _yes_or_no(counted[confirmed_as != ""], tumors, "DCRSP", blank),
    ]


def _analysed(tumors: Tumors) -> pd.DataFrame:
    return tumors.subjects[tumors.subjects["FASFL"] == "Y"]


def _yes_or_no(found: pd.DataFrame, tumors: Tumors, paramcd: str, blank: Mapping[str, str]) -> pd.DataFrame:
    first = found.drop_duplicates("SUBJ")
    return _one_each(first.assign(RESULT=pd.Series("Y", index=first.index, dtype="str")), tumors, paramcd, "N", blank)


def _one_each(
    found: pd.DataFrame, tumors: Tumors, paramcd: str, otherwise: str, blank: Mapping[str, str]
) -> pd.DataFrame:
    """A row for each analysed subject: the one found, else the value `otherwise`, without a date."""
    rows = found.set_index("SUBJ")[["RESULT", "ADT", *_SOURCE]].reindex(_analysed(tumors).index)
    rows["RESULT"] = rows["RESULT"].fillna(otherwise)
    for name, value in blank.items():
        rows[name] = rows[name].fillna(value)
    return rows.assign(PARAMCD=paramcd, COUNTED=True).reset_index()


def _best_change(responses: Responses) -> pd.DataFrame:
    """BPCHG, of the assessments that count for the reader whose responses count."""
    counted = responses.of_reader.loc[responses.of_reader["COUNTED"], "ASSESS"]
    best = pick_best_change(responses.recomputed.loc[responses.recomputed.index.isin(counted)])
    best = best[best["SUBJ"].isin(_analysed(responses.tumors).index)]
    rows = best[["SUBJ", "CHANGE", "LNKGRP", "VISIT", "VISITNUM"]]
    return rows.assign(
        PARAMCD="BPCHG", COUNTED=True, SRCDOM="TR", SRCVAR="TRSTRESN", SRCSEQ=best["SUMSEQ"], TRSEQ=best["SUMSEQ"],
        ADT=best["SUMDT"].fillna(best["DT"]),
    )  # fmt: skip


def _death(tumors: Tumors) -> pd.DataFrame:
    subjects = _analysed(tumors).reset_index()
    dead = (subjects["DTHFL"] == "Y") | subjects["DTHDT"].notna()
    return subjects[["SUBJ"]].assign(
        PARAMCD="DEATH", COUNTED=True, SRCDOM="ADSL", SRCVAR="DTHDT", ADT=subjects["DTHDT"], ADTF=subjects["DTHDTF"],
        RESULT=pd.Series(np.where(dead, "Y", "N"), index=subjects.index, dtype="str"),
    )  # fmt: skip


def _measurable(tumors: Tumors) -> pd.DataFrame:
    """Y with the date of the baseline assessment where a TARGET lesion was identified by it."""
    lesions = tumors.lesions[(tumors.lesions["KIND"] == TARGET) & tumors.lesions["INBASE"]]
    first = lesions.drop_duplicates("SUBJ").set_index("SUBJ")["TUSEQ"]
    subjects = _analysed(tumors)
    yes = subjects.index.isin(first.index)
    visit = tumors.assessments.reindex(subjects["BASELINE"].where(yes, -1)).set_axis(subjects.index)
    return pd.DataFrame(
        {
            "PARAMCD": "MDIS", "COUNTED": True, "SRCDOM": "TU", "SRCVAR": "TUSTRESC",
            "RESULT": pd.Series(np.where(yes, "Y", "N"), index=subjects.index, dtype="str"),
            "ADT": subjects["BLASDT"].where(yes), "SRCSEQ": first.reindex(subjects.index),
            "LNKGRP": visit["LNKGRP"], "VISIT": visit["VISIT"], "VISITNUM": visit["VISITNUM"],
        }
    ).reset_index()  # fmt: skip


def _complete(rows: pd.DataFrame, subjects: pd.DataFrame, adsl: pd.DataFrame, study: StudySpec) -> pd.DataFrame:
    """Gives the columns their ADaM names; adds PARAM, PARCAT1, AVAL, ADY and what the spec carries over from ADSL."""
    spec = study.adam["ADRS"]
    first_dose = subjects["TRTSDT"].reindex(rows["SUBJ"]).set_axis(rows.index)
    results, words = pd.factorize(rows["RESULT"].astype("str"))
    numbers = pd.Series([NUMBERS.get(word) for word in [*words, None]], dtype="float64")
    change = pd.Series(rows.get("CHANGE"), index=rows.index, dtype="float64")
    date = rows["ADT"].astype("datetime64[us]")
    out = pd.DataFrame(
        {
            "USUBJID": pd.Series(coded(subjects["USUBJID"], rows["SUBJ"].to_numpy()), index=rows.index),
            "PARAMCD": rows["PARAMCD"].astype("str"),
            "AVALC": rows["RESULT"].astype("str"),
            "AVAL": numbers.take(results).set_axis(rows.index).fillna(change),
            "ADT": date,
            "ADTF": rows["ADTF"].astype("str"),
            "ADY": study_day(date, first_dose),
            "AVISIT": rows["VISIT"].astype("str"),
            "AVISITN": rows["VISITNUM"].astype("float64"),
            "ANL01FL": pd.Series(np.nan, index=rows.index, dtype="str").mask(rows["COUNTED"].astype(bool), "Y"),
            "RSLNKGRP": rows["LNKGRP"].astype("str"),
            "RSREAS": rows["REASON"].astype("str"),
            "SRCDOM": rows["SRCDOM"].astype("str"),
            "SRCVAR": rows["SRCVAR"].astype("str"),
            "SRCSEQ": rows["SRCSEQ"].astype("float64"),
            "TRSEQ": rows["TRSEQ"].astype("float64"),
        }
    )
    return carry_over(add_parameter(out, spec), adsl, spec)
