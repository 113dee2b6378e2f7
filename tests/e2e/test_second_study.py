# ruff: noqa: E501  (tables are as wide as they are)
"""A study of another field, of other forms, visits, identities and date order, runs from its folder of YAML alone.

What its raw files hold is in tests/studies/bp01/raw; what must come of them is written down here by hand.
"""

from __future__ import annotations

import json
import shutil

import pandas as pd
import pyreadstat
import pytest

from flows.pipeline import run_study
from flows.request import RunRequest
from tests.conftest import ROOT
from tests.tables import table

STUDY = ROOT / "tests" / "studies" / "bp01"
DM = """
 USUBJID         | SUBJID   | RFSTDTC    | RFICDTC    | SITEID | BRTHDTC    | SEX | ARMCD | ARM        | ARMNRS         | COUNTRY
 BP-01.101-0001  | 101-0001 | 2025-01-13 | 2025-01-05 | 101    | 1960-02-29 | F   | A     | Amlodipine |                | USA
 BP-01.101-0002  | 101-0002 | 2025-01-14 | 2025-01-06 | 101    | 1971       | M   | B     | Placebo    |                | USA     # a year is a date
 BP-01.102-0001  | 102-0001 |            | 2025-01-08 | 102    | 1985-12-31 | F   |       |            | SCREEN FAILURE | USA
"""  # 102-0002 was made inactive, 900-0001 belongs to a test site
DS = """
 USUBJID        | DSSEQ | DSTERM         | DSDECOD                   | DSCAT              | DSSTDTC    | DSSTDY
 BP-01.101-0001 | 1     | Consent given  | INFORMED CONSENT OBTAINED | PROTOCOL MILESTONE | 2025-01-05 | -8
 BP-01.101-0002 | 1     | Consent given  | INFORMED CONSENT OBTAINED | PROTOCOL MILESTONE | 2025-01-06 | -8
 BP-01.102-0001 | 1     | Consent given  | INFORMED CONSENT OBTAINED | PROTOCOL MILESTONE | 2025-01-08 |
 BP-01.102-0001 | 2     | Not randomised | SCREEN FAILURE            | DISPOSITION EVENT  |            |
"""
EX = """
 USUBJID        | EXSEQ | EXTRT      | EXDOSE | EXDOSU | EXSTDTC    | EXENDTC    | EXSTDY | EXENDY
 BP-01.101-0001 | 1     | AMLODIPINE | 5      | mg     | 2025-01-13 | 2025-02-09 | 1      | 28
 BP-01.101-0001 | 2     | AMLODIPINE | 10     | mg     | 2025-02-10 | 2025-02-08 | 29     | 27      # ends before it starts
 BP-01.101-0002 | 1     | PLACEBO    | 0      | mg     | 2025-01-14 |            | 1      |
"""
VS = """
 USUBJID        | VSSEQ | VSTESTCD | VSPOS    | VSORRES | VSORRESU  | VSSTRESC | VSSTRESN | VSSTRESU  | VSLOBXFL | VISITNUM | VISIT            | VISITDY | VSDTC            | VSDY
 BP-01.101-0001 | 1     | DIABP    | SITTING  | 98      | mmHg      | 98       | 98       | mmHg      | Y        | 0        | BASELINE         | 1       | 2025-01-13T07:30 | 1
 BP-01.101-0001 | 2     | DIABP    | SITTING  | 12.0    | kPa       | 90       | 90       | mmHg      |          | 1        | WEEK 1           | 8       | 2025-01-20T07:45 | 8
 BP-01.101-0001 | 3     | DIABP    | STANDING | 92      | mmHg      | 92       | 92       | mmHg      |          | 1.01     | UNSCHEDULED 1.01 |         | 2025-01-23       | 11
 BP-01.101-0001 | 4     | PULSE    | SITTING  | 74      | beats/min | 74       | 74       | beats/min | Y        | 0        | BASELINE         | 1       | 2025-01-13T07:30 | 1
 BP-01.101-0001 | 5     | PULSE    | STANDING | 80      | beats/min | 80       | 80       | beats/min |          | 1.01     | UNSCHEDULED 1.01 |         | 2025-01-23       | 11
 BP-01.101-0001 | 6     | SYSBP    | SITTING  | 162     | mmHg      | 162      | 162      | mmHg      | Y        | 0        | BASELINE         | 1       | 2025-01-13T07:30 | 1
 BP-01.101-0001 | 7     | SYSBP    | SITTING  | 20.0    | kPa       | 150      | 150      | mmHg      |          | 1        | WEEK 1           | 8       | 2025-01-20T07:45 | 8
 BP-01.101-0001 | 8     | SYSBP    | STANDING | 150     | mmHg      | 150      | 150      | mmHg      |          | 1.01     | UNSCHEDULED 1.01 |         | 2025-01-23       | 11
 BP-01.101-0002 | 1     | DIABP    | SITTING  | 95      | mmHg      | 95       | 95       | mmHg      |          | 1        | WEEK 1           | 8       | 2025-01          |
 BP-01.101-0002 | 2     | DIABP    | SUPINE   | 101     | mmHg      | 101      | 101      | mmHg      | Y        | 0        | BASELINE         | 1       | 2025-01-05T08:00 | -9
 BP-01.101-0002 | 3     | PULSE    | SITTING  | 70      | beats/min | 70       | 70       | beats/min |          | 1        | WEEK 1           | 8       | 2025-01          |
 BP-01.101-0002 | 4     | PULSE    | SUPINE   | 66      | beats/min | 66       | 66       | beats/min | Y        | 0        | BASELINE         | 1       | 2025-01-05T08:00 | -9
 BP-01.101-0002 | 5     | SYSBP    | SITTING  | 600     | mmHg      | 600      | 600      | mmHg      |          | 1        | WEEK 1           | 8       | 2025-01          |
 BP-01.101-0002 | 6     | SYSBP    | SUPINE   | 171     | mmHg      | 171      | 171      | mmHg      | Y        | 0        | BASELINE         | 1       | 2025-01-05T08:00 | -9
"""
SUPPVS = """
 USUBJID        | IDVAR | IDVARVAL | QNAM     | QVAL
 BP-01.101-0001 | VSSEQ | 1        | CUFFSIZE | Large
 BP-01.101-0001 | VSSEQ | 4        | CUFFSIZE | Large
 BP-01.101-0001 | VSSEQ | 6        | CUFFSIZE | Large
 BP-01.101-0002 | VSSEQ | 1        | CUFFSIZE | Small
 BP-01.101-0002 | VSSEQ | 3        | CUFFSIZE | Small
 BP-01.101-0002 | VSSEQ | 5        | CUFFSIZE | Small
"""
NUMBERS = {
    "DM": (), "DS": ("DSSEQ", "DSSTDY"), "EX": ("EXSEQ", "EXDOSE", "EXSTDY", "EXENDY"), "SUPPVS": (),
    "VS": ("VSSEQ", "VSSTRESN", "VISITNUM", "VISITDY", "VSDY"),
}  # fmt: skip
FINDINGS = """
 code     | severity | form    | record_id | field  | value
 CHK-301  | error    | TABLETS | 2002      | TABTO  | 2025-02-08
 CHK-312  | warning  | CUFF    | 3004      | MEASDT | 2025-01-05T08:00
 CHK-320  | warning  | CUFF    | 3005      | SYS    | 600 mmHg
 RAW-108  | info     | SCREEN  | 1004      |        |
 RAW-109  | info     | SCREEN  | 1005      |        | 900
 SDTM-202 | info     | CUFF    | 3005      | MEASDT | 01/2025
 SDTM-202 | info     | SCREEN  | 1002      | DOB    | 1971
"""
ACCOUNTS = """
 form    | dataset | rule        | rows
 CUFF    |         | NO-READING  | 1
 CUFF    |         | READ        | 6
 CUFF    |         | USED        | 5
 SCREEN  |         | READ        | 3
 SCREEN  |         | USED        | 3
 TABLETS |         | NO-TABLETS  | 1
 TABLETS |         | READ        | 4
 TABLETS |         | USED        | 3
"""


