"""Writes define.xml beside the XPT files of each half."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import pyarrow as pa

from flows.handoff.coverage import ACRF_HTML
from flows.handoff.define.document import define_document
from flows.handoff.define.published import Published
from flows.handoff.define.values import Values
from flows.handoff.errors import writing
from flows.handoff.study import Half, StudyWritten, dataset_spec
from specs import StudySpec

DEFINE_XML = "define.xml"


def write_define(
    stage: Path,
    study: StudySpec,
    written: StudyWritten,
    tables: Mapping[Half, Mapping[str, pa.Table]],
    stamp: datetime,
) -> list[str]:
    """Write a define.xml for each half that has datasets, beside their XPT files; their paths below `stage`.

    In: what `write_study` wrote, and the tables that it wrote it from. The annotated CRF, where `stage` has one, is put
    beside the define.xml of SDTM, so that the folder can be handed on alone. Raises HandoffError (HAND-502).
    """
    paths = []
    for half in tables:
        datasets = [d for d in written.datasets if d.half == half]
        if not datasets:
            continue
        folder = stage / datasets[0].xpt
        folder = folder.parent
        acrf = half == "sdtm" and (stage / ACRF_HTML).is_file()
        published = Published(
            study=study, half=half,
            specs={name: dataset_spec(study, half, name) for name in _in_order(study, half, written)},
            values=Values({d.dataset: tables[half][d.dataset] for d in datasets}),
            lengths=written.lengths, stamp=stamp, acrf=acrf,
        )  # fmt: skip
        document = define_document(published)
        with writing(folder):
            (folder / DEFINE_XML).write_bytes(document)
            if acrf:
                shutil.copyfile(stage / ACRF_HTML, folder / ACRF_HTML)
        paths.append((folder / DEFINE_XML).relative_to(stage).as_posix())
    return paths


def _in_order(study: StudySpec, half: Half, written: StudyWritten) -> list[str]:
    """The datasets that were written, in the order of the specs."""
    there = {d.dataset for d in written.datasets if d.half == half}
    return [name for name in (study.sdtm_order if half == "sdtm" else study.adam) if name in there]
