"""Target response: CR, PD, PR, SD in this order, its nadir, and what counts as measured."""

from __future__ import annotations

import pytest

from tests.adam.response.histories import solve, values

# name: (history, arguments, DTRGRESP in the order of time)
CASES = {
    # 1. CR
    "every target gone": ("-10 | T01=50 T02=30\n 42 | T01=0 T02=0", {}, "CR"),
    "node below 10 mm is normal": ("-10 | T01=50 T02=30\n 42 | T01=0 T02=9.9", {"nodes": "T02"}, "CR"),
    "node of 10 mm is not": ("-10 | T01=50 T02=30\n 42 | T01=0 T02=10", {"nodes": "T02"}, "PR"),
    "too small to measure is not gone": ("-10 | T01=50\n 42 | T01=TS", {}, "PR"),
    "a node too small to measure is normal": ("-10 | T01=50 T02=30\n 42 | T01=0 T02=TS", {"nodes": "T02"}, "CR"),
    "CR comes before PD": (
        "-10 | T01=20 T02=18\n 42 | T01=0 T02=4\n 84 | T01=0 T02=9.9", {"nodes": "T02"}, "CR CR",
    ),  # node 4 -> 9.9 mm is +147 % and +5.9 mm over the nadir
    # 2. PD
    "+20 % and +5 mm exactly": ("-10 | T01=25\n 42 | T01=30", {}, "PD"),
    "+20 %, but 4.9 mm": ("-10 | T01=24.5\n 42 | T01=29.4", {}, "SD"),
    "+5 mm, but below 20 %": ("-10 | T01=50\n 42 | T01=59.9", {}, "SD"),
    "+20 % of 50 mm": ("-10 | T01=50\n 42 | T01=60", {}, "PD"),
    "over the nadir, not over baseline": ("-10 | T01=100\n 42 | T01=50\n 84 | T01=60", {}, "PR PD"),
    "+5 mm over a nadir of 0": ("-10 | T01=50 NT01=P\n 42 | T01=0 NT01=P\n 84 | T01=5 NT01=P", {}, "CR PD"),
    "+4.9 mm over a nadir of 0": ("-10 | T01=50 NT01=P\n 42 | T01=0 NT01=P\n 84 | T01=4.9 NT01=P", {}, "CR PR"),
    "the nadir is older than the last sum": (
        "-10 | T01=100\n 42 | T01=60\n 84 | T01=66\n 126 | T01=72", {}, "PR PR PD",
    ),
    "what is measured already gives PD": ("-10 | T01=50 T02=30\n 42 | T01=97 T02=ND", {}, "PD"),
    "what is measured gives no PD": ("-10 | T01=50 T02=30\n 42 | T01=95.9 T02=ND", {}, "NE"),
    "an incomplete sum sets no nadir": (
        "-10 | T01=50 T02=30\n 42 | T01=10 T02=ND\n 84 | T01=40 T02=30", {}, "NE SD",
    ),
    "nothing measured": ("-10 | T01=50\n 42 | T01=ND", {}, "NE"),
    "binary floats would say 19.999 %": ("-10 | T01=10.1 T02=14.9\n 42 | T01=12.3 T02=17.7", {}, "PD"),
    # 3. NE
    "a target without a record": ("-10 | T01=50 T02=30\n 42 | T01=10", {}, "NE"),
    "a target not measured at baseline": ("-10 | T01=50 T02=ND\n 42 | T01=10 T02=10", {}, "NE"),
    "but CR can be told": ("-10 | T01=50 T02=ND\n 42 | T01=0 T02=0", {}, "CR"),
    "and PD over a later nadir": ("-10 | T01=50 T02=ND\n 42 | T01=10 T02=10\n 84 | T01=20 T02=10", {}, "NE PD"),
    # 4. PR
    "-30 % exactly": ("-10 | T01=100\n 42 | T01=70", {}, "PR"),
    "-29.9 %": ("-10 | T01=100\n 42 | T01=70.1", {}, "SD"),
    "68 of 97 is -29.897 %": ("-10 | T01=97\n 42 | T01=68", {}, "SD"),
    "a sum of decimals, -30 % exactly": ("-10 | T01=0.1 T02=0.2\n 42 | T01=0.11 T02=0.1", {}, "PR"),
    "a PR is computed afresh": ("-10 | T01=100\n 42 | T01=70\n 84 | T01=75", {}, "PR SD"),
    # 5. SD
    "neither": ("-10 | T01=100\n 42 | T01=100", {}, "SD"),
    # what is used
    "a real measurement below 5 mm is used as it is": ("-10 | T01=50\n 42 | T01=2\n 84 | T01=7", {}, "PR PD"),
    "too small to measure is 5 mm": ("-10 | T01=50\n 42 | T01=TS\n 84 | T01=9.9", {}, "PR PR"),
    "all six targets are summed": (
        "-10 | T01=10 T02=10 T03=10 T04=10 T05=10 T06=50\n 42 | T01=10 T02=10 T03=10 T04=10 T05=10 T06=20", {}, "PR",
    ),
    "only non-targets": ("-10 | NT01=P\n 42 | NT01=A", {}, "NOT APPLICABLE"),
    # splits
    "fragments are added": ("-10 | T01=50\n 42 | T01.1=20 T01.2=15", {}, "PR"),
    "fragments replace the parent": ("-10 | T01=50\n 42 | T01=50 T01.1=20 T01.2=15", {}, "PR"),
    "a fragment not evaluated": ("-10 | T01=50\n 42 | T01.1=20 T01.2=ND", {}, "NE"),
    "a fragment forgotten": ("-10 | T01=50\n 42 | T01.1=20 T01.2=15\n 84 | T01.1=20", {}, "PR NE"),
    "a third fragment later": ("-10 | T01=50\n 42 | T01.1=20 T01.2=15\n 84 | T01.1=9 T01.2=9 T01.3=9", {}, "PR PR"),
    "a fragment of a fragment": (
        "-10 | T01=50\n 42 | T01.1=20 T01.2=15\n 84 | T01.1.1=9 T01.1.2=9 T01.2=9", {}, "PR PR",
    ),
    "the parent alone again": ("-10 | T01=50\n 42 | T01.1=20 T01.2=15\n 84 | T01=42", {}, "PR PD"),
    "fragments of a node, each normal": ("-10 | T01=16\n 42 | T01.1=9 T01.2=9", {"nodes": "T01"}, "CR"),
    # mergers
    "a merged diameter counts once": ("-10 | T01=40 T02=40\n 42 | T01=50 T02=MRG", {}, "PR"),
    "a partner stays merged": ("-10 | T01=40 T02=40\n 42 | T01=50 T02=MRG\n 84 | T01=50", {}, "PR PR"),
    "a partner that was not evaluated": ("-10 | T01=40 T02=40\n 42 | T01=50 T02=MRG\n 84 | T01=50 T02=ND", {}, "PR NE"),
    "a partner apart again": ("-10 | T01=40 T02=40\n 42 | T01=50 T02=MRG\n 84 | T01=40 T02=40", {}, "PR PD"),
    "merged and gone": ("-10 | T01=40 T02=40\n 42 | T01=0 T02=MRG", {}, "CR"),
}  # fmt: skip


@pytest.fixture(scope="module")
def answers():
    return solve(CASES)


@pytest.mark.parametrize("name", CASES)
def test_target_response(name, answers):
    assert values(answers[name][0], "DTRGRESP") == CASES[name][2]
