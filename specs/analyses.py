"""The analyses of the endpoints, declared in `analyses.yaml`: Analysis Results Metadata of define.xml is made from it.

No result stands here and none is computed: it says which records and variables an analysis takes, and how.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from specs.errors import Problem, did_you_mean
from specs.models import Name, Sentence, Strict, placeholders

PLACE = "analyses.yaml"
Text = Annotated[str, StringConstraints(min_length=1)]


class AnalysisDataset(Strict):
    """The records of a dataset that an analysis takes, and the variables that it analyses."""

    where: dict[Name, Annotated[list[str], Field(min_length=1)]] = {}  # variable -> its values; all of them hold
    variables: Annotated[list[Name], Field(min_length=1)]


class AnalysisResult(Strict):
    """One result of a display."""

    title: Text
    # terminology of CDISC: C117744 (Analysis Reason), C117745 (Analysis Purpose)
    reason: Literal["SPECIFIED IN PROTOCOL", "SPECIFIED IN SAP", "DATA DRIVEN", "REQUESTED BY REGULATORY AGENCY"]
    purpose: Literal["PRIMARY OUTCOME MEASURE", "SECONDARY OUTCOME MEASURE", "EXPLORATORY OUTCOME MEASURE"]
    datasets: Annotated[dict[Name, AnalysisDataset], Field(min_length=1)]
    joined: str | None = None  # how the datasets come together, where there are several
    says: Sentence  # how it is analysed


class Display(Strict):
    """A table, figure or listing."""

    name: Text
    title: Text
    results: Annotated[dict[str, AnalysisResult], Field(min_length=1)]


class Analyses(Strict):
    """`analyses.yaml`."""

    displays: Annotated[dict[str, Display], Field(min_length=1)]


def faults(analyses: Analyses, study: Any) -> Iterator[Problem]:
    """Datasets, variables, terms and parameters that the study (StudySpec) does not have."""
    numbers = study.study.parameters.flat() if study.study.parameters else {}
    for display, shown in analyses.displays.items():
        for result, analysis in shown.results.items():
            place = f"{PLACE}, {display}.{result}"
            for word in sorted(placeholders(analysis.says) - set(numbers)):
                yield _no_such(f"{place}.says", "study parameter", word, numbers)
            for name, dataset in analysis.datasets.items():
                yield from _dataset_faults(f"{place}.{name}", name, dataset, study)


def _dataset_faults(place: str, name: str, analysed: AnalysisDataset, study: Any) -> Iterator[Problem]:
    spec = study.adam.get(name)
    if spec is None:
        yield _no_such(place, "ADaM dataset", name, study.adam)
        return
    for variable in [*analysed.where, *analysed.variables]:
        if variable not in spec.variables:
            yield _no_such(place, f"variable of {name}", variable, spec.variables)
    for variable, values in analysed.where.items():
        known = _values(variable, spec, study.codelists)
        for value in values:
            if known is not None and value not in known:
                yield _no_such(place, f"value of {variable}", value, known)


def _values(variable: str, spec: Any, codelists: Mapping[str, Any]) -> list[str] | None:
    """The values that a variable may have; none where the specs do not say."""
    own = spec.variables.get(variable)
    if variable == "PARAMCD" and spec.parameters:
        return list(spec.parameters)
    return list(codelists[own.codelist].terms) if own and own.codelist in codelists else None


def _no_such(place: str, what: str, word: str, known: Iterable[str]) -> Problem:
    return Problem(
        code="SPEC-006", place=place, fact=f"There is no {what} '{word}'.",
        hint=did_you_mean(word, list(known)), next_step="mend the name, or add it to the specs.",
    )  # fmt: skip
