"""Supplemental qualifiers: the non-standard variables of a domain as SUPP-- (SDTMIG 3.4 section 8.4)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sdtm.distinct import order_codes
from specs.mapping import SdtmDatasetSpec, SuppVariableSpec

COLUMNS = ["STUDYID", "RDOMAIN", "USUBJID", "IDVAR", "IDVARVAL", "QNAM", "QLABEL", "QVAL", "QORIG", "QEVAL"]


def derive_supplemental(
    frame: pd.DataFrame, spec: SdtmDatasetSpec, continued: dict[str, SuppVariableSpec]
) -> pd.DataFrame:
    """SUPP-- of a finished domain: one record for each record of `frame` and non-standard variable that has a value.

    In: STUDYID, USUBJID, --SEQ where the domain has it, and the columns of `spec.supplemental`, `spec.as_collected` and
    `continued` (sdtm/continuation.py).
    A domain without --SEQ (DM) has blank IDVAR and IDVARVAL. Sorted by STUDYID, RDOMAIN, USUBJID, IDVAR, IDVARVAL and
    QNAM.
    """
    sequence = f"{spec.dataset}SEQ"
    numbered = sequence in frame
    parts = []
    for name, variable in {**spec.as_collected, **spec.supplemental, **continued}.items():
        present = frame[name].notna().to_numpy() if name in frame else np.array([False])
        if not present.any():
            continue
        parts.append(
            pd.DataFrame(
                {
                    "STUDYID": frame["STUDYID"][present], "RDOMAIN": spec.dataset, "USUBJID": frame["USUBJID"][present],
                    "IDVAR": sequence if numbered else None,
                    "IDVARVAL": frame.loc[present, sequence].astype("int64").astype("str") if numbered else None,
                    "QNAM": name, "QLABEL": variable.label, "QVAL": _text(frame.loc[present, name]),
                    "QORIG": variable.origin or "Collected", "QEVAL": variable.eval or None,
                }
            )
        )  # fmt: skip
    if not parts:
        return pd.DataFrame({name: pd.Series(dtype="str") for name in COLUMNS})
    every = pd.concat(parts, ignore_index=True)[COLUMNS].astype("str")
    keys = ["STUDYID", "RDOMAIN", "USUBJID", "IDVAR", "IDVARVAL", "QNAM"]
    return every.take(np.lexsort([order_codes(every[key]) for key in reversed(keys)])).reset_index(drop=True)


def _text(values: pd.Series) -> pd.Series:
    """Char as it is; whole numbers without a decimal point."""
    if values.dtype.kind != "f":
        return values.astype("str")
    return values.map(lambda n: f"{n:g}").astype("str")
