"""First and last dose, and the start of new anticancer therapy."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from adam.inputs import among, take
from adam.rules.dates import as_recorded, earlier, later, not_after, possible_days
from specs import StudySpec
from specs.findings import combine, report

_DOSES = ["USUBJID", "EXSEQ", "EXTRT", "EXDOSE", "EXDOSU", "EXDOSFRQ", "EXADJ", "EXSTDTC", "EXENDTC"]
_COURSES = {"CM": ["USUBJID", "CMSEQ", "CMCAT", "CMSTDTC"], "PR": ["USUBJID", "PRSEQ", "PRCAT", "PRSTDTC"]}


def given_doses(sdtm: Mapping[str, pd.DataFrame], study: StudySpec) -> pd.DataFrame:
    """The records of EX that are doses of a study drug (of any drug, where the study names none).

    A dose is above 0; of a drug that the study says is a placebo, 0 or more.
    """
    doses = take(sdtm, "EX", _DOSES)
    names = {drug.casefold(): drug for drug in study.study.drugs}
    known = doses["EXTRT"].str.strip().str.casefold().map(names)
    doses["EXTRT"] = known.fillna(doses["EXTRT"]).astype("str")  # `Lenvatinib` is the study's LENVATINIB
    of_study = known.notna() if names else True
    placebo = doses["EXTRT"].isin([name for name, drug in study.study.drugs.items() if drug.placebo])
    given = (doses["EXDOSE"] > 0) | (placebo & (doses["EXDOSE"] == 0))
    return doses[of_study & given].reset_index(drop=True)


def report_other_drugs(sdtm: Mapping[str, pd.DataFrame], study: StudySpec) -> pd.DataFrame:
    """Findings ADAM-426: doses, above 0 or of an amount not given, of what is none of the study's drugs.

    One finding for each subject and name, on the first such record of EX. None where the study names no drugs.
    """
    doses = take(sdtm, "EX", _DOSES)
    names = [drug.casefold() for drug in study.study.drugs]
    known = doses["EXTRT"].str.strip().str.casefold().isin(names)
    others = doses[~known & ~(doses["EXDOSE"] <= 0)] if names else doses.iloc[:0]
    others = others.assign(EXTRT=others["EXTRT"].fillna("")).sort_values(["USUBJID", "EXTRT", "EXSEQ"], kind="stable")
    number = others.groupby(["USUBJID", "EXTRT"])["EXTRT"].transform("size").astype("str")
    first = others.assign(NUMBER=number).drop_duplicates(["USUBJID", "EXTRT"])
    return report(
        "ADAM-426", first, dataset="EX", variable="EXTRT", value=first["EXTRT"], number=first["NUMBER"],
        expected=" or ".join(study.study.drugs),
    )  # fmt: skip


def derive_first_dose(doses: pd.DataFrame, consent: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The date of first dose.

    In: doses above 0; USUBJID and RFICDT of `consent`. Out: one row a dosed subject with USUBJID, TRTSDT, TRTSDTF and
    findings (ADAM-422 an imputed date that decides, ADAM-423 no dose with a date). A partial start date means, first
    match wins:
      1. the earliest complete start, where it can be that day
      2. the first day that it can be, or the date of informed consent where that is later and possible
    A wholly missing one is passed over. Source: ADaMIG 1.3 section 3.2, TRTSDT and TRTSDTF.
    """
    days = possible_days(doses["EXSTDTC"])
    dated = doses.assign(DATE=days["FIRST"], LAST=days["LAST"], TRTSDTF=days["DTF"])
    exact = dated[dated["TRTSDTF"].isna()].groupby("USUBJID")["DATE"].min().rename("EXACT").reset_index()
    dated = dated.merge(exact, on="USUBJID", how="left").merge(consent, on="USUBJID", how="left")
    partial = dated["TRTSDTF"].notna()
    for bound in ("RFICDT", "EXACT"):
        moved = partial & dated[bound].between(dated["DATE"], dated["LAST"])
        dated["DATE"] = dated["DATE"].mask(moved, dated[bound])
    first = _pick(dated, "DATE", "TRTSDTF", ascending=True)
    missing = ~among(doses["USUBJID"], first["USUBJID"])
    findings = [
        _partial_dose(first, "EXSTDTC", "TRTSDTF", "first"),
        report("ADAM-423", doses[missing].drop_duplicates("USUBJID"), dataset="EX", variable="EXSTDTC"),
    ]
    every = doses[["USUBJID"]].drop_duplicates()
    first = every.merge(first.rename(columns={"DATE": "TRTSDT"}), on="USUBJID", how="left")
    return first[["USUBJID", "TRTSDT", "TRTSDTF"]], combine(findings)


