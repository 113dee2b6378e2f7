"""Exports that are structurally broken: each ends with its exception, all problems at once, words that teach."""

import os
import shutil

import pytest

from flows.receive import read_export
from specs.errors import GateError, InputError
from tests.receive.mini import FORMS, GOOD_AE, START, line


def change(path, old, new, count=-1):
    """Replace bytes in a file; the old ones must be there."""
    raw = path.read_bytes()
    assert old in raw
    path.write_bytes(raw.replace(old, new, count))


def cut_at(share):
    def cut(mini):
        raw = mini.file("AE").read_bytes()
        mini.file("AE").write_bytes(raw[: int(len(raw) * share)])

    return cut


def cut_within_a_quote(mini):
    change(mini.file("AE"), b"Cough", b'"Cough, dry"')
    raw = mini.file("AE").read_bytes()
    mini.file("AE").write_bytes(raw[: raw.index(b", dry")])


def utf_16(mini):
    mini.file("AE").write_text(mini.file("AE").read_text(), encoding="utf-16")


def utf_16_without_mark(mini):
    mini.file("AE").write_text(mini.file("AE").read_text(), encoding="utf-16-le")


def gbk(mini):
    text = mini.file("AE").read_text().replace("Cough", "咳嗽")
    mini.file("AE").write_bytes(text.encode("gbk"))


def latin_1(mini):
    text = mini.file("AE").read_text().replace("Cough", "Übelkeit")
    mini.file("AE").write_bytes(text.encode("latin-1"))


def gbk_read_as_utf_8(mini):
    text = mini.file("AE").read_text().replace("Cough", "咳嗽")
    mini.file("AE").write_text(text.encode("gbk").decode("utf-8", "replace"))


def remove_header_line(mini):
    lines = mini.file("AE").read_bytes().split(b"\n")
    mini.file("AE").write_bytes(b"\n".join(lines[1:]))


def link_out(mini):
    shutil.move(mini.file("AE"), mini.folder.parent / "elsewhere.csv")
    mini.file("AE").symlink_to(mini.folder.parent / "elsewhere.csv")


def lines_of(*records):
    return "\n".join(records).encode()


