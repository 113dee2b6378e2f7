"""Which records take part: three named rules, each record left out by the first that applies, all counted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from flows.receive.canonical import ACTIVE, ReceivedForm
from specs.errors import did_you_mean
from specs.findings import combine, report
from specs.identity import SITE, SUBJECT
from specs.loader import StudySpec

INACTIVE, TEST, UNKNOWN = "INACTIVE-RECORD", "TEST-SUBJECT", "UNKNOWN-SUBJECT"
_MOST_COMPARED = 200  # so many unknown subject numbers are compared with the known ones letter by letter


@dataclass(frozen=True)
class Sifted:
    """The records kept, form by form; the inactive ones apart; what was left out and why, as findings and counts."""

    kept: dict[str, pd.DataFrame]
    inactive: dict[str, pd.DataFrame]
    findings: pd.DataFrame
    accounting: pd.DataFrame


def sift(forms: dict[str, ReceivedForm], study: StudySpec, subjects: pd.DataFrame) -> Sifted:
    """Leave out what is no data of a participant. The first rule that applies decides.

      1. INACTIVE-RECORD  the record was made inactive in the EDC (RAW-108)
      2. TEST-SUBJECT     the site is a test site, or the subject form has the subject there (RAW-109, on its record)
      3. UNKNOWN-SUBJECT  the subject form has no active record of the subject (RAW-110)

    `subjects`: the subject form's frame of the whole study, while the forms may be of some of its subjects.
    Accounting: form, file, rule, rows; READ = KEPT + the rules.
    """
    who = study.study.identity
    at_test_site = subjects[SITE].isin(who.test_sites)
    test_subjects = set(subjects.loc[at_test_site, SUBJECT])
    known = set(subjects.loc[(subjects[ACTIVE] == "1") & ~at_test_site, SUBJECT])
    kept: dict[str, pd.DataFrame] = {}
    inactive: dict[str, pd.DataFrame] = {}
    findings: list[pd.DataFrame] = []
    counts: list[tuple[str, str, str, int]] = []
    for form, received in forms.items():
        rows = received.frame
        is_inactive = (rows[ACTIVE] == "0").to_numpy()
        subject, numbers = pd.factorize(rows[SUBJECT])  # a look-up by distinct number: a form names each one many times
        texts = numbers.to_numpy(dtype=object)
        of_test = np.array([number in test_subjects for number in texts], dtype=bool)[subject]
        of_known = np.array([number in known for number in texts], dtype=bool)[subject]
        is_test = ~is_inactive & (rows[SITE].isin(who.test_sites).to_numpy() | of_test)
        is_unknown = ~is_inactive & ~is_test & ~of_known
        left_out = {INACTIVE: is_inactive, TEST: is_test, UNKNOWN: is_unknown}
        out = is_inactive | is_test | is_unknown
        kept[form] = rows[~out].reset_index(drop=True) if out.any() else rows
        inactive[form] = rows[is_inactive] if is_inactive.any() else rows.iloc[:0]
        counts.append((form, received.file, "READ", len(rows)))
        counts.append((form, received.file, "KEPT", len(kept[form])))
        counts += [(form, received.file, rule, int(mask.sum())) for rule, mask in left_out.items() if mask.any()]
        findings.append(report("RAW-108", inactive[form]))
        if form == who.subject_form:
            tests = rows[is_test]
            findings.append(report("RAW-109", tests, value=tests[SITE]))
        if is_unknown.any():
            strangers = rows[is_unknown]
            hints = _nearest(strangers[SUBJECT], known)
            findings.append(report("RAW-110", strangers, value=strangers[SUBJECT], form=who.subject_form, hint=hints))
    accounting = pd.DataFrame(counts, columns=["form", "file", "rule", "rows"])
    return Sifted(kept, inactive, combine(findings), accounting)


def _nearest(unknown: pd.Series, known: set[str]) -> pd.Series:
    """For each unknown subject number a sentence that names the known ones it may stand for, blank where none is near.

    First a number that differs by leading zeros only, then numbers that look alike.
    """
    bare: dict[str, list[str]] = {}
    for subject in sorted(known):
        bare.setdefault(subject.lstrip("0"), []).append(subject)
    hints: dict[str, str] = {}
    for count, subject in enumerate(sorted(set(unknown))):
        same = bare.get(subject.strip().lstrip("0"), [])
        if same:
            hints[subject] = f" It is {' or '.join(same)} but for leading zeros."
        elif count < _MOST_COMPARED:
            hint = did_you_mean(subject, known)
            hints[subject] = f" {hint[:1].upper()}{hint[1:]}" if hint else ""
    return unknown.map(hints).fillna("").astype("str")
