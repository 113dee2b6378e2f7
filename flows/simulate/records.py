"""Records of a form as a site enters them: text as typed, in the folder of a visit, on a log line, saved some day.

A form's frame has the columns of META and then the form's fields, all text: dates as typed, codes of coded fields,
blank where nothing was entered; a number field with units has its unit beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np
import pandas as pd

from flows.simulate.arrays import Ints, lognormal
from flows.simulate.days import NEVER, typed
from flows.simulate.subjects import SNAPSHOT
from specs.identity import UNIT_SUFFIX
from specs.loader import StudySpec
from specs.models import FormSpec

META = ("record", "subj", "folder", "instance", "position", "page_day", "saved", "active")
Forms: TypeAlias = dict[str, pd.DataFrame]
Values: TypeAlias = Mapping[str, pd.Series | np.ndarray | str]

FIRST_RECORD = 30_000_001
LAG_MEDIAN, LAG_SPREAD, LONGEST_LAG = 1.6, 1.1, 40  # days from an event to its last save
DAY_SECONDS, FIRST_SAVE, LAST_SAVE = 86400, 8 * 3600, 19 * 3600  # working hours


def field_columns(form: FormSpec) -> list[str]:
    """The text columns of a form: its fields, each number with units followed by its unit."""
    return [c for name, f in form.fields.items() for c in ([name, name + UNIT_SUFFIX] if f.units else [name])]


def make_records(form: FormSpec, at: pd.DataFrame, values: Values) -> pd.DataFrame:
    """The records of one form, not yet numbered.

    `at`: subj, folder, instance, day (of the page), one row a record. `values`: the fields; date fields as day numbers,
    everything else as text; fields left out are blank. Adds the column `latest`, the last day the record speaks of.
    """
    size = len(at)
    page_day = at["day"].to_numpy(dtype="int64")
    latest = np.where(page_day < NEVER, page_day, 0)
    columns: dict[str, pd.Series] = {}
    for column in field_columns(form):
        value = values.get(column, "")
        order = form.fields[column].order if column in form.fields else None
        if order and not isinstance(value, str):
            days = np.asarray(value, dtype="int64")
            latest = np.maximum(latest, np.where(days < NEVER, days, 0))
            columns[column] = typed(days, order)
        elif isinstance(value, str):
            columns[column] = pd.Series(value, index=pd.RangeIndex(size), dtype="str")
        else:
            columns[column] = pd.Series(np.asarray(value), dtype="str")
    head = {name: at[name].to_numpy() for name in ("subj", "folder", "instance")}
    return pd.DataFrame({**head, "page_day": page_day, "latest": latest, **columns})


def number_records(study: StudySpec, forms: Forms, seqs: Mapping[str, float], rng: np.random.Generator) -> Forms:
    """Sort each form's records as the EDC holds them, and number lines and records.

    Adds record (unique over the study), position (1, 2, ... on log forms, else 0), saved (second of the last save) and
    active.
    """
    numbered: Forms = {}
    start = FIRST_RECORD
    for name, rows in forms.items():
        rank = rows["folder"].map(seqs)
        order = np.lexsort((rows["instance"], rank, rows["subj"]))  # stable: lines stay as they were
        rows = rows.iloc[order].reset_index(drop=True)
        log = study.forms[name].log
        line = rows.groupby(["subj", "folder", "instance"], sort=False).cumcount() + 1 if log else 0
        rows = rows.assign(
            record=np.arange(start, start + len(rows)), position=line, active=1,
            saved=save_times(rows.pop("latest").to_numpy(), rng),
        )  # fmt: skip
        start += len(rows)
        numbered[name] = rows[[*META, *field_columns(study.forms[name])]]
    return numbered


def save_times(latest: Ints, rng: np.random.Generator) -> Ints:
    """Seconds since 1970 of the last save: some days after what the record speaks of, by the snapshot at the latest."""
    size = len(latest)
    lag = np.minimum(lognormal(rng, LAG_MEDIAN, LAG_SPREAD, size).astype("int64"), LONGEST_LAG)
    day = np.minimum(latest + lag, SNAPSHOT)
    return np.asarray(day * DAY_SECONDS + rng.integers(FIRST_SAVE, LAST_SAVE, size), dtype="int64")
