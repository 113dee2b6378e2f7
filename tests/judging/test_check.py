"""`check`: what it tells apart, its waivers, and its formats, with hostile text in everything that comes from data."""

from __future__ import annotations

import json
import shutil
from datetime import date
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest

from flows.checking import FORMATS, Checked, CheckRequest, Finding, Outcome, check_folder, show_checked
from flows.checking.outcome import Record
from flows.checking.waivers import Waiver, apply_waivers, read_waivers
from specs.errors import SpecError

DAY = date(2026, 6, 30)
HOSTILE = "<script>alert(1)</script>\n::error::x,y:z%0A ]]> \x00\x1b[31m &lol; '\" =1+1"


def finding(**changes) -> Finding:
    told = {"code": "CHK-1", "severity": "warning", "rule": "A rule.", "place": "AE.AETERM", "file": "ae.xpt",
            "message": "Wrong.", "next_step": "Mend it.", "rows": 3}  # fmt: skip
    return Finding(**(told | changes))


# outcomes -> the whole in a word, exit code at the gate `warning`
STATUSES = {
    "nothing found": ([Outcome("AE", "a", "r")], "clean", 0),
    "skipped is not clean, and no failure": ([Outcome("AE", "a", "r", skipped="no file")], "clean", 0),
    "an info": ([Outcome("AE", "a", "r", [finding(severity="info")])], "findings", 0),
    "a warning": ([Outcome("AE", "a", "r", [finding()])], "findings", 12),
    "a waived warning": ([Outcome("AE", "a", "r", [finding(waived="by A")])], "clean", 0),
    "a crash before findings": (
        [Outcome("AE", "a", "r", [finding()]), Outcome("AE", "b", "r", crashed="KeyError in x.py, line 3")],
        "crashed",
        1,
    ),
}


@pytest.mark.parametrize(("outcomes", "status", "code"), STATUSES.values(), ids=STATUSES)
def test_status_and_exit_code(outcomes, status, code):
    checked = Checked("S", outcomes)

    assert (checked.status, checked.exit_code) == (status, code)


def test_a_file_that_cannot_be_read_is_told_with_everything_else(published, tmp_path):
    """Three forms in one folder: a good Parquet, a cut XPT, an unknown dataset, a damaged Dataset-JSON."""
    shutil.copy(published / "sdtm" / "dm.parquet", tmp_path)
    (xpt,) = published.glob("m5/**/ae.xpt")
    (tmp_path / "ae.xpt").write_bytes(xpt.read_bytes()[:1000])
    shutil.copy(published / "sdtm" / "dm.parquet", tmp_path / "dmm.parquet")
    (ndjson,) = published.glob("**/vs.ndjson")
    (tmp_path / "vs.ndjson").write_bytes(ndjson.read_bytes()[:-20])
    (tmp_path / "manifest-of-others.json").write_text("{}")

    checked = check_folder(CheckRequest("ql1706", tmp_path, DAY))

    assert checked.status == "unreadable"
    assert checked.exit_code == 11
    assert [why.split(":")[0].split("  ")[0] for why in checked.unreadable] != []
    told = "\n".join(checked.unreadable)
    assert [name in told for name in ("ae.xpt", "dmm.parquet", "vs.ndjson", "manifest-of-others")] == [
        True, True, True, False,
    ]  # fmt: skip
    assert any(o.suite == "DM (dm.parquet)" and o.status == "clean" for o in checked.outcomes)


def test_the_three_forms_of_a_study_are_judged_alike(published, tmp_path):
    def said(folder):
        checked = check_folder(CheckRequest("ql1706", folder, DAY))
        # a Parquet file has no widths, so nothing is asked of them
        return sorted((f.code, f.place, f.message, f.rows) for f in checked.findings if f.code != "ATTR-803")

    for kind in ("json", "ndjson"):
        for half in ("sdtm", "adam"):
            (tmp_path / kind / half).mkdir(parents=True)
            for path in published.glob(f"dataset-json/{half}/*.{kind}"):
                shutil.copy(path, tmp_path / kind / half)

    parquet = said(published)
    assert parquet
    assert said(tmp_path / "json") == parquet
    assert said(tmp_path / "ndjson") == parquet


# --- waivers ----------------------------------------------------------------------------------------------------


def waiver(**changes) -> Waiver:
    told = {"code": "CHK-1", "where": "AE.AETERM", "owner": "A", "reason": "agreed", "expiry": DAY}
    return Waiver.model_validate(told | changes)


# waiver -> codes of open findings after it; the day is 2026-06-30
WAIVERS = {
    "it covers": (waiver(), []),
    "small letters in where": (waiver(where="ae.aeterm"), []),
    "it expires today: it still holds": (waiver(expiry=date(2026, 6, 30)), []),
    "it expired yesterday": (waiver(expiry=date(2026, 6, 29)), ["CHK-1", "WAIVER-001"]),
    "another code": (waiver(code="CHK-2"), ["CHK-1", "WAIVER-002"]),
    "another place": (waiver(where="AE"), ["CHK-1", "WAIVER-002"]),
    "as many records as allowed": (waiver(at_most=3), []),
    "one record more than allowed": (waiver(at_most=2), ["CHK-1", "WAIVER-002"]),
}


