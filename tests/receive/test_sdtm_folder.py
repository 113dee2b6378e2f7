"""Finished SDTM of other hands: read from Parquet or XPT, made as the specs say, refused where it cannot be used."""

import datetime
import shutil

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat
import pytest

from flows.receive import read_sdtm_folder
from specs import load_study
from specs.errors import GateError, InputError

DM = """\
dataset: DM
label: Demographics
class: Special Purpose
structure: One record per subject
keys: [STUDYID, USUBJID]
sources: []
variables:
  STUDYID: {label: Study Identifier, type: Char, core: Req}
  USUBJID: {label: Unique Subject Identifier, type: Char, core: Req}
  AGE: {label: Age, type: Num, core: Exp}
  RFSTDTC: {label: Subject Reference Start Date/Time, type: Char, core: Exp}
  RACE: {label: Race, type: Char, core: Perm}
"""
EX = """\
dataset: EX
label: Exposure
class: Interventions
structure: One record per dose
keys: [STUDYID, USUBJID, EXSEQ]
sources: []
variables:
  STUDYID: {label: Study Identifier, type: Char, core: Req}
  USUBJID: {label: Unique Subject Identifier, type: Char, core: Req}
  EXSEQ: {label: Sequence Number, type: Num, core: Req}
  EXTRT: {label: Name of Treatment, type: Char, core: Req}
  EXDOSE: {label: Dose, type: Num, core: Exp}
  EXSTDTC: {label: Start Date/Time of Treatment, type: Char, core: Exp}
"""


@pytest.fixture
def study(mini):
    (mini.study_folder / "sdtm").mkdir()
    (mini.study_folder / "sdtm" / "dm.yaml").write_text(DM)
    (mini.study_folder / "sdtm" / "ex.yaml").write_text(EX)
    return load_study(str(mini.study_folder))


def good() -> dict[str, pd.DataFrame]:
    """Sound SDTM of two subjects."""
    return {
        "DM": pd.DataFrame(
            {
                "STUDYID": ["MINI-1", "MINI-1"],
                "USUBJID": ["001", "002"],
                "AGE": [60.0, np.nan],
                "RFSTDTC": ["2025-03-01", ""],
                "RACE": ["ASIAN", ""],
            }
        ),
        "EX": pd.DataFrame(
            {
                "STUDYID": ["MINI-1"] * 3,
                "USUBJID": ["001", "001", "002"],
                "EXSEQ": [1.0, 2.0, 1.0],
                "EXTRT": ["DRUG"] * 3,
                "EXDOSE": [5.0, 0.0, np.nan],
                "EXSTDTC": ["2025-03-01T08:30", "2025-03-22", "2025-04"],
            }
        ),
    }


def write_parquet(folder, datasets):
    folder.mkdir(exist_ok=True)
    for name, frame in datasets.items():
        frame.to_parquet(folder / f"{name.lower()}.parquet")
    return folder


def write_xpt(folder, datasets):
    folder.mkdir(exist_ok=True)
    for name, frame in datasets.items():
        pyreadstat.write_xport(frame, folder / f"{name.lower()}.xpt", table_name=name, file_format_version=5)
    return folder


@pytest.mark.parametrize("write", [write_parquet, write_xpt])
def test_both_kinds_give_the_same(tmp_path, study, write):
    taken = read_sdtm_folder(write(tmp_path / "sdtm", good()), study)
    dm, ex = taken.datasets["DM"], taken.datasets["EX"]
    assert dm.dtypes.astype(str).to_dict() == {
        "STUDYID": "category", "USUBJID": "category", "AGE": "float64", "RFSTDTC": "category", "RACE": "category",
    }  # fmt: skip
    assert list(dm["USUBJID"]) == ["001", "002"]
    assert list(dm["RFSTDTC"].isna()) == [False, True]
    assert list(ex["EXSEQ"]) == [1, 2, 1]
    assert list(ex["EXDOSE"].isna()) == [False, False, True]
    assert ex["EXDOSE"].iloc[1] == 0
    assert taken.snapshot == "2025-03-22"
    assert len(taken.files) == 2
    assert taken.findings.empty


def test_parquet_goes_before_xpt_and_it_is_said(tmp_path, study):
    older = good()
    older["DM"]["AGE"] = 1.0
    write_xpt(tmp_path / "sdtm", older)
    taken = read_sdtm_folder(write_parquet(tmp_path / "sdtm", good()), study)
    assert taken.datasets["DM"]["AGE"].iloc[0] == 60
    assert list(taken.files) == ["dm.parquet", "ex.parquet"]
    assert list(taken.findings["code"]) == ["RAW-121"]


