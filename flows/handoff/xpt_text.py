"""The text of XPT files in ASCII, where the study has it so; Parquet and Dataset-JSON keep what was collected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from specs.ascii_text import in_ascii
from specs.findings import combine, report
from specs.models import DatasetSpec, Handoff


@dataclass(frozen=True)
class XptText:
    """A dataset as its XPT file has it: the table, and how many texts of a variable are not those of Parquet."""

    table: pa.Table
    changed: Mapping[str, int]


def xpt_text(table: pa.Table, spec: DatasetSpec, handoff: Handoff) -> XptText:
    """A dataset with its Char variables as its XPT file has them: in UTF-8 as they are, or in ASCII.

    `handoff.xpt_text` tells which; for ASCII see `specs.ascii_text`. Other variables, row count and order stay.
    """
    changed: dict[str, int] = {}
    for name in spec.char_variables if handoff.xpt_text == "ascii" else ():
        kept = table[name]
        plain = in_ascii(kept)
        if plain is not kept:
            changed[name] = pc.sum(pc.not_equal(kept, plain)).as_py()
            place = table.schema.get_field_index(name)
            table = table.set_column(place, table.schema.field(place), plain)
    return XptText(table, changed)


def written_in_ascii(texts: Mapping[str, XptText]) -> pd.DataFrame:
    """HAND-510 for each variable of which the XPT file has texts in other characters: how many records."""
    one = pd.DataFrame({"USUBJID": [""]})
    return combine(
        [
            report("HAND-510", one, dataset=name, variable=variable, value=str(count))
            for name, text in texts.items()
            for variable, count in text.changed.items()
        ]
    )
