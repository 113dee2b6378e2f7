"""Non-target response, new lesions, disease that is back after CR, and RECIST 1.1 tables 1 and 2."""

from __future__ import annotations

import pytest

from adam.rules.overall_response import derive_overall_response
from tests.adam.response.histories import solve, values
from tests.tables import table

TABLES = table(
    """
    target         | nontarget      | new | overall
    ---------------+----------------+-----+--------------
    CR             | CR             | N   | CR             # table 1
    CR             | NOT APPLICABLE | N   | CR
    CR             | NON-CR/NON-PD  | N   | PR
    CR             | NE             | N   | PR
    PR             | CR             | N   | PR
    PR             | NON-CR/NON-PD  | N   | PR
    PR             | NE             | N   | PR
    PR             | NOT APPLICABLE | N   | PR
    SD             | CR             | N   | SD
    SD             | NON-CR/NON-PD  | N   | SD
    SD             | NE             | N   | SD
    SD             | NOT APPLICABLE | N   | SD
    NE             | CR             | N   | NE
    NE             | NON-CR/NON-PD  | N   | NE
    NE             | NE             | N   | NE
    NE             | NOT APPLICABLE | N   | NE
    PD             | CR             | N   | PD
    PD             | NON-CR/NON-PD  | N   | PD
    PD             | NE             | N   | PD
    PD             | NOT APPLICABLE | N   | PD
    CR             | PD             | N   | PD
    PR             | PD             | N   | PD
    SD             | PD             | N   | PD
    NE             | PD             | N   | PD
    PD             | PD             | N   | PD
    CR             | CR             | Y   | PD
    PR             | NE             | Y   | PD
    SD             | NON-CR/NON-PD  | Y   | PD
    NE             | NOT APPLICABLE | Y   | PD
    PD             | PD             | Y   | PD
    NOT APPLICABLE | CR             | N   | CR             # table 2
    NOT APPLICABLE | NON-CR/NON-PD  | N   | NON-CR/NON-PD
    NOT APPLICABLE | NE             | N   | NE
    NOT APPLICABLE | PD             | N   | PD
    NOT APPLICABLE | CR             | Y   | PD
    NOT APPLICABLE | NE             | Y   | PD
    NOT APPLICABLE | NOT APPLICABLE | N   | NE
    """
)


def test_tables_1_and_2():
    got = derive_overall_response(TABLES["target"], TABLES["nontarget"], TABLES["new"] == "Y")
    assert got.tolist() == TABLES["overall"].tolist()


