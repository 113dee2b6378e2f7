"""Keyed comparison of datasets and of whole hand-offs."""

from flows.comparing.folders import compare_places
from flows.comparing.request import CompareRequest, read_keys, read_tolerances
from flows.comparing.result import Comparison, DatasetComparison
from flows.comparing.show import show_comparison

__all__ = [
    "CompareRequest",
    "Comparison",
    "DatasetComparison",
    "compare_places",
    "read_keys",
    "read_tolerances",
    "show_comparison",
]
