"""Writes forms as ODM-XML 1.3.2: one snapshot with its definitions, without the extensions of any vendor.

ODM has no record ids and no dates of pages; they are items of their own, RECORDID and RECORDDATE. Text and code beside
each other, and a second reading of a date, ODM has not: a coded item holds the code, and what is offered for it stands
in a code list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from flows.simulate.days import NEVER
from flows.simulate.odm_definitions import EVENT_OID, ITEM_OID, definitions, escaped
from flows.simulate.rave import BYTE_ORDER_MARK, Extras, iso_moment
from flows.simulate.records import DAY_SECONDS, Forms
from flows.simulate.schedule import Folder
from specs.identity import UNIT_SUFFIX
from specs.loader import StudySpec

NOT_CARRIED = frozenset({"RAW-103", "RAW-105"})  # there is no second text of a code or of a date to disagree
_SUBJECT_COLUMN = "Subject"
_GROUP = ["number", "site", "rank", "instance", "form", "repeat"]
_RECORDS_AT_ONCE = 50_000


def file_name(study: StudySpec) -> str:
    """`<PROJECT>.xml`."""
    return f"{study.study.project}.xml"


def write(
    folder: Path, study: StudySpec, forms: Forms, people: pd.DataFrame, sites: pd.DataFrame,
    known: Mapping[str, Folder], extras: Extras,
) -> None:  # fmt: skip
    """Write every form of the study, and the unknown ones of `extras`, whose records stand with the subject form's."""
    saved = max(int(rows["saved"].max()) for rows in forms.values() if len(rows))
    every = _records(study, forms, people, known, extras)
    with (folder / file_name(study)).open("wb") as file:
        file.write(BYTE_ORDER_MARK if extras.marked else b"")
        used = [name for name in known if name in set(every["folder"])]
        file.write(definitions(study, forms, extras, sites, {name: known[name] for name in used}, iso_moment(saved)))
        for piece in _clinical_data(every, list(known)):
            file.write(piece.encode())
        file.write(b"</ClinicalData>\n</ODM>\n")


def _records(
    study: StudySpec, forms: Forms, people: pd.DataFrame, known: Mapping[str, Folder], extras: Extras
) -> pd.DataFrame:
    """One row a record: where it belongs, and its item group as text; in the order in which they are written."""
    rank = {name: n for n, name in enumerate(known)}
    parts = []
    borrowed = forms[study.study.identity.subject_form]
    everything = [(name, rows, _own_items(study, name, rows, extras)) for name, rows in forms.items()]
    everything += [
        (name, borrowed.head(len(unknown)), _named(name, {str(c): unknown[c].astype("str") for c in unknown}))
        for name, unknown in extras.forms.items()
    ]
    for order, (name, rows, items) in enumerate(everything):
        log = name in study.forms and study.forms[name].log
        subj = rows["subj"].to_numpy()
        number = pd.Series(people["number"].to_numpy()[subj], index=rows.index, dtype="object")
        for form, record, column, text in extras.cells:
            if form == name and column == _SUBJECT_COLUMN:
                number = number.mask(rows["record"] == record, text)
        page = [rows["subj"], rows["folder"], rows["instance"]]
        parts.append(
            pd.DataFrame(
                {
                    "subj": subj, "number": number.to_numpy(), "site": people["site"].to_numpy()[subj],
                    "rank": rows["folder"].map(rank).to_numpy(), "folder": rows["folder"].to_numpy(),
                    "instance": rows["instance"].to_numpy(), "order": order, "form": name,
                    "repeat": 1 if log else rows.groupby(page).cumcount().to_numpy() + 1,
                    "text": _item_groups(name, rows, items, log=log).to_pandas().to_numpy(),
                }
            )
        )  # fmt: skip
    every = pd.concat(parts, ignore_index=True)
    return every.sort_values(
        ["subj", "number", "rank", "instance", "order", "repeat"], kind="stable", ignore_index=True
    )


