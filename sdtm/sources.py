"""From the raw records of a source to the mapped records of a domain."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from sdtm.accounting import ROW
from sdtm.algorithms import Target, map_variable
from sdtm.conditions import Distinct, meets_all
from sdtm.distinct import order_codes
from sdtm.rule import MAP
from sdtm.subjects import SCREENING
from sdtm.visits import VISIT_VARIABLES
from specs import StudySpec, identity
from specs.mapping import Join, Pick, SdtmDatasetSpec, Source, as_collected_name
from specs.models import FieldSpec

KEPT = [*identity.IDENTITY, ROW, "USUBJID", SCREENING, *VISIT_VARIABLES]  # what every record carries along


@dataclass(frozen=True)
class SourceRecords:
    """Mapped records of one source; ROW of the raw records left out, by reason; the findings.

    `joined` has, for each joined form, ROW of its records that were joined to a record taken.
    """

    frame: pd.DataFrame
    left_out: dict[str, pd.Series]
    joined: dict[str, pd.Series]
    findings: list[pd.DataFrame] = field(default_factory=list)


def read_source(
    spec: SdtmDatasetSpec, source: Source, first_map: int, forms: dict[str, pd.DataFrame], study: StudySpec
) -> SourceRecords:
    """One record per raw record of the source (and entry of `records`) that its conditions take.

    `first_map`: MAP of the source's first mapping. The frame has KEPT, MAP and every variable that the source maps;
    its index is not unique over sources.
    """
    read = _columns(spec, source)
    raw = forms[source.form]
    raw = raw[[name for name in raw.columns if name in read or _is_place(name)]]
    fields: dict[str, FieldSpec] = dict(study.forms[source.form].fields)
    for join in source.join:
        raw = _join(raw, join, forms.get(join.form), read)
        fields |= {f"{join.form}.{name}": f for name, f in study.forms[join.form].fields.items()}
    left_out: dict[str, pd.Series] = {}
    taken = meets_all(raw, source.where)
    if source.left_out and not taken.all():
        left_out[source.left_out] = raw.loc[~taken, ROW]
    raw = raw[taken] if not taken.all() else raw
    if source.pick:
        chosen = _picked(raw, source.pick)
        if not chosen.all():
            left_out[source.pick.left_out] = raw.loc[~chosen, ROW]
        raw = raw[chosen]
    parts, findings = [], []
    used = pd.Series(data=False, index=raw.index)
    seen: Distinct = {}
    for number, (where, mappings) in enumerate(spec.mappings(source), start=first_map):
        holds = meets_all(raw, list(where), seen)
        used |= holds
        rows = raw[holds] if not holds.all() else raw
        columns: dict[str, pd.Series] = {MAP: pd.Series(number, index=rows.index, dtype="int64")}
        for name, mapping in mappings.items():
            variable = spec.made[name]
            target = Target(spec.dataset, name, variable.type == "Num", fields)
            mapped = map_variable(rows, mapping, target)
            columns[name] = mapped.values
            findings += mapped.findings
            if mapped.as_collected is not None and as_collected_name(name) in spec.as_collected:
                columns[as_collected_name(name)] = mapped.as_collected
        own = [name for name in raw.columns if _is_place(name) and name not in columns]
        parts.append(pd.concat([rows[own], pd.DataFrame(columns, index=rows.index)], axis=1))
    if not used.all():
        reason = source.left_out or "NO-RECORD"
        left_out[reason] = pd.concat([*([left_out[reason]] if reason in left_out else []), raw.loc[~used, ROW]])
    frame = pd.concat(parts) if len(parts) > 1 else parts[0]
    joined = {
        join.form: raw.loc[used & raw[f"{join.form}.{ROW}"].notna(), f"{join.form}.{ROW}"]
        for join in source.join
        if join.form in forms
    }
    return SourceRecords(frame, left_out, joined, findings)


def _is_place(column: str) -> bool:
    """Whether a column goes along with every record: its own identity, or that of a joined record."""
    return column in KEPT or column.partition(".")[2] in (*identity.IDENTITY, ROW)


def _columns(spec: SdtmDatasetSpec, source: Source) -> set[str]:
    """Every column of the form that the source reads."""
    conditions = [*source.where, *(c for r in source.records for c in r.where)]
    read = {name for c in conditions for name in c.fields} | set(source.pick.fields if source.pick else [])
    for _, mappings in spec.mappings(source):
        read |= {name for mapping in mappings.values() for name in mapping.fields}
    return {f"{name}{suffix}" for name in read for suffix in ("", identity.DECODE_SUFFIX, identity.UNIT_SUFFIX)}


def _in_time(form: pd.DataFrame) -> list[np.ndarray]:
    """The order of screening, visit, log line, record id, as keys for np.lexsort (last key first)."""
    keys = [form[SCREENING], form["VISITNUM"], *(form[n].str.rjust(40) for n in (identity.POSITION, identity.RECORD))]
    return [order_codes(key) for key in keys][::-1]


def _picked(raw: pd.DataFrame, pick: Pick) -> pd.Series:
    by = pd.concat([raw[["USUBJID"]], raw[[f for f in pick.by if f != "USUBJID"]]], axis=1)
    preferred = meets_all(raw, pick.prefer).to_numpy()
    ordered = by.take(np.lexsort([*_in_time(raw), preferred if pick.keep == "last" else ~preferred]))
    twice = ordered.duplicated(keep="first" if pick.keep == "first" else "last")
    return (~twice).reindex(raw.index)


_JOINED_BY = {
    "person": ["USUBJID"],
    "subject": ["USUBJID", identity.SUBJECT],
    "visit": ["USUBJID", identity.SUBJECT, identity.FOLDER, identity.INSTANCE],
}


def _join(raw: pd.DataFrame, join: Join, form: pd.DataFrame | None, read: set[str]) -> pd.DataFrame:
    """The raw records with the fields of the joined form that are read as FORM.FIELD; rows, order and index stay."""
    if form is None:
        return raw
    keys = _JOINED_BY[join.by]
    derived = {"USUBJID", SCREENING, "KNOWN", *VISIT_VARIABLES}
    names = {name: f"{join.form}.{name}" for name in form.columns if name not in derived}
    brought = {name: new for name, new in names.items() if new in read or _is_place(new)}
    ordered = form[list(dict.fromkeys([*keys, identity.LINE, *brought]))].take(np.lexsort(_in_time(form)))
    one = ordered.drop_duplicates(keys, keep=join.keep)
    one.astype({identity.LINE: "str"})  # a missing whole number would turn the column into floats
    one = pd.concat([one[keys], one[list(brought)].set_axis(list(brought.values()), axis=1)], axis=1)
    merged = raw.merge(one, how="left", on=keys, validate="many_to_one").set_axis(raw.index)
    texts = [name for name in brought.values() if isinstance(merged[name].dtype, pd.StringDtype)]
    return merged.assign(**{name: merged[name].fillna("") for name in texts})
