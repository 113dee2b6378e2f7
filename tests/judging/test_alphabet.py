"""XPT beside other forms: what was transliterated on its way into XPT is no difference, anything else is."""

from __future__ import annotations

import pyarrow as pa
import pytest

from flows.comparing.alphabet import in_one_alphabet
from flows.datasets import Dataset, Variable


def dataset(texts):
    table = pa.table({"AETERM": pa.array(texts, pa.large_string()), "AESEQ": [float(n) for n in range(len(texts))]})
    return Dataset("AE", "Adverse Events", {"AETERM": Variable("text"), "AESEQ": Variable("number")}, table)


CASES = [
    # kinds, texts of the two, the texts compared, how many of them in ASCII; the cases of `in_one_alphabet`
    (("parquet", "json"), (["恶心"], ["EXin"]), (["恶心"], ["EXin"]), 0),
    (("xpt", "xpt"), (["恶心"], ["EXin"]), (["恶心"], ["EXin"]), 0),
    (("parquet", "xpt"), (["恶心", "5 μg"], ["恶心", "5 ug"]), (["恶心", "5 μg"], ["恶心", "5 ug"]), 0),
    (("parquet", "xpt"), (["恶心", None, "a"], ["EXin", None, "a"]), (["EXin", None, "a"], ["EXin", None, "a"]), 1),
    (("xpt", "ndjson"), (["5 mg"], ["5 μg"]), (["5 mg"], ["5 ug"]), 1),  # another dose stays one
    (("xpt", "parquet"), (["a"], ["a"]), (["a"], ["a"]), 0),
]


@pytest.mark.parametrize(("kinds", "texts", "compared", "count"), CASES)
def test_which_texts_are_compared(kinds, texts, compared, count):
    one, other = (dataset(given) for given in texts)
    base, new, in_ascii = in_one_alphabet((kinds[0], one), (kinds[1], other))
    assert (base.table["AETERM"].to_pylist(), new.table["AETERM"].to_pylist()) == compared
    assert in_ascii == count
    assert base.table["AESEQ"] == one.table["AESEQ"]
