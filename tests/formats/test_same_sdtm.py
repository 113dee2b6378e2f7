"""The same study gives the same SDTM in any format, byte for byte, and the same findings but for file and line."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from flows.receive import read_export
from specs.identity import FILE, LINE

pytestmark = pytest.mark.slow
TABULAR = ["csv", "xpt", "parquet"]
# Faults that a format cannot carry: none of those planted. What Rave alone can show is carried in another way:
#   a date's reading in parts (_YYYY, _MM, _DD) and its imputed reading (_INT) have no column; the shifted date is in
#   the one reading that every layout here declares, a moment beside the text as typed
#   a text over 200 bytes does not fit a SAS transport column; its layout declares a second column that goes on with it
#   a byte order mark, a missing end mark and the like are no content: tests/receive/test_broken_tables.py
CANNOT_CARRY: dict[str, dict[str, str]] = {name: {} for name in TABULAR}
PLACE = ["file", "line"]


def _bytes(output: Path) -> dict[str, bytes]:
    datasets = [p for p in sorted(output.rglob("*")) if p.suffix in (".parquet", ".xpt", ".xml")]
    return {str(p.relative_to(output)): p.read_bytes() for p in datasets}


def _findings(output: Path) -> pd.DataFrame:
    found = pd.read_csv(output / "findings.csv", dtype="str", keep_default_na=False, encoding="utf-8-sig")
    # what is said of a file as a whole names it
    return found.drop(columns=PLACE).sort_values("finding_id", ignore_index=True)


@pytest.mark.parametrize("exports", ["clean_exports", "dirty_exports"])
@pytest.mark.parametrize("name", TABULAR)
def test_the_raw_forms_are_the_same(request, study, exports, name):
    made = request.getfixturevalue(exports).folders
    expected, found = read_export(made["rave"], study), read_export(made[name], study)

    assert found.snapshot == expected.snapshot
    for form in study.forms:
        left, right = (e.forms[form].drop(columns=[FILE, LINE]) for e in (found, expected))
        pd.testing.assert_frame_equal(left, right, obj=form)


@pytest.mark.parametrize("exports", ["clean_exports", "dirty_exports"])
@pytest.mark.parametrize("name", TABULAR)
def test_the_datasets_are_the_same_byte_for_byte(request, outputs, exports, name):
    made = request.getfixturevalue(exports).folders
    expected, found = _bytes(outputs(made["rave"])), _bytes(outputs(made[name]))

    assert len(expected) > 30
    assert [path for path in expected if found.get(path) != expected[path]] == []
    assert set(found) == set(expected)


@pytest.mark.parametrize("exports", ["clean_exports", "dirty_exports"])
@pytest.mark.parametrize("name", TABULAR)
def test_the_findings_are_the_same_but_for_file_and_line(request, outputs, exports, name):
    made = request.getfixturevalue(exports).folders

    pd.testing.assert_frame_equal(_findings(outputs(made[name])), _findings(outputs(made["rave"])))


@pytest.mark.parametrize("name", TABULAR)
def test_each_planted_fault_that_the_format_can_carry_is_found_on_its_record(dirty_exports, outputs, name):
    key = dirty_exports.key[~dirty_exports.key["fault"].isin(CANNOT_CARRY[name])]
    key = key[key["code"].str.startswith(("RAW-", "SDTM-", "CHK-"))]
    places = ["code", "form", "record_id"]
    found = key.merge(_findings(outputs(dirty_exports.folders[name]))[places].drop_duplicates(), how="left",
                      on=places, indicator=True)  # fmt: skip

    assert key["fault"].nunique() >= 30
    assert found.loc[found["_merge"] != "both", ["fault", *places]].to_dict("records") == []


@pytest.mark.parametrize("name", TABULAR)
def test_a_clean_export_gives_no_finding_above_information(clean_exports, outputs, name):
    findings = _findings(outputs(clean_exports.folders[name]))

    assert findings.loc[findings["severity"] != "info", "message"].to_list() == []
