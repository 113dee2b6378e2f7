"""Writes define.xml beside the XPT files of each half, with the style sheet and the page that it makes of it."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import pyarrow as pa

from flows.handoff.coverage import ACRF_HTML
from flows.handoff.dataset_files import DEFINE_XML, Half
from flows.handoff.define.document import STYLESHEET, define_document
from flows.handoff.define.page import define_page, stylesheet
from flows.handoff.define.published import ACRF, Published
from flows.handoff.define.values import Values
from flows.handoff.errors import writing
from flows.handoff.study import StudyWritten, dataset_spec, submission_folder
from specs import StudySpec

DEFINE_HTML = "define.html"
_GUIDES = {
    "csdrg": "Clinical Study Data Reviewer's Guide",
    "adrg": "Analysis Data Reviewer's Guide",
}


def write_define(
    stage: Path, study: StudySpec, written: StudyWritten, tables: Mapping[Half, Mapping[str, pa.Table]], stamp: datetime
) -> list[str]:
    """Write the define.xml of each half that has datasets, beside its XPT files; their paths below `stage`.

    In: what `write_study` wrote, the tables that it wrote it from, and the time that stands in its files. Beside each
    goes the style sheet that it names, and the page that the sheet makes of it, for browsers that read no style sheet
    from a disk. The annotated CRF, where `stage` has one, goes beside that of SDTM, so that the folder can be handed on
    alone. The bytes follow from the specs, the values and the time. Raises HandoffError: HAND-502.
    """
    paths = []
    for half in tables:
        names = _in_order(study, half, written)
        if not names:
            continue
        folder = stage / submission_folder(study, half)
        with writing(folder):
            if half == "sdtm" and (stage / ACRF_HTML).is_file():
                shutil.copyfile(stage / ACRF_HTML, folder / ACRF_HTML)
        document = define_document(
            Published(
                study=study, half=half, specs={name: dataset_spec(study, half, name) for name in names},
                values=Values({name: tables[half][name] for name in names}), lengths=written.lengths, stamp=stamp,
                documents=_documents(folder),
            )
        )  # fmt: skip
        with writing(folder):
            (folder / DEFINE_XML).write_bytes(document)
            (folder / STYLESHEET).write_bytes(stylesheet())
            (folder / DEFINE_HTML).write_bytes(define_page(document))
        paths.append((folder / DEFINE_XML).relative_to(stage).as_posix())
    return paths


def _in_order(study: StudySpec, half: Half, written: StudyWritten) -> list[str]:
    """The datasets that were written, in the order of the specs."""
    there = {d.dataset for d in written.datasets if d.half == half}
    return [name for name in (study.sdtm_order if half == "sdtm" else study.adam) if name in there]


def _documents(folder: Path) -> dict[str, tuple[str, str]]:
    """The documents that lie in the folder: name -> path from it, and title."""
    known = {ACRF: (ACRF_HTML, "Annotated CRF")} | {name: (f"{name}.html", title) for name, title in _GUIDES.items()}
    return {name: document for name, document in known.items() if (folder / document[0]).is_file()}
