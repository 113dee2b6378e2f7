"""Clinical cross-checks on the built SDTM: small functions, chosen by name and parametrised in `checks.yaml`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from sdtm.built import SdtmBuild
from sdtm.checks import agreement, counting, dates, deaths, events, lesions, ordering, planned, plausible
from sdtm.checks.evidence import Evidence
from sdtm.subjects import add_persons, identify_persons
from specs import StudySpec
from specs.findings import combine

# a check is given what it looks at, its parameters (specs/checks.py has a model for each) and its finding code
CHECKS: Mapping[str, Callable[[Evidence, Any, str], pd.DataFrame]] = {
    function.__name__: function
    for function in (
        ordering.dates_in_order,
        ordering.periods_overlap,
        ordering.days_between,
        agreement.fields_agree,
        agreement.records_go_together,
        counting.at_most,
        counting.stays_the_same,
        counting.amounts_in_limits,
        counting.changes_slowly,
        planned.dose_not_planned,
        planned.target_too_small,
        dates.end_before_start,
        dates.dose_after_end_of_treatment,
        dates.visit_out_of_window,
        dates.before_consent,
        dates.after_save,
        deaths.death_dates_differ,
        deaths.after_death,
        deaths.fatal_without_death,
        events.ongoing_with_end,
        events.recovered_without_end,
        events.same_event_twice,
        lesions.lesion_forgotten,
        lesions.lesion_not_identified,
        lesions.new_lesion_not_progression,
        lesions.scan_dates_differ,
        lesions.response_without_scans,
        plausible.age_and_birth_disagree,
        plausible.implausible_value,
    )
}


def check_sdtm(build: SdtmBuild, forms: dict[str, pd.DataFrame], study: StudySpec) -> pd.DataFrame:
    """The findings of the study's cross-checks, each on the raw record that it is about.

    In: the built SDTM with its lineage, and the raw forms that it was built from. Out: a findings frame
    (specs/findings.py), in the order of the codes.
    """
    persons = identify_persons(forms, study)
    known = {name: add_persons(form, persons) for name, form in forms.items()}
    return run_checks(Evidence(study=study, datasets=build.datasets, lineage=build.lineage, forms=known))


def run_checks(evidence: Evidence) -> pd.DataFrame:
    """The findings of every check that the study chose, in the order of their codes.

    A raw field that two domains hold (a survival contact, in SS and SV) is reported once.
    """
    chosen = sorted(evidence.study.checks.items())
    findings = combine([CHECKS[spec.check](evidence, spec, code) for code, spec in chosen])
    located = (findings["record_id"] != "") & (findings["field"] != "")
    again = findings.duplicated(["code", "form", "record_id", "field", "value"])
    return findings[~(located & again)].reset_index(drop=True)
