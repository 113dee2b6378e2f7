"""The whole document: study, standards, and everything that the datasets define."""

from __future__ import annotations

from importlib import metadata

from lxml import etree

from flows.handoff.define.datasets import IG_STANDARD, dataset_group, leaf
from flows.handoff.define.elements import NAMESPACES, Attributes, Element, node, text_node
from flows.handoff.define.published import ACRF, Definitions, Published, leaf_id
from flows.handoff.define.results import result_displays
from flows.handoff.define.terminology import STANDARDS, Terminology
from flows.handoff.oids import study_oid, version_oid

DEFINE_VERSION = "2.1.0"
STYLESHEET = "define2-1.xsl"
_INSTRUCTION = f'type="text/xsl" href="{STYLESHEET}"'


def define_document(published: Published) -> bytes:
    """The document as bytes: the same for the same datasets, specs and time stamp."""
    known, terms = Definitions(), Terminology(published)
    groups = [dataset_group(published, name, known, terms) for name in published.specs]
    displays = result_displays(published, known)
    version = node(
        "MetaDataVersion", _version(published),
        _standards(published, terms),
        _documents("def:AnnotatedCRF", [name for name in published.documents if name == ACRF]),
        _documents("def:SupplementalDoc", [name for name in published.documents if name != ACRF]),
        *known.value_lists.values(), *known.where_clauses.values(), *groups, *known.items.values(), *terms.elements(),
        *known.methods.values(), *known.comments.values(),
        *(leaf(name, path, title) for name, (path, title) in published.documents.items()),
        displays,
    )  # fmt: skip
    root = etree.Element(f"{{{NAMESPACES[None]}}}ODM", _root(published), nsmap=NAMESPACES)
    root.append(node("Study", {"OID": study_oid(published.study.studyid)}, _study(published), version))
    etree.cleanup_namespaces(root, keep_ns_prefixes=["def", "xlink"])  # arm only where there are analyses
    root.addprevious(etree.ProcessingInstruction("xml-stylesheet", _INSTRUCTION))
    whole: bytes = etree.tostring(
        root.getroottree(), xml_declaration=True, encoding="UTF-8", pretty_print=True, standalone=None
    )
    return whole


def _root(published: Published) -> dict[str, str]:
    when = published.stamp.isoformat()
    return {
        "FileType": "Snapshot",
        "FileOID": f"DEFINE.{published.study.studyid}.{published.half.upper()}",
        "ODMVersion": "1.3.2",
        "CreationDateTime": when,
        "AsOfDateTime": when,
        "SourceSystem": "cdisc-flows",
        "SourceSystemVersion": metadata.version("cdisc-flows"),
        f"{{{NAMESPACES['def']}}}Context": "Submission",
    }


def _study(published: Published) -> Element:
    study = published.study.study
    return node(
        "GlobalVariables", None,
        text_node("StudyName", study.studyid), text_node("StudyDescription", study.title),
        text_node("ProtocolName", study.studyid),
    )  # fmt: skip


def _version(published: Published) -> dict[str, str]:
    half = "SDTM" if published.half == "sdtm" else "ADaM"
    return {
        "OID": version_oid(published.study.studyid, published.half),
        "Name": f"Study {published.study.studyid}, {half} data definitions",
        "Description": f"Data definitions of the {half} datasets of study {published.study.studyid}",
        "def:DefineVersion": DEFINE_VERSION,
    }


def _documents(name: str, documents: list[str]) -> Element | None:
    refs = [node("def:DocumentRef", {"leafID": leaf_id(document)}) for document in documents]
    return node(name, None, *refs) if refs else None


def _standards(published: Published, terms: Terminology) -> Element:
    study = published.study.study
    name, version = ("SDTMIG", study.sdtmig) if published.half == "sdtm" else ("ADaMIG", study.adamig)
    versions = {"SDTM": study.ct_version, "ADaM": study.adam_ct_version}
    guide: Attributes = {"OID": IG_STANDARD, "Name": name, "Type": "IG", "Version": version, "Status": "Final"}
    packages: list[Attributes] = [
        {
            "OID": STANDARDS[package], "Name": "CDISC/NCI", "Type": "CT", "PublishingSet": package,
            "Version": versions[package], "Status": "Final",
        }
        for package in STANDARDS if package in terms.packages
    ]  # fmt: skip
    return node("def:Standards", None, *(node("def:Standard", standard) for standard in [guide, *packages]))
