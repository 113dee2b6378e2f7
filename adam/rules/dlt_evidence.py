"""What the criteria of dose-limiting toxicity share: who is judged, the window, and the form of their evidence."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from adam.inputs import take
from adam.rules.dates import possible_days
from adam.rules.decisions import Cases, first_match
from adam.rules.treatment import given_doses
from specs import StudySpec

YES, NO, INDETERMINATE = "Y", "N", "INDETERMINATE"
EARLIEST, LATEST = pd.Timestamp("1900-01-01"), pd.Timestamp("2999-12-31")  # bounds of a date not known at all
_TIMED = r"^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2})"
EVIDENCE = ["USUBJID", "AVALC", "ADT", "ADTF", "SRCDOM", "SRCVAR", "SRCSEQ", "DLTRSN"]


def phase_ib(adsl: pd.DataFrame) -> pd.Series:
    """Whether each subject of ADSL was treated in phase Ib."""
    return (adsl["PHASE"] == "IB") & (adsl["SAFFL"] == "Y")


def derive_window(
    sdtm: Mapping[str, pd.DataFrame], adsl: pd.DataFrame, study: StudySpec, window_days: int
) -> pd.DataFrame:
    """The DLT window of each subject treated in phase Ib with a date of first dose.

    Out: USUBJID, TRTSDT (day 1), WINDOWEND (day `window_days`) and DOSEDTM, the earliest time known of a dose on day
    1 (missing where EX has none).
    """
    window = adsl.loc[phase_ib(adsl) & adsl["TRTSDT"].notna(), ["USUBJID", "TRTSDT"]]
    window = window.assign(WINDOWEND=window["TRTSDT"] + pd.Timedelta(days=window_days - 1))
    doses = given_doses(sdtm, study)
    doses = window.merge(doses.assign(DOSEDTM=moment(doses["EXSTDTC"])), on="USUBJID")
    doses = doses[doses["DOSEDTM"].dt.normalize() == doses["TRTSDT"]]
    return window.merge(doses.groupby("USUBJID")["DOSEDTM"].min().reset_index(), on="USUBJID", how="left")


def moment(dtc: pd.Series) -> pd.Series:
    """Date and time of ISO 8601 texts that have both, to the minute; NaT for any other."""
    text = dtc.astype("str").str.extract(_TIMED, expand=False)
    return pd.to_datetime(text, format="%Y-%m-%dT%H:%M", errors="coerce").astype("datetime64[us]")


def in_terms(column: pd.Series, terms: list[str]) -> pd.Series:
    """Whether each value is a term of the list, upper or lower case alike."""
    return column.astype("str").str.casefold().isin([term.casefold() for term in terms])


def read_events(sdtm: Mapping[str, pd.DataFrame], window: pd.DataFrame) -> pd.DataFrame:
    """The adverse events of the judged subjects, with the days on which each can have begun and ended.

    Adds FIRST and LAST (of the start), ENDFIRST and ENDLAST (an event without an end date goes on: LATEST), ADT (the
    first day in the window that the start can be), ADTF, STARTS (whether it starts in the window: Y, N, INDETERMINATE
    where only some of the possible days do), TRTSDT and WINDOWEND.
    """
    names = ["USUBJID", "AESEQ", "AEDECOD", "AETOXGR", "AERELNST", "AESTDTC", "AEENDTC"]
    events = take(sdtm, "AE", names).merge(window, on="USUBJID")
    start, end = possible_days(events["AESTDTC"]), possible_days(events["AEENDTC"])
    events["FIRST"], events["LAST"] = start["FIRST"].fillna(EARLIEST), start["LAST"].fillna(LATEST)
    events["ENDLAST"] = end["LAST"].fillna(LATEST)
    events["ENDFIRST"] = end["FIRST"].fillna(LATEST).clip(lower=events["FIRST"])
    partial = start["DTF"].notna()
    bounded = events["LAST"].clip(upper=events["ENDLAST"]).clip(lower=events["FIRST"])
    events["LAST"] = events["LAST"].mask(partial, bounded)
    events["ADT"] = events["FIRST"].mask(partial, events["FIRST"].clip(lower=events["TRTSDT"]))
    events["ADTF"] = start["DTF"]
    surely = (events["FIRST"] >= events["TRTSDT"]) & (events["LAST"] <= events["WINDOWEND"])
    maybe = (events["FIRST"] <= events["WINDOWEND"]) & (events["LAST"] >= events["TRTSDT"])
    events["STARTS"] = judge(surely, maybe)
    return events


def judge(surely: pd.Series, maybe: pd.Series) -> pd.Series:
    """Y where it surely holds, INDETERMINATE where it may, else N."""
    return pd.Series(np.select([surely, maybe], [YES, INDETERMINATE], NO), index=surely.index, dtype="str")


def evidence(
    rows: pd.DataFrame, *, result: pd.Series | str, domain: str, variable: str, reason: pd.Series | str
) -> pd.DataFrame:
    """The rows as evidence that a criterion is met (Y), may be (INDETERMINATE) or is not (N), with their record.

    In: USUBJID, `<domain>SEQ`, ADT where the day is known, ADTF where it is imputed. A result of N decides nothing: it
    tells that the record was looked at.
    """
    return pd.DataFrame(
        {
            "USUBJID": rows["USUBJID"], "AVALC": pd.Series(result, index=rows.index, dtype="str"),
            "ADT": pd.Series(rows.get("ADT"), index=rows.index, dtype="datetime64[us]"),
            "ADTF": pd.Series(rows.get("ADTF"), index=rows.index, dtype="str"),
            "SRCDOM": pd.Series(domain, index=rows.index, dtype="str"),
            "SRCVAR": pd.Series(variable, index=rows.index, dtype="str"), "SRCSEQ": rows[f"{domain}SEQ"],
            "DLTRSN": pd.Series(reason, index=rows.index, dtype="str"),
        }
    )  # fmt: skip


def settle(worst: pd.DataFrame, best: pd.DataFrame) -> pd.DataFrame:
    """The evidence, where some counts may or may not be below a limit.

    `worst`: the evidence if each of these counts were below; `best`: if none were. Y only where it is Y either way,
    else what is Y at worst is INDETERMINATE.
    """
    sure = best[best["AVALC"] == YES]
    doubtful = (worst["AVALC"] == YES) & ~worst["USUBJID"].isin(sure["USUBJID"])
    reason = worst["DLTRSN"] + ", if a count known only by a bound, or in an unknown unit, is that low"
    worst = worst.assign(
        AVALC=worst["AVALC"].mask(doubtful, INDETERMINATE), DLTRSN=worst["DLTRSN"].mask(doubtful, reason)
    )
    return pd.concat([sure, worst[worst["AVALC"] != YES]], ignore_index=True)


def evidence_cases(found: pd.DataFrame) -> Cases:
    """Which evidence decides: the first that is Y, else the first that is INDETERMINATE; else the criterion is N."""
    return [(result, found["AVALC"] == result) for result in (YES, INDETERMINATE)]


def in_order(found: pd.DataFrame) -> pd.DataFrame:
    """Evidence in the order in which it is asked: the earliest first, then by source record."""
    return found.sort_values(["USUBJID", "ADT", "SRCDOM", "SRCSEQ", "DLTRSN"], kind="stable", ignore_index=True)


def pick_decisive(found: pd.DataFrame) -> pd.DataFrame:
    """The evidence that decides, one row for each subject that has any: see `evidence_cases`."""
    ordered = in_order(found)
    return first_match(evidence_cases(ordered), ordered, "USUBJID").drop(columns="CASE")


def number_text(number: pd.Series) -> pd.Series:
    """Numbers as people write them, in reasons: 7, not 7.0."""
    return number.map("{:g}".format, na_action="ignore").astype("str")


RULES = {"dose_limiting_toxicity": pick_decisive}
