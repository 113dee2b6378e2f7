"""SAS transport, SAS7BDAT and Parquet folders of the mini study: the same records from each, and each broken way.

The SAS7BDAT files are ReadStat's, not SAS's (tests/receive/sas7bdat_writer.py). The transport files are this project's
own; pyreadstat reads both.
"""

from __future__ import annotations

from datetime import datetime

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat
import pytest

from flows.receive.tabular import parquet_files, sas_files
from specs.errors import InputError
from specs.identity import LINE, RECORD, SUBJECT
from tests.receive.sas7bdat_writer import write_sas7bcat, write_sas7bdat
from tests.receive.tables import FILES

LAYOUT = """\
container: {container}
label: typed
files: "{{form}}.{container}"
may_be_empty: [SUBJ]
identity:
  record: RECID
  subject: SUBJID
  site: SITEID
  folder: {{constant: SCRN}}
  position: LINENO
  saved: SAVEDTM
columns:
  coded: {{code: "{{field:.7}}C", decode: "{{field}}"}}
  date: {{typed: "{{field}}", value: "{{field:.7}}N"}}
  number: {{typed: "{{field}}", unit: "{{field:.7}}U"}}
{more}"""
# name, bytes of a Char column, SAS format
WHO = [("RECID", 0, ""), ("SUBJID", 5, ""), ("SITEID", 0, "Z2"), ("LINENO", 0, ""), ("SAVEDTM", 0, "DATETIME22")]
COLUMNS = {
    "SUBJ": [*WHO, ("PREVSUBJ", 5, "")],
    "AE": [
        *WHO, ("AETERM", 40, ""), ("AESERC", 1, ""), ("AESER", 3, ""), ("AEOUTC", 0, ""), ("AEOUT", 9, ""),
        ("AESTDAT", 11, ""), ("AESTDATN", 0, "DATE9"), ("AETIM", 0, "TIME5"),
    ],
    "VS": [*WHO, ("WEIGHT", 0, ""), ("WEIGHTU", 2, "")],
}  # fmt: skip
SAVED = 2_056_093_200.0  # 2025-02-25T09:00:00
ROWS = {
    "SUBJ": [(1.0, "00101", 1.0, 0.0, SAVED, "")],
    "AE": [
        (11.0, "00101", 1.0, 1.0, SAVED, " 恶心 and, \nvomiting", "Y", "Yes", 1.0, "Recovered",
         "10 MAR 2025", 23810.0, 33900.0),
        (12.0, "00101", 1.0, 2.0, SAVED, "Rash", "", "", None, "", "UN MAR 2025", None, None),
    ],
    "VS": [(21.0, "00101", 1.0, 0.0, SAVED, 70.1, "kg")],
}  # fmt: skip
DAY_0 = datetime(1960, 1, 1)  # noqa: DTZ001  # SAS has no zones
CONTAINERS = ["xpt", "sas7bdat", "parquet"]


def _frame(form: str) -> pd.DataFrame:
    return pd.DataFrame(ROWS[form], columns=[name for name, _, _ in COLUMNS[form]])


def _write_xpt(path, form):
    formats = {name: sas_format for name, _, sas_format in COLUMNS[form] if sas_format}
    pyreadstat.write_xport(_frame(form), path, variable_format=formats, file_format_version=5)


def _write_parquet(path, form):
    columns = {}
    for name, _, sas_format in COLUMNS[form]:
        values = _frame(form)[name].astype(object).where(_frame(form)[name].notna(), None).tolist()
        if sas_format == "DATE9":
            days = [None if v is None else int(v) - 3653 for v in values]
            columns[name] = pa.array(days, pa.int32()).cast(pa.date32())
        elif sas_format == "DATETIME22":
            columns[name] = pa.array([DAY_0 + pd.Timedelta(seconds=v) for v in values], pa.timestamp("ms"))
        elif sas_format == "TIME5":
            columns[name] = pa.array([None if v is None else "09:25" for v in values])
        elif sas_format == "Z2":
            columns[name] = pa.array([f"{int(v):02}" for v in values]).dictionary_encode()
        else:
            columns[name] = pa.array(values)
    pq.write_table(pa.table(columns), path)


WRITE = {
    "xpt": _write_xpt,
    "parquet": _write_parquet,
    "sas7bdat": lambda path, form: write_sas7bdat(path, COLUMNS[form], ROWS[form]),
}


