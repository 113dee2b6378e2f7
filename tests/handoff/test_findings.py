"""Findings: raw places through the lineage, lasting numbers, order, and files that are safe to open."""

from __future__ import annotations

import csv
import json
import time

import numpy as np
import pandas as pd
import pytest

from flows.handoff import compare_findings, number_findings, write_findings
from specs.findings import COLUMNS, no_findings
from tests.tables import table

LINEAGE = {
    "AE": table(
        """
        USUBJID | AESEQ | _FORM | _FILE  | _LINE | _RECORD | _SITE | _SUBJECT | _VISIT
        P-01    | 1     | AE    | AE.csv | 7     | r7      | 01    | 01-001   | UNSCHEDULED
        P-01    | 2     | AE    | AE.csv | 12    | r12     | 01    | 01-001   |
        P-02    | 1     | AE    | AE.csv | 8     | r8      | 02    | 02-001   |
        """,
        numbers=("AESEQ", "_LINE"),
    )
}


def findings(text: str) -> pd.DataFrame:
    """A findings frame from a table of some of its columns; the others are blank."""
    return table(text).reindex(columns=[*COLUMNS, "srcseq"]).astype("str").fillna("")


def test_places_come_from_the_lineage_where_only_the_sdtm_record_is_known():
    found = number_findings(
        findings(
            """
            code     | severity | dataset | usubjid | srcseq | record_id | form | line | visit
            CHK-301  | error    | AE      | P-01    | 2      |           |      |      |        # looked up
            CHK-302  | error    | AE      | P-01    | 1      |           |      |      | DAY 8  # what is known stays
            CHK-303  | error    | AE      | P-02    | 1      | r99       | AE   | 99   |        # knows its record
            CHK-304  | error    | AE      | P-02    | 5      |           |      |      |        # not in the lineage
            CHK-305  | error    | SUPPAE  | P-02    | 1      |           |      |      |        # the parent's record
            CHK-306  | error    | LB      | P-02    | 1      |           |      |      |        # no lineage at all
            CHK-307  | error    | AE      | P-02    |        |           |      |      |        # no sequence number
            """
        ),
        LINEAGE,
    ).set_index("code")
    places = found[["form", "file", "line", "record_id", "site", "subject", "visit"]]
    assert {code: "|".join(row) for code, row in zip(places.index, places.to_numpy(), strict=True)} == {
        "CHK-301": "AE|AE.csv|12|r12|01|01-001|",
        "CHK-302": "AE|AE.csv|7|r7|01|01-001|DAY 8",
        "CHK-303": "AE||99|r99|||",
        "CHK-304": "||||||",
        "CHK-305": "AE|AE.csv|8|r8|02|02-001|",
        "CHK-306": "||||||",
        "CHK-307": "||||||",
    }


def test_order_is_severity_code_site_subject_form_line():
    found = number_findings(
        findings(
            """
            message | severity | code    | site | subject | form | line
            9       | info     | A-1     | 01   | 1       | AE   | 1
            8       | warning  | A-1     | 01   | 1       | AE   | 1
            7       | error    | B-1     | 01   | 1       | AE   | 1
            6       | error    | A-1     | 02   | 1       | AE   | 1
            5       | error    | A-1     | 01   | 2       | AE   | 1
            4       | error    | A-1     | 01   | 1       | DM   | 1
            3       | error    | A-1     | 01   | 1       | AE   |      # no line: after those with one
            2       | error    | A-1     | 01   | 1       | AE   | 10
            1       | error    | A-1     | 01   | 1       | AE   | 9    # as a number
            """
        ),
        {},
    )
    assert found["message"].to_list() == list("123456789")


def numbered(**changed: str) -> str:
    one = {
        "code": "CHK-301", "severity": "error", "form": "AE", "record_id": "r1", "file": "AE.csv", "line": "5",
        "dataset": "AE", "usubjid": "P-01", "srcseq": "1", "visit": "V1", "field": "AESTDAT",
        "variable": "AESTDTC", "value": "v",
    }  # fmt: skip
    frame = pd.DataFrame([one | changed]).reindex(columns=[*COLUMNS, "srcseq"]).astype("str").fillna("")
    return number_findings(frame, {})["finding_id"].item()


@pytest.mark.parametrize("column", ["code", "form", "record_id", "field", "variable", "value"])
def test_the_number_changes_with_what_the_finding_is(column):
    assert numbered(**{column: "other"}) != numbered()


@pytest.mark.parametrize(
    "column", ["file", "line", "dataset", "usubjid", "srcseq", "visit", "message", "severity", "site"]
)
def test_the_number_stays_when_the_record_lies_elsewhere_tomorrow(column):
    assert numbered(**{column: "info" if column == "severity" else "9"}) == numbered()


