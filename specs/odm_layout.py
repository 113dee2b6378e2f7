"""How an ODM-XML export names the forms, fields and folders of a study, and where it keeps what identifies a record.

Without any of it declared, the layouts of OpenClinica and of Medidata Rave are read, and the one the simulator writes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any, Self

from pydantic import AfterValidator, model_validator
from pydantic_core import PydanticCustomError

from specs.errors import did_you_mean
from specs.models import Strict, placeholders

ELEMENTS = ("ClinicalData", "SubjectData", "SiteRef", "StudyEventData", "FormData", "ItemGroupData")


def _knows(*known: str) -> Any:
    """A check that a pattern uses these placeholders only, the first of them for certain."""

    def check(pattern: str) -> str:
        try:
            used = placeholders(pattern)
        except ValueError as error:
            raise PydanticCustomError("oid_braces", "the braces of the pattern do not close", {}) from error
        for name in sorted(used - set(known)):
            message = "the pattern knows no '{name}', only {known}"
            context = {
                "name": name,
                "known": " and ".join(f"{{{k}}}" for k in known),
                "hint": did_you_mean(name, known),
            }
            raise PydanticCustomError("oid_placeholder", message, context)
        if known[0] not in used:
            raise PydanticCustomError("oid_pattern", "the pattern lacks {name}", {"name": f"{{{known[0]}}}"})
        return pattern

    return AfterValidator(check)


FormPattern = Annotated[str, _knows("form", "version")]
ItemPattern = Annotated[str, _knows("field", "form")]
FolderPattern = Annotated[str, _knows("folder")]
UnitPattern = Annotated[str, _knows("unit")]


class OdmPlace(Strict):
    """Where a value lies: `Element@attribute`, or the name of an item of the form; `take` picks a part of it.

    Written as text alone where the whole value is taken. An attribute of a vendor has the prefix `OpenClinica:` or
    `mdsol:`, whatever prefix the file gives it. `take` is a regular expression whose first group is the value; where
    it does not fit, the place says nothing.
    """

    at: str
    take: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, data: Any) -> Any:
        return {"at": data} if isinstance(data, str) else data

    @model_validator(mode="after")
    def _can_be_used(self) -> Self:
        if self.element is not None and self.element not in ELEMENTS:
            message = "there is no element '{name}' to take a value from"
            context = {"name": self.element, "hint": did_you_mean(self.element, ELEMENTS)}
            raise PydanticCustomError("odm_element", message, context)
        try:
            groups = re.compile(self.take).groups if self.take is not None else 1
        except re.error as error:
            message = "`take` is no regular expression: {error}"
            raise PydanticCustomError("odm_take", message, {"error": str(error)}) from error
        if groups < 1:
            raise PydanticCustomError("odm_take", "`take` has no group in parentheses to take", {})
        return self

    @property
    def element(self) -> str | None:
        """The element whose attribute it is; none for an item."""
        return self.at.partition("@")[0] if "@" in self.at else None

    @property
    def name(self) -> str:
        """The attribute's or the item's name."""
        return self.at.rpartition("@")[2]


class OdmLayout(Strict):
    """The OIDs and the places of identity. Of several patterns or places the first that fits decides.

    `{version}` is a CRF version at the end of a FormOID; `{form}`, `{field}` and `{folder}` are names of the specs.
    """

    form_oids: list[FormPattern] = ["{form}", "F_{form}", "F_{form}_{version}", "{form}_{version}"]
    item_oids: list[ItemPattern] = ["{form}.{field}", "I_{form}_{field}", "IT.{form}.{field}", "{field}"]
    event_oids: list[FolderPattern] = ["SE_{folder}", "SE.{folder}", "{folder}"]
    unit_oids: list[UnitPattern] = ["MU_{unit}", "MU.{unit}", "{unit}"]
    forms: dict[str, str] = {}  # FormOID -> form, where no pattern fits
    items: dict[str, str] = {}  # ItemOID -> FORM.FIELD
    events: dict[str, str] = {}  # StudyEventOID -> folder
    study_oids: list[str] = []  # the StudyOIDs that are this study; none: any
    subject: list[OdmPlace] = [
        OdmPlace(at="SubjectData@OpenClinica:StudySubjectID"),
        OdmPlace(at="SubjectData@mdsol:SubjectName"),
        OdmPlace(at="SubjectData@SubjectKey"),
    ]
    site: list[OdmPlace] = [OdmPlace(at="SiteRef@LocationOID")]
    record: list[OdmPlace] = [OdmPlace(at="ItemGroupData@mdsol:RecordId"), OdmPlace(at="RECORDID")]
    page: list[OdmPlace] = [OdmPlace(at="FormData@mdsol:DataPageId")]
    page_date: list[OdmPlace] = [
        OdmPlace(at="RECORDDATE"),
        OdmPlace(at="FormData@OpenClinica:InterviewDate"),
        OdmPlace(at="StudyEventData@OpenClinica:StartDate"),
    ]
    saved: list[OdmPlace] = []  # beside the DateTimeStamp of the AuditRecord, which comes first
    active: list[OdmPlace] = []  # an item or attribute that says 0, false or no; beside the transaction Remove
    removed_status: list[str] = ["removed", "auto-removed"]  # words of OpenClinica:Status that make records inactive

    @model_validator(mode="after")
    def _subjects_are_told_by_attributes(self) -> Self:
        for key, places in (("subject", self.subject), ("site", self.site)):
            for place in places:
                if place.element is None or place.element in ("StudyEventData", "FormData", "ItemGroupData"):
                    message = "`{key}` is an attribute of ClinicalData, SubjectData or SiteRef"
                    raise PydanticCustomError("odm_subject", message, {"key": key})
        return self

    def identity_items(self) -> frozenset[str]:
        """The items that identify a record instead of being fields of it."""
        places = [*self.record, *self.page, *self.page_date, *self.saved, *self.active]
        return frozenset(place.name for place in places if place.element is None)

    def names(self) -> Iterator[tuple[str, str]]:
        """Each name of a form, or of a field as FORM.FIELD, that is declared here, and the key it stands under."""
        yield from ((f"forms.{oid}", form) for oid, form in self.forms.items())
        yield from ((f"items.{oid}", name) for oid, name in self.items.items())
