"""From a layout to a plan for one form: where each column of the raw form frame comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from flows.receive.canonical import ACTIVE, DAY_SUFFIX, MONTH_SUFFIX, PAGE, VALUE_SUFFIX, YEAR_SUFFIX
from flows.receive.tabular.source import LABEL_SUFFIX
from specs import identity
from specs.identity import DECODE_SUFFIX, UNIT_SUFFIX
from specs.layouts import FieldColumns, IdentityColumn, LayoutSpec
from specs.loader import StudySpec
from specs.models import FieldSpec

ITEMS = {  # column of the raw form frame -> item of the layout's identity, and what stands in where it is absent
    identity.RECORD: ("record", ""),
    identity.SUBJECT: ("subject", ""),
    identity.SITE: ("site", ""),
    identity.FOLDER: ("folder", ""),
    identity.INSTANCE: ("instance", "0"),
    identity.VISIT_NAME: ("visit_name", ""),
    identity.POSITION: ("position", "0"),
    identity.PAGE_DATE: ("page_date", ""),
    identity.SAVED: ("saved", ""),
    ACTIVE: ("active", "1"),
    PAGE: ("page", ""),
}


@dataclass(frozen=True)
class Origin:
    """Where one column of the raw form frame comes from: columns of the file that are joined, or a constant."""

    columns: tuple[str, ...] = ()
    joint: str = ""
    constant: str = ""
    words: Mapping[str, str] = field(default_factory=dict)  # texts of the file -> texts of the study
    only_words: bool = False  # any other text becomes a blank
    order: str = ""  # a date whose parts stand in this order, which is not that of forms.yaml
    entered: bool = False  # what a site entered: the layout's `missing` texts are blanks here


@dataclass(frozen=True)
class FormPlan:
    """All columns of a form's frame, in its order, and what its file must, and may, have."""

    origins: dict[str, Origin]
    required: list[str]
    known: set[str]

    def at_hand(self, header: list[str]) -> dict[str, Origin]:
        """The plan for a file with these columns: what need not be there, and is not, is left out or blank."""
        fitting = {}
        for name, origin in self.origins.items():
            if set(origin.columns) <= set(header):
                fitting[name] = origin
            elif "#" not in name:
                fitting[name] = Origin()
        return fitting

    def lacking(self, header: list[str]) -> list[str]:
        """The columns that must be there and are not; a text of which some pieces are there needs the others."""
        pieces = [o.columns for o in self.origins.values() if any(column in header for column in o.columns)]
        wanted = dict.fromkeys([*self.required, *(column for columns in pieces for column in columns)])
        return [column for column in wanted if column not in header]


def plan_form(study: StudySpec, layout: LayoutSpec, form: str) -> FormPlan:
    """The plan of a form: by kind of field F.

    1. text, time, number  F from the joined `typed` columns; a number's unit from `unit`
    2. coded               F from `code` and F_DEC from `decode` or value labels; the absent one of the two from the
                           other by the study's choices
    3. date                F from `typed`; F#VALUE, F#YEAR, F#MONTH, F#DAY where the layout declares them
    """
    origins: dict[str, Origin] = {}
    required: list[str] = []
    known = {layout.named(c, form) for c in [*layout.ignored, *layout.form(form).ignored]}
    for name, (item, default) in ITEMS.items():
        own: IdentityColumn | None = getattr(layout.form(form).identity, item)
        shared: IdentityColumn | None = getattr(layout.identity, item)
        known |= {layout.named(c, form) for c in (shared.columns if shared else [])}
        origins[name] = _item(layout, form, own or shared, default)
        required += origins[name].columns
    for field_name, spec in study.forms[form].fields.items():
        columns = layout.columns_of(form, field_name, spec)
        found, spare = _field(study, layout, form, field_name, spec, columns)
        origins |= found
        known |= {column for origin in found.values() for column in origin.columns}
        if not spec.optional:
            required += [c for key in found if key not in spare for c in found[key].columns]
    known |= set(required)
    return FormPlan(origins, list(dict.fromkeys(required)), known)


def _item(layout: LayoutSpec, form: str, source: IdentityColumn | None, default: str) -> Origin:
    if source is None:
        return Origin(constant=default)
    columns = tuple(layout.named(pattern, form) for pattern in source.columns)
    return Origin(columns, source.joint, source.constant or "", source.words)


def _field(
    study: StudySpec, layout: LayoutSpec, form: str, name: str, spec: FieldSpec, columns: FieldColumns
) -> tuple[dict[str, Origin], set[str]]:
    """The origins of a field's columns, and which of them are a second telling that need not be there."""

    def at(pattern: str | None) -> tuple[str, ...]:
        return (layout.named(pattern, form, name),) if pattern else ()

    if spec.kind == "coded":
        return _coded(study.choices[spec.choices or ""], name, columns, at(columns.code), at(columns.decode)), set()
    typed = tuple(layout.named(pattern, form, name) for pattern in columns.pieces)
    order = columns.order if columns.order and columns.order != spec.order else ""
    origins = {name: Origin(typed, order=order or "", entered=True)}
    if spec.units:
        origins[name + UNIT_SUFFIX] = Origin(at(columns.unit), entered=True)
    readings = {
        VALUE_SUFFIX: columns.value, YEAR_SUFFIX: columns.year, MONTH_SUFFIX: columns.month, DAY_SUFFIX: columns.day,
    }  # fmt: skip
    told = {name + suffix: Origin(at(pattern), entered=True) for suffix, pattern in readings.items() if pattern}
    return origins | told, set(told)


def _coded(
    choices: dict[str, str], name: str, columns: FieldColumns, code: tuple[str, ...], decode: tuple[str, ...]
) -> dict[str, Origin]:
    code_of = {text: code for code, text in choices.items()}
    codes = columns.codes
    if columns.labels:
        decode = tuple(column + LABEL_SUFFIX for column in code)
    if not code:  # an unknown text stays a text without a code
        found = Origin(decode, words=code_of, only_words=True, entered=True)
        return {name: found, name + DECODE_SUFFIX: Origin(decode, entered=True)}
    if not decode:  # an unknown code is its own text
        words = choices | {own: choices.get(meant, meant) for own, meant in codes.items()}
        found = Origin(code, words=words, entered=True)
        return {name: Origin(code, words=codes, entered=True), name + DECODE_SUFFIX: found}
    return {name: Origin(code, words=codes, entered=True), name + DECODE_SUFFIX: Origin(decode, entered=True)}
