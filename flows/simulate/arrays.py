"""Names for numpy arrays, random streams, and a few draws that several modules make."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Ints: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]
Bools: TypeAlias = npt.NDArray[np.bool_]
Texts: TypeAlias = npt.NDArray[np.object_]


def stream(seed: int, name: str) -> np.random.Generator:
    """A random stream of its own for each part, so that a change in one leaves the others as they were."""
    return np.random.default_rng([seed, zlib.crc32(name.encode())])


def pick(rng: np.random.Generator, words: Sequence[str], size: int, weights: Sequence[float] | None = None) -> Texts:
    """Random words, by weight."""
    share = None if weights is None else np.asarray(weights) / np.sum(weights)
    return np.asarray(words, dtype=object)[rng.choice(len(words), size=size, p=share)]


def between(rng: np.random.Generator, low: Any, high: Any, size: Any = None) -> Ints:
    """Whole numbers from low to high, both included."""
    return np.asarray(rng.integers(low, np.asarray(high) + 1, size=size), dtype="int64")


def lognormal(rng: np.random.Generator, median: Any, spread: float, size: Any = None) -> Floats:
    """Log-normal numbers by their median and the standard deviation of their logarithm."""
    return np.asarray(np.asarray(median) * np.exp(rng.normal(0, spread, size)), dtype="float64")
