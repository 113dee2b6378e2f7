"""H2FN: febrile neutropenia not associated with the underlying disease."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from adam.inputs import take
from adam.rules.counts import DECIMALS, below, in_window
from adam.rules.dates import day
from adam.rules.dlt_evidence import INDETERMINATE, NO, YES, evidence, in_terms, judge, moment
from specs import StudySpec
from specs.models import DltParameters

# the days on which two readings may lie: both that of the count, both the next one, or one on each
_SCOPES = ((0,), (1,), (0, 1))


def find_febrile_neutropenia(
    neutrophils: pd.DataFrame,
    events: pd.DataFrame,
    sdtm: Mapping[str, pd.DataFrame],
    study: StudySpec,
    parameters: DltParameters,
) -> pd.DataFrame:
    """Evidence of febrile neutropenia.

    In: neutrophil counts (`read_counts`), adverse events (`read_events`), VS TEMP in C. Each of these is evidence:
      1. an event of the term list `febrile_neutropenia`, of grade `febrile_grade_from` or more, that starts in the
         window and whose cause is not of the list `caused_by_disease`; INDETERMINATE where only some days of a
         partial start are in the window, or the grade is missing
      2. a count below `anc_febrile_below` in the window with fever (`judge_fever`) on its day or the next;
         INDETERMINATE where the count is known only by a bound that does not decide, or the fever is
    Source: PROTOCOL, DLT 2; CTCAE v5.
    """
    return pd.concat([_events(events, study, parameters), _counts(neutrophils, sdtm, parameters)], ignore_index=True)


def _events(events: pd.DataFrame, study: StudySpec, parameters: DltParameters) -> pd.DataFrame:
    disease = in_terms(events["AERELNST"], study.terms("caused_by_disease"))
    rows = events[in_terms(events["AEDECOD"], study.terms("febrile_neutropenia")) & ~disease]
    grade = pd.to_numeric(rows["AETOXGR"], errors="coerce")
    surely = (grade >= parameters.febrile_grade_from) & (rows["STARTS"] == YES)
    maybe = ~(grade < parameters.febrile_grade_from) & (rows["STARTS"] != NO)
    reason = "Adverse event " + rows["AEDECOD"] + ", grade " + rows["AETOXGR"].fillna("not known")
    return evidence(rows, result=judge(surely, maybe), domain="AE", variable="AEDECOD", reason=reason)


def _counts(neutrophils: pd.DataFrame, sdtm: Mapping[str, pd.DataFrame], parameters: DltParameters) -> pd.DataFrame:
    limit = parameters.anc_febrile_below
    low = neutrophils.assign(SURE=below(neutrophils, limit, undecided=False))
    low = low[below(neutrophils, limit, undecided=True) & in_window(neutrophils)]
    low = low.merge(judge_fever(low[["USUBJID", "DATE"]], _temperatures(sdtm), parameters), on=["USUBJID", "DATE"])
    result = low["FEVER"].mask((low["FEVER"] == YES) & ~low["SURE"], INDETERMINATE)
    reason = f"Neutrophils below {limit:g} with fever" + low["FEVER"].map({YES: ""}).fillna(", if its times say so")
    return evidence(low.assign(ADT=low["DATE"]), result=result, domain="LB", variable="LBSTRESN", reason=reason)


def _temperatures(sdtm: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """All readings with a complete date: USUBJID, DATE, MOMENT (missing without a time), TEMP in C."""
    readings = take(sdtm, "VS", ["USUBJID", "VSTESTCD", "VSSTRESN", "VSSTRESU", "VSDTC"])
    readings = readings[readings["VSTESTCD"] == "TEMP"]
    fahrenheit = readings["VSSTRESU"] == "F"
    celsius = readings["VSSTRESN"].mask(fahrenheit, (readings["VSSTRESN"] - 32) * 5 / 9).round(DECIMALS)
    out = readings.assign(DATE=day(readings["VSDTC"]), MOMENT=moment(readings["VSDTC"]), TEMP=celsius)
    return out[["USUBJID", "DATE", "MOMENT", "TEMP"]].dropna(subset=["DATE", "TEMP"])


def judge_fever(days: pd.DataFrame, readings: pd.DataFrame, parameters: DltParameters) -> pd.DataFrame:
    """Whether there was fever on each day or the next.

    In: USUBJID and DATE; readings with USUBJID, DATE, MOMENT, TEMP. Out: USUBJID, DATE and FEVER, one row for each
    different day that has it. The first match decides:
      1. a reading above `temp_single_above`                                                          -> Y
      2. two readings of `temp_sustained_from` or more, more than `temp_sustained_minutes` minutes
         apart, none lower between, and no lower one without a time on their days                     -> Y
      3. two such readings, but a time that is missing could decide                                   -> INDETERMINATE
      4. anything else                                                                                -> no row
    A reading without a complete date is not used. Source: PROTOCOL, DLT 2.
    """
    days = days.drop_duplicates()
    near = pd.concat(
        [
            days.assign(ON=days["DATE"] + pd.Timedelta(days=offset), OFFSET=offset).merge(
                readings.rename(columns={"DATE": "ON"}), on=["USUBJID", "ON"]
            )
            for offset in (0, 1)
        ],
        ignore_index=True,
    )
    near["HIGH"] = near["TEMP"] >= parameters.temp_sustained_from
    single = near[near["TEMP"] > parameters.temp_single_above]
    scopes = [_sustained(near[near["OFFSET"].isin(scope)], parameters.temp_sustained_minutes) for scope in _SCOPES]
    both = pd.concat([single[["USUBJID", "DATE"]].assign(FEVER=YES), *scopes], ignore_index=True)
    return both.sort_values("FEVER", ascending=False, kind="stable").drop_duplicates(["USUBJID", "DATE"])


def _sustained(readings: pd.DataFrame, minutes: int) -> pd.DataFrame:
    """Cases 2 and 3 among the readings of each day's scope."""
    by = ["USUBJID", "DATE"]
    timed = readings.dropna(subset="MOMENT").sort_values([*by, "MOMENT", "HIGH"], kind="stable")
    changed = timed["HIGH"] != timed.groupby(by)["HIGH"].shift()
    timed = timed.assign(RUN=changed.groupby([timed[name] for name in by]).cumsum())
    span = timed[timed["HIGH"]].groupby([*by, "RUN"])["MOMENT"].agg(["min", "max"]).reset_index()
    apart = span.loc[span["max"] - span["min"] > pd.Timedelta(minutes=minutes), by].drop_duplicates()
    untimed = readings["MOMENT"].isna()
    flags = readings.assign(UNTIMED=untimed & readings["HIGH"], LOWER=untimed & ~readings["HIGH"])
    days = flags.groupby(by, as_index=False).agg(
        TWO=("HIGH", "sum"), UNTIMED=("UNTIMED", "any"), LOWER=("LOWER", "any")
    )
    days = days.merge(apart.assign(APART="Y"), on=by, how="left")
    is_apart = days["APART"].notna()
    maybe = is_apart | (days["UNTIMED"].astype("bool") & (days["TWO"] > 1))
    days["FEVER"] = judge(is_apart & ~days["LOWER"].astype("bool"), maybe)
    return days.loc[days["FEVER"] != NO, [*by, "FEVER"]]


RULES = {"febrile_neutropenia": find_febrile_neutropenia}
