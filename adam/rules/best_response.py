"""Which assessments count, and the best overall response from them, without and with confirmation."""

from __future__ import annotations

import pandas as pd

from adam.rules.target_response import CR, NE, NON_CR_NON_PD, PD, PR, SD
from specs.models import ResponseParameters


def flag_counted(assessments: pd.DataFrame, subjects: pd.DataFrame) -> pd.Series:
    """Whether an assessment counts for best response, confirmation, PFS and DOR.

    In: SUBJ, RESULT, ADT, POST; subjects (index SUBJ) with NACTDT. True where it lies after baseline, has a date, and
    that is on or before the subject's first PD and on or before the start of new anticancer therapy.
    Source: PROTOCOL, "For best response, confirmation, PFS and DOR only ...".
    """
    usable = assessments["POST"] & assessments["ADT"].notna()
    first_pd = pick_first_progression(assessments).set_index("SUBJ")["ADT"]
    end = first_pd.reindex(assessments["SUBJ"]).set_axis(assessments.index)
    therapy = subjects["NACTDT"].reindex(assessments["SUBJ"]).set_axis(assessments.index)
    return usable & ~(assessments["ADT"] > end) & ~(assessments["ADT"] > therapy)


def pick_first_progression(assessments: pd.DataFrame) -> pd.DataFrame:
    """The first PD after baseline of each subject, by date: at most one row a subject, all columns."""
    progressed = assessments[assessments["POST"] & assessments["ADT"].notna() & (assessments["RESULT"] == PD)]
    return in_time(progressed).drop_duplicates("SUBJ")


def in_time(assessments: pd.DataFrame) -> pd.DataFrame:
    """Assessments in the order of subject, date, visit and record."""
    return assessments.sort_values(["SUBJ", "ADT", "VISITNUM", "SRCSEQ"], kind="stable")


def flag_confirmed(counted: pd.DataFrame, parameters: ResponseParameters) -> pd.Series:
    """CR or PR where that response is confirmed, else blank; index as given.

    In: the counted assessments (SUBJ, RESULT, ADT) in the order of time. A CR is confirmed by a CR, a PR by a PR or a
    CR, `confirm_days` or more later; everything in between must itself qualify or be NE, `max_ne_between` NE at most.
    Source: PROTOCOL, "Best overall response".
    """
    rows = counted[["SUBJ", "RESULT", "ADT"]].reset_index(names="ROW").rename_axis("AT").reset_index()
    confirmed = pd.Series("", index=counted.index, dtype="str")
    for response, qualifying in ((CR, [CR]), (PR, [CR, PR])):
        breaks = (~rows["RESULT"].isin([*qualifying, NE])).cumsum()
        unknown = (rows["RESULT"] == NE).cumsum()
        marked = rows.assign(BREAKS=breaks, UNKNOWN=unknown)
        first = marked[marked["RESULT"] == response]
        later = marked[marked["RESULT"].isin(qualifying) & marked["SUBJ"].isin(first["SUBJ"])]
        pairs = first.merge(later, on="SUBJ", suffixes=("", "_2"))
        pairs = pairs[
            (pairs["AT_2"] > pairs["AT"])
            & ((pairs["ADT_2"] - pairs["ADT"]).dt.days >= parameters.confirm_days)
            & (pairs["BREAKS_2"] == pairs["BREAKS"])
            & (pairs["UNKNOWN_2"] - pairs["UNKNOWN"] <= parameters.max_ne_between)
        ]
        confirmed = confirmed.mask(confirmed.index.isin(pairs["ROW"]), response)
    return confirmed


def derive_best_response(
    counted: pd.DataFrame, confirmed: pd.Series, long_enough: pd.Series
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The best overall response of each subject, without and with confirmation: the record that it rests on.

    In: the counted assessments in the order of time with SUBJ, RESULT, ADT; `flag_confirmed` and `flag_long_enough` of
    them. Out: two frames, one row a subject with an assessment: the columns given, RESULT the best response. The first
    match decides:
      1. CR (with confirmation: a confirmed one)                                               -> CR
      2. PR (with confirmation: a confirmed one)                                               -> PR
      3. SD, or with confirmation CR, PR or SD, `sd_min_days` or more after first dose         -> SD
      4. NON-CR/NON-PD, `sd_min_days` or more after first dose                                 -> NON-CR/NON-PD
      5. PD, or with confirmation a PR that follows a CR                                       -> PD
      6. anything else                                                                         -> NE
    The record is the first one that matches. Source: PROTOCOL, "Best overall response".
    """
    result = counted["RESULT"]
    fallen = flag_partial_after_complete(counted)
    plain = [
        (CR, result == CR),
        (PR, result == PR),
        (SD, (result == SD) & long_enough),
        (NON_CR_NON_PD, (result == NON_CR_NON_PD) & long_enough),
        (PD, result == PD),
        (NE, result.notna()),
    ]
    strict = [
        (CR, confirmed == CR),
        (PR, confirmed == PR),
        (SD, result.isin([CR, PR, SD]) & long_enough),
        (NON_CR_NON_PD, (result == NON_CR_NON_PD) & long_enough),
        (PD, (result == PD) | fallen),
        (NE, result.notna()),
    ]
    return _first_match(counted, plain), _first_match(counted, strict)


def flag_long_enough(counted: pd.DataFrame, subjects: pd.DataFrame, parameters: ResponseParameters) -> pd.Series:
    """Whether an assessment lies the minimum for SD after first dose, as a difference of dates."""
    first_dose = subjects["TRTSDT"].reindex(counted["SUBJ"]).set_axis(counted.index)
    return (counted["ADT"] - first_dose).dt.days >= parameters.sd_min_days


def flag_partial_after_complete(counted: pd.DataFrame) -> pd.Series:
    """Whether an assessment is a PR behind a CR of the same subject; the rows stand in the order of time."""
    complete = (counted["RESULT"] == CR).astype("int64").groupby(counted["SUBJ"]).cumsum() > 0
    return (counted["RESULT"] == PR) & complete


def _first_match(counted: pd.DataFrame, cases: list[tuple[str, pd.Series]]) -> pd.DataFrame:
    ranked = [counted[case].assign(RESULT=value, RANK=rank) for rank, (value, case) in enumerate(cases)]
    best = pd.concat(ranked, ignore_index=True).sort_values(["SUBJ", "RANK"], kind="stable")
    best["RESULT"] = best["RESULT"].astype("str")
    return best.drop_duplicates("SUBJ").drop(columns="RANK").reset_index(drop=True)


RULES = {"counted_assessments": flag_counted, "best_response": derive_best_response}
