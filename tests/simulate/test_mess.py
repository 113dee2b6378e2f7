"""What is unusual in the export and no fault: it is there, on records that the answer key does not name."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.simulate.conftest import read_form, read_key

MARK = b"\xef\xbb\xbf"


def _goes_on(doses: pd.DataFrame) -> pd.Series:
    """Lines that end the day before a line with the same dose begins."""
    end, begin = (pd.to_datetime(doses[name]) for name in ("LNENDAT", "LNSTDAT"))
    after = pd.DataFrame({"Subject": doses["Subject"], "LNDOSE": doses["LNDOSE"], "day": begin})
    before = pd.DataFrame({"Subject": doses["Subject"], "LNDOSE": doses["LNDOSE"], "day": end + pd.Timedelta(days=1)})
    merged = before.reset_index().merge(after, on=["Subject", "LNDOSE", "day"])
    return doses.index.to_series().isin(merged["index"])


MESS = {
    "central laboratory": ("HEM", lambda r: r["LBNAM"] == "Central laboratory"),
    "dose in two lines": ("EXLEN", _goes_on),
    "panel not done": ("CHEM", lambda r: (r["ANALYTE"] == "") & (r["LBND"] == "Analyser out of order")),
    "infusion without an end": (
        "EXQL",
        lambda r: (r["QLYN_STD"] == "Y") & (r["QLSTTIM"] != "") & (r["QLENTIM"] == ""),
    ),
    "line break in an indication": ("CM", lambda r: r["CMINDC"].str.endswith(',\n"see letter"')),
    "line break in a term": ("MH", lambda r: r["MHTERM"].str.endswith(',\n"see letter"')),
    "sample clotted": ("HEM", lambda r: r["LBND"] == "Sample clotted"),
    "quotes": ("CM", lambda r: r["CMINDC"] == 'Pain, "burning", at night'),
}


def _rows(folder, kind) -> pd.DataFrame:
    form, seen = MESS[kind]
    rows = read_form(folder, form)
    return rows[seen(rows)]


@pytest.mark.parametrize("kind", MESS)
def test_it_is_there_and_not_in_the_key(dirty, kind):
    rows = _rows(dirty, kind)
    assert len(rows) > 0
    assert not set(rows["RecordId"]) & set(read_key(dirty)["record_id"])


@pytest.mark.parametrize("kind", MESS)
def test_a_clean_export_has_none(clean, kind):
    assert _rows(clean, kind).empty


def test_one_file_begins_with_a_byte_order_mark(dirty, clean):
    assert [p.name for p in dirty.iterdir() if p.read_bytes().startswith(MARK)] == ["V_QL1706_MH.csv"]
    assert not any(p.read_bytes().startswith(MARK) for p in clean.iterdir())


def test_samples_at_midnight_are_whole_pages_saved_later(dirty):
    rows = read_form(dirty, "HEM").query("LBTIM == '24:00'")
    page = read_form(dirty, "HEM").query("DataPageId in @rows['DataPageId'].tolist()")
    assert len(page) == len(rows)
    next_day = pd.to_datetime(rows["LBDAT"]) + pd.Timedelta(days=1)
    assert (pd.to_datetime(rows["SaveTs"]) > next_day).all()


def test_a_panel_that_was_not_done_is_one_line_of_its_page(dirty):
    rows = _rows(dirty, "panel not done")
    page = read_form(dirty, "CHEM").query("DataPageId in @rows['DataPageId'].tolist()")
    assert len(page) == len(rows)


def test_the_central_laboratory_repeats_a_local_result(dirty):
    rows = read_form(dirty, "HEM")
    central = rows[rows["LBNAM"] == "Central laboratory"]
    local = rows[rows["LBNAM"] != "Central laboratory"]
    both = central.merge(local, on=["DataPageId", "ANALYTE"], suffixes=("", "_LOCAL"))
    assert len(both) == len(central)
    for column in ("LBDAT_RAW", "LBTIM", "LBORRESU", "LBORNRLO"):
        assert (both[column] == both[column + "_LOCAL"]).all(), column
    assert (both["LBORRES"] != both["LBORRES_LOCAL"]).any()
    assert (both["recordposition"].astype(int) > both["recordposition_LOCAL"].astype(int)).all()
