"""REDCap CSV: repeating instruments, events, checkboxes, codes or labels, missing data codes; broken files."""

import pandas as pd
import pytest

from flows.receive import read_export
from specs.errors import CdiscFlowsError, SpecError
from tests.receive.mini import STUDY, Mini

HEAD = "record_id,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance,redcap_data_access_group"
SUBJ = "subj_prevsubj,subj_complete"
AE = "ae_aeterm,ae_aeser,ae_aeout,ae_aestdat,ae_complete"
HEADER = f"{HEAD},{SUBJ},{AE}"
OWN = "00101,scrn_arm_1,,,site_01,,2,,,,,"  # the row of the visit: the subject's own record


class Redcap:
    """Writes a REDCap export of the mini study, and reads it."""

    def __init__(self, mini: Mini) -> None:
        self.mini, self.folder = mini, mini.folder
        self.folder.mkdir()
        mini.respecify(study=STUDY.replace("visits: [", "unscheduled_folder: UNS\nvisits: ["))

    def write(
        self, *rows: str, header: str = HEADER, name: str = "MINI_DATA_2025-05-01_1030.csv", end: str = "\n"
    ) -> None:
        """Write a file."""
        (self.folder / name).write_bytes(("\n".join([header, *rows]) + end).encode())

    def layout(self, text: str) -> None:
        """Declare how the export names things."""
        (self.mini.study_folder / "redcap.yaml").write_text(text)
        self.mini.respecify(study=STUDY.replace("visits: [", "unscheduled_folder: UNS\nvisits: ["))

    def read(self, *rows: str, header: str = HEADER, form: str = "AE") -> pd.DataFrame:
        """A form as read from these rows."""
        self.write(*rows, header=header)
        return read_export(self.folder, self.mini.study).forms[form]

    def found(self) -> list[tuple[str, str, str]]:
        """Code, field and value of each finding."""
        found = read_export(self.folder, self.mini.study, "redcap").findings
        return sorted(zip(found["code"], found["field"], found["value"], strict=True))

    def refused(self) -> str:
        """All problems with which reading ends, and the exit code."""
        with pytest.raises(CdiscFlowsError) as caught:
            read_export(self.folder, self.mini.study, "redcap")
        return f"{caught.value.exit_code} {caught.value}"


@pytest.fixture
def export(mini) -> Redcap:
    return Redcap(mini)


def log(instance: int, cells: str, event: str = "scrn_arm_1", instrument: str = "ae") -> str:
    """A row of the adverse event instrument."""
    return f"00101,{event},{instrument},{instance},site_01,,,{cells}"


RECORDS = {
    # name: (rows beside the subject's own, records: line, term)
    "repeating instrument": (
        [log(1, "Rash,N,1,,2"), log(3, "Itch,N,1,,0")], [("1", "Rash"), ("3", "Itch")],
    ),
    "a line on which nothing is filled in": ([log(1, ",,,,0")], [("1", "")]),
    "an instrument that does not repeat": (["00101,uns_1_arm_1,,,site_01,,,Rash,N,1,,2"], [("0", "Rash")]),
    "an instrument that was opened and is complete": (["00101,uns_1_arm_1,,,site_01,,,,,,,2"], [("0", "")]),
    "an instrument that was not opened": (["00101,uns_1_arm_1,,,site_01,,,,,,,0"], []),
    "a row of another instrument": ([log(1, "Rash,N,1,,2", instrument="subj")], []),
    "an instrument by its label": ([log(1, "Rash,N,1,,2", instrument="Adverse events")], [("1", "Rash")]),
}  # fmt: skip


@pytest.mark.parametrize("name", RECORDS)
def test_which_rows_are_records_of_a_form(export, name):
    rows, records = RECORDS[name]
    got = export.read(*([OWN] if name != "a row of another instrument" else []), *rows)

    assert list(zip(got["_POSITION"], got["AETERM"], strict=True)) == records
    assert got["_RECORD"].is_unique


EVENTS = {
    # event, repeat of the event: folder, instance, name of the visit
    ("scrn_arm_1", ""): ("SCRN", "0", "scrn"),
    ("SCRN_ARM_2", ""): ("SCRN", "0", "SCRN"),
    ("uns_2_arm_1", ""): ("UNS", "2", "uns_2"),
    ("uns2_arm_1", ""): ("UNS", "2", "uns2"),
    ("uns_arm_1", "3"): ("UNS", "3", "uns"),
    ("logs_arm_1", ""): ("LOGS", "0", "logs"),
    ("other_arm_1", ""): ("SCRN", "0", "other"),
}


