"""What everything is: the study, its raw forms, datasets, codelists and criteria, as data with typed models."""

from specs.loader import KnownRules, StudySpec, load_study

__all__ = ["KnownRules", "StudySpec", "load_study"]