# name: (history, arguments, PARAMCD, AVALC in the order of time)
CASES = {
    # non-target response
    "a non-target increased": ("-10 | T01=50 NT01=P\n 42 | T01=50 NT01=INC", {}, "DNTRGRSP", "PD"),
    "increased, another not evaluated": ("-10 | NT01=P NT02=P\n 42 | NT01=INC NT02=ND", {}, "DNTRGRSP", "PD"),
    "a non-target not evaluated": ("-10 | NT01=P NT02=P\n 42 | NT01=A NT02=ND", {}, "DNTRGRSP", "NE"),
    "a non-target without a record": ("-10 | NT01=P NT02=P\n 42 | NT01=A", {}, "DNTRGRSP", "NE"),
    "every non-target absent": ("-10 | NT01=P NT02=P\n 42 | NT01=A NT02=A", {}, "DNTRGRSP", "CR"),
    "a non-target present": ("-10 | NT01=P NT02=P\n 42 | NT01=A NT02=P", {}, "DNTRGRSP", "NON-CR/NON-PD"),
    "no non-targets": ("-10 | T01=50\n 42 | T01=50", {}, "DNTRGRSP", "NOT APPLICABLE"),
    "no non-targets acts as CR": ("-10 | T01=50\n 42 | T01=0", {}, "DOVR", "CR"),
    "only non-targets, table 2": (
        "-10 | NT01=P\n 42 | NT01=P\n 84 | NT01=A\n 126 | NT01=ND", {}, "DOVR", "NON-CR/NON-PD CR NE",
    ),
    "targets gone, non-target not evaluated": ("-10 | T01=50 NT01=P\n 42 | T01=0", {}, "DOVR", "PR"),
    # without a baseline
    "no baseline: every response is NE": ("42 | T01=50 NT01=P\n 84 | T01=0 NT01=INC NEW01=UNEQ", {}, "DOVR", "NE NE"),
    "no baseline: target response NE": ("42 | T01=50 NT01=P", {}, "DTRGRESP", "NE"),
    "baseline on the day of first dose": ("0 | T01=50\n 42 | T01=30", {}, "DOVR", "PR"),
    "the last assessment before first dose": ("-20 | T01=100\n -5 | T01=50\n 42 | T01=50", {}, "DOVR", "SD"),
    "not evaluated is no baseline": ("-20 | T01=100\n -5 | T01=ND\n 42 | T01=70", {}, "DOVR", "NE PR"),
    "a target that comes later is not summed": ("-10 | T01=50\n 42 | T01=50 T02=40", {}, "DOVR", "SD"),
    # new lesions
    "unequivocal": ("-10 | T01=50\n 42 | T01=0 NEW01=UNEQ", {}, "DOVR", "PD"),
    "equivocal": ("-10 | T01=50\n 42 | T01=0 NEW01=EQ", {}, "DOVR", "CR"),
    "present counts as unequivocal": ("-10 | T01=50\n 42 | T01=50 NEW01=P", {}, "DOVR", "PD"),
    "present, 8 mm, no node": ("-10 | T01=50\n 42 | T01=50 NEW01=P:8", {}, "DOVR", "PD"),
    "a node of 9.9 mm is no lesion": ("-10 | T01=50\n 42 | T01=50 NEW01=P:9.9", {"nodes": "NEW01"}, "DOVR", "SD"),
    "a node of 10 mm is equivocal": ("-10 | T01=50\n 42 | T01=50 NEW01=P:10", {"nodes": "NEW01"}, "DOVR", "SD"),
    "a node of 14.9 mm is equivocal": ("-10 | T01=50\n 42 | T01=50 NEW01=P:14.9", {"nodes": "NEW01"}, "DOVR", "SD"),
    "a node of 15 mm is unequivocal": ("-10 | T01=50\n 42 | T01=50 NEW01=P:15", {"nodes": "NEW01"}, "DOVR", "PD"),
    "a node without size": ("-10 | T01=50\n 42 | T01=50 NEW01=P", {"nodes": "NEW01"}, "DOVR", "PD"),
    "UNEQUIVOCAL decides, whatever the size": (
        "-10 | T01=50\n 42 | T01=50 NEW01=UNEQ:8", {"nodes": "NEW01"}, "DOVR", "PD",
    ),
    "absent": ("-10 | T01=50\n 42 | T01=50 NEW01=A", {}, "DOVR", "SD"),
    "unequivocal later: back-dated to the first": (
        "-10 | T01=50\n 42 | T01=50 NEW01=EQ\n 84 | T01=50 NEW01=EQ\n 126 | T01=50 NEW01=UNEQ", {}, "DOVR", "PD SD PD",
    ),
    "another lesion becomes unequivocal": (
        "-10 | T01=50\n 42 | T01=50 NEW01=EQ\n 84 | T01=50 NEW02=UNEQ", {}, "DOVR", "SD PD",
    ),
    "equivocal after unequivocal": (
        "-10 | T01=50\n 42 | T01=50 NEW01=UNEQ\n 84 | T01=50 NEW01=EQ", {}, "DOVR", "PD SD",
    ),
    "a small node that grows": (
        "-10 | T01=50\n 42 | T01=50 NEW01=P:12\n 84 | T01=50 NEW01=P:16", {"nodes": "NEW01"}, "DOVR", "PD PD",
    ),
    "a node of 10 mm is what showed it first": (
        "-10 | T01=50\n 42 | T01=50 NEW01=P:10\n 84 | T01=50 NEW01=P:16", {"nodes": "NEW01"}, "DOVR", "PD PD",
    ),
    "a node of 9.9 mm is not what showed it first": (
        "-10 | T01=50\n 42 | T01=50 NEW01=P:9.9\n 84 | T01=50 NEW01=P:16", {"nodes": "NEW01"}, "DOVR", "SD PD",
    ),
    # after an overall CR
    "a target is back": ("-10 | T01=50\n 42 | T01=0\n 84 | T01=2", {}, "DOVR", "CR PD"),
    "too small to measure is back": ("-10 | T01=50\n 42 | T01=0\n 84 | T01=TS", {}, "DOVR", "CR PD"),
    "back, another one missing": ("-10 | T01=50 T02=30\n 42 | T01=0 T02=0\n 84 | T01=2", {}, "DOVR", "CR PD"),
    "back after CR and NE": ("-10 | T01=50\n 42 | T01=0\n 84 | T01=ND\n 126 | T01=1", {}, "DOVR", "CR NE PD"),
    "a non-target is back": ("-10 | T01=50 NT01=P\n 42 | T01=0 NT01=A\n 84 | T01=0 NT01=P", {}, "DOVR", "CR PD"),
    "no overall CR: the size rule": (
        "-10 | T01=50 NT01=P\n 42 | T01=0 NT01=P\n 84 | T01=4 NT01=P", {}, "DOVR", "PR PR",
    ),
    "no overall CR: a non-target may come back": (
        "-10 | T01=50 NT01=P\n 42 | T01=30 NT01=A\n 84 | T01=30 NT01=P", {}, "DOVR", "PR PR",
    ),
    "a node of 10 mm goes by size": ("-10 | T01=20\n 42 | T01=8\n 84 | T01=11", {"nodes": "T01"}, "DOVR", "CR PR"),
    "a node that grew by 5 mm": ("-10 | T01=20\n 42 | T01=8\n 84 | T01=13", {"nodes": "T01"}, "DOVR", "CR PD"),
    "a normal node": ("-10 | T01=20\n 42 | T01=8\n 84 | T01=9.9", {"nodes": "T01"}, "DOVR", "CR CR"),
    "gone again": ("-10 | T01=50\n 42 | T01=0\n 84 | T01=2\n 126 | T01=0", {}, "DOVR", "CR PD CR"),
    "a CR that back-dating took away": (
        "-10 | T01=50\n 42 | T01=0 NEW01=EQ\n 84 | T01=2\n 126 | T01=2 NEW01=UNEQ", {}, "DOVR", "PD PR PD",
    ),
    # symptomatic deterioration is no PD
    "symptomatic deterioration": ("-10 | T01=50\n 42 | T01=50 | SYMPTDTR=Y SD", {}, "DOVR", "SD"),
    "nor by the investigator": ("-10 | T01=50\n 42 | T01=50 | SYMPTDTR=Y SD", {}, "OVR", "SD"),
}  # fmt: skip


@pytest.fixture(scope="module")
def answers():
    return solve(CASES)


@pytest.mark.parametrize("name", CASES)
def test_response(name, answers):
    _, _, paramcd, expected = CASES[name]
    assert values(answers[name][0], paramcd) == expected