@pytest.mark.parametrize(("event", "repeat"), EVENTS)
def test_events_stand_for_folders(export, event, repeat):
    export.layout("events: {other_arm_1: SCRN}\n")
    got = export.read(OWN, f"00101,{event},,{repeat},site_01,,,Rash,N,1,,2")

    assert tuple(got.loc[0, ["_FOLDER", "_INSTANCE", "_VISIT"]]) == EVENTS[event, repeat]


def test_the_list_of_events_names_the_visits(export):
    text = "event_name,arm_num,unique_event_name\nUnscheduled (2),1,uns_2_arm_1\n"
    (export.folder / "events.csv").write_text(text)
    got = export.read(OWN, log(1, "Rash,N,1,,2", event="uns_2_arm_1"))

    assert tuple(got.loc[0, ["_FOLDER", "_INSTANCE", "_VISIT"]]) == ("UNS", "2", "Unscheduled (2)")
    assert export.found() == []


SITES = {
    # data access group: site
    "site_01": "01",
    "01": "01",
    "Site 01": "01",
    "Shanghai": "Shanghai",
}


@pytest.mark.parametrize("group", SITES)
def test_the_data_access_group_tells_the_site(export, group):
    got = export.read(OWN.replace("site_01", group), form="SUBJ")

    assert list(got["_SITE"]) == [SITES[group]]


def test_a_site_that_only_the_first_row_of_a_subject_tells(export):
    export.layout("site: site\nsite_pattern: (.+)\n")
    header = HEADER.replace("redcap_data_access_group", "site")
    got = export.read(OWN.replace("site_01", "07"), log(1, "Rash,N,1,,2").replace("site_01", ""), header=header)

    assert list(got["_SITE"]) == ["07"]


CELLS = {
    # name: (cells of the adverse event: term, serious, outcome, start, complete; what is read, an answer without a code
    # in the place of its code, too)
    "codes": ("Rash,Y,2,10 MAR 2025,2", ["Rash", "Y", "Yes", "2", "Fatal", "10 MAR 2025"]),
    "labels": ("Rash,Yes,Fatal,10 MAR 2025,Complete", ["Rash", "Y", "Yes", "2", "Fatal", "10 MAR 2025"]),
    "a label among codes": ("Rash,Yes,2,,2", ["Rash", "Yes", "Yes", "2", "Fatal", ""]),
    "a code among labels": ("Rash,Y,Fatal,,Incomplete", ["Rash", "Y", "Y", "2", "Fatal", ""]),
    "blank": (",,,,2", ["", "", "", "", "", ""]),
    "quotes, commas and line ends": (
        '"Rash, ""itchy""\nred",Y,2,,2', ['Rash, "itchy"\nred', "Y", "Yes", "2", "Fatal", ""],
    ),
    "partial date": ("Rash,Y,2,2025-03,2", ["Rash", "Y", "Yes", "2", "Fatal", "2025-03"]),
    "words that mean missing elsewhere": ("NA,Y,2,null,2", ["NA", "Y", "Yes", "2", "Fatal", "null"]),
}  # fmt: skip


@pytest.mark.parametrize("name", CELLS)
def test_cells_with_codes_or_labels(export, name):
    cells, read = CELLS[name]
    own = OWN if cells.endswith(",2") else OWN.replace(",2,", ",Complete,")
    got = export.read(own, log(1, cells))

    fields = ["AETERM", "AESER", "AESER_DEC", "AEOUT", "AEOUT_DEC", "AESTDAT"]
    assert got.loc[0, fields].tolist() == read


BOXES = {
    # boxes Y and N as codes or labels: code, text
    ("1", "0"): ("Y", "Yes"),
    ("0", "1"): ("N", "No"),
    ("0", "0"): ("", ""),
    ("", ""): ("", ""),
    ("Checked", "Unchecked"): ("Y", "Yes"),
    ("1", "1"): ("Y,N", "Y,N"),
}


@pytest.mark.parametrize("boxes", BOXES)
def test_checkboxes_of_a_field(export, boxes):
    header = HEADER.replace("ae_aeser", "ae_aeser___y,ae_aeser___n")
    got = export.read(OWN.replace(",2,", ",2,,"), log(1, f"Rash,{boxes[0]},{boxes[1]},1,,2"), header=header)

    assert tuple(got.loc[0, ["AESER", "AESER_DEC"]]) == BOXES[boxes]


