"""Codelists with the terms that are used, and the dictionaries that terms were coded with."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from flows.handoff.define.elements import Attributes, Element, node, printable, translated
from flows.handoff.define.published import Published
from specs.mapping import SdtmDatasetSpec
from specs.models import Codelist, Term, VariableSpec
from specs.supplemental import is_supplemental, parent_domain

NCI = "nci:ExtCodeID"  # context of the codes of CDISC's terminology
STANDARDS = {"SDTM": "STD.CT.SDTM", "ADaM": "STD.CT.ADaM"}  # package -> OID of its standard


class Terminology:
    """The codelists and dictionaries that the datasets of a half use."""

    def __init__(self, published: Published) -> None:
        self._study = published.study
        self._used: dict[tuple[str, str], set[str]] = {}
        self._dictionaries: dict[tuple[str, str], None] = {}
        for variable, values in _coded(published):
            if not len(values):
                continue
            if variable.codelist:
                texts = {_coded_text(value) for value in values.to_pylist()}
                self._used.setdefault((variable.codelist, _kind(variable)), set()).update(texts)
            elif variable.dictionary:
                self._dictionaries[variable.dictionary, _kind(variable)] = None

    def reference(self, variable: VariableSpec) -> Element | None:
        """The reference to the codelist or dictionary of a variable; none where no term of it is used."""
        known = (variable.codelist or variable.dictionary or "", _kind(variable))
        if known not in self._used and known not in self._dictionaries:
            return None
        return node("CodeListRef", {"CodeListOID": _oid(*known)})

    @property
    def packages(self) -> set[str]:
        """The packages of CDISC that the codelists are of."""
        codelists = [self._study.codelists[name] for name, _ in self._used]
        return {codelist.package for codelist in codelists if codelist.code}

    def elements(self) -> list[Element]:
        """Every codelist, then every dictionary."""
        lists = [self._codelist(name, kind, used) for (name, kind), used in sorted(self._used.items())]
        return lists + [self._dictionary(name, kind) for name, kind in sorted(self._dictionaries)]

    def _codelist(self, name: str, kind: str, used: set[str]) -> Element:
        codelist = self._study.codelists[name]
        known = [term for term in codelist.terms if term in used]
        texts = list(dict.fromkeys(printable(term) for term in [*known, *sorted(used - set(known))]))
        details = {text: codelist.terms.get(text) or Term() for text in texts}
        decoded = any(term.decode for term in details.values())
        attributes: Attributes = {
            "OID": _oid(name, kind), "Name": codelist.name, "DataType": kind,
            "def:StandardOID": STANDARDS[codelist.package] if codelist.code else None,
            "def:IsNonStandard": None if codelist.code else "Yes",
        }  # fmt: skip
        items = [_item(text, term, codelist, decoded=decoded) for text, term in details.items()]
        return node("CodeList", attributes, *items, _alias(codelist.code))

    def _dictionary(self, name: str, kind: str) -> Element:
        known = self._study.study.dictionaries[name]
        external = node("ExternalCodeList", {"Dictionary": known.name, "Version": known.version})
        title = known.name if kind == "text" else f"{known.name}, codes"
        return node("CodeList", {"OID": _oid(name, kind), "Name": title, "DataType": kind}, external)


def _item(text: str, term: Term, codelist: Codelist, *, decoded: bool) -> Element:
    extends = bool(codelist.code) and (term.code is None or term.codelist is not None)
    attributes: Attributes = {"CodedValue": text, "def:ExtendedValue": "Yes" if extends else None}
    if decoded:
        return node("CodeListItem", attributes, translated("Decode", term.decode or text), _alias(term.code))
    return node("EnumeratedItem", attributes, _alias(term.code))


def _alias(code: str | None) -> Element | None:
    return node("Alias", {"Context": NCI, "Name": code}) if code else None


def _coded(published: Published) -> Iterator[tuple[VariableSpec, pa.Array]]:
    """Every variable with a codelist or dictionary, non-standard ones too, and its values."""
    for dataset, spec in published.specs.items():
        for name, variable in spec.variables.items():
            if variable.codelist or variable.dictionary:
                yield variable, published.values.of(dataset, name)
        domain = published.study.sdtm.get(parent_domain(dataset)) if is_supplemental(dataset) else None
        if isinstance(domain, SdtmDatasetSpec):
            answers = published.values.by(dataset, "QNAM", "QVAL")
            for name, qualifier in domain.supplemental.items():
                if (qualifier.codelist or qualifier.dictionary) and name in answers:
                    yield qualifier, answers[name]


def _kind(variable: VariableSpec) -> str:
    if variable.type == "Char":
        return "text"
    return "integer" if variable.integer else "float"


def _coded_text(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def _oid(name: str, kind: str) -> str:
    return f"CL.{name}" if kind == "text" else f"CL.{name}.{kind}"
