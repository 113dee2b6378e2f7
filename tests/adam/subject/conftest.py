from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from pydantic import TypeAdapter

import specs
from specs import StudySpec
from specs.criteria import Criteria
from specs.grading import Grading
from specs.models import DatasetSpec, StudyFile

FOLDER = Path(specs.__file__).parent / "ql1706"


@pytest.fixture(scope="session")
def study() -> StudySpec:
    """The study with its ADaM specs alone: these tests give SDTM as tables."""
    adam = [DatasetSpec.model_validate(_yaml(path)) for path in sorted((FOLDER / "adam").glob("*.yaml"))]
    criteria = TypeAdapter(Criteria).validate_python(_yaml(FOLDER / "criteria.yaml"))
    return StudySpec(
        study=StudyFile.model_validate(_yaml(FOLDER / "study.yaml")),
        choices={}, codelists={}, forms={}, sdtm={}, adam={spec.dataset: spec for spec in adam}, digest="",
        grading=Grading.model_validate(_yaml(FOLDER / "grading.yaml")), criteria=criteria,
    )  # fmt: skip


def _yaml(path: Path) -> object:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def with_parameter(study: StudySpec, group: str, **changed: int) -> StudySpec:
    """The study with other values of its parameters."""
    parameters = study.study.parameters
    assert parameters is not None
    changed_group = getattr(parameters, group).model_copy(update=changed)
    return study.model_copy(
        update={
            "study": study.study.model_copy(update={"parameters": parameters.model_copy(update={group: changed_group})})
        }
    )
