"""Who was screened, enrolled and treated."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from adam.inputs import among, take
from adam.rules.dates import day
from specs import StudySpec

# what DM's arm codes say for subjects without an arm, before SDTMIG 3.3
_NO_ARM = ("SCRNFAIL", "NOTASSGN")


def flag_yn(condition: pd.Series) -> pd.Series:
    """Y where the condition holds, else N."""
    return pd.Series(np.where(condition, "Y", "N"), index=condition.index, dtype="str")


def derive_populations(
    core: pd.DataFrame, sdtm: Mapping[str, pd.DataFrame], dosed: pd.Series, study: StudySpec
) -> pd.DataFrame:
    """Population flags, each Y or N, and the reason beside it where it is N.

    In: one row a subject with USUBJID, ARMCD, ARMNRS, RFICDT; DS; the USUBJID of all with a dose.
    Adds ENRLDT and
      SCRNFL  informed consent is dated in DM, or a milestone of DS; else SCRNRS
      ENRLFL  a milestone of DS that is a term `enrolled`, or an arm in DM; else ENRLRS
      SAFFL   any dose of a study drug; else SAFRS
      FASFL   as SAFFL (full analysis set = treated); else FASRS
    Source: PROTOCOL, "Populations".
    """
    ds = take(sdtm, "DS", ["USUBJID", "DSCAT", "DSDECOD", "DSSTDTC"])
    milestones = ds[ds["DSCAT"] == "PROTOCOL MILESTONE"]
    consented = milestones.loc[milestones["DSDECOD"] == "INFORMED CONSENT OBTAINED", "USUBJID"]
    enrolled = milestones[milestones["DSDECOD"].isin(study.terms("enrolled"))]
    enrolled = enrolled.assign(ENRLDT=day(enrolled["DSSTDTC"]))
    dates = enrolled.groupby("USUBJID", as_index=False)["ENRLDT"].min()
    core = core.merge(dates, on="USUBJID", how="left")
    has_arm = core["ARMCD"].notna() & ~core["ARMCD"].str.upper().isin(_NO_ARM)
    is_enrolled = among(core["USUBJID"], enrolled["USUBJID"]) | has_arm
    is_treated = among(core["USUBJID"], dosed)
    not_enrolled = core["ARMNRS"].fillna("NOT ENROLLED").mask(is_enrolled)
    not_treated = not_enrolled.fillna("NOT TREATED").mask(is_treated)
    is_screened = core["RFICDT"].notna() | among(core["USUBJID"], consented)
    return core.assign(
        SCRNFL=flag_yn(is_screened),
        SCRNRS=pd.Series("NO DATE OF INFORMED CONSENT", index=core.index, dtype="str").mask(is_screened),
        ENRLFL=flag_yn(is_enrolled),
        ENRLRS=not_enrolled,
        SAFFL=flag_yn(is_treated),
        SAFRS=not_treated,
        FASFL=flag_yn(is_treated),
        FASRS=not_treated,
    )


RULES = {"populations": derive_populations}
