"""ADVS: vital signs with baseline, change, range and criteria."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from adam.parameters import add_parameter
from adam.results import derive_results
from specs import StudySpec

DATASET, DOMAIN = "ADVS", "VS"


def derive_advs(
    sdtm: Mapping[str, pd.DataFrame], adsl: pd.DataFrame, study: StudySpec
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """One row a record of VS with a result of a parameter of the spec, VSSEQ kept.

    In: VS, EX (the time of first dose), ADSL. Out: the rows; findings (ADAM-450, ADAM-451); the accounting of records
    without a result, which are left out.
    """
    rows, findings, accounting = derive_results(sdtm, DOMAIN, study.adam[DATASET], adsl, study)
    return add_parameter(rows, study.adam[DATASET]), findings, accounting
