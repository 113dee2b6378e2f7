"""What the layouts of a study say that does not fit its forms, found before any data is read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from specs.errors import Problem, did_you_mean
from specs.layouts import IdentityColumn, LayoutIdentity, LayoutSpec
from specs.models import FormSpec

SAS_V5_NAME = 8  # SAS TS-140: characters of a variable's name in a transport file of version 5
_FITTING = {  # the keys that a field of a kind may have
    "text": {"typed"},
    "time": {"typed"},
    "number": {"typed", "unit"},
    "coded": {"code", "decode", "labels", "codes"},
    "date": {"typed", "value", "year", "month", "day", "order"},
}


def faults(layouts: Mapping[str, LayoutSpec], forms: Mapping[str, FormSpec]) -> Iterator[Problem]:
    """What the layouts say that does not fit the study's forms."""
    for name, layout in layouts.items():
        place = f"layouts/{name}.yaml"
        for form in [*layout.forms, *layout.may_be_empty]:
            if form not in forms:
                yield _unknown(f"{place}, forms", "form", form, forms)
        for form, spec in forms.items():
            own = layout.form(form)
            for field in own.columns:
                if field not in spec.fields:
                    yield _unknown(f"{place}, forms.{form}.columns", f"field of form {form}", field, spec.fields)
            yield from _unfitting_keys(place, layout, form, spec)
            yield from _names(place, layout, form, spec)


def _unfitting_keys(place: str, layout: LayoutSpec, form: str, spec: FormSpec) -> Iterator[Problem]:
    for name, field in spec.fields.items():
        columns = layout.columns_of(form, name, field)
        at = f"{place}, forms.{form}.columns.{name}"
        for key in sorted(columns.model_fields_set - _FITTING[field.kind]):
            yield _unfit(at, f"`{key}` does not fit a {field.kind} field.", ", ".join(sorted(_FITTING[field.kind])))
        if field.kind == "coded" and not (columns.code or columns.decode):
            yield _unfit(at, "A coded field needs `code` or `decode`.", "code, decode")
        if field.kind == "coded" and columns.labels and layout.catalogue is None:
            yield _unfit(at, "`labels` needs the layout's `catalogue`.", "catalogue: formats.sas7bcat")
        if field.kind != "coded" and not columns.pieces:
            yield _unfit(at, f"A {field.kind} field needs `typed`.", "typed")
        if field.units and not columns.unit:
            yield _unfit(at, "The field has units; say in which column they stand: `unit`.", "unit")


def _names(place: str, layout: LayoutSpec, form: str, spec: FormSpec) -> Iterator[Problem]:
    """Columns that two things claim, and names longer than a transport file has them.

    Two items of identity may share a column, and so may an item and a field that the form declares itself.
    """
    owner: dict[str, str] = {}
    declared = layout.form(form).columns
    for what, column in _claims(layout, form, spec):
        other = owner.setdefault(column, what)
        field = what.partition(".")[0]
        shared = what == other or (
            other.startswith("identity ") and (what.startswith("identity ") or field in declared)
        )
        if not shared:
            fact = f"{other} and {what} of form {form} are both said to stand in column {column}."
            yield _unfit(f"{place}, forms.{form}.columns", fact, f"declare another column for {field}.")
        if layout.container == "xpt" and layout.version == 5 and len(column) > SAS_V5_NAME:
            fact = f"Column {column} of {what} has {len(column)} characters; SAS XPORT v5 names have {SAS_V5_NAME}."
            yield _unfit(f"{place}, forms.{form}.columns", fact, "cut it, as in {field:.7}D, or declare `version: 8`")


def _claims(layout: LayoutSpec, form: str, spec: FormSpec) -> Iterator[tuple[str, str]]:
    """What stands in which column: `FIELD.key` or the item of identity."""
    own = layout.form(form).identity
    for item in LayoutIdentity.model_fields:
        source: IdentityColumn | None = getattr(own, item) or getattr(layout.identity, item)
        for pattern in source.columns if source and len(source.columns) == 1 else []:
            yield f"identity {item}", layout.named(pattern, form)
    for name, field in spec.fields.items():
        columns = layout.columns_of(form, name, field)
        for key in ("code", "decode", "unit", "value", "year", "month", "day"):
            pattern = getattr(columns, key)
            if pattern and (key != "unit" or field.units):
                yield f"{name}.{key}", layout.named(pattern, form, name)
        for pattern in columns.pieces if field.kind != "coded" else []:
            yield f"{name}.typed", layout.named(pattern, form, name)


def _unfit(place: str, fact: str, known: str) -> Problem:
    return Problem(code="SPEC-020", place=place, fact=fact, hint=known, next_step="mend the layout.")


def _unknown(place: str, what: str, word: str, known: Iterable[str]) -> Problem:
    return Problem(
        code="SPEC-006", place=place, fact=f"There is no {what} '{word}'.",
        hint=did_you_mean(word, known), next_step="mend the name in the layout.",
    )  # fmt: skip
