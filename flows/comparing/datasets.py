"""One dataset against another, by keys."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from flows.comparing.pairing import Pairing, pair_records, same_records
from flows.comparing.request import CompareRequest
from flows.comparing.result import (
    AttributeDifference,
    DatasetComparison,
    Duplicates,
    Records,
    ValueDifference,
    VariableComparison,
)
from flows.comparing.values import compare_values, shown_rows, shown_values
from flows.datasets import Dataset

Ints = npt.NDArray[np.int64]


def compare_datasets(
    base: Dataset, new: Dataset, plan: DatasetComparison, request: CompareRequest, *, lengths: bool
) -> DatasetComparison:
    """Fill the plan of a comparison (dataset, places, keys) with what differs.

    `lengths`: whether the two files mean the same by a length; in Parquet it is the spec's maximum, in XPT the width.
    Key values are compared exactly. Where a key variable is missing on a side, or of two types, records cannot be
    paired: `not_compared` says so.
    """
    plan = replace(
        plan,
        rows_base=base.table.num_rows,
        rows_new=new.table.num_rows,
        attributes=_attributes(base, new, lengths=lengths),
    )
    broken = [k for k in plan.keys if k not in base.variables or k not in new.variables]
    if broken:
        return replace(plan, not_compared=[f"records: key variable {', '.join(broken)} is not on both sides"])
    unlike = [k for k in plan.keys if base.variables[k].kind != new.variables[k].kind]
    if unlike:
        return replace(plan, not_compared=[f"records: key variable {', '.join(unlike)} is of two types"])
    pairing = pair_records(base.table, new.table, plan.keys)
    most = request.listed
    shared = [n for n in base.variables if n in new.variables]
    alike = [n for n in shared if base.variables[n].kind == new.variables[n].kind]
    left, right = _paired(base.table, pairing.base), _paired(new.table, pairing.new)
    changed = np.zeros(len(pairing.base), dtype=bool)
    variables = []
    for name in alike:
        if name not in plan.keys:
            variable, differs = _variable(left, right, name, base, plan, request)
            changed |= differs
            variables += [variable] if variable.differing or variable.within_tolerance else []
    return replace(
        plan,
        paired=len(pairing.base),
        changed=int(changed.sum()),
        gone=Records(len(pairing.gone), shown_rows(base.table, plan.keys, pairing.gone[:most])),
        added=Records(len(pairing.added), shown_rows(new.table, plan.keys, pairing.added[:most])),
        duplicates=_duplicates(base.table, new.table, pairing, alike, plan.keys, most),
        variables=variables,
        not_compared=[f"values of {n}: it is of two types" for n in shared if n not in alike],
    )


def _paired(table: pa.Table, rows: Ints) -> pa.Table:
    if len(rows) == table.num_rows and (rows == np.arange(len(rows))).all():
        return table
    return table.take(pa.array(rows))


def _variable(
    left: pa.Table, right: pa.Table, name: str, base: Dataset, plan: DatasetComparison, request: CompareRequest
) -> tuple[VariableComparison, npt.NDArray[np.bool_]]:
    tolerance = request.tolerances.of(plan.dataset, name)
    compared = compare_values(left[name], right[name], base.variables[name], tolerance)
    rows = np.flatnonzero(compared.differs)
    first = rows[: request.listed]
    triples = zip(
        shown_rows(left, plan.keys, first),
        shown_values(left[name], first),
        shown_values(right[name], first),
        strict=True,
    )
    listed = [ValueDifference(*triple) for triple in triples]
    return VariableComparison(name, len(rows), listed, compared.within_tolerance, compared.largest), compared.differs


def _duplicates(
    base: pa.Table, new: pa.Table, pairing: Pairing, names: list[str], keys: tuple[str, ...], most: int
) -> Duplicates:
    if not pairing.repeats_base and not pairing.repeats_new:
        return Duplicates()
    same = same_records(
        base.select(names).take(pa.array(pairing.twice_base)), new.select(names).take(pa.array(pairing.twice_new))
    )
    listed = pairing.repeated[:most]
    ours, theirs = listed[listed < base.num_rows], listed[listed >= base.num_rows] - base.num_rows
    return Duplicates(
        pairing.repeats_base,
        pairing.repeats_new,
        same,
        [*shown_rows(base, keys, ours), *shown_rows(new, keys, theirs)],
    )


def _attributes(base: Dataset, new: Dataset, *, lengths: bool) -> list[AttributeDifference]:
    """Labels, types, lengths and formats, variables on one side only, and their order.

    A label that only one of two files carries at all (a Parquet file of pandas has none) is a difference, once.
    """
    found = []
    if base.keys and new.keys and base.keys != new.keys:
        found.append(AttributeDifference("keys", "", " ".join(base.keys), " ".join(new.keys)))
    if base.described != new.described:
        said = ["has labels" if side.described else "has no labels" for side in (base, new)]
        found.append(AttributeDifference("labels", "", *said))
    described = base.described and new.described
    if described and base.label != new.label:
        found.append(AttributeDifference("label", "", base.label, new.label))
    for name in [*base.variables, *(n for n in new.variables if n not in base.variables)]:
        one, other = base.variables.get(name), new.variables.get(name)
        if one is None or other is None:
            found.append(
                AttributeDifference("variable", name, *("absent" if v is None else "there" for v in (one, other)))
            )
            continue
        if described and one.label != other.label:
            found.append(AttributeDifference("label", name, one.label, other.label))
        if one.kind != other.kind:
            found.append(AttributeDifference("type", name, f"{one.type} ({one.kind})", f"{other.type} ({other.kind})"))
        if lengths and described and one.length != other.length:
            found.append(AttributeDifference("length", name, str(one.length or ""), str(other.length or "")))
        if described and _plain_format(one.format) != _plain_format(other.format):
            found.append(AttributeDifference("format", name, one.format, other.format))
    shared = [n for n in base.variables if n in new.variables]
    order = [n for n in new.variables if n in base.variables]
    if shared != order:
        place = next(i for i, (a, b) in enumerate(zip(shared, order, strict=True)) if a != b)
        found.append(AttributeDifference("order of variables", "", f"{shared[place]} first", f"{order[place]} first"))
    return found


def _plain_format(sas_format: str) -> str:
    """DATE9 and DATE9. are one format: readers of transport files differ in the point."""
    return sas_format.upper().rstrip(".")
