"""The mini study and its export."""

import pytest

from tests.receive.mini import Mini


@pytest.fixture
def mini(tmp_path) -> Mini:
    return Mini(tmp_path)
