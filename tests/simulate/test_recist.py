"""The investigator's response in the simulator: PROTOCOL, Response, on lesions that were worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from flows.simulate.recist import (
    ABSENT,
    EQUIVOCAL,
    NO_NEW,
    NOT_DONE,
    PRESENT,
    PROGRESSED,
    UNEQUIVOCAL,
    Measured,
    respond,
)

NE = -1  # a target lesion that was not evaluated

TARGETS = [
    # baseline of each lesion, its size at each scan (tenths of a millimetre), nodes; target response at each scan
    ("sum exactly 30% smaller", [1000], [[700]], [], ["PR"]),
    ("sum not quite 30% smaller: 68 of 97", [970], [[680]], [], ["SD"]),
    ("20% and 5 mm above the nadir", [250], [[300]], [], ["PD"]),
    ("20%, but less than 5 mm", [200], [[240]], [], ["SD"]),
    ("5 mm, but less than 20%", [500], [[550]], [], ["SD"]),
    ("against the nadir, not against baseline", [1000], [[600, 720]], [], ["PR", "PD"]),
    ("shrunken by 30%, then again a little larger", [1000], [[700, 750]], [], ["PR", "SD"]),
    ("gone", [300], [[0]], [], ["CR"]),
    ("node of 9.9 mm is normal", [200], [[99]], [0], ["CR"]),
    ("node of 10.0 mm is not", [200], [[100]], [0], ["PR"]),
    ("one of two not evaluated", [300, 300], [[200], [NE]], [], ["NE"]),
    ("what is measured is enough for PD", [300, 300], [[800], [NE]], [], ["PD"]),
    ("a scan with a missing target sets no nadir", [300, 300], [[100, 300], [NE, 300]], [], ["NE", "SD"]),
    ("back after a CR, whatever its size", [300], [[0, 10]], [], ["CR", "PD"]),
    ("node back after a CR goes by the size rule", [200], [[90, 100]], [0], ["CR", "PR"]),
]


def _measured(baseline, scans, nodes=(), nontarget=(), new=None):
    lesions, count = len(baseline), len(scans[0]) if scans else len(nontarget[0])
    sizes = np.array(scans, dtype="int64").reshape(lesions, count)
    states = np.array(nontarget, dtype="int64").reshape(len(nontarget), count)
    return Measured(
        baseline=np.array([baseline], dtype="int64").reshape(1, lesions),
        size=np.maximum(sizes, 0)[None],
        missing=(sizes == NE)[None],
        node=np.array([[n in nodes for n in range(lesions)]], dtype=bool).reshape(1, lesions),
        nontarget=states[None],
        has_nontarget=np.ones((1, len(nontarget)), dtype=bool),
        new=np.array([new or [NO_NEW] * count]),
        done=np.ones((1, count), dtype=bool),
    )


@pytest.mark.parametrize(
    ("baseline", "scans", "nodes", "expected"), [c[1:] for c in TARGETS], ids=[c[0] for c in TARGETS]
)
def test_target_response(study, baseline, scans, nodes, expected):
    told = respond(_measured(baseline, scans, nodes), study.study.parameters.response)
    assert told.target[0].tolist() == expected


PR, SD, PD, CR = 700, 1000, 1300, 0
TABLE = [
    # target size (baseline 100 mm; None: no targets), non-targets, new lesion; overall response
    (CR, [ABSENT], NO_NEW, "CR"),
    (CR, [], NO_NEW, "CR"),
    (CR, [PRESENT], NO_NEW, "PR"),
    (CR, [NOT_DONE], NO_NEW, "PR"),
    (PR, [PRESENT], NO_NEW, "PR"),
    (PR, [NOT_DONE, ABSENT], NO_NEW, "PR"),
    (SD, [ABSENT], NO_NEW, "SD"),
    (SD, [NOT_DONE], NO_NEW, "SD"),
    (NE, [PRESENT], NO_NEW, "NE"),
    (PD, [ABSENT], NO_NEW, "PD"),
    (CR, [PROGRESSED], NO_NEW, "PD"),
    (CR, [NOT_DONE, PROGRESSED], NO_NEW, "PD"),
    (CR, [ABSENT], UNEQUIVOCAL, "PD"),
    (SD, [PRESENT], EQUIVOCAL, "SD"),
    (None, [ABSENT], NO_NEW, "CR"),
    (None, [PRESENT, ABSENT], NO_NEW, "NN"),
    (None, [NOT_DONE], NO_NEW, "NE"),
    (None, [PROGRESSED], NO_NEW, "PD"),
    (None, [PRESENT], UNEQUIVOCAL, "PD"),
]


@pytest.mark.parametrize(("size", "nontargets", "new", "expected"), TABLE)
def test_overall_response(study, size, nontargets, new, expected):
    baseline, scans = ([], []) if size is None else ([1000], [[size]])
    told = respond(
        _measured(baseline, scans, nontarget=[[n] for n in nontargets], new=[new]), study.study.parameters.response
    )
    assert told.overall[0].tolist() == [expected]


def test_no_response_without_a_scan(study):
    seen = _measured([1000], [[500, 700, 700]])
    seen.done[0, 0] = False  # the nadir of 50 mm was never seen
    told = respond(seen, study.study.parameters.response)
    assert told.overall[0].tolist() == ["", "PR", "PR"]
