"""How long each Char variable is in the XPT files: the longest value in the study."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from flows.handoff.columns import typed_table
from specs.findings import combine, report
from specs.models import MAX_CHAR_BYTES, DatasetSpec

NOT_SHARED = frozenset({"QVAL"})  # of each SUPP-- its own: unlike data under one name


def study_lengths(
    datasets: Mapping[str, pd.DataFrame | pa.Table], specs: Mapping[str, DatasetSpec]
) -> dict[str, dict[str, int]]:
    """Dataset -> Char variable -> bytes in the XPT files.

    A variable is as long as its longest value over all datasets of the study that hold it, and at least 1. A value
    beyond the declared maximum makes it longer than declared (`longer_than_declared` reports that); values over 200
    bytes do not count, because SAS XPORT v5 cannot hold them.
    """
    tables = {name: typed_table(frame, specs[name]) for name, frame in datasets.items()}
    longest: dict[tuple[str, str], int] = {}
    for name, table in tables.items():
        for variable in specs[name].char_variables:
            shared = _shared(name, variable)
            longest[shared] = max(longest.get(shared, 1), longest_that_fits(table[variable]))
    return {
        name: {variable: longest[_shared(name, variable)] for variable in specs[name].char_variables} for name in tables
    }


def _shared(dataset: str, variable: str) -> tuple[str, str]:
    return (dataset if variable in NOT_SHARED else "", variable)


def longest_that_fits(column: pa.ChunkedArray) -> int:
    """Bytes of the longest value that SAS XPORT v5 can hold; 0 where there is none."""
    lengths = pc.binary_length(column)
    longest: int = pc.max(lengths).as_py() or 0
    if longest > MAX_CHAR_BYTES:
        longest = pc.max(lengths.filter(pc.less_equal(lengths, MAX_CHAR_BYTES))).as_py() or 0
    return longest


def longer_than_declared(
    datasets: Mapping[str, pd.DataFrame | pa.Table], specs: Mapping[str, DatasetSpec]
) -> pd.DataFrame:
    """HAND-503 for each variable with a value that fits into XPT, but is longer than its spec declares."""
    parts = []
    for name, frame in datasets.items():
        table = typed_table(frame, specs[name])
        for variable in specs[name].char_variables:
            declared = specs[name].variables[variable].max_bytes
            longest = longest_that_fits(table[variable])
            if longest > declared:
                one = pd.DataFrame({"USUBJID": [""]})
                facts = {"value": str(longest), "declared": str(declared)}
                parts.append(report("HAND-503", one, dataset=name, variable=variable, **facts))
    return combine(parts)
