"""Opens a study with the rule names that the code has, so that an unknown one is refused before data is read."""

from __future__ import annotations

import adam
import sdtm
from specs import KnownRules, StudySpec, load_study


def open_study(study: str) -> StudySpec:
    """The specs of a study, given by name or path, checked against the code. Raises SpecError."""
    return load_study(study, KnownRules(sdtm=frozenset(sdtm.RULES), adam=frozenset(adam.RULES)))