AE = "V_MINI_AE.csv"
BROKEN = {
    # name: (what is done to the sound export, code, place, words of the problem)
    "form file missing": (
        lambda m: m.file("AE").unlink(), "INPUT-009", AE, ["form AE (Adverse events)", "optional: true"],
    ),
    "form file misnamed": (
        lambda m: m.file("AE").rename(m.folder / "V_MINI_EA.csv"), "INPUT-009", AE, ["did you mean 'V_MINI_EA.csv'?"],
    ),
    "form twice, other case": (
        lambda m: shutil.copy(m.file("AE"), m.folder / "V_MINI_ae.csv"), "INPUT-008", f"{AE}, V_MINI_ae.csv", ["twice"],
    ),
    "file empty": (lambda m: m.file("AE").write_bytes(b""), "INPUT-011", AE, ["empty"]),
    "file of blank lines": (lambda m: m.file("AE").write_bytes(b"\n\n"), "INPUT-011", AE, ["empty"]),
    "last line missing": (lambda m: change(m.file("AE"), b"EOF\n", b""), "INPUT-016", AE, ["EOF", "after line 4"]),
    "cut in the first line": (cut_at(0.2), "INPUT-016", AE, ["EOF", "after line 1"]),
    "cut in the middle": (cut_at(0.75), "INPUT-016", AE, ["EOF", "cut off"]),
    "cut within a quote": (cut_within_a_quote, "INPUT-016", AE, ["EOF", "after line 3"]),
    "something after the last line": (
        lambda m: change(m.file("AE"), b"EOF\n", b"EOF\nmore\n"), "INPUT-016", AE, ["EOF"],
    ),
    "end mark in the middle": (
        lambda m: change(m.file("AE"), b"EOF\n", b"EOF\n" + m.file("AE").read_bytes()), "INPUT-018", AE, ["line 5"],
    ),
    "semicolons": (lambda m: change(m.file("AE"), b",", b";"), "INPUT-014", AE, ["semicolon"]),
    "tabs": (lambda m: change(m.file("AE"), b",", b"\t"), "INPUT-014", AE, ["tab"]),
    "bars": (lambda m: change(m.file("AE"), b",", b"|"), "INPUT-014", AE, ["vertical bar"]),
    "header line missing": (remove_header_line, "INPUT-015", AE, ["no header"]),
    "UTF-16": (utf_16, "INPUT-012", AE, ["UTF-16"]),
    "UTF-16 without its mark": (utf_16_without_mark, "INPUT-012", AE, ["UTF-16"]),
    "GBK": (gbk, "INPUT-012", AE, ["not valid UTF-8", "line 3", "GBK"]),
    "Latin-1": (latin_1, "INPUT-012", AE, ["not valid UTF-8", "line 3", "Latin-1"]),
    "GBK read as UTF-8": (gbk_read_as_utf_8, "INPUT-013", AE, ["U+FFFD", "line 3"]),
    "zero bytes": (lambda m: change(m.file("AE"), b"Cough", b"\0\0\0\0\0"), "INPUT-012", AE, ["zero bytes", "Line 3"]),
    "a cell too many": (
        lambda m: change(m.file("AE"), b"Cough", b"Cough, dry"), "INPUT-018", AE, ["line 3", "41", "40 cells"],
    ),
    "a cell too few": (lambda m: change(m.file("AE"), b"Cough,", b"Cough"), "INPUT-018", AE, ["line 3", "39"]),
    "a cell too many after a quoted line break": (
        lambda m: (change(m.file("AE"), b"Rash", b'"Rash\n"'), change(m.file("AE"), b"Cough", b"Cough, dry")),
        "INPUT-018", AE, ["line 4"],
    ),
    "a quote never closed": (
        lambda m: change(m.file("AE"), b"Cough", b'"Cough'), "INPUT-019", AE, ["begins on line 3", "never closed"],
    ),
    "header column missing": (
        lambda m: change(m.file("AE"), b"RecordId", b"RecordID"),
        "INPUT-010", AE, ["Column RecordId", "did you mean 'RecordID'"],
    ),
    "code column missing": (
        lambda m: change(m.file("AE"), b"AESER_STD", b"AESER_CD"), "INPUT-010", AE, ["Column AESER_STD", "AESER_CD"],
    ),
    "date as typed missing": (
        lambda m: change(m.file("AE"), b"AESTDAT_RAW", b"AESTDAT_ROW"), "INPUT-010", AE, ["Column AESTDAT_RAW"],
    ),
    "unit missing": (
        lambda m: change(m.file("VS"), b"WEIGHT_UN", b"WEIGHT_XX"), "INPUT-010", "V_MINI_VS.csv", ["Column WEIGHT_UN"],
    ),
    "column twice": (lambda m: change(m.file("AE"), b"AESTDAT_DD", b"AETERM"), "INPUT-017", AE, ["AETERM twice"]),
    "record without an id": (
        lambda m: change(m.file("AE"), b",12,2,", b",,2,"), "INPUT-020", AE, ["RecordId", "line 3"],
    ),
    "strange word for active": (lambda m: change(m.file("AE"), b",12,2,1,", b",12,2,X,"), "INPUT-021", AE, ["'X'"]),
    "link out of the folder": (link_out, "INPUT-005", AE, ["leads out"]),
    "no subject": (
        lambda m: m.write(lambda f: f.update(SUBJ=[])), "INPUT-022", "V_MINI_SUBJ.csv", ["no subject", "0 record"],
    ),
    "test subjects only": (
        lambda m: m.write(lambda f: f.update(SUBJ=[line(1, "99001", "", site="99")])),
        "INPUT-022", "V_MINI_SUBJ.csv", ["no subject", "1 record"],
    ),
    "inactive subjects only": (
        lambda m: m.write(lambda f: f.update(SUBJ=[line(1, "00101", "", active="0")])),
        "INPUT-022", "V_MINI_SUBJ.csv", ["no subject"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("breaks", "code", "place", "words"), BROKEN.values(), ids=BROKEN)
def test_a_broken_export_is_refused(mini, breaks, code, place, words):
    mini.write()
    breaks(mini)
    problems = mini.refused(InputError)
    assert list(problems) == [f"{code} {place}"]
    text = problems[f"{code} {place}"]
    for word in [*words, "Next: "]:
        assert word in text


def test_all_problems_of_an_export_come_at_once(mini):
    mini.write()
    mini.file("SUBJ").unlink()
    change(mini.file("AE"), b"EOF\n", b"")
    change(mini.file("AE"), b"RecordActive", b"AETERM", 1)
    change(mini.file("VS"), b"WEIGHT_UN", b"WEIGHT_XX")
    change(mini.file("VS"), b"recordposition", b"position")
    with pytest.raises(InputError) as caught:
        mini.read()
    assert [(p.code, p.place) for p in caught.value.problems] == [
        ("INPUT-009", "V_MINI_SUBJ.csv"),
        ("INPUT-016", AE),
        ("INPUT-017", AE),
        ("INPUT-010", "V_MINI_VS.csv"),
        ("INPUT-010", "V_MINI_VS.csv"),
    ]
    assert caught.value.exit_code == 11


FOLDERS = {
    "missing": (lambda p: None, "INPUT-001", "no such folder"),
    "a file": (lambda p: p.write_text("x"), "INPUT-002", "not a folder"),
    "empty": (lambda p: p.mkdir(), "INPUT-004", "empty"),
    "empty but for a subfolder": (lambda p: (p / "sub").mkdir(parents=True), "INPUT-004", "subfolder?"),
    "other files": (lambda p: (p.mkdir(), (p / "readme.txt").write_text("x")), "INPUT-006", "readme.txt"),
    "another project": (lambda p: (p.mkdir(), (p / "V_OTHER_AE.csv").write_text("x")), "INPUT-006", "V_MINI_AE.csv"),
}


@pytest.mark.parametrize(("make", "code", "word"), FOLDERS.values(), ids=FOLDERS)
def test_a_folder_that_holds_no_export_is_refused(mini, make, code, word):
    make(mini.folder)
    problems = mini.refused(InputError)
    assert list(problems) == [f"{code} {mini.folder}"]
    assert word in problems[f"{code} {mini.folder}"]


def test_a_folder_nearly_of_that_name_is_named(mini):
    mini.write()
    with pytest.raises(InputError, match="did you mean 'raw'"):
        read_export(mini.folder.with_name("rwa"), mini.study)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_the_right_to_read_is_refused(mini):
    mini.write()
    mini.file("AE").chmod(0)
    assert list(mini.refused(InputError)) == [f"INPUT-007 {AE}"]


# --- gates ----------------------------------------------------------------------------------------------------

TWICE = {
    "other value": line(11, "00101", GOOD_AE.replace("Rash", "Itch"), position=1),
    "other subject": line(11, "00102", GOOD_AE, position=1),
    "other save": line(11, "00101", GOOD_AE, position=1, saved="2025-04-02T09:00:00"),
    "one of them inactive": line(11, "00101", GOOD_AE, position=1, active="0"),
}


@pytest.mark.parametrize("twin", TWICE.values(), ids=TWICE)
def test_one_record_id_twice_with_different_content_stops(mini, twin):
    mini.write(lambda f: f["AE"].append(twin))
    problems = mini.refused(GateError)
    assert list(problems) == [f"GATE-101 {AE}, form AE"]
    assert "record 11 on lines 2, 5" in problems[f"GATE-101 {AE}, form AE"]


def test_clashes_of_all_forms_come_at_once_and_end_with_12(mini):
    def edit(lines):
        lines["AE"].append(TWICE["other value"])
        lines["VS"].append(line(21, "00101", "71.0,71.0,kg"))

    mini.write(edit)
    with pytest.raises(GateError) as caught:
        mini.read()
    assert [p.place for p in caught.value.problems] == [f"{AE}, form AE", "V_MINI_VS.csv, form VS"]
    assert caught.value.exit_code == 12


def test_the_same_id_in_two_forms_is_fine(mini):
    assert mini.read(lambda f: f["VS"].append(line(11, "00101", "72.0,72.0,kg"))).findings.empty


def test_a_subject_with_two_subject_records_stops(mini):
    mini.write(lambda f: f["SUBJ"].append(line(3, "00101", "")))
    problems = mini.refused(GateError)
    assert "00101" in problems["GATE-102 V_MINI_SUBJ.csv, form SUBJ"]


def test_an_inactive_second_subject_record_does_not_stop(mini):
    export = mini.read(lambda f: f["SUBJ"].append(line(3, "00101", "", active="0")))
    assert len(export.forms["SUBJ"]) == 2


def test_a_needed_field_may_be_said_to_be_optional(mini):
    mini.write()
    change(mini.file("VS"), b"WEIGHT_UN", b"WEIGHT_INT")
    mini.respecify(FORMS.replace("units: true", "units: true, optional: true"))
    assert list(mini.read().forms["VS"]["WEIGHT_UN"]) == ["", ""]


def test_lines_are_counted_where_the_start_is_a_quoted_break(mini):
    mini.write(lambda f: f["AE"].insert(0, line(10, "00101", f'"x\ny",No,N,,,{START}', position=0)))
    change(mini.file("AE"), b",12,2,", b",,2,")
    assert "line 5" in mini.refused(InputError)[f"INPUT-020 {AE}"]
