"""SDTM to ADaM: `build_adam`, and the rules that a spec can name."""

from adam.build import AdamBuild, build_adam, build_subjects, require_subjects, settle
from adam.reads import needed_variables
from adam.rules import collect_rules

RULES = frozenset(collect_rules())

__all__ = ["RULES", "AdamBuild", "build_adam", "build_subjects", "needed_variables", "require_subjects", "settle"]
