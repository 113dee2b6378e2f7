"""Which raw record each SDTM record came from."""

from __future__ import annotations

import numpy as np
import pandas as pd

from specs import identity
from specs.mapping import SdtmDatasetSpec

PLACE = [
    identity.FORM, identity.FILE, identity.LINE, identity.RECORD, identity.SITE, identity.SUBJECT, identity.VISIT_NAME,
]  # fmt: skip


def derive_lineage(frame: pd.DataFrame, spec: SdtmDatasetSpec) -> pd.DataFrame:
    """USUBJID, --SEQ (float64, missing where the domain has none) and the raw record's identity; the order stays."""
    sequence = f"{spec.dataset}SEQ"
    numbers = frame[sequence] if sequence in frame else pd.Series(np.nan, index=frame.index)
    return pd.concat([frame[["USUBJID"]], numbers.astype("float64").rename(sequence), frame[PLACE]], axis=1)
