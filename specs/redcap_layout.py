"""How a REDCap export names the forms, fields and folders of a study, and where it keeps what identifies a record.

REDCap has one wide file for all instruments, variable names in small letters that are unique in the project, and no
record ids, save times or inactive records: what the study needs of these is exported as fields.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Self

from pydantic import AfterValidator, model_validator
from pydantic_core import PydanticCustomError

from specs.models import Strict, placeholders


def _column(pattern: str) -> str:
    try:
        unknown = sorted(placeholders(pattern) - {"form", "field"})
    except ValueError as error:
        raise PydanticCustomError("column_braces", "the braces of the pattern do not close", {}) from error
    if unknown:
        message = "the pattern knows no '{name}', only form and field"
        raise PydanticCustomError("column_placeholder", message, {"name": unknown[0]})
    return pattern


ColumnPattern = Annotated[str, AfterValidator(_column)]


class RedcapLayout(Strict):
    """Columns are compared without regard to capitals; of several patterns the first that the file has decides."""

    record_id: str = "record_id"  # the field that names the subject
    columns: list[ColumnPattern] = ["{form}_{field}", "{field}"]
    instruments: dict[str, str] = {}  # instrument -> form, where it is not the form's name in small letters
    fields: dict[str, str] = {}  # FORM.FIELD -> column, a checkbox `field___code` among them
    events: dict[str, str] = {}  # unique event name -> folder, where no rule fits
    site: str = "redcap_data_access_group"
    site_pattern: str = r"(?:site[_ ]?)?(.+)"  # the first group is the site number
    record: ColumnPattern = "{form}_recordid"
    saved: ColumnPattern = "{form}_saved"
    page_date: ColumnPattern = "{form}_recorddate"
    unit_suffix: str = "_un"  # beside the column of a number with units
    checked: str = "Y"  # what a checkbox says that stands for a whole field
    unchecked: str = ""
    missing_codes: list[str] = []  # the project's missing data codes: read as blank

    @model_validator(mode="after")
    def _site_can_be_taken(self) -> Self:
        try:
            groups = re.compile(self.site_pattern).groups
        except re.error as error:
            message = "`site_pattern` is no regular expression: {error}"
            raise PydanticCustomError("site_pattern", message, {"error": str(error)}) from error
        if groups < 1:
            raise PydanticCustomError("site_pattern", "`site_pattern` has no group in parentheses to take", {})
        return self

    def names(self) -> Iterator[tuple[str, str]]:
        """Each name of a form, or of a field as FORM.FIELD, that is declared here, and the key it stands under."""
        yield from ((f"instruments.{name}", form) for name, form in self.instruments.items())
        yield from ((f"fields.{name}", name) for name in self.fields)
