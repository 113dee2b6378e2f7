"""Opens a study with the rule names that the code has, so that an unknown one is refused before data is read."""

from __future__ import annotations

import adam
import sdtm
from specs import KnownRules, StudySpec, load_study
from specs.errors import Problem, SpecError


def open_study(study: str) -> StudySpec:
    """The specs of a study, given by name or path, checked against the code. Raises SpecError."""
    return load_study(study, KnownRules(sdtm=frozenset(sdtm.RULES), adam=frozenset(adam.RULES)))


def require_adam(study: StudySpec) -> None:
    """Refuse to derive ADaM for a study that declares none, or that lacks the numbers its rules ask for (SPEC-009)."""
    lacking = [] if study.adam else ["adam/*.yaml"]
    lacking += [] if study.study.parameters else ["`parameters` in study.yaml"]
    if lacking:
        raise SpecError(
            Problem(
                code="SPEC-009", place=study.studyid,
                fact=f"The study has no ADaM half: it lacks {' and '.join(lacking)}.",
                next_step="run `cdisc-flows sdtm`, or add them; specs/ql1706/ is a complete example.",
            )
        )  # fmt: skip
