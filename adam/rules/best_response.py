"""Which assessments count, and the best overall response from them, without and with confirmation."""

from __future__ import annotations

import pandas as pd

from adam.rules.decisions import Cases, first_match
from adam.rules.target_response import CR, NE, NON_CR_NON_PD, PD, PR, SD
from specs.models import ResponseParameters

COUNTS = "COUNTS"


def flag_counted(assessments: pd.DataFrame, subjects: pd.DataFrame) -> pd.Series:
    """Whether an assessment counts for best response, confirmation, PFS and DOR: the last of `counting_cases`."""
    *why_not, _ = counting_cases(assessments, subjects)
    counted = pd.Series(True, index=assessments.index)
    for _, holds in why_not:
        counted &= ~holds
    return counted


def counting_cases(assessments: pd.DataFrame, subjects: pd.DataFrame) -> Cases:
    """Whether an assessment counts for best response, confirmation, PFS and DOR; the first match decides.

    In: SUBJ, RESULT, ADT, POST; subjects (index SUBJ) with NACTDT.
      1. not after baseline                          -> does not count
      2. no date                                     -> does not count
      3. later than the subject's first PD           -> does not count
      4. later than the start of new anticancer therapy -> does not count
      5. anything else                               -> counts
    Source: PROTOCOL, "For best response, confirmation, PFS and DOR only ...".
    """
    first_pd = pick_first_progression(assessments).set_index("SUBJ")["ADT"]
    end = first_pd.reindex(assessments["SUBJ"]).set_axis(assessments.index)
    therapy = subjects["NACTDT"].reindex(assessments["SUBJ"]).set_axis(assessments.index)
    return [
        ("NOT AFTER BASELINE", ~assessments["POST"].astype("bool")),
        ("NO DATE", assessments["ADT"].isna()),
        ("AFTER FIRST PD", assessments["ADT"] > end),
        ("AFTER NEW THERAPY", assessments["ADT"] > therapy),
        (COUNTS, pd.Series(True, index=assessments.index)),
    ]


def pick_first_progression(assessments: pd.DataFrame) -> pd.DataFrame:
    """The first PD after baseline of each subject, by date: at most one row a subject, all columns."""
    progressed = assessments[assessments["POST"] & assessments["ADT"].notna() & (assessments["RESULT"] == PD)]
    return in_time(progressed).drop_duplicates("SUBJ")


def in_time(assessments: pd.DataFrame) -> pd.DataFrame:
    """Assessments in the order of subject, date, visit and record."""
    return assessments.sort_values(["SUBJ", "ADT", "VISITNUM", "SRCSEQ"], kind="stable")


def flag_confirmed(counted: pd.DataFrame, parameters: ResponseParameters) -> pd.Series:
    """CR or PR where that response is confirmed, else blank; index as given.

    In: the counted assessments (SUBJ, RESULT, ADT) in the order of time. Confirmed is a response of which one of the
    `pair_responses` confirms it by `confirmation_cases`.
    """
    pairs = pair_responses(counted)
    *why_not, _ = confirmation_cases(pairs, parameters)
    for _, holds in why_not:
        pairs = pairs[~holds.reindex(pairs.index)]
    confirmed = pd.Series("", index=counted.index, dtype="str")
    for response in (CR, PR):
        rows = pairs.loc[pairs["RESULT"] == response, "ROW"]
        confirmed = confirmed.mask(confirmed.index.isin(rows), response)
    return confirmed


def pair_responses(counted: pd.DataFrame) -> pd.DataFrame:
    """Each CR with every later CR, and each PR with every later PR or CR, of the same subject.

    In: the counted assessments (SUBJ, RESULT, ADT) in the order of time. Out: SUBJ, ROW and ROW_2 (index of the two in
    `counted`), RESULT and RESULT_2, ADT and ADT_2; BREAKS and UNKNOWN: how many assessments between the two neither
    qualify nor are NE, and how many are NE.
    """
    rows = counted[["SUBJ", "RESULT", "ADT"]].reset_index(names="ROW").rename_axis("AT").reset_index()
    parts = []
    for response, qualifying in ((CR, [CR]), (PR, [CR, PR])):
        breaks = (~rows["RESULT"].isin([*qualifying, NE])).cumsum()
        marked = rows.assign(BREAKS=breaks, UNKNOWN=(rows["RESULT"] == NE).cumsum())
        first = marked[marked["RESULT"] == response]
        later = marked[marked["RESULT"].isin(qualifying) & marked["SUBJ"].isin(first["SUBJ"])]
        pairs = first.merge(later, on="SUBJ", suffixes=("", "_2"))
        pairs = pairs[pairs["AT_2"] > pairs["AT"]]
        for name in ("BREAKS", "UNKNOWN"):
            pairs[name] = pairs[f"{name}_2"] - pairs[name]
        parts.append(pairs.drop(columns=["AT", "AT_2", "BREAKS_2", "UNKNOWN_2"]))
    return pd.concat(parts, ignore_index=True)


