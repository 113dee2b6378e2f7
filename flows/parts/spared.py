"""Python's search for garbage, kept off what is there for good."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def spared_from_search() -> Iterator[None]:
    """While the block runs, what was there before (the code, the specs) is not searched for garbage over and over.

    Frames come and go by the thousand, and each of the searches that they set off would look through all of it.
    """
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
