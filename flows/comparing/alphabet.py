"""XPT files may have their text in ASCII (`specs.ascii_text`): what that means for comparing them with other forms."""

from __future__ import annotations

from dataclasses import replace

import pyarrow.compute as pc

from flows.datasets import Dataset
from specs.ascii_text import in_ascii

Form = tuple[str, Dataset]  # kind of file, and the dataset in it


def in_one_alphabet(base: Form, new: Form) -> tuple[Dataset, Dataset, int]:
    """Two forms of a dataset, to be compared text by text; and how many texts are compared in their ASCII form.

    Of a study whose XPT text may be ASCII: one that has it in UTF-8 has nothing to transliterate.

    The first that applies decides:
      1. none of them is XPT, or both are     -> both as they are
      2. the XPT file has other than ASCII    -> both as they are: its text was not transliterated
      3. the XPT file has ASCII only          -> the texts of the other form in ASCII, as writing XPT has them
    """
    if (base[0] == "xpt") == (new[0] == "xpt"):
        return base[1], new[1], 0
    xpt, other = (base[1], new[1]) if base[0] == "xpt" else (new[1], base[1])
    if any(_beyond_ascii(xpt, name) for name in _texts(xpt)):
        return base[1], new[1], 0
    table, count = other.table, 0
    for name in _texts(other):
        place = table.column_names.index(name)
        here = _beyond_ascii(other, name)
        if here:
            count += here
            table = table.set_column(place, table.schema.field(place), in_ascii(table.column(place)))
    changed = replace(other, table=table)
    return (xpt, changed, count) if base[0] == "xpt" else (changed, xpt, count)


def _texts(dataset: Dataset) -> list[str]:
    return [name for name, variable in dataset.variables.items() if variable.kind == "text"]


def _beyond_ascii(dataset: Dataset, name: str) -> int:
    """How many texts of a variable have other characters."""
    return pc.sum(pc.invert(pc.string_is_ascii(dataset.table[name]))).as_py() or 0
