"""The reviewer's guides: the templates' sections, figures that are those of the output, and no subject in them."""

from __future__ import annotations

import csv
import re
from html.parser import HTMLParser

import pandas as pd
import pyarrow.parquet as pq
import pytest

from flows.handoff.guides.document import Document, as_html, as_markdown

CSDRG = [
    "1. Introduction", "1.1 Purpose", "1.2 Acronyms", "1.3 Study data standards and dictionary inventory",
    "2. Protocol description", "2.1 Protocol number and title", "2.2 Protocol design", "2.3 Trial design datasets",
    "3. Subject data description", "3.1 Overview", "3.2 Traceability flow diagram", "3.3 Annotated CRF",
    "3.4 SDTM subject domains", "4. Data conformance summary", "4.1 Conformance inputs", "4.2 Issues summary",
    "4.3 Row accounting", "Appendix I. Inclusion and exclusion criteria", "Appendix II. Legacy data conversion",
]  # fmt: skip
ADRG = [
    "1. Introduction", "1.1 Purpose", "1.2 Acronyms", "1.3 Study data standards and dictionary inventory",
    "1.4 Source data used for analysis dataset creation", "2. Protocol description", "2.1 Protocol number and title",
    "2.2 Protocol design", "3. Analysis considerations related to multiple analysis datasets", "3.1 Core variables",
    "3.2 Populations", "3.3 Study parameters", "3.4 Imputation", "3.5 Data cut-off",
    "4. Analysis data creation and processing issues", "4.1 Data dependencies", "4.2 Intermediate datasets",
    "5. Analysis dataset descriptions", "5.1 Overview", "6. Data conformance summary", "6.1 Conformance inputs",
    "6.2 Issues summary", "7. Submission of programs",
]  # fmt: skip
PLACES = {"csdrg": "tabulations/sdtm", "adrg": "analysis/adam/datasets"}


