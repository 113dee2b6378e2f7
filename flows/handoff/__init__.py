"""The hand-off: datasets as Parquet and SAS XPT, findings, manifest and journal, published all at once or not at all.

A run, in order: `OutputFolder` (lock, staging), `write_study`, `number_findings`, `write_findings`, `write_coverage`,
`write_guides`, `write_define`, `write_manifest`, `OutputFolder.publish`, and in any case `append_run`.
"""

from flows.handoff.columns import empty_table, typed_table
from flows.handoff.coverage import find_uncovered, require_closed_accounts, write_coverage
from flows.handoff.dataset_files import Half, WrittenDataset
from flows.handoff.define import write_define
from flows.handoff.findings import (
    FindingsHistory,
    compare_findings,
    number_findings,
    place_findings,
    write_findings,
)
from flows.handoff.guides import DatasetFacts, GuideFacts, write_guides
from flows.handoff.kept import kept_folder
from flows.handoff.lengths import study_lengths
from flows.handoff.manifest import InputFile, RunContent, input_files, sha256_of, write_manifest
from flows.handoff.parquet import write_parquet
from flows.handoff.publish import OutputFolder
from flows.handoff.reading_back import read_back
from flows.handoff.report import write_report
from flows.handoff.runs import append_run
from flows.handoff.spreadsheet import write_spreadsheet
from flows.handoff.study import StudyWritten, dataset_spec, stamp_of, write_study
from flows.handoff.unfit import take_out_unfit
from flows.handoff.xpt import write_xpt

__all__ = [
    "DatasetFacts",
    "FindingsHistory",
    "GuideFacts",
    "Half",
    "InputFile",
    "OutputFolder",
    "RunContent",
    "StudyWritten",
    "WrittenDataset",
    "append_run",
    "compare_findings",
    "dataset_spec",
    "empty_table",
    "find_uncovered",
    "input_files",
    "kept_folder",
    "number_findings",
    "place_findings",
    "read_back",
    "require_closed_accounts",
    "sha256_of",
    "stamp_of",
    "study_lengths",
    "take_out_unfit",
    "typed_table",
    "write_coverage",
    "write_define",
    "write_findings",
    "write_guides",
    "write_manifest",
    "write_parquet",
    "write_report",
    "write_spreadsheet",
    "write_study",
    "write_xpt",
]
