"""The bytes of a column of text, without a look at each value: a question about all of them at once costs nothing."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa


def text_bytes(column: pa.Array | pa.ChunkedArray) -> Iterator[npt.NDArray[np.uint8]]:
    """The UTF-8 bytes of a string column as they lie in memory, chunk by chunk; missing values count as their bytes."""
    for chunk in column.chunks if isinstance(column, pa.ChunkedArray) else [column]:
        _, offsets, text = chunk.buffers()
        if len(chunk) and text is not None:
            width = np.int64 if pa.types.is_large_string(chunk.type) else np.int32
            first, last = np.frombuffer(offsets, width)[[chunk.offset, chunk.offset + len(chunk)]]
            if last > first:
                yield np.frombuffer(text, np.uint8)[first:last]


def has_only_ascii(column: pa.Array | pa.ChunkedArray) -> bool:
    """Whether no value of a string column has a character beyond ASCII."""
    return all(chunk.max() < 128 for chunk in text_bytes(column))


def has_nul(column: pa.Array | pa.ChunkedArray) -> bool:
    """Whether a value of a string column has a NUL character."""
    return any(chunk.min() == 0 for chunk in text_bytes(column))
