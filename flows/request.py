"""What a run is asked to do, and what it says when it is done."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal

FailOn = Literal["never", "error", "warning"]
DatasetJson = Literal["none", "json", "ndjson", "both"]
Half = Literal["both", "sdtm", "adam"]


@dataclass(frozen=True)
class RunRequest:
    """One run: which study, from where, to where."""

    study: str
    source: Path  # the raw export; for the half "adam" a folder of SDTM
    out: Path
    half: Half = "both"
    cutoff: date | None = None
    raw_format: str = "auto"
    fail_on: FailOn = "never"
    dataset_json: DatasetJson = "none"
    keep: int | None = None  # so many good outputs, this one counted; None leaves those kept before alone

    def parameters(self) -> dict[str, str]:
        """The choices that decide the content of the output (no paths: the same input may lie elsewhere)."""
        return {
            "study": Path(self.study).name,
            "half": self.half,
            "cutoff": self.cutoff.isoformat() if self.cutoff else "",
            "format": self.raw_format,
            "dataset_json": self.dataset_json,
        }


@dataclass(frozen=True)
class DatasetLine:
    """A dataset of the summary."""

    half: str
    name: str
    label: str
    rows: int
    subjects: int


@dataclass(frozen=True)
class Stage:
    """One step that ran: its name, wall-clock seconds and a few words on what it did."""

    name: str
    seconds: float
    said: str = ""


@dataclass(frozen=True)
class RunSummary:
    """What a person wants to know after a run."""

    study: str
    out: Path
    datasets: list[DatasetLine]
    findings: dict[str, int]  # severity -> number
    codes: dict[str, int]  # finding code -> number, most frequent first
    history: dict[str, int] | None  # new, still open, gone against the last output; None: there was none
    manifest_sha256: str
    dataset_json: bool  # whether that was written, too
    stages: list[Stage] = field(default_factory=list)
