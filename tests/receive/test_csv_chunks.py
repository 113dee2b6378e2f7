"""However a file is cut into chunks, what is read of it is the same: records, lines, findings, hashes, problems."""

import csv
import hashlib
import io
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from flows.receive import csv_text, read_export
from flows.receive.csv_text import LINE_COLUMN, last_line_end, open_csv, unquoted
from flows.receive.gathering import Gathering
from flows.receive.rave import read_rave
from specs.errors import InputError, Problem
from tests.receive.mini import START, Mini, good_lines, line

HEADER = b"id,text,more"


def outcome(raw: bytes, chunk: int, end_mark: str = "EOF", delimiter: str = ","):
    """All that reading the bytes gives: records with their lines and the hash, or the problems."""
    with pytest.MonkeyPatch.context() as patch, TemporaryDirectory() as folder:
        patch.setattr(csv_text, "CHUNK", chunk)
        path = Path(folder) / "V.csv"
        path.write_bytes(raw)
        try:
            with open_csv(path, ["id", "text"], end_mark, delimiter) as file:
                if not {"id", "text", "more"} <= set(file.header):
                    file.refuse([Problem(code="INPUT-010", place="V.csv", fact="A column is missing.", next_step="")])
                tables = list(file.tables(["id", "text", "more"], "id"))
                return pa.concat_tables(tables).to_pylist(), file.header, file.sha256
        except InputError as error:
            return [str(problem) for problem in error.problems]


CELLS = st.one_of(
    st.sampled_from(
        ['"a, b"', '"say ""ah"""', '""', '"two\nlines"', '"\r\n"', '"\r"', '","', '"\n\n,"', '5 " nail', '"x"y"z"', "é"]
    ),
    st.text("ab \u76ae", max_size=4),
)
SOUND = st.tuples(st.integers(1, 99).map(str), CELLS, CELLS).map(",".join)
BLANK = st.sampled_from(["", ",,"])
FAULTY = st.one_of(
    st.sampled_from(["EOF", "1,a", "1,a,b,c", " ", '1,"open,b', '1,a,"open', ",no id,b", "\ufffd", '"', "\0"]),
    st.text('1a,"\n\r ', max_size=8),
)
BYTES = st.sampled_from([b"", b"", b"", b"\xbf\xc8,", b"\xff", b"1,\xbf\xc8,\n", b"\xe7\x9a"])


@st.composite
def files(draw, records):
    """A file with records of a kind: line ends, byte order mark, last line and all."""
    newline = draw(st.sampled_from(["\n", "\n", "\r\n", "\r"]))
    lines = draw(st.lists(records, max_size=12))
    raw = (HEADER.decode() + newline + "".join(text + newline for text in lines)).encode()
    end = draw(st.sampled_from(["EOF", "EOF" + newline, " EOF " + 3 * newline]))
    return draw(st.sampled_from([b"", b"\xef\xbb\xbf"])) + raw + end.encode()


@settings(max_examples=150, deadline=None)
@given(files(SOUND | BLANK), st.integers(1, 80))
def test_a_sound_file_read_in_chunks_of_any_size_is_the_same(raw, chunk):
    whole = outcome(raw, 1 << 20)
    assert isinstance(whole, tuple)
    assert outcome(raw, chunk) == whole


@st.composite
def broken_files(draw):
    """A file with anything wrong, at any place."""
    raw = draw(files(SOUND | BLANK | FAULTY))
    at = draw(st.integers(0, len(raw)))
    raw = raw[:at] + draw(BYTES) + raw[at:]
    return raw[: draw(st.just(len(raw)) | st.integers(0, len(raw)))]


@settings(max_examples=300, deadline=None)
@given(broken_files(), st.integers(1, 80), st.sampled_from(["EOF", "EOF", ""]))
@example(HEADER + b'\n1,"a\r,b\n2,c,d\nEOF', 8, "EOF")
@example(HEADER + b"\n1,a\r\r2,\xbf\xc8,\r3,\xff,\rEOF", 3, "EOF")
@example(HEADER, 1, "")
@example(HEADER + b"\n", 1, "")
def test_a_broken_file_read_in_chunks_of_any_size_has_the_same_problems(raw, chunk, end_mark):
    assert outcome(raw, chunk, end_mark) == outcome(raw, 1 << 20, end_mark)


@settings(max_examples=150, deadline=None)
@given(files(SOUND), st.integers(1, 80))
def test_the_records_are_those_of_another_reader(raw, chunk):
    got, header, digest = outcome(raw, chunk)
    text = raw.decode("utf-8-sig").rstrip().removesuffix("EOF").rstrip(" ")
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert [[record[name] for name in header] for record in got] == rows[1:]
    assert digest == hashlib.sha256(raw).hexdigest()


