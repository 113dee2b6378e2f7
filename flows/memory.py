"""How a process of this program manages its memory."""

from __future__ import annotations

import gc
import os

import pyarrow as pa

_POOL = "jemalloc"
_CHOSEN_OUTSIDE = "ARROW_DEFAULT_MEMORY_POOL"  # Arrow's own environment variable


def manage_memory() -> None:
    """Choose, before work begins, when garbage is looked for and who keeps the memory of Arrow's columns.

    Frames make few and long-lived Python objects: looking for garbage after every 700 costs a tenth of a run. Columns
    are made and left by the thousand, and jemalloc needs a third less memory and a tenth less time for them than
    Arrow's own choice, which stands where pyarrow was built without it. No value depends on either.
    """
    gc.set_threshold(100_000, 50, 50)
    if _CHOSEN_OUTSIDE not in os.environ and _POOL in pa.supported_memory_backends():
        pa.set_memory_pool(pa.jemalloc_memory_pool())
