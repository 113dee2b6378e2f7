"""Texts and the terms they mean."""

from __future__ import annotations

import pandas as pd

from sdtm.terminology import map_terms, nearest_terms
from specs.models import Codelist

OUTCOME = Codelist.model_validate(
    {
        "name": "Outcome",
        "terms": {
            "RECOVERED/RESOLVED": {"synonyms": ["Recovered", "better"]},
            "RECOVERING/RESOLVING": None,
            "Better": None,
            "FATAL": {"synonyms": ["died"]},
        },
    }
)
TEXTS = [
    # text, term; the cases in the order of the docstring
    (None, None),
    ("FATAL", "FATAL"),
    ("Fatal", "FATAL"),
    ("recovering/resolving", "RECOVERING/RESOLVING"),
    ("Better", "Better"),  # a term goes before a synonym of another
    ("recovered", "RECOVERED/RESOLVED"),
    ("DIED", "FATAL"),
    ("Recoverd", "Recoverd"),
    ("", ""),
]


def test_texts_become_terms():
    texts = pd.Series([t for t, _ in TEXTS], dtype="str")
    pd.testing.assert_series_equal(map_terms(texts, OUTCOME), pd.Series([t for _, t in TEXTS], dtype="str"))


def test_the_nearest_terms_are_named():
    near = nearest_terms(pd.Series(["Recoverd", "xyz", None], dtype="str"), OUTCOME)
    assert near.tolist() == [" Nearest: RECOVERED/RESOLVED, RECOVERING/RESOLVING.", "", ""]
