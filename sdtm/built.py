"""What comes out of the mapping."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class SdtmBuild:
    """All that comes out of the mapping.

    lineage: for each domain USUBJID, --SEQ and the identity columns of the raw record, one row per SDTM record.
    accounting: form, dataset, rule, rows (sdtm/accounting.py).
    """

    datasets: dict[str, pd.DataFrame]
    lineage: dict[str, pd.DataFrame]
    findings: pd.DataFrame
    accounting: pd.DataFrame
