"""H3THROMB: thrombocytopenia of grade 4, with bleeding, or with platelet transfusion."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from adam.inputs import take
from adam.rules.counts import below, derive_runs, undated_in_window
from adam.rules.dates import possible_days
from adam.rules.dlt_evidence import EARLIEST, INDETERMINATE, LATEST, evidence, in_terms, judge, settle
from specs import StudySpec
from specs.models import DltParameters


def find_thrombocytopenia(
    platelets: pd.DataFrame,
    events: pd.DataFrame,
    sdtm: Mapping[str, pd.DataFrame],
    study: StudySpec,
    parameters: DltParameters,
) -> pd.DataFrame:
    """Evidence of dose-limiting thrombocytopenia.

    In: platelet counts (`read_counts`), adverse events (`read_events`), PR. Of a run of counts below
    `plat_grade3_below` that begins in the window, each of these is evidence:
      1. grade 4: a count of it below `plat_grade4_below`
      2. bleeding: an event of the term list `haemorrhage` whose days overlap the run (no end date: it goes on)
      3. a platelet transfusion from its first day to `transfusion_days_after` days after its last
    Y where every day that a partial date can mean meets it, INDETERMINATE where only some do. A count below
    `plat_grade4_below` that can be of the window but has no complete date is INDETERMINATE, too; a count
    known only by a bound that does not decide is judged both ways. Source: PROTOCOL, DLT 3; CTCAE v5.
    """
    worst, best = (
        _judge_runs(platelets, events, sdtm, study, parameters, undecided=undecided) for undecided in (True, False)
    )
    deep = below(platelets, parameters.plat_grade4_below, undecided=True)
    undated = platelets[deep & undated_in_window(platelets)]
    found = evidence(
        undated, result=INDETERMINATE, domain="LB", variable="LBSTRESN",
        reason=f"Platelets below {parameters.plat_grade4_below:g}, on a day not known",
    )  # fmt: skip
    return pd.concat([settle(worst, best), found], ignore_index=True)


def _judge_runs(
    platelets: pd.DataFrame,
    events: pd.DataFrame,
    sdtm: Mapping[str, pd.DataFrame],
    study: StudySpec,
    parameters: DltParameters,
    *,
    undecided: bool,
) -> pd.DataFrame:
    low = below(platelets, parameters.plat_grade3_below, undecided=undecided)
    runs = derive_runs(platelets, low, below(platelets, parameters.plat_grade4_below, undecided=undecided))
    grade4 = f"Platelets below {parameters.plat_grade4_below:g}"
    grade3 = f"Platelets below {parameters.plat_grade3_below:g}, with "
    bleeding = _bleeding(runs, events, study)
    transfused = _transfused(runs, sdtm, study, parameters)
    return pd.concat(
        [
            evidence(
                runs, result=judge(runs["DEEP"], runs["DEEP"]), domain="LB", variable="LBSTRESN", reason=grade4,
            ),
            evidence(
                bleeding, result=bleeding["RESULT"], domain="LB", variable="LBSTRESN",
                reason=grade3 + bleeding["AEDECOD"],
            ),
            evidence(
                transfused, result=transfused["RESULT"], domain="LB", variable="LBSTRESN",
                reason=grade3 + "platelet transfusion",
            ),
        ],
        ignore_index=True,
    )  # fmt: skip


def _bleeding(runs: pd.DataFrame, events: pd.DataFrame, study: StudySpec) -> pd.DataFrame:
    names = ["USUBJID", "AEDECOD", "FIRST", "LAST", "ENDFIRST", "ENDLAST"]
    bleeds = events.loc[in_terms(events["AEDECOD"], study.terms("haemorrhage")), names]
    pairs = runs.merge(bleeds, on="USUBJID")
    surely = (pairs["LAST"] <= pairs["LASTDT"]) & (pairs["ENDFIRST"] >= pairs["ADT"])
    maybe = (pairs["FIRST"] <= pairs["LASTDT"]) & (pairs["ENDLAST"] >= pairs["ADT"])
    return pairs.assign(RESULT=judge(surely, maybe))


def _transfused(
    runs: pd.DataFrame, sdtm: Mapping[str, pd.DataFrame], study: StudySpec, parameters: DltParameters
) -> pd.DataFrame:
    given = take(sdtm, "PR", ["USUBJID", "PRTRT", "PRDECOD", "PROCCUR", "PRSTDTC"])
    platelets = in_terms(given["PRDECOD"].fillna(given["PRTRT"]), study.terms("platelet_transfusion"))
    given = given[platelets & (given["PROCCUR"] != "N")]
    days = possible_days(given["PRSTDTC"])
    given = given.assign(FIRST=days["FIRST"].fillna(EARLIEST), LAST=days["LAST"].fillna(LATEST))
    pairs = runs.merge(given[["USUBJID", "FIRST", "LAST"]], on="USUBJID")
    until = pairs["LASTDT"] + pd.Timedelta(days=parameters.transfusion_days_after)
    surely = (pairs["FIRST"] >= pairs["ADT"]) & (pairs["LAST"] <= until)
    maybe = (pairs["FIRST"] <= until) & (pairs["LAST"] >= pairs["ADT"])
    return pairs.assign(RESULT=judge(surely, maybe))


RULES = {"thrombocytopenia": find_thrombocytopenia}
