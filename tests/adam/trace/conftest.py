from __future__ import annotations

import pytest

from specs import StudySpec
from specs.loader import load_study


@pytest.fixture(scope="session")
def study() -> StudySpec:
    return load_study("ql1706")
