"""Dataset-JSON 1.1 (CDISC, December 2024): the hand-off's third form, as JSON or as NDJSON."""

from flows.handoff.dataset_json.comparing import read_back_dataset_json
from flows.handoff.dataset_json.description import Described, describe
from flows.handoff.dataset_json.reader import DatasetJsonFile, open_dataset_json
from flows.handoff.dataset_json.writer import SUFFIXES, write_dataset_json

__all__ = [
    "SUFFIXES",
    "DatasetJsonFile",
    "Described",
    "describe",
    "open_dataset_json",
    "read_back_dataset_json",
    "write_dataset_json",
]
