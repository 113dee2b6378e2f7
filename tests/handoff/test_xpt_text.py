"""Text beyond ASCII on its way into XPT files: transliterated or as it is, as the study says; Parquet keeps it."""

from __future__ import annotations

import pyarrow.parquet as pq
import pyreadstat
import pytest

from flows.handoff import write_study
from specs.models import Handoff
from tests.handoff.datasets import STAMP, TinyFile, TinyStudy, frame_of, spec_of

TERM = {"label": "Reported Term for the Adverse Event", "type": "Char", "length": 200}
TERMS = ["恶心", "Fever", "10⁹ μg"]
# choice -> what XPT has, bytes of the longest, findings
CHOICES = {
    "ascii": (["EXin", "Fever", "10^9 ug"], 7, ["HAND-510"]),
    "utf-8": (["恶心", "Fever", "10⁹ μg"], 9, []),
}


def written(folder, terms, choice="ascii", **more):
    ae = spec_of(AETERM=TERM | more)
    study = TinyStudy(sdtm={"AE": ae}, study=TinyFile(handoff=Handoff(xpt_text=choice)))
    found = write_study(folder, study, sdtm={"AE": frame_of(ae, AETERM=terms)}, stamp=STAMP)
    frame, meta = pyreadstat.read_xport(folder / found.datasets[0].xpt)
    return found, frame["AETERM"].tolist(), meta


@pytest.mark.parametrize("choice", CHOICES)
def test_the_study_says_how(tmp_path, choice):
    in_xpt, longest, codes = CHOICES[choice]
    found, terms, meta = written(tmp_path, TERMS, choice)
    assert terms == in_xpt
    assert meta.variable_storage_width["AETERM"] == found.lengths["AE"]["AETERM"] == longest
    assert pq.read_table(tmp_path / "sdtm/ae.parquet")["AETERM"].to_pylist() == TERMS
    assert found.findings["code"].tolist() == codes


def test_how_many_texts_is_told_without_any_of_them(tmp_path):
    found, *_ = written(tmp_path, TERMS)
    (message,) = found.findings["message"]
    assert message.startswith("2 text(s) of AE.AETERM have characters beyond ASCII")
    assert not any(term in message for term in TERMS)


@pytest.mark.parametrize(
    ("terms", "codes"),
    [
        (["庄" * 33, "", ""], ["HAND-510"]),  # 198 bytes in ASCII: Zhuang
        (["庄" * 34, "", ""], ["HAND-510", "HAND-504"]),  # 204: left out, and said
    ],
)
def test_the_200_bytes_are_those_of_what_is_written(tmp_path, terms, codes):
    found, in_xpt, _ = written(tmp_path, terms)
    assert found.findings["code"].tolist() == codes
    assert in_xpt == ["" if "HAND-504" in codes else "Zhuang" * 33, "", ""]


@pytest.mark.parametrize(("declared", "codes"), [(7, ["HAND-510"]), (6, ["HAND-503", "HAND-510"])])
def test_the_declared_length_is_held_against_what_is_written(tmp_path, declared, codes):
    found, *_ = written(tmp_path, TERMS, length=declared)
    assert found.findings["code"].tolist() == codes


def test_nothing_is_said_of_a_study_in_ascii(tmp_path):
    found, *_ = written(tmp_path, ["a", "b", "c"])
    assert found.findings.empty
