"""Overall response by RECIST 1.1 tables 1 and 2, recomputed from TU and TR at each assessment."""

from __future__ import annotations

import numpy as np
import pandas as pd

from adam.rules.assessment_order import POST
from adam.rules.lesions import TARGET
from adam.rules.measurements import combine_records, derive_measurements
from adam.rules.new_lesions import PROGRESSION, derive_new_lesions
from adam.rules.nontarget_response import INCREASED, PRESENT, derive_nontarget_response, derive_nontarget_states
from adam.rules.response_reasons import derive_reasons, explain
from adam.rules.target_response import (
    CR,
    NE,
    NON_CR_NON_PD,
    NOT_APPLICABLE,
    PD,
    PR,
    SD,
    derive_sums,
    derive_target_response,
)
from adam.rules.tumors import Tumors
from specs.models import ResponseParameters


def derive_overall_response(target: pd.Series, nontarget: pd.Series, new: pd.Series) -> pd.Series:
    """The overall response from target and non-target response and new lesions; the first match decides.

    In: target and nontarget (text, NOT APPLICABLE where the subject has no such lesions at baseline), new (true where a
    new lesion counts). RECIST 1.1 table 1, and table 2 where the target response is NOT APPLICABLE:
      1. a new lesion, or PD of targets or of non-targets                     -> PD
      2. no targets: non-target CR, NON-CR/NON-PD or NE                       -> as non-target
      3. no targets, no non-targets                                           -> NE
      4. target CR, and non-target CR or NOT APPLICABLE                       -> CR
      5. target CR (non-target NON-CR/NON-PD or NE)                           -> PR
      6. target PR, SD or NE                                                  -> as target
    Index and row order stay. Source: PROTOCOL, "Overall response"; Eisenhauer 2009, tables 1 and 2.
    """
    cases = [
        new | (target == PD) | (nontarget == PD),
        (target == NOT_APPLICABLE) & nontarget.isin([CR, NON_CR_NON_PD, NE]),
        target == NOT_APPLICABLE,
        (target == CR) & nontarget.isin([CR, NOT_APPLICABLE]),
        target == CR,
        target.isin([PR, SD]),
    ]
    out = np.select(cases, [PD, nontarget, NE, CR, PR, target], NE)
    return pd.Series(out, index=target.index, dtype="str")


def derive_response(tumors: Tumors, parameters: ResponseParameters) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The response of each assessment after baseline, afresh from TU and TR.

    Out: one row an assessment, index = ASSESS: SUBJ, TARGET, NONTARGET, OVERALL; TARGETDT, NONTARGETDT, OVERALLDT and
    the same with SEQ and VAR (the TR record and variable that decide or give the date); REASON (text); and the sums.
    And the new lesions, see `derive_new_lesions`. Without a baseline all three are NE. A lesion that is back after an
    overall CR is PD whatever its size, but for a target node, which goes by the size rule.
    Source: PROTOCOL, "Response (RECIST 1.1)".
    """
    combined = combine_records(tumors)
    measurements = derive_measurements(tumors, combined)
    sums = derive_sums(measurements, parameters)
    states = derive_nontarget_states(measurements, parameters)
    new = derive_new_lesions(tumors, combined, parameters)
    out = tumors.assessments[tumors.assessments["PHASE"] == POST]
    out = out.assign(BASELINE=tumors.subjects["BASELINE"].reindex(out["SUBJ"]).to_numpy() >= 0)
    out["NEW"] = out.index.isin(new.loc[new["STATUS"].isin(PROGRESSION), "ASSESS"])

    # whether a CR was there does not depend on what comes back after one
    no_target, no_other = pd.Series(False, index=sums.index), pd.Series(False, index=states.index)
    complete = _respond(out, derive_target_response(sums, no_target, parameters), states, no_other) == CR
    after = complete.groupby(out["SUBJ"]).cummax().groupby(out["SUBJ"]).shift(fill_value=False)
    after_cr = set(after.index[after])
    regrown = measurements[(measurements["KIND"] == TARGET) & ~measurements["NODE"] & (measurements["AMOUNT"] > 0)]
    regrown = regrown[regrown["ASSESS"].isin(after_cr)]
    reappeared = pd.Series(sums.index.isin(regrown["ASSESS"]), index=sums.index)
    back = (states["STATE"] == PRESENT) & states["ASSESS"].isin(after_cr)
    target = derive_target_response(sums, reappeared, parameters)
    out["OVERALL"] = _respond(out, target, states, back)
    out["TARGET"] = _of(out, target, NOT_APPLICABLE)
    out["NONTARGET"] = _of(out, derive_nontarget_response(states, back), NOT_APPLICABLE)
    out = out.join(sums.drop(columns="SUBJ"))
    reasons = derive_reasons(out, regrown, states[back | (states["STATE"] == INCREASED)], new, parameters)
    return explain(out, reasons, measurements, states, tumors), new


def _of(out: pd.DataFrame, response: pd.Series, otherwise: str) -> pd.Series:
    """A response for each assessment: NE without a baseline, `otherwise` without such lesions."""
    return response.reindex(out.index).fillna(otherwise).where(out["BASELINE"], NE)


def _respond(out: pd.DataFrame, target: pd.Series, states: pd.DataFrame, back: pd.Series) -> pd.Series:
    """Overall response of each assessment; NE without a baseline."""
    nontarget = derive_nontarget_response(states, back)
    overall = derive_overall_response(_of(out, target, NOT_APPLICABLE), _of(out, nontarget, NOT_APPLICABLE), out["NEW"])
    return overall.where(out["BASELINE"], NE)


RULES = {"overall_response": derive_response}