def test_lines_are_those_of_the_file_over_chunks():
    raw = HEADER + b'\n1,"a\nb",c\n\n2,d,e\n3,"f\n\n",g\n4,h,i\nEOF\n'
    for chunk in range(1, len(raw)):
        records, _, _ = outcome(raw, chunk)
        assert [(record["id"], record[LINE_COLUMN]) for record in records] == [("1", 2), ("2", 5), ("3", 6), ("4", 9)]


def test_ragged_lines_of_all_chunks_are_one_problem():
    raw = HEADER + b'\n1,a\n2,"x\ny",b\n' + b"3,c,d,e\n" * 6 + b"4,f,g\nEOF\n"
    for chunk in (5, 20, 1000):
        (problem,) = outcome(raw, chunk)
        assert "7 line(s) do not have the header's 3 cells: line 2, 5, 6, 7, 8 ... (the first has 2)" in problem


def test_wrong_encoding_in_the_last_chunk_decides_over_all_else():
    late = b"1,a,b\n" * 50 + "2,咳嗽,x\n".encode("gbk")
    for body in (HEADER + b"\n", HEADER + b"\n1,a\n", HEADER + b",id\n", b"nothing,of,it\n"):
        for end in (b"EOF\n", b""):
            (problem,) = outcome(body + late + end, 16)
            assert "INPUT-012" in problem
            assert "GBK" in problem
            assert f"line {len(body.splitlines()) + 51}." in problem


def test_a_quote_left_open_is_named_by_the_line_of_its_record():
    raw = HEADER + b'\n1,"a\nb",c\n2,"open,d\n' + b"3,e,f\n" * 200 + b"EOF\n"
    for chunk in (1, 30, 1 << 20):
        (problem,) = outcome(raw, chunk)
        assert "INPUT-019" in problem
        assert "begins on line 4" in problem


def test_an_open_quote_is_not_looked_for_beyond_the_longest_record(monkeypatch):
    monkeypatch.setattr(csv_text, "_LONGEST", 256)
    raw = HEADER + b'\n1,a,b\n2,"open,d\n' + "3,é,f\n".encode() * 200 + b"EOF\n"
    (problem,) = outcome(raw, 32)
    assert "begins on line 3" in problem
    (problem,) = outcome(raw.replace(b"EOF", b"4,\xbf\xc8,x\nEOF"), 32)
    assert "the first fault is on line 204" in problem
    (problem,) = outcome(raw[:-20].replace(b"\n3", b"3") + b"\nEOF\n", 32)
    assert "begins on line 3" in problem


def test_another_delimiter_and_no_end_mark():
    raw = b'id;text;more\n1;"a;\n";"5 "" nail"\n2;,"b;c'
    for chunk in (1, 20, 1000):
        records, header, _ = outcome(raw, chunk, "", ";")
        assert header == ["id", "text", "more"]
        assert [list(record.values()) for record in records] == [["1", "a;\n", '5 " nail', 2], ["2", ',"b', "c", 4]]
        assert "begins on line 5" in outcome(raw + b'\n3;"open\n', chunk, "", ";")[0]
        assert "apart by a semicolon, not by a comma" in outcome(raw, chunk, "", ",")[0]
        assert "apart by a comma, not by a tab" in outcome(HEADER + b"\n1,2,3\n", chunk, "", "\t")[0]


CUTS = [
    # bytes of whole records and more  -> where the last record that ends stops
    (b"1,a\n2,b\n3", 8),
    (b"1,a\r\n2,b\r", 5),
    (b"1,a\r2,b\r3", 8),
    (b'1,"a\n', 0),
    (b'1,a\n2,"a\nb\n', 4),
    (b'1,a\n2,"a\nb"\n', 12),
    (b'1,a\n2,"a\nb""\n', 4),
    (b'1,5 " nail\n2,"b\nc', 11),
    (b'1,5 " nail,5 " nail\n2,"b\n', 20),
    (b'"1\n",a\n"2', 7),
    (b'"""\n",a\n"",', 8),
    (b'1,"a"b"\n2,"', 8),
]


@pytest.mark.parametrize(("raw", "stop"), CUTS)
def test_a_chunk_stops_after_a_line_end_outside_of_quotes(raw, stop):
    assert last_line_end(raw, ",") == stop


