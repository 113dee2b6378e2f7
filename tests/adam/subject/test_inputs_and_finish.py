"""Reading SDTM that lacks things, and finishing a dataset."""

import pandas as pd

from adam.finish import finish
from adam.inputs import places_among, take
from specs.models import DatasetSpec
from tests.tables import table


def test_an_absent_domain_has_no_rows_but_its_types():
    frame = take({}, "LB", ["USUBJID", "LBSEQ", "VISITNUM", "LBSTRESN", "LBSTNRHI", "LBORNRHI", "LBDTC", "LBDY"])
    assert frame.empty
    assert frame.dtypes.astype("str").to_dict() == {
        "USUBJID": "str", "LBSEQ": "float64", "VISITNUM": "float64", "LBSTRESN": "float64", "LBSTNRHI": "float64",
        "LBORNRHI": "str", "LBDTC": "str", "LBDY": "float64",
    }  # fmt: skip


def test_an_absent_variable_is_missing_and_blank_text_too():
    lb = pd.DataFrame({"LBDTC": ["2025-03-01", ""], "USUBJID": ["01", "02"], "X": [1, 2]}, index=[5, 5])
    frame = take({"LB": lb}, "LB", ["USUBJID", "LBDTC", "LBSEQ", "LBSTAT"])
    assert list(frame) == ["USUBJID", "LBDTC", "LBSEQ", "LBSTAT"]
    assert frame["LBDTC"].isna().to_list() == [False, True]
    assert frame[["LBSEQ", "LBSTAT"]].isna().to_numpy().all()
    assert frame.index.to_list() == [0, 1]
    assert lb.loc[5, "LBDTC"].to_list() == ["2025-03-01", ""], "what is given stays"


SPEC = DatasetSpec.model_validate(
    {
        "dataset": "ADX", "label": "Example", "class": "BASIC DATA STRUCTURE", "structure": "one record",
        "keys": ["USUBJID", "PARAMCD", "ASEQ"],
        "variables": {
            "USUBJID": {"label": "Subject", "type": "Char"},
            "ASEQ": {"label": "Sequence", "type": "Num"},
            "PARAMCD": {"label": "Parameter Code", "type": "Char"},
            "ADT": {"label": "Date", "type": "Num", "format": "DATE9."},
            "AVAL": {"label": "Value", "type": "Num"},
            "ADTF": {"label": "Flag", "type": "Char"},
        },
    }
)  # fmt: skip


def test_finish_orders_types_and_numbers():
    frame = table(
        """
        AVAL | USUBJID | PARAMCD | EXTRA
        3    | 02      | A       | x
        2    | 01      | B       | x
        1    | 01      | A       | x
        0    | 01      | A       | x  # ties on the keys: by its value
        """,
        numbers=("AVAL",),
    )
    done = finish(frame, SPEC)
    assert list(done) == list(SPEC.variables)
    assert done[["USUBJID", "PARAMCD", "AVAL", "ASEQ"]].to_numpy().tolist() == [
        ["01", "A", 0, 1], ["01", "A", 1, 2], ["01", "B", 2, 3], ["02", "A", 3, 1],
    ]  # fmt: skip
    assert done.dtypes.astype("str").to_list() == ["str", "float64", "str", "datetime64[us]", "float64", "str"]
    pd.testing.assert_frame_equal(finish(frame[::-1], SPEC), done)


def test_finish_makes_text_of_categories_whatever_their_order():
    frame = table(
        """
        AVAL | USUBJID | PARAMCD
        1    | 02      | A
        2    | 01      | B
        3    | 01      | A
        4    | 01      |
        """,
        numbers=("AVAL",),
    )
    coded = frame.assign(PARAMCD=pd.Categorical(frame["PARAMCD"], ["B", "C", "A"]))
    pd.testing.assert_frame_equal(finish(coded, SPEC), finish(frame, SPEC))
    assert finish(coded, SPEC)["AVAL"].to_list() == [3, 2, 4, 1], "a missing code stands last"


def test_the_place_of_each_records_subject():
    lb = pd.DataFrame({"USUBJID": pd.Categorical(["02", None, "09", "01", "02"])})
    assert places_among({"LB": lb}, "LB", pd.Series(["01", "02"])).tolist() == [1, -1, -1, 0, 1]
    assert places_among({}, "LB", pd.Series(["01", "02"])).tolist() == []


def test_finish_without_rows():
    done = finish(pd.DataFrame({"USUBJID": pd.Series(dtype="str")}), SPEC)
    assert list(done) == list(SPEC.variables)
    assert done.dtypes.astype("str").to_list() == ["str", "float64", "str", "datetime64[us]", "float64", "str"]
