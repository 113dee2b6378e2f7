"""What is wrong with a REDCap export as a whole, and what the specs do not know of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

import pandas as pd

from flows.receive.canonical import about_file
from flows.receive.redcap_columns import Columns
from flows.receive.redcap_files import DataFile, RedcapFiles
from specs.errors import Problem, did_you_mean
from specs.findings import report
from specs.loader import StudySpec

_SHOWN = 5


def unclear(found: RedcapFiles, files: dict[str, Path]) -> list[Problem]:
    """No data file, several, or one whose header has labels."""
    if len(found.data) > 1:
        return [
            Problem(
                code="INPUT-078", place=", ".join(found.data[:_SHOWN]),
                fact="Several files hold data: it cannot be told which is right.",
                next_step="leave only the latest export in the folder.",
            )
        ]  # fmt: skip
    if found.data:
        return []
    if found.with_labels:
        return [
            Problem(
                code="INPUT-077", place=found.with_labels[0],
                fact="The header has the labels of fields, which several fields can share, in place of their names.",
                next_step='export "CSV (raw data)", or by the API rawOrLabelHeaders=raw; cells may be labels.',
            )
        ]  # fmt: skip
    return [
        Problem(
            code="INPUT-079", place=", ".join(list(files)[:_SHOWN]), fact="No file here is a REDCap export.",
            hint="its header has the subject's field (`record_id` in redcap.yaml) and redcap_event_name.",
            next_step="check the folder, or give another --format.",
        )
    ]  # fmt: skip


def identity_missing(data: DataFile, study: StudySpec) -> Iterator[Problem]:
    """A file without the column that tells the site."""
    lower = [column.lower() for column in data.header]
    if study.redcap.site.lower() not in lower:
        yield Problem(
            code="INPUT-010", place=data.path.name,
            fact=f"Column {study.redcap.site}, which tells the site, is missing.",
            hint=did_you_mean(study.redcap.site, data.header),
            next_step="export it (data access groups are an option of the export), or name another as `site` in "
            "redcap.yaml.",
        )  # fmt: skip


def unknown(
    file: str, columns: Columns, instruments: Collection[str], offered: dict[str, dict[str, str]], study: StudySpec
) -> Iterator[pd.DataFrame]:
    """RAW-101, RAW-102, and RAW-152: a code that the data dictionary (`offered`) gives another text than the specs."""
    for name in sorted({name.upper() for name in (*columns.strange_instruments, *instruments)}):
        rows = about_file(name, file, [name])
        hint = did_you_mean(name, study.forms)
        yield report("RAW-101", rows, value=rows["value"], hint=f" ({hint})" if hint else "")
    for form, name in columns.unknown:
        rows = about_file(form, file, [name])
        hint = did_you_mean(name, study.forms[form].fields) if form else ""
        yield report("RAW-102", rows, value=rows["value"], hint=f" ({hint})" if hint else "")
    for form, own in columns.forms.items():
        for name, field in study.forms[form].fields.items():
            if field.kind != "coded":
                continue
            here = offered.get(own.columns.get(name, "").lower(), {})
            choices = study.choices[field.choices or ""]
            codes = [code for code, text in choices.items() if here.get(code, text) != text]
            rows = about_file(form, file, codes)
            says = pd.Series([f"'{here[code]}'" for code in codes], index=rows.index, dtype="str")
            expected = pd.Series([choices[code] for code in codes], index=rows.index, dtype="str")
            yield report("RAW-152", rows, field=name, value=rows["value"], expected=expected, says=says)
