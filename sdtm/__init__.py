"""Raw forms to SDTM: a generic engine that reads the study's specs, and the named rules that specs refer to."""

from sdtm.build import build_sdtm, build_subjects
from sdtm.built import SdtmBuild
from sdtm.rules import RULES
from sdtm.trial_design import add_trial_design, derive_trial_design

__all__ = [
    "RULES", "SdtmBuild", "add_trial_design", "build_sdtm", "build_subjects", "derive_trial_design",
]  # fmt: skip
