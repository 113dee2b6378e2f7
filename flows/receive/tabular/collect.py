"""From a piece of a table, all text, to a piece of a raw form frame, by the form's plan."""

from __future__ import annotations

from collections.abc import Callable, Collection

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from flows.receive.canonical import ACTIVE, frame_of
from flows.receive.tabular.as_text import TEXT
from flows.receive.tabular.plan import Origin
from flows.receive.tabular.source import LINE_COLUMN
from sdtm.date_texts import read_date
from specs import identity
from specs.counted import how_many
from specs.errors import Problem

_ACTIVE_WORDS = {"1": "1", "true": "1", "0": "0", "false": "0"}


def collect(
    form: str, file: str, origins: dict[str, Origin], missing: Collection[str], table: pa.Table
) -> pd.DataFrame:
    """The records of a piece as a raw form frame has them; same rows, same order."""

    def all_rows(value: str) -> pa.Array:
        return pa.repeat(pa.scalar(value, TEXT), table.num_rows)

    columns = {identity.FILE: all_rows(file), identity.LINE: table.column(LINE_COLUMN), identity.FORM: all_rows(form)}
    for name, origin in origins.items():
        columns[name] = _origin(origin, missing, table) if origin.columns else all_rows(origin.constant)
    columns[ACTIVE] = _translated(columns[ACTIVE], lambda word: _ACTIVE_WORDS.get(word.strip().lower(), word))
    return frame_of(columns)


def _origin(origin: Origin, missing: Collection[str], table: pa.Table) -> pa.Array:
    parts = [table.column(column).combine_chunks().cast(TEXT) for column in origin.columns]
    text = parts[0] if len(parts) == 1 else pc.binary_join_element_wise(*parts, pa.scalar(origin.joint, TEXT))
    if missing and origin.entered:
        marked = pc.is_in(pc.utf8_trim_whitespace(text), pa.array(list(missing), TEXT))
        text = pc.if_else(marked, pa.scalar("", TEXT), text)
    words, order = origin.words, origin.order
    if words:
        text = _translated(text, lambda word: words.get(word.strip(), "" if origin.only_words else word))
    if order:
        text = _translated(text, lambda typed: read_date(typed, order) or typed)
    return text


def _translated(column: pa.Array, translate: Callable[[str], str]) -> pa.Array:
    """Each distinct text translated once."""
    coded = column.dictionary_encode()
    coded = coded.combine_chunks() if isinstance(coded, pa.ChunkedArray) else coded
    distinct = [translate(text) for text in coded.dictionary.to_pylist()]
    return pa.array(distinct, TEXT).take(coded.indices)


def record_faults(file: str, frame: pd.DataFrame) -> list[Problem]:
    """Records without an id or a subject, and words for active that say neither yes nor no."""
    problems = []
    for column, called in ((identity.RECORD, "record id"), (identity.SUBJECT, "subject number")):
        blank = frame[frame[column].str.strip() == ""]
        if len(blank):
            first = blank[identity.LINE].iloc[0]
            problems.append(
                Problem(
                    code="INPUT-020", place=file,
                    fact=f"{how_many(len(blank), 'record')} without a {called}, the first on line {first}.",
                    next_step="have the file exported again.",
                )
            )  # fmt: skip
    strange = sorted(set(frame.loc[~frame[ACTIVE].isin(["0", "1"]), ACTIVE]))
    if strange:
        problems.append(
            Problem(
                code="INPUT-021", place=file,
                fact=f"A record's state is '{strange[0]}', which says neither active (1) nor inactive (0).",
                hint="the layout's `identity.active` may map it: words: {" + strange[0] + ': "1"}',
                next_step="mend the layout, or have the file exported again.",
            )
        )  # fmt: skip
    return problems
