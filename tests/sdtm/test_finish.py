"""What is said of finished values: too long, not ASCII, missing; nothing is ever cut."""

from __future__ import annotations

import pytest

from sdtm import build_sdtm
from tests.sdtm.raw import raw_forms

TERMS = [
    # text, findings
    ("x" * 200, []),
    ("x" * 201, ["SDTM-204"]),
    ("é" * 100, ["SDTM-205"]),  # 200 bytes
    ("恶" * 67, ["SDTM-205", "SDTM-204"]),  # 201 bytes
    ("", ["SDTM-208"]),
]


@pytest.mark.parametrize(("text", "codes"), TERMS, ids=["200", "201", "200 bytes", "201 bytes", "blank"])
def test_length_is_counted_in_bytes_and_nothing_is_cut(study, text, codes):
    forms = raw_forms(study, SUBJ="SUBJECT | ENRYN\n 01001 | Y", AE="SUBJECT | AEYN | AEPT\n 01001 | Y | Rash")
    forms["AE"]["AETERM"] = forms["AE"]["AETERM"].mask([True], text)
    built = build_sdtm(forms, study)
    found = built.findings[built.findings["variable"] == "AETERM"]
    assert found["code"].tolist() == codes
    assert set(found["record_id"]) <= {"AE-1"}
    assert built.datasets["AE"]["AETERM"].fillna("").tolist() == [text]


def test_the_message_says_how_long_it_is(study):
    forms = raw_forms(study, SUBJ="SUBJECT | ENRYN\n 01001 | Y", MH="SUBJECT | MHTERM\n 01001 | " + "恶" * 67)
    message = build_sdtm(forms, study).findings.query("code == 'SDTM-204'")["message"].tolist()
    assert message == ["MHTERM has 201 bytes, 200 are declared; it was not cut."]
