"""The define.xml of each half of a whole run."""

from __future__ import annotations

import pytest

from tests.handoff.define.reading import FOLDERS, Define


@pytest.fixture(scope="session", params=FOLDERS)
def half(request) -> str:
    return request.param


@pytest.fixture(scope="session")
def define(published, half) -> Define:
    (path,) = published.glob(f"m5/datasets/*/{FOLDERS[half]}/define.xml")
    return Define(path)
