"""Coded fields of exports that hold one text for each answer, a code or what the site saw, and not both."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd


def code_and_text(
    answers: pd.Series, choices: Mapping[str, str], offered: Mapping[str, str], *, labels: bool = False
) -> tuple[pd.Series, pd.Series]:
    """The code of each answer, and its text. `choices` are the study's, `offered` what the export itself offers.

    The first that applies decides:
      1. blank                                        -> blank, blank
      2. labels, and a text of the study's choices    -> its code, the text
      3. labels, and a text that the export offers    -> the export's code, the study's text for it, else the answer
      4. codes, and a code of the study's choices     -> the code, its text
      5. codes, and a code that the export offers     -> the code, the export's text
      6. anything else                                -> blank, the answer
    """
    code_of = {text: code for code, text in offered.items()} | {text: code for code, text in choices.items()}
    pairs: dict[str, tuple[str, str]] = {}
    for answer in answers.unique():
        if labels and answer in code_of:
            pairs[answer] = code_of[answer], choices.get(code_of[answer], answer)
        elif not labels and (answer in choices or answer in offered):
            pairs[answer] = answer, choices.get(answer) or offered[answer]
        else:
            pairs[answer] = "", answer
    codes = {answer: code for answer, (code, _) in pairs.items()}
    texts = {answer: text for answer, (_, text) in pairs.items()}
    return answers.map(codes).astype("str"), answers.map(texts).astype("str")
