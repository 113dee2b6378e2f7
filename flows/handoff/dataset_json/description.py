"""What a Dataset-JSON file says of its dataset before the rows (Dataset-JSON 1.1, top-level and column metadata)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from typing import Any

from flows.handoff.oids import group_oid, item_oid, study_oid, version_oid
from specs.models import DatasetSpec, VariableSpec

VERSION = "1.1.0"
_MOMENTS = {"DATE9.": "date", "TIME8.": "time", "DATETIME20.": "datetime"}


@dataclass(frozen=True)
class Described:
    """Where a dataset comes from: study, half, the time to write into the file (no clock), and its define.xml."""

    studyid: str
    half: str
    stamp: datetime
    define: str  # relative to the file


def describe(spec: DatasetSpec, lengths: Mapping[str, int], records: int, of: Described) -> dict[str, Any]:
    """The attributes of the file but `rows`, in the order of the standard.

    `lengths`: bytes of each Char variable, as in the XPT file. A date, time or datetime that SAS keeps as a number is
    ISO 8601 text with targetDataType integer. A --DTC variable is a string, for it may be partial, and Dataset-JSON has
    no type for partial dates.
    """
    return {
        "datasetJSONCreationDateTime": of.stamp.isoformat(),
        "datasetJSONVersion": VERSION,
        "fileOID": f"{of.studyid}.{spec.dataset}",
        "sourceSystem": {"name": "cdisc-flows", "version": version("cdisc-flows")},
        "studyOID": study_oid(of.studyid),
        "metaDataVersionOID": version_oid(of.studyid, of.half),
        "metaDataRef": of.define,
        "itemGroupOID": group_oid(spec.dataset),
        "records": records,
        "name": spec.dataset,
        "label": spec.label,
        "columns": [_column(name, variable, spec, lengths) for name, variable in spec.variables.items()],
    }


def _column(name: str, variable: VariableSpec, spec: DatasetSpec, lengths: Mapping[str, int]) -> dict[str, Any]:
    moment = _MOMENTS.get(variable.format or "")
    column: dict[str, Any] = {
        "itemOID": item_oid(spec.dataset, name), "name": name, "label": variable.label,
        "dataType": _data_type(variable, moment),
    }  # fmt: skip
    if moment:
        column["targetDataType"] = "integer"
    if name in lengths:
        column["length"] = lengths[name]
    if variable.format:
        column["displayFormat"] = variable.format
    if name in spec.keys:
        column["keySequence"] = spec.keys.index(name) + 1
    return column


def _data_type(variable: VariableSpec, moment: str | None) -> str:
    if variable.type == "Char":
        return "string"
    return moment or ("integer" if variable.integer else "float")
