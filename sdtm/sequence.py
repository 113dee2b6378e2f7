"""The order of a domain's records, and --SEQ."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

import numpy as np
import pandas as pd

from sdtm.days import DAY
from sdtm.distinct import by_distinct, order_codes
from sdtm.rule import MAP
from specs import identity
from specs.codes import rearranged
from specs.mapping import SdtmDatasetSpec

Codes = np.ndarray[Any, Any]
_MOST = np.iinfo("int64").max // 2
_TIES = [identity.FORM, identity.POSITION, identity.RECORD]  # what tells records with equal keys apart


def put_in_order(frame: pd.DataFrame, spec: SdtmDatasetSpec, also: Set[str] = frozenset()) -> pd.DataFrame:
    """The records sorted by the spec's keys, missing last, then by form, log line, record id and mapping.

    Helpers are taken off, but for those of `also`. The order does not depend on the order of the rows given. The index
    becomes a RangeIndex. Where the spec has --SEQ it is added: 1, 2, ... within USUBJID in that order (float64).
    """
    sequence = f"{spec.dataset}SEQ"
    columns = [frame[key] for key in spec.keys if key != sequence and key in frame]
    keys = [order_codes(part) for column in columns for part in _parts(column)]
    wanted = {*spec.variables, *spec.supplemental, *spec.as_collected, *identity.IDENTITY, *also, MAP, "USUBJID"}
    kept = [name for name in frame.columns if name in wanted or name.partition(".")[2] in identity.IDENTITY]
    order = _order(keys, frame)
    shown = {*spec.variables, *spec.supplemental}
    ordered = pd.DataFrame(
        {n: rearranged(frame[n], order) if n in shown else frame[n].array.take(order) for n in kept}, copy=False
    )
    if sequence in spec.variables:
        ordered[sequence] = (ordered.groupby("USUBJID", sort=False).cumcount() + 1).astype("float64")
    return ordered


def _parts(column: pd.Series) -> list[pd.Series]:
    """A date and time in two: both parts have few distinct values where the whole has many, and sort as the whole."""
    return [column.str[:DAY], column.str[DAY:]] if str(column.name).endswith("DTC") else [column]


def _order(keys: list[Codes], frame: pd.DataFrame) -> Codes:
    """The places of the rows in the order of the keys; only rows with equal keys are told apart by their raw record."""
    together = _combined(keys, len(frame))
    order = np.argsort(together, kind="stable")
    equal = together[order][1:] == together[order][:-1]
    tied = np.flatnonzero(np.append(equal, False)[: len(order)] | np.append(False, equal)[: len(order)])
    rows = frame[[*_TIES, MAP]].take(order[tied])
    ties = [order_codes(_by_length(rows[name])) for name in _TIES]
    order[tied] = order[tied][np.lexsort([rows[MAP].to_numpy(), *ties[::-1], together[order[tied]]])]
    return order


def _combined(keys: list[Codes], length: int) -> Codes:
    """One whole number a row that sorts as the keys do, one after the other."""
    together = np.zeros(length, dtype="int64")
    for key in keys:
        many = int(key.max(initial=0)) + 1
        if int(together.max(initial=0)) > _MOST // many:
            together = np.unique(together, return_inverse=True)[1].astype("int64")
        together = together * many + key
    return together


def _by_length(values: pd.Series) -> pd.Series:
    """Texts that sort as the numbers in them do: 9 before 10."""
    return by_distinct(values, lambda texts: texts.astype("str").str.rjust(40))
