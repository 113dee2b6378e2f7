"""SDTM to ADaM: `build_adam`, `explain` (why a subject's values are what they are), and the rules a spec can name."""

from adam.build import AdamBuild, build_adam, build_subjects, require_subjects, settle
from adam.explain import explain, trace_decisions
from adam.reads import domains_read, needed_variables
from adam.rules import collect_rules

RULES = frozenset(collect_rules())

__all__ = [
    "RULES", "AdamBuild", "build_adam", "build_subjects", "domains_read", "explain", "needed_variables",
    "require_subjects", "settle", "trace_decisions",
]  # fmt: skip
