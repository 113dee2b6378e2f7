"""What is known of each subject, beside its records."""

from __future__ import annotations

import pandas as pd
import pytest

from adam.inputs import of_subject

SUBJECTS = pd.DataFrame({"USUBJID": ["B", "A"], "SEX": ["F", "M"], "AGE": [41.0, 52.0]}, index=[7, 9])


def test_each_record_has_what_its_subject_has_and_strangers_have_nothing() -> None:
    rows = pd.DataFrame({"USUBJID": ["A", "B", "X", None, "A"], "SEQ": [3, 1, 5, 2, 4]}, index=[5, 5, 0, 1, 2])
    out = of_subject(rows, SUBJECTS, ["SEX", "AGE"])
    assert list(out) == ["USUBJID", "SEQ", "SEX", "AGE"]
    assert list(out.index) == [0, 1, 2, 3, 4]
    assert out["SEQ"].tolist() == [3, 1, 5, 2, 4]
    assert isinstance(out["SEX"].dtype, pd.CategoricalDtype)  # few texts, each held once
    assert out["SEX"].astype("str").fillna("").tolist() == ["M", "F", "", "", "M"]
    assert out["AGE"].fillna(0).tolist() == [52, 41, 0, 0, 52]


def test_a_subject_that_stands_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="USUBJID stands twice"):
        of_subject(SUBJECTS, pd.concat([SUBJECTS, SUBJECTS]), ["SEX"])