def derive_last_dose(
    doses: pd.DataFrame, study: StudySpec, ends: pd.DataFrame, cutoff: pd.Timestamp | None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The last day of any study drug.

    In: doses above 0; of `ends` USUBJID, EXTRT and ENDED, the day after which the subject certainly took no more of it
    (death, or the end of that treatment). Out: one row a dosed subject with USUBJID, TRTEDT, TRTEDTF; and findings
    (ADAM-422 an imputed date that decides). It is the latest end of `derive_dose_ends`; while dosing goes on, the
    subject has no last dose yet, and TRTEDT is missing.
    """
    found = derive_dose_ends(doses, study, ends, cutoff)
    dated = doses.assign(EXENDTC=found["ENDDTC"], DATE=found["LASTDAY"], TRTEDTF=found["LASTDTF"])
    goes_on = among(dated["USUBJID"], dated.loc[found["GOESON"], "USUBJID"])
    last = _pick(dated[~goes_on], "DATE", "TRTEDTF", ascending=False)
    every = doses[["USUBJID"]].drop_duplicates()
    every = every.merge(last.rename(columns={"DATE": "TRTEDT"}), on="USUBJID", how="left")
    return every[["USUBJID", "TRTEDT", "TRTEDTF"]], _partial_dose(last, "EXENDTC", "TRTEDTF", "last")


def derive_dose_ends(
    doses: pd.DataFrame, study: StudySpec, ends: pd.DataFrame, cutoff: pd.Timestamp | None
) -> pd.DataFrame:
    """The last day of each dose, on the index of the doses.

    In: as `derive_last_dose`. Out: LASTDAY and LASTDTF (what is imputed), ENDDTC, the text that it comes from, and
    whether there is NOEND though it is no single administration, SUPERSEDED (case 4) or GOESON (case 6). The first
    match decides:
      1. complete end date                      -> that day
      2. partial end date                       -> the last day that it can be, at most ENDED and the cut-off
      3. no end date, given once                -> its start date (a partial one as in 2)
      4. no end date, a later dose of the drug  -> its start date (a partial one as in 2); the later dose decides
      5. no end date, the drug ended            -> ENDED
      6. no end date                            -> dosing goes on: no date
    """
    dated = doses[["USUBJID", "EXTRT"]].merge(ends, on=["USUBJID", "EXTRT"], how="left").set_axis(doses.index)
    start = possible_days(doses["EXSTDTC"])["LAST"]
    no_end, once = doses["EXENDTC"].isna(), _once(doses, study)
    superseded = start < start.groupby([doses["USUBJID"], doses["EXTRT"]]).transform("max")
    by_start = no_end & (once | superseded)
    open_end = no_end & ~by_start
    text = doses["EXENDTC"].mask(by_start, doses["EXSTDTC"])
    days = possible_days(text)
    ended = later(dated["ENDED"], start).where(dated["ENDED"].notna())
    bound = earlier(later(ended, days["FIRST"]).where(ended.notna()), cutoff)
    date = days["LAST"].mask(days["DTF"].notna(), not_after(days["LAST"], bound))
    return pd.DataFrame(
        {
            "LASTDAY": date.mask(open_end, not_after(ended, cutoff)).astype("datetime64[us]"),
            "LASTDTF": days["DTF"], "ENDDTC": text, "NOEND": no_end & ~once,
            "SUPERSEDED": no_end & ~once & superseded, "GOESON": open_end & ended.isna(),
        }
    )  # fmt: skip


def derive_new_therapy(
    sdtm: Mapping[str, pd.DataFrame], study: StudySpec, treated: pd.DataFrame, cutoff: pd.Timestamp | None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The start of new anticancer therapy: the earliest in CM or PR whose category is a term `subsequent_therapy`.

    In: CM and PR; USUBJID, TRTSDT and TRTEDT of `treated`. Out: one row for each subject that has one with USUBJID,
    NACTDT, NACTDTF, NACTDOM and NACTSEQ (where it comes from); and findings (ADAM-424 an imputed date that decides,
    ADAM-425 no date can be told). The start of a course is, first match wins:
      1. complete                     -> that day
      2. partial, can be after the last dose (while dosing goes on: after the first)
                                      -> the first such day
      3. partial                      -> the first day that it can be
      4. wholly missing               -> the day after the last dose; none known: no date
    An imputed date is never past the cut-off. Of two on one day a complete one is named, then CM before PR, then the
    lower --SEQ. Source: PROTOCOL, "Where the other dates come from".
    """
    courses = pd.concat([_courses(sdtm, study, domain) for domain in _COURSES], ignore_index=True)
    days = possible_days(courses["TEXT"])
    dosed = courses[["USUBJID"]].merge(treated, on="USUBJID", how="left")
    after_dose = dosed["TRTEDT"].fillna(dosed["TRTSDT"]) + pd.Timedelta(days=1)
    possible = after_dose.between(days["FIRST"], days["LAST"])
    imputed = days["FIRST"].mask(possible, after_dose)
    imputed = imputed.mask(days["DTF"] == "Y", after_dose.where(dosed["TRTEDT"].notna()))
    date = days["FIRST"].mask(days["DTF"].notna(), not_after(imputed, cutoff))
    dated = courses.assign(DATE=date, NACTDTF=days["DTF"])
    first = _pick(dated, "DATE", "NACTDTF", ascending=True)
    undated = dated[~among(dated["USUBJID"], first["USUBJID"])].drop_duplicates("USUBJID")
    found = first.rename(columns={"DATE": "NACTDT", "DOMAIN": "NACTDOM", "SEQ": "NACTSEQ"})
    findings = [_course_findings("ADAM-424", first[first["NACTDTF"].notna()]), _course_findings("ADAM-425", undated)]
    return found[["USUBJID", "NACTDT", "NACTDTF", "NACTDOM", "NACTSEQ"]], combine(findings)


def _courses(sdtm: Mapping[str, pd.DataFrame], study: StudySpec, domain: str) -> pd.DataFrame:
    records = take(sdtm, domain, _COURSES[domain])
    records = records[records[f"{domain}CAT"].isin(study.terms("subsequent_therapy"))]
    names = {f"{domain}SEQ": "SEQ", f"{domain}STDTC": "TEXT"}
    return records.rename(columns=names)[["USUBJID", "SEQ", "TEXT"]].assign(DOMAIN=domain)


def _course_findings(code: str, rows: pd.DataFrame) -> pd.DataFrame:
    return combine(
        [
            report(
                code, of_domain.rename(columns={"SEQ": f"{domain}SEQ"}), dataset=domain, variable=f"{domain}STDTC",
                value=of_domain["TEXT"], given=as_recorded(of_domain["TEXT"]),
                imputed=of_domain["DATE"].dt.strftime("%Y-%m-%d"),
            )
            for domain in _COURSES
            for of_domain in [rows[rows["DOMAIN"] == domain]]
        ]
    )  # fmt: skip


def _once(doses: pd.DataFrame, study: StudySpec) -> pd.Series:
    """Whether a dose is a single administration: as EX says, else as the study plans the drug."""
    planned = doses["EXTRT"].map({name: drug.frequency for name, drug in study.study.drugs.items()})
    return doses["EXDOSFRQ"].fillna(planned.astype("str")) == "ONCE"


def _pick(dated: pd.DataFrame, date: str, flag: str, *, ascending: bool) -> pd.DataFrame:
    """One row a subject: the first or last date; of two on one day a complete one, then by the order of the records."""
    order = dated.assign(IMPUTED=dated[flag].notna(), SEQ=dated.get("SEQ", dated.get("EXSEQ"))).dropna(subset=date)
    by = ["USUBJID", date, "IMPUTED", *(["DOMAIN"] if "DOMAIN" in dated else []), "SEQ"]
    order = order.sort_values(by, ascending=[True, ascending, *[True] * (len(by) - 2)], kind="stable")
    return order.drop_duplicates("USUBJID").drop(columns="IMPUTED")


def _partial_dose(picked: pd.DataFrame, variable: str, flag: str, which: str) -> pd.DataFrame:
    rows = picked[picked[flag].notna()]
    shown = rows["DATE"].dt.strftime("%Y-%m-%d")
    return report(
        "ADAM-422", rows, dataset="EX", variable=variable, value=rows[variable],
        given=as_recorded(rows[variable]), imputed=shown, which=which,
    )  # fmt: skip


RULES = {"first_dose": derive_first_dose, "last_dose": derive_last_dose, "new_therapy": derive_new_therapy}
