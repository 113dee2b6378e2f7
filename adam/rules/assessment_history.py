"""What of a subject's tumour assessments decides times to event: first PD, last adequate ones, confirmed response."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from adam.inputs import among

_DATES = ["TRTSDT", "ENRLDT", "BLASDT", "NACTDT", "DTHDT", "LSTALVDT", "CUTOFFDT"]
_FLAGS = ["TRTSDTF", "DTHDTF"]


@dataclass(frozen=True)
class Reader:
    """Whose responses count: the parameters of ADRS with overall and with confirmed response."""

    overall: str
    confirmed: str


READERS = {"investigator": Reader("OVR", "CRSP"), "derived": Reader("DOVR", "DCRSP")}


def read_subjects(adsl: pd.DataFrame) -> pd.DataFrame:
    """The treated subjects (FASFL = Y, first dose known), one row each, indexed by USUBJID.

    Out: the dates TRTSDT, ENRLDT, BLASDT, NACTDT, DTHDT, LSTALVDT, CUTOFFDT (missing where ADSL lacks them) and the
    flags TRTSDTF, DTHDTF. New therapy that starts after the cut-off is not known at the cut-off, and taken off.
    """
    treated = adsl[(adsl["FASFL"] == "Y") & adsl["TRTSDT"].notna()].set_index("USUBJID")
    dates = {name: _dates(treated.get(name), treated.index) for name in _DATES}
    flags = {name: pd.Series(treated.get(name), index=treated.index, dtype="str") for name in _FLAGS}
    out = pd.DataFrame(dates | flags)
    out["NACTDT"] = out["NACTDT"].mask(out["NACTDT"] > out["CUTOFFDT"])
    return out


def read_assessments(adrs: pd.DataFrame, subjects: pd.DataFrame, reader: Reader) -> pd.DataFrame:
    """The overall responses after baseline (so after the day of first dose), on or before the cut-off.

    Out: USUBJID, ADT, ADTF, ASEQ, AVALC and ADEQUATE (other than NE), sorted by subject and date.
    """
    overall = _columns(adrs[adrs["PARAMCD"] == reader.overall]).dropna(subset="ADT")
    first_dose = _of(subjects["TRTSDT"], overall)
    cutoff = _of(subjects["CUTOFFDT"], overall)
    overall = overall[(overall["ADT"] > first_dose) & ~(overall["ADT"] > cutoff)]
    overall = overall.assign(ADEQUATE=overall["AVALC"].notna() & (overall["AVALC"] != "NE"))
    return overall.sort_values(["USUBJID", "ADT", "ASEQ"], ignore_index=True)


def add_landmarks(subjects: pd.DataFrame, assessments: pd.DataFrame) -> pd.DataFrame:
    """The dates that the censoring tables speak of. Row order and count stay.

    Adds EVENTDT (the earlier of first PD and death, not after the cut-off) and ADT, ADTF and ASEQ of an assessment as
    PD_* (first PD), LAST_* (last adequate), BEFORE_NEW_* (last adequate on or before new therapy) and BEFORE_EVENT_*
    (last adequate before the event: on an earlier day, for a death also on its day).
    """
    out = _pick(subjects, assessments[assessments["AVALC"] == "PD"], "PD_", keep="first")
    death = out["DTHDT"].mask(out["DTHDT"] > out["CUTOFFDT"])
    out["EVENTDT"] = pd.concat([out["PD_ADT"], death], axis=1).min(axis=1).astype("datetime64[us]")
    adequate = assessments[assessments["ADEQUATE"]]
    therapy = _of(out["NACTDT"], adequate)
    event = _of(out["EVENTDT"], adequate)
    progressed = event == _of(out["PD_ADT"], adequate)
    before = (adequate["ADT"] < event) | ((adequate["ADT"] == event) & ~progressed)
    out = _pick(out, adequate, "LAST_")
    out = _pick(out, adequate[adequate["ADT"] <= therapy], "BEFORE_NEW_")
    return _pick(out, adequate[before], "BEFORE_EVENT_")


def pick_confirmed_response(adrs: pd.DataFrame, subjects: pd.DataFrame, reader: Reader) -> pd.DataFrame:
    """The first CR or PR of the confirmed response, one row for each confirmed responder: USUBJID, ADT, ADTF, ASEQ.

    It is the date of the reader's record of confirmed response, where that is Y.
    """
    confirmed = _columns(adrs[(adrs["PARAMCD"] == reader.confirmed) & (adrs["AVALC"] == "Y")])
    confirmed = confirmed[among(confirmed["USUBJID"], subjects.index)].dropna(subset="ADT")
    first = confirmed.sort_values(["USUBJID", "ADT", "ASEQ"]).drop_duplicates("USUBJID")
    return first.drop(columns="AVALC")


def pick_first_response(assessments: pd.DataFrame, subjects: pd.DataFrame) -> pd.DataFrame:
    """The first CR or PR, confirmed or not, one row for each responder: USUBJID, ADT, ADTF, ASEQ.

    It comes before the first PD, and on or before the start of new anticancer therapy.
    """
    progressed = (assessments["AVALC"] == "PD").groupby(assessments["USUBJID"]).cumsum() > 0
    late = assessments["ADT"] > _of(subjects["NACTDT"], assessments)
    responses = assessments[assessments["AVALC"].isin(["CR", "PR"]) & ~progressed & ~late]
    return responses.drop_duplicates("USUBJID")[["USUBJID", "ADT", "ADTF", "ASEQ"]]


def undated_assessments(adrs: pd.DataFrame, reader: Reader) -> pd.DataFrame:
    """The overall responses without a date, which no time to event can use."""
    overall = adrs[adrs["PARAMCD"] == reader.overall]
    return overall[overall["ADT"].isna()]


def _pick(subjects: pd.DataFrame, assessments: pd.DataFrame, prefix: str, keep: str = "last") -> pd.DataFrame:
    picked = assessments.drop_duplicates("USUBJID", keep="first" if keep == "first" else "last").set_index("USUBJID")
    return subjects.join(picked[["ADT", "ADTF", "ASEQ"]].add_prefix(prefix))


def _of(column: pd.Series, records: pd.DataFrame) -> pd.Series:
    """The subject's value beside each record."""
    return column.reindex(records["USUBJID"]).set_axis(records.index)


def _columns(adrs: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "USUBJID": adrs["USUBJID"],
            "AVALC": adrs["AVALC"].astype("str"),
            "ADT": _dates(adrs["ADT"], adrs.index),
            "ADTF": pd.Series(adrs.get("ADTF"), index=adrs.index, dtype="str"),
            "ASEQ": pd.Series(adrs.get("ASEQ"), index=adrs.index, dtype="float64"),
        }
    )


def _dates(column: pd.Series | None, index: pd.Index) -> pd.Series:
    return pd.Series(pd.NaT if column is None else column, index=index).astype("datetime64[us]")


RULES = {"confirmed_response": pick_confirmed_response}
