"""coverage.csv and the annotated CRF: what they say, and that no text of a spec becomes HTML or a formula."""

from __future__ import annotations

import csv
from html.parser import HTMLParser

import pytest

from flows.handoff import find_uncovered, write_coverage
from flows.handoff.acrf import annotated_crf
from flows.handoff.html import Html, tag
from specs import load_study
from tests.specs import test_coverage as coverage_study

VOID = {"meta"}


class Page(HTMLParser):
    """Elements, ids, links and the text of a page; complains of what is not closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.attributes: set[str] = set()
        self.texts: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, name, attributes):
        self.tags.add(name)
        given = dict(attributes)
        self.attributes |= set(given)
        self.ids += [given["id"]] if "id" in given else []
        self.links += [given["href"]] if "href" in given else []
        if name not in VOID:
            self.open.append(name)

    def handle_endtag(self, name):
        assert self.open.pop() == name

    def handle_data(self, data):
        if self.open and self.open[-1] != "style" and data.strip():
            self.texts.append(data.strip())


@pytest.fixture(scope="module")
def page(study):
    return Page(annotated_crf(study))


@pytest.fixture
def small(tmp_path):
    """The study in which every kind of use stands once, with texts that must not be taken for HTML or a formula."""
    forms = coverage_study.FORMS.replace("label: Patient", 'label: "<script>alert(1)</script> & Co"')
    forms = forms.replace("label: Copied,", 'label: "=1+1",')
    return load_study(coverage_study.write(tmp_path, forms=forms))


def test_the_page_is_closed_and_stands_alone(page):
    assert page.open == []
    assert not page.tags & {"script", "link", "img", "iframe", "object"}
    assert not page.attributes & {"src", "style", "onclick"}
    assert len(page.ids) == len(set(page.ids))


def test_every_link_leads_to_a_place_on_the_page(page):
    assert {link.removeprefix("#") for link in page.links} <= set(page.ids)
    assert all(link.startswith("#") for link in page.links)


def test_every_form_field_choice_and_domain_is_on_the_page(page, study):
    shown = set(page.texts)
    for form, spec in study.forms.items():
        assert f"form-{form}" in page.ids
        assert spec.label in shown
        for name, field in spec.fields.items():
            assert f"field-{form}.{name}" in page.ids
            assert {name, field.label} <= shown
            for code, decode in study.choices.get(field.choices or "", {}).items():
                assert {code, decode} <= shown
    assert {f"domain-{name}" for name in study.sdtm} <= set(page.ids)


@pytest.mark.parametrize(
    "line",
    [
        ["AE.AETERM", "copied"],
        ["VS.VSORRES", "when VSTESTCD = TEMP", "copied", "VS.VSORRESU", "when VSTESTCD = TEMP"],
        ["SUPPAE.QVAL", "when QNAM = AEDLT"],
        ["[NOT SUBMITTED]", "It prompts for the events, which AE holds; a subject without any has no record."],
        ["Decides which records AE has."],
        ["DS.DSSTDTC", "when DSTERM = ENROLLED", "date"],
        ["DM.ARMCD", "rule planned_arm"],
    ],
    ids=" ".join,
)
def test_how_an_annotation_reads(page, line):
    spans = [page.texts[at : at + len(line)] for at in range(len(page.texts))]

    assert line in spans


def test_a_text_of_the_specs_stays_text(small):
    page = Page(annotated_crf(small))

    assert "script" not in page.tags
    assert "<script>alert(1)</script> & Co" in page.texts


def test_what_nobody_explains_is_on_the_page_and_a_finding(small):
    page = Page(annotated_crf(small))
    found = find_uncovered(small)

    assert page.texts.count("The specs give no reason.") == 7
    assert page.texts.count("The specs give no reason, of the unit.") == 1
    assert found[["code", "severity", "form", "field"]].to_numpy().tolist() == [
        ["COV-701", "warning", form, field]
        for form, field in [
            ("P", "IDLE"), ("P", "LOST"), ("P", "CHECKED"),
            ("L", "HEIGHT_UN"), ("L", "DONE"), ("L", "KIND"), ("L", "GROUP"), ("J", "ASKED"),
        ]
    ]  # fmt: skip
    assert "LOST (Nobody reads it) of form P reaches no SDTM variable" in " ".join(found["message"])


def test_the_table_has_a_row_for_each_use_and_for_each_field_without_one(small, tmp_path):
    write_coverage(small, tmp_path)
    with (tmp_path / "coverage.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))

    assert rows[0] == ["form", "field", "label", "dataset", "variable", "how", "when", "reason"]
    assert ["P", "PLAIN", "'=1+1", "DM", "PLAIN", "copied", "", ""] in rows
    assert ["P", "WHY", "Reason given", "", "", "", "", "The pharmacy keeps it."] in rows
    assert ["P", "LOST", "Nobody reads it", "", "", "", "", ""] in rows
    assert ["L", "WEIGHT_UN", "Weight: unit", "LB", "LBORRESU", "unit, codelist UNIT", "LBTESTCD = WEIGHT", ""] in rows


def test_the_same_specs_give_the_same_bytes(study, tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        write_coverage(study, tmp_path / name)

    for name in ("acrf.html", "coverage.csv"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


@pytest.mark.parametrize(
    ("made", "html"),
    [
        (tag("p", "a < b & c"), "<p>a &lt; b &amp; c</p>"),
        (tag("p", Html("<b>x</b>"), None, ["y", ["z"]]), "<p><b>x</b>yz</p>"),
        (
            tag("a", "x", href='#"onclick="', css="c", anchor="i"),
            '<a class="c" id="i" href="#&quot;onclick=&quot;">x</a>',
        ),
    ],
)
def test_texts_are_escaped_and_html_is_not(made, html):
    assert made == html