def test_missing_variables_are_added_and_others_kept(tmp_path, study):
    datasets = good()
    datasets["DM"] = datasets["DM"].drop(columns=["RACE", "AGE"]).assign(EXTRA=1, NOTE=["", "x"])
    datasets["ZZ"] = pd.DataFrame({"USUBJID": ["001"], "ZZVAL": [True]})
    datasets["SUPPDM"] = pd.DataFrame({"USUBJID": ["001"], "QNAM": ["A"], "QVAL": ["NA"]})
    taken = read_sdtm_folder(write_parquet(tmp_path / "sdtm", datasets), study)
    dm = taken.datasets["DM"]
    assert list(dm) == ["STUDYID", "USUBJID", "AGE", "RFSTDTC", "RACE", "EXTRA", "NOTE"]
    assert dm.dtypes.astype(str)[["AGE", "RACE", "EXTRA", "NOTE"]].to_list() == [
        "float64",
        "category",
        "float64",
        "category",
    ]
    assert dm["RACE"].isna().all()
    assert list(taken.datasets["ZZ"]["ZZVAL"]) == [1.0]
    assert list(taken.datasets["SUPPDM"]["QVAL"]) == ["NA"]
    found = sorted(zip(taken.findings["code"], taken.findings["dataset"], taken.findings["value"], strict=True))
    assert found == [
        ("RAW-122", "ZZ", "ZZ"),
        ("RAW-123", "DM", "EXTRA"),
        ("RAW-123", "DM", "NOTE"),
        ("RAW-124", "DM", "AGE"),
        ("RAW-124", "DM", "RACE"),
    ]


ARROW = {
    # Arrow column of a Char variable                                     -> its text
    "dates": (pa.array([datetime.date(2025, 3, 1), None]), ["2025-03-01", None]),
    "timestamps": (
        pa.array(["2025-03-01T08:30:00", None]).cast(pa.timestamp("us")), ["2025-03-01T08:30:00", None],
    ),
    "categories": (pa.array(["2025", ""]).dictionary_encode(), ["2025", None]),
    "bytes": (pa.array([b"2025", None]), ["2025", None]),
    "blanks at the end": (pa.array(["2025  ", "  "]), ["2025", None]),
    "all missing": (pa.nulls(2), [None, None]),
}  # fmt: skip


@pytest.mark.parametrize(("column", "texts"), ARROW.values(), ids=ARROW)
def test_parquet_types_become_text(tmp_path, study, column, texts):
    folder = write_parquet(tmp_path / "sdtm", good())
    table = pq.read_table(folder / "dm.parquet").drop(["RFSTDTC"]).append_column("rfstdtc", column)
    pq.write_table(table, folder / "dm.parquet")
    got = read_sdtm_folder(folder, study).datasets["DM"]["RFSTDTC"]
    assert str(got.dtype) == "category"
    assert list(got.astype(object).where(got.notna(), None)) == texts


def set_column(dataset, name, values):
    def change(datasets):
        datasets[dataset][name] = values

    return change


def drop(dataset, name):
    def change(datasets):
        datasets[dataset] = datasets[dataset].drop(columns=name)

    return change


