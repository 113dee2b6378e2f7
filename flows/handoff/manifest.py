"""manifest.json: what went in, what came out, what made it. Content only: no clock, no host, no path of a machine."""

from __future__ import annotations

import hashlib
import json
import platform
import re
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from importlib import metadata
from importlib.resources import as_file, files
from pathlib import Path

import pandas as pd

from flows.handoff.errors import writing
from flows.handoff.findings import SEVERITIES
from flows.handoff.publish import MANIFEST, WRITTEN_BY
from specs import StudySpec

PACKAGES = ("adam", "flows", "sdtm", "specs")


@dataclass(frozen=True)
class InputFile:
    """A file that was read."""

    name: str
    sha256: str
    rows: int | None = None


@dataclass(frozen=True)
class RunContent:
    """What the manifest says beyond what it finds in the output folder itself."""

    parameters: Mapping[str, str]
    snapshot: str  # ISO text: when the data were as they are
    inputs: Sequence[InputFile]
    accounting: Mapping[str, pd.DataFrame]  # step -> rows kept and left out, by rule
    findings: pd.DataFrame
    rows: Mapping[str, int] = field(default_factory=dict)  # output path -> rows (StudyWritten.rows)


def input_files(hashes: Mapping[str, str], accounting: pd.DataFrame | None = None) -> list[InputFile]:
    """Inputs by name, with the rows that the accounting of receiving (form, file, rule, rows) has under READ."""
    rows: dict[str, int] = {}
    if accounting is not None:
        read = accounting[accounting["rule"] == "READ"]
        rows = {str(name): int(n) for name, n in read.groupby("file")["rows"].sum().items()}
    return [InputFile(name, digest, rows.get(name)) for name, digest in sorted(hashes.items())]


def write_manifest(folder: Path, study: StudySpec, content: RunContent) -> str:
    """Write manifest.json over all files that are in the folder; the last file to be written. Returns its SHA-256."""
    findings = content.findings
    severities = findings["severity"].value_counts()
    manifest = {
        "written_by": WRITTEN_BY,
        "study": study.studyid,
        "snapshot": content.snapshot,
        "parameters": dict(sorted(content.parameters.items())),
        "terminology": {"sdtm_ct": study.study.ct_version}
        | {name: f"{d.name} {d.version}" for name, d in sorted(study.study.dictionaries.items())},
        "spec_sha256": study.digest,
        "code_sha256": installed_code_sha256(),
        "versions": package_versions(),
        "inputs": [_without_none(vars(i)) for i in sorted(content.inputs, key=lambda i: i.name)],
        "outputs": _outputs(folder, content.rows),
        "accounting": {step: _records(frame) for step, frame in content.accounting.items()},
        "findings": {
            "by_severity": {severity: int(severities.get(severity, 0)) for severity in SEVERITIES},
            "by_code": {str(code): int(n) for code, n in sorted(findings["code"].value_counts().items())},
        },
    }
    raw = (json.dumps(manifest, ensure_ascii=False, indent=1) + "\n").encode()
    with writing(folder / MANIFEST):
        (folder / MANIFEST).write_bytes(raw)
    return hashlib.sha256(raw).hexdigest()


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _outputs(folder: Path, rows: Mapping[str, int]) -> list[dict[str, object]]:
    paths = sorted(
        (path for path in folder.rglob("*") if path.is_file() and path != folder / MANIFEST), key=Path.as_posix
    )
    with ThreadPoolExecutor() as pool:  # a hash is computed without Python's lock
        hashes = list(pool.map(sha256_of, paths))
    names = [path.relative_to(folder).as_posix() for path in paths]
    return [
        _without_none({"path": name, "sha256": digest, "bytes": path.stat().st_size, "rows": rows.get(name)})
        for path, name, digest in zip(paths, names, hashes, strict=True)
    ]


def _without_none(record: Mapping[str, object]) -> dict[str, object]:
    return {key: value for key, value in record.items() if value is not None}


def _records(frame: pd.DataFrame) -> list[dict[str, object]]:
    text = {name: frame[name].astype("str").fillna("") for name in frame if name != "rows"}
    counted = pd.DataFrame(text).assign(rows=frame["rows"].astype("int64"))
    return [{str(key): value for key, value in row.items()} for row in counted.to_dict("records")]


@cache
def installed_code_sha256() -> str:
    """SHA-256 over names and bytes of all files of the project's packages, wherever they are installed."""
    total = hashlib.sha256()
    for package in PACKAGES:
        with as_file(files(package)) as root:
            for path in sorted(root.rglob("*"), key=lambda p: p.relative_to(root).as_posix()):
                name = path.relative_to(root)
                hidden = any(part.startswith(".") or part == "__pycache__" for part in name.parts)
                if path.is_file() and not hidden and path.suffix != ".pyc":
                    raw = path.read_bytes()
                    total.update(f"{package}/{name.as_posix()}\0{len(raw)}\0".encode() + raw)
    return total.hexdigest()


@cache
def package_versions() -> dict[str, str]:
    """Versions of Python, this project and what it is declared to need (not of extras)."""
    needed = [r for r in metadata.requires("cdisc-flows") or [] if "extra ==" not in r]
    names = {match.group().lower() for r in needed if (match := re.match(r"[A-Za-z0-9._-]+", r))}
    return {"python": platform.python_version()} | {
        name: metadata.version(name) for name in sorted(names | {"cdisc-flows"})
    }
