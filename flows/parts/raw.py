"""The raw export in parts: whose records lie in which part."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from flows.arrow_files import read_frame, write_frame
from flows.receive.canonical import ReceivedForm
from flows.receive.detect import list_folder
from flows.receive.export import RawExport, export_faults, look_over, read_forms
from flows.receive.gathering import Gathering
from flows.workers import Workshop
from sdtm.subjects import identify_persons
from specs import StudySpec
from specs.identity import SUBJECT

PART_RECORDS = 1_000_000  # of the raw export, at most about so many in a part


@dataclass(frozen=True)
class RawPart:
    """The records of some subjects: form -> its file's name, and its records in memory or in files."""

    number: int
    names: dict[str, str]
    pieces: dict[str, list[pd.DataFrame | Path]]
    subjects: pd.DataFrame  # the subject form of the whole study

    def export(self, study: StudySpec) -> RawExport:
        """The part, sifted and looked over."""
        forms = {}
        for form, name in self.names.items():
            frames = [read_frame(piece) if isinstance(piece, Path) else piece for piece in self.pieces[form]]
            whole = frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True)
            forms[form] = ReceivedForm(name, whole)
        return look_over(forms, study, self.subjects)


@dataclass(frozen=True)
class RawStudy:
    """A raw export as read: its parts in the order of their subjects, and what is known of it as a whole."""

    parts: list[RawPart]
    findings: pd.DataFrame
    snapshot: str
    files: dict[str, str]
    records: int


def read_raw(folder: Path, study: StudySpec, raw_format: str, shop: Workshop) -> RawStudy:
    """Read a raw export and deal it out by subject. Raises what `flows.receive.read_export` raises."""
    shop.workers.start_for(sum(path.stat().st_size for path in list_folder(folder).values()))
    gathered = Gathering(shop.scratch)
    received = read_forms(folder, study, raw_format, gathered)
    export_faults(gathered, study)
    parts = _deal_out(gathered, study, shop.scratch, max(1, -(-gathered.records // PART_RECORDS)))
    return RawStudy(parts, received.findings, gathered.snapshot, received.files, gathered.records)


def _deal_out(gathered: Gathering, study: StudySpec, scratch: Path, count: int) -> list[RawPart]:
    """The records by part. All numbers of a person are in one part; a number that nobody has is in the first."""
    form = study.study.identity.subject_form
    subjects = gathered.form(form).frame
    names = {name: gathered.files[name] for name in study.forms}
    if count == 1:
        return [RawPart(0, names, {name: list(gathered.pieces(name)) for name in names}, subjects)]
    part_of = _part_of_each(subjects, study, count)

    def deal(name: str) -> list[list[Path]]:
        dealt: list[list[Path]] = [[] for _ in range(count)]
        for number, piece in enumerate(gathered.pieces(name)):
            codes, numbers = pd.factorize(piece[SUBJECT])
            part = part_of.reindex(numbers).fillna(0).to_numpy("int64")[codes]
            for k in range(count):
                mine = piece[part == k]
                if len(mine) or not number:
                    path = scratch / f"part{k}-{name}-{number}.arrow"
                    write_frame(mine, path)
                    dealt[k].append(path)
        return dealt

    with ThreadPoolExecutor() as pool:
        dealt = dict(zip(names, pool.map(deal, names), strict=True))
    return [RawPart(k, names, {name: list(dealt[name][k]) for name in names}, subjects) for k in range(count)]


def _part_of_each(subjects: pd.DataFrame, study: StudySpec, count: int) -> pd.Series:
    """Subject number -> part; the parts follow each other in the order of USUBJID."""
    persons = identify_persons({study.study.identity.subject_form: subjects}, study)["USUBJID"]
    rank = persons.rank(method="dense").to_numpy("int64") - 1
    people = int(rank.max()) + 1 if len(rank) else 1
    return pd.Series(np.minimum(rank * count // people, count - 1), index=persons.index)
