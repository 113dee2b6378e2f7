"""Declared checks of what must go together: on one record, or on records of different forms."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sdtm.checks.evidence import Evidence
from sdtm.checks.partial import earliest, latest
from sdtm.checks.records import Looked, look
from specs.declared_checks import FieldsAgree, Match, Pair, RecordsGoTogether
from specs.findings import combine


def fields_agree(evidence: Evidence, spec: FieldsAgree, code: str) -> pd.DataFrame:
    """Records that meet `where`, but not `expect`. Facts: `reason`, as declared."""
    found = []
    for wanted in spec.records:
        own = look(evidence, wanted)
        found.append(own.found(code, ~own.meets(wanted.expect), wanted.field, reason=wanted.reason))
    return combine(found)


def records_go_together(evidence: Evidence, spec: RecordsGoTogether, code: str) -> pd.DataFrame:
    """Records without the record that they need elsewhere, or with one that they forbid.

    A record whose keys are blank needs nothing. With `date`, the other record counts where it may lie from `before`
    days before the record's date to `after` days after it; a date that is missing counts for near. Facts: `reason`.
    """
    found = []
    for wanted in spec.pairs:
        own = look(evidence, wanted)
        key = own.key(wanted.match.by)
        has = _has_match(own, key, wanted, wanted.match)
        wrong = key.notna() & (has if wanted.forbids else ~has)
        found.append(own.found(code, wrong, wanted.field, reason=wanted.reason))
    return combine(found)


def _has_match(own: Looked, key: pd.Series, pair: Pair, match: Match) -> pd.Series:
    other = look(own.evidence, match)
    theirs = other.key(match.by.values())
    if pair.date is None or match.date is None:
        return key.isin(theirs.dropna().unique())
    date, near = own.date(pair.date), other.date(match.date)
    mine = pd.DataFrame({"KEY": key, "LOW": earliest(date), "HIGH": latest(date), "AT": np.arange(len(key))})
    others = pd.DataFrame({"KEY": theirs, "FIRST": earliest(near), "LAST": latest(near)}).dropna(subset="KEY")
    both = mine.dropna(subset="KEY").merge(others.drop_duplicates(), on="KEY")
    early = late = pd.Series(data=False, index=both.index)
    if match.before is not None:
        early = (both["LOW"] - both["LAST"]).dt.days > match.before
    if match.after is not None:
        late = (both["FIRST"] - both["HIGH"]).dt.days > match.after
    has = np.zeros(len(key), dtype="bool")
    has[both.loc[~(early | late), "AT"].to_numpy()] = True
    return pd.Series(has, index=key.index)
