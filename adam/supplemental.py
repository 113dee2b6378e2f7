"""Supplemental qualifiers (SUPP--) as columns beside the records that they qualify."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from adam.inputs import spread, take


def take_supplemental(sdtm: Mapping[str, pd.DataFrame], domain: str, names: Sequence[str]) -> pd.DataFrame:
    """The values of some QNAMs of a domain, as text columns.

    Out: one row for each record that has one of them, with USUBJID, --SEQ (not for DM, whose qualifiers are the
    subject's) and the QNAMs in the order given; a QNAM that SUPP-- lacks is missing. Of one that stands twice the first
    counts.
    """
    seq = f"{domain}SEQ"
    supp = take(sdtm, f"SUPP{domain}", ["USUBJID", "IDVAR", "IDVARVAL", "QNAM", "QVAL"])
    supp = supp[supp["QNAM"].isin(list(names))]
    keys = ["USUBJID"]
    if domain != "DM":
        supp = supp[supp["IDVAR"] == seq]
        codes, numbers = pd.factorize(supp["IDVARVAL"])  # few, and each in many subjects
        values = pd.to_numeric(pd.Series(numbers), errors="coerce").to_numpy("float64")
        supp = supp.assign(**{seq: spread(codes, values, default=np.nan)})
        keys = ["USUBJID", seq]
    supp = supp.drop_duplicates([*keys, "QNAM"])
    wide = supp.set_index([*keys, "QNAM"])["QVAL"].unstack("QNAM")  # noqa: PD010 (nothing to aggregate)
    return wide.reindex(columns=list(names)).astype("str").rename_axis(columns=None).reset_index()


def with_supplemental(
    records: pd.DataFrame, sdtm: Mapping[str, pd.DataFrame], domain: str, names: Sequence[str]
) -> pd.DataFrame:
    """Records of a domain (USUBJID, --SEQ) with the QNAMs beside them; a column that they have already is kept."""
    wanted = [name for name in names if name not in records]
    keys = ["USUBJID"] if domain == "DM" else ["USUBJID", f"{domain}SEQ"]
    if records.empty:
        return records.assign(**{name: pd.Series(np.nan, index=records.index, dtype="str") for name in wanted})
    return records.merge(take_supplemental(sdtm, domain, wanted), on=keys, how="left", validate="m:1")
