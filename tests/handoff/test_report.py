"""report.html: one page that loads nothing, counts what the datasets hold, and shows data as text."""

from __future__ import annotations

import base64
import csv
import hashlib
import json
import re
from html.parser import HTMLParser

import pandas as pd
import pyarrow as pa
import pytest

from flows.handoff import report as module
from flows.handoff.guides.facts import DatasetFacts, GuideFacts
from flows.handoff.report import report
from flows.handoff.report.endpoints import overviews
from specs.findings import COLUMNS

HOSTILE = '<img src=x onerror="alert(1)"><script>alert(2)</script>'


class Page(HTMLParser):
    """What a page is made of: elements with their attributes, cells row by row, and titles within the picture."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.rows: list[list[str]] = []
        self.titles: list[str] = []
        self.sections: list[str] = []
        self._open = ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self._open = tag
        if tag == "section":
            self.sections.append(dict(attrs)["id"])
        if tag == "tr":
            self.rows.append([])
        if tag == "td":
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        self._open = ""

    def handle_data(self, data):
        if self._open == "td":
            self.rows[-1][-1] += data
        if self._open == "title":
            self.titles.append(data)

    def names(self) -> set[str]:
        return {name for name, _ in self.elements}


@pytest.fixture(scope="module")
def page(published) -> Page:
    return Page((published / "report.html").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def adam(published):
    return {path.stem.upper(): pd.read_parquet(path) for path in (published / "adam").glob("*.parquet")}


def facts(findings: pd.DataFrame | None = None, **changed) -> GuideFacts:
    none = pd.DataFrame({name: pd.Series(dtype="str") for name in COLUMNS})
    given = {
        "snapshot": "2025-03-09", "cutoff": "", "datasets": [DatasetFacts("adam", "ADSL", "Subjects", 3, 3)],
        "findings": none if findings is None else findings, "accounting": {}, "inputs": 0,
    } | changed  # fmt: skip
    return GuideFacts(**given)


def finding(**values: str) -> dict[str, str]:
    return dict.fromkeys(COLUMNS, "") | {"code": "SDTM-202", "severity": "info"} | values


def test_the_page_loads_nothing_and_runs_its_own_script_only(page, published):
    html = (published / "report.html").read_text(encoding="utf-8")
    outside = [a for _, a in page.elements if any(key in a for key in ("src", "action", "data"))]
    assert outside == []
    assert all(a["href"].startswith("#") for _, a in page.elements if "href" in a)
    scripts = re.findall(r"<script>(.*?)</script>", html, flags=re.DOTALL)
    assert len(scripts) == 1
    digest = base64.b64encode(hashlib.sha256(scripts[0].encode()).digest()).decode()
    policy = next(a["content"] for _, a in page.elements if a.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none';")
    assert f"script-src 'sha256-{digest}'" in policy
    assert not any(key.startswith("on") for _, a in page.elements for key in a)


def test_every_finding_is_a_row_that_the_filters_know(page, published):
    with (published / "findings.csv").open(encoding="utf-8-sig", newline="") as file:
        wanted = sorted((row["severity"], row["code"]) for row in csv.DictReader(file))
    rows = [a for name, a in page.elements if name == "tr" and "data-code" in a]
    assert sorted((a["data-severity"], a["data-code"]) for a in rows) == wanted
    options = {a["value"] for name, a in page.elements if name == "option"}
    assert options == {"", "error", "warning", "info"} | {code for _, code in wanted}


def test_populations_and_responses_are_counted_from_the_datasets(page, adam):
    adsl, adrs = adam["ADSL"], adam["ADRS"]
    rows = {row[0]: row[1:] for row in page.rows if row}
    treated = adsl[adsl["SAFFL"] == "Y"]
    arms = sorted(adsl["TRT01A"].dropna().unique())
    assert rows["Safety"] == [f"{(treated['TRT01A'] == arm).sum()}" for arm in arms] + [f"{len(treated)}"]
    best = adrs[adrs["PARAMCD"] == "CBOR"]["AVALC"]
    told = next(row[1:] for row in page.rows if row and row[0].startswith("CBOR:"))
    assert told == [f"{(best == word).sum()}" for word in ("CR", "PR", "SD", "NON-CR/NON-PD", "PD", "NE")]
    assert sum(map(int, told)) == (adsl["FASFL"] == "Y").sum()


def test_times_toxicities_and_events_are_counted_from_the_datasets(page, adam):
    survival = adam["ADTTE"].query("PARAMCD == 'OS'")
    deaths = [row for row in page.rows if row and row[0].startswith("OS:") and row[1] == "event"]
    assert [row[3] for row in deaths] == [f"{(survival['CNSR'] == 0).sum()}"]
    toxic = adam["ADDLT"].query("PARAMCD == 'DLT' and DOSELVL == 1")["AVALC"]
    told = next(row for row in page.rows if row[:1] == ["Level 1"] and row[1].startswith("DLT:"))
    assert told[2:5] == [f"{(toxic == word).sum()}" for word in ("Y", "N", "INDETERMINATE")]
    serious = adam["ADAE"].query("TRTEMFL == 'Y' and AESER == 'Y'")["USUBJID"].nunique()
    assert next(row[-1] for row in page.rows if row[:1] == ["Serious"]) == f"{serious}"


def test_the_picture_says_how_many_rows_go_where(page, published):
    account = json.loads((published / "manifest.json").read_text(encoding="utf-8"))["accounting"]["sdtm"]
    wanted = {
        f"{row['form']} to {row['dataset']}: {row['rows']:,} rows"
        for row in account
        if row["rule"] == "SDTM-ROWS" and row["rows"] and row["form"]
    }
    assert {title for title in page.titles if title.endswith(" rows")} == wanted
    assert any(title.startswith("HEM to LB: ") for title in wanted)
    assert "TR to ADTR" in page.titles


def test_data_are_text_whatever_they_hold(study):
    hostile = finding(severity="error", subject=HOSTILE, value=HOSTILE, message=HOSTILE, field=HOSTILE)
    adsl = pa.table({"USUBJID": ["1"], "TRT01A": [HOSTILE], "SAFFL": ["Y"]})
    html = report(study, facts(pd.DataFrame([hostile])), {"ADSL": adsl})
    page = Page(html)
    assert "img" not in page.names()
    assert sum(name == "script" for name, _ in page.elements) == 1
    assert html.count("&lt;img src=x onerror=&quot;alert(1)&quot;&gt;") == 5


def test_more_findings_than_a_browser_likes_are_cut_with_a_word(study, monkeypatch):
    monkeypatch.setattr(module, "MOST_FINDINGS", 2)
    many = pd.DataFrame([finding(), finding(code="CHK-301", severity="error"), finding()])
    html = report(study, facts(many), {})
    rows = [a["data-code"] for name, a in Page(html).elements if name == "tr" and "data-code" in a]
    assert rows == ["CHK-301", "SDTM-202"]
    assert "1 more, the less severe ones, are in findings.csv." in html


def test_what_a_run_does_not_have_is_not_shown(study):
    assert Page(report(study, facts(), {})).sections == ["datasets", "findings"]
    assert overviews({}) == []
    assert overviews({"ADSL": pa.table({"USUBJID": ["1"]})}) == []
