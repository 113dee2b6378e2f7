"""What an ODM export says of itself: which forms have which items, what codes and units mean, names of events."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from flows.receive.odm_oids import OidNames
from specs.errors import Problem, did_you_mean
from specs.loader import StudySpec


@dataclass
class OdmMetadata:
    """The definitions of all MetaDataVersions of all files of an export, by OID."""

    events: dict[str, tuple[str, bool]] = field(default_factory=dict)  # name, and whether it repeats
    forms: dict[str, set[str]] = field(default_factory=dict)  # item groups
    groups: dict[str, set[str]] = field(default_factory=dict)  # items
    single_groups: set[str] = field(default_factory=set)  # item groups that do not repeat
    codelist_of: dict[str, str] = field(default_factory=dict)  # item -> code list
    codelists: dict[str, dict[str, list[str]]] = field(default_factory=dict)  # code -> its texts, one a language
    units: dict[str, str] = field(default_factory=dict)
    elsewhere: bool = False  # definitions are included from another file

    def items_of(self, form_oid: str) -> set[str]:
        """The items that a form can have."""
        return {item for group in self.forms.get(form_oid, ()) for item in self.groups.get(group, ())}

    def choices_of(self, item_oid: str) -> dict[str, list[str]]:
        """The codes of an item and their texts."""
        return self.codelists.get(self.codelist_of.get(item_oid, ""), {})

    def missing(self, study: StudySpec, names: OidNames, place: str) -> Iterator[Problem]:
        """The forms and fields that the study needs and that the export does not define.

        Nothing is said where the export has no definitions, or not all of them: an item without data is blank.
        """
        if not self.forms or self.elsewhere:
            return
        defined: dict[str, set[str]] = {}
        for oid in self.forms:
            form = names.form(oid)
            if form:
                defined.setdefault(form, set()).update(names.item(form, item)[0] for item in self.items_of(oid))
        for form, spec in study.forms.items():
            if form not in defined:
                if not spec.optional:
                    yield Problem(
                        code="INPUT-069", place=place,
                        fact=f"Form {form} ({spec.label}) is not among the forms that the export defines (FormDef).",
                        hint=did_you_mean(form, self.forms),
                        next_step=f"have it exported, say `optional: true` for {form} in forms.yaml, or name its "
                        "FormOID in the study's odm.yaml.",
                    )  # fmt: skip
                continue
            for name, one in spec.fields.items():
                if name not in defined[form] and not one.optional:
                    yield Problem(
                        code="INPUT-068", place=f"{place}, form {form}",
                        fact=f"Item {name} ({one.label}) is not among the items that the export defines for the form.",
                        hint=did_you_mean(name, defined[form]),
                        next_step="have it exported, say `optional: true` for its field in forms.yaml, or name its "
                        "ItemOID in the study's odm.yaml.",
                    )  # fmt: skip
