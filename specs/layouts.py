"""Layouts: which file of an export holds which form, and which column holds what, for exports made of tables.

One layout is one file `layouts/<name>.yaml` of a study. What a layout does not declare, a reader does not guess.
"""

from __future__ import annotations

import codecs
import re
import string
from typing import Any, Literal, Self

from pydantic import field_validator, model_validator
from pydantic_core import PydanticCustomError

from specs.errors import did_you_mean
from specs.models import FieldSpec, Strict

Container = Literal["csv", "xpt", "sas7bdat", "parquet"]

_PLACEHOLDERS = {"field", "field_lower", "form", "form_lower", "project", "study"}


def _check_pattern(pattern: str) -> str:
    """A name with placeholders such as `{field}` or `{field:.7}`: its first seven characters."""
    try:
        parts = list(string.Formatter().parse(pattern))
    except ValueError as error:
        raise PydanticCustomError("pattern", "the braces in '{p}' do not close", {"p": pattern}) from error
    for _, name, cut, conversion in parts:
        if name is None:
            continue
        if name not in _PLACEHOLDERS:
            hint = did_you_mean(name, _PLACEHOLDERS)
            raise PydanticCustomError("pattern", "there is no placeholder '{name}'", {"name": name, "hint": hint})
        if conversion or not re.fullmatch(r"(\.\d+)?", cut or ""):
            raise PydanticCustomError("pattern", "'{p}': only a cut such as {field:.7} may follow", {"p": pattern})
    return pattern


class FieldColumns(Strict):
    """The columns that hold one field; the keys that fit its kind only.

    text, time, number: `typed`, the text as typed; a list is joined (a long text in pieces); a number's `unit`.
    coded: `code`, and `decode` or (SAS value labels of a catalogue) `labels: true`; of code and decode one may be
    absent, it is then found in the study's choices; `codes` maps the export's codes to the study's.
    date: `typed`; `value`, `year`, `month`, `day` are what the export says a second time, for the cross checks; `order`
    is the order of the parts where this export's differs from forms.yaml.
    """

    typed: str | list[str] | None = None
    unit: str | None = None
    code: str | None = None
    decode: str | None = None
    labels: bool = False
    codes: dict[str, str] = {}
    value: str | None = None
    year: str | None = None
    month: str | None = None
    day: str | None = None
    order: Literal["DMY", "YMD", "MDY"] | None = None

    @field_validator("typed", "unit", "code", "decode", "value", "year", "month", "day")
    @classmethod
    def _patterns(cls, given: str | list[str] | None) -> str | list[str] | None:
        for pattern in [given] if isinstance(given, str) else given or []:
            _check_pattern(pattern)
        return given

    @property
    def pieces(self) -> list[str]:
        """The columns whose joined text is what was typed."""
        return [self.typed] if isinstance(self.typed, str) else self.typed or []


class IdentityColumn(Strict):
    """Where an item of identity stands: columns (joined by `joint`) or a constant; `words` maps its texts."""

    columns: list[str] = []
    joint: str = "-"
    constant: str | None = None
    words: dict[str, str] = {}

    @model_validator(mode="before")
    @classmethod
    def _short(cls, data: Any) -> Any:
        if isinstance(data, str):
            return {"columns": [data]}
        if isinstance(data, list):
            return {"columns": data}
        return data

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if bool(self.columns) == (self.constant is not None):
            raise PydanticCustomError("identity_source", "give either `columns` or a `constant`")
        for pattern in self.columns:
            _check_pattern(pattern)
        return self


class FormIdentity(Strict):
    """Items of identity that a form holds elsewhere than the other forms."""

    record: IdentityColumn | None = None
    subject: IdentityColumn | None = None
    site: IdentityColumn | None = None
    folder: IdentityColumn | None = None
    instance: IdentityColumn | None = None
    visit_name: IdentityColumn | None = None
    position: IdentityColumn | None = None
    page: IdentityColumn | None = None
    page_date: IdentityColumn | None = None
    saved: IdentityColumn | None = None
    active: IdentityColumn | None = None


