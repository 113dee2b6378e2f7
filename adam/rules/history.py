"""What came before the study, and what the subject died of."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from adam.inputs import among, take
from adam.rules.dates import day, possible_days
from adam.supplemental import take_supplemental, with_supplemental
from specs import StudySpec

_LINE = {"CM": "CMLINE", "PR": "PRLINE"}  # QNAMs: the line of therapy that a record belongs to


def cause_of_death(sdtm: Mapping[str, pd.DataFrame], study: StudySpec) -> pd.DataFrame:
    """USUBJID and DTHCAUS, one row a subject of whom a cause is told.

    The study names the domains that tell it (`subject.death_cause`); the first that does decides:
      DD  the primary cause of death (DDTESTCD PRCDTH), as a term, else as collected
      AE  the preferred term of the fatal event (AEOUT FATAL or AESDTH Y); of several the last to start
    """
    assert study.study.parameters is not None
    tellers = {"DD": _recorded_cause, "AE": _fatal_event}
    told = [tellers[domain](sdtm) for domain in study.study.parameters.subject.death_cause]
    none = pd.DataFrame({"USUBJID": [], "DTHCAUS": []}, dtype="str")
    return pd.concat([none, *told], ignore_index=True).drop_duplicates("USUBJID")


def _recorded_cause(sdtm: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    causes = take(sdtm, "DD", ["USUBJID", "DDSEQ", "DDTESTCD", "DDSTRESC", "DDORRES"])
    causes = causes[causes["DDTESTCD"] == "PRCDTH"].sort_values("DDSEQ").drop_duplicates("USUBJID")
    return causes.assign(DTHCAUS=causes["DDSTRESC"].fillna(causes["DDORRES"]))[["USUBJID", "DTHCAUS"]]


def _fatal_event(sdtm: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    events = take(sdtm, "AE", ["USUBJID", "AESEQ", "AEDECOD", "AESTDTC", "AEOUT", "AESDTH"])
    fatal = events[(events["AEOUT"] == "FATAL") | (events["AESDTH"] == "Y")]
    fatal = fatal.assign(BEGAN=possible_days(fatal["AESTDTC"])["FIRST"])
    last = fatal.sort_values(["BEGAN", "AESEQ"], na_position="first").drop_duplicates("USUBJID", keep="last")
    return last.rename(columns={"AEDECOD": "DTHCAUS"})[["USUBJID", "DTHCAUS"]]


def derive_history(adsl: pd.DataFrame, sdtm: Mapping[str, pd.DataFrame], study: StudySpec) -> pd.DataFrame:
    """Cancer history and prior therapy.

    In: one row a subject with USUBJID; CM and PR with SUPPCM CMLINE and SUPPPR PRLINE, SUPPDM. Rows stay. Adds
      PRSYSN    number of records of CM in the category of prior therapy (0 without any)
      PRPRFL    Y with a record of PR in that category (radiotherapy or surgery)
      PRLINES   number of different lines of these records; missing where no line is told
      DIAGDT, METDT (complete dates only), STAGE, PRIMSITE: from the qualifiers of DM
    """
    prior = study.terms("prior_therapy")
    systemic, local = _prior(sdtm, "CM", prior), _prior(sdtm, "PR", prior)
    lines = pd.concat([systemic, local], ignore_index=True).dropna(subset="LINE").drop_duplicates(["USUBJID", "LINE"])
    for name, records in (("PRSYSN", systemic), ("PRLINES", lines)):
        counted = records.groupby("USUBJID").size().astype("float64").rename(name).reset_index()
        adsl = adsl.merge(counted, on="USUBJID", how="left")
    yes = pd.Series("Y", index=adsl.index, dtype="str")
    adsl = adsl.assign(PRSYSN=adsl["PRSYSN"].fillna(0), PRPRFL=yes.where(among(adsl["USUBJID"], local["USUBJID"])))
    cancer = take_supplemental(sdtm, "DM", ["DIAGDTC", "METDTC", "STAGE", "PRIMSITE"])
    cancer = cancer.assign(DIAGDT=day(cancer["DIAGDTC"]), METDT=day(cancer["METDTC"]))
    return adsl.merge(cancer.drop(columns=["DIAGDTC", "METDTC"]), on="USUBJID", how="left", validate="1:1")


def _prior(sdtm: Mapping[str, pd.DataFrame], domain: str, categories: list[str]) -> pd.DataFrame:
    records = take(sdtm, domain, ["USUBJID", f"{domain}SEQ", f"{domain}CAT"])
    records = records[records[f"{domain}CAT"].isin(categories)]
    return with_supplemental(records, sdtm, domain, [_LINE[domain]]).rename(columns={_LINE[domain]: "LINE"})


RULES = {"history": derive_history}
