"""Rules that look for a subject's values in other domains: the earliest, the latest, the first known, whether any.

Their argument `among` lists where to look: DATASET.VAR, or `{variable: DATASET.VAR, where: {DATASET.VAR: [values]}}`
for only those records that have one of the values; `or: DATASET.VAR` is asked where the variable is missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from sdtm.distinct import order_codes
from sdtm.rule import Call, Rule

_DAY = 10  # characters of a complete date


def look_up(call: Call, item: str | Mapping[str, Any]) -> pd.DataFrame:
    """USUBJID and VALUE of the records that one entry of `among` names, where VALUE is present."""
    asked: Mapping[str, Any] = {"variable": item} if isinstance(item, str) else item
    dataset, _, name = str(asked["variable"]).rpartition(".")
    where: Mapping[str, list[str]] = asked.get("where", {})
    second = str(asked.get("or", name)).rpartition(".")[2]
    columns = [name, second, *(condition.rpartition(".")[2] for condition in where)]
    found = call.take(dataset, list(dict.fromkeys(["USUBJID", *columns])))
    values = found[name].fillna(found[second])
    taken = values.notna()
    for condition, wanted in where.items():
        taken &= found[condition.rpartition(".")[2]].isin(wanted)
    return pd.DataFrame({"USUBJID": found.loc[taken, "USUBJID"], "VALUE": values[taken]})


def find_earliest(frame: pd.DataFrame, call: Call) -> pd.Series:
    """The subject's earliest date among the places given. A partial date counts only where there is no complete one."""
    return _on(frame, _extreme(pd.concat([look_up(call, item) for item in call.args["among"]]), keep="first"))


def find_latest(frame: pd.DataFrame, call: Call) -> pd.Series:
    """The subject's latest date among the places given. A partial date counts only where there is no complete one."""
    return _on(frame, _extreme(pd.concat([look_up(call, item) for item in call.args["among"]]), keep="last"))


def find_first_known(frame: pd.DataFrame, call: Call) -> pd.Series:
    """The subject's date from the first of the places that has one, partial or not; of several there the earliest."""
    value = pd.Series(index=frame.index, dtype="str")
    for item in call.args["among"]:
        value = value.fillna(_on(frame, _extreme(look_up(call, item), keep="first")))
    return value


def flag_any(frame: pd.DataFrame, call: Call) -> pd.Series:
    """Y where the subject has a value in any of the places given, else missing."""
    persons = pd.concat([look_up(call, item)["USUBJID"] for item in call.args["among"]])
    return pd.Series("Y", index=frame.index, dtype="str").where(frame["USUBJID"].isin(persons.unique()))


def last_dose(call: Call, start: str, end: str) -> pd.Series:
    """USUBJID -> the end of the last dosing, from the dates DATASET.VAR `start` and `end`, where dosing is over.

    A subject whose dosing goes on is not there: one with a record without an end that starts on or after the day of the
    latest end, or one without any end.
    """
    dataset, _, first = start.rpartition(".")
    last = end.rpartition(".")[2]
    doses = call.take(dataset, ["USUBJID", first, last])
    known, going = doses[doses[last].notna()], doses[doses[last].isna() & doses[first].notna()]
    ends = _extreme(known[["USUBJID", last]].set_axis(["USUBJID", "VALUE"], axis=1), keep="last")
    open_from = _extreme(going[["USUBJID", first]].set_axis(["USUBJID", "VALUE"], axis=1), keep="last")
    begun = open_from.reindex(ends.index)
    return ends[~(begun.str[:_DAY] >= ends.str[:_DAY]).astype("bool")]


def copy_value(frame: pd.DataFrame, call: Call) -> pd.Series:
    """The value of the variable `of`, as it is."""
    return frame[call.of]


def _extreme(found: pd.DataFrame, keep: str) -> pd.Series:
    """USUBJID -> the first or last VALUE of each, complete dates before partial ones."""
    if found.empty:
        return pd.Series(dtype="str")
    days = found["VALUE"].str[:_DAY]
    partial = days.str.len().to_numpy() < _DAY
    sign = 1 if keep == "first" else -1
    persons, names = pd.factorize(found["USUBJID"])
    rank = partial * len(found) + sign * order_codes(days)
    best = np.full(len(names), np.iinfo("int64").max)
    np.minimum.at(best, persons, rank)
    near = found[rank == best[persons]]  # all of the person's best day: the time of day decides
    order = np.lexsort([sign * order_codes(near["VALUE"]), order_codes(near["USUBJID"])])
    one = near.take(order).drop_duplicates("USUBJID")
    return pd.Series(one["VALUE"].array, index=pd.Index(one["USUBJID"]))


def _on(frame: pd.DataFrame, by_person: pd.Series) -> pd.Series:
    return frame["USUBJID"].map(by_person).astype("str")


RULES = {
    "earliest": Rule(find_earliest),
    "latest": Rule(find_latest),
    "first_known": Rule(find_first_known),
    "flag_any": Rule(flag_any),
    "copy": Rule(copy_value),
}
