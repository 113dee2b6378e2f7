"""Date of death, imputed where it is partial."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from adam.inputs import take
from adam.rules.alive import explain_imputed_death
from adam.rules.dates import as_recorded, later, not_after, possible_days
from specs.findings import combine, report


def derive_death(
    sdtm: Mapping[str, pd.DataFrame], alive: pd.DataFrame, cutoff: pd.Timestamp | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The date of death, with its imputation flag.

    In: DM (USUBJID, DTHDTC, DTHFL), after the cut-off is applied; USUBJID and LSTALVDT of `alive`, found before it.
    Out: one row a subject of DM with USUBJID, DTHDT and DTHDTF; and findings. The first match decides:
      1. neither a date of death nor DTHFL = Y -> no date
      2. complete date                         -> that date
      3. day missing                           -> D: the later of the 1st of that month and the day after last alive
      4. month missing                         -> M: the later of 1 January and the day after last alive
      5. wholly missing or not readable        -> Y: the day after last alive; never known alive: no date
    An imputed date is never past the cut-off. Each imputation is finding ADAM-405 (on the death record of DD where
    there is one), and where it leaves the month or year recorded, ADAM-412 on the contact that moves it.
    Source: PROTOCOL, "Where the other dates come from".
    """
    dm = take(sdtm, "DM", ["USUBJID", "DTHDTC", "DTHFL"])
    dead = dm[(dm["DTHFL"] == "Y") | dm["DTHDTC"].notna()]
    days = possible_days(dead["DTHDTC"])
    known_alive = dead[["USUBJID"]].merge(alive[["USUBJID", "LSTALVDT"]], on="USUBJID", how="left")["LSTALVDT"]
    day_after = known_alive.set_axis(dead.index) + pd.Timedelta(days=1)
    imputed = not_after(later(days["FIRST"], day_after), cutoff)
    date = days["FIRST"].where(days["DTF"].isna(), imputed).astype("datetime64[us]")
    found = dead.assign(DTHDT=date, DTHDTF=days["DTF"].where(date.notna()))
    deaths = dm[["USUBJID"]].merge(found[["USUBJID", "DTHDT", "DTHDTF"]], on="USUBJID", how="left")
    partial = found[days["DTF"].notna()]
    return deaths, combine([_imputed(partial, sdtm), explain_imputed_death(alive, partial)])


def died_after(dm: pd.DataFrame, alive: pd.DataFrame, cutoff: pd.Timestamp) -> pd.Series:
    """USUBJID of the subjects whose death came after a day: they were alive on it.

    In: DM (USUBJID, DTHDTC, DTHFL) and `alive` (USUBJID, LSTALVDT), both uncut. A death came after when
      1. every day that its date can mean is after, or
      2. its date is partial or missing, and the subject is known to have been alive after.
    """
    known = dm[["USUBJID"]].merge(alive[["USUBJID", "LSTALVDT"]], on="USUBJID", how="left")["LSTALVDT"]
    days = possible_days(dm["DTHDTC"])
    dead = dm["DTHDTC"].notna() | (dm["DTHFL"] == "Y")
    lived_on = days["DTF"].notna() & (known.set_axis(dm.index) > cutoff)
    return dm.loc[dead & ((days["FIRST"] > cutoff) | lived_on), "USUBJID"]


def _imputed(partial: pd.DataFrame, sdtm: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Finding ADAM-405 on the subject's first record of DD, else on DM."""
    records = take(sdtm, "DD", ["USUBJID", "DDSEQ"]).sort_values("DDSEQ").drop_duplicates("USUBJID")
    rows = partial.merge(records, on="USUBJID", how="left")
    shown = rows["DTHDT"].dt.strftime("%Y-%m-%d").fillna("no date, the subject was never known alive")
    part = rows["DTHDTF"].map({"D": "day", "M": "month and day", "Y": "year, month and day"}).fillna("whole date")
    in_dd = rows["DDSEQ"].notna()
    places = [("DD", "DDDTC", rows[in_dd]), ("DM", "DTHDTC", rows[~in_dd])]
    return combine(
        [
            report(
                "ADAM-405", of_dataset, dataset=dataset, variable=variable,
                value=of_dataset["DTHDTC"], given=as_recorded(of_dataset["DTHDTC"]), imputed=shown, part=part,
            )
            for dataset, variable, of_dataset in places
        ]
    )  # fmt: skip


RULES = {"death": derive_death}
