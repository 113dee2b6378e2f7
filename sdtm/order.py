"""In which order the variables made by rules can be made, over all domains at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any

from sdtm.rule import Rule
from specs import StudySpec
from specs.errors import Problem, SpecError, did_you_mean
from specs.mapping import named_variables

Node = tuple[str, str]  # dataset, variable


def order_rules(study: StudySpec, rules: Mapping[str, Rule]) -> list[Node]:
    """Every variable made by a rule, each after those that it needs.

    What a rule needs: `of`, `needs`, every name of a variable (VAR, or DATASET.VAR) among its `args`, and what the rule
    always needs. Raises SpecError for an unknown rule, and for variables that need each other in a circle.
    """
    unknown = [
        Problem(
            code="SPEC-006", place=f"sdtm/{dataset.lower()}.yaml, {place}", fact=f"There is no rule '{name}'.",
            hint=did_you_mean(name, rules), next_step="mend the name, or add the rule to sdtm/rules.py.",
        )
        for dataset, spec in study.sdtm.items()
        for place, name in spec.rule_names()
        if name not in rules
    ]  # fmt: skip
    unknown += [
        Problem(
            code="SPEC-009", place=f"sdtm/{dataset.lower()}.yaml, {place}",
            fact=f"The rule {name} asks for the elements of the trial, and the study has no trial.yaml.",
            next_step="add trial.yaml; specs/ql1706/trial.yaml is an example.",
        )
        for dataset, spec in study.sdtm.items()
        for place, name in spec.rule_names()
        if name in rules and rules[name].reads_trial and study.trial is None
    ]  # fmt: skip
    if unknown:
        raise SpecError(unknown)
    nodes = {(d, v): s.rule for d, spec in study.sdtm.items() for v, s in spec.made.items() if s.rule}
    graph = {node: set(_needs(study, node, rules[rule])) & set(nodes) - {node} for node, rule in nodes.items()}
    try:
        return list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        circle = " -> ".join(f"{dataset}.{variable}" for dataset, variable in error.args[1])
        raise SpecError(
            Problem(
                code="SPEC-007", place="sdtm/", fact=f"Variables need each other in a circle: {circle}",
                next_step="take one of these out of `needs`, `of` or `args`.",
            )
        ) from None  # fmt: skip


def _needs(study: StudySpec, node: Node, rule: Rule) -> Iterator[Node]:
    dataset, variable = node
    made = study.sdtm[dataset].made[variable]
    words: list[Any] = [
        made.of or "",
        *made.needs,
        made.args,
        *(need.removeprefix("--.").replace("--", dataset[:2]) for need in rule.needs),
        *(["DM.ARMCD", *study.trial.sources] if rule.reads_trial and study.trial else []),
    ]
    yield from named_variables(words, dataset, study.sdtm)
