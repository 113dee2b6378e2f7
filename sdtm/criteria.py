"""Rules about inclusion and exclusion criteria (trial.yaml, `criteria`)."""

from __future__ import annotations

import pandas as pd

from sdtm.rule import Call, Made, Rule
from specs.findings import report


def take_criterion(frame: pd.DataFrame, call: Call) -> Made:
    """The words of the criterion whose number is in `of`, so that IE and TI agree.

    The first matching line decides: 1. the trial has the criterion -> its text; 2. anything else -> the words as
    collected (the argument `collected`), with a finding (SDTM-222) where there is a number.
    """
    criteria = call.study.trial.criteria if call.study.trial else {}
    number = frame[call.of]
    known = number.isin(list(criteria))
    words = number.map({code: criterion.text for code, criterion in criteria.items()}).astype("str")
    odd = number.notna() & ~known
    finding = report(
        "SDTM-222", frame[odd], dataset=call.spec.dataset, variable=call.of,
        field=call.spec.made[call.of].from_ or "", value=number,
    )  # fmt: skip
    return Made(words.where(known, frame[call.args["collected"]]), finding)


RULES = {"criterion": Rule(take_criterion)}
