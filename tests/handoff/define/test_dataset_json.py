"""Dataset-JSON beside define.xml: each file names the define.xml of its half, and its OIDs are in it."""

from __future__ import annotations

import json

import pytest

from tests.handoff.define.reading import Define


def _described(path):
    with path.open(encoding="utf-8") as file:
        return json.loads(file.readline()) if path.suffix == ".ndjson" else json.load(file)


@pytest.mark.parametrize("suffix", [".json", ".ndjson"])
def test_the_oids_are_those_of_the_define_that_is_named(published, half, define, suffix):
    files = sorted((published / "dataset-json" / half).glob(f"*{suffix}"))
    assert files
    for path in files:
        told = _described(path)
        named = (path.parent / told["metaDataRef"]).resolve()
        assert named == define.path.resolve()
        known = Define(named).by_oid
        assert known[told["studyOID"]].tag.endswith("}Study")
        assert known[told["metaDataVersionOID"]].tag.endswith("}MetaDataVersion")
        assert known[told["itemGroupOID"]].get("Name") == told["name"]
        items = [known[column["itemOID"]] for column in told["columns"]]
        assert [item.get("Name") for item in items] == [column["name"] for column in told["columns"]]
