"""ADLB: laboratory results with baseline, change, range, toxicity grades in both directions, and the worst of them."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from adam.parameters import add_parameter
from adam.results import derive_results
from adam.rules.grading import derive_grades
from adam.rules.on_treatment import flag_worst
from specs import StudySpec

DATASET, DOMAIN = "ADLB", "LB"


def derive_adlb(
    sdtm: Mapping[str, pd.DataFrame], adsl: pd.DataFrame, study: StudySpec
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """One row a record of LB with a result of a parameter of the spec, LBSEQ kept.

    In: LB, EX (the time of first dose), ADSL. Out: the rows; findings (ADAM-450, ADAM-451); the accounting of records
    without a result, which are left out. Read top to bottom: what was found, when, and how it lies against baseline and
    range (`derive_results`); how toxic it is; which record is the worst on treatment.
    """
    rows, findings, accounting = derive_results(sdtm, DOMAIN, study.adam[DATASET], adsl, study)
    rows = derive_grades(rows, study.grading.tests if study.grading else {})
    rows = flag_worst(rows, grade="ATOXGRL", flag="ANL02FL", low=True)
    rows = flag_worst(rows, grade="ATOXGRH", flag="ANL03FL", low=False)
    return add_parameter(rows, study.adam[DATASET]), findings, accounting
