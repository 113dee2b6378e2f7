"""What ADLB and ADVS share: results of a findings domain against first dose, baseline, range and criteria."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from adam.rules.baseline import derive_dose_time, flag_baseline, place_against_first_dose
from adam.rules.change import derive_change, derive_range_indicator, derive_shift
from adam.rules.criteria import assign_ranges, flag_criteria
from adam.rules.on_treatment import flag_on_treatment, flag_visit_record
from adam.rules.results import read_results
from specs import StudySpec
from specs.models import DatasetSpec

_RENAMED = {"TRT01P": "TRTP", "TRT01A": "TRTA"}  # record-level names of ADSL's treatment
_DATES = ["TRTSDT", "TRTEDT", "NACTDT"]


def derive_results(
    sdtm: Mapping[str, pd.DataFrame], domain: str, spec: DatasetSpec, adsl: pd.DataFrame, study: StudySpec
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """The results of a domain, with ADSL's variables that the spec has.

    Adds to `read_results`: ADY, ABLFL, BASE, BASEC, CHG, PCHG, ANRIND, BNRIND, SHIFT1, ONTRTFL, ANL01FL, CRITy and
    CRITyFL, --SEQ and what the rules behind them leave (GROUP, BEFORE, AFTER). Out: rows in the order of the domain;
    findings; accounting.
    """
    assert study.study.parameters is not None
    safety = study.study.parameters.safety
    rows, findings, accounting = read_results(sdtm, domain, spec, study)
    rows = _with_subject(rows, adsl.assign(DOSEDTM=derive_dose_time(sdtm, adsl, study)), spec)
    rows = place_against_first_dose(rows, day1_untimed=safety.day1_untimed)
    told = study.criteria.get(spec.dataset, {})
    rows = derive_change(flag_baseline(rows))
    rows = derive_shift(derive_range_indicator(assign_ranges(rows, told)))
    rows = flag_on_treatment(rows, days_after=safety.on_treatment_days)
    rows = flag_criteria(flag_visit_record(rows), told, spec)
    return rows.assign(**{f"{domain}SEQ": rows["SEQ"]}), findings, accounting


def _with_subject(rows: pd.DataFrame, adsl: pd.DataFrame, spec: DatasetSpec) -> pd.DataFrame:
    """Adds the variables of ADSL that the spec or the rules want, by USUBJID; a date that ADSL lacks is missing."""
    adsl = adsl.rename(columns=_RENAMED)
    wanted = [name for name in spec.variables if name in adsl and name not in rows]
    at = pd.Index(adsl["USUBJID"]).get_indexer(pd.Index(rows["USUBJID"]))
    columns = {name: adsl[name] for name in [*wanted, "DOSEDTM"]}
    columns |= {
        name: adsl[name] if name in adsl else pd.Series(np.nan, index=adsl.index, dtype="datetime64[us]")
        for name in _DATES
    }
    return rows.assign(**{name: column.array.take(at, allow_fill=True) for name, column in columns.items()})
