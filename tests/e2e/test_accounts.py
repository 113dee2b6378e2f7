"""The account of every raw record of the demo study, from what was published alone: raw files, manifest, datasets."""

from __future__ import annotations

import csv
import json

import pandas as pd
import pyarrow.parquet as pq
import pytest

from flows.pipeline import run_study
from flows.request import RunRequest
from sdtm.rule import Made, Rule
from sdtm.rules import RULES
from specs.errors import GateError


@pytest.fixture(scope="module")
def accounts(published):
    accounting = json.loads((published / "manifest.json").read_text(encoding="utf-8"))["accounting"]
    return {step: pd.DataFrame(lines) for step, lines in accounting.items()}


def test_every_record_of_a_raw_file_was_read(accounts, dirty_export):
    read = accounts["receive"].query("rule == 'READ'").set_index("file")["rows"].to_dict()

    for name, rows in read.items():
        with (dirty_export / name).open(encoding="utf-8-sig", newline="") as file:
            assert sum(1 for _ in csv.reader(file)) - 2 == rows, name  # but for the header and the end mark


def test_rows_read_are_rows_kept_and_rows_left_out_by_a_named_rule(accounts):
    received = accounts["receive"]
    read = received[received["rule"] == "READ"].groupby("file")["rows"].sum()
    closed = received[received["rule"] != "READ"].groupby("file")["rows"].sum()

    assert read.to_dict() == closed.to_dict()
    assert set(received["rule"]) == {"READ", "KEPT", "INACTIVE-RECORD", "TEST-SUBJECT", "UNKNOWN-SUBJECT"}


def test_records_kept_are_records_used_and_records_left_out_by_a_named_rule(accounts):
    kept = accounts["receive"].query("rule == 'KEPT'").set_index("form")["rows"]
    mapped = accounts["sdtm"].query("rule != 'SDTM-ROWS'")
    read = mapped[mapped["rule"] == "READ"].groupby(["form", "dataset"])["rows"].sum()
    closed = mapped[mapped["rule"] != "READ"].groupby(["form", "dataset"])["rows"].sum()

    assert read.to_dict() == closed.to_dict()
    assert read.xs("", level="dataset").to_dict() == kept.to_dict()
    assert not set(mapped["rule"]) & {"UNACCOUNTED", "NO-DOMAIN"}


def test_rows_of_each_dataset_are_the_rows_that_its_forms_gave(accounts, published):
    made = accounts["sdtm"].query("rule == 'SDTM-ROWS'").groupby("dataset")["rows"].sum()

    for dataset, rows in made.items():
        path = published / "sdtm" / f"{dataset.lower()}.parquet"
        assert (pq.read_metadata(path).num_rows if path.exists() else 0) == rows, dataset
    assert made["LB"] > 0


def test_a_rule_that_loses_records_stops_the_run(clean_export, tmp_path, monkeypatch):
    def lose(frame, call):
        made = RULES_BEFORE(frame, call)
        return Made(made.values.iloc[1:], made.findings)

    RULES_BEFORE = RULES["standard_results"]  # noqa: N806
    monkeypatch.setitem(RULES, "standard_results", Rule(lose))
    with pytest.raises(GateError) as stopped:
        run_study(RunRequest("ql1706", clean_export, tmp_path / "out", half="sdtm"))

    text = str(stopped.value)
    assert "GATE-301" in text
    assert "Form HEM in LB: 1 record neither used nor left out by a rule." in text or "Form CHEM in LB: 1" in text
    assert not (tmp_path / "out").exists()
