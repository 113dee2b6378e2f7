"""Spec = define.xml = data, for both halves of a whole run: variables, labels, types, lengths, terms, files."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pandas as pd
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pyreadstat
import pytest

from flows.handoff import dataset_spec
from tests.handoff.define.reading import CODED, NS, of

NUMBERS = ("integer", "float")


@pytest.fixture(scope="session")
def data(define) -> dict[str, tuple[pd.DataFrame, object]]:
    """Dataset -> its XPT file as another reader reads it, and what the file says of its variables."""
    return {path.stem.upper(): pyreadstat.read_xport(path) for path in sorted(define.path.parent.glob("*.xpt"))}


@pytest.fixture(scope="session")
def tables(published, half):
    return {path.stem.upper(): pq.read_table(path) for path in sorted((published / half).glob("*.parquet"))}


def test_datasets_are_those_of_the_files_with_the_labels_and_keys_of_the_spec(define, data, study, half):
    told = {
        name: (group.findtext("odm:Description/odm:TranslatedText", namespaces=NS), group.get(of("def", "Structure")))
        for name, group in define.datasets.items()
    }
    specs = {name: dataset_spec(study, half, name) for name in data}

    assert told == {name: (spec.label, spec.structure) for name, spec in specs.items()}
    assert {name: about.file_label for name, (_, about) in data.items()} == {n: s.label for n, s in specs.items()}
    for name, spec in specs.items():
        keys = sorted((item for item in define.items(name) if item.key), key=lambda item: item.key or 0)
        assert [item.name for item in keys] == spec.keys


def test_variables_are_those_of_the_files_with_their_labels_and_types(define, data):
    differences = []
    for name, (frame, about) in data.items():
        told = [(item.name, item.label, item.data_type not in NUMBERS) for item in define.items(name)]
        is_text = [about.readstat_variable_types[variable] == "string" for variable in frame]
        found = list(zip(frame.columns, about.column_labels, is_text, strict=True))
        differences += [(name, a, b) for a, b in zip(told, found, strict=True) if a != b]

    assert differences == []


def test_text_is_as_long_as_in_the_files(define, data):
    differences = []
    for name, (_, about) in data.items():
        for item in define.items(name):
            width = about.variable_storage_width[item.name]
            if item.data_type == "text" and item.length != width:
                differences.append((name, item.name, item.length, width))

    assert differences == []


def test_numbers_have_the_digits_that_are_told(define, tables):
    differences = []
    for name, table in tables.items():
        for item in define.items(name):
            if item.data_type not in NUMBERS or item.display_format:
                continue
            numbers = pd.Series(table[item.name].to_pandas(), dtype="float64").dropna().abs()
            rounded = numbers.round(item.digits or 0)
            whole = 1 if numbers.empty else len(str(int(numbers.max())))
            if (rounded - numbers).abs().max() > numbers.max() * 1e-14 or item.length != whole + (item.digits or 0):
                differences.append((name, item.name, item.length, item.digits))

    assert differences == []


def test_a_variable_without_values_is_marked_and_no_other(define, tables):
    told = {(name, item.name) for name in tables for item in define.items(name) if item.no_data}

    assert told == {
        (n, v) for n, table in tables.items() for v in table.column_names if table[v].null_count == len(table)
    }


def test_every_coded_value_of_the_data_is_a_term_and_every_term_is_used(define, tables, study, half):
    used: dict[str, set[str]] = {}
    told: dict[str, list[str]] = {}
    for name, table in tables.items():
        spec = dataset_spec(study, half, name)
        for item in define.items(name):
            assert (item.codelist is not None) == _listed(spec, item) or item.no_data
            if item.codelist is not None and item.terms:
                oid = item.codelist.get("OID")
                used.setdefault(oid, set()).update(map(str, pc.unique(table[item.name]).drop_null().to_pylist()))
                told[oid] = item.terms
            for where, value in item.values:
                if value.codelist is not None and value.terms:
                    oid = value.codelist.get("OID")
                    used.setdefault(oid, set()).update(chosen(table, where, item.name).dropna())
                    told[oid] = value.terms

    assert {oid: sorted(terms) for oid, terms in told.items()} == {oid: sorted(terms) for oid, terms in used.items()}


def _listed(spec, item) -> bool:
    variable = spec.variables[item.name]
    return bool(variable.codelist or variable.dictionary)


def chosen(table, where, variable) -> pd.Series:
    """The values of a variable on the records that a where clause takes."""
    frame = table.select(list(dict.fromkeys([*where, variable]))).to_pandas()
    for name, values in where.items():
        frame = frame[frame[name].isin(values)]
    return frame[variable]


def test_terms_have_the_codes_of_the_spec_and_others_are_marked_as_extensions(define, study):
    known = {codelist.name: codelist for codelist in study.codelists.values()}
    for element in define.all("//odm:CodeList[not(odm:ExternalCodeList)]"):
        codelist = known[element.get("Name")]
        alias = element.find("odm:Alias", NS)
        assert (None if alias is None else alias.get("Name")) == codelist.code
        for item in element.xpath(CODED, namespaces=NS):
            term = codelist.terms.get(item.get("CodedValue"))
            extends = item.get(of("def", "ExtendedValue")) == "Yes"
            assert extends == bool(codelist.code and not (term and term.code and not term.codelist))
            if not codelist.extensible and codelist.code and term:
                assert not extends


def test_value_level_tells_of_every_value(define, tables):
    """Each where clause takes records, and together they take every value."""
    differences = []
    for name, table in tables.items():
        for item in define.items(name):
            taken = [chosen(table, where, item.name).dropna() for where, _ in item.values]
            if not taken:
                continue
            if sum(map(len, taken)) != len(table) - table[item.name].null_count or min(map(len, taken)) == 0:
                differences.append((name, item.name))
            for values, (where, value) in zip(taken, item.values, strict=True):
                texts = values.astype("str") if values.dtype == "str" else values
                if value.data_type == "text" and texts.str.encode("utf-8").str.len().max() != value.length:
                    differences.append((name, item.name, where, value.length))
                if value.data_type == "integer" and not (pd.to_numeric(texts) % 1 == 0).all():
                    differences.append((name, item.name, where, "integer"))

    assert differences == []


def test_findings_bds_and_supplemental_datasets_have_value_level(define, half):
    described = {name for name in define.datasets for item in define.items(name) if item.values}
    classes = {name: group.find("def:Class", NS).get("Name") for name, group in define.datasets.items()}
    wanted = {n for n, c in classes.items() if c in ("FINDINGS", "BASIC DATA STRUCTURE") or n.startswith("SUPP")}

    assert described == wanted


def test_every_file_that_is_named_is_there(define):
    hrefs = define.all("//def:leaf/@xlink:href")

    assert [href for href in hrefs if not (define.path.parent / href).is_file()] == []
    assert {f"{name.lower()}.xpt" for name in define.datasets} < set(hrefs)
    guide = "csdrg.html" if "tabulations" in define.path.parts else "adrg.html"
    assert guide in hrefs
    instruction = define.tree.xpath("preceding-sibling::processing-instruction()")
    sheet = re.search('href="(.*?)"', str(instruction[0]))
    assert sheet
    assert (define.path.parent / sheet[1]).is_file()


class Anchors(HTMLParser):
    """The ids of a page, and the links."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.tags.add(tag)
        self.ids |= {given["id"]} if "id" in given else set()
        self.links += [given["href"]] if "href" in given else []


