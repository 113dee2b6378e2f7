"""Declared checks of what must go together: on one record, or on records of different forms."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sdtm.checks.columns import Bools, Ints, shared_keys
from sdtm.checks.evidence import Evidence
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
        other = look(evidence, wanted.match)
        keys = [own.column(name) for name in wanted.match.by], [other.column(n) for n in wanted.match.by.values()]
        mine, theirs = shared_keys(keys[0], own.places, keys[1], other.places)
        has = _has_match(own, mine, other, theirs, wanted, wanted.match)
        wrong = (mine != -1) & (has if wanted.forbids else ~has)
        found.append(own.found(code, wrong, wanted.field, reason=wanted.reason))
    return combine(found)


def _has_match(own: Looked, mine: Ints, other: Looked, theirs: Ints, pair: Pair, match: Match) -> Bools:
    if pair.date is None or match.date is None:
        return np.isin(mine, theirs) & (mine >= 0)
    low, high = own.days(pair.date)
    first, last = other.days(match.date)
    here = pd.DataFrame({"KEY": mine, "LOW": low, "HIGH": high, "AT": np.arange(len(mine))})
    there = pd.DataFrame({"KEY": theirs, "FIRST": first, "LAST": last})
    both = here[mine >= 0].merge(there[theirs >= 0].drop_duplicates(), on="KEY")
    early = both["LOW"] - both["LAST"] > (np.inf if match.before is None else match.before)
    late = both["FIRST"] - both["HIGH"] > (np.inf if match.after is None else match.after)
    has = np.zeros(len(mine), dtype="bool")
    has[both.loc[~(early | late), "AT"].to_numpy()] = True
    return has
