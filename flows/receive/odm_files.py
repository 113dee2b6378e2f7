"""Which files of a folder are ODM, and in which order they follow each other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from flows.receive.xml_stream import SEPARATOR, UnfitXmlError, first_element
from specs.errors import InputError, Problem, did_you_mean

_NAMESPACE = "http://www.cdisc.org/ns/odm/v1."
_TYPES = ("Snapshot", "Transactional")
_SHOWN = 5


@dataclass(frozen=True)
class OdmFile:
    """A file, by what its element ODM says."""

    path: Path
    oid: str
    prior: str
    created: str  # CreationDateTime as it stands
    as_of: str  # AsOfDateTime, else CreationDateTime: no record was saved later
    snapshot: bool


def open_files(files: dict[str, Path]) -> tuple[list[OdmFile], list[str], list[Problem]]:
    """The ODM files, the names of the others, and what is wrong with files that are to be ODM."""
    found: list[OdmFile] = []
    strangers: list[str] = []
    problems: list[Problem] = []
    others: list[Problem] = []
    for name, path in files.items():
        if not name.lower().endswith(".xml"):
            strangers.append(name)
            continue
        try:
            element, attributes = first_element(path)
        except UnfitXmlError as error:
            problems.append(error.problem)
            continue
        namespace, _, local = element.rpartition(SEPARATOR)
        if local != "ODM" or (namespace and not namespace.startswith(_NAMESPACE)):
            strangers.append(name)
            others.append(_not_ours(name, local, namespace))
            continue
        kind = attributes.get("FileType", "Snapshot")
        if kind not in _TYPES:
            problems.append(
                Problem(
                    code="INPUT-064", place=name, fact=f"There is no FileType '{kind}'.",
                    hint=did_you_mean(kind, _TYPES) or "known: " + ", ".join(_TYPES),
                    next_step="have the file exported again.",
                )
            )  # fmt: skip
        created = attributes.get("CreationDateTime", "")
        as_of = (attributes.get("AsOfDateTime", "") or created)[:19]
        oid, prior = attributes.get("FileOID", ""), attributes.get("PriorFileOID", "")
        found.append(OdmFile(path, oid, prior, created, as_of, kind == "Snapshot"))
    if not found and not problems:
        problems = others or [
            Problem(
                code="INPUT-064", place=", ".join(strangers[:_SHOWN]), fact="No file here is XML (.xml).",
                next_step="give the folder of the ODM export, or another --format.",
            )
        ]  # fmt: skip
    return found, strangers, problems


def _not_ours(name: str, element: str, namespace: str) -> Problem:
    is_other = element == "ODM"
    return Problem(
        code="INPUT-064", place=name,
        fact=f"This is ODM of another version ({namespace})." if is_other
        else f"This is no ODM file: its first element is {element}.",
        hint="ODM 1.2 and 1.3 are read: namespace http://www.cdisc.org/ns/odm/v1.3." if is_other else "",
        next_step="have the data exported as ODM-XML 1.3.2.",
    )  # fmt: skip


def in_order(files: list[OdmFile]) -> list[OdmFile]:
    """The files as they follow each other: by CreationDateTime, and each after the one it names as PriorFileOID.

    A file without one stands alone. Raises InputError where two files have one FileOID, a transactional file
    follows one that is not here, files follow each other in a circle, or several have no time of creation.
    """
    problems: list[Problem] = []
    by_oid: dict[str, OdmFile] = {}
    for file in files:
        if file.oid and file.oid in by_oid:
            problems.append(
                _disorder(f"{by_oid[file.oid].path.name}, {file.path.name}", f"Two files have the FileOID {file.oid}.")
            )
        by_oid.setdefault(file.oid, file)
    if len(files) > 1:
        undated = [file.path.name for file in files if _moment(file.created) is None]
        if undated:
            fact = "Of several files each must say when it was made (CreationDateTime)."
            problems.append(_disorder(", ".join(undated[:_SHOWN]), fact))
    for file in files:
        if not file.snapshot and file.prior and file.prior not in by_oid:
            problems.append(
                Problem(
                    code="INPUT-066", place=file.path.name,
                    fact=f"The file goes on from FileOID {file.prior}, which is not in the folder.",
                    hint=did_you_mean(file.prior, by_oid),
                    next_step="put every file of the series into the folder: later transactions rest on earlier ones.",
                )
            )  # fmt: skip
    if problems:
        raise InputError(problems)
    ordered: list[OdmFile] = []
    waiting = sorted(
        files, key=lambda file: (_moment(file.created) or datetime.max.replace(tzinfo=UTC), file.path.name)
    )
    while waiting:
        held = {file.oid for file in waiting}
        ready = next((file for file in waiting if file.prior not in held or not file.prior), None)
        if ready is None:
            names = ", ".join(file.path.name for file in waiting[:_SHOWN])
            raise InputError(_disorder(names, "The files follow each other in a circle (PriorFileOID)."))
        waiting.remove(ready)
        ordered.append(ready)
    return ordered


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _disorder(place: str, fact: str) -> Problem:
    return Problem(
        code="INPUT-065", place=place, fact=fact, hint="the order of the files decides which value is the last.",
        next_step="have the files exported again, or leave only the right ones in the folder.",
    )  # fmt: skip
