"""The study, for the tests of this half."""

from __future__ import annotations

import pytest

from specs import StudySpec, load_study


@pytest.fixture(scope="session")
def study() -> StudySpec:
    return load_study("ql1706")
