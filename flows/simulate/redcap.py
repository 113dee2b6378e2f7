"""Writes forms as a REDCap export with codes: the one wide CSV, its data dictionary, and the list of its events.

Log forms are repeating instruments. REDCap has none within a repeating event, so each unscheduled visit is an event of
its own. Record ids, dates of pages and save times are fields, for REDCap has none; what was made inactive is gone.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from flows.simulate.days import NEVER
from flows.simulate.rave import BYTE_ORDER_MARK, Extras, iso_moment
from flows.simulate.records import DAY_SECONDS, Forms
from flows.simulate.schedule import Folder
from specs.identity import UNIT_SUFFIX
from specs.loader import StudySpec

# there is no second text of a code or of a date to disagree, and no record that was made inactive
NOT_CARRIED = frozenset({"RAW-103", "RAW-105", "RAW-108"})
HEAD = ("record_id", "redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance",
        "redcap_data_access_group")  # fmt: skip
DICTIONARY = (
    "Variable / Field Name", "Form Name", "Section Header", "Field Type", "Field Label",
    "Choices, Calculations, OR Slider Labels", "Field Note", "Text Validation Type OR Show Slider Number",
    "Text Validation Min", "Text Validation Max", "Identifier?", "Branching Logic (Show field only if...)",
    "Required Field?", "Custom Alignment", "Question Number (surveys only)", "Matrix Group Name", "Matrix Ranking?",
    "Field Annotation",
)  # fmt: skip
_SUBJECT_COLUMN = "Subject"
_COMPLETE = "2"
_KEYS = ["subj", "number", "rank", "instance"]
_NEEDS_QUOTES = re.compile(r'[",\r\n]')


def file_names(study: StudySpec) -> list[str]:
    """Patterns of the names of the files."""
    project = study.study.project
    return [f"{project}_DATA_*.csv", f"{project}_DataDictionary.csv", f"{project}_Events.csv"]


def write(
    folder: Path, study: StudySpec, forms: Forms, people: pd.DataFrame, sites: pd.DataFrame,  # noqa: ARG001
    known: Mapping[str, Folder], extras: Extras,
) -> None:  # fmt: skip
    """Write every form of the study, and the unknown ones of `extras`, on the rows of the subject form."""
    project = study.study.project
    saved = iso_moment(max(int(rows["saved"].max()) for rows in forms.values() if len(rows)))
    blocks = {name: _columns(study, name, rows, extras) for name, rows in forms.items()}
    borrowed = forms[study.study.identity.subject_form]
    everything = {name: rows[rows["active"] == 1] for name, rows in forms.items()}
    for name, unknown in extras.forms.items():
        everything[name] = borrowed.head(len(unknown))
        blocks[name] = {f"{name.lower()}_{str(c).lower()}": unknown[c].set_axis(everything[name].index)
                        for c in unknown}  # fmt: skip
    header = [*HEAD]
    for name, columns in blocks.items():
        header += [*columns, f"{name.lower()}_complete"]
    lines = _lines(study, everything, blocks, people, known, extras)
    with (folder / f"{project}_DATA_{saved[:10]}_{saved[11:13]}{saved[14:16]}.csv").open("wb") as file:
        file.write(BYTE_ORDER_MARK if extras.marked else b"")
        file.write((",".join(header) + "\n").encode())
        file.writelines((line + "\n").encode() for line in lines)
    _write_dictionary(folder / f"{project}_DataDictionary.csv", study, blocks)
    _write_events(folder / f"{project}_Events.csv", everything, known)


def _columns(study: StudySpec, form: str, rows: pd.DataFrame, extras: Extras) -> dict[str, pd.Series]:
    """The columns of an instrument, as text."""
    day = rows["page_day"].to_numpy()
    dated = pd.Series(np.where((day > 0) & (day < NEVER), day, 0) * DAY_SECONDS, index=rows.index)
    own = {
        "recordid": rows["record"].astype("str"),
        "recorddate": dated.map({s: iso_moment(int(s)) if s else "" for s in dated.unique()}),
        "saved": rows["saved"].map({s: iso_moment(int(s)) for s in rows["saved"].unique()}),
    }
    for name, field in study.forms[form].fields.items():
        own[name.lower()] = rows[name]
        if field.units:
            own[(name + UNIT_SUFFIX).lower()] = rows[name + UNIT_SUFFIX]
    for name, text in extras.columns.get(form, {}).items():
        own[name.lower()] = pd.Series(text, index=rows.index)
    return {f"{form.lower()}_{name}": column for name, column in own.items()}


def _lines(
    study: StudySpec, forms: Mapping[str, pd.DataFrame], blocks: Mapping[str, Mapping[str, pd.Series]],
    people: pd.DataFrame, known: Mapping[str, Folder], extras: Extras,
) -> list[str]:  # fmt: skip
    """The rows of the file: one for each visit, with all that does not repeat, then one for each line of a log."""
    rank = {name: n for n, name in enumerate(known)}
    blank = {name: "," * len(columns) for name, columns in blocks.items()}  # as many commas as cells but one
    wide: dict[str, pd.Series] = {}
    rows_of: list[pd.DataFrame] = []
    for order, (name, rows) in enumerate(forms.items()):
        log = name in study.forms and study.forms[name].log
        number = pd.Series(people["number"].to_numpy()[rows["subj"]], index=rows.index, dtype="object")
        for form, record, column, text in extras.cells:
            if form == name and column == _SUBJECT_COLUMN:
                number = number.mask(rows["record"] == record, text)
        place = pd.DataFrame(
            {"subj": rows["subj"], "number": number, "rank": rows["folder"].map(rank), "instance": rows["instance"]}
        )
        block = _joined([*(column.loc[rows.index] for column in blocks[name].values())], len(rows), _COMPLETE)
        again = place.duplicated()
        if log or again.any():
            before = "".join(blank[other] + "," for other in list(blank)[:order])
            after = "".join("," + blank[other] for other in list(blank)[order + 1 :])
            line = rows["position"] if log else place.groupby(_KEYS).cumcount() + 1
            rows_of.append(place.assign(order=order, line=line, instrument=name.lower(), text=before + block + after))
        else:
            wide[name] = pd.Series(block.to_numpy(), index=pd.MultiIndex.from_frame(place), name=name)
    pages = pd.concat(wide, axis=1)
    texts = pd.DataFrame(
        {name: pages[name].fillna(blank[name]) if name in pages else blank[name] for name in blocks},
        index=pages.index, dtype="str",
    )  # fmt: skip
    arrays = [pa.array(texts[name], pa.large_string()) for name in blocks]
    cells = pc.binary_join_element_wise(*arrays, pa.scalar(",", pa.large_string())).to_pandas().to_numpy()
    rows_of.append(pages.index.to_frame(index=False).assign(order=-1, line=0, instrument="", text=cells))
    every = pd.concat(rows_of).sort_values(["subj", "number", "rank", "instance", "order", "line"], kind="stable")
    site = people["site"].to_numpy()[every["subj"]]
    names = list(known)
    return [
        f"{number},{_event(names[at], instance)},{instrument},{line or ''},site_{place:02d},{cells}"
        for number, at, instance, instrument, line, place, cells in zip(
            every["number"], every["rank"], every["instance"], every["instrument"], every["line"], site,
            every["text"], strict=True,
        )
    ]  # fmt: skip


def _event(folder: str, instance: int) -> str:
    """The unique name of an event."""
    return f"{folder.lower()}{f'_{instance}' if instance else ''}_arm_1"


def _joined(columns: list[pd.Series], size: int, last: str) -> pd.Series:
    """Cells as text, quoted where they must be, with commas between them; `last`: the last cell of each row."""
    arrays = [_texts(column) for column in columns]
    arrays.append(pa.repeat(pa.scalar(last, pa.large_string()), size))
    joined = pc.binary_join_element_wise(*arrays, pa.scalar(",", pa.large_string())).to_pandas()
    return pd.Series(joined.to_numpy(), index=columns[0].index, dtype="object")


def _texts(column: pd.Series) -> pa.Array:
    codes, distinct = pd.factorize(column, sort=False)
    return pa.array([_quoted(str(text)) for text in distinct], pa.large_string()).take(pa.array(codes.astype("int64")))


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if _NEEDS_QUOTES.search(text) else text


def _write_dictionary(path: Path, study: StudySpec, blocks: Mapping[str, Mapping[str, pd.Series]]) -> None:
    described = [["record_id", next(iter(blocks)).lower(), "text", "Subject number", ""]]
    for form, columns in blocks.items():
        fields = study.forms[form].fields if form in study.forms else {}
        for column in columns:
            field = fields.get(column.removeprefix(f"{form.lower()}_").upper())
            choices = study.choices[field.choices] if field and field.choices else {}
            offered = " | ".join(f"{code}, {text}" for code, text in choices.items())
            kind = "dropdown" if choices else "text"
            described.append([column, form.lower(), kind, field.label if field else column, offered])
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(DICTIONARY)
    for name, form, kind, label, offered in described:
        table.writerow([name, form, "", kind, label, offered, *[""] * (len(DICTIONARY) - 6)])
    path.write_bytes(out.getvalue().encode())


def _write_events(path: Path, forms: Mapping[str, pd.DataFrame], known: Mapping[str, Folder]) -> None:
    places = pd.concat([rows[["folder", "instance"]] for rows in forms.values()]).drop_duplicates()
    rank = {name: n for n, name in enumerate(known)}
    at = sorted(zip(places["folder"], places["instance"], strict=True), key=lambda p: (rank[p[0]], p[1]))
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(["event_name", "arm_num", "unique_event_name"])
    for folder, instance in at:
        name = known[folder].name + (f" ({instance})" if instance else "")
        table.writerow([name, "1", _event(folder, instance)])
    path.write_bytes(out.getvalue().encode())