@pytest.fixture
def typed(tables):
    """Makes the folder in a container."""

    def make(container: str, more: str = ""):
        for name in FILES:
            (tables.folder / name).unlink(missing_ok=True)
        (tables.study_folder / "layouts" / "acme.yaml").unlink(missing_ok=True)
        tables.declare(LAYOUT.format(container=container, more=more), container)
        for form in COLUMNS:
            WRITE[container](tables.folder / f"{form}.{container}", form)
        return tables

    return make


def rows(frame, *columns):
    return list(zip(*(frame[c] for c in columns), strict=True))


@pytest.mark.parametrize("rows_at_once", [1, 2, 1000])
@pytest.mark.parametrize("container", CONTAINERS)
def test_every_container_gives_the_same_records(typed, monkeypatch, container, rows_at_once):
    monkeypatch.setattr(sas_files, "ROWS_AT_ONCE", rows_at_once)
    monkeypatch.setattr(parquet_files, "ROWS_AT_ONCE", rows_at_once)
    read = typed(container).read()

    ae = read.forms["AE"]
    assert rows(ae, RECORD, SUBJECT, "_SITE", "_FOLDER", "_POSITION", "_SAVED", LINE) == [
        ("11", "00101", "01", "SCRN", "1", "2025-02-25T09:00:00", 2),
        ("12", "00101", "01", "SCRN", "2", "2025-02-25T09:00:00", 3),
    ]
    assert rows(ae, "AETERM", "AESER", "AESER_DEC", "AEOUT", "AEOUT_DEC", "AESTDAT", "AETIM") == [
        (" 恶心 and, \nvomiting", "Y", "Yes", "1", "Recovered", "10 MAR 2025", "09:25"),
        ("Rash", "", "", "", "", "UN MAR 2025", ""),
    ]
    assert rows(read.forms["VS"], "WEIGHT", "WEIGHT_UN") == [("70.1", "kg")]
    assert read.findings[["code", "value"]].to_dict("records") == []


@pytest.mark.parametrize("container", CONTAINERS)
def test_a_typed_date_that_differs_from_the_text_is_found(typed, monkeypatch, container):
    shifted = [(*ROWS["AE"][0][:11], 23809.0, 33900.0), ROWS["AE"][1]]
    monkeypatch.setitem(ROWS, "AE", shifted)
    found = typed(container).read().findings

    assert rows(found, "code", "record_id", "field", "value") == [("RAW-105", "11", "AESTDAT", "2025-03-09")]


def test_a_typed_date_alone_gives_its_iso_text(typed):
    study_keys = "forms: {AE: {columns: {AESTDAT: {typed: AESTDATN, value: null}}, ignored: [AESTDAT]}}\n"

    assert rows(typed("sas7bdat", study_keys).read().forms["AE"], "AESTDAT") == [("2025-03-10",), ("",)]


def test_a_catalogue_gives_the_texts_of_codes(typed, monkeypatch):
    coded = [("AEOUTC", 0, "OUTCOME") if c[0] == "AEOUTC" else c for c in COLUMNS["AE"]]
    monkeypatch.setitem(COLUMNS, "AE", coded)
    more = (
        "catalogue: formats.sas7bcat\nforms: {AE: {columns: {AEOUT: {labels: true, decode: null}}, ignored: [AEOUT]}}\n"
    )
    tables = typed("sas7bdat", more)
    assert "INPUT-009 formats.sas7bcat" in tables.refused(InputError)

    write_sas7bcat(tables.folder / "formats.sas7bcat", {"OUTCOME": {1.0: "Recovered", 2.0: "Fatal"}})
    read = tables.read()
    assert rows(read.forms["AE"], "AEOUT", "AEOUT_DEC") == [("1", "Recovered"), ("", "")]
    assert read.findings.empty

    write_sas7bcat(tables.folder / "formats.sas7bcat", {"YESNO": {1.0: "Yes"}})
    assert "no value labels for column AEOUTC" in tables.refused(InputError)["INPUT-010 AE.sas7bdat"]


def cut(share):
    def cut_file(path):
        raw = path.read_bytes()
        path.write_bytes(raw[: int(len(raw) * share)])

    return cut_file


def cut_a_record(path):
    path.write_bytes(path.read_bytes()[:-80])


def cut_in_the_head(path):
    path.write_bytes(path.read_bytes()[: 80 * 9])


def other_kind(path):
    path.write_bytes(b"PK\3\4" + b"x" * 2000)


