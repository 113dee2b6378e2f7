"""Which files of a folder are REDCap's: the data, the data dictionary, and the list of events."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from dataclasses import dataclass, field
from pathlib import Path

from flows.receive.csv_faults import BytesSeen, header_faults, unreadable, wrong_delimiter
from specs.errors import Problem
from specs.loader import StudySpec

EVENT, INSTRUMENT, INSTANCE = "redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance"
COMPLETE = "_complete"
_NAME_COLUMNS = ("Variable / Field Name", "field_name")
_FORM_COLUMNS = ("Form Name", "form_name")
_CHOICE_COLUMNS = ("Choices, Calculations, OR Slider Labels", "select_choices_or_calculations")
_LABEL_HEADERS = {"Event Name", "Repeat Instrument", "Repeat Instance", "Complete?", "Data Access Group"}
_EXPORTED = re.compile(r"_(\d{4}-\d{2}-\d{2})(?:_(\d{2})(\d{2}))?\D*$")  # at the end of the file's name, by REDCap
_CHUNK = 1 << 22
_LONGEST_LINE = 1 << 26


@dataclass
class RedcapFiles:
    """The files of an export, by what their headers say."""

    data: list[str] = field(default_factory=list)
    with_labels: list[str] = field(default_factory=list)  # data whose header has labels in place of names
    dictionaries: list[str] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)


def sort_files(files: dict[str, Path], study: StudySpec) -> RedcapFiles:
    """Look at the first line of every CSV file."""
    found = RedcapFiles()
    for name, path in files.items():
        header = _header(path) if name.lower().endswith(".csv") else []
        lower = {column.lower() for column in header}
        if header and header[0] in _NAME_COLUMNS:
            found.dictionaries.append(name)
        elif "unique_event_name" in lower:
            found.events.append(name)
        elif study.redcap.record_id.lower() in lower and (
            lower & {EVENT, INSTRUMENT} or any(column.endswith(COMPLETE) for column in lower)
        ):
            found.data.append(name)
        elif len(_LABEL_HEADERS & set(header)) > 1:
            found.with_labels.append(name)
        else:
            found.strangers.append(name)
    return found


def _header(path: Path) -> list[str]:
    try:
        with path.open("rb") as file:
            line = file.readline(_CHUNK)
    except OSError:
        return []
    return next(csv.reader([line.decode("utf-8-sig", "replace").rstrip("\r\n")]), [])


@dataclass(frozen=True)
class DataFile:
    """A data file whose bytes are sound."""

    path: Path
    header: list[str]
    sha256: str
    exported: str  # the time in its name, ISO text


def open_data(path: Path, record_id: str, problems: list[Problem]) -> DataFile | None:
    """Look at every byte once; None, with problems added, where the file cannot be read on."""
    digest, seen = hashlib.sha256(), BytesSeen(path.name)
    last = b""
    try:
        with path.open("rb") as file:
            line = file.readline(_CHUNK)
            seen.begin(line)
            file.seek(0)
            while piece := file.read(_CHUNK) + file.readline(_LONGEST_LINE):
                digest.update(piece)
                seen.look(piece, len(piece))
                last = piece[-1:]
    except OSError as error:
        problems.append(unreadable(path.name, error))
        return None
    problem = seen.problem()
    text = line.decode("utf-8-sig", "replace").rstrip("\r\n")
    header = next(csv.reader([text]), [])
    problem = problem or wrong_delimiter(
        path.name, text, [column.lower() for column in header], [record_id.lower()], ","
    )
    if problem is None and last not in (b"\n", b"\r"):
        problem = Problem(
            code="INPUT-075", place=path.name, fact="The last line does not end: the file is cut off.",
            hint="REDCap ends every line; a file that was opened and saved again may lack the last end.",
            next_step="have the file exported or transferred again.",
        )  # fmt: skip
    found = [problem] if problem else header_faults(path.name, header)
    problems += found
    if found:
        return None
    match = _EXPORTED.search(path.stem)
    exported = f"{match[1]}T{match[2] or '00'}:{match[3] or '00'}:00" if match else ""
    return DataFile(path, header, digest.hexdigest(), exported)


def read_dictionary(path: Path) -> dict[str, tuple[str, dict[str, str]]]:
    """The data dictionary: field -> its instrument, and its choices (code -> label)."""
    described: dict[str, tuple[str, dict[str, str]]] = {}
    for row in _rows(path):
        name = next((row[c] for c in _NAME_COLUMNS if c in row), "")
        form = next((row[c] for c in _FORM_COLUMNS if c in row), "")
        offered = next((row[c] for c in _CHOICE_COLUMNS if c in row), "")
        choices = (part.partition(",") for part in offered.split("|") if "," in part)
        described[name.lower()] = form, {code.strip(): text.strip() for code, _, text in choices}
    return described


def read_events(path: Path) -> dict[str, str]:
    """The list of events: unique event name -> name."""
    return {row["unique_event_name"]: row.get("event_name", "") for row in _rows(path) if row.get("unique_event_name")}


def _rows(path: Path) -> list[dict[str, str]]:
    text = path.read_bytes().decode("utf-8-sig", "replace")
    return [
        {key: value or "" for key, value in row.items() if isinstance(key, str)}
        for row in csv.DictReader(io.StringIO(text, newline=""))
    ]
