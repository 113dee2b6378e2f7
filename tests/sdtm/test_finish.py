"""What is said of finished values: too long, not ASCII, missing; and how long texts go on in SUPP--."""

from __future__ import annotations

import pandas as pd
import pytest

from sdtm import build_sdtm
from sdtm.continuation import split_text
from tests.sdtm.raw import raw_forms

LONG = " ".join(["Fatigue"] * 30)  # 239 bytes, a blank behind every seventh letter

TERMS = [
    # text, AETERM, further parts in SUPPAE, findings
    ("x" * 200, "x" * 200, {}, []),
    ("x" * 201, "x" * 200, {"AETERM1": "x"}, ["SDTM-214"]),
    (LONG, " ".join(["Fatigue"] * 25), {"AETERM1": " ".join(["Fatigue"] * 5)}, ["SDTM-214"]),
    ("x" * 401, "x" * 200, {"AETERM1": "x" * 200, "AETERM2": "x"}, ["SDTM-214"]),
    ("é" * 100, "é" * 100, {}, ["SDTM-205"]),  # 200 bytes
    ("恶" * 67, "恶" * 66, {"AETERM1": "恶"}, ["SDTM-214", "SDTM-205"]),  # 201 bytes: no character is cut
    ("x" * 20_001, "x" * 20_001, {}, ["SDTM-204"]),  # no answer on a form: it stays whole
    ("a\nb", "a\nb", {}, ["SDTM-215"]),
    ("a\x07b", "a\x07b", {}, ["SDTM-215"]),
    ("\u202eb", "\u202eb", {}, ["SDTM-205", "SDTM-215"]),  # read from right to left
    ("", "", {}, ["SDTM-208"]),
]


@pytest.mark.parametrize(
    ("text", "begun", "parts", "codes"), TERMS,
    ids=["200", "201", "words", "three parts", "200 bytes", "201 bytes", "20,001 bytes", "line break",
         "control character", "direction mark", "blank"],
)  # fmt: skip
def test_a_text_over_200_bytes_goes_on_in_supp(study, text, begun, parts, codes):
    forms = raw_forms(study, SUBJ="SUBJECT | ENRYN\n 01001 | Y", AE="SUBJECT | AEYN | AEPT\n 01001 | Y | Rash")
    forms["AE"]["AETERM"] = forms["AE"]["AETERM"].mask([True], text)
    built = build_sdtm(forms, study)
    found = built.findings[built.findings["variable"] == "AETERM"]
    assert found["code"].tolist() == codes
    assert set(found["record_id"]) <= {"AE-1"}
    assert built.datasets["AE"]["AETERM"].fillna("").tolist() == [begun]
    supplemental = built.datasets.get("SUPPAE", pd.DataFrame({"QNAM": pd.Series(dtype="str")}))
    rows = supplemental[supplemental["QNAM"].str.startswith("AETERM")].to_dict("records")
    assert {row["QNAM"]: row["QVAL"] for row in rows} == parts
    for row in rows:
        assert (row["IDVAR"], row["IDVARVAL"]) == ("AESEQ", "1")
        assert (row["QLABEL"], row["QORIG"]) == ("Reported Term for the Adverse Event", "Collected")


def test_a_name_of_eight_letters_gives_up_its_last(study):
    forms = raw_forms(study, SUBJ="SUBJECT | ENRYN\n 01001 | Y", EXQL="SUBJECT | FOLDER | QLYN\n 01001 | C1D1 | N")
    forms["EXQL"]["QLREASND"] = forms["EXQL"]["QLREASND"].mask([True], LONG)
    supplemental = build_sdtm(forms, study).datasets["SUPPEC"]
    assert supplemental.loc[supplemental["QNAM"] == "ECREASO1", "QVAL"].tolist() == [" ".join(["Fatigue"] * 5)]


def test_a_date_as_collected_goes_on_too(study):
    forms = raw_forms(study, SUBJ="SUBJECT | ENRYN\n 01001 | Y", AE="SUBJECT | AEYN | AETERM\n 01001 | Y | Rash")
    forms["AE"]["AESTDAT"] = forms["AE"]["AESTDAT"].mask([True], "before " + "x" * 200)
    supplemental = build_sdtm(forms, study).datasets["SUPPAE"].set_index("QNAM")
    assert supplemental["QVAL"].to_dict() == {"AESTDTX": "before " + "x" * 193, "AESTDTX1": "x" * 7}


def test_only_texts_that_need_it_are_cut(study):
    forms = raw_forms(study, SUBJ="SUBJECT | ENRYN\n 01001 | Y", MH="SUBJECT | MHTERM\n 01001 | A \n 01001 | B")
    forms["MH"]["MHTERM"] = forms["MH"]["MHTERM"].mask([False, True], LONG)
    built = build_sdtm(forms, study)
    assert built.datasets["MH"]["MHTERM"].tolist() == ["A", " ".join(["Fatigue"] * 25)]
    assert built.datasets["SUPPMH"][["QNAM", "IDVARVAL"]].to_numpy().tolist() == [["MHTERM1", "2"]]


PARTS = [
    # text, most bytes, parts; the cases of `split_text` in its order
    ("", 10, [""]),
    ("one two", 10, ["one two"]),
    ("one two three", 10, ["one two", "three"]),
    ("one two th ree", 10, ["one two th", "ree"]),  # the blank right behind what fits
    ("one two  three", 10, ["one two", "three"]),  # blanks at the cut are not repeated
    ("on twothreefour", 10, ["on twothre", "efour"]),  # the only blank comes too early
    ("onetwothreefour", 10, ["onetwothre", "efour"]),
    ("恶心呕吐腹泻", 10, ["恶心呕", "吐腹泻"]),  # three bytes a character
    ("😀😀😀", 10, ["😀", "😀", "😀"]),  # four, but :grinning: in ASCII
    ("庄庄庄", 13, ["庄庄", "庄"]),  # three, but Zhuang in ASCII
    ("庄庄 庄", 13, ["庄庄", "庄"]),
    ("庄 庄庄", 13, ["庄 庄", "庄"]),  # the only blank comes too early
]


@pytest.mark.parametrize(("text", "most", "parts"), PARTS)
def test_where_a_text_is_cut(text, most, parts):
    assert split_text(text, most) == parts


def test_a_text_longer_than_declared_is_an_error_and_stays(study):
    forms = raw_forms(
        study, SUBJ="SUBJECT | ENRYN\n 01001 | Y", IE="SUBJECT | FOLDER | IETESTCD\n 01001 | SCRN | EXCLUSION9"
    )
    built = build_sdtm(forms, study)
    found = built.findings[built.findings["code"] == "SDTM-204"]
    assert found["message"].tolist() == ["IETESTCD has 10 bytes, 8 are declared; it was not cut."]
    assert built.datasets["IE"]["IETESTCD"].tolist() == ["EXCLUSION9"]