@pytest.fixture(scope="module")
def out(cdisc_flows, tmp_path_factory):
    """The study's SDTM, made by the command line."""
    folder = tmp_path_factory.mktemp("bp01") / "out"
    done = cdisc_flows("sdtm", "--study", STUDY, "--raw", STUDY / "raw", "--out", folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.parametrize(("dataset", "expected"), [("DM", DM), ("DS", DS), ("EX", EX), ("VS", VS), ("SUPPVS", SUPPVS)])
def test_the_rows_of_the_transport_file_are_those_written_down(out, dataset, expected):
    path = out / "m5/datasets/bp-01/tabulations/sdtm" / f"{dataset.lower()}.xpt"
    read, _ = pyreadstat.read_xport(path)
    wanted = table(expected, numbers=NUMBERS[dataset])
    texts = [name for name in wanted if name not in NUMBERS[dataset]]
    wanted[texts] = wanted[texts].fillna("")

    pd.testing.assert_frame_equal(read[list(wanted.columns)], wanted, check_dtype=False)


def test_no_other_dataset_was_made(out):
    assert sorted(path.stem for path in (out / "sdtm").iterdir()) == ["dm", "ds", "ex", "suppvs", "vs"]


def test_each_fault_of_its_records_is_found_and_nothing_else(out):
    found = pd.read_csv(out / "findings.csv", dtype="str", keep_default_na=False, encoding="utf-8-sig")
    wanted = table(FINDINGS).fillna("")

    assert found[list(wanted.columns)].to_numpy().tolist() == wanted.to_numpy().tolist()


def test_its_account_of_the_raw_records(out):
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    account = [line for line in manifest["accounting"]["sdtm"] if line["dataset"] == ""]
    wanted = table(ACCOUNTS, numbers=("rows",)).fillna("").astype({"rows": "int64"})

    assert account == wanted.to_dict("records")


STEPS = """
 step                | warnings | datasets
 forms only          | 18       |                       # 5 of SCREEN, 7 of CUFF with 2 units, 4 of TABLETS; DEVICE has its reason
 subjects            | 13       | dm, ds
 doses               | 9        | dm, ds, ex
 all                 | 0        | dm, ds, ex, suppvs, vs
"""
FILES = {
    "forms only": ["study.yaml", "forms.yaml", "choices.yaml"], "subjects": ["codelists.yaml", "sdtm/dm.yaml", "sdtm/ds.yaml"],
    "doses": ["sdtm/ex.yaml"], "all": ["sdtm/vs.yaml", "units.yaml"],
}  # fmt: skip


def test_a_study_in_the_making_runs_after_each_step(tmp_path):
    mine, out = tmp_path / "mine", tmp_path / "out"
    (mine / "sdtm").mkdir(parents=True)
    (mine / "codelists.yaml").touch()
    came = []
    for step, names in FILES.items():
        for name in names:
            shutil.copy(STUDY / name, mine / name)
        done = run_study(RunRequest(str(mine), STUDY / "raw", out, half="sdtm"))
        made = sorted(path.stem for path in (out / "sdtm").iterdir()) if (out / "sdtm").exists() else []
        came.append([step, str(done.codes.get("COV-701", 0)), ", ".join(made)])

    assert came == table(STEPS).fillna("").to_numpy().tolist()


def test_a_run_of_both_halves_says_that_there_is_only_one(cdisc_flows, tmp_path):
    done = cdisc_flows("run", "--study", STUDY, "--raw", STUDY / "raw", "--out", tmp_path / "out")

    assert done.returncode == 10
    assert "SPEC-009" in done.stderr
    assert "run `cdisc-flows sdtm`" in " ".join(done.stderr.split())
    assert not (tmp_path / "out").exists()


def test_its_folder_holds_no_python():
    assert {path.suffix for path in STUDY.rglob("*") if path.is_file()} == {".yaml", ".csv"}


def test_it_runs_under_another_name_from_another_place(cdisc_flows, tmp_path, out):
    shutil.copytree(STUDY, tmp_path / "mine")
    done = cdisc_flows("sdtm", "--study", "mine", "--raw", "mine/raw", "--out", "made", cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    for name in ("sdtm/vs.parquet", "acrf.html", "coverage.csv", "findings.csv"):
        assert (tmp_path / "made" / name).read_bytes() == (out / name).read_bytes()
