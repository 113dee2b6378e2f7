"""Every artifact of a published study is damaged in turn, and `verify`, `compare` or `check` names it."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from flows.checking import CheckRequest, check_folder
from flows.comparing import CompareRequest, compare_places
from flows.handoff import append_run, sha256_of
from flows.pipeline import run_study
from flows.recording import run_recorded
from flows.request import RunRequest
from flows.simulate import simulate_study
from flows.verifying import verify_output
from specs.errors import InputError
from tests.conftest import ROOT

DAY = date(2026, 1, 1)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory, published) -> Path:
    """A copy of the published output whose journal has a good run between two that failed."""
    out = tmp_path_factory.mktemp("recorded") / "out"
    shutil.copytree(published, out)
    nowhere = RunRequest("ql1706", out.parent / "nowhere", out)
    for good in (False, True, False):
        if good:
            digest = sha256_of(out / "manifest.json")
            append_run(out, {"exit_code": 0, "manifest_sha256": digest})
        else:
            with pytest.raises(InputError):
                run_recorded(nowhere)
    return out


def found(out: Path) -> list[tuple[str, str]]:
    return [(t.what, t.place) for t in verify_output(out).found]


def artifacts(out: Path) -> list[str]:
    return sorted(p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file())


def test_an_output_as_published_is_intact(recorded):
    result = verify_output(recorded)

    assert (result.found, result.files, result.runs) == ([], len(artifacts(recorded)) - 1, 3)


def test_one_flipped_bit_in_any_artifact_is_named(recorded):
    """Every file that the run wrote: datasets in all forms, define.xml, guides, findings, report, the manifest."""
    named = {}
    for name in artifacts(recorded):
        path = recorded / name
        whole = path.read_bytes()
        path.write_bytes(whole[: len(whole) // 2] + bytes([whole[len(whole) // 2] ^ 1]) + whole[len(whole) // 2 + 1 :])
        named[name] = [place for _, place in found(recorded)]
        path.write_bytes(whole)

    assert {Path(name).suffix for name in named} >= {".xpt", ".parquet", ".json", ".ndjson", ".xml", ".html", ".csv"}
    # a manifest that was changed is no run's, and what it says of a file may be what was changed
    assert "manifest.json" in named.pop("manifest.json")
    assert {name: places for name, places in named.items() if places != [name]} == {}
    assert found(recorded) == []


def test_a_line_cut_from_any_text_artifact_is_named(recorded):
    for name in artifacts(recorded):
        path = recorded / name
        whole = path.read_bytes()
        if path.suffix in (".xml", ".html", ".csv", ".md") and whole.count(b"\n") > 2:
            lines = whole.split(b"\n")
            path.write_bytes(b"\n".join([*lines[:1], *lines[2:]]))
            assert found(recorded) == [("changed", name)]
            path.write_bytes(whole)


def test_a_missing_and_an_added_file_are_named(recorded):
    moved = recorded / "sdtm" / "dm.parquet"
    aside = recorded.parent / "dm.parquet"
    moved.rename(aside)
    (recorded / "sdtm" / "xx.parquet").write_bytes(b"x")
    try:
        assert found(recorded) == [("missing", "sdtm/dm.parquet"), ("extra", "sdtm/xx.parquet")]
    finally:
        aside.rename(moved)
        (recorded / "sdtm" / "xx.parquet").unlink()


# what happens to the three lines of the journal -> what is said of it; line 2 is the good run
JOURNAL = {
    "nothing": (lambda a, b, c: [a, b, c], []),
    "an entry altered": (
        lambda a, b, c: [a.replace(b'"exit_code": 11', b'"exit_code": 0'), b, c],
        [("altered", "out.runs.jsonl, line 1")],
    ),
    "the first line removed": (lambda a, b, c: [b, c], [("removed", "out.runs.jsonl, before line 1")]),
    "the good run removed": (
        lambda a, b, c: [a, c],
        [("removed", "out.runs.jsonl, before line 2"), ("unrecorded", "manifest.json")],
    ),
    "a line that is no record": (
        lambda a, b, c: [a, b"x" * 10, c],
        [("broken", "out.runs.jsonl, line 2"), ("unrecorded", "manifest.json")],
    ),
    # of two equal lines, either is the one too many
    "a line twice": (lambda a, b, c: [a, a, b, c], [("inserted", "out.runs.jsonl, line 1")]),
}


@pytest.mark.parametrize(("change", "said"), JOURNAL.values(), ids=JOURNAL)
def test_a_journal_that_was_tampered_with(recorded, change, said):
    journal = recorded.with_name("out.runs.jsonl")
    whole = journal.read_bytes()
    journal.write_bytes(b"\n".join(change(*whole.splitlines())) + b"\n")
    try:
        assert found(recorded) == said
    finally:
        journal.write_bytes(whole)


def test_a_failed_run_leaves_a_line_with_everything(recorded):
    line = json.loads(recorded.with_name("out.runs.jsonl").read_text().splitlines()[0])

    assert list(line) == [
        "line", "start", "end", "user", "host", "prefect_run_id", "parameters", "exit_code", "problems",
        "manifest_sha256", "previous_sha256", "line_sha256",
    ]  # fmt: skip
    assert (line["exit_code"], line["manifest_sha256"], line["previous_sha256"]) == (11, "", "0" * 64)
    assert line["parameters"]["study"] == "ql1706"


# --- a value, and a label ---------------------------------------------------------------------------------------


def test_a_value_changed_in_any_parquet_file_is_named_by_compare(recorded, tmp_path):
    """The Parquet file is well formed: only its other forms tell."""
    unnamed = []
    for path in sorted(recorded.glob("*/*.parquet")):
        folder = tmp_path / path.stem
        folder.mkdir()
        table = pq.read_table(path)
        name = _a_text_that_is_no_key(table)
        values = table[name].combine_chunks().cast(pa.string()).to_pylist()
        values[len(values) // 2] = "CHANGED"
        at = table.column_names.index(name)
        changed = table.set_column(at, table.schema.field(at).with_type(pa.string()), pa.array(values, pa.string()))
        pq.write_table(changed, folder / path.name)
        (xpt,) = recorded.glob(f"m5/**/{path.stem}.xpt")
        compared = compare_places(CompareRequest(xpt, folder / path.name))
        said = [(v.variable, v.differing) for d in compared.datasets for v in d.variables if v.differing]
        if said != [(name, 1)]:
            unnamed.append((path.name, name, said))

    assert unnamed == []


def _a_text_that_is_no_key(table: pa.Table) -> str:
    keys = table.schema.metadata[b"keys"].decode().split()
    texts = [
        field.name
        for field in table.schema
        if field.name not in keys
        and (
            pa.types.is_string(field.type) or pa.types.is_large_string(field.type) or pa.types.is_dictionary(field.type)
        )
        and pc.count(table[field.name]).as_py()
    ]
    return texts[-1]


def test_a_label_changed_in_the_spec_is_named_by_check(recorded, tmp_path):
    specs = tmp_path / "ql1706"
    shutil.copytree(ROOT / "specs" / "ql1706", specs)
    dm = specs / "sdtm" / "dm.yaml"
    text = dm.read_text()
    assert text.count("label: Demographics") == 1
    dm.write_text(text.replace("label: Demographics", "label: Demography"))

    checked = check_folder(CheckRequest(str(specs), recorded / "sdtm", DAY))

    said = [(f.code, f.place, f.file) for f in checked.findings if f.code.startswith("ATTR-")]
    assert said == [("ATTR-804", "DM", "dm.parquet")]
    assert checked.exit_code == 12


def test_keep_leaves_the_last_good_outputs(tmp_path, study):
    raw = simulate_study(study, 40, 7, tmp_path / "raw", clean=True).folder
    out = tmp_path / "out"
    for keep in (2, 2, 2):
        run_study(RunRequest("ql1706", raw, out, "sdtm", keep=keep))

    kept = sorted(p.name for p in (tmp_path / "out.kept").iterdir())
    assert kept == ["2"]
    assert artifacts(tmp_path / "out.kept" / "2") == artifacts(out)
