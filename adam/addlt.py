"""ADDLT: dose-limiting toxicity of phase Ib, one record for each subject and criterion, and the overall one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from adam.inputs import among, take
from adam.rules.counts import read_counts, report_unknown_units
from adam.rules.dlt import CRITERIA, OVERALL, find_investigator_dlt, report_differences
from adam.rules.dlt_evidence import (
    INDETERMINATE,
    NO,
    derive_window,
    evidence,
    phase_ib,
    pick_decisive,
    read_events,
)
from adam.rules.febrile_neutropenia import find_febrile_neutropenia
from adam.rules.neutropenia import find_lasting_neutropenia
from adam.rules.thrombocytopenia import find_thrombocytopenia
from specs import StudySpec
from specs.dates import study_day
from specs.findings import combine, report

DATASET = "ADDLT"
DOMAINS = ("LB", "VS", "AE", "SUPPAE", "PR", "EX")
NOT_MET = "Criterion not met"


def derive_addlt(
    sdtm: Mapping[str, pd.DataFrame], adsl: pd.DataFrame, study: StudySpec
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """One record for each subject treated in phase Ib and H1G4NEUT, H2FN, H3THROMB, INVDLT and DLT.

    In: LB, VS, AE, SUPPAE, PR, EX; ADSL with USUBJID, PHASE, SAFFL, TRTSDT and what the spec carries over. Out: records
    (AVALC Y, N or INDETERMINATE; ADT, the day it began; ADTF, ADY, SRCDOM, SRCVAR, SRCSEQ and DLTRSN, why), sorted by
    subject and parameter; and findings (ADAM-403 indeterminate, ADAM-404 the investigator's judgement differs, ADAM-413
    counts in a unit that is not known). The criteria are told in `adam.rules`: neutropenia, febrile_neutropenia,
    thrombocytopenia, dlt. DLT is the first of them that is Y, else the first that is INDETERMINATE, else N. Without a
    date of first dose all are INDETERMINATE.
    Raises ValueError where the study has no parameters. Source: PROTOCOL, DLT.
    """
    if study.study.parameters is None or study.study.parameters.dlt is None:
        raise ValueError("the study has no parameters; ADDLT needs dlt")
    judged = judge_criteria(sdtm, adsl, study)
    decided = {code: pick_decisive(found) for code, found in judged.evidence.items()}
    decided[OVERALL] = pick_decisive(pd.concat(decided.values(), ignore_index=True))
    parts = [
        judged.treated.merge(rows, on="USUBJID", how="left").assign(PARAMCD=code) for code, rows in decided.items()
    ]
    records = _describe(pd.concat(parts, ignore_index=True), adsl, study)
    criteria = records[records["PARAMCD"] != OVERALL]
    units = report_unknown_units(judged.counts)
    differences = report_differences(criteria, judged.events, sdtm, study)
    return records, combine([_indeterminate(criteria), units, differences])


@dataclass(frozen=True)
class Judged:
    """The subjects treated in phase Ib, and all evidence on each criterion."""

    treated: pd.DataFrame  # USUBJID, TRTSDT
    events: pd.DataFrame  # `read_events`
    counts: dict[str, pd.DataFrame]  # `read_counts`, by test
    evidence: dict[str, pd.DataFrame]  # criterion -> evidence, what does not meet it included


def judge_criteria(sdtm: Mapping[str, pd.DataFrame], adsl: pd.DataFrame, study: StudySpec) -> Judged:
    """The evidence on each criterion of DLT but the overall one; arguments as `derive_addlt`."""
    assert study.study.parameters is not None
    assert study.study.parameters.dlt is not None
    parameters = study.study.parameters.dlt
    treated = adsl.loc[phase_ib(adsl), ["USUBJID", "TRTSDT"]]
    sdtm = {name: frame[among(frame["USUBJID"], treated["USUBJID"])] for name, frame in sdtm.items() if name in DOMAINS}
    window = derive_window(sdtm, adsl, study, parameters.window_days)
    events = read_events(sdtm, window)
    counts = {test: read_counts(sdtm, test, window) for test in ("NEUT", "PLAT")}
    found = {
        "H1G4NEUT": find_lasting_neutropenia(counts["NEUT"], parameters),
        "H2FN": find_febrile_neutropenia(counts["NEUT"], events, sdtm, study, parameters),
        "H3THROMB": find_thrombocytopenia(counts["PLAT"], events, sdtm, study, parameters),
        "INVDLT": find_investigator_dlt(events, sdtm),
    }
    undated = _undated(treated, sdtm)
    everything = {code: pd.concat([found[code], undated], ignore_index=True) for code in CRITERIA}
    return Judged(treated, events, counts, everything)


def _undated(treated: pd.DataFrame, sdtm: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Subjects without a date of first dose, for whom nothing can be judged, by their first record of EX."""
    first = take(sdtm, "EX", ["USUBJID", "EXSEQ"]).sort_values("EXSEQ").drop_duplicates("USUBJID")
    rows = treated[treated["TRTSDT"].isna()].merge(first, on="USUBJID", how="left")
    reason = "The date of first dose is not known"
    return evidence(rows, result=INDETERMINATE, domain="EX", variable="EXSTDTC", reason=reason)


def _describe(records: pd.DataFrame, adsl: pd.DataFrame, study: StudySpec) -> pd.DataFrame:
    spec = study.adam[DATASET]
    records["PARAMCD"] = records["PARAMCD"].astype("str")
    records["AVALC"] = records["AVALC"].fillna(NO)
    records["DLTRSN"] = records["DLTRSN"].fillna(NOT_MET)
    records["ADT"] = records["ADT"].astype("datetime64[us]")
    records["ADY"] = study_day(records["ADT"], records["TRTSDT"])
    records["PARAM"] = records["PARAMCD"].map({code: p.param for code, p in spec.parameters.items()}).astype("str")
    records["PARAMN"] = records["PARAMCD"].map({code: p.paramn for code, p in spec.parameters.items()})
    carried = [name for name in spec.variables if name in adsl and name not in records]
    records = records.merge(adsl[["USUBJID", *carried]], on="USUBJID", how="left", validate="m:1")
    return records.sort_values(["USUBJID", "PARAMN"], ignore_index=True)


def _indeterminate(criteria: pd.DataFrame) -> pd.DataFrame:
    """Finding ADAM-403 for each criterion that cannot be decided, on the record that it rests on."""
    rows = criteria[criteria["AVALC"] == INDETERMINATE]
    return combine(
        [
            report(
                "ADAM-403", of_domain.rename(columns={"SRCSEQ": f"{domain}SEQ"}), dataset=str(domain),
                variable=of_domain["SRCVAR"].iloc[0], value=of_domain["PARAMCD"], reason=of_domain["DLTRSN"],
            )
            for domain, of_domain in rows.groupby("SRCDOM")
        ]
    )  # fmt: skip
