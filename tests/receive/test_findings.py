"""What a raw export shows by itself: each finding on the right record, with what was found."""

import pandas as pd
import pytest

from tests.receive.mini import GOOD_AE, HEADER, START, line


def ae(fields, **more):
    """Adds one adverse event, record 14, on the second line of subject 00102."""
    return lambda lines: lines["AE"].append(line(14, "00102", fields, **({"position": 2} | more)))


def event(ser="No,N", out="Recovered,1", start=START):
    return f"Fever,{ser},{out},{start}"


# --- RAW-103: the code and the text beside it; the first case that applies decides ------------------------------

CODES = [
    # text, code      -> value and expectation, None: they agree
    (",", None),  # 1 both blank
    (",N", ("code 'N', text ''", "text 'No'")),  # 2 text blank
    (",X", ("code 'X', text ''", "the code's text")),  # 2 text blank, code unknown
    ("No,", ("code '', text 'No'", "code 'N'")),  # 3 code blank
    ("Maybe,", ("code '', text 'Maybe'", "one of the choices, with its code")),  # 3 code blank, text unknown
    ("No,N", None),  # 4 known code, its text
    ("Yes,N", ("code 'N', text 'Yes'", "text 'No' beside code 'N'")),  # 4 known code, text of another
    ("no,N", ("code 'N', text 'no'", "text 'No' beside code 'N'")),  # 4 known code, text differs in case
    ("Yes,X", ("code 'X', text 'Yes'", "code 'Y' beside 'Yes'")),  # 5 unknown code, text of another code
    ("Maybe,X", None),  # 6 unknown code, unknown text: the codelist judges
]


@pytest.mark.parametrize(("pair", "expected"), CODES)
def test_code_and_text(mini, pair, expected):
    found = mini.read(ae(event(ser=pair))).findings
    got = list(zip(found["code"], found["record_id"], found["field"], found["value"], found["expected"], strict=True))
    assert got == ([("RAW-103", "14", "AESER", *expected)] if expected else [])


def test_a_field_without_code_has_the_text_in_its_place(mini):
    export = mini.read(ae(event(ser="Maybe,", out="Recovered,1")))
    last = export.forms["AE"].iloc[-1]
    assert (last["AESER"], last["AESER_DEC"], last["AEOUT"]) == ("Maybe", "Maybe", "1")
    assert "The text was used" in export.findings["message"][0]


# --- RAW-105: the date as typed against the export's reading of it ----------------------------------------------

DATES = [
    # AESTDAT, _RAW, _YYYY, _MM, _DD                     -> value, None: they agree
    ("2025-03-10T00:00:00,10 MAR 2025,2025,3,10", None),
    ("2025-03-10,10 MAR 2025,2025,03,10", None),
    ("2025-03-10T00:00:00,10/03/2025,2025,3,10", None),  # typed in the field's order, day first
    (",10 MAR 2025,,,", None),  # no reading
    ("2025-03-09T16:00:00,10 MAR 2025,2025,3,10", "2025-03-09T16:00:00"),  # a shift of time zone
    ("2025-03-10T00:00:00,10 MAR 2025,2025,3,9", "9"),
    ("2025-03-10T00:00:00,10 MAR 2025,2025,4,10", "4"),
    ("2025-03-10T00:00:00,10 MAR 2025,2024,3,10", "2024"),
    ("2025-10-03T00:00:00,10/03/2025,2025,10,3", "2025-10-03T00:00:00"),  # the export read month first
    ("2025-03-15T00:00:00,UN MAR 2025,2025,3,15", None),  # partial: nothing to compare
    ("2025-03-01T00:00:00,31 FEB 2025,2025,3,1", None),  # impossible: left to the mapping
]


@pytest.mark.parametrize(("start", "value"), DATES)
def test_date_and_text_as_typed(mini, start, value):
    found = mini.findings(ae(event(start=start)))
    assert found == ([("RAW-105", "14", value)] if value else [])


def test_the_date_as_typed_is_what_is_kept(mini):
    export = mini.read(ae(event(start="2025-03-09T16:00:00,10 MAR 2025,2025,3,10")))
    assert export.forms["AE"]["AESTDAT"].iloc[-1] == "10 MAR 2025"
    assert export.findings["expected"][0] == "2025-03-10"


# --- RAW-106: two records with equal content --------------------------------------------------------------------

EQUAL = {
    "same id, same line number": ([line(11, "00101", GOOD_AE, position=1)], [("RAW-106", "11", "11")]),
    "another id": ([line(14, "00101", GOOD_AE, position=3)], [("RAW-106", "14", "11")]),
    "three times": (
        [line(14, "00101", GOOD_AE, position=3), line(15, "00101", GOOD_AE, position=4)],
        [("RAW-106", "14", "11"), ("RAW-106", "15", "11")],
    ),
    "another subject": ([line(14, "00102", GOOD_AE, position=2)], []),
    "another visit": ([line(14, "00101", GOOD_AE, position=1, folder="C1D1")], []),
    "another field": ([line(14, "00101", GOOD_AE.replace("Rash", "Itch"), position=3)], []),
    "both blank": (
        [line(14, "00102", ",,,,,,,,,", position=2), line(15, "00102", ",,,,,,,,,", position=3)], [],
    ),
    "the other is inactive": ([line(14, "00101", GOOD_AE, position=3, active="0")], [("RAW-108", "14", "")]),
}  # fmt: skip


