"""Checks of values that cannot be: age against birth, results beyond what a person can have."""

from __future__ import annotations

import pandas as pd

from sdtm.checks.evidence import Evidence
from sdtm.checks.partial import earliest, latest
from specs import identity
from specs.checks import AgeAndBirthDisagree, ImplausibleValue, Limits
from specs.findings import combine


def age_and_birth_disagree(evidence: Evidence, spec: AgeAndBirthDisagree, code: str) -> pd.DataFrame:
    """An age that no day of birth and consent, as far as they are known, can give.

    Age and birth are those of the record, consent that of the same subject number. Needs all three.
    """
    rows = evidence.raw_dates(spec.birth)
    consent = evidence.raw_dates(spec.consent).dropna(subset=["DATE"]).drop_duplicates(identity.SUBJECT)
    rows["CONSENT"] = rows[identity.SUBJECT].map(consent.set_index(identity.SUBJECT)["DATE"]).astype("str")
    age = pd.to_numeric(rows[spec.age], errors="coerce")
    least = full_years(latest(rows["DATE"]), earliest(rows["CONSENT"]))
    most = full_years(earliest(rows["DATE"]), latest(rows["CONSENT"]))
    years = least.astype("Int64").astype("str")
    rows["EXPECTED"] = years.where(least == most, years + " to " + most.astype("Int64").astype("str"))
    wrong = rows[(age < least - spec.tolerated_years) | (age > most + spec.tolerated_years)]
    facts = {"value": spec.age, "birth": "DATE", "consent": "CONSENT", "expected": "EXPECTED"}
    return evidence.found_raw(code, wrong, spec.age, **facts)


def full_years(born: pd.Series, on: pd.Series) -> pd.Series:
    """Completed years from one day to another; a birthday completes its year."""
    ahead = (on.dt.month < born.dt.month) | ((on.dt.month == born.dt.month) & (on.dt.day < born.dt.day))
    years: pd.Series = on.dt.year - born.dt.year - ahead.astype("int64")
    return years


def implausible_value(evidence: Evidence, spec: ImplausibleValue, code: str) -> pd.DataFrame:
    """A result in study units outside the limits of its test, or too far from the subject's own median.

    The first matching line decides:
      1. below `low` or above `high` -> implausible
      2. `change` is given, and the result differs from the subject's median by a greater share of it -> implausible
      3. anything else -> plausible
    """
    found = []
    for dataset, tests in spec.limits.items():
        names = {part: f"{dataset}{part}" for part in ("TESTCD", "ORRES", "ORRESU", "STRESN", "STRESU")}
        rows = evidence.take(dataset, names.values())
        rows = rows[rows[names["TESTCD"]].isin(list(tests)) & rows[names["STRESN"]].notna()]
        reason = pd.concat([_reasons(part, tests[str(test)], dataset) for test, part in rows.groupby(names["TESTCD"])]
                           or [pd.Series(dtype="str")])  # fmt: skip
        wrong = rows.assign(REASON=reason.reindex(rows.index))[lambda r: r["REASON"].notna()]
        unit = wrong[names["ORRESU"]].fillna("")
        wrong = wrong.assign(SHOWN=(wrong[names["ORRES"]] + " " + unit).str.strip())
        facts = {"value": "SHOWN", "test": names["TESTCD"], "reason": "REASON", "expected": "REASON"}
        found.append(evidence.found(code, dataset, wrong, names["ORRES"], **facts))
    return combine(found)


def _reasons(rows: pd.DataFrame, limits: Limits, dataset: str) -> pd.Series:
    """Why each result of one test is implausible; missing where it is not."""
    value, unit = rows[f"{dataset}STRESN"], rows[f"{dataset}STRESU"].fillna("")
    reason = pd.Series(float("nan"), index=rows.index, dtype="str")
    if limits.change is not None:
        median = value.groupby(rows["USUBJID"]).transform("median")
        far = (value - median).abs() > limits.change * median.abs()
        told = "the subject's median is " + median.round(1).astype("str") + " " + unit
        reason = reason.mask(far, told)
    outside = (value < limits.low) | (value > limits.high)
    return reason.mask(outside, f"people have {limits.low:g} to {limits.high:g} " + unit)
