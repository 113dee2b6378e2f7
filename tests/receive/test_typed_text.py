"""Numbers, dates and times of typed files as text: no noise, nothing lost."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from flows.receive.tabular.as_text import NoTextError, arrow_text
from flows.receive.tabular.sas_formats import sas_text

ARROW = [
    # type, value, text
    (pa.string(), " 001 ", " 001 "),
    (pa.dictionary(pa.int8(), pa.string()), "001", "001"),
    (pa.binary(), "恶心".encode(), "恶心"),
    (pa.bool_(), True, "1"),
    (pa.bool_(), False, "0"),
    (pa.int64(), 30_000_001, "30000001"),
    (pa.float64(), 5.0, "5"),
    (pa.float64(), 0.1, "0.1"),
    (pa.float64(), 0.1 + 0.2, "0.30000000000000004"),
    (pa.float64(), 1e-7, "0.0000001"),
    (pa.float64(), 1e22, "10000000000000000000000"),
    (pa.float64(), -0.5, "-0.5"),
    (pa.float64(), 100.0, "100"),
    (pa.float64(), float("nan"), ""),
    (pa.float32(), 0.1, "0.1"),
    (pa.decimal128(9, 3), Decimal("5.000"), "5"),
    (pa.decimal128(9, 3), Decimal("100.250"), "100.25"),
    (pa.date32(), date(2025, 3, 1), "2025-03-01"),
    (pa.date64(), date(2025, 3, 1), "2025-03-01"),
    (pa.timestamp("ns"), datetime(2025, 3, 1, 9, 24, 50, tzinfo=UTC), "2025-03-01T09:24:50"),
    (pa.timestamp("us"), datetime(2025, 3, 1, 9, 24, 50, 500000, tzinfo=UTC), "2025-03-01T09:24:50.5"),
    (pa.timestamp("s", "Asia/Shanghai"), datetime(2025, 3, 1, 20, tzinfo=UTC), "2025-03-02T04:00:00"),
    (pa.time32("s"), time(9, 24, 50), "09:24:50"),
    (pa.null(), None, ""),
    (pa.string(), None, ""),
    (pa.int64(), None, ""),
    (pa.date32(), None, ""),
]


@pytest.mark.parametrize(("kind", "value", "text"), ARROW, ids=str)
def test_a_typed_value_is_shown_as(kind, value, text):
    column = pa.array([value, None], kind) if value is not None else pa.array([None, None], kind)

    assert arrow_text(column).to_pylist() == [text, ""]


def test_a_list_is_no_text():
    with pytest.raises(NoTextError, match="list"):
        arrow_text(pa.array([["a"]]))


SAS = [
    # SAS format, number, text; SAS day 0 is 1960-01-01
    ("", 5.0, "5"),
    ("BEST12.", 0.1, "0.1"),
    ("8.2", 70.0, "70"),
    ("Z5.", 101.0, "00101"),
    ("Z5", 101.0, "00101"),
    ("DATE9.", 0.0, "1960-01-01"),
    ("DATE9", 23801.0, "2025-03-01"),
    ("YYMMDD10.", 23801.0, "2025-03-01"),
    ("E8601DA10.", 23801.0, "2025-03-01"),
    ("DATE9.", -36889.0, "1859-01-01"),
    ("DATETIME22.3", 23801.0 * 86400 + 33892, "2025-03-01T09:24:52"),
    ("E8601DT19.", 23801.0 * 86400, "2025-03-01T00:00:00"),
    ("TIME5.", 33840.0, "09:24"),
    ("TIME5.", 33892.0, "09:24:52"),
    ("TIME8.", 33840.0, "09:24:00"),
    ("TIME8.", 86400.0, "24:00:00"),
    ("HHMM5.", 33840.0, "09:24"),
    ("DATE9.", np.nan, ""),
    ("TIME8.", np.nan, ""),
    ("Z5.", np.nan, ""),
]


@pytest.mark.parametrize(("sas_format", "number", "text"), SAS, ids=str)
def test_a_sas_number_is_shown_by_its_format(sas_format, number, text):
    assert sas_text(np.array([number, np.nan]), sas_format).to_pylist() == [text, ""]
