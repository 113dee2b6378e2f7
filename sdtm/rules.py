"""Every rule that an SDTM spec can name. A module of rules has its own `RULES`; here they come together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sdtm import (
    arms,
    baseline,
    choosing,
    criteria,
    dosing,
    elements,
    evidence,
    long_text,
    results,
    timing,
    tumor,
    visits,
)
from sdtm.rule import Rule


def _together(parts: Iterable[Mapping[str, Rule]]) -> dict[str, Rule]:
    rules: dict[str, Rule] = {}
    for part in parts:
        twice = sorted(set(part) & set(rules))
        if twice:
            raise ValueError(f"two rules have one name: {', '.join(twice)}")
        rules.update(part)
    return rules


# one line a module, in alphabetical order
RULES: dict[str, Rule] = _together(
    [
        arms.RULES,
        baseline.RULES,
        choosing.RULES,
        criteria.RULES,
        dosing.RULES,
        elements.RULES,
        evidence.RULES,
        long_text.RULES,
        results.RULES,
        timing.RULES,
        tumor.RULES,
        visits.RULES,
    ]
)