@settings(max_examples=300, deadline=None)
@given(st.text('a,"\n', max_size=30))
def test_quotes_open_where_another_reader_opens_them(text):
    starts, ends = unquoted(text.encode(), len(text), ",")
    outside = sum(text.count("\n", start, end) for start, end in zip(starts.tolist(), ends.tolist(), strict=True))
    rows = list(csv.reader(io.StringIO(text + "\n", newline="")))
    inside = sum(cell.count("\n") for row in rows for cell in row)
    is_open = int(ends[-1]) < len(text)
    assert inside - is_open == text.count("\n") - outside
    assert len(rows) == outside + 1


# --- the whole reader -----------------------------------------------------------------------------------------


class Order(Gathering):
    """Also notes which pieces come."""

    def __init__(self):
        super().__init__()
        self.came = []

    def add(self, form, file, frame):
        self.came.append((form, list(frame["_LINE"])))
        super().add(form, file, frame)


def read(mini):
    sink = Order()
    files = {path.name: path for path in sorted(mini.folder.iterdir())}
    return read_rave(files, mini.study, sink), sink


def test_the_subject_form_comes_first_and_pieces_in_the_order_of_the_file(mini, monkeypatch):
    mini.write(lambda f: f["AE"].extend(line(n, "00101", f"x,No,N,,,{START}", position=n) for n in range(20, 60)))
    monkeypatch.setattr(csv_text, "CHUNK", 700)
    _, sink = read(mini)
    subject_pieces = [form for form, _ in sink.came].count("SUBJ")
    assert {form for form, _ in sink.came[:subject_pieces]} == {"SUBJ"}
    pieces = [lines for form, lines in sink.came if form == "AE"]
    assert len(pieces) > 10
    assert [number for piece in pieces for number in piece] == list(range(2, 45))


def test_nothing_of_a_broken_export_is_given_on_after_the_subject_form(mini, monkeypatch):
    mini.write(lambda f: f["SUBJ"].append("ragged"))
    sink = Order()
    with pytest.raises(InputError, match="INPUT-018"):
        read_rave({path.name: path for path in mini.folder.iterdir()}, mini.study, sink)
    assert sink.came == []


RECORD_FAULTS = {
    # name: (lines put into AE, words of the problems)
    "no id in two chunks": (
        [line(50, "00101", ",,,,,,,,,").replace(",50,", ",,"), line(51, "00101", ",,,,,,,,,").replace(",51,", ",,")],
        ["2 records without a RecordId, the first on line 5."],
    ),
    "strange words": (
        [line(50, "00101", ",,,,,,,,,", active="no"), line(51, "00101", ",,,,,,,,,", active="maybe")],
        ["RecordActive holds 'maybe'"],
    ),
    "a ragged line after a record without an id": (
        [line(50, "00101", ",,,,,,,,,").replace(",50,", ",,"), "1,2"], ["1 line(s) do not have", "line 6"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("chunk", [1, 300, 1 << 20])
@pytest.mark.parametrize(("records", "words"), RECORD_FAULTS.values(), ids=RECORD_FAULTS)
def test_faults_of_records_are_counted_over_all_chunks(mini, monkeypatch, records, words, chunk):
    monkeypatch.setattr(csv_text, "CHUNK", chunk)
    mini.write(lambda f: f["AE"].extend(records))
    ((_, text),) = mini.refused(InputError).items()
    for word in words:
        assert word in text


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    return Mini(tmp_path_factory.mktemp("mini"))


RECORDS = st.lists(
    st.tuples(
        st.sampled_from(["00101", "00102", "00777"]),
        st.sampled_from(['"a, b"', '"two\nlines"', '"say ""ah"""', '5 " nail', "Rash", "皮疹"]),
        st.sampled_from(["1", "0"]),
    )
    | st.none(),
    max_size=8,
)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(RECORDS, st.integers(1, 2000))
def test_an_export_read_in_chunks_of_any_size_is_the_same(shared, drawn, chunk):
    def edit(lines):
        lines["AE"] = [
            "" if one is None else line(n, one[0], f"{one[1]},No,N,,,{START}", position=n, active=one[2])
            for n, one in enumerate(drawn, 100)
        ]

    shared.write(edit)
    whole = read_export(shared.folder, shared.study)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_text, "CHUNK", chunk)
        cut = read_export(shared.folder, shared.study)
    for form in good_lines():
        pd.testing.assert_frame_equal(cut.forms[form], whole.forms[form])
    pd.testing.assert_frame_equal(cut.findings, whole.findings)
    pd.testing.assert_frame_equal(cut.accounting, whole.accounting)
    assert (cut.snapshot, cut.files) == (whole.snapshot, whole.files)
