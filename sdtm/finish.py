"""The last steps of a domain: controlled terms, lengths, required values, the spec's variables in the spec's order."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd

from sdtm.algorithms import collected_at, plain_name
from sdtm.distinct import by_distinct, texts_of
from sdtm.rule import MAP, record_mappings
from sdtm.terminology import map_terms, nearest_terms
from specs import StudySpec
from specs.codes import codes_of
from specs.findings import report
from specs.mapping import SdtmDatasetSpec
from specs.models import VariableSpec
from specs.texts import Bools, beyond_ascii, byte_lengths

# control characters, line and paragraph separators, marks of direction, zero-width ones
_UNSEEN = r"[\x00-\x1f\x7f-\x9f\x{2028}-\x{202e}\x{2066}-\x{2069}\x{200b}-\x{200f}\x{feff}]"


def map_codelists(
    frame: pd.DataFrame, spec: SdtmDatasetSpec, study: StudySpec, names: list[str] | None = None
) -> pd.DataFrame:
    """Every variable (of `names`) with a codelist as submission values (sdtm/terminology.py); rows and order stay."""
    terms = {}
    for name, variable in published(spec).items():
        if variable.codelist and variable.type == "Char" and (names is None or name in names):
            codelist = study.codelists[variable.codelist]
            if any(text not in codelist.terms for text in texts_of(codes_of(frame[name])[1])):
                terms[name] = by_distinct(frame[name], partial(map_terms, codelist=codelist))
    return frame.assign(**terms) if terms else frame


def judge_values(frame: pd.DataFrame, spec: SdtmDatasetSpec, study: StudySpec) -> list[pd.DataFrame]:
    """Findings on the finished values.

    Terms outside their codelist (SDTM-203, 211), lengths (204), non-ASCII text (205), required values that are missing
    (208), reported terms without a term of the variable's dictionary (213), collected text with characters that do not
    show (215). Nothing is changed: a value that fails stays as collected.
    """
    found: list[pd.DataFrame] = []
    for name, variable in published(spec).items():
        values = frame[name]
        if values.hasnans:
            blank, reported = values.isna(), _reported_term(spec, variable)
            if reported:
                uncoded = blank & frame[reported].notna()
                dictionary = study.study.dictionaries[variable.dictionary or ""].name
                found += judged("SDTM-213", frame, uncoded, spec, name, reported, dictionary=dictionary)
                blank &= ~uncoded
            if variable.core == "Req":
                found += judged("SDTM-208", frame, blank, spec, name)
        if variable.type == "Char":
            found += _judge_texts(frame, name, variable, spec, study)
    return found


def _judge_texts(
    frame: pd.DataFrame, name: str, variable: VariableSpec, spec: SdtmDatasetSpec, study: StudySpec
) -> list[pd.DataFrame]:
    """What is asked of a text, each distinct one asked once."""
    values = frame[name]
    codes, distinct = codes_of(values)
    if not len(distinct):
        return []

    def rows(which: Bools) -> pd.Series:
        return pd.Series(np.append(which, False)[codes], index=values.index)  # code -1 takes the last

    found: list[pd.DataFrame] = []
    if variable.codelist:
        codelist = study.codelists[variable.codelist]
        strange = np.array([text not in codelist.terms for text in texts_of(distinct)])
        if strange.any():
            at = rows(strange)
            code = "SDTM-211" if codelist.extensible else "SDTM-203"
            near = nearest_terms(values[at], codelist)
            found += judged(code, frame, at, spec, name, codelist=codelist.name, nearest=near)
    wide = beyond_ascii(distinct)
    if wide.any():
        found += judged("SDTM-205", frame, rows(wide), spec, name)
    if variable.origin == "Collected" and not variable.codelist:
        unseen = pd.Series(distinct).str.contains(_UNSEEN).to_numpy(dtype="bool")
        if unseen.any():
            found += judged("SDTM-215", frame, rows(unseen), spec, name)
    sizes = byte_lengths(distinct)
    if sizes.max() > variable.max_bytes:
        long = rows(sizes > variable.max_bytes)
        size, most = pd.Series(sizes[codes], index=values.index).astype("str"), str(variable.max_bytes)
        found += judged("SDTM-204", frame, long, spec, name, bytes=size, most=most)
    return found


def _reported_term(spec: SdtmDatasetSpec, variable: VariableSpec) -> str | None:
    """The variable whose text a coded term stands for: the topic of the domain; none where nothing is coded."""
    if not variable.dictionary or variable.role != "Synonym Qualifier":
        return None
    return next((name for name, v in spec.variables.items() if v.role == "Topic"), None)


def publish(frame: pd.DataFrame, spec: SdtmDatasetSpec) -> pd.DataFrame:
    """Exactly the spec's variables in the spec's order: Char as `str`, Num as float64."""
    columns = {}
    for name, variable in spec.variables.items():
        values = frame[name] if name in frame else pd.Series(index=frame.index, dtype="str")
        columns[name] = values.astype("float64") if variable.type == "Num" else values.astype("str")
    return pd.DataFrame(columns, index=frame.index)


def published(spec: SdtmDatasetSpec) -> dict[str, VariableSpec]:
    """Every variable that a domain or its SUPP-- shows."""
    return {**spec.variables, **spec.supplemental}


def judged(
    code: str,
    frame: pd.DataFrame,
    at: pd.Series,
    spec: SdtmDatasetSpec,
    name: str,
    collected: str | None = None,
    **facts: pd.Series | str,
) -> list[pd.DataFrame]:
    """Findings on a variable of the records where `at` holds, at the raw record and field that it was collected in.

    `collected` names another variable of the record whose value and field are shown in place of its own.
    """
    if not at.any():
        return []
    rows = frame[at]
    shown = collected or name
    value = rows[shown].astype("str").fillna("")
    mappings = record_mappings(spec)
    parts = []
    for number, here in rows.groupby(MAP, sort=True):
        mapping = mappings[int(str(number))].get(shown)
        field = (mapping.from_ or "") if mapping else ""
        place = collected_at(here, field)
        of = plain_name(field)
        parts.append(
            report(code, place, dataset=spec.dataset, variable=name, field=of, value=value, expected="", **facts)
        )
    return parts
