"""Value-level metadata: what the values of one test, parameter or qualifier are (ValueListDef, WhereClauseDef)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pyarrow as pa

from flows.handoff.define.elements import Attributes, Element, node
from flows.handoff.define.items import item, method_of, origin_of
from flows.handoff.define.published import Definitions, Published, code_oids
from flows.handoff.define.shapes import Shape, shape_of, shape_of_results
from flows.handoff.define.terminology import Terminology
from flows.handoff.oids import item_oid
from specs.models import ORIGINS, DatasetSpec, VariableSpec
from specs.supplemental import is_supplemental, parent_domain


@dataclass(frozen=True)
class Level:
    """How values of a dataset are told apart: the code, its name, and each value with the variable of its unit."""

    code: str
    name: str
    values: Mapping[str, str | None]


def level_of(spec: DatasetSpec) -> Level | None:
    """How the values of a dataset are told apart; none where each variable is of one kind.

    Findings by test, the basic data structure by parameter, SUPP-- by qualifier (Define-XML 2.1, section 4.5).
    """
    if is_supplemental(spec.dataset):
        return Level("QNAM", "QLABEL", {"QVAL": None})
    if spec.dataset_class.upper() == "BASIC DATA STRUCTURE":
        level = Level("PARAMCD", "PARAM", {"AVAL": None, "AVALC": None})
    elif spec.dataset_class.upper() == "FINDINGS":
        d = spec.dataset
        units = {f"{d}ORRES": f"{d}ORRESU", f"{d}STRESC": f"{d}STRESU", f"{d}STRESN": f"{d}STRESU"}
        level = Level(f"{d}TESTCD", f"{d}TEST", units)
    else:
        return None
    known = spec.variables
    values = {v: unit if unit in known else None for v, unit in level.values.items() if v in known}
    return replace(level, values=values) if level.code in known and level.name in known else None


def value_lists(
    published: Published, spec: DatasetSpec, known: Definitions, terms: Terminology
) -> dict[str, str]:  # variable -> OID of its value list
    """Add the value lists of a dataset, with their where clauses and items."""
    level = level_of(spec)
    if level is None:
        return {}
    made = {}
    for variable in level.values:
        refs = _value_refs(published, spec, level, variable, known, terms)
        if refs:
            oid = f"VL.{spec.dataset}.{variable}"
            known.value_lists[oid] = node("def:ValueListDef", {"OID": oid}, *refs)
            made[variable] = oid
    return made


def _value_refs(
    published: Published, spec: DatasetSpec, level: Level, variable: str, known: Definitions, terms: Terminology
) -> list[Element]:
    dataset, values = spec.dataset, published.values.by(spec.dataset, level.code, variable)
    names = published.values.by(dataset, level.code, level.name)
    unit = level.values[variable]
    units = published.values.by(dataset, level.code, unit) if unit else {}
    refs = []
    for number, (code, suffix) in enumerate(code_oids(names), start=1):
        if code not in values:
            continue
        of = f"{dataset}.{variable}.{suffix}"
        what = _value_spec(published, spec, level, variable, code)
        where = known.where(f"{dataset}.{level.code}.{suffix}", {item_oid(dataset, level.code): [code]})
        oid = f"IT.{of}"
        label = _label(min(names[code].to_pylist()), sorted(units[code].to_pylist()) if code in units else [])
        page = (dataset, code) if level.code == "QNAM" else (dataset, variable)
        known.items[oid] = item(
            oid, code, label, _shape(spec, level, variable, what, values[code], code),
            terms.reference(what), origin_of(published, what, *page, when=f"{level.code} = {code}"),
        )  # fmt: skip
        derived = of if what is not spec.variables[variable] else f"{dataset}.{variable}"
        attributes: Attributes = {
            "ItemOID": oid, "OrderNumber": number, "Mandatory": "No",
            "MethodOID": method_of(published, derived, what, known),
        }  # fmt: skip
        refs.append(node("ItemRef", attributes, node("def:WhereClauseRef", {"WhereClauseOID": where})))
    return refs


def _value_spec(published: Published, spec: DatasetSpec, level: Level, variable: str, code: str) -> VariableSpec:
    """What the specs say of the values under a code: as of the variable, but for what they say of the code."""
    own = spec.variables[variable]
    if level.code == "QNAM":
        domain = published.study.sdtm[parent_domain(spec.dataset)]
        qualifier = {**domain.as_collected, **domain.supplemental}.get(code)
        if qualifier:
            return qualifier.model_copy(update={"type": "Char", "format": None})
        origins = published.values.by(spec.dataset, "QNAM", "QORIG").get(code)  # a text that was continued, for one
        stated = min(origins.to_pylist()) if origins is not None else None
        return own.model_copy(update={"origin": stated if stated in ORIGINS else None})
    parameter = spec.parameters.get(code)
    result = "AVALC" if "AVALC" in spec.variables else "AVAL"
    if parameter and parameter.says and variable == result:
        return own.model_copy(update={"says": parameter.says, "origin": "Derived"})
    return own


def _shape(spec: DatasetSpec, level: Level, variable: str, what: VariableSpec, values: pa.Array, code: str) -> Shape:
    if what.type == "Num":
        shape = shape_of(values, what, variable)
        whole = shape.data_type == "float" and shape.digits == 0
        return replace(shape, data_type="integer", digits=None) if whole else shape
    if level.code == "QNAM":
        return shape_of(values, what, code)
    return shape_of_results(values) if spec.dataset_class.upper() == "FINDINGS" else shape_of(values, what, variable)


def _label(name: str, units: list[str]) -> str:
    return f"{name} ({', '.join(units)})" if units else name
