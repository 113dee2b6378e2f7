"""Why values are what they are: every deciding line of the trace is the value that was published."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from adam import explain, trace_decisions
from flows.receive import read_sdtm_folder

SUBJECT = "QL1706-ESCC-01010"
DLT = ["H1G4NEUT", "H2FN", "H3THROMB", "INVDLT", "DLT"]
BEST = ["BOR", "CBOR", "DBOR", "DCBOR"]


@pytest.fixture(scope="module")
def sdtm(published, study):
    return read_sdtm_folder(published / "sdtm", study).datasets


@pytest.fixture(scope="module")
def trace(sdtm, study):
    return trace_decisions(sdtm, study)


@pytest.fixture(scope="module")
def decided(trace):
    return trace[trace["DECIDES"]]


@pytest.fixture(scope="module")
def dataset(published):
    def read(name: str, *parameters: str) -> pd.DataFrame:
        frame = pd.read_parquet(published / "adam" / f"{name}.parquet")
        for date in [name for name in frame if name.endswith("DT")]:
            frame[date] = pd.to_datetime(frame[date]).astype("datetime64[us]")
        return frame[frame["PARAMCD"].isin(parameters)] if parameters else frame

    return read


def same(frame: pd.DataFrame, decided: pd.DataFrame, value: str) -> None:
    """One deciding line for each record, with its value, date and source."""
    keys = ["USUBJID", "PARAMCD"]
    lines = decided[decided["PARAMCD"].isin(frame["PARAMCD"])]
    both = frame.merge(lines, on=keys, how="outer", suffixes=("", "_TRACE"), validate="1:1", indicator=True)
    assert (both["_merge"] == "both").all()
    assert both[value].astype("str").to_list() == both["RESULT"].to_list()
    pd.testing.assert_series_equal(both["ADT"], both["ADT_TRACE"], check_names=False)
    pd.testing.assert_series_equal(both["SRCSEQ"], both["SRCSEQ_TRACE"], check_names=False, check_dtype=False)


def test_time_to_event(dataset, decided):
    frame = dataset("adtte")
    same(frame.assign(CNSR=frame["CNSR"].astype("int64")), decided, "CNSR")


def test_best_response(dataset, decided):
    same(dataset("adrs", *BEST), decided, "AVALC")


def test_dose_limiting_toxicity(dataset, decided):
    same(dataset("addlt", *DLT), decided, "AVALC")


def test_evaluability_for_dose_limiting_toxicity(dataset, decided):
    asked = dataset("adsl").dropna(subset="DLTEVLFL").set_index("USUBJID")
    lines = decided[decided["PARAMCD"] == "DLTEVLFL"].set_index("USUBJID")
    assert len(asked) > 0
    assert lines["RESULT"].to_dict() == asked["DLTEVLFL"].to_dict()
    said = lines["REASON"].str.split(": ").str[0]
    assert said[lines["RESULT"] == "N"].to_dict() == asked["DLTEVLRS"].dropna().to_dict()


@pytest.mark.parametrize("paramcd", ["OVR", "DOVR"])
def test_which_assessments_count(dataset, decided, paramcd):
    counted = dataset("adrs", paramcd).set_index(["USUBJID", "ADT", "AVALC"])["ANL01FL"] == "Y"
    lines = decided[decided["PARAMCD"] == paramcd].set_index(["USUBJID", "ADT", "RESULT"])
    lines = lines["CASE"].str.endswith("COUNTS").rename_axis(counted.index.names)
    pd.testing.assert_series_equal(lines.sort_index(), counted.sort_index(), check_names=False)


@pytest.mark.parametrize("paramcd", ["CRSP", "DCRSP"])
def test_the_first_confirmed_response(dataset, decided, paramcd):
    frame = dataset("adrs", paramcd)
    responders = frame[frame["AVALC"] == "Y"].set_index("USUBJID")["ADT"]
    lines = decided[(decided["PARAMCD"] == paramcd) & decided["CASE"].str.endswith("CONFIRMS")]
    assert lines.groupby("USUBJID")["ADT"].min().to_dict() == responders.to_dict()
    assert len(responders) > 0


def test_treatment_emergence(dataset, decided):
    frame = dataset("adae").set_index(["USUBJID", "AESEQ"])["TRTEMFL"].fillna("")
    lines = decided[decided["PARAMCD"] == "TRTEMFL"].set_index(["USUBJID", "SRCSEQ"])["RESULT"]
    assert lines.to_dict() == frame.to_dict()
    assert set(frame) == {"", "Y"}


def test_one_subject_is_told_as_among_all(trace, sdtm, study):
    own = trace[trace["USUBJID"] == SUBJECT].reset_index(drop=True)
    pd.testing.assert_frame_equal(explain(SUBJECT, sdtm, study), own)
    assert len(own) > 0


def test_the_command_tells_it_as_a_table_and_whole_as_json(cdisc_flows, published, trace):
    words = ["explain", "--study", "ql1706", "--sdtm", published / "sdtm", "--subject", SUBJECT]
    text, whole = cdisc_flows(*words), cdisc_flows(*words, "--format", "json")

    assert (text.returncode, whole.returncode) == (0, 0), text.stderr + whole.stderr
    listed = json.loads(whole.stdout)
    own = trace[trace["USUBJID"] == SUBJECT]
    assert [line["CASE"] for line in listed] == own["CASE"].to_list()
    assert {line["USUBJID"] for line in listed} == {SUBJECT}
    deciding = own[own["DECIDES"] & (own["PARAMCD"] == "PFS")].iloc[0]
    assert any(line.startswith("●") and deciding["CASE"] in line for line in text.stdout.splitlines())
    assert "PFS  Progression-Free Survival (days)" in text.stdout


def test_an_unknown_subject_is_an_input_error(cdisc_flows, published):
    done = cdisc_flows("explain", "--study", "ql1706", "--sdtm", published / "sdtm", "--subject", "QL1706-ESCC-1010")

    assert done.returncode == 11
    assert "DATA-012" in done.stderr
    assert f"'{SUBJECT}'" in done.stderr
    assert done.stdout == ""