@pytest.mark.parametrize(("given", "left"), WAIVERS.values(), ids=WAIVERS)
def test_waivers(given, left):
    outcomes = apply_waivers([Outcome("AE", "a", "r", [finding(severity="info")])], [given], DAY, "waivers.yaml")

    checked = Checked("S", outcomes)
    assert [f.code for o in outcomes for f in o.open] == left
    assert checked.failed is bool(left)  # an expired or unmatched waiver fails, whatever the gate


# text of the file -> a word of the fault
FAULTS = {
    "no owner": ("waivers: [{code: A, where: B, reason: C, expiry: 2026-01-01}]", "owner"),
    "unknown key": ("waivers: [{code: A, where: B, owner: O, reason: C, expiry: 2026-01-01, x: 1}]", "unknown key 'x'"),
    "no day": ("waivers: [{code: A, where: B, owner: O, reason: C, expiry: 7}]", "2026-12-31"),
    "no YAML": ("waivers: [", "readable YAML"),
    "an object of Python": ("waivers: !!python/object/apply:os.system [ls]", "readable YAML"),
}


@pytest.mark.parametrize(("text", "word"), FAULTS.values(), ids=FAULTS)
def test_a_faulty_file_of_waivers_is_refused(tmp_path, text, word):
    path = tmp_path / "waivers.yaml"
    path.write_text(text)

    with pytest.raises(SpecError, match=word):
        read_waivers(path)


# --- formats ----------------------------------------------------------------------------------------------------


@pytest.fixture
def hostile() -> Checked:
    record = Record(7, HOSTILE, HOSTILE, HOSTILE)
    outcomes = [
        Outcome("AE", "clean one", "Rule one."),
        Outcome(f"AE {HOSTILE}", "found", "Rule two.", [finding(message=HOSTILE, file=HOSTILE, records=[record])]),
        Outcome("AE", "waived", "Rule three.", [finding(code="CHK-2", waived=HOSTILE)]),
        Outcome("AE", "skipped", "Rule four.", skipped=HOSTILE),
        Outcome("AE", "crashed", "Rule five.", crashed="KeyError in x.py, line 3"),
    ]
    return Checked("S", outcomes, [f"ae.xpt: {HOSTILE}"])


def test_every_format_shows_no_control_character_and_is_the_same_twice(hostile):
    for name in FORMATS:
        shown = show_checked(hostile, name)
        assert not {c for c in shown if (ord(c) < 32 and c != "\n") or ord(c) == 127}, name
        assert show_checked(hostile, name) == shown


def test_junit_is_well_formed_and_counts_its_cases(hostile):
    root = ET.fromstring(show_checked(hostile, "junit").encode())

    assert root.tag == "testsuites"
    for suite in root:
        cases = suite.findall("testcase")
        assert int(suite.get("tests")) == len(cases)
        for word, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(suite.get(word)) == sum(case.find(tag) is not None for case in cases)
    totals = [sum(int(suite.get(word)) for suite in root) for word in ("tests", "failures", "errors", "skipped")]
    assert totals[:2] == [5, 1]
    assert root.find(".//failure").text.count("A rule.") == 1


def test_sarif_has_the_shape_that_the_standard_requires(hostile):
    """SARIF 2.1.0: version (3.13.2), tool.driver.name (3.18.2), message.text (3.11), ruleIndex (3.27.6), level
    (3.27.10), executionSuccessful (3.20.14)."""
    log = json.loads(show_checked(hostile, "sarif"))
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]

    assert (log["version"], run["tool"]["driver"]["name"]) == ("2.1.0", "cdisc-flows")
    assert [rules[r["ruleIndex"]]["id"] for r in run["results"]] == [r["ruleId"] for r in run["results"]]
    assert len(run["results"]) == 2
    for result in run["results"]:
        assert result["level"] in ("none", "note", "warning", "error")
        assert result["message"]["text"].count("Rule: A rule.") == 1
        assert set(result["locations"][0]) <= {"physicalLocation", "logicalLocations"}
        uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert not set(uri) & set(' <>\n"')
    assert [len(r.get("suppressions", [])) for r in run["results"]] == [0, 1]
    (invocation,) = run["invocations"]
    assert (invocation["executionSuccessful"], invocation["exitCode"]) == (False, 1)
    assert sorted(n["level"] for n in invocation["toolExecutionNotifications"]) == ["error", "error", "note"]


def test_a_github_annotation_is_one_line_that_no_text_can_end(hostile):
    *commands, _summary = show_checked(hostile, "github").splitlines()

    levels = [line.split(" ", 1)[0] for line in commands]
    assert levels == ["::warning", "::notice", "::notice", "::error", "::error"]
    properties = commands[0].removeprefix("::warning ").split("::")[0]
    assert [p.split("=")[0] for p in properties.split(",")] == ["file", "title"]
    assert "Rule: A rule." in commands[0]


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.seen = []

    def handle_starttag(self, tag, attrs):
        self.seen.append(tag)
        self.seen += [name for name, _ in attrs if name.startswith("on") or name in ("src", "href")]


def test_the_page_executes_nothing_and_loads_nothing(hostile):
    page = Tags()
    page.feed(show_checked(hostile, "html"))

    assert not {"script", "iframe", "img", "link", "src", "href"} & set(page.seen)
    assert "article" in page.seen


def test_the_json_tells_each_check_its_status(hostile):
    data = json.loads(show_checked(hostile, "json"))

    assert [o["status"] for o in data["outcomes"]] == ["clean", "findings", "clean", "skipped", "crashed"]
    assert data["checks"] == {"clean": 2, "findings": 1, "skipped": 1, "crashed": 1}
