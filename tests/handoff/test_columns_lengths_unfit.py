"""Types from the spec, lengths from the study, and values that XPT v5 cannot hold."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from flows.handoff import study_lengths, take_out_unfit
from flows.handoff.columns import typed_table
from flows.handoff.lengths import longer_than_declared
from specs.errors import HandoffError
from specs.supplemental import supp_spec
from tests.handoff.datasets import frame_of, spec_of

NUM = {"label": "n", "type": "Num"}
CHAR = {"label": "c", "type": "Char"}


@pytest.mark.parametrize(
    ("variable", "column", "said"),
    [
        (NUM, pd.Series(["1"], dtype="str"), "numbers were expected"),
        (NUM, pd.Series([True]), "numbers were expected"),
        (NUM | {"integer": True}, pd.Series([1.5]), "1.5"),
        (CHAR, pd.Series([1.0]), "text was expected"),
        (CHAR, pd.Series(["x", 1], dtype="object"), "not as the spec says"),
        (NUM | {"format": "DATE9."}, pd.Series([21_000.0]), "datetime64"),
        (NUM | {"format": "DATE9."}, pd.Series(pd.to_datetime(["2025-01-01T08:30"])), "finer part"),
        (NUM | {"format": "DATETIME20."}, pd.Series(pd.to_datetime(["2025-01-01"])).dt.tz_localize("UTC"), "time zone"),
        (NUM | {"format": "TIME8."}, pd.Series([86_400.0]), "less than 86400"),
    ],
)
def test_a_column_of_another_type_is_refused_by_name(variable, column, said):
    spec = spec_of(X=variable)
    frame = frame_of(spec, X=[None] * len(column)).assign(X=column)
    with pytest.raises(HandoffError, match=f"(?s)HAND-507  AE, X.*{said}"):
        typed_table(frame, spec)


def test_all_columns_amiss_are_named_at_once():
    spec = spec_of(X=NUM, Y=CHAR)
    frame = frame_of(spec, X=[1], Y=["a"]).drop(columns="Y").assign(X="text", Z=1)
    with pytest.raises(HandoffError) as caught:
        typed_table(frame, spec)
    assert sorted(p.place for p in caught.value.problems) == ["AE, X", "AE, Y", "AE, Z"]


@pytest.mark.parametrize("values", [pd.Series([None, None], dtype="object"), pd.Series([np.nan, np.nan])])
def test_a_column_without_values_has_the_type_of_the_spec(values):
    spec = spec_of(C=CHAR, D=NUM | {"format": "DATE9."})
    frame = frame_of(spec, C=[None, None], D=[None, None]).assign(C=values, D=values)
    table = typed_table(frame, spec)
    assert (table.schema.field("C").type, table.schema.field("D").type) == (pa.string(), pa.date32())
    assert table["C"].null_count == table["D"].null_count == 2


@pytest.mark.parametrize(
    ("ae", "adae", "length"),
    [
        (["ab", None], ["abcd"], 4),  # the longest in the study
        ([None], [None], 1),  # at least 1
        (["发热"], ["abc"], 6),  # bytes, not characters
        (["a" * 25], ["b"], 25),  # beyond the declared 20: wider, not cut
        (["a" * 201, "ab"], ["b"], 2),  # beyond 200 bytes: cannot be held, does not count
        (["a" * 200], ["b"], 200),
        (["ab   "], ["b"], 2),  # blanks at the end are no part of the text
    ],
)
def test_a_length_is_that_of_the_longest_value_in_the_study(ae, adae, length):
    specs = {"AE": spec_of(AETERM=CHAR | {"length": 20}), "ADAE": spec_of("ADAE", AETERM=CHAR | {"length": 40})}
    frames = {"AE": frame_of(specs["AE"], AETERM=ae), "ADAE": frame_of(specs["ADAE"], AETERM=adae)}
    found = study_lengths(frames, specs)
    assert found["AE"]["AETERM"] == found["ADAE"]["AETERM"] == length


def supplemental(domain, qval):
    frame = {name: pd.Series(["x"], dtype="str") for name in supp_spec(spec_of(domain)).variables}
    return pd.DataFrame(frame | {"QVAL": pd.Series([qval], dtype="str"), "IDVARVAL": pd.Series(["7"], dtype="str")})


def test_qval_is_of_each_supp_its_own():
    specs = {"SUPPAE": supp_spec(spec_of()), "SUPPDM": supp_spec(spec_of("DM"))}
    found = study_lengths({"SUPPAE": supplemental("AE", "a" * 30), "SUPPDM": supplemental("DM", "b")}, specs)
    assert (found["SUPPAE"]["QVAL"], found["SUPPDM"]["QVAL"]) == (30, 1)


@pytest.mark.parametrize(
    ("text", "findings"), [("a" * 20, []), ("a" * 21, ["21"]), ("ä" * 10 + "a", ["21"]), ("a" * 201, [])]
)
def test_a_text_longer_than_declared_is_reported_once_a_variable(text, findings):
    spec = spec_of(AETERM=CHAR | {"length": 20})
    found = longer_than_declared({"AE": frame_of(spec, AETERM=[text, text])}, {"AE": spec})
    assert found["value"].to_list() == findings
    assert set(found["code"]) <= {"HAND-503"}


def test_what_v5_cannot_hold_is_left_out_with_a_finding_and_nothing_else_changes():
    spec = spec_of(AETERM=CHAR, AVAL=NUM)
    frame = frame_of(spec, AETERM=["fine", "x" * 201, "nul\0", "ä" * 100], AVAL=[1, 1e77, None, -5e-324])
    fit = take_out_unfit(typed_table(frame, spec), spec)
    assert fit.table["AETERM"].to_pylist() == ["fine", None, None, "ä" * 100]
    assert fit.table["AVAL"].to_pylist() == [1, None, None, None]
    columns = ["code", "severity", "dataset", "variable", "usubjid", "srcseq", "value"]
    assert fit.findings[columns].to_numpy().tolist() == [
        ["HAND-504", "error", "AE", "AETERM", "QL1706-002", "2", "x" * 201],
        ["HAND-504", "error", "AE", "AETERM", "QL1706-003", "3", "nul\0"],
        ["HAND-504", "error", "AE", "AVAL", "QL1706-002", "2", "1e+77"],
        ["HAND-504", "error", "AE", "AVAL", "QL1706-004", "4", "-5e-324"],
    ]  # fmt: skip


def test_a_supplemental_value_is_traced_through_its_parent_record():
    spec = supp_spec(spec_of())
    fit = take_out_unfit(typed_table(supplemental("AE", "x" * 201), spec), spec)
    assert fit.findings[["dataset", "variable", "srcseq"]].to_numpy().tolist() == [["SUPPAE", "QVAL", "7"]]


def test_supp_spec_is_the_one_of_sdtmig():
    spec = supp_spec(spec_of(USUBJID={"label": "Unique Subject Identifier", "type": "Char", "length": 30}))
    assert (spec.dataset, spec.label) == ("SUPPAE", "Supplemental Qualifiers for AE")
    assert list(spec.variables) == [
        "STUDYID", "RDOMAIN", "USUBJID", "IDVAR", "IDVARVAL", "QNAM", "QLABEL", "QVAL", "QORIG", "QEVAL",
    ]  # fmt: skip
    assert spec.variables["USUBJID"].length == 30
    assert spec.variables["QVAL"].max_bytes == 200
    assert {v.type for v in spec.variables.values()} == {"Char"}
