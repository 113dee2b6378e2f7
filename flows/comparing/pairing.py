"""Which record of BASE is which of NEW: by equal keys, whatever the order of the records."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Pairing:
    """Records by their row numbers. A key that stands twice on one side is no key: all its records are duplicates."""

    base: Ints  # paired, in the order of BASE
    new: Ints  # the partner of each of these
    gone: Ints  # rows of BASE whose key NEW lacks
    added: Ints  # rows of NEW whose key BASE lacks
    twice_base: Ints  # rows whose key stands more than once here or there, and on both sides at all
    twice_new: Ints
    repeated: Ints  # a row of BASE or (counted on from the rows of BASE) of NEW for each key that stands twice
    repeats_base: int  # rows that share their key with another of their side
    repeats_new: int


def pair_records(base: pa.Table, new: pa.Table, keys: tuple[str, ...]) -> Pairing:
    """Pair the records of two tables that have the key variables with the same types. A missing key value is a value.

    Time and memory grow with the number of rows; no record is looked at by Python.
    """
    numbers, count = number_records([pa.chunked_array([*base[k].chunks, *new[k].chunks], base[k].type) for k in keys])
    old, young = numbers[: base.num_rows], numbers[base.num_rows :]
    in_base, in_new = np.bincount(old, minlength=count), np.bincount(young, minlength=count)
    single = (in_base == 1) & (in_new == 1)
    doubled = (in_base > 1) | (in_new > 1)
    both = (in_base > 0) & (in_new > 0)
    where = np.full(count, -1, dtype="int64")
    where[young] = np.arange(len(young))
    paired = np.flatnonzero(single[old])
    _, first = np.unique(numbers, return_index=True) if doubled.any() else (None, np.zeros(0, dtype="int64"))
    return Pairing(
        base=paired,
        new=where[old[paired]],
        gone=np.flatnonzero(in_new[old] == 0),
        added=np.flatnonzero(in_base[young] == 0),
        twice_base=np.flatnonzero((doubled & both)[old]),
        twice_new=np.flatnonzero((doubled & both)[young]),
        repeated=np.sort(first[doubled]) if doubled.any() else first,
        repeats_base=int(in_base[in_base > 1].sum()),
        repeats_new=int(in_new[in_new > 1].sum()),
    )


def number_records(columns: list[pa.ChunkedArray]) -> tuple[Ints, int]:
    """One number a record, equal where all columns are; and how many different ones there are."""
    numbers = np.zeros(len(columns[0]), dtype="int64")
    count = 1
    for column in columns:
        encoded = pc.dictionary_encode(column, null_encoding="encode").combine_chunks()
        if isinstance(encoded, pa.ChunkedArray):  # what pyarrow gives for a column without rows
            encoded = encoded.chunk(0) if encoded.num_chunks else None
        if encoded is None:
            return numbers, 0
        numbers = numbers * len(encoded.dictionary) + encoded.indices.to_numpy(zero_copy_only=False)
        distinct, numbers = np.unique(numbers, return_inverse=True)
        count = len(distinct)
    return numbers, count


def same_records(base: pa.Table, new: pa.Table) -> bool:
    """Whether two tables with the same columns hold the same records, each as often, in any order."""
    if base.num_rows != new.num_rows:
        return False
    if not base.num_rows:
        return True
    columns = [pa.chunked_array([*base[n].chunks, *new[n].chunks], base[n].type) for n in base.column_names]
    numbers, count = number_records(columns)
    old, young = numbers[: base.num_rows], numbers[base.num_rows :]
    return bool((np.bincount(old, minlength=count) == np.bincount(young, minlength=count)).all())
