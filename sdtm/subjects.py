"""Who is who: one USUBJID a person, over all the subject numbers that the person had (study.yaml, `identity`)."""

from __future__ import annotations

import string
from typing import Any

import numpy as np
import pandas as pd

from sdtm.accounting import ROW
from sdtm.distinct import first_rows
from specs import StudySpec, identity

SCREENING = "_SCREENING"  # how many numbers the person had before this one (0 for the first)


def identify_persons(forms: dict[str, pd.DataFrame], study: StudySpec) -> pd.DataFrame:
    """For each subject number of the export: its person.

    A number is linked to the number before a re-screening, which the subject form states, and through chains to the
    first one; the first number makes the USUBJID. A number that names a text which is no subject number, or that
    closes a circle, is a first number. The first number counts even where the export no longer has it.

    Index: subject number. Columns: USUBJID, _SCREENING (int64), KNOWN (the subject form has the number).
    """
    who = study.study.identity
    every = [f[[identity.SUBJECT, identity.SITE]] for f in forms.values() if len(f)]
    every = [f.take(first_rows(f, [identity.SUBJECT])) for f in every]
    numbers = pd.concat(every) if every else pd.DataFrame({identity.SUBJECT: [], identity.SITE: []}, dtype="str")
    sites = numbers.drop_duplicates(identity.SUBJECT).set_index(identity.SUBJECT)[identity.SITE].sort_index()
    subject_form = forms.get(who.subject_form)
    collected = pd.Series(dtype="str") if subject_form is None else subject_form[identity.SUBJECT]
    known = pd.Series(sites.index, index=sites.index).isin(collected)
    before = _number_before(subject_form, who.previous_subject, who.subject_pattern)
    first, depth = _first_numbers(sites.index, before)
    site_of_first = first.map(sites).fillna(sites)
    parts: dict[str, pd.Series | str] = {"study": study.studyid, "site": site_of_first, "subject": first}
    return pd.DataFrame({"USUBJID": _filled(who.usubjid, parts, sites.index), SCREENING: depth, "KNOWN": known})


def find_circles(subject_form: pd.DataFrame, study: StudySpec) -> pd.Series:
    """Which records of the subject form have a number that is its own former number, directly or by way of others."""
    who = study.study.identity
    if who.previous_subject is None or who.previous_subject not in subject_form:
        return pd.Series(data=False, index=subject_form.index)
    before = _number_before(subject_form, who.previous_subject, who.subject_pattern)
    on_the_way = before
    circular = before.index[:0]
    for _ in range(len(before)):
        on_the_way = on_the_way.map(before).dropna()
        circular = circular.union(on_the_way.index[on_the_way == on_the_way.index])
        if on_the_way.index.isin(circular).all():
            break
    itself = subject_form[who.previous_subject].str.strip() == subject_form[identity.SUBJECT]
    return subject_form[identity.SUBJECT].isin(circular) | itself


def _number_before(form: pd.DataFrame | None, field: str | None, pattern: str) -> pd.Series:
    """Subject number -> number before, for those that have one."""
    if form is None or field is None or field not in form:
        return pd.Series(dtype="str")
    links = form[[identity.SUBJECT, field]].drop_duplicates(identity.SUBJECT).set_index(identity.SUBJECT)[field]
    links = links.str.strip()
    return links[links.str.fullmatch(pattern) & (links != links.index)]


def _first_numbers(numbers: pd.Index, before: pd.Series) -> tuple[pd.Series, pd.Series]:
    """The first number of each, and how many steps it is away; a number in a circle is its own first."""
    first = pd.Series(numbers, index=numbers, dtype="str")
    depth = pd.Series(np.int64(0), index=numbers)
    longer = -1
    while True:
        earlier = first.map(before)
        linked = earlier.notna()
        if linked.sum() == longer:  # every chain has come to its end: what goes on is a circle, or leads into one
            break
        longer = linked.sum()
        first = first.mask(linked, earlier)
        depth = depth + linked.astype("int64")
    circular = first.isin(before.index)
    return first.mask(circular, pd.Series(numbers, index=numbers, dtype="str")), depth.mask(circular, 0)


def _filled(template: str, parts: dict[str, pd.Series | str], index: pd.Index) -> pd.Series:
    text = pd.Series("", index=index, dtype="str")
    for literal, name, _, _ in string.Formatter().parse(template):
        text = text + literal
        if name:
            text = text + parts[name]
    return text


def add_persons(form: pd.DataFrame, persons: pd.DataFrame) -> pd.DataFrame:
    """The form with USUBJID, _SCREENING, KNOWN and ROW added. Rows and their order stay; the index: a RangeIndex."""
    codes, numbers = pd.factorize(form[identity.SUBJECT])
    found = persons.loc[pd.Index(numbers, dtype="str")]
    added: dict[str, Any] = {name: found[name].array.take(codes) for name in persons.columns}
    added[ROW] = np.arange(len(form))
    return pd.concat([form.reset_index(drop=True), pd.DataFrame(added)], axis=1)
