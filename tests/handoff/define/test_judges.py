"""Judges from outside: the schemas of Define-XML 2.1 and of Analysis Results Metadata, and odmlib's checks."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import odmlib
import pytest
from lxml import etree
from odmlib.arm_loader import XMLArmLoader
from odmlib.define_2_1.rules.metadata_schema import MetadataSchema
from odmlib.define_loader import XMLDefineLoader
from odmlib.exceptions import OdmlibError
from odmlib.loader import ODMLoader
from odmlib.oid_generator import create_oid_checker

from tests.handoff.define.reading import NS, Define, of

SCHEMAS = Path(odmlib.__file__).parent / "schemas"


@cache
def schema(path: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(SCHEMAS / path)))


def schema_of(define: Define) -> etree.XMLSchema:
    """That of Analysis Results Metadata where there are any: the plain one knows no element of it."""
    with_results = define.all("//arm:AnalysisResultDisplays")
    return schema("arm/1.0-define2.1/arm1-0-0.xsd" if with_results else "define/2.1/define2-1-0.xsd")


def loaded(path: Path, loader):
    reader = ODMLoader(loader)
    reader.open_odm_document(str(path))
    return reader.root()


def test_document_is_valid_by_the_schema(define):
    judge = schema_of(define)

    assert judge.validate(define.tree), [f"{e.line}: {e.message}" for e in judge.error_log][:5]


@pytest.mark.parametrize(
    "damage",
    [
        lambda tree: tree.find(".//def:leaf", NS).attrib.pop("ID"),
        lambda tree: tree.find(".//odm:ItemDef", NS).set("DataType", "words"),
        lambda tree: tree.find(".//def:Class", NS).set("Name", "SOMETHING"),
        lambda tree: tree.find(".//odm:ItemRef", NS).set(of("def", "HasNoData"), "Perhaps"),
    ],
)
def test_schema_refuses_a_damaged_document(define, damage):
    tree = etree.fromstring(etree.tostring(define.tree))

    damage(tree)

    assert not schema_of(define).validate(tree)


def test_odmlib_finds_order_conformance_and_every_reference_in_order(define):
    document = loaded(define.path, XMLDefineLoader(model_package="define_2_1"))

    assert document.verify_order()
    assert document.verify_conformance(MetadataSchema())
    assert document.verify_oids(create_oid_checker("define_2_1"))


def test_odmlib_finds_the_analyses_in_order(define):
    if not define.all("//arm:AnalysisResultDisplays"):
        assert "tabulations" in define.path.parts  # SDTM has none
        return
    document = loaded(define.path, XMLArmLoader())

    assert document.verify_order()
    assert document.verify_oids(create_oid_checker("arm_1_0"))


def test_odmlib_refuses_a_reference_that_leads_nowhere(define, tmp_path):
    broken = tmp_path / "define.xml"
    broken.write_text(define.path.read_text().replace('CodeList OID="CL.NY"', 'CodeList OID="CL.OTHER"'))
    document = loaded(broken, XMLDefineLoader(model_package="define_2_1"))

    with pytest.raises(OdmlibError, match=r"CL\.NY"):
        document.verify_oids(create_oid_checker("define_2_1"))


def test_everything_that_is_defined_is_referred_to(define):
    named = [element.get("OID") for element in define.all("//odm:ItemDef | //odm:CodeList | //odm:MethodDef")]
    named += [
        element.get("OID") for element in define.all("//def:CommentDef | //def:WhereClauseDef | //def:ValueListDef")
    ]
    referring = "//@ItemOID | //@CodeListOID | //@MethodOID | //@def:CommentOID | //@WhereClauseOID | //@ValueListOID"

    assert sorted(set(named) - set(define.all(referring))) == []
    assert len(named) == len(set(named))
