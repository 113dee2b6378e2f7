"""What the bytes of a column of text say: of the rows it has, and of no others in the same memory."""

from __future__ import annotations

import pyarrow as pa
import pytest

from specs.text_bytes import has_nul, has_only_ascii

COLUMNS = {
    # column: only ASCII, has a NUL
    "no rows": (pa.array([], pa.string()), True, False),
    "all missing": (pa.array([None, None], pa.string()), True, False),
    "blank texts": (pa.array(["", ""]), True, False),
    "ASCII": (pa.array(["PR", None, "~"]), True, False),
    "the first character beyond ASCII": (pa.array(["PR", "\x80"]), False, False),
    "Chinese": (pa.array(["食管"]), False, False),
    "a NUL within a text": (pa.array(["PR", "a\0b"]), True, True),
    "a slice without the fault before it": (pa.array(["é\0", "PR", "SD"]).slice(1), True, False),
    "a slice without the fault behind it": (pa.array(["PR", "SD", "é\0"]).slice(0, 2), True, False),
    "a slice with the fault": (pa.array(["PR", "é\0", "SD"]).slice(1, 1), False, True),
    "large text": (pa.array(["PR", "é"], pa.large_string()), False, False),
    "a fault in the second chunk": (pa.chunked_array([["PR"], ["é\0"]]), False, True),
    "no chunk": (pa.chunked_array([], pa.string()), True, False),
}


@pytest.mark.parametrize(("column", "ascii_only", "nul"), COLUMNS.values(), ids=COLUMNS)
def test_the_bytes_of_a_column_tell(column, ascii_only, nul):
    assert (has_only_ascii(column), has_nul(column)) == (ascii_only, nul)
