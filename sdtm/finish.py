"""The last steps of a domain: controlled terms, lengths, required values, the spec's variables in the spec's order."""

from __future__ import annotations

from functools import partial

import pandas as pd

from sdtm.algorithms import collected_at, plain_name
from sdtm.distinct import by_distinct
from sdtm.rule import MAP, record_mappings
from sdtm.terminology import map_terms, nearest_terms
from specs import StudySpec
from specs.findings import report
from specs.mapping import SdtmDatasetSpec
from specs.models import MAX_CHAR_BYTES, VariableSpec

MAX_UTF8_BYTES = 4  # of one character


def map_codelists(
    frame: pd.DataFrame, spec: SdtmDatasetSpec, study: StudySpec, names: list[str] | None = None
) -> pd.DataFrame:
    """Every variable (of `names`) with a codelist as submission values (sdtm/terminology.py); rows and order stay."""
    terms = {}
    for name, variable in _published(spec).items():
        if variable.codelist and variable.type == "Char" and (names is None or name in names):
            terms[name] = by_distinct(frame[name], partial(map_terms, codelist=study.codelists[variable.codelist]))
    return frame.assign(**terms) if terms else frame


def judge_values(frame: pd.DataFrame, spec: SdtmDatasetSpec, study: StudySpec) -> list[pd.DataFrame]:
    """Findings on the finished values: terms (SDTM-203, 211), lengths (204), non-ASCII text (205), blanks (208).

    Nothing is changed: a value that fails stays as collected.
    """
    found: list[pd.DataFrame] = []
    for name, variable in _published(spec).items():
        values = frame[name]
        present = values.notna()
        if variable.core == "Req" and not present.all():
            found += _judged("SDTM-208", frame, ~present, spec, name)
        if variable.type == "Num" or not present.any():
            continue
        if variable.codelist:
            codelist = study.codelists[variable.codelist]
            known = values.isin(list(codelist.terms))
            if not known.all():
                near = nearest_terms(values[present & ~known], codelist)
                code = "SDTM-211" if codelist.extensible else "SDTM-203"
                found += _judged(code, frame, present & ~known, spec, name, codelist=codelist.name, nearest=near)
        most = variable.max_bytes if name in spec.variables else MAX_CHAR_BYTES
        plain = values.str.isascii()
        if not plain.all():
            found += _judged("SDTM-205", frame, present & ~plain, spec, name)
        if values.str.len().max() * MAX_UTF8_BYTES > most:
            size = by_distinct(values, _byte_lengths)
            long = size[size > most].astype("str")
            found += _judged("SDTM-204", frame, size > most, spec, name, bytes=long, most=str(most))
    return found


def _byte_lengths(texts: pd.Series) -> pd.Series:
    return pd.Series([0 if pd.isna(text) else len(text.encode()) for text in texts], dtype="int64")


def publish(frame: pd.DataFrame, spec: SdtmDatasetSpec) -> pd.DataFrame:
    """Exactly the spec's variables in the spec's order: Char as `str`, Num as float64."""
    columns = {}
    for name, variable in spec.variables.items():
        values = frame[name] if name in frame else pd.Series(index=frame.index, dtype="str")
        columns[name] = values.astype("float64") if variable.type == "Num" else values.astype("str")
    return pd.DataFrame(columns, index=frame.index)


def _published(spec: SdtmDatasetSpec) -> dict[str, VariableSpec]:
    return {**spec.variables, **spec.supplemental}


def _judged(
    code: str, frame: pd.DataFrame, at: pd.Series, spec: SdtmDatasetSpec, name: str, **facts: pd.Series | str
) -> list[pd.DataFrame]:
    """Findings on a variable of the records where `at` holds, at the raw record and field that it was collected in."""
    if not at.any():
        return []
    rows = frame[at]
    value = rows[name].astype("str").fillna("")
    mappings = record_mappings(spec)
    parts = []
    for number, here in rows.groupby(MAP, sort=True):
        mapping = mappings[int(str(number))].get(name)
        field = (mapping.from_ or "") if mapping else ""
        place = collected_at(here, field)
        of = plain_name(field)
        parts.append(
            report(code, place, dataset=spec.dataset, variable=name, field=of, value=value, expected="", **facts)
        )
    return parts