def _clinical_data(every: pd.DataFrame, folders: list[str]) -> Iterator[str]:
    """The elements from SubjectData down, opened and closed where subject, visit or form change."""
    columns = [every[name].tolist() for name in (*_GROUP, "text")]
    before: tuple[object, ...] = ()
    out: list[str] = []
    for number, site, rank, instance, form, repeat, text in zip(*columns, strict=True):
        here = (number, site, rank, instance, form, repeat)
        if here != before:
            level = next(n for n in (0, 2, 4) if before[: (2, 4, 6)[n // 2]] != here[: (2, 4, 6)[n // 2]])
            if before:
                out.append(_CLOSED[level])
            if level == 0:
                out.append(
                    f'<SubjectData SubjectKey="{escaped(number)}"><SiteRef LocationOID="{site:02d}"/>\n'
                )  # fmt: skip
            if level <= 2:
                key = f' StudyEventRepeatKey="{instance}"' if instance else ""
                out.append(f'<StudyEventData StudyEventOID="{EVENT_OID.format(folder=folders[rank])}"{key}>\n')
            key = f' FormRepeatKey="{repeat}"' if repeat > 1 else ""
            out.append(f'<FormData FormOID="{form}"{key}>\n')
            before = here
        out.append(text)
        if len(out) >= _RECORDS_AT_ONCE:
            yield "".join(out)
            out = []
    if before:
        out.append(_CLOSED[0])
    yield "".join(out)


_CLOSED = {
    4: "</FormData>\n",
    2: "</FormData>\n</StudyEventData>\n",
    0: "</FormData>\n</StudyEventData>\n</SubjectData>\n",
}


def _own_items(study: StudySpec, form: str, rows: pd.DataFrame, extras: Extras) -> list[pa.Array]:
    """The items of a form: what identifies the record, the fields, and the columns that the spec does not know."""
    day = rows["page_day"].to_numpy()
    dated = np.where((day > 0) & (day < NEVER), day, 0) * DAY_SECONDS
    columns = {"RECORDID": rows["record"], "RECORDDATE": pd.Series(dated, index=rows.index)}
    items = [
        _texts(columns["RECORDID"], lambda record: _item(form, "RECORDID", str(record))),
        _texts(columns["RECORDDATE"], lambda s: _item(form, "RECORDDATE", iso_moment(int(s)) if s else "")),
    ]
    for name, field in study.forms[form].fields.items():
        if field.units:
            pair = rows[name] + "\0" + rows[name + UNIT_SUFFIX]
            items.append(_texts(pair, lambda text, name=name: _item(form, name, *text.split("\0"))))
        else:
            items.append(_texts(rows[name], lambda text, name=name: _item(form, name, text)))
    more = {c: pd.Series(text, index=rows.index) for c, text in extras.columns.get(form, {}).items()}
    return items + _named(form, more)


def _named(form: str, columns: Mapping[str, pd.Series]) -> list[pa.Array]:
    return [_texts(texts, lambda text, name=name: _item(form, name, text)) for name, texts in columns.items()]


def _item(form: str, name: str, value: str, unit: str = "") -> str:
    """An item as an element; nothing where it is blank."""
    if not value and not unit:
        return ""
    start = f'<ItemData ItemOID="{ITEM_OID.format(form=form, field=name)}" '
    start += f'Value="{escaped(value)}"' if value else 'IsNull="Yes"'
    return f'{start}><MeasurementUnitRef MeasurementUnitOID="{escaped(unit)}"/></ItemData>' if unit else f"{start}/>"


def _item_groups(form: str, rows: pd.DataFrame, items: list[pa.Array], *, log: bool) -> pa.Array:
    """Each record's item group, saved as its audit record says; a record made inactive was removed."""
    key = _texts(rows["position"], lambda n: f' ItemGroupRepeatKey="{n}"') if log else _texts(rows["active"], _nothing)
    removed = _texts(rows["active"], lambda active: "" if active else ' TransactionType="Remove"')
    saved = _texts(
        rows["saved"],
        lambda second: (
            '><AuditRecord><UserRef UserOID="U.DM"/><LocationRef LocationOID="00"/><DateTimeStamp>'
            f"{iso_moment(int(second))}</DateTimeStamp></AuditRecord>"
        ),
    )
    start = pa.repeat(pa.scalar(f'<ItemGroupData ItemGroupOID="IG.{form}"', pa.large_string()), len(rows))
    end = pa.repeat(pa.scalar("</ItemGroupData>\n", pa.large_string()), len(rows))
    return pc.binary_join_element_wise(start, key, removed, saved, *items, end, pa.scalar("", pa.large_string()))


def _nothing(_: object) -> str:
    return ""


def _texts(values: pd.Series, as_text: Callable[..., str]) -> pa.Array:
    """Each value as text, each different one made once."""
    codes, distinct = pd.factorize(values, sort=False)
    made = pa.array([as_text(value) for value in distinct], pa.large_string())
    return made.take(pa.array(codes.astype("int64")))
