"""What Arrow knows of a column of texts without making each of them a Python text."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from specs.codes import Values

Ints = np.ndarray[Any, np.dtype[np.int64]]
Bools = np.ndarray[Any, np.dtype[np.bool_]]


def byte_lengths(texts: pd.Series | Values) -> Ints:
    """Bytes of texts in UTF-8; 0 where missing."""
    lengths: Ints = _of_each(pc.binary_length(_arrow(texts)), 0)
    return lengths.astype("int64")


def beyond_ascii(texts: pd.Series | Values) -> Bools:
    """Which texts have characters beyond ASCII; none that is missing."""
    beyond: Bools = _of_each(pc.invert(pc.string_is_ascii(_arrow(texts))), missing=False)
    return beyond


def _arrow(texts: pd.Series | Values) -> pa.Array:
    return pa.array(texts, pa.large_string())


def _of_each(found: pa.Array | pa.ChunkedArray, missing: Any) -> Any:
    whole = found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found
    return pc.fill_null(whole, missing).to_numpy(zero_copy_only=False)
