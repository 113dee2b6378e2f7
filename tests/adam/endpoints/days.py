"""Tables in study days, as SDTM and ADSL. Everybody's first dose is on 2025-01-01, which is day 1."""

from __future__ import annotations

import pandas as pd

from specs import StudySpec

FIRST_DOSE = pd.Timestamp("2025-01-01")


def date(day: pd.Series) -> pd.Series:
    """Dates of study days; there is no day 0."""
    number = day.astype("float64")
    return (FIRST_DOSE + pd.to_timedelta(number.where(number < 0, number - 1), unit="D")).astype("datetime64[us]")


def dtc(text: pd.Series) -> pd.Series:
    """ISO 8601 texts of `8` (a day), `8T09:30` (with a time) or `2025-01` (as it is)."""
    split = text.astype("str").str.extract(r"^(-?\d{1,3})(T.*)?$")
    iso = date(split[0]).dt.strftime("%Y-%m-%d") + split[1].fillna("")
    return iso.fillna(text.astype("str"))


def cells(lines: pd.DataFrame, column: str, parts: list[str]) -> pd.DataFrame:
    """One row for each entry of a column such as `8 0.4, 15 0.6`, with the id and the parts of the entry as text."""
    given = lines.get(column, pd.Series(None, index=lines.index)).set_axis(lines["id"]).astype("str")
    listed = given.str.split(", ").explode().dropna().astype("str")
    split = listed.str.split(" ", expand=True, n=len(parts) - 1).reindex(columns=range(len(parts))).astype("str")
    out = split.set_axis(parts, axis=1).rename_axis("USUBJID").reset_index()
    return out.assign(USUBJID=out["USUBJID"].astype("str"))


def numbered(records: pd.DataFrame, domain: str) -> pd.DataFrame:
    """With --SEQ from 1 within the subject."""
    return records.assign(**{f"{domain}SEQ": records.groupby("USUBJID").cumcount().add(1).astype("float64")})


def changed(study: StudySpec, **groups: dict[str, object]) -> StudySpec:
    """The study with other parameters, such as dlt={"window_days": 28}."""
    parameters = study.study.parameters
    update = {group: getattr(parameters, group).model_copy(update=values) for group, values in groups.items()}
    parameters = parameters.model_copy(update=update)
    return study.model_copy(update={"study": study.study.model_copy(update={"parameters": parameters})})
