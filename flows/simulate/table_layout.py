"""Turns collected forms round into the columns of a layout: what its reader will read, in the layout's own names."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from flows.receive.canonical import ACTIVE, VALUE_SUFFIX
from flows.receive.tabular.folder import file_name
from flows.receive.tabular.plan import ITEMS, Origin, plan_form
from flows.simulate.collected import TEXT, CollectedForm
from specs import identity
from specs.layouts import Container, LayoutSpec
from specs.loader import StudySpec

_WHOLE = {identity.RECORD, identity.INSTANCE, identity.POSITION, ACTIVE}
_MOMENTS = {identity.PAGE_DATE, identity.SAVED}


def own_layout(study: StudySpec, container: Container) -> LayoutSpec:
    """The layout that the simulator writes: `layouts/<container>.yaml`, of the container's own name."""
    return study.layouts[container]


def file_patterns(study: StudySpec, container: Container) -> list[str]:
    """The names that the files of a simulated export have."""
    layout = study.layouts.get(container)
    return [file_name(study, layout, "*")] if layout else []


def table_of(
    study: StudySpec, layout: LayoutSpec, collected: CollectedForm, *, typed: bool, piece_bytes: int = 0
) -> pa.Table:
    """A form's table. `typed`: numbers and moments as such, else all text; `piece_bytes`: a longer text is split."""
    columns: dict[str, pa.Array] = {}
    for name, origin in _origins(study, layout, collected):
        column = collected.columns[name]
        if len(origin.columns) > 1:
            columns |= dict(zip(origin.columns, _pieces(column, len(origin.columns), piece_bytes), strict=True))
        else:
            columns[origin.columns[0]] = _typed(name, column) if typed else column
    return pa.table(columns | collected.unknown)


def _origins(study: StudySpec, layout: LayoutSpec, collected: CollectedForm) -> Iterator[tuple[str, Origin]]:
    form = collected.form
    known = form in study.forms
    origins = plan_form(study, layout, form if known else study.study.identity.subject_form).origins
    for name, origin in origins.items():
        if origin.columns and (known or name in ITEMS):
            yield name, origin


def _typed(name: str, column: pa.Array) -> pa.Array:
    if name in _WHOLE:
        return column.cast(pa.int64())
    if name in _MOMENTS or name.endswith(VALUE_SUFFIX):
        blank = pc.equal(column, "")
        return pc.if_else(blank, pa.scalar(None, TEXT), column).cast(pa.timestamp("us"))
    return column


def _pieces(column: pa.Array, count: int, size: int) -> list[pa.Array]:
    """Texts in pieces of at most so many bytes, no piece but the last ending in a blank; 0: all in the first."""
    split = [_split(text, count, size) for text in column.to_pylist()]
    return [pa.array([pieces[n] for pieces in split], TEXT) for n in range(count)]


def _split(text: str, count: int, size: int) -> list[str]:
    pieces: list[str] = []
    while size and len(text.encode()) > size and len(pieces) < count - 1:
        stop = len(text.encode()[:size].decode("utf-8", "ignore"))
        while text[stop - 1] == " ":
            stop -= 1
        pieces.append(text[:stop])
        text = text[stop:]
    return [*pieces, text, *[""] * (count - 1 - len(pieces))]
