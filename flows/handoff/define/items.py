"""ItemDef and ItemRef: a variable, its kind of values, where it comes from and how it is made."""

from __future__ import annotations

from flows.handoff.define.elements import Attributes, Element, described, node
from flows.handoff.define.published import ACRF, Definitions, Published, leaf_id
from flows.handoff.define.shapes import Shape, is_plain_text, shape_of
from flows.handoff.define.terminology import Terminology
from flows.handoff.oids import item_oid
from specs.models import DatasetSpec, VariableSpec

# who gave a value, where the spec does not say it of the variable (Define-XML 2.1, terminology C170450)
_SOURCES = {"Collected": "Investigator", "Derived": "Sponsor", "Assigned": "Sponsor", "Protocol": "Sponsor"}


def variable_ref(published: Published, spec: DatasetSpec, name: str, number: int, known: Definitions) -> Element:
    """The ItemRef of a variable: its place, whether it must have a value, its place among the keys, its method."""
    variable = spec.variables[name]
    keys = spec.keys
    attributes: Attributes = {
        "ItemOID": item_oid(spec.dataset, name),
        "OrderNumber": number,
        "Mandatory": "Yes" if variable.core == "Req" else "No",
        "KeySequence": keys.index(name) + 1 if name in keys else None,
        "MethodOID": method_of(published, f"{spec.dataset}.{name}", variable, known),
        "Role": variable.role,
        "def:HasNoData": None if published.has_values(spec.dataset, name) else "Yes",
    }
    return node("ItemRef", attributes)


def variable_item(
    published: Published, spec: DatasetSpec, name: str, known: Definitions, terms: Terminology, value_list: str | None
) -> Element:
    """The ItemDef of a variable."""
    variable, dataset = spec.variables[name], spec.dataset
    if is_plain_text(variable, name):
        shape = Shape("text", published.lengths[dataset][name])
    else:
        shape = shape_of(published.values.of(dataset, name), variable, name)
    comment = comment_of(published, f"{dataset}.{name}", variable, known)
    return item(
        item_oid(dataset, name), name, variable.label, shape,
        terms.reference(variable),
        origin_of(published, variable, dataset, name),
        node("def:ValueListRef", {"ValueListOID": value_list}) if value_list else None,
        comment=comment, sas_name=name,
    )  # fmt: skip


def item(
    oid: str, name: str, label: str, shape: Shape, *parts: Element | None, comment: str | None = None,
    sas_name: str | None = None,
) -> Element:  # fmt: skip
    """An ItemDef."""
    attributes: Attributes = {
        "OID": oid, "Name": name, "DataType": shape.data_type, "Length": shape.length,
        "SignificantDigits": shape.digits, "SASFieldName": sas_name, "def:DisplayFormat": shape.display_format,
        "def:CommentOID": comment,
    }  # fmt: skip
    return node("ItemDef", attributes, described(label), *parts)


def origin_of(published: Published, variable: VariableSpec, dataset: str, name: str, when: str = "") -> Element | None:
    """The Origin of a variable, or of its values `when` a condition holds (TESTCD = X); none where the spec has none.

    A collected value names its fields in the annotated CRF, a predecessor the variable that it was.
    """
    if variable.origin is None:
        return None
    parts: list[Element] = []
    if variable.origin == "Collected":
        anchors = _anchors(published.pages.get((dataset, name), []), when)
        if anchors:
            page = node("def:PDFPageRef", {"Type": "NamedDestination", "PageRefs": " ".join(anchors)})
            parts.append(node("def:DocumentRef", {"leafID": leaf_id(ACRF)}, page))
    elif variable.origin == "Predecessor" and variable.says:
        parts.append(described(published.sentence(variable.says)))
    source = variable.source or _SOURCES.get(variable.origin)
    return node("def:Origin", {"Type": variable.origin, "Source": source}, *parts)


def _anchors(pages: list[tuple[str, str]], when: str) -> list[str]:
    """The fields that a value comes from: with a condition, those under it and those under none."""
    return list(dict.fromkeys(anchor for anchor, of in pages if not when or not of or when in of.split(", ")))


def method_of(published: Published, of: str, variable: VariableSpec, known: Definitions) -> str | None:
    """The OID of the method of a derived variable."""
    if variable.origin != "Derived" or not variable.says:
        return None
    return known.method(of, published.sentence(variable.says))


def comment_of(published: Published, of: str, variable: VariableSpec, known: Definitions) -> str | None:
    """The OID of the comment on a variable whose sentence stands in neither a method nor an origin."""
    if variable.origin in ("Derived", "Predecessor") or not variable.says:
        return None
    return known.comment(of, published.sentence(variable.says))
