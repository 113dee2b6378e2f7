"""Results of a findings domain as analysis values: a number in the unit of the parameter, or a text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from adam.inputs import take
from adam.rules.dates import clock, possible_days
from specs import StudySpec
from specs.findings import combine, report
from specs.models import DatasetSpec
from specs.units import UnitConversion, spelling

DECIMALS = 9  # of a converted result, so that 0.1 + 0.2 is 0.3
NO_RESULT = "NO-RESULT"
_BOUND = r"^\s*(<=|>=|<|>|≤|≥)\s*(\d+(?:\.\d+)?)\s*$"


def read_results(
    sdtm: Mapping[str, pd.DataFrame], domain: str, spec: DatasetSpec, study: StudySpec
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """The records of a domain that have a result of a parameter of the spec (--TESTCD = PARAMCD).

    Out: STUDYID, USUBJID, SEQ, PARAMCD, AVISIT, AVISITN; AVAL (--STRESN, in the unit of the parameter), AVALC (--STRESC
    where there is no AVAL), SIGN and BOUND of a result such as "<0.1" (SIGN blank, BOUND missing for any other), ANRLO
    and ANRHI; ADT, ADTM and, for the order of records, MOMENT, FIRST and LAST (days that the date can mean). Row order
    stays.

    A result without a standard one (--STRESC), and one in a unit that cannot be converted, stays in AVALC as it is
    given, with its unit; STANDARD is False on the former. Findings ADAM-450 (a test that the spec has no parameter
    for), ADAM-451 (no number in the unit of the parameter), one for each subject and test. Accounting (dataset, rule,
    rows): records without a result, which are left out. Source: ADaMIG 1.3 section 3.3.
    """
    names = ["TESTCD", "STRESN", "STRESC", "STRESU", "STNRLO", "STNRHI", "DTC", "SEQ"]
    records = take(sdtm, domain, ["STUDYID", "USUBJID", "VISIT", "VISITNUM", *(f"{domain}{name}" for name in names)])
    records = records.rename(
        columns={f"{domain}{name}": name for name in names}
        | {f"{domain}TESTCD": "PARAMCD", "VISIT": "AVISIT", "VISITNUM": "AVISITN"}
    )
    records["STANDARD"] = records["STRESN"].notna() | records["STRESC"].notna()
    records = _with_collected(records, sdtm, domain)
    given = records["STANDARD"] | records["STRESC"].notna()
    known = records["PARAMCD"].isin(list(spec.parameters))
    other = records[given & ~known]
    rows = _dates(records[given & known].reset_index(drop=True))
    rows, strange = _values(rows, domain, spec, study)
    findings = combine([_report("ADAM-450", other, spec, domain, "TESTCD", other["PARAMCD"]), strange])
    accounting = pd.DataFrame({"dataset": [spec.dataset], "rule": [NO_RESULT], "rows": [int((~given).sum())]})
    accounting = accounting[accounting["rows"] > 0].astype({"dataset": "str", "rule": "str"})
    return rows, findings, accounting


def _with_collected(records: pd.DataFrame, sdtm: Mapping[str, pd.DataFrame], domain: str) -> pd.DataFrame:
    """The result and unit as collected, where SDTM has no standard result."""
    at = np.flatnonzero(~records["STANDARD"])
    if len(at) == 0:
        return records
    collected = take({domain: sdtm[domain].iloc[at]}, domain, [f"{domain}ORRES", f"{domain}ORRESU"]).set_axis(at)
    return records.assign(
        STRESC=records["STRESC"].fillna(collected[f"{domain}ORRES"]),
        STRESU=records["STRESU"].fillna(collected[f"{domain}ORRESU"]),
    )


def _dates(rows: pd.DataFrame) -> pd.DataFrame:
    """Each different date text is read once: the tests of a sample share it."""
    codes, texts = pd.factorize(rows["DTC"].fillna(""))
    dtc = pd.Series(texts, dtype="str")
    days, times = possible_days(dtc), clock(dtc)
    read = pd.DataFrame(
        {
            "ADT": days["FIRST"].where(days["DTF"].isna()), "ADTM": times["DTM"], "MOMENT": times["MOMENT"],
            "FIRST": days["FIRST"], "LAST": days["LAST"],
        }
    )  # fmt: skip
    return rows.drop(columns="DTC").assign(**{str(name): read[name].array.take(codes) for name in read})


def _values(rows: pd.DataFrame, domain: str, spec: DatasetSpec, study: StudySpec) -> tuple[pd.DataFrame, pd.DataFrame]:
    bound = _bounds(rows["STRESC"].where(rows["STRESN"].isna() & rows["STANDARD"]))
    number = {"AVAL": rows["STRESN"], "BOUND": bound["BOUND"], "ANRLO": rows["STNRLO"], "ANRHI": rows["STNRHI"]}
    wrong = ~rows["STANDARD"]
    measured = rows["STRESN"].notna() | bound["BOUND"].notna()
    for which, conversion in _other_units(rows, domain, spec, study):
        if conversion is None:
            wrong |= which & measured
            number = {name: values.mask(which) for name, values in number.items()}
        else:
            number = {name: values.mask(which, _convert(values, conversion)) for name, values in number.items()}
    strange = rows[wrong]
    as_given = strange["STRESC"].fillna(strange["STRESN"].map("{:g}".format, na_action="ignore").astype("str"))
    text = rows["STRESC"].where(number["AVAL"].isna())
    text = text.mask(wrong, (as_given + " " + strange["STRESU"].fillna("")).str.strip().reindex(rows.index))
    sign = bound["SIGN"].mask(number["BOUND"].isna(), "")
    findings = _report("ADAM-451", strange, spec, domain, "STRESU", strange["STRESU"])
    rows = rows.drop(columns=["STRESN", "STRESC", "STRESU", "STNRLO", "STNRHI"])
    return rows.assign(**number, AVALC=text.astype("str"), SIGN=sign), findings


def _bounds(text: pd.Series) -> pd.DataFrame:
    """SIGN and BOUND of texts such as "<0.1"; each different text is read once."""
    codes, texts = pd.factorize(text.fillna(""))
    found = pd.Series(texts, dtype="str").str.extract(_BOUND)
    sign = found[0].replace({"≤": "<=", "≥": ">="}).fillna("").astype("str")
    return pd.DataFrame(
        {"SIGN": sign.array.take(codes), "BOUND": found[1].astype("float64").array.take(codes)}, index=text.index
    )


def _other_units(
    rows: pd.DataFrame, domain: str, spec: DatasetSpec, study: StudySpec
) -> Iterator[tuple[pd.Series, UnitConversion | None]]:
    """The records of a test in another unit than its parameter's, with the conversion; none where that is not known."""
    test, tests = pd.factorize(rows["PARAMCD"])
    unit, units = pd.factorize(rows["STRESU"])
    pair = test * (len(units) + 1) + unit + 1  # 0 stands for a missing unit
    for code in pd.unique(pair):
        of_test, of_unit = divmod(int(code), len(units) + 1)
        conversion = _conversion(domain, tests[of_test], units[of_unit - 1] if of_unit else None, spec, study)
        if conversion != UnitConversion():
            yield pd.Series(pair == code, index=rows.index), conversion


