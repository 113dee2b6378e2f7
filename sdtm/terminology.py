"""Controlled terms: collected texts become submission values, and what is none becomes a finding."""

from __future__ import annotations

from difflib import get_close_matches

import pandas as pd

from sdtm.distinct import by_distinct
from specs.models import Codelist


def submission_values(codelist: Codelist) -> dict[str, str]:
    """Every text that means a term, case folded -> the term. A term itself goes before synonyms and decodes."""
    meaning: dict[str, str] = {}
    for term in codelist.terms:
        meaning.setdefault(term.casefold(), term)
    for term, details in codelist.terms.items():
        for synonym in details.synonyms if details else []:
            meaning.setdefault(synonym.casefold(), term)
    return meaning


def map_terms(texts: pd.Series, codelist: Codelist) -> pd.Series:
    """Submission values for texts.

    The first matching line decides: 1. missing -> missing; 2. a term, exactly -> it; 3. a term but for case -> it;
    4. a synonym, but for case -> its term; 5. anything else -> as it is.
    """
    meaning = submission_values(codelist)
    known = texts.map(lambda t: t if t in codelist.terms else meaning.get(t.casefold(), t), na_action="ignore")
    return known.astype("str")


def nearest_terms(texts: pd.Series, codelist: Codelist) -> pd.Series:
    """For each text the nearest terms as the end of a message, blank where none is near."""
    meaning = submission_values(codelist)

    def near(text: str) -> str:
        found = dict.fromkeys(meaning[m] for m in get_close_matches(text.casefold(), list(meaning), n=3, cutoff=0.5))
        return " Nearest: " + ", ".join(found) + "." if found else ""

    return by_distinct(texts, lambda distinct: distinct.map(near, na_action="ignore").astype("str").fillna(""))