class Page(HTMLParser):
    """Headings, cells, anchors and links of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.headings: list[str] = []
        self.cells: list[str] = []
        self.anchors: list[str] = []
        self.links: list[str] = []
        self.tags: set[str] = set()
        self._open = ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.tags.add(tag)
        self._open = tag
        if "id" in given:
            self.anchors.append(given["id"])
        if "href" in given:
            self.links.append(given["href"])
        if tag in ("td", "th"):
            self.cells.append("")

    def handle_endtag(self, tag):
        self._open = ""

    def handle_data(self, data):
        if self._open in ("h2", "h3"):
            self.headings.append(data)
        if self._open in ("td", "th"):
            self.cells[-1] += data


def guide(out, name, suffix):
    return (out / "m5/datasets/ql1706-escc" / PLACES[name] / f"{name}{suffix}").read_text(encoding="utf-8")


def table_under(markdown: str, heading: str) -> list[list[str]]:
    """The rows of the first table under a heading, without its head."""
    part = markdown.split(f"{heading}\n", 1)[1].split("\n#", 1)[0]
    lines = part[part.index("|") :].split("\n\n")[0].splitlines()
    return [[cell.strip().replace("\\", "") for cell in line[1:-1].split(" | ")] for line in lines[2:]]


@pytest.mark.parametrize(("name", "sections"), [("csdrg", CSDRG), ("adrg", ADRG)])
def test_the_sections_of_the_template_are_there_in_order(published, name, sections):
    markdown = guide(published, name, ".md")
    found = [line.lstrip("# ") for line in markdown.splitlines() if line.startswith("##")]
    assert [heading for heading in found if heading in sections] == sections
    page = Page(guide(published, name, ".html"))
    assert page.headings[1:] == found  # the first is that of the contents
    assert len(page.anchors) == len(set(page.anchors)) == len(found)
    assert page.links == [f"#{anchor}" for anchor in page.anchors]
    assert not page.tags & {"script", "img", "link", "iframe"}


def test_rows_and_subjects_are_those_of_the_published_datasets(published):
    told = {
        row[0]: (int(row[-2].replace(",", "")), int(row[-1].replace(",", "")))
        for name, heading in (("csdrg", "### 3.4 SDTM subject domains"), ("adrg", "### 5.1 Overview"))
        for row in table_under(guide(published, name, ".md"), heading)
    }
    for path in [*(published / "sdtm").glob("*.parquet"), *(published / "adam").glob("*.parquet")]:
        name, table = path.stem.upper(), pq.read_table(path)
        if "USUBJID" not in table.column_names or name.startswith("SUPP"):
            assert name not in told
            continue
        assert told[name] == (table.num_rows, len(table["USUBJID"].unique())), name


def test_the_data_dependencies_of_each_dataset_are_told(published):
    rows = dict(table_under(guide(published, "adrg", ".md"), "### 4.1 Data dependencies"))
    assert rows["ADSL"] == "AE, CM, DD, DM, DS, EX, LB, PR, RS, SS, SUPPDM, SV, TR, TU, VS"
    assert rows["ADTTE"] == "ADRS, ADSL"
    assert rows["ADRS"] == "ADSL, RS, TR, TU"
    assert rows["ADAE"] == "ADSL, AE, SUPPAE"


def test_every_finding_is_counted_in_a_guide(published):
    with (published / "findings.csv").open(encoding="utf-8-sig", newline="") as file:
        counts = pd.Series([row["code"] for row in csv.DictReader(file)]).value_counts().to_dict()
    told: dict[str, int] = {}
    for name, heading in (("csdrg", "### 4.2 Issues summary"), ("adrg", "### 6.2 Issues summary")):
        for code, _, _, count, _ in table_under(guide(published, name, ".md"), heading):
            told[code] = told.get(code, 0) + int(count.replace(",", ""))
    assert told == counts


def test_what_receiving_left_out_is_accounted_for(published):
    rows = table_under(guide(published, "csdrg", ".md"), "### 4.3 Row accounting")
    assert ["AE", "INACTIVE-RECORD", "1"] in rows
    assert {rule for _, rule, _ in rows} == {"INACTIVE-RECORD", "TEST-SUBJECT", "UNKNOWN-SUBJECT"}


def test_no_subject_is_named(published):
    for name in PLACES:
        for suffix in (".md", ".html"):
            assert not re.search(r"QL1706-ESCC-\d", guide(published, name, suffix))


def test_the_cut_off_and_what_it_did_are_told(dirty_export, tmp_path):
    from datetime import date

    from flows.pipeline import run_study
    from flows.request import RunRequest

    run_study(RunRequest("ql1706", dirty_export, tmp_path / "out", cutoff=date(2025, 9, 30)))
    markdown = guide(tmp_path / "out", "adrg", ".md")
    assert "with a data cut-off of 2025-09-30" in markdown
    rows = table_under(markdown, "### 3.5 Data cut-off")
    assert {rule for _, rule, _ in rows} >= {"CUTOFF-START-AFTER", "CUTOFF-END-AFTER", "CUTOFF-DEATH-AFTER"}


def test_text_is_never_taken_for_markup():
    document = Document("A | <script>alert(1)</script>", "*over*")
    document.section("1. [x](javascript:alert(1))")
    document.list(["# no heading", "a\n\n## nor this"])
    document.table(("Head | er", "Count"), [("a | b", 1234)], "none")
    html = as_html(document)
    assert Page(html).tags.isdisjoint({"script", "em"})
    assert "&lt;script&gt;" in html
    assert as_markdown(document).splitlines() == [
        r"\*over\*", "", r"# A \| \<script\>alert(1)\</script\>", "", r"## 1. \[x\](javascript:alert(1))", "",
        r"- \# no heading", r"- a \#\# nor this", "", r"| Head \| er | Count |", "| --- | --: |", r"| a \| b | 1,234 |",
    ]  # fmt: skip
