"""The different values of the published tables, asked for by variable and by code: one pass over a column each."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc


class Values:
    """Different values, missing ones left out, each asked for once and then remembered."""

    def __init__(self, tables: Mapping[str, pa.Table]) -> None:
        self.tables = tables
        self._of: dict[tuple[str, str], pa.Array] = {}
        self._by: dict[tuple[str, str, str], dict[str, pa.Array]] = {}

    def of(self, dataset: str, variable: str) -> pa.Array:
        """The values of a variable, in no particular order."""
        known = (dataset, variable)
        if known not in self._of:
            self._of[known] = pc.unique(self.tables[dataset][variable]).drop_null()
        return self._of[known]

    def by(self, dataset: str, code: str, variable: str) -> dict[str, pa.Array]:
        """Code -> the values of a variable on its records; codes without a value are left out. Codes are sorted."""
        known = (dataset, code, variable)
        if known not in self._by:
            pairs = self.tables[dataset].select([code, variable]).group_by([code, variable]).aggregate([])
            pairs = pairs.filter(pc.and_(pc.is_valid(pairs[code]), pc.is_valid(pairs[variable]))).sort_by(code)
            runs = pc.value_counts(pairs[code].combine_chunks())
            found, start = {}, 0
            for run in runs.to_pylist():
                found[run["values"]] = pairs[variable].slice(start, run["counts"]).combine_chunks()
                start += run["counts"]
            self._by[known] = found
        return self._by[known]
