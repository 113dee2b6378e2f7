"""A Rave export read as it stands: text-true, with identity, lines, snapshot and hashes."""

import hashlib

import pytest

from flows.receive import read_export
from specs import identity
from specs.errors import UsageError
from tests.receive.mini import FIELDS, FORMS, GOOD_AE, HEADER, START, line


def test_a_sound_export_gives_no_finding_and_every_form(mini):
    mini.write()
    export = mini.read()
    assert export.findings.empty
    assert list(export.forms) == ["SUBJ", "AE", "VS"]
    assert export.snapshot == "2025-05-01T10:00:00"
    assert export.files == {
        f"V_MINI_{form}.csv": hashlib.sha256(mini.file(form).read_bytes()).hexdigest() for form in ("SUBJ", "AE", "VS")
    }


def test_columns_are_identity_then_fields(mini):
    mini.write()
    forms = mini.read().forms
    fields = ["AETERM", "AESER", "AESER_DEC", "AEOUT", "AEOUT_DEC", "AESTDAT", "AETIM"]
    assert list(forms["AE"]) == [*identity.IDENTITY, *fields]
    assert list(forms["VS"]) == [*identity.IDENTITY, "WEIGHT", "WEIGHT_UN"]
    types = forms["AE"].dtypes.astype(str)
    assert types.pop(identity.LINE) == "int64"
    assert set(types) == {"str"}


def test_values_are_text_true(mini):
    mini.write()
    forms = mini.read().forms
    assert list(forms["SUBJ"]["_SUBJECT"]) == ["00101", "00102"]
    assert list(forms["VS"]["WEIGHT"]) == ["70.0", "001"]
    assert list(forms["AE"]["AETERM"]) == ["Rash", "Cough", "NA"]
    assert list(forms["AE"]["AESTDAT"]) == ["10 MAR 2025", "10 MAR 2025", "UN MAR 2025"]
    assert list(forms["AE"]["AESER"]) == ["N", "Y", ""]
    assert list(forms["AE"]["AETIM"]) == ["", "", ""]
    assert not any(form.isna().any(axis=None) for form in forms.values())


TEXTS = [
    # cell in the file                  -> text of the field
    ("NA", "NA"),
    ("null", "null"),
    ('""', ""),
    ("1.0", "1.0"),
    ("1e5", "1e5"),
    ("TRUE", "TRUE"),
    (" both ends ", " both ends "),
    ('"a, b"', "a, b"),
    ('"say ""ah"""', 'say "ah"'),
    ('"two\nlines"', "two\nlines"),
    ('"two\r\nlines"', "two\r\nlines"),
    ("皮疹，轻度", "皮疹，轻度"),
    ('5 " nail', '5 " nail'),
]


@pytest.mark.parametrize(("cell", "text"), TEXTS)
def test_a_cell_stays_as_it_stands(mini, cell, text):
    export = mini.read(lambda f: f["AE"].append(line(14, "00102", f"{cell},No,N,,,{START}", position=2)))
    assert export.forms["AE"]["AETERM"].iloc[-1] == text
    assert len(export.forms["AE"]) == 4


def test_lines_are_those_of_the_file(mini):
    def edit(lines):
        lines["AE"] = [
            line(11, "00101", f'"a\nb",No,N,,,{START}', position=1),
            "",
            line(12, "00101", GOOD_AE, position=2),
            line(13, "00101", f'"c\n\nd",No,N,,,{START}', position=3),
            line(14, "00101", GOOD_AE.replace("Rash", "Cough"), position=4),
        ]

    export = mini.read(edit)
    assert list(export.forms["AE"]["_LINE"]) == [2, 5, 6, 9]
    assert list(export.forms["AE"]["_RECORD"]) == ["11", "12", "13", "14"]


@pytest.mark.parametrize("newline", ["\r\n", "\r"])
def test_other_line_ends_are_read(mini, newline):
    folder = mini.write()
    for path in folder.iterdir():
        path.write_bytes(path.read_bytes().replace(b"\n", newline.encode()))
    export = mini.read()
    assert list(export.forms["AE"]["_LINE"]) == [2, 3, 4]
    assert export.findings.empty


def test_a_byte_order_mark_is_no_part_of_the_first_name(mini):
    folder = mini.write()
    for path in folder.iterdir():
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert mini.read().findings.empty


def test_no_end_of_line_after_the_end_mark(mini):
    mini.write()
    mini.file("AE").write_bytes(mini.file("AE").read_bytes().rstrip())
    assert len(mini.read().forms["AE"]) == 3


def test_a_form_without_records_is_a_frame_without_rows(mini):
    export = mini.read(lambda f: f.update(AE=[]))
    assert export.forms["AE"].shape == (0, len(identity.IDENTITY) + 7)
    assert set(export.forms["AE"].dtypes.astype(str)) == {"str", "int64"}


def test_an_optional_form_may_be_missing(mini):
    mini.write()
    mini.file("VS").unlink()
    export = mini.read()
    assert export.forms["VS"].empty
    assert list(export.forms["VS"]) == [*identity.IDENTITY, "WEIGHT", "WEIGHT_UN"]


def test_a_time_column_is_read_where_it_is_there(mini):
    mini.write()
    text = (
        mini.file("AE")
        .read_text()
        .replace("AESTDAT_DD", "AESTDAT_DD,AETIM", 1)
        .replace(",2025,3,10", ",2025,3,10,08:30")
    )
    mini.file("AE").write_text(text.replace("UN MAR 2025,,,", "UN MAR 2025,,,,"))
    assert list(mini.read().forms["AE"]["AETIM"]) == ["08:30", "08:30", ""]


def test_form_names_in_files_may_be_of_any_case(mini):
    mini.write()
    mini.file("AE").rename(mini.folder / "v_mini_ae.CSV")
    assert len(mini.read().forms["AE"]) == 3


def test_hidden_files_and_subfolders_are_no_part_of_the_export(mini):
    mini.write()
    (mini.folder / ".DS_Store").write_bytes(b"\0")
    (mini.folder / "old").mkdir()
    assert mini.read().findings.empty


def test_the_format_may_be_named_and_a_wrong_one_is_refused(mini):
    folder = mini.write()
    assert len(read_export(folder, mini.study, "rave").forms["AE"]) == 3
    with pytest.raises(UsageError, match="did you mean 'rave'"):
        read_export(folder, mini.study, "raev")


def test_the_same_export_gives_the_same_result_twice(mini):
    mini.write()
    first, second = mini.read(), mini.read()
    for form, frame in first.forms.items():
        assert frame.equals(second.forms[form])


def test_a_cell_longer_than_most_is_read(mini):
    long = "x" * 3_000_000
    export = mini.read(lambda f: f["AE"].append(line(14, "00102", f'"{long}\n",No,N,,,{START}', position=2)))
    assert export.forms["AE"]["AETERM"].iloc[-1] == long + "\n"


def test_the_mini_export_is_as_the_reader_documents_it():
    assert set(FIELDS) == {"SUBJ", "AE", "VS"}
    assert HEADER.count(",") == 29
    assert "optional" in FORMS
