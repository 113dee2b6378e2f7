"""What the investigator writes down after each scan: RECIST 1.1 as the protocol has it.

Written for the simulator alone, from the protocol's text; the pipeline's own rules are elsewhere and not used here.
Lengths are whole tenths of a millimetre, so that 70.0 against 100.0 is exactly 30% less.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from flows.simulate.arrays import Bools, Ints, Texts
from specs.models import ResponseParameters

PRESENT, ABSENT, PROGRESSED, NOT_DONE = 0, 1, 2, 3  # states of a non-target lesion
NO_NEW, EQUIVOCAL, UNEQUIVOCAL = 0, 1, 2  # new lesions at a scan


@dataclass(frozen=True)
class Measured:
    """Everything seen, subject by lesion by scan (in order of time)."""

    baseline: Ints  # subject x lesion, tenths of a millimetre; 0 where there is no such lesion
    size: Ints  # subject x lesion x scan: what the lesion adds to the sum
    missing: Bools  # subject x lesion x scan: not evaluated
    node: Bools  # subject x lesion
    nontarget: Ints  # subject x lesion x scan: PRESENT, ABSENT, PROGRESSED or NOT_DONE
    has_nontarget: Bools  # subject x lesion
    new: Ints  # subject x scan: NO_NEW, EQUIVOCAL or UNEQUIVOCAL
    done: Bools  # subject x scan


@dataclass(frozen=True)
class Responses:
    """Codes as the response form offers them, subject by scan."""

    target: Texts
    nontarget: Texts
    overall: Texts


def respond(seen: Measured, rule: ResponseParameters) -> Responses:
    """The response at each scan that was done, with what the scans before it leave behind: nadir, and a CR.

    A scan not done gives `""` and leaves nothing behind.
    """
    size, _, scans = seen.size.shape
    target = np.full((size, scans), "", dtype=object)
    nontarget, overall = target.copy(), target.copy()
    real = seen.baseline > 0
    base = seen.baseline.sum(axis=1)
    nadir = base.copy()
    complete_response = np.zeros(size, dtype=bool)
    for k in range(scans):
        done = seen.done[:, k]
        total = np.where(seen.missing[:, :, k], 0, seen.size[:, :, k]).sum(axis=1)
        missing: Bools = np.any(seen.missing[:, :, k] & real, axis=1)
        back = ((seen.size[:, :, k] > 0) & ~seen.missing[:, :, k] & real & ~seen.node).any(axis=1) & complete_response
        t = _target(seen, k, rule, total, base, nadir, missing)
        t = np.where(back & real.any(axis=1), "PD", t)
        n = _nontarget(seen, k, complete_response)
        o = _overall(t, n, seen.new[:, k] == UNEQUIVOCAL)
        target[done, k], nontarget[done, k], overall[done, k] = t[done], n[done], o[done]
        nadir = np.where(done & ~missing, np.minimum(nadir, total), nadir)
        complete_response |= done & (o == "CR")
    return Responses(target, nontarget, overall)


def _target(
    seen: Measured, k: int, rule: ResponseParameters, total: Ints, base: Ints, nadir: Ints, missing: Bools
) -> Texts:
    """The first that holds: no target, CR, PD, not evaluable, PR, SD."""
    real = seen.baseline > 0
    gone = np.where(seen.node, seen.size[:, :, k] < round(rule.node_normal_mm * 10), seen.size[:, :, k] == 0)
    grown, shrunk = _exact(1) + _exact(rule.pd_increase), _exact(1) - _exact(rule.pr_decrease)
    progressed = (total * grown.denominator >= nadir * grown.numerator) & (
        total - nadir >= round(rule.pd_increase_mm * 10)
    )
    return np.select(
        [
            ~real.any(axis=1),
            (gone | ~real).all(axis=1) & ~missing,
            progressed,
            missing,
            total * shrunk.denominator <= base * shrunk.numerator,
        ],
        ["NA", "CR", "PD", "NE", "PR"],
        "SD",
    ).astype(object)


def _exact(value: float) -> Fraction:
    return Fraction(str(value))


def _nontarget(seen: Measured, k: int, after_complete_response: Bools) -> Texts:
    """The first that holds: none at baseline, unequivocal progression (or back after a CR), not evaluated, gone."""
    state, real = seen.nontarget[:, :, k], seen.has_nontarget
    back = ((state == PRESENT) & real).any(axis=1) & after_complete_response
    return np.select(
        [
            ~real.any(axis=1),
            ((state == PROGRESSED) & real).any(axis=1) | back,
            ((state == NOT_DONE) & real).any(axis=1),
            ((state == ABSENT) | ~real).all(axis=1),
        ],
        ["NA", "PD", "NE", "CR"],
        "NN",
    ).astype(object)


def _overall(target: Texts, nontarget: Texts, new: Bools) -> Texts:
    """RECIST 1.1 tables 1 and 2; an absent half of the table acts as CR, or leaves the other half to decide."""
    whole = np.isin(nontarget, ("CR", "NA"))
    return np.select(
        [
            new | (target == "PD") | (nontarget == "PD"),
            target == "NA",
            (target == "CR") & whole,
            np.isin(target, ("CR", "PR")),
        ],
        ["PD", np.where(nontarget == "NA", "NE", nontarget), "CR", "PR"],
        target,
    ).astype(object)
