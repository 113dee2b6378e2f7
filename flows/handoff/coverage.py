"""What became of every field and every record: coverage.csv, acrf.html, and the accounts that have to close."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from flows.handoff.acrf import annotated_crf
from flows.handoff.errors import writing
from flows.handoff.spreadsheet import write_spreadsheet
from sdtm.accounting import unbalanced
from specs import StudySpec, identity
from specs.coverage import field_coverage
from specs.errors import GateError, Problem
from specs.findings import combine, report

COVERAGE_CSV, ACRF_HTML = "coverage.csv", "acrf.html"
COLUMNS = ["form", "field", "label", "dataset", "variable", "how", "when", "reason"]


def coverage_table(study: StudySpec) -> pd.DataFrame:
    """Every use of every field: form, field, label, dataset, variable, how, when, reason; all text.

    One row a use (specs/coverage.py, Place); a field that nothing reads has one row without a dataset. `reason` is that
    of forms.yaml, on a field that reaches no variable.
    """
    rows = [
        (c.form, c.field, c.label, *where, c.not_submitted)
        for c in field_coverage(study)
        for where in [(p.dataset, p.variable, p.how, p.when) for p in c.places] or [("", "", "", "")]
    ]
    return pd.DataFrame(rows, columns=COLUMNS, dtype="str")


def write_coverage(study: StudySpec, folder: Path) -> None:
    """Write coverage.csv and the annotated CRF, acrf.html: the same bytes for the same specs."""
    write_spreadsheet(coverage_table(study), folder / COVERAGE_CSV)
    with writing(folder / ACRF_HTML):
        (folder / ACRF_HTML).write_text(annotated_crf(study), encoding="utf-8", newline="\n")


def find_uncovered(study: StudySpec) -> pd.DataFrame:
    """COV-701 on each field that reaches no SDTM variable without a reason in forms.yaml."""
    found = []
    for field in field_coverage(study):
        if field.unexplained:
            rows = pd.DataFrame({identity.FORM: [field.form]}, dtype="str")
            found.append(report("COV-701", rows, field=field.field, value=field.label))
    return combine(found)


def require_closed_accounts(received: pd.DataFrame, mapped: pd.DataFrame, rows: Mapping[str, int]) -> None:
    """Stop the run where a raw record is lost between the files and the SDTM rows (GATE-301).

    In: the accounts of receiving and of mapping, and the rows of each SDTM dataset.
    """
    open_accounts = unbalanced(received, mapped, rows)
    if open_accounts:
        raise GateError(
            [
                Problem(
                    code="GATE-301", place="accounting", fact=f"{said[:1].upper()}{said[1:]}.",
                    next_step="report this: it is a fault of cdisc-flows or of a rule of the study, not of the data.",
                )
                for said in open_accounts
            ]
        )  # fmt: skip
