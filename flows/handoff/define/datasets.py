"""ItemGroupDef: a dataset, its class, keys, variables and file."""

from __future__ import annotations

from flows.handoff.define.elements import Attributes, Element, described, node, text_node
from flows.handoff.define.items import variable_item, variable_ref
from flows.handoff.define.published import Definitions, Published, is_trial_design, leaf_id
from flows.handoff.define.terminology import Terminology
from flows.handoff.define.value_level import value_lists
from flows.handoff.oids import group_oid
from specs.models import DatasetSpec
from specs.supplemental import parent_domain

IG_STANDARD = "STD.IG"


def dataset_group(published: Published, name: str, known: Definitions, terms: Terminology) -> Element:
    """The ItemGroupDef of a dataset; its items, value lists, methods and comments join the definitions."""
    spec = published.specs[name]
    lists = value_lists(published, spec, known, terms)
    refs = []
    for number, variable in enumerate(spec.variables, start=1):
        refs.append(variable_ref(published, spec, variable, number, known))
        made = variable_item(published, spec, variable, known, terms, lists.get(variable))
        known.items[str(made.get("OID"))] = made
    caveats = " ".join(spec.caveats)
    attributes: Attributes = {
        "OID": group_oid(name),
        "Name": name,
        "Repeating": "No" if _one_record_a_subject(spec) or is_trial_design(spec) else "Yes",
        "IsReferenceData": "Yes" if is_trial_design(spec) else "No",
        "SASDatasetName": name,
        "Domain": parent_domain(name) if published.half == "sdtm" else None,
        "Purpose": "Tabulation" if published.half == "sdtm" else "Analysis",
        "def:Structure": spec.structure,
        "def:ArchiveLocationID": leaf_id(name),
        "def:StandardOID": IG_STANDARD,
        "def:CommentOID": known.comment(name, caveats) if caveats else None,
    }
    return node(
        "ItemGroupDef", attributes, described(spec.label), *refs, _class(spec), leaf(name, f"{name.lower()}.xpt")
    )


def leaf(name: str, path: str, title: str = "") -> Element:
    """A file, by a path from the folder of define.xml."""
    return node("def:leaf", {"ID": leaf_id(name), "xlink:href": path}, text_node("def:title", title or path))


def _class(spec: DatasetSpec) -> Element:
    subclass = node("def:SubClass", {"Name": spec.subclass}) if spec.subclass else None
    return node("def:Class", {"Name": spec.dataset_class.upper()}, subclass)


def _one_record_a_subject(spec: DatasetSpec) -> bool:
    return [key for key in spec.keys if key != "STUDYID"] == ["USUBJID"]
