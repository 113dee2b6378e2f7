"""--SEQ: the same numbers whatever the order of the rows."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sdtm.distinct import order_codes
from sdtm.rule import MAP
from sdtm.sequence import put_in_order
from specs import identity
from tests.tables import table

ROWS = """
 USUBJID | AEDECOD | AESTDTC    | record | SEQ
 S1      | Cough   | 2025-03-01 | 10     | 1
 S1      | Cough   | 2025-03-02 | 5      | 2
 S1      | Cough   |            | 1      | 3      # a missing key comes last
 S1      | Rash    | 2025-03-01 | 9      | 4      # equal keys: the record id decides, 9 before 10
 S1      | Rash    | 2025-03-01 | 10     | 5
 S1      |         | 2025-01-01 | 2      | 6
 S2      | Cough   | 2025-03-01 | 3      | 1      # each subject from 1
"""


def test_sequence_numbers_follow_the_keys_then_the_record(study):
    rows = table(ROWS, numbers=("SEQ",))
    frame = rows.rename(columns={"record": identity.RECORD}).assign(
        STUDYID="X", AEGRPID=pd.Series(index=rows.index, dtype="str"), _FORM="AE", _POSITION="1", _MAP=0
    )
    assert MAP in frame
    for seed in range(5):
        shuffled = frame.sample(frac=1, random_state=seed)
        ordered = put_in_order(shuffled, study.sdtm["AE"])
        assert ordered[identity.RECORD].tolist() == rows["record"].tolist()
        assert ordered["AESEQ"].tolist() == rows["SEQ"].tolist()


def test_order_codes_sort_as_values_do_with_missing_last():
    assert order_codes(pd.Series(["b", None, "a", "b"], dtype="str")).tolist() == [1, 2, 0, 1]
    assert order_codes(pd.Series([2.5, np.nan, -1.0])).tolist() == [1, 2, 0]
    assert order_codes(pd.Series([], dtype="str")).tolist() == []
