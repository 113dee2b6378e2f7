"""Dataset files as they are, whoever wrote them: values, labels, types, lengths, formats and keys."""

from flows.datasets.dataset import Dataset, UnreadableDatasetError, Variable, read_dataset_file
from flows.datasets.folder import DatasetFile, find_dataset_files

__all__ = [
    "Dataset",
    "DatasetFile",
    "UnreadableDatasetError",
    "Variable",
    "find_dataset_files",
    "read_dataset_file",
]
