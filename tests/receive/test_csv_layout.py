"""A CSV export of another company, read by its declared layout alone."""

from __future__ import annotations

import pytest

from flows.receive.tabular import csv_blocks
from specs.errors import InputError, SpecError, UsageError
from specs.identity import LINE, RECORD
from tests.receive.tables import ACME, AE, FILES, VS


def rows(frame, *columns):
    return list(zip(*(frame[c] for c in columns), strict=True))


def test_every_field_is_read_from_its_declared_column(tables):
    read = tables.read()

    ae = read.forms["AE"]
    assert rows(ae, RECORD, "_SUBJECT", "_SITE", "_FOLDER", "_POSITION", "_INSTANCE", LINE) == [
        ("00101/1", "00101", "01", "SCRN", "1", "0", 2),
        ("00101/3", "00101", "01", "Unplanned", "3", "0", 5),
    ]
    assert rows(ae, "AETERM", "AESER", "AESER_DEC", "AEOUT", "AEOUT_DEC", "AESTDAT", "AETIM") == [
        ("皮疹, mild", "Y", "Yes", "1", "Recovered", "2025-03-10", ""),
        ("NA", "Maybe", "Maybe", "30", "30", "2025---03", ""),
    ]
    assert rows(read.forms["VS"], "WEIGHT", "WEIGHT_UN") == [("001", "kg")]
    assert rows(read.forms["SUBJ"], RECORD, "_FOLDER", "PREVSUBJ") == [("00101", "SCRN", "")]
    assert read.snapshot == "2025-05-01T10:00:00"
    assert sorted(read.files) == sorted(FILES)


def test_what_is_declared_gives_no_finding_of_its_own(tables):
    found = tables.read().findings

    # the inactive line, its gap, the text without a code
    assert set(found["code"]) == {"RAW-103", "RAW-107", "RAW-108"}


def test_an_undeclared_column_and_a_strange_file_are_said(tables):
    tables.change(VS, "weight_unit\n", "weight_unit;waist\n")
    tables.change(VS, ";kg\n", ";kg;80\n")
    (tables.folder / "ACME_pk_1.txt").write_text("a;b\n")
    (tables.folder / "readme.md").write_text("hello")
    found = tables.read().findings

    said = sorted(zip(found["code"], found["form"], found["value"], strict=True))
    assert [s for s in said if s[0] in ("RAW-101", "RAW-102", "RAW-104")] == [
        ("RAW-101", "PK", "PK"), ("RAW-102", "VS", "waist"), ("RAW-104", "", "readme.md"),
    ]  # fmt: skip


@pytest.mark.parametrize("size", [7, 16, 50, 1 << 20])
def test_blocks_of_any_size_give_the_same_records(tables, monkeypatch, size):
    """Cuts fall within characters, quoted line breaks and lines."""
    monkeypatch.setattr(csv_blocks, "BLOCK_BYTES", size)
    monkeypatch.setattr(csv_blocks.read_blocks, "__kwdefaults__", {"size": size})
    more = 'M;00101;01;Unplanned;4;;current;"a ""b"";\n\nc";;;;;\n\n'
    tables.change(AE, "M;00101;01;Unplanned;3", more + "M;00101;01;Unplanned;3")
    ae = tables.read().forms["AE"]

    assert rows(ae, RECORD, "AETERM", LINE) == [
        ("00101/1", "皮疹, mild", 2), ("00101/4", 'a "b";\n\nc', 5), ("00101/3", "NA", 9),
    ]  # fmt: skip


def gbk_as_utf_8(t):
    t.redeclare(encoding="utf-8")


def cut_in_a_line(t):
    raw = (t.folder / AE).read_bytes()
    (t.folder / AE).write_bytes(raw[: raw.rindex(b"2025")])


def drop_column(t):
    t.change(AE, ";outcome_no;", ";outcome_nr;")


