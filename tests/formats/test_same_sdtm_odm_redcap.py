"""The study as ODM-XML and as REDCap gives the SDTM of its Rave export, byte for byte, and its findings.

What a format has no way to hold, so that its findings are not asked of it (no value is touched by it):

  format  finding   reason
  odm     RAW-103   an item holds a code or a text, never both; what a code means stands once, in the code list
  odm     RAW-105   a date is there once, as typed; there is no second column that a time zone could shift
  redcap  RAW-103   an export has codes or labels, never both
  redcap  RAW-105   a date is there once, as typed
  redcap  RAW-108   a record that was deleted is gone: REDCap keeps no inactive ones
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from flows.receive import read_export, subject_first
from flows.simulate import simulate_study
from specs.identity import DECODE_SUFFIX as DECODE
from specs.identity import FILE, LINE, RECORD

NOT_CARRIED = {"odm": {"RAW-103", "RAW-105"}, "redcap": {"RAW-103", "RAW-105", "RAW-108"}}
NAMES = list(NOT_CARRIED)
EXPORTS = ["clean_exports", "dirty_exports"]
PLACE = ["finding_id", "file", "line"]  # the id is made from the line, too, where a finding has no record


def _bytes(output: Path) -> dict[str, bytes]:
    datasets = [p for p in sorted(output.rglob("*")) if p.suffix in (".parquet", ".xpt", ".xml")]
    return {str(p.relative_to(output)): p.read_bytes() for p in datasets}


def _findings(output: Path) -> pd.DataFrame:
    return pd.read_csv(output / "findings.csv", dtype="str", keep_default_na=False, encoding="utf-8-sig")


def _comparable(output: Path, lacking: set[str]) -> list[tuple[str, ...]]:
    found = _findings(output)
    kept = found[~found["code"].isin(lacking)].drop(columns=PLACE)
    return sorted(kept.itertuples(index=False, name=None))


def _forms(folder: Path, study) -> dict[str, pd.DataFrame]:
    """The raw forms in the order of their record ids: a format may have its own order."""
    read = read_export(folder, study).forms
    return {form: rows.drop(columns=[FILE, LINE]).sort_values(RECORD, ignore_index=True) for form, rows in read.items()}


@pytest.mark.parametrize("exports", EXPORTS)
@pytest.mark.parametrize("name", NAMES)
def test_the_raw_forms_are_the_same(request, study, exports, name):
    made = request.getfixturevalue(exports)
    expected, found = _forms(made.folders["rave"], study), _forms(made.folders[name], study)
    # in Rave the text beside a code is another on the records of RAW-103; here it is always that of the code
    key = made.key[(made.key["code"] == "RAW-103") & (made.key["fault"] == "text and code disagree")]

    for form in study.forms:
        for record, field in key.loc[key["form"] == form, ["record_id", "field"]].itertuples(index=False):
            here = expected[form][RECORD] == record
            assert expected[form].loc[here, field + DECODE].tolist() != found[form].loc[here, field + DECODE].tolist()
            expected[form].loc[here, field + DECODE] = found[form].loc[here, field + DECODE]
        pd.testing.assert_frame_equal(found[form], expected[form], obj=form)


@pytest.mark.parametrize("name", NAMES)
def test_the_raw_forms_are_the_same_where_pieces_wait_on_disk(request, study, monkeypatch, name):
    folder = request.getfixturevalue("clean_exports").folders[name]
    expected = read_export(folder, study).forms
    monkeypatch.setattr(subject_first, "KEPT_RECORDS", 1000)

    for form, rows in read_export(folder, study).forms.items():
        pd.testing.assert_frame_equal(rows, expected[form], obj=form)


@pytest.mark.slow
@pytest.mark.parametrize("exports", EXPORTS)
@pytest.mark.parametrize("name", NAMES)
def test_the_datasets_are_the_same_byte_for_byte(request, outputs, exports, name):
    made = request.getfixturevalue(exports).folders
    expected, found = _bytes(outputs(made["rave"])), _bytes(outputs(made[name]))

    assert len(expected) > 30
    assert [path for path in expected if found.get(path) != expected[path]] == []
    assert set(found) == set(expected)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_the_findings_are_the_same_but_for_what_the_format_cannot_hold(dirty_exports, outputs, name):
    made, lacking = dirty_exports.folders, NOT_CARRIED[name]
    expected = _comparable(outputs(made["rave"]), lacking)

    assert len(expected) > 50
    assert _comparable(outputs(made[name]), lacking) == expected


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_each_planted_fault_that_the_format_can_hold_is_found_on_its_record(dirty_exports, outputs, name):
    key = dirty_exports.key[~dirty_exports.key["code"].isin(NOT_CARRIED[name])]
    key = key[key["code"].str.startswith(("RAW-", "SDTM-", "CHK-"))]
    places = ["code", "form", "record_id"]
    found = _findings(outputs(dirty_exports.folders[name]))[places].drop_duplicates()
    missed = key.merge(found, how="left", on=places, indicator=True)

    assert key["fault"].nunique() >= 30
    assert missed.loc[missed["_merge"] != "both", ["fault", *places]].to_dict("records") == []


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_clean_export_gives_no_finding_above_information(clean_exports, outputs, name):
    findings = _findings(outputs(clean_exports.folders[name]))

    assert findings.loc[findings["severity"] != "info", "message"].to_list() == []


@pytest.mark.parametrize("name", NAMES)
def test_the_answer_key_leaves_out_exactly_what_the_format_cannot_hold(study, tmp_path, dirty_exports, name):
    made = simulate_study(study, 40, 5, tmp_path / "raw", format=name)
    key = pd.read_csv(made.answer_key, dtype="str", keep_default_na=False)
    left_out = dirty_exports.key["code"].isin(NOT_CARRIED[name])

    assert set(dirty_exports.key.loc[left_out, "code"]) == NOT_CARRIED[name]
    assert key.to_numpy().tolist() == dirty_exports.key[~left_out].to_numpy().tolist()
    written = {p.name: p.read_bytes() for p in made.folder.iterdir()}
    assert written == {p.name: p.read_bytes() for p in dirty_exports.folders[name].iterdir()}