def test_collected_variables_name_fields_of_the_annotated_crf(define, half):
    items = [(n, i) for n in define.datasets for i in define.items(n)]
    items += [(n, value) for n, item in items for _, value in item.values]
    collected = {(n, i.name): i.pages for n, i in items if i.origin == "Collected"}
    if half == "adam":
        assert not any(i.pages for _, i in items)
        return
    page = Anchors((define.path.parent / "acrf.html").read_text())

    assert {anchor for pages in collected.values() for anchor in pages} <= page.ids
    assert collected["AE", "AETERM"] == ["field-AE.AETERM"]
    assert collected["VS", "SYSBP"] == ["field-VS.SYSBP"]
    assert collected["SUPPAE", "AEDLT"] == ["field-AE.AEDLT"]


def test_every_derived_variable_has_a_method_and_no_other(define):
    missing = []
    for name in define.datasets:
        for item in define.items(name):
            every = [item, *(value for _, value in item.values)]
            missing += [(name, i.name) for i in every if (i.origin == "Derived") != bool(i.method)]
            missing += [(name, i.name) for i in every if i.origin == "Predecessor" and not i.origin_text]
            missing += [(name, i.name) for i in every if i.origin is None and not i.no_data and i.name != "QVAL"]

    assert missing == []


def test_sentences_have_numbers_in_place_of_parameters(define):
    said = define.all("//odm:TranslatedText/text()")

    assert [text for text in said if re.search(r"\{\w+\}", text)] == []


def test_page_shows_every_variable_and_links_within_itself_and_to_files_beside(define):
    text = (define.path.parent / "define.html").read_text()
    page = Anchors(text)
    inside = {link[1:] for link in page.links if link.startswith("#")}
    outside = {link.partition("#")[0] for link in page.links if not link.startswith("#")}

    assert inside <= page.ids
    assert set(define.all("//odm:ItemGroupDef/odm:ItemRef/@ItemOID")) <= page.ids
    assert outside == set(define.all("//def:leaf/@xlink:href"))
    assert not page.tags & {"script", "iframe", "object", "img", "link"}
