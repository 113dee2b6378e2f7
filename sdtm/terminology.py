"""Controlled terms: collected texts become submission values, and what is none becomes a finding and a worklist."""

from __future__ import annotations

from difflib import get_close_matches

import pandas as pd

from sdtm.distinct import by_distinct
from specs import StudySpec
from specs.models import Codelist


def submission_values(codelist: Codelist) -> dict[str, str]:
    """Every text that means a term, case folded -> the term."""
    return {text: terms[0] for text, terms in codelist.meanings().items()}


def map_terms(texts: pd.Series, codelist: Codelist) -> pd.Series:
    """Submission values for texts.

    The first matching line decides: 1. missing -> missing; 2. a term, exactly -> it; 3. a term but for case -> it;
    4. a synonym, but for case -> its term; 5. anything else -> as it is.
    """
    meaning = submission_values(codelist)
    known = texts.map(lambda t: t if t in codelist.terms else meaning.get(t.casefold(), t), na_action="ignore")
    return known.astype("str")


def near_terms(text: str, codelist: Codelist) -> list[str]:
    """Up to three terms of the codelist that are spelled, or have a synonym that is spelled, most like the text."""
    meaning = submission_values(codelist)
    return list(dict.fromkeys(meaning[m] for m in get_close_matches(text.casefold(), list(meaning), n=3, cutoff=0.5)))


def nearest_terms(texts: pd.Series, codelist: Codelist) -> pd.Series:
    """For each text the nearest terms as the end of a message, blank where none is near."""

    def near(text: str) -> str:
        found = near_terms(text, codelist)
        return " Nearest: " + ", ".join(found) + "." if found else ""

    return by_distinct(texts, lambda distinct: distinct.map(near, na_action="ignore").astype("str").fillna(""))


UNMAPPED = ["list", "code", "extensible", "variables", "term", "records", "subjects", "nearest"]
_OUTSIDE, _UNCODED = ("SDTM-203", "SDTM-211"), "SDTM-213"


def unmapped_terms(findings: pd.DataFrame, study: StudySpec) -> pd.DataFrame:
    """The worklist of terminology: every collected term that no list of the study has, once.

    In: the findings of a build (`SdtmBuild.findings`). Out, one row a list and term: list (the name of the codelist or
    dictionary in the specs), code (NCI's, of the codelist), extensible (Y, N; blank for a dictionary), variables
    (DATASET.VAR where it stands), term, records (raw records), subjects, nearest (terms of the list that are spelled
    like it). The most frequent of a list come first; all columns but the two counts are text.
    """
    found = findings[findings["code"].isin([*_OUTSIDE, _UNCODED])].reset_index(drop=True)
    of = {f"{d}.{name}": v for d, spec in study.sdtm.items() for name, v in spec.made.items()}
    place = found["dataset"] + "." + found["variable"]
    lists = {name: v.dictionary or v.codelist or "" for name, v in of.items()}
    terms = pd.DataFrame(
        {
            "list": place.map(lists), "term": found["value"], "variables": place, "subjects": found["usubjid"],
            "records": (found["form"] + "\0" + found["record_id"]).where(
                found["record_id"] != "", found.index.astype("str")
            ),
        }
    )  # fmt: skip
    by = ["list", "term"]
    counted = terms.groupby(by, sort=True)[["records", "subjects"]].nunique().reset_index()
    places = terms.drop_duplicates([*by, "variables"]).sort_values([*by, "variables"], kind="stable")
    joined = places.groupby(by, sort=True)["variables"].agg("; ".join).reset_index()
    work = counted.merge(joined, on=by, how="left", validate="one_to_one")
    codelists = study.codelists
    work["code"] = work["list"].map({name: c.code or "" for name, c in codelists.items()}).astype("str").fillna("")
    open_lists = {name: "Y" if c.extensible else "N" for name, c in codelists.items()}
    work["extensible"] = work["list"].map(open_lists).astype("str").fillna("")
    work["nearest"] = [
        ", ".join(near_terms(term, codelists[name])) if name in codelists else ""
        for name, term in zip(work["list"], work["term"], strict=True)
    ]
    return work.sort_values(["list", "records", "term"], ascending=[True, False, True], ignore_index=True)[UNMAPPED]
