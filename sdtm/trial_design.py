"""What belongs to the study and not to a subject: the trial design datasets, made once for the whole study."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from sdtm.built import SdtmBuild
from specs import StudySpec


def add_trial_design(build: SdtmBuild, study: StudySpec) -> SdtmBuild:
    """The build with the trial design datasets added, which are made from the specs and from all subjects together.

    In: the subject-level datasets of every subject of the study (sdtm/build.py, `build_subjects`); where the subjects
    were mapped in parts, the parts put together. Out: the same datasets, and those of the study's specs whose class is
    Trial Design, in the order of the specs.
    """
    made: dict[str, pd.DataFrame] = {}
    return replace(build, datasets=_in_order({**build.datasets, **made}, study))


def _in_order(datasets: dict[str, pd.DataFrame], study: StudySpec) -> dict[str, pd.DataFrame]:
    """The datasets in the order of the specs, each followed by its SUPP--."""
    named = [name for domain in study.sdtm for name in (domain, f"SUPP{domain}")]
    return {name: datasets[name] for name in [*named, *(n for n in datasets if n not in named)] if name in datasets}
