"""Dose-limiting toxicity: the investigator's judgement, the overall one, where they differ, and the flags of ADSL."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from adam.inputs import take
from adam.rules.dlt_evaluable import derive_evaluable
from adam.rules.dlt_evidence import INDETERMINATE, NO, YES, evidence, in_terms, phase_ib
from adam.rules.escalation import describe_levels, find_rp2d, judge_levels
from specs import StudySpec
from specs.findings import combine, no_findings, report

HAEMATOLOGICAL = ["H1G4NEUT", "H2FN", "H3THROMB"]
CRITERIA = [*HAEMATOLOGICAL, "INVDLT"]
OVERALL = "DLT"


def find_investigator_dlt(events: pd.DataFrame, sdtm: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Evidence from the DLT mark on the AE form.

    In: adverse events (`read_events`), SUPPAE. An event with QNAM AEDLT = Y that starts in the window, or of which the
    partial start date can lie in it: the mark itself says that it was dose-limiting. Source: PROTOCOL, DLT 4.
    """
    rows = marked_events(events, sdtm)
    result = pd.Series(np.where(rows["STARTS"] == NO, NO, YES), index=rows.index, dtype="str")
    reason = "Marked by the investigator: " + rows["AEDECOD"].fillna("event not coded")
    return evidence(rows, result=result, domain="AE", variable="AEDLT", reason=reason)


def marked_events(events: pd.DataFrame, sdtm: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The adverse events that the investigator marked as dose-limiting."""
    marks = take(sdtm, "SUPPAE", ["USUBJID", "QNAM", "QVAL", "IDVARVAL"])
    marks = marks[(marks["QNAM"] == "AEDLT") & (marks["QVAL"] == "Y")]
    marks = marks.assign(AESEQ=pd.to_numeric(marks["IDVARVAL"], errors="coerce").astype("float64"))
    return events.merge(marks[["USUBJID", "AESEQ"]].drop_duplicates(), on=["USUBJID", "AESEQ"])


def report_differences(
    results: pd.DataFrame, events: pd.DataFrame, sdtm: Mapping[str, pd.DataFrame], study: StudySpec
) -> pd.DataFrame:
    """Findings ADAM-404: the investigator's judgement differs from rules 1 to 3.

    In: one row a subject and criterion (PARAMCD, AVALC, SRCDOM, SRCSEQ). It differs where
      1. a rule is Y and no event that starts in the window is marked: on the record that the rule rests on
      2. an event of the term list `haematological` is marked, and no rule is Y or INDETERMINATE: on that event
    A mark on another event is for the rest, and no difference. Both stay in the data. Source: PROTOCOL, DLT 4.
    """
    ruled = results[results["PARAMCD"].isin(HAEMATOLOGICAL)]
    met = ruled[ruled["AVALC"] == YES]
    marked = results.loc[(results["PARAMCD"] == "INVDLT") & (results["AVALC"] == YES), "USUBJID"]
    unmarked = met[~met["USUBJID"].isin(marked)]
    open_or_met = ruled.loc[ruled["AVALC"] != NO, "USUBJID"]
    ticks = marked_events(events, sdtm)
    ticks = ticks[(ticks["STARTS"] != NO) & in_terms(ticks["AEDECOD"], study.terms("haematological"))]
    ticks = ticks[~ticks["USUBJID"].isin(open_or_met)]
    says = "rule " + unmarked["PARAMCD"] + " is met (" + unmarked["DLTRSN"] + "), but no adverse event is marked"
    parts = [
        report(
            "ADAM-404", of_domain.rename(columns={"SRCSEQ": f"{domain}SEQ"}), dataset=str(domain), variable="AEDLT",
            value="not marked", difference=says,
        )
        for domain, of_domain in unmarked.groupby("SRCDOM")
    ]  # fmt: skip
    says = "the adverse event " + ticks["AEDECOD"] + " is marked, but no haematologic rule is met"
    parts.append(report("ADAM-404", ticks, dataset="AE", variable="AEDLT", field="AEDLT", value="Y", difference=says))
    return combine(parts)


def derive_dlt_flags(
    adsl: pd.DataFrame, addlt: pd.DataFrame, sdtm: Mapping[str, pd.DataFrame], study: StudySpec
) -> pd.DataFrame:
    """ADSL with its flags of dose-limiting toxicity; RP2DFL is another step's (`derive_rp2d_flag`).

    Adds, for the subjects treated in phase Ib and blank for all others, DLTFL (Y where the overall DLT is Y, else N,
    also where it is INDETERMINATE), DLTEVLFL and DLTEVLRS (`derive_evaluable`). Row order and count stay.
    Source: PROTOCOL, DLT.
    """
    return derive_evaluable(_with_dlt(adsl, addlt), sdtm, study)


def derive_rp2d_flag(adsl: pd.DataFrame, addlt: pd.DataFrame, study: StudySpec) -> tuple[pd.DataFrame, pd.DataFrame]:
    """ADSL with RP2DFL (Y on the subjects of the RP2D's level), and the finding that tells the RP2D.

    RP2DFL rests on all subjects of phase Ib together, and is blank for all others. Row order and count stay. The
    finding is ADAM-414; there is none without such subjects. Source: PROTOCOL, DLT.
    """
    assert study.study.parameters is not None
    assert study.study.parameters.dlt is not None
    in_phase = phase_ib(adsl)
    treated = adsl[in_phase]
    open_subjects = addlt.loc[(addlt["PARAMCD"] == OVERALL) & (addlt["AVALC"] == INDETERMINATE), "USUBJID"]
    evaluable = treated["DLTEVLFL"] == YES
    counted = pd.DataFrame(
        {
            "LEVEL": treated["DOSELVL"], "EVALUABLE": evaluable, "DLT": evaluable & (treated["DLTFL"] == YES),
            "INDETERMINATE": treated["USUBJID"].isin(open_subjects),
        }
    )  # fmt: skip
    levels = judge_levels(counted.groupby("LEVEL", as_index=False).sum(), study.study.parameters.dlt)
    rp2d = find_rp2d(levels)
    chosen = in_phase & (adsl["DOSELVL"] == rp2d.level)
    flag = pd.Series(np.select([chosen, in_phase], [YES, NO], ""), index=adsl.index, dtype="str")
    flagged = adsl.assign(RP2DFL=flag.mask(flag == ""))
    if levels.empty:
        return flagged, no_findings()
    row = pd.DataFrame({"STUDYID": [study.studyid]})
    found = report("ADAM-414", row, dataset="ADSL", variable="RP2DFL", value=rp2d.text, levels=describe_levels(levels))
    return flagged, found


def _with_dlt(adsl: pd.DataFrame, addlt: pd.DataFrame) -> pd.DataFrame:
    """DLTFL, from the overall record of ADDLT."""
    with_dlt = addlt.loc[(addlt["PARAMCD"] == OVERALL) & (addlt["AVALC"] == YES), "USUBJID"]
    in_phase = phase_ib(adsl)
    flag = pd.Series(np.select([in_phase & adsl["USUBJID"].isin(with_dlt), in_phase], [YES, NO], ""), index=adsl.index)
    return adsl.assign(DLTFL=flag.astype("str").mask(flag == ""))


RULES = {"investigator_dlt": find_investigator_dlt, "dlt_flags": derive_dlt_flags, "rp2d_flag": derive_rp2d_flag}
