"""Rules for results of findings: standard results in study units, reference ranges."""

from __future__ import annotations

import pandas as pd

from sdtm.distinct import by_distinct
from sdtm.rule import Call, Made, Rule
from sdtm.units import convert_results
from specs.findings import combine, no_findings, report
from specs.units import UnitGroup


def standard_results(frame: pd.DataFrame, call: Call) -> Made:
    """A step: --ORRES and --ORRESU as standard results in the unit of `units.yaml`.

    The first matching line decides:
      1. the test has no unit in `units.yaml` -> --STRESC as collected
      2. the result is one of the texts of `args.texts` -> the study parameter that the text stands for
      3. anything else -> as `sdtm.units.convert_results` says

    Needs --TESTCD, --ORRES, --ORRESU; with ranges, --ORNRLO and --ORNRHI. Adds --STRESC, --STRESN, --STRESU; with
    ranges also --STNRLO, --STNRHI (converted likewise) and --NRIND. --ORRESU becomes the spec's name of the collected
    unit, --ORRES stays as collected. Row order and count stay. Findings: SDTM-206, 207, 209, 210.
    """
    d = call.spec.dataset
    groups = call.study.units.groups(d)
    test, result, unit = frame[f"{d}TESTCD"], frame[f"{d}ORRES"], frame[f"{d}ORRESU"]
    measured = by_distinct(test, lambda tests: tests.isin(list(groups)))
    said = _texts(call)
    worded = measured & by_distinct(result, lambda texts: texts.str.upper().isin(list(said)))
    made = convert_results(test, result.where(measured & ~worded), unit, groups)
    number, text, standard_unit = made["number"], made["text"].where(measured, result), made["unit"]
    if worded.any():
        meant = result[worded].str.upper().map(said).astype("float64")
        number = number.mask(worded, meant)
        text = text.mask(worded, meant.map(lambda n: f"{n:g}").astype("str"))
        standard_unit = standard_unit.mask(worded, test[worded].map({name: g.unit for name, g in groups.items()}))
    standard = {
        f"{d}STRESC": text, f"{d}STRESN": number, f"{d}STRESU": standard_unit,
        f"{d}ORRESU": made["collected_unit"].fillna(unit).astype("str"),
    }  # fmt: skip
    findings = _result_findings(frame, call, made, groups)
    if f"{d}ORNRLO" in call.spec.variables:
        ranges, more = _ranges(frame, call, made, groups)
        standard |= ranges
        findings = combine([findings, more])
    return Made(frame.assign(**standard), findings)


def _texts(call: Call) -> dict[str, float]:
    parameters = call.study.study.parameters
    numbers = parameters.flat() if parameters else {}
    return {text.upper(): float(numbers[name]) for text, name in call.args.get("texts", {}).items()}


def _result_findings(frame: pd.DataFrame, call: Call, made: pd.DataFrame, groups: dict[str, UnitGroup]) -> pd.DataFrame:
    d = call.spec.dataset
    accepted = {test: "one of " + ", ".join(group.from_) for test, group in groups.items()}
    strange = _where(made["no_unit"], frame)
    return combine(
        [
            _report(
                "SDTM-206", strange, call, f"{d}ORRESU", f"{d}ORRESU", expected=strange[f"{d}TESTCD"].map(accepted)
            ),
            _report("SDTM-207", _where(made["unreadable"], frame), call, f"{d}STRESN", f"{d}ORRES"),
            _report("SDTM-209", _where(made["relation"] != "", frame), call, f"{d}STRESN", f"{d}ORRES"),
            _report("SDTM-210", _where(made["normalised"], frame), call, f"{d}STRESN", f"{d}ORRES"),
        ]
    )


def _where(at: pd.Series, frame: pd.DataFrame) -> pd.DataFrame:
    """The rows where it holds; mostly none, and then the wide frame need not be gone through."""
    return frame[at] if at.any() else frame.iloc[:0]


def _report(
    code: str, rows: pd.DataFrame, call: Call, variable: str, made_from: str, expected: pd.Series | str = ""
) -> pd.DataFrame:
    """One finding a row on a variable, with the collected value and field that it was made from."""
    if rows.empty:
        return no_findings()
    fields = call.collected_in(rows, made_from)
    return combine(
        [
            report(
                code,
                part,
                dataset=call.spec.dataset,
                variable=variable,
                field=str(field),
                value=part[made_from],
                expected=expected,
            )
            for field, part in rows.groupby(fields)
        ]
    )


def _ranges(
    frame: pd.DataFrame, call: Call, made: pd.DataFrame, groups: dict[str, UnitGroup]
) -> tuple[dict[str, pd.Series], pd.DataFrame]:
    """Reference ranges in study units, and where the result lies; a result without a number has none.

    Where the range does not tell, an indicator that was collected (ABNORMAL beside a result in words) stays.
    """
    d = call.spec.dataset
    value = made["number"].fillna(made["bound"])
    findings, limits = [], {}
    for side in ("LO", "HI"):
        collected = f"{d}ORNR{side}"
        limit = convert_results(frame[f"{d}TESTCD"], frame[collected], frame[f"{d}ORRESU"], groups)
        limits[side] = limit["number"].fillna(limit["bound"]).where(value.notna())
        findings.append(_report("SDTM-207", _where(limit["unreadable"], frame), call, f"{d}STNR{side}", collected))
    indicator = derive_range_indicator(value, limits["LO"], limits["HI"], made["relation"])
    if frame[f"{d}NRIND"].notna().any():
        indicator = indicator.fillna(frame[f"{d}NRIND"])
    return {f"{d}STNRLO": limits["LO"], f"{d}STNRHI": limits["HI"], f"{d}NRIND": indicator}, combine(findings)


def derive_range_indicator(value: pd.Series, low: pd.Series, high: pd.Series, relation: pd.Series) -> pd.Series:
    """Where a result lies against its reference range; one limit alone is a range too.

    The first matching line decides:
      1. no number, or no limit -> missing
      2. below the lower limit, or reported as `<` a value up to it -> LOW
      3. above the upper limit, or reported as `>` a value from it on -> HIGH
      4. reported as below or above anything else -> missing: it may lie on either side
      5. anything else -> NORMAL (a limit itself is normal)
    """
    plain = relation == ""
    is_low = (plain & (value < low)) | ((relation == "<") & (value <= low)) | ((relation == "<=") & (value < low))
    is_high = (plain & (value > high)) | ((relation == ">") & (value >= high)) | ((relation == ">=") & (value > high))
    ranged = value.notna() & (low.notna() | high.notna())
    indicator = pd.Series("NORMAL", index=value.index, dtype="str")
    return indicator.where(plain).mask(is_high, "HIGH").mask(is_low, "LOW").where(ranged)


RULES = {"standard_results": Rule(standard_results)}
