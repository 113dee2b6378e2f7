"""Who keeps the memory of Arrow's columns."""

import subprocess
import sys

import pyarrow as pa
import pytest

SHOWN = """
import pyarrow
from flows.memory import manage_memory
manage_memory()
print(pyarrow.default_memory_pool().backend_name)
"""


def pool():
    done = subprocess.run([sys.executable, "-c", SHOWN], check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.mark.skipif("jemalloc" not in pa.supported_memory_backends(), reason="pyarrow was built without jemalloc")
def test_columns_live_in_jemalloc_where_pyarrow_has_it(monkeypatch):
    monkeypatch.delenv("ARROW_DEFAULT_MEMORY_POOL", raising=False)
    assert pool() == "jemalloc"


def test_who_chose_another_keeper_outside_has_it(monkeypatch):
    monkeypatch.setenv("ARROW_DEFAULT_MEMORY_POOL", "system")
    assert pool() == "system"
