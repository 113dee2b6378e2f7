"""Numbers of things in words; and that people are told of one thing in the singular everywhere."""

import re
from pathlib import Path

import pytest

from specs.counted import how_many

ROOT = Path(__file__).parents[2]
# a number and, behind it, the plural of what is counted, which would be wrong for one of them
ALWAYS_MANY = re.compile(r"\{(?!half\})[^{}]*\} (more )?(records|rows|findings|forms|datasets|subjects|runs)\b")


@pytest.mark.parametrize(
    ("number", "thing", "said"),
    [(0, "run", "0 runs"), (1, "run", "1 run"), (2, "run", "2 runs"), (1234, "more record", "1,234 more records")],
)
def test_one_is_told_in_the_singular(number, thing, said):
    assert how_many(number, thing) == said


def test_no_text_of_the_program_has_a_fixed_plural():
    sources = [path for room in ("adam", "flows", "sdtm", "specs") for path in sorted((ROOT / room).rglob("*.py"))]
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in sources
        for match in ALWAYS_MANY.finditer(path.read_text(encoding="utf-8"))
    ]
    assert len(sources) > 100
    assert found == []