def test_boxes_that_are_not_checked_are_no_record(export):
    header = HEADER.replace("ae_aeser", "ae_aeser___y,ae_aeser___n")
    got = export.read("00101,scrn_arm_1,,,site_01,,2,,0,0,,,0", header=header)

    assert len(got) == 0


FLAGS = {"1": ("Y", "Yes"), "0": ("N", "No"), "Checked": ("Y", "Yes"), "": ("", ""), "?": ("?", "?")}


@pytest.mark.parametrize("box", FLAGS)
def test_one_checkbox_that_stands_for_a_field(export, box):
    export.layout("fields: {AE.AESER: ae_crit___ser}\nunchecked: N\n")
    got = export.read(OWN, log(1, f"Rash,{box},1,,2"), header=HEADER.replace("ae_aeser", "ae_crit___ser"))

    assert tuple(got.loc[0, ["AESER", "AESER_DEC"]]) == FLAGS[box]


def test_a_declared_layout(export):
    export.layout(
        "record_id: subjid\ncolumns: ['{field}_{form}']\ninstruments: {adverse: AE}\nrecord: '{form}_id'\n"
        "saved: '{form}_when'\npage_date: '{form}_day'\n"
    )
    header = (HEAD.replace("record_id", "subjid") + ",prevsubj_subj,subj_complete,adverse_id,adverse_when,adverse_day,"
              "aeterm_adverse,aeser_adverse,aeout_adverse,aestdat_adverse,adverse_complete")  # fmt: skip
    got = export.read(
        "00101,scrn_arm_1,,,site_01,,2,,,,,,,,",
        "00101,scrn_arm_1,adverse,1,site_01,,,77,2025-04-01T09:00:00,2025-03-11,Rash,N,1,,2", header=header,
    )  # fmt: skip

    fields = ["_RECORD", "_SAVED", "_PAGEDATE", "AETERM"]
    assert got.loc[0, fields].tolist() == ["77", "2025-04-01T09:00:00", "2025-03-11", "Rash"]


def test_without_save_times_nothing_was_saved_after_the_export(export):
    export.write(OWN)

    assert read_export(export.folder, export.mini.study).snapshot == "2025-05-01T10:30:00"


def test_missing_data_codes_are_blank_and_found(export):
    export.layout("missing_codes: [NASK]\n")
    got = export.read(OWN, log(1, "Rash,N,1,NASK,2"), log(2, "NASK?,N,1,,2"))

    assert got["AESTDAT"].tolist() == ["", ""]
    assert got["AETERM"].tolist() == ["Rash", "NASK?"]
    assert export.found() == [("RAW-153", "AESTDAT", "NASK")]


def test_unknown_instruments_columns_and_files(export):
    (export.folder / "readme.txt").write_text("x")
    header = (
        HEADER.replace("ae_aestdat", "ae_aestdat,ae_extra,pain").replace("record_id,", "record_id,")
        + ",pk_x,pk_complete"
    )
    export.write(OWN + ",,,,", log(1, "Rash,N,1,,,,2,,"), log(1, ",,,,,,,9,2", instrument="pk"), header=header)

    assert export.found() == [
        ("RAW-101", "", "PK"), ("RAW-102", "", "EXTRA"), ("RAW-102", "", "PAIN"), ("RAW-104", "", "readme.txt"),
    ]  # fmt: skip


def test_a_code_that_means_something_else_in_the_data_dictionary(export):
    export.write(OWN, log(1, "Rash,N,2,,2"), log(2, "Rash,N,3,,2"))
    (export.folder / "dictionary.csv").write_text(
        "field_name,form_name,section_header,field_type,field_label,select_choices_or_calculations\n"
        'ae_aeout,ae,,radio,Outcome,"1, Recovered | 2, Better | 3, Unknown"\n'
    )
    got = read_export(export.folder, export.mini.study).forms["AE"]

    assert list(zip(got["AEOUT"], got["AEOUT_DEC"], strict=True)) == [("2", "Fatal"), ("3", "Unknown")]
    assert export.found() == [("RAW-152", "AEOUT", "2")]


def test_lines_are_counted_through_line_ends_within_cells(export):
    got = export.read(OWN, log(1, '"a\nb\nc",N,1,,2'), log(2, "d,N,1,,2"))

    assert list(got["_LINE"]) == [3, 6]


