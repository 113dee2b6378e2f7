"""The mini study and its export, as Rave gives it and as tables of a declared layout."""

import pytest

from tests.receive.mini import Mini
from tests.receive.tables import Tables


@pytest.fixture
def mini(tmp_path) -> Mini:
    return Mini(tmp_path)


@pytest.fixture
def tables(tmp_path) -> Tables:
    return Tables(tmp_path)
