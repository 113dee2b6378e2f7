"""The last steps of a domain: controlled terms, lengths, required values, the spec's variables in the spec's order."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sdtm.algorithms import collected_at, plain_name
from sdtm.distinct import by_distinct
from sdtm.rule import MAP, record_mappings
from sdtm.terminology import map_terms, nearest_terms
from specs import StudySpec
from specs.findings import report
from specs.mapping import SdtmDatasetSpec
from specs.models import VariableSpec

MAX_UTF8_BYTES = 4  # of one character
# control characters, line and paragraph separators, marks of direction, zero-width ones
_UNSEEN = r"[\x00-\x1f\x7f-\x9f\x{2028}-\x{202e}\x{2066}-\x{2069}\x{200b}-\x{200f}\x{feff}]"


def map_codelists(
    frame: pd.DataFrame, spec: SdtmDatasetSpec, study: StudySpec, names: list[str] | None = None
) -> pd.DataFrame:
    """Every variable (of `names`) with a codelist as submission values (sdtm/terminology.py); rows and order stay."""
    terms = {}
    for name, variable in published(spec).items():
        if variable.codelist and variable.type == "Char" and (names is None or name in names):
            terms[name] = by_distinct(frame[name], partial(map_terms, codelist=study.codelists[variable.codelist]))
    return frame.assign(**terms) if terms else frame


def judge_values(
    frame: pd.DataFrame, spec: SdtmDatasetSpec, study: StudySpec, longest: Mapping[str, float] | None = None
) -> list[pd.DataFrame]:
    """Findings on the finished values.

    Terms outside their codelist (SDTM-203, 211), lengths (204), non-ASCII text (205), required values that are missing
    (208), reported terms without a term of the variable's dictionary (213), collected text with characters that do not
    show (215). Nothing is changed: a value that fails stays as collected. `longest` has the characters of the longest
    text of each variable where that is known already.
    """
    counted = longest or {}
    found: list[pd.DataFrame] = []
    for name, variable in published(spec).items():
        values = frame[name]
        present = values.notna()
        if not present.all():
            blank, reported = ~present, _reported_term(spec, variable)
            if reported:
                uncoded = blank & frame[reported].notna()
                dictionary = study.study.dictionaries[variable.dictionary or ""].name
                found += judged("SDTM-213", frame, uncoded, spec, name, reported, dictionary=dictionary)
                blank &= ~uncoded
            if variable.core == "Req":
                found += judged("SDTM-208", frame, blank, spec, name)
        if variable.type == "Num" or not present.any():
            continue
        if variable.codelist:
            codelist = study.codelists[variable.codelist]
            known = values.isin(list(codelist.terms))
            if not known.all():
                near = nearest_terms(values[present & ~known], codelist)
                code = "SDTM-211" if codelist.extensible else "SDTM-203"
                found += judged(code, frame, present & ~known, spec, name, codelist=codelist.name, nearest=near)
        most = variable.max_bytes
        plain = values.str.isascii()
        if not plain.all():
            found += judged("SDTM-205", frame, present & ~plain, spec, name)
        if variable.origin == "Collected" and not variable.codelist:
            unseen = values.str.contains(_UNSEEN).fillna(value=False).astype(bool)
            if unseen.any():
                found += judged("SDTM-215", frame, unseen, spec, name)
        if may_exceed(counted[name] if name in counted else longest_text(values), most):
            size = by_distinct(values, byte_lengths)
            long = size[size > most].astype("str")
            found += judged("SDTM-204", frame, size > most, spec, name, bytes=long, most=str(most))
    return found


def _reported_term(spec: SdtmDatasetSpec, variable: VariableSpec) -> str | None:
    """The variable whose text a coded term stands for: the topic of the domain; none where nothing is coded."""
    if not variable.dictionary or variable.role != "Synonym Qualifier":
        return None
    return next((name for name, v in spec.variables.items() if v.role == "Topic"), None)


def longest_text(values: pd.Series) -> float:
    """Characters of the longest text; missing where there is none."""
    return float(values.str.len().max())


def may_exceed(characters: float, most: int) -> bool:
    """Whether a text of so many characters may have more bytes than `most`; only then are they worth counting."""
    return characters * MAX_UTF8_BYTES > most


def byte_lengths(texts: pd.Series) -> pd.Series:
    """Bytes of texts in UTF-8; 0 where missing."""
    sizes = pc.fill_null(pc.binary_length(pa.array(texts, pa.large_string())), 0)
    return pd.Series(sizes.to_numpy(), dtype="int64")


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