class LayoutIdentity(FormIdentity):
    """The items of identity of every form. Record, subject, site and folder must be there; the others have defaults.

    Absent: instance "0", position "0", active "1" (an export without inactive records), the others blank.
    """

    record: IdentityColumn
    subject: IdentityColumn
    site: IdentityColumn
    folder: IdentityColumn


class FormLayout(Strict):
    """What is particular to one form."""

    file: str | None = None  # its file's name, where it does not follow `files`
    columns: dict[str, FieldColumns] = {}  # field -> its columns, where they do not follow the rule of its kind
    identity: FormIdentity = FormIdentity()
    ignored: list[str] = []  # columns that are known and not used


class ColumnRules(Strict):
    """The columns of a field by its kind."""

    text: FieldColumns = FieldColumns(typed="{field}")
    time: FieldColumns = FieldColumns(typed="{field}")
    number: FieldColumns = FieldColumns(typed="{field}")
    date: FieldColumns = FieldColumns(typed="{field}")
    coded: FieldColumns = FieldColumns(code="{field}")


class LayoutSpec(Strict):
    """`layouts/<name>.yaml`: an export made of one table a form."""

    container: Container
    label: str
    files: str  # {form}, {form_lower}, {project}, {study}; `*` is any text; case does not count
    delimiter: Literal[",", ";", "\t", "|"] = ","
    quoted: bool = True  # csv: texts may stand in double quotes
    encoding: str | None = None  # csv: default UTF-8; SAS files: default as the file says
    end_mark: str | None = None  # csv: the text of the last line of a complete file
    last_line_ends: bool = True  # csv without an end mark: a complete file ends with a line end
    version: Literal[5, 8] = 5  # xpt: version 5 has names of 8 characters
    catalogue: str | None = None  # sas7bdat: the file of value labels, e.g. formats.sas7bcat
    missing: list[str] = []  # texts of a cell that mean that nothing was entered
    may_be_empty: list[str] = []  # forms that may come without records
    ignored: list[str] = []  # columns of every file that are known and not used
    identity: LayoutIdentity
    columns: ColumnRules = ColumnRules()
    forms: dict[str, FormLayout] = {}

    @field_validator("files")
    @classmethod
    def _file_pattern(cls, given: str) -> str:
        return _check_pattern(given)

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, given: str | None) -> str | None:
        try:
            codecs.lookup(given or "utf-8")
        except LookupError as error:
            known = ["utf-8", "utf-16", "gbk", "gb18030", "latin-1", "windows-1252", "shift_jis"]
            hint = did_you_mean(given or "", known) or "e.g. " + ", ".join(known)
            raise PydanticCustomError("encoding", "there is no encoding '{e}'", {"e": given, "hint": hint}) from error
        return given

    @model_validator(mode="after")
    def _keys_of_the_container(self) -> Self:
        own = {
            "delimiter": "csv", "quoted": "csv", "end_mark": "csv", "last_line_ends": "csv", "version": "xpt",
            "catalogue": "sas7bdat",
        }  # fmt: skip
        for key, container in own.items():
            if key in self.model_fields_set and container != self.container:
                message = "`{key}` is for {container}, and this layout is for {own}"
                values = {"key": key, "container": container, "own": self.container}
                raise PydanticCustomError("layout_key", message, values)
        if "{form" not in self.files:
            raise PydanticCustomError("files", "`files` needs {form} or {form_lower}: one file a form", {})
        return self

    def form(self, form: str) -> FormLayout:
        """What is particular to a form."""
        return self.forms.get(form, FormLayout())

    def named(self, pattern: str, form: str, field: str = "") -> str:
        """A column's name from its pattern."""
        name = pattern.format(field=field, field_lower=field.lower(), form=form, form_lower=form.lower(),
                              project="", study="")  # fmt: skip
        return name.upper() if self.folds_case else name

    @property
    def folds_case(self) -> bool:
        """SAS does not tell capitals from small letters in names."""
        return self.container in ("xpt", "sas7bdat")

    def columns_of(self, form: str, name: str, field: FieldSpec) -> FieldColumns:
        """The columns of a field: the rule of its kind, with what the form declares in its place."""
        rule: FieldColumns = getattr(self.columns, field.kind)
        own = self.form(form).columns.get(name)
        return rule if own is None else rule.model_copy(update={key: getattr(own, key) for key in own.model_fields_set})