def confirmation_cases(pairs: pd.DataFrame, parameters: ResponseParameters) -> Cases:
    """Whether the later one of `pair_responses` confirms the earlier one; the first match decides.

      1. fewer than `confirm_days` days apart                                -> does not confirm
      2. an assessment between the two that neither qualifies nor is NE      -> does not confirm
      3. more than `max_ne_between` NE between the two                       -> does not confirm
      4. anything else                                                       -> confirms
    Source: PROTOCOL, "Best overall response".
    """
    days = (pairs["ADT_2"] - pairs["ADT"]).dt.days
    return [
        ("TOO EARLY", days < parameters.confirm_days),
        ("BROKEN BETWEEN", pairs["BREAKS"] > 0),
        ("TOO MANY NE BETWEEN", pairs["UNKNOWN"] > parameters.max_ne_between),
        ("CONFIRMS", pd.Series(True, index=pairs.index)),
    ]


def derive_best_response(
    counted: pd.DataFrame, confirmed: pd.Series, long_enough: pd.Series
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The best overall response of each subject, without and with confirmation: the record that it rests on.

    In: the counted assessments in the order of time with SUBJ, RESULT, ADT; `flag_confirmed` and `flag_long_enough` of
    them. Out: two frames, one row a subject with an assessment: the columns given, RESULT the best response. The first
    of `best_response_cases` that an assessment matches decides, and the first assessment that does is the record.
    """
    plain, strict = best_response_cases(counted, confirmed, long_enough)
    return _best(plain, counted), _best(strict, counted)


def best_response_cases(counted: pd.DataFrame, confirmed: pd.Series, long_enough: pd.Series) -> tuple[Cases, Cases]:
    """Which assessments give which best response, without and with confirmation; the first match decides.

      1. CR (with confirmation: a confirmed one)                                               -> CR
      2. PR (with confirmation: a confirmed one)                                               -> PR
      3. SD, or with confirmation CR, PR or SD, `sd_min_days` or more after first dose         -> SD
      4. NON-CR/NON-PD, `sd_min_days` or more after first dose                                 -> NON-CR/NON-PD
      5. PD, or with confirmation a PR that follows a CR                                       -> PD
      6. anything else                                                                         -> NE
    The name of a case is the response that it gives. Source: PROTOCOL, "Best overall response".
    """
    result = counted["RESULT"]
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
        (PD, (result == PD) | flag_partial_after_complete(counted)),
        (NE, result.notna()),
    ]
    return plain, strict


def flag_long_enough(counted: pd.DataFrame, subjects: pd.DataFrame, parameters: ResponseParameters) -> pd.Series:
    """Whether an assessment lies the minimum for SD after first dose, as a difference of dates."""
    first_dose = subjects["TRTSDT"].reindex(counted["SUBJ"]).set_axis(counted.index)
    return (counted["ADT"] - first_dose).dt.days >= parameters.sd_min_days


def flag_partial_after_complete(counted: pd.DataFrame) -> pd.Series:
    """Whether an assessment is a PR behind a CR of the same subject; the rows stand in the order of time."""
    complete = (counted["RESULT"] == CR).astype("int64").groupby(counted["SUBJ"]).cumsum() > 0
    return (counted["RESULT"] == PR) & complete


def _best(cases: Cases, counted: pd.DataFrame) -> pd.DataFrame:
    best = first_match(cases, counted, "SUBJ")
    return best.assign(RESULT=best["CASE"]).drop(columns="CASE")


RULES = {"counted_assessments": flag_counted, "best_response": derive_best_response}