def test_a_byte_order_mark_and_capitals_in_the_header(export):
    export.write(OWN, log(1, "Rash,N,1,,2"), header="\ufeff" + HEADER.replace("ae_aeterm", "AE_AETERM"))

    assert read_export(export.folder, export.mini.study).forms["AE"]["AETERM"].tolist() == ["Rash"]


LINES = (OWN, log(1, "Rash,N,1,,2"), log(2, "Itch,N,1,,2"))


def content(header: str = HEADER, rows: tuple[str, ...] = LINES, end: str = "\n") -> bytes:
    return ("\n".join([header, *rows]) + end).encode()


BROKEN = {
    # name: (content of the data file, code, words)
    "empty": (b"", "INPUT-079", ["No file here is a REDCap export"]),
    "cut in the last line": (content()[:-3], "INPUT-075", ["cut off", "REDCap ends every line"]),
    "cut at a cell": (content()[:-4] + b"\n", "INPUT-018", ["1 line(s)", "12 cells", "11"]),
    "a cell too many": (content(rows=(OWN, log(1, "Rash, red,N,1,,2"))), "INPUT-018", ["12 cells", "13"]),
    "a quote never closed": (content(rows=(OWN, log(1, '"Rash,N,1,,2'))), "INPUT-018", ["quote", "never closed"]),
    "GBK": (content(rows=(OWN, log(1, "恶心,N,1,,2"))).decode().encode("gbk"), "INPUT-012", ["GBK", "line 3"]),
    "Latin-1": (content(rows=(OWN, log(1, "Übel,N,1,,2"))).decode().encode("latin-1"), "INPUT-012", ["Latin-1"]),
    "text lost on its way": (content(rows=(OWN, log(1, "\ufffd,N,1,,2"))), "INPUT-013", ["U+FFFD"]),
    "zero bytes": (content(rows=(OWN, log(1, "\0\0,N,1,,2"))), "INPUT-012", ["zero bytes"]),
    "labels in the header": (
        b"Record ID,Event Name,Repeat Instrument,Complete?\n1,a,b,c\n", "INPUT-077", ["labels", "LabelHeaders=raw"],
    ),
    "a column twice": (content(header=HEADER.replace("ae_aeser", "ae_aeterm")), "INPUT-017", ["ae_aeterm twice"]),
    "a column missing": (
        content(header=HEADER.replace("ae_aeterm", "ae_aetrem")),
        "INPUT-010", ["ae_aeterm (field AETERM)", "did you mean 'ae_aetrem'", "redcap.yaml"],
    ),
    "an instrument missing": (
        content(header=HEADER.replace("ae_", "ea_")), "INPUT-076", ["form AE (Adverse events)", "instrument ae"],
    ),
    "no site": (
        content(header=HEADER.replace("redcap_data_access_group", "dag")), "INPUT-010", ["tells the site", "`site`"],
    ),
    "a row without a subject": (
        content(rows=(OWN, log(1, "Rash,N,1,,2").replace("00101", " "))), "INPUT-020", ["1 row(s)", "line 3"],
    ),
    "no subject at all": (content(rows=()), "INPUT-022", ["no subject"]),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_ends_the_run(export, name):
    raw, code, words = BROKEN[name]
    (export.folder / "data.csv").write_bytes(raw)

    problem = export.refused()
    assert problem.startswith(f"11 {code} ")
    for word in words:
        assert word in problem


def test_two_data_files_end_the_run(export):
    export.write(*LINES, name="monday.csv")
    export.write(*LINES, name="tuesday.csv")

    problem = export.refused()
    assert "INPUT-078" in problem
    assert "monday.csv, tuesday.csv" in problem


LAYOUTS = {
    # redcap.yaml: words of the problem
    "columns: ['{form}_{filed}']": ["knows no 'filed'"],
    "columns: ['{form']": ["braces"],
    "instruments: {adverse: EA}": ["no form 'EA'", "redcap.yaml, instruments.adverse"],
    "fields: {AE.AETREM: x}": ["no field of form AE 'AETREM'", "did you mean 'AETERM'"],
    "site_pattern: '('": ["no regular expression"],
    "site_pattern: 'x'": ["no group"],
}


@pytest.mark.parametrize("text", LAYOUTS)
def test_a_layout_with_a_fault_is_refused_before_any_data_is_read(export, text):
    with pytest.raises(SpecError) as caught:
        export.layout(text + "\n")

    for word in LAYOUTS[text]:
        assert word in str(caught.value)