@pytest.mark.parametrize("column", ["dataset", "usubjid", "srcseq", "visit"])
def test_without_a_raw_record_the_sdtm_record_counts(column):
    assert numbered(record_id="", **{column: "9"}) != numbered(record_id="")


def test_the_number_is_sixteen_hex_digits_and_the_same_for_ever():
    assert numbered() == "0fd1c7e7355e2050"


def test_findings_alike_are_all_kept_each_with_a_number_of_its_own():
    frame = findings("code | severity | form | record_id | value\n" + "RAW-106 | warning | AE | r1 | x\n" * 3)
    once = number_findings(frame.head(1), {})["finding_id"].item()
    thrice = number_findings(frame, {})["finding_id"]
    assert thrice.nunique() == 3
    assert thrice.iloc[0] == once


def test_the_order_in_which_findings_came_does_not_matter():
    text = """
        code    | severity | site | form | record_id | value
        RAW-106 | warning  | 01   | AE   | r1        | x
        RAW-106 | warning  | 01   | AE   | r2        | y
        RAW-105 | error    | 02   | DM   | r3        |
        """
    frame = findings(text)
    pd.testing.assert_frame_equal(number_findings(frame, {}), number_findings(frame.iloc[::-1], {}))


def test_no_findings_stay_no_findings(tmp_path):
    empty = number_findings(no_findings(), LINEAGE)
    assert list(empty.columns)[: len(COLUMNS)] == COLUMNS
    write_findings(empty, tmp_path)
    assert json.loads((tmp_path / "findings.json").read_text()) == []
    assert (tmp_path / "findings.csv").read_bytes() == b"\xef\xbb\xbf" + ",".join(COLUMNS).encode() + b"\r\n"


HOSTILE = {
    "=1+1": "'=1+1",
    "+86 10": "'+86 10",
    "-5": "'-5",
    "@SUM(A1)": "'@SUM(A1)",
    "\t=1": "'\t=1",
    "\r=1": "'\r=1",
    "\n=1": "'\n=1",
    "＝1": "'＝1",
    "a=1": "a=1",
    'say "no", then\r\nstop': 'say "no", then\r\nstop',
    "发热": "发热",
    "'quoted": "'quoted",
    "": "",
}


def test_a_spreadsheet_computes_no_cell_and_the_json_is_exact(tmp_path):
    frame = no_findings().reindex(range(len(HOSTILE))).fillna("").assign(value=list(HOSTILE))
    write_findings(frame, tmp_path)
    raw = (tmp_path / "findings.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    with (tmp_path / "findings.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["value"] for row in rows] == list(HOSTILE.values())
    assert [row["value"] for row in json.loads((tmp_path / "findings.json").read_text("utf-8"))] == list(HOSTILE)


def test_history_counts_new_still_open_and_gone(tmp_path):
    text = "code | severity | form | record_id\n"
    yesterday = number_findings(findings(text + "A-1 | error | AE | r1\nA-1 | error | AE | r2"), {})
    today = number_findings(findings(text + "A-1 | error | AE | r2\nA-1 | error | AE | r3\nA-1 | error | AE | r4"), {})
    write_findings(yesterday, tmp_path)
    history = compare_findings(tmp_path, today)
    assert history is not None
    assert history.counts == {"new": 2, "still open": 1, "gone": 1}
    assert (list(history.new["record_id"]), list(history.gone["record_id"])) == (["r3", "r4"], ["r1"])


def test_without_a_last_output_there_is_no_history(tmp_path):
    assert compare_findings(None, no_findings()) is None
    assert compare_findings(tmp_path, no_findings()) is None
    (tmp_path / "findings.json").write_text("{broken")
    assert compare_findings(tmp_path, no_findings()) is None


def test_after_a_last_output_without_findings_all_are_new(tmp_path):
    write_findings(no_findings(), tmp_path)
    today = number_findings(findings("code | severity\nA-1 | error"), {})
    assert compare_findings(tmp_path, today).counts == {"new": 1, "still open": 0, "gone": 0}


@pytest.mark.slow
def test_a_hundred_thousand_findings_take_seconds_not_minutes(tmp_path):
    n = 100_000
    frame = no_findings().reindex(range(n)).fillna("")
    frame = frame.assign(
        code="CHK-301", severity="error", dataset="AE", srcseq=np.arange(n).astype("str"), usubjid="P-01", value="x"
    )
    lineage = pd.DataFrame({"USUBJID": "P-01", "AESEQ": np.arange(n, dtype="float64"), "_LINE": np.arange(n)})
    lineage = lineage.assign(
        _FORM="AE", _FILE="AE.csv", _RECORD=lineage["_LINE"].astype("str"), _SITE="01", _SUBJECT="1", _VISIT=""
    )
    started = time.process_time()
    found = number_findings(frame, {"AE": lineage})
    write_findings(found, tmp_path)
    assert time.process_time() - started < 20
    assert found["finding_id"].nunique() == n
    assert found["record_id"].nunique() == n