def _conversion(domain: str, test: str, unit: str | None, spec: DatasetSpec, study: StudySpec) -> UnitConversion | None:
    """How the unit of SDTM gets to that of the parameter; none where that is not known."""
    wanted = spec.parameters[test].unit
    if wanted is None:
        return UnitConversion()
    if unit is None:
        return None
    if spelling(unit) == spelling(wanted):
        return UnitConversion()
    group = study.units.groups(domain).get(test)
    if group is None or group.unit != wanted:
        return None
    return next(
        (
            conversion
            for name, conversion in group.from_.items()
            if spelling(unit) in {spelling(text) for text in (name, *conversion.also)}
        ),
        None,
    )


def _convert(values: pd.Series, conversion: UnitConversion) -> pd.Series:
    decimals = DECIMALS if conversion.decimals is None else conversion.decimals
    return ((values + float(conversion.add)) * float(conversion.factor)).round(decimals)


def _report(
    code: str, rows: pd.DataFrame, spec: DatasetSpec, domain: str, variable: str, value: pd.Series
) -> pd.DataFrame:
    """One finding for each subject, test and value, on the first such record."""
    rows = rows.assign(VALUE=value.fillna("")).sort_values(["USUBJID", "PARAMCD", "VALUE", "SEQ"], kind="stable")
    by = ["USUBJID", "PARAMCD", "VALUE"]
    number = rows.groupby(by)["SEQ"].transform("size").astype("str")
    first = rows.assign(NUMBER=number).drop_duplicates(by).rename(columns={"SEQ": f"{domain}SEQ"})
    expected = {name: parameter.unit or "" for name, parameter in spec.parameters.items()}
    return report(
        code, first, dataset=domain, variable=f"{domain}{variable}", value=first["VALUE"],
        expected=first["PARAMCD"].map(expected).astype("str") if code == "ADAM-451" else "",
        number=first["NUMBER"], test=first["PARAMCD"], made=spec.dataset,
    )  # fmt: skip


RULES = {"analysis_value": read_results}