BROKEN = {
    # name: (what is done to the sound export, code, place, words of the problem)
    "file missing": (lambda t: (t.folder / AE).unlink(), "INPUT-009", "ACME_ae_*.txt", ["form AE (Adverse events)"]),
    "file twice": (
        lambda t: (t.folder / "acme_AE_2.txt").write_text("x"), "INPUT-008", f"{AE}, acme_AE_2.txt", ["2 times"],
    ),
    "empty": (lambda t: (t.folder / AE).write_bytes(b""), "INPUT-011", AE, ["empty"]),
    "wrong encoding": (gbk_as_utf_8, "INPUT-012", AE, ["not valid utf-8", "line 2", "gbk", "layout"]),
    "zero bytes": (lambda t: t.change(AE, "mild", "m\0ld"), "INPUT-012", AE, ["zero bytes", "Line 2"]),
    "commas": (lambda t: t.change(AE, ";", ","), "INPUT-014", AE, ["by a comma", "declares a semicolon"]),
    "tabs": (lambda t: t.change(AE, ";", "\t"), "INPUT-014", AE, ["by a tab", "declares a semicolon"]),
    "no header": (lambda t: t.change(AE, FILES[AE].splitlines()[0] + "\n", ""), "INPUT-015", AE, ["no header"]),
    "column missing": (drop_column, "INPUT-010", AE, ["outcome_no", "did you mean 'outcome_nr'?"]),
    "identity column missing": (lambda t: t.change(AE, "PATNO", "PATIENT"), "INPUT-010", AE, ["PATNO"]),
    "column twice": (lambda t: t.change(AE, ";comment", ";aeser"), "INPUT-017", AE, ["aeser twice"]),
    "a cell too many": (lambda t: t.change(AE, "NA;;", "NA;;;"), "INPUT-018", AE, ["line 5", "13 cells", "14"]),
    "cut in a line": (cut_in_a_line, "INPUT-041", AE, ["line, 5,", "last_line_ends"]),
    "open quote": (lambda t: t.change(AE, 'dry"', "dry"), "INPUT-019", AE, ["line 3", "never closed"]),
    "no record": (
        lambda t: (t.folder / VS).write_text(FILES[VS].splitlines()[0] + "\n") and t.change(AE, "00101;01", ";01"),
        "INPUT-020", AE, ["3 records", "subject number"],
    ),
    "no rows": (
        lambda t: (t.folder / AE).write_text(FILES[AE].splitlines()[0] + "\n"), "INPUT-044", AE, ["may_be_empty"],
    ),
    "strange state": (lambda t: t.change(AE, "removed", "gone"), "INPUT-021", AE, ["'gone'", "words"]),
    "text lost": (
        lambda t: (t.redeclare(encoding="utf-8"), (t.folder / AE).write_text(FILES[AE].replace("皮", "\ufffd"))),
        "INPUT-013", AE, ["U+FFFD", "line 2"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("break_it", "code", "place", "words"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_file_is_refused_with_words_that_teach(tables, break_it, code, place, words):
    break_it(tables)
    problems = tables.refused(InputError)

    assert f"{code} {place}" in problems
    text = problems[f"{code} {place}"]
    assert [word for word in words if word not in text] == []
    assert "Next: " in text


def test_a_piece_of_an_optional_text_is_not_lost_with_the_other(tables):
    tables.declare(ACME.replace("AETERM: {", "AETIM: {typed: [tim_1, tim_2]}\n      AETERM: {"))
    assert rows(tables.read().forms["AE"], "AETIM") == [("",), ("",)]

    tables.change(AE, ";comment", ";tim_1")
    assert list(tables.refused(InputError)) == [f"INPUT-010 {AE}"]


def test_a_declared_end_mark_must_be_there(tables):
    tables.redeclare(end_mark="#END")
    assert "INPUT-016 patients.txt" in tables.refused(InputError)

    for name in FILES:
        with (tables.folder / name).open("ab") as file:
            file.write(b"#END\n")
    assert rows(tables.read().forms["AE"], RECORD) == [("00101/1",), ("00101/3",)]


def test_a_format_without_a_layout_is_refused(tables):
    (problem,) = tables.refused(UsageError, "parquet").values()

    assert "declares no layout of parquet files" in problem
    assert "acme" in problem


REFUSED_LAYOUTS = {
    "unknown key": ({"delimeter": ","}, "did you mean 'delimiter'?"),
    "unknown form": ({"forms": {"AEE": {}}}, "did you mean 'AE'?"),
    "unknown field": ({"forms": {"AE": {"columns": {"AETRM": {"typed": "x"}}}}}, "did you mean 'AETERM'"),
    "unknown placeholder": ({"files": "{from}.csv"}, "did you mean 'form'"),
    "no form in the file name": ({"files": "all.csv"}, "needs {form}"),
    "unknown encoding": ({"encoding": "utf8-sgi"}, "There is no encoding"),
    "key of another container": ({"version": 8}, "`version` is for xpt"),
    "key of another kind": ({"columns": {"text": {"typed": "x", "code": "x"}}}, "`code` does not fit a text field"),
    "no unit column": ({"columns": {"number": {"typed": "{field}"}}}, "in which column they stand"),
    "one column for two fields": (
        {"forms": {"AE": {"columns": {"AETERM": {"typed": "aeser"}}}}}, "said to stand in column aeser",
    ),
    "identity without a source": (
        {"identity": {"record": {"joint": "-"}, "subject": "S", "site": "C", "folder": "E"}}, "either `columns` or",
    ),
    "no record id": ({"identity": {"subject": "S", "site": "C", "folder": "E"}}, "identity.record"),
}  # fmt: skip


@pytest.mark.parametrize(("keys", "says"), REFUSED_LAYOUTS.values(), ids=REFUSED_LAYOUTS.keys())
def test_a_layout_with_a_fault_is_refused_before_any_data_is_read(tables, keys, says):
    with pytest.raises(SpecError) as caught:
        tables.redeclare(**keys)

    assert says in str(caught.value)


def test_names_too_long_for_a_transport_file_are_refused(tables):
    with pytest.raises(SpecError, match="SAS XPORT v5 names have 8"):
        tables.declare(ACME.replace("csv", "xpt").replace('delimiter: ";"\n', ""), "sas")


def test_the_layout_that_the_most_file_names_fit_is_taken(tables):
    tables.declare(ACME.replace("ACME_{form_lower}_*.txt", "other_{form}.txt"), "another")

    assert len(tables.read().forms["AE"]) == 2
