"""What the study parameters name, and what the datasets ask of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from specs.errors import Problem, did_you_mean
from specs.models import Parameters

if TYPE_CHECKING:
    from specs.loader import StudySpec

_ASKED_FOR = {"ADDLT": "dlt", "ADEX": "exposure"}  # dataset -> the group of parameters that it cannot be made without


def faults(study: StudySpec) -> list[Problem]:
    """Variables that the study's SDTM does not have, and groups of parameters that a dataset of its ADaM lacks."""
    parameters = study.study.parameters
    if parameters is None:
        return []
    lacking = [
        Problem(
            code="SPEC-009", place=f"study.yaml, parameters.{group}",
            fact=f"The study has {dataset}, which needs this group of parameters.",
            next_step=f"add it as specs/ql1706/study.yaml has it, or take adam/{dataset.lower()}.yaml out.",
        )
        for dataset, group in _ASKED_FOR.items()
        if dataset in study.adam and getattr(parameters, group) is None
    ]  # fmt: skip
    return lacking + _unknown_proofs(parameters, study)


def _unknown_proofs(parameters: Parameters, study: StudySpec) -> list[Problem]:
    """Proofs of life by a variable that the study's spec of the domain lacks: they would prove nothing, and not say so.

    A domain without a spec is passed over: the study may make ADaM from SDTM that others made. So is the variable of
    `unless`: without it no record is marked.
    """
    return [
        Problem(
            code="SPEC-006", place=f"study.yaml, parameters.subject.alive.{number}",
            fact=f"There is no variable '{variable}' in {proof.domain}.",
            hint=did_you_mean(variable, study.sdtm[proof.domain].variables), next_step="mend the name.",
        )
        for number, proof in enumerate(parameters.subject.alive)
        if proof.domain in study.sdtm
        for variable in proof.proving()
        if variable not in study.sdtm[proof.domain].variables
    ]  # fmt: skip