@pytest.mark.parametrize(("more", "expected"), EQUAL.values(), ids=EQUAL)
def test_equal_content(mini, more, expected):
    assert mini.findings(lambda f: f["AE"].extend(more)) == expected


def test_both_records_of_equal_content_stay(mini):
    export = mini.read(lambda f: f["AE"].append(line(14, "00101", GOOD_AE, position=3)))
    assert list(export.forms["AE"]["_RECORD"]) == ["11", "12", "13", "14"]


# --- RAW-107: gaps in the log lines -----------------------------------------------------------------------------

GAPS = {
    # name: (positions and whether active, [(line after the gap, words)])
    "none": ([(1, 1), (2, 1), (3, 1)], []),
    "one line": ([(1, 1), (3, 1)], [("3", "line 2 is", "nothing in the export says why")]),
    "two lines": ([(1, 1), (4, 1)], [("4", "lines 2 to 3 are", "nothing in the export says why")]),
    "the first line": ([(2, 1), (3, 1)], [("2", "line 1 is", "nothing in the export says why")]),
    "two gaps": (
        [(1, 1), (3, 1), (5, 1)],
        [("3", "line 2 is", "nothing in the export says why"), ("5", "line 4 is", "nothing in the export says why")],
    ),
    "an inactive line": ([(1, 1), (2, 0), (3, 1)], [("3", "line 2 is", "made inactive")]),
    "an inactive line and one unexplained": (
        [(1, 1), (2, 0), (4, 1)], [("4", "lines 2 to 3 are", "nothing in the export says why")],
    ),
    "an inactive last line": ([(1, 1), (2, 0)], []),
    "out of order in the file": ([(2, 1), (1, 1), (3, 1)], []),
    "no log line": ([(0, 1)], []),
}  # fmt: skip


@pytest.mark.parametrize(("lines", "expected"), GAPS.values(), ids=GAPS)
def test_gaps_in_log_lines(mini, lines, expected):
    records = [
        line(30 + p, "00102", GOOD_AE.replace("Rash", f"Rash {p}"), position=p, active=str(active), folder="C1D1")
        for p, active in lines
    ]
    found = mini.read(lambda f: f["AE"].extend(records)).findings
    found = found[found["code"] == "RAW-107"]
    assert list(found["value"]) == [value for value, *_ in expected]
    assert list(found["record_id"]) == [str(30 + int(value)) for value, *_ in expected]
    for message, (_, *words) in zip(found["message"], expected, strict=True):
        for word in words:
            assert word in message


def test_a_form_without_log_lines_has_no_gaps(mini):
    assert mini.findings(lambda f: f["VS"].append(line(23, "00101", "1.0,1,kg", position=7))) == []


# --- RAW-108 to 113: who takes part -----------------------------------------------------------------------------

SUBJECTS = {
    "inactive record": (ae(event(), active="0"), [("RAW-108", "14", "")]),
    "test subject": (
        lambda f: (
            f["SUBJ"].append(line(3, "99001", "", site="99")),
            f["AE"].append(line(14, "99001", event(), site="99")),
        ),
        [("RAW-109", "3", "99")],
    ),
    "test subject, site missing on the other form": (
        lambda f: (
            f["SUBJ"].append(line(3, "99001", "", site="99")),
            f["AE"].append(line(14, "99001", event(), site="")),
        ),
        [("RAW-109", "3", "99")],
    ),
    "unknown subject": (lambda f: f["AE"].append(line(14, "00103", event(), position=1)), [("RAW-110", "14", "00103")]),
    "lost leading zero": (lambda f: f["AE"].append(line(14, "102", event(), position=1)), [("RAW-110", "14", "102")]),
    "subject whose record is inactive": (
        lambda f: f.update(SUBJ=[line(1, "00101", ""), line(2, "00102", "", active="0")]),
        [("RAW-108", "2", ""), ("RAW-110", "13", "00102"), ("RAW-110", "22", "00102")],
    ),
    "screened again": (lambda f: f["SUBJ"].append(line(3, "00103", "00101")), [("RAW-111", "3", "00101")]),
    "screened again, former number unknown": (
        lambda f: f["SUBJ"].append(line(3, "00103", "00100")), [("RAW-111", "3", "00100"), ("RAW-113", "3", "00100")],
    ),
    "screened before as itself": (
        lambda f: f["SUBJ"].append(line(3, "00103", "00103")), [("RAW-111", "3", "00103"), ("RAW-114", "3", "00103")],
    ),
    "in a circle": (
        lambda f: f["SUBJ"].extend([line(3, "00103", "00104"), line(4, "00104", "00103")]),
        [("RAW-111", "3", "00104"), ("RAW-111", "4", "00103"), ("RAW-114", "3", "00104"), ("RAW-114", "4", "00103")],
    ),
    "number out of pattern": (lambda f: f["SUBJ"].append(line(3, "103", "")), [("RAW-112", "3", "103")]),
    "number of six digits": (lambda f: f["SUBJ"].append(line(3, "001030", "")), [("RAW-112", "3", "001030")]),
}  # fmt: skip