def cut(name):
    def change(folder):
        raw = (folder / name).read_bytes()
        (folder / name).write_bytes(raw[: len(raw) // 2])

    return change


INPUT = {
    "DM missing": (lambda d: d.pop("DM"), "INPUT-102", ["Dataset DM"]),
    "EX missing": (lambda d: d.pop("EX"), "INPUT-102", ["Dataset EX"]),
    "DM without rows": (lambda d: d.update(DM=d["DM"].iloc[:0]), "INPUT-104", ["no rows"]),
    "required variable missing": (drop("EX", "EXTRT"), "INPUT-103", ["EXTRT", "Name of Treatment"]),
    "subject identifier missing": (drop("DM", "USUBJID"), "INPUT-103", ["USUBJID"]),
    "text in a number": (set_column("EX", "EXDOSE", ["5", "five", ""]), "INPUT-106", ["EXDOSE", "'five'", "numeric"]),
    "numbers in a text": (set_column("DM", "RACE", [1.0, 2.0]), "INPUT-106", ["RACE", "text"]),
    "EX without rows": (lambda d: d.update(EX=d["EX"].iloc[:0]), "INPUT-104", ["no rows", "no dose"]),
    "subjects as numbers": (
        set_column("DM", "USUBJID", [1, 2]), "INPUT-106", ["('1', '2')", "text variable", "leading zeros"],
    ),
    "dates as numbers": (set_column("EX", "EXSTDTC", [24000.0, 24001.0, np.nan]), "INPUT-106", ["EXSTDTC", "'24000'"]),
    "dates that are none": (
        set_column("EX", "EXSTDTC", ["01MAR2025", "02MAR2025", ""]), "INPUT-108", ["no ISO 8601 date", "'01MAR2025'"],
    ),
    "lists in cells": (set_column("DM", "RACE", [["A"], ["B"]]), "INPUT-105", ["RACE", "list", "one value in each"]),
    "qualifiers without a name": (
        lambda d: d.update(SUPPDM=pd.DataFrame({"USUBJID": ["001"], "QVAL": ["x"]})), "INPUT-103", ["QNAM"],
    ),
    "qualifiers as numbers": (
        lambda d: d.update(SUPPDM=pd.DataFrame({"USUBJID": ["001"], "QNAM": ["A"], "QVAL": [1.0]})),
        "INPUT-106", ["suppdm.parquet", "QVAL"],
    ),
    "names that differ in case": (set_column("DM", "age", [1.0, 2.0]), "INPUT-105", ["AGE", "twice"]),
}  # fmt: skip


@pytest.mark.parametrize(("change", "code", "words"), INPUT.values(), ids=INPUT)
def test_sdtm_that_cannot_be_used_is_refused(tmp_path, study, change, code, words):
    datasets = good()
    change(datasets)
    with pytest.raises(InputError) as caught:
        read_sdtm_folder(write_parquet(tmp_path / "sdtm", datasets), study)
    assert [p.code for p in caught.value.problems] == [code]
    for word in words:
        assert word in str(caught.value)


FILES = {
    "Parquet cut": (write_parquet, cut("dm.parquet"), "no readable Parquet"),
    "XPT cut": (write_xpt, cut("dm.xpt"), "cut off"),
    "XPT of other content": (
        write_xpt,
        lambda f: (f / "dm.xpt").write_bytes(b"x" * 160),
        "does not begin as a SAS transport file",
    ),
    "Parquet of other content": (write_parquet, lambda f: (f / "dm.parquet").write_text("x"), "no readable Parquet"),
    "XPT cut where a block of 80 bytes ends": (
        write_xpt,
        lambda f: (f / "ex.xpt").write_bytes((f / "ex.xpt").read_bytes()[:-80]),
        "cut off within a record",
    ),
    "empty XPT": (write_xpt, lambda f: (f / "dm.xpt").write_bytes(b""), "The file is empty"),
    "empty file": (write_parquet, lambda f: (f / "dm.parquet").write_bytes(b""), "no readable Parquet"),
}


@pytest.mark.parametrize(("write", "damage", "words"), FILES.values(), ids=FILES)
def test_a_damaged_file_is_refused(tmp_path, study, write, damage, words):
    folder = write(tmp_path / "sdtm", good())
    damage(folder)
    with pytest.raises(InputError, match=words) as caught:
        read_sdtm_folder(folder, study)
    assert [p.code for p in caught.value.problems] == ["INPUT-105"]


def test_gbk_in_a_transport_file_is_said(tmp_path, study):
    datasets = good()
    datasets["DM"]["RACE"] = ["ABCD", "x"]
    folder = write_xpt(tmp_path / "sdtm", datasets)
    raw = (folder / "dm.xpt").read_bytes()
    (folder / "dm.xpt").write_bytes(raw.replace(b"ABCD", "阴性".encode("gbk")))
    with pytest.raises(InputError, match="not valid UTF-8"):
        read_sdtm_folder(folder, study)


GATES = {
    "subject twice in DM": (set_column("DM", "USUBJID", ["001", "001"]), {"GATE-204 DM", "GATE-208 EX"}),
    "sequence number twice": (set_column("EX", "EXSEQ", [1.0, 1.0, 1.0]), {"GATE-204 EX"}),
    "subject that DM lacks": (set_column("EX", "USUBJID", ["001", "001", "003"]), {"GATE-208 EX"}),
    "required variable without value": (set_column("EX", "EXTRT", ["", "", ""]), {"GATE-203 EX.EXTRT"}),
    "DM without an identifier": (set_column("DM", "USUBJID", ["001", ""]), {"GATE-209 DM.USUBJID", "GATE-208 EX"}),
    "two of DM without an identifier": (
        set_column("DM", "USUBJID", ["", ""]), {"GATE-203 DM.USUBJID", "GATE-208 EX"},
    ),
    "record without a subject": (set_column("EX", "USUBJID", ["001", "", "002"]), {"GATE-209 EX.USUBJID"}),
    "record without a number": (set_column("EX", "EXSEQ", [1, np.nan, 1]), {"GATE-209 EX.EXSEQ"}),
    "broken number": (set_column("EX", "EXSEQ", [1, 1.5, 1]), {"GATE-212 EX.EXSEQ"}),
    "number 0": (set_column("EX", "EXSEQ", [0, 1, 1]), {"GATE-212 EX.EXSEQ"}),
    "another study": (set_column("EX", "STUDYID", ["MINI-1", "MINI-2", "MINI-3"]), {"GATE-211 EX.STUDYID"}),
    "another dataset": (set_column("EX", "DOMAIN", ["EC"] * 3), {"GATE-210 EX.DOMAIN"}),
    "qualifiers of another dataset": (
        lambda d: d.update(SUPPDM=pd.DataFrame({"RDOMAIN": ["AE"], "USUBJID": ["001"], "QNAM": ["A"], "QVAL": ["x"]})),
        {"GATE-210 SUPPDM.RDOMAIN"},
    ),
    "qualifiers of a subject that DM lacks": (
        lambda d: d.update(SUPPDM=pd.DataFrame({"USUBJID": ["003"], "QNAM": ["A"], "QVAL": ["x"]})),
        {"GATE-208 SUPPDM"},
    ),
    "one stranger in two datasets": (
        lambda d: d.update(
            EX=d["EX"].assign(USUBJID=["001", "001", "003"]),
            ZZ=pd.DataFrame({"USUBJID": ["003", "001"], "ZZSEQ": [1, 1]}),
        ),
        {"GATE-208 EX, ZZ"},
    ),
    "several at once": (
        lambda d: (set_column("EX", "EXTRT", [""] * 3)(d), set_column("DM", "USUBJID", ["001", "001"])(d)),
        {"GATE-203 EX.EXTRT", "GATE-204 DM", "GATE-208 EX"},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("change", "expected"), GATES.values(), ids=GATES)
def test_sdtm_that_contradicts_itself_stops_at_the_gate(tmp_path, study, change, expected):
    datasets = good()
    change(datasets)
    with pytest.raises(GateError) as caught:
        read_sdtm_folder(write_parquet(tmp_path / "sdtm", datasets), study)
    assert {f"{p.code} {p.place}" for p in caught.value.problems} == expected


def test_all_input_problems_come_at_once(tmp_path, study):
    datasets = good()
    drop("DM", "USUBJID")(datasets)
    set_column("EX", "EXDOSE", ["a", "b", "c"])(datasets)
    drop("EX", "EXTRT")(datasets)
    with pytest.raises(InputError) as caught:
        read_sdtm_folder(write_parquet(tmp_path / "sdtm", datasets), study)
    assert sorted(p.code for p in caught.value.problems) == ["INPUT-103", "INPUT-103", "INPUT-106"]


def test_what_would_stop_at_the_gate_is_told_with_the_input_problems(tmp_path, study):
    datasets = good()
    set_column("EX", "EXDOSE", ["a", "b", "c"])(datasets)
    set_column("EX", "EXSEQ", [1.0, 1.0, 1.0])(datasets)
    set_column("DM", "STUDYID", ["OTHER", "OTHER"])(datasets)
    with pytest.raises(InputError) as caught:
        read_sdtm_folder(write_parquet(tmp_path / "sdtm", datasets), study)
    assert [f"{p.code} {p.place}" for p in caught.value.problems] == [
        "INPUT-106 ex.parquet", "GATE-211 DM.STUDYID", "GATE-204 EX",
    ]  # fmt: skip


WRITINGS = {
    "leading zeros": ("1", "DM has '001' for '1'"),
    "spaces": (" 001", "DM has '001' for ' 001'"),
    "nothing like it": ("771", ""),
}


@pytest.mark.parametrize(("given", "hint"), WRITINGS.values(), ids=WRITINGS)
def test_an_identifier_written_otherwise_is_recognised_in_the_hint(tmp_path, study, given, hint):
    datasets = good()
    set_column("EX", "USUBJID", [given, given, "002"])(datasets)
    with pytest.raises(GateError) as caught:
        read_sdtm_folder(write_parquet(tmp_path / "sdtm", datasets), study)
    (problem,) = caught.value.problems
    assert problem.hint.startswith(hint)
    assert bool(problem.hint) == bool(hint)


def test_a_dataset_without_rows_counts_as_absent(tmp_path, study):
    datasets = good() | {"ZZ": pd.DataFrame({"USUBJID": pd.Series(dtype="str")})}
    taken = read_sdtm_folder(write_parquet(tmp_path / "sdtm", datasets), study)
    assert set(taken.datasets) == {"DM", "EX"}
    assert list(taken.findings["code"]) == ["RAW-122", "RAW-125"]


def test_some_dates_that_are_none_are_a_finding(tmp_path, study):
    datasets = good()
    set_column("EX", "EXSTDTC", ["2025-03-01", "03/02/2025", "2025-13"])(datasets)
    taken = read_sdtm_folder(write_parquet(tmp_path / "sdtm", datasets), study)
    (message,) = taken.findings["message"]
    assert message.startswith("2 value(s) of EXSTDTC are no ISO 8601 dates, such as '03/02/2025', '2025-13'")


@pytest.mark.parametrize("text", ["2025", "2025-03", "2025-03-01", "2025-03-01T08", "2025---15", "--03-15", "----15"])
def test_every_partial_date_of_sdtm_is_one(tmp_path, study, text):
    datasets = good()
    set_column("EX", "EXSTDTC", [text] * 3)(datasets)
    assert read_sdtm_folder(write_parquet(tmp_path / "sdtm", datasets), study).findings.empty


def test_a_dataset_may_be_of_the_other_kind(tmp_path, study):
    write_xpt(tmp_path / "sdtm", {"DM": good()["DM"]})
    taken = read_sdtm_folder(write_parquet(tmp_path / "sdtm", {"EX": good()["EX"]}), study)
    assert list(taken.files) == ["dm.xpt", "ex.parquet"]
    assert taken.findings.empty


def test_one_dataset_in_two_files_is_refused(tmp_path, study):
    folder = write_parquet(tmp_path / "sdtm", good())
    shutil.copy(folder / "dm.parquet", folder / "DM.PARQUET")
    with pytest.raises(InputError, match=r"DM is there twice: DM\.PARQUET and dm\.parquet") as caught:
        read_sdtm_folder(folder, study)
    assert caught.value.problems[0].code == "INPUT-109"


@pytest.mark.parametrize("write", [write_parquet, write_xpt])
def test_only_what_is_needed_is_given_but_all_is_checked(tmp_path, study, write):
    folder = write(tmp_path / "sdtm", good())
    taken = read_sdtm_folder(folder, study, {"EX": frozenset({"EXDOSE"})})
    assert {name: list(frame) for name, frame in taken.datasets.items()} == {
        "DM": ["USUBJID", "RFSTDTC"], "EX": ["USUBJID", "EXSEQ", "EXDOSE", "EXSTDTC"],
    }  # fmt: skip
    datasets = good()
    set_column("EX", "EXTRT", [""] * 3)(datasets)
    set_column("DM", "AGE", ["sixty", "x"])(datasets)
    with pytest.raises(InputError) as caught:
        read_sdtm_folder(write(folder, datasets), study, {})
    assert [p.code for p in caught.value.problems] == ["INPUT-106", "GATE-203"]


def test_the_folder_above_is_told_where_to_look(tmp_path, study):
    write_parquet(tmp_path / "sdtm", good())
    (tmp_path / "manifest.json").write_text("{}")
    with pytest.raises(InputError, match=r"did you mean .*sdtm") as caught:
        read_sdtm_folder(tmp_path, study)
    assert caught.value.problems[0].code == "INPUT-101"


def test_a_missing_folder_is_refused(tmp_path, study):
    with pytest.raises(InputError, match="INPUT-001"):
        read_sdtm_folder(tmp_path / "none", study)


def test_a_link_out_of_the_folder_is_refused(tmp_path, study):
    folder = write_parquet(tmp_path / "sdtm", good())
    shutil.move(folder / "dm.parquet", tmp_path / "dm.parquet")
    (folder / "dm.parquet").symlink_to(tmp_path / "dm.parquet")
    with pytest.raises(InputError, match="leads out"):
        read_sdtm_folder(folder, study)
