"""Complaints about faulty data, held against our own findings."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from tests.conformance.differences import Complaint, Row


def not_found_by_us(complaints: Iterable[Complaint], rows: Iterable[Row], findings: pd.DataFrame) -> list[str]:
    """Complaints about a subject of whom our findings do not say one of the codes that the page gives for the rule.

    A code with an asterisk may be said of any subject: the rule compares records of several.
    """
    said = set(zip(findings["code"], findings["usubjid"], strict=True))
    anywhere = {f"{code}*" for code in findings["code"]}
    rows = list(rows)
    missed = []
    for complaint in complaints:
        codes = {code.strip() for row in rows if row.covers(complaint) for code in row.cell.split(",")}
        of_subject = {code for code, subject in said if complaint.usubjid in ("", subject)}
        if not codes & (of_subject | anywhere):
            missed.append(f"{complaint} {complaint.usubjid}: none of {', '.join(sorted(codes))}")
    return missed