@pytest.mark.parametrize(("edit", "expected"), SUBJECTS.values(), ids=SUBJECTS)
def test_who_takes_part(mini, edit, expected):
    assert mini.findings(edit) == expected


HINTS = [
    ("102", "It is 00102 but for leading zeros."),
    ("00120", "Did you mean '00102'"),
    ("77777", "UNKNOWN-SUBJECT."),
]


@pytest.mark.parametrize(("number", "words"), HINTS)
def test_an_unknown_subject_is_told_the_nearest(mini, number, words):
    found = mini.read(lambda f: f["AE"].append(line(14, number, event(), position=1))).findings
    assert words in found["message"][0]
    assert found["usubjid"][0] == ""


def test_a_finding_has_its_place(mini):
    found = mini.read(ae(event(ser="Yes,N"))).findings.iloc[0]
    assert (found["form"], found["file"], found["line"], found["record_id"]) == ("AE", "V_MINI_AE.csv", "5", "14")
    assert (found["subject"], found["site"], found["visit"]) == ("00102", "01", "Visit SCRN")
    assert found["usubjid"] == "MINI-1-01-00102"


def test_a_person_screened_again_keeps_the_first_number(mini):
    found = mini.read(lambda f: f["SUBJ"].append(line(3, "00103", "00101"))).findings
    assert list(found["usubjid"]) == ["MINI-1-01-00101"]


def test_rows_read_are_rows_kept_and_rows_left_out_by_name(mini):
    def edit(lines):
        lines["SUBJ"].append(line(3, "99001", "", site="99"))
        lines["AE"] += [
            line(14, "99001", event(), site="99"),
            line(15, "99001", event(), site="99", active="0"),
            line(16, "00109", event()),
            line(17, "00101", event(), active="0"),
        ]

    counts = mini.read(edit).accounting
    expected = [
        ("SUBJ", "V_MINI_SUBJ.csv", "READ", 3),
        ("SUBJ", "V_MINI_SUBJ.csv", "KEPT", 2),
        ("SUBJ", "V_MINI_SUBJ.csv", "TEST-SUBJECT", 1),
        ("AE", "V_MINI_AE.csv", "READ", 7),
        ("AE", "V_MINI_AE.csv", "KEPT", 3),
        ("AE", "V_MINI_AE.csv", "INACTIVE-RECORD", 2),
        ("AE", "V_MINI_AE.csv", "TEST-SUBJECT", 1),
        ("AE", "V_MINI_AE.csv", "UNKNOWN-SUBJECT", 1),
        ("VS", "V_MINI_VS.csv", "READ", 2),
        ("VS", "V_MINI_VS.csv", "KEPT", 2),
    ]
    assert [tuple(row) for row in counts.to_numpy()] == expected


# --- RAW-101, 102, 104: what the specs do not know ----------------------------------------------------------------


def test_unknown_form_column_and_file(mini):
    mini.write()
    (mini.folder / "V_MINI_VSX.csv").write_text(f"{HEADER},X\nEOF\n")
    (mini.folder / "notes.txt").write_text("hello")
    text = mini.file("VS").read_text().replace("WEIGHT_UN", "WEIGHT_UN,HEIGHT", 1).replace(",kg", ",kg,170")
    mini.file("VS").write_text(text)
    found = mini.read().findings
    rows = list(zip(found["code"], found["severity"], found["form"], found["file"], found["value"], strict=True))
    assert rows == [
        ("RAW-104", "info", "", "notes.txt", "notes.txt"),
        ("RAW-101", "warning", "VSX", "V_MINI_VSX.csv", "VSX"),
        ("RAW-102", "warning", "VS", "V_MINI_VS.csv", "HEIGHT"),
    ]
    assert "did you mean 'VS'" in found["message"][1]
    assert "did you mean 'WEIGHT'" in found["message"][2]


def test_columns_that_rave_adds_to_a_field_are_known(mini):
    mini.write()
    text = mini.file("VS").read_text().replace("WEIGHT_UN", "WEIGHT_UN,WEIGHT_STD,WEIGHT_STD_UN", 1)
    mini.file("VS").write_text(text.replace(",kg", ",kg,70,kg"))
    assert mini.read().findings.empty


def test_findings_are_text_throughout(mini):
    found = mini.read(ae(event(ser="Yes,N"))).findings
    assert set(found.dtypes.astype(str)) == {"str"}
    assert not found.isna().any(axis=None)
    assert isinstance(found.index, pd.RangeIndex)
