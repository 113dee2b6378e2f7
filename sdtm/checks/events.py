"""Checks of events: ongoing or over, recovered without an end, one event on two records."""

from __future__ import annotations

import pandas as pd

from sdtm.checks.evidence import Evidence
from specs.checks import OngoingWithEnd, RecoveredWithoutEnd, SameEventTwice
from specs.findings import combine


def ongoing_with_end(evidence: Evidence, spec: OngoingWithEnd, code: str) -> pd.DataFrame:
    """Ongoing ticked on a raw record that has an end date, readable or not."""
    found = []
    for wanted in spec.forms:
        rows = evidence.raw(wanted.form)
        wrong = rows[rows[wanted.ongoing].isin(spec.ticked) & (rows[wanted.end] != "")]
        found.append(evidence.found_raw(code, wrong, wanted.end, value=wanted.end))
    return combine(found)


def recovered_without_end(evidence: Evidence, spec: RecoveredWithoutEnd, code: str) -> pd.DataFrame:
    """An outcome that ends the event, without an end date; a partial one is enough."""
    rows = evidence.take(spec.dataset, [spec.outcome, spec.end])
    wrong = rows[rows[spec.outcome].isin(spec.recovered) & rows[spec.end].isna()]
    return evidence.found(code, spec.dataset, wrong, spec.end, value=spec.outcome)


def same_event_twice(evidence: Evidence, spec: SameEventTwice, code: str) -> pd.DataFrame:
    """Records of a subject with the same term and start, but different content, that are not tied together.

    Records of equal content count once (the reader reports them). Records with the same event number are one event.
    Every record of the conflict is reported. Terms are compared without case and blanks at their ends.
    """
    rows = evidence.raw(spec.form)
    start = evidence.iso(spec.form, spec.start)
    keys = pd.DataFrame(
        {
            "USUBJID": rows["USUBJID"], "TERM": rows[spec.term].str.strip().str.casefold(), "START": start,
            "NUMBER": rows[spec.group].str.strip(),
            "CONTENT": pd.util.hash_pandas_object(rows[list(evidence.study.forms[spec.form].fields)], index=False),
        },
        index=rows.index,
    )  # fmt: skip
    told = keys[(keys["TERM"] != "") & start.notna()]
    once = told.drop_duplicates(["USUBJID", "TERM", "START", "CONTENT"])
    tied = once.duplicated(["USUBJID", "TERM", "START", "NUMBER"]) & (once["NUMBER"] != "")
    events = once[~tied]
    twice = events[events.duplicated(["USUBJID", "TERM", "START"], keep=False)]
    conflict = told.merge(twice[["USUBJID", "TERM", "START"]].drop_duplicates(), how="left", indicator=True)
    wrong = rows.loc[told.index[conflict["_merge"] == "both"]]
    return evidence.found_raw(code, wrong.assign(START=start[wrong.index]), spec.term, value=spec.term, start="START")
