"""Checks around a death: one date on all forms, nothing after it, and a form for it."""

from __future__ import annotations

import pandas as pd

from sdtm.checks.evidence import Evidence
from sdtm.checks.partial import differ, later
from specs import identity
from specs.checks import AfterDeath, DeathDatesDiffer, FatalWithoutDeath
from specs.findings import combine


def death_dates_differ(evidence: Evidence, spec: DeathDatesDiffer, code: str) -> pd.DataFrame:
    """A date on another form that does not go with DM.DTHDTC, as far as both are known.

    A date of `equal` must be the day of death; one of `not_before`, on which a death was told of, not before it.
    """
    found = []
    for wanted, exact in [*((w, True) for w in spec.equal), *((w, False) for w in spec.not_before)]:
        rows = evidence.raw_dates(wanted)
        rows = rows.assign(DEATH=evidence.subjects("DTHDTC", rows))
        wrong = differ(rows["DATE"], rows["DEATH"]) if exact else later(rows["DEATH"], rows["DATE"])
        found.append(
            evidence.found_raw(code, rows[wrong], wanted.field, value="DATE", death="DEATH", form=identity.FORM)
        )
    return combine(found)


def after_death(evidence: Evidence, spec: AfterDeath, code: str) -> pd.DataFrame:
    """A contact, visit, dose or assessment that is certainly after the date of death."""
    found = []
    for wanted in spec.dates:
        rows = evidence.dates(wanted)
        rows["DEATH"] = evidence.subjects("DTHDTC", rows)
        wrong = rows[later(rows["DATE"], rows["DEATH"])]
        found.append(evidence.found(code, wanted.dataset, wrong, wanted.date, value="DATE", death="DEATH"))
    return combine(found)


def fatal_without_death(evidence: Evidence, spec: FatalWithoutDeath, code: str) -> pd.DataFrame:
    """A fatal adverse event of a subject without a death form; a death by an adverse event without a fatal event."""
    events = evidence.take("AE", ["AEOUT", "AESDTH"])
    fatal = events[events["AEOUT"].isin(spec.outcomes) | (events["AESDTH"] == "Y")]
    lone = fatal[~fatal["USUBJID"].isin(evidence.raw(spec.death.form)["USUBJID"])]
    lone = lone.assign(CONFLICT="The adverse event is fatal, but the subject has no death form.")
    deaths = evidence.raw_dates(spec.death)
    deaths = deaths[~deaths["USUBJID"].isin(fatal["USUBJID"])]
    deaths = deaths.assign(CONFLICT="The death is put down to an adverse event, but no adverse event is fatal.")
    return combine(
        [
            evidence.found(code, "AE", lone, "AEOUT", value="AEOUT", conflict="CONFLICT"),
            evidence.found_raw(code, deaths, spec.death.field, value="DATE", conflict="CONFLICT"),
        ]
    )
