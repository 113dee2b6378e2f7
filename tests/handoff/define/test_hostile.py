"""What comes from the data cannot break the document or act in the page; the order of the rows changes no byte."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from flows.handoff import StudyWritten, WrittenDataset, dataset_spec, study_lengths, write_define
from flows.handoff.study import submission_folder
from tests.handoff.datasets import STAMP
from tests.handoff.define.reading import Define
from tests.handoff.define.test_agreement import Anchors
from tests.handoff.define.test_judges import schema_of

HOSTILE = [
    "<script>alert(1)</script>",
    "]]> & <!-- \"'",
    "a\x00b\x01c\ufffe",
    "a\x01b\x01c\ufffe",
    "=cmd|'/c calc'!A1",
    "&xxe;",
    "lone \U0001f600 and 发热",
    "two words",
]


def write(stage: Path, study, half, tables) -> list[Define]:
    """The define.xml of the tables, in a folder that has nothing else."""
    specs = {name: dataset_spec(study, half, name) for name in tables}
    places = [
        WrittenDataset(half, name, specs[name].label, len(table), "", "") for name, table in tables.items()
    ]  # fmt: skip
    (stage / submission_folder(study, half)).mkdir(parents=True)
    written = StudyWritten(places, pd.DataFrame(), study_lengths(tables, specs))
    return [Define(stage / path) for path in write_define(stage, study, written, {half: tables}, STAMP)]


@pytest.fixture(scope="session")
def lb(published) -> pa.Table:
    return pq.read_table(published / "sdtm" / "lb.parquet").replace_schema_metadata(None)


def test_hostile_codes_names_units_and_results_leave_the_document_valid_and_the_page_still(tmp_path, study, lb):
    texts = pa.array((HOSTILE * lb.num_rows)[: lb.num_rows])
    for name in ("LBTESTCD", "LBTEST", "LBORRES", "LBORRESU", "LBSTRESU", "LBCAT"):
        lb = lb.set_column(lb.schema.get_field_index(name), name, texts)

    (define,) = write(tmp_path, study, "sdtm", {"LB": lb})

    assert schema_of(define).validate(define.tree)
    page = Anchors((define.path.parent / "define.html").read_text())
    assert "script" not in page.tags
    assert all(link.startswith("#") or link == "lb.xpt" for link in page.links)
    (codes,) = [item for item in define.items("LB") if item.name == "LBTESTCD"]
    assert "<script>alert(1)</script>" in codes.terms
    assert "a\ufffdb\ufffdc\ufffd" in codes.terms
    (results,) = [item for item in define.items("LB") if item.name == "LBORRES"]
    assert len(results.values) == len(HOSTILE)


def test_order_of_rows_and_chunks_changes_no_byte(tmp_path, study, lb):
    half = lb.num_rows // 2
    other = pa.concat_tables([lb.slice(half), lb.slice(0, half)])

    (one,), (two,) = (write(tmp_path / str(n), study, "sdtm", {"LB": t}) for n, t in enumerate((lb, other)))

    assert one.path.read_bytes() == two.path.read_bytes()


def test_each_half_alone_has_its_own_document_only(tmp_path, study, lb, published):
    adsl = pq.read_table(published / "adam" / "adsl.parquet").replace_schema_metadata(None)

    sdtm, adam = write(tmp_path / "1", study, "sdtm", {"LB": lb}), write(tmp_path / "2", study, "adam", {"ADSL": adsl})

    assert [list(d.datasets) for d in sdtm] == [["LB"]]
    assert [list(d.datasets) for d in adam] == [["ADSL"]]
    results = [result.get("OID") for result in adam[0].all("//arm:AnalysisResult")]
    assert results == ["AR.DLT.RP2D"]  # the only one that rests on ADSL alone
    assert schema_of(adam[0]).validate(adam[0].tree)


def test_annotated_crf_goes_beside_only_where_there_is_one(tmp_path, study, lb, published):
    shutil.copy(published / "acrf.html", tmp_path)

    (with_crf,), (without,) = (write(tmp_path / f, study, "sdtm", {"LB": lb}) for f in (".", "bare"))

    assert (with_crf.path.parent / "acrf.html").read_bytes() == (published / "acrf.html").read_bytes()
    assert [item.pages for item in with_crf.items("LB") if item.name == "LBORRES"] != [[]]
    assert without.all("//def:AnnotatedCRF | //def:DocumentRef") == []
    assert schema_of(without).validate(without.tree)
