"""What a define.xml is made from: the datasets of one half as published, their specs, and where they lie."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from flows.handoff.acrf import field_anchor
from flows.handoff.dataset_files import Half
from flows.handoff.define.elements import Element, described, node, text_node
from flows.handoff.define.values import Values
from specs import StudySpec
from specs.coverage import field_coverage
from specs.mapping import TRIAL_DESIGN
from specs.models import DatasetSpec

ACRF = "acrf"  # the name of the annotated CRF among the documents


@dataclass(frozen=True)
class Published:
    """The datasets of a half.

    `lengths`: dataset -> Char variable -> bytes in XPT. `documents`: name -> path and title of the files beside.
    """

    study: StudySpec
    half: Half
    specs: Mapping[str, DatasetSpec]
    values: Values
    lengths: Mapping[str, Mapping[str, int]]
    stamp: datetime
    documents: Mapping[str, tuple[str, str]]

    @cached_property
    def pages(self) -> dict[tuple[str, str], list[tuple[str, str]]]:
        """Dataset (SUPP-- too) and variable (or QNAM) -> anchors of the annotated CRF, each with its condition."""
        found: dict[tuple[str, str], list[tuple[str, str]]] = {}
        if ACRF in self.documents:
            for covered in field_coverage(self.study):
                for place in covered.places:
                    if place.reaches and place.variable:
                        anchor = field_anchor(covered.form, covered.field)
                        found.setdefault((place.dataset, place.variable), []).append((anchor, place.when))
        return found

    def sentence(self, says: str) -> str:
        """A `says` sentence with the study's parameters in place of their names."""
        parameters = self.study.study.parameters
        return " ".join(says.format(**(parameters.flat() if parameters else {})).split())

    def has_values(self, dataset: str, variable: str) -> bool:
        """Whether the variable has any value."""
        column = self.values.tables[dataset][variable]
        return bool(column.null_count < len(column))


@dataclass
class Definitions:
    """What other elements refer to by OID, in the order in which it was first named."""

    value_lists: dict[str, Element] = field(default_factory=dict)
    where_clauses: dict[str, Element] = field(default_factory=dict)
    items: dict[str, Element] = field(default_factory=dict)
    methods: dict[str, Element] = field(default_factory=dict)
    comments: dict[str, Element] = field(default_factory=dict)

    def method(self, of: str, text: str) -> str:
        """The OID of the method by which something is derived."""
        oid, name = f"MT.{of}", f"Algorithm to derive {of}"
        self.methods[oid] = node("MethodDef", {"OID": oid, "Name": name, "Type": "Computation"}, described(text))
        return oid

    def comment(self, of: str, text: str) -> str:
        """The OID of a comment on something."""
        oid = f"COM.{of}"
        self.comments[oid] = node("def:CommentDef", {"OID": oid}, described(text))
        return oid

    def where(self, of: str, checks: Mapping[str, list[str]]) -> str:
        """The OID of a where clause: each item (OID) has one of its values."""
        oid = f"WC.{of}"
        ranges = [
            node(
                "RangeCheck",
                {"Comparator": "EQ" if len(values) == 1 else "IN", "SoftHard": "Soft", "def:ItemOID": item},
                *(text_node("CheckValue", value) for value in values),
            )
            for item, values in checks.items()
        ]
        self.where_clauses[oid] = node("def:WhereClauseDef", {"OID": oid}, *ranges)
        return oid


def leaf_id(name: str) -> str:
    """The ID of a file: of a dataset, or of a document."""
    return f"LF.{name}"


def code_oids(codes: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Each code with what stands for it in OIDs: itself, or its number where it is no plain name."""
    for number, code in enumerate(codes, start=1):
        yield code, code if re.fullmatch(r"[A-Za-z0-9_]+", code) else f"number-{number}"


def is_trial_design(spec: DatasetSpec) -> bool:
    """Whether a dataset is about the study, and not about its subjects."""
    return spec.dataset_class.upper() == TRIAL_DESIGN.upper()