BROKEN = {
    # name: (container, what is done to AE's file, code, words)
    "xpt empty": ("xpt", lambda p: p.write_bytes(b""), "INPUT-011", ["empty"]),
    "xpt cut anywhere": ("xpt", cut(0.97), "INPUT-042", ["whole records of 80"]),
    "xpt cut at 80 bytes": ("xpt", cut_a_record, "INPUT-042", ["within a record"]),
    "xpt cut in the head": ("xpt", cut_in_the_head, "INPUT-042", ["head"]),
    "xpt of another kind": ("xpt", other_kind, "INPUT-043", ["does not begin"]),
    "sas7bdat empty": ("sas7bdat", lambda p: p.write_bytes(b""), "INPUT-011", ["empty"]),
    "sas7bdat cut": ("sas7bdat", cut(0.6), "INPUT-043", ["no readable SAS7BDAT"]),
    "sas7bdat of another kind": ("sas7bdat", other_kind, "INPUT-043", ["no readable SAS7BDAT"]),
    "parquet empty": ("parquet", lambda p: p.write_bytes(b""), "INPUT-011", ["empty"]),
    "parquet cut": ("parquet", cut(0.6), "INPUT-042", ["footer"]),
    "parquet of another kind": ("parquet", other_kind, "INPUT-043", ["no readable Parquet"]),
    "parquet damaged": (
        "parquet", lambda p: p.write_bytes(p.read_bytes()[:4] + b"\xff" * 200 + p.read_bytes()[204:]), "INPUT-043",
        ["no readable Parquet"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("container", "break_it", "code", "words"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_file_is_refused_with_words_that_teach(typed, container, break_it, code, words):
    tables = typed(container)
    break_it(tables.folder / f"AE.{container}")
    problems = tables.refused(InputError)

    text = problems[f"{code} AE.{container}"]
    assert [word for word in words if word not in text] == []
    assert "Next: " in text


@pytest.mark.parametrize("container", CONTAINERS)
def test_a_missing_column_is_refused(typed, monkeypatch, container):
    monkeypatch.setitem(COLUMNS, "AE", [("AETRM", *c[1:]) if c[0] == "AETERM" else c for c in COLUMNS["AE"]])
    problems = typed(container).refused(InputError)

    assert "did you mean 'AETRM'" in problems[f"INPUT-010 AE.{container}"]


def test_a_list_column_is_refused(typed):
    tables = typed("parquet")
    table = pq.read_table(tables.folder / "AE.parquet").drop(["AETERM"])
    pq.write_table(table.append_column("AETERM", pa.array([["a"], ["b"]])), tables.folder / "AE.parquet")

    assert "single value" in tables.refused(InputError)["INPUT-045 AE.parquet"]


def test_no_rows_are_refused_unless_declared(typed):
    tables = typed("parquet")
    pq.write_table(pq.read_table(tables.folder / "AE.parquet").slice(0, 0), tables.folder / "AE.parquet")
    assert "may_be_empty" in tables.refused(InputError)["INPUT-044 AE.parquet"]

    tables.declare(LAYOUT.format(container="parquet", more="").replace("[SUBJ]", "[SUBJ, AE]"), "parquet")
    assert len(tables.read().forms["AE"]) == 0


def test_text_of_a_declared_encoding_is_read(typed, tables):
    typed("xpt")
    path = tables.folder / "AE.xpt"
    utf_8 = "恶心".encode()
    path.write_bytes(path.read_bytes().replace(utf_8, "恶心".encode("gbk").ljust(len(utf_8))))
    assert "encoding" in next(iter(tables.refused(InputError).values()))

    tables.declare(LAYOUT.format(container="xpt", more="encoding: gbk\n"), "xpt")
    assert tables.read().forms["AE"]["AETERM"][0].startswith(" 恶心")


def test_a_link_out_of_the_folder_is_refused(typed):
    tables = typed("xpt")
    path = tables.folder / "AE.xpt"
    path.rename(tables.folder.parent / "AE.xpt")
    path.symlink_to(tables.folder.parent / "AE.xpt")

    assert list(tables.refused(InputError)) == ["INPUT-005 AE.xpt"]


def test_sas_names_in_small_letters_are_the_same_names(typed):
    tables = typed("xpt")
    path = tables.folder / "VS.xpt"
    path.write_bytes(path.read_bytes().replace(b"WEIGHT  ", b"weight  "))

    assert rows(tables.read().forms["VS"], "WEIGHT") == [("70.1",)]
