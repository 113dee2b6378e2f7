"""Raw forms to SDTM: a generic engine that reads the study's specs, and the named rules that specs refer to."""

from sdtm.build import SdtmBuild, build_sdtm
from sdtm.rules import RULES

__all__ = ["RULES", "SdtmBuild", "build_sdtm"]
