"""The --DTC variables of finished SDTM: the latest date, and texts that are no ISO 8601 dates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from flows.receive.canonical import about_file
from flows.receive.sdtm_files import distinct, is_text
from specs.errors import Problem
from specs.findings import combine, no_findings, report

_MONTH, _DAY = r"(?:0[1-9]|1[0-2])", r"(?:0[1-9]|[12]\d|3[01])"
# complete, cut off at the right, or with `-` for a part that is not known (SDTMIG 3.4, section 4.4.2)
_TIME = r"(?:T(?:[01]\d|2[0-3]|-)(?::(?:[0-5]\d|-)(?::(?:[0-5]\d(?:\.\d+)?|-))?)?(?:Z|[+-]\d{2}:?\d{2})?)?"
_DATE = rf"^\d{{4}}(?:-{_MONTH}(?:-{_DAY}|-{{0,2}})|-{{0,3}}|---{_DAY}){_TIME}$|^--(?:{_MONTH}|-)-{_DAY}{_TIME}$"
_COMPLETE = r"^\d{4}-\d{2}-\d{2}(?:T|$)"
_DAY_LENGTH = len("2025-03-01")
_SHOWN = 3


def look_at_dates(
    datasets: Mapping[str, pd.DataFrame], files: Mapping[str, str]
) -> tuple[str, list[Problem], pd.DataFrame]:
    """The latest complete --DTC (blank where there is none), problems INPUT-108, and findings RAW-126.

    INPUT-108: a variable with values, and not one an ISO 8601 date. RAW-126, one a variable: some values are none. A
    day that the calendar does not have, such as 2025-02-30, is none. RAW-149, one a subject: a record that ends on a
    day before the one that it starts on.
    `files`: dataset -> name of its file.
    """
    latest = ""
    problems: list[Problem] = []
    findings: list[pd.DataFrame] = []
    for name, variable, texts in _distinct(datasets):
        complete = texts[texts.str.match(_COMPLETE)]
        impossible = complete[pd.to_datetime(complete.str[:_DAY_LENGTH], format="%Y-%m-%d", errors="coerce").isna()]
        complete = complete.drop(impossible.index)
        latest = max(latest, str(complete.max())) if len(complete) else latest
        wrong = texts[~texts.str.match(_DATE) | texts.index.isin(impossible.index)]
        if wrong.empty:
            continue
        shown = ", ".join(f"'{text}'" for text in sorted(wrong)[:_SHOWN])
        if len(wrong) == len(texts):
            problems.append(
                Problem(
                    code="INPUT-108", place=files[name], fact=f"{variable} holds no ISO 8601 date ({shown}).",
                    next_step="have the dataset made with dates such as 2025-03-01 or 2025-03.",
                )
            )  # fmt: skip
            continue
        rows = datasets[name][variable].isin(list(wrong)).sum()
        where = about_file("", files[name], [variable])
        findings.append(report("RAW-126", where, dataset=name, variable=variable, value=shown, number=f"{rows:,}"))
    findings += [_turned(name, frame) for name, frame in datasets.items()]
    return latest, problems, combine(findings)


def _turned(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Finding RAW-149 on the first record of each subject whose complete --ENDTC is before its complete --STDTC."""
    start, end = f"{name}STDTC", f"{name}ENDTC"
    keys = ["USUBJID", f"{name}SEQ"]
    if not all(key in frame for key in (start, end, *keys)) or not is_text(frame[start]) or not is_text(frame[end]):
        return no_findings()
    rows = np.flatnonzero(_days(frame[end]) < _days(frame[start]))  # NaT, of a date that is not complete, is not
    turned = frame[[*keys, start, end]].take(rows).astype({start: "str", end: "str", "USUBJID": "str"}).dropna()
    number = turned.groupby("USUBJID")["USUBJID"].transform("size").astype("str")
    first = turned.sort_values(keys, kind="stable").drop_duplicates("USUBJID")
    return report(
        "RAW-149", first, dataset=name, variable=end, value=first[end], start=first[start],
        expected="on or after " + first[start], number=number,
    )  # fmt: skip


def _days(dates: pd.Series) -> np.ndarray:
    """The day of each complete date of a variable as read; NaT for the others."""
    texts = pd.Series(dates.cat.categories, dtype="str")
    complete = texts.where(texts.str.match(_COMPLETE)).str[:_DAY_LENGTH]
    days = pd.to_datetime(complete, format="%Y-%m-%d", errors="coerce").to_numpy("datetime64[D]")
    return np.append(days, np.datetime64("NaT", "D"))[dates.cat.codes.to_numpy()]


def _distinct(datasets: Mapping[str, pd.DataFrame]) -> Iterator[tuple[str, str, pd.Series]]:
    """Dataset, variable and distinct texts of each --DTC variable that has any."""
    for name, frame in datasets.items():
        for variable in map(str, frame):
            if variable.endswith("DTC") and is_text(frame[variable]):
                texts = distinct(frame[variable])
                if len(texts):
                    yield name, variable, texts
