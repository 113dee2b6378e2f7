"""What the study parameters name, and what the datasets ask of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from specs.errors import Problem, did_you_mean
from specs.models import LifeProof, Parameters
from specs.naming import DOMAINS, dates_of, is_domain, is_variable

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
    """Proofs of life by what cannot be: they would prove nothing, and not say so. The first match decides.

      1. the study has a spec of the domain        -> a variable that it lacks, but for that of `unless`
      2. no domain can have this name              -> the domain
      3. a date that such a domain cannot have     -> the date
      4. another variable with a foreign prefix    -> the variable

    The study may make ADaM from SDTM that others made, and without a spec of the domain. Without the variable of
    `unless` no record is marked, so a spec need not have it; its prefix is looked at all the same (case 4).
    """
    return [
        Problem(
            code="SPEC-006", place=f"study.yaml, parameters.subject.alive.{number}", fact=fact, hint=hint,
            next_step="mend the name.",
        )
        for number, proof in enumerate(parameters.subject.alive)
        for fact, hint in _impossible(proof, study)
    ]  # fmt: skip


def _impossible(proof: LifeProof, study: StudySpec) -> Iterator[tuple[str, str]]:
    """Fact and hint of each name that cannot be."""
    spec = study.sdtm.get(proof.domain)
    proving, others = proof.proving(), [*proof.proving()[1:], *([proof.unless[0]] if proof.unless else [])]
    if spec is not None:
        others = [name for name in others if name not in proving]
        for name in proving:
            if name not in spec.variables:
                yield f"There is no variable '{name}' in {proof.domain}.", did_you_mean(name, spec.variables)
    elif not is_domain(proof.domain):
        known = dict.fromkeys([*study.sdtm, *DOMAINS])
        yield f"There is no SDTM domain '{proof.domain}'.", did_you_mean(proof.domain, known)
        return
    elif proof.date not in dates_of(proof.domain):
        dates = dates_of(proof.domain)
        yield f"{proof.domain} cannot have a date '{proof.date}'.", did_you_mean(proof.date, dates)
    for name in others:
        if not is_variable(name, proof.domain) and (spec is None or name not in spec.variables):
            yield f"{proof.domain} cannot have a variable '{name}'.", did_you_mean(name, spec.variables if spec else ())
