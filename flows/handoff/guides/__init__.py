"""The reviewer's guides, cSDRG and ADRG, as Markdown and HTML."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from flows.handoff.dataset_files import Half
from flows.handoff.errors import writing
from flows.handoff.guides.adrg import analysis_data_reviewers_guide
from flows.handoff.guides.csdrg import study_data_reviewers_guide
from flows.handoff.guides.document import Document, as_html, as_markdown
from flows.handoff.guides.facts import DatasetFacts, GuideFacts
from flows.handoff.study import submission_folder
from specs import StudySpec

__all__ = ["DatasetFacts", "GuideFacts", "write_guides"]

_GUIDES: dict[Half, tuple[str, Callable[[StudySpec, GuideFacts], Document]]] = {
    "sdtm": ("csdrg", study_data_reviewers_guide),
    "adam": ("adrg", analysis_data_reviewers_guide),
}


def write_guides(stage: Path, study: StudySpec, facts: GuideFacts) -> None:
    """Write the guide of each half that the run made, beside its XPT files: `csdrg` and `adrg`, `.md` and `.html`.

    The bytes follow from the specs and the run; no value of a subject is in them. Raises HandoffError: HAND-502.
    """
    for half, (name, make) in _GUIDES.items():
        if not facts.of_half(half):
            continue
        document = make(study, facts)
        folder = stage / submission_folder(study, half)
        for suffix, text in ((".md", as_markdown(document)), (".html", as_html(document))):
            with writing(folder / f"{name}{suffix}"):
                (folder / f"{name}{suffix}").write_text(text, encoding="utf-8", newline="\n")
