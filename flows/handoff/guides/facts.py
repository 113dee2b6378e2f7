"""What the guides tell of a run, and the tables that both of them have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from adam import domains_read
from flows.handoff.dataset_files import Half
from flows.handoff.guides.document import Document
from specs import StudySpec
from specs.findings import catalogue

_OF_EITHER_HALF = ("GATE-", "HAND-")  # the gates and the writing of files look at every dataset
SEVERITY_ORDER = {"error": 0, "warning": 1, "info": 2}


@dataclass(frozen=True)
class DatasetFacts:
    """A published dataset."""

    half: Half
    name: str
    label: str
    rows: int
    subjects: int


@dataclass(frozen=True)
class GuideFacts:
    """A run, as far as the guides tell of it: counts only, no value of a subject."""

    snapshot: str  # when the data were as they are
    cutoff: str  # blank: none
    datasets: Sequence[DatasetFacts]
    findings: pd.DataFrame
    accounting: Mapping[str, pd.DataFrame]  # step -> rows by rule, as in the manifest
    inputs: int  # files read

    def of_half(self, half: Half) -> list[DatasetFacts]:
        """The datasets of a half."""
        return [dataset for dataset in self.datasets if dataset.half == half]


def introduce(document: Document, study: StudySpec, facts: GuideFacts, standards: list[tuple[str, str]]) -> None:
    """Section 1 of both templates: purpose, acronyms, standards and dictionaries."""
    document.section("1. Introduction")
    document.part("1.1 Purpose")
    cut = f", with a data cut-off of {facts.cutoff}" if facts.cutoff else ""
    document.say(
        f"This document accompanies define.xml for study {study.studyid}: it gives the context in which the datasets "
        f"were made, and what their reader has to know of them. The data are those of {facts.snapshot}{cut}.",
        "Versions of the software, and SHA-256 of every input, output, of the specifications and of the code, are in "
        "manifest.json of the same output; nothing in this document repeats them.",
    )
    document.part("1.2 Acronyms")
    document.say("Those of the SDTM and ADaM implementation guides, RECIST 1.1 and CTCAE; no others are used.")
    document.part("1.3 Study data standards and dictionary inventory")
    dictionaries = [(d.name, d.version) for d in study.study.dictionaries.values()]
    document.table(("Standard or dictionary", "Version"), [*standards, *dictionaries], "None.")


def describe_protocol(document: Document, study: StudySpec) -> None:
    """Number, title, and arms."""
    document.section("2. Protocol description")
    document.part("2.1 Protocol number and title")
    document.say(f"{study.studyid}: {study.study.title}")
    document.part("2.2 Protocol design")
    drugs = list(study.study.drugs)
    rows = [
        (code, arm.arm, arm.phase or "", *(f"{arm.doses[d]:g}" if d in arm.doses else "" for d in drugs))
        for code, arm in study.study.arms.items()
    ]
    doses = [f"{name} ({drug.dose_unit})" for name, drug in study.study.drugs.items()]
    document.table(("Arm code", "Arm", "Phase", *doses), rows, "The specifications name no arms.")


def summarise_conformance(document: Document, facts: GuideFacts, prefixes: tuple[str, ...], datasets: set[str]) -> None:
    """The findings of a half by code: how many, what is expected, and what is done about them."""
    found = facts.findings
    of_writing = found["code"].str.startswith(_OF_EITHER_HALF) & found["dataset"].isin(datasets)
    ours = found[found["code"].str.startswith(prefixes) | of_writing]
    counts = ours["code"].value_counts()
    rules = catalogue()
    codes = sorted(counts.index, key=lambda code: (SEVERITY_ORDER[rules[code].severity], str(code)))
    rows = [(code, rules[code].severity, rules[code].title, int(counts[code]), rules[code].next_step) for code in codes]
    document.table(
        ("Code", "Severity", "What was found", "Records", "What is done about it"), rows, "Nothing was found."
    )


def counted(account: pd.DataFrame, by: list[str]) -> list[tuple[str, str, int]]:
    """The rows of an account, added up by two columns; what has none is left out."""
    total = account.groupby(by, sort=True)["rows"].sum().reset_index()
    rows = zip(total[by[0]].astype("str"), total[by[1]].astype("str"), total["rows"], strict=True)
    return [(str(first), str(second), int(n)) for first, second, n in rows if n]


def stated(text: str, study: StudySpec) -> str:
    """A sentence of the specs with the study's parameters in place of their names."""
    parameters = study.study.parameters
    return text.format_map(parameters.flat()) if parameters else text


def reads(study: StudySpec, dataset: str) -> list[str]:
    """Datasets that an analysis dataset is made from, as its rules and its spec say; all rest on ADSL."""
    variables = study.adam[dataset].variables.values()
    needs = [need for v in variables for need in v.needs]
    predecessors = [v.says or "" for v in variables if v.origin == "Predecessor"]
    named = {text.split(".")[0] for text in (*needs, *predecessors) if "." in text.split(" ")[0]}
    return sorted((named | domains_read(study, dataset) | {"ADSL"}) - {dataset})
