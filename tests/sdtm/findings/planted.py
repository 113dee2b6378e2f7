"""Patients copied once a case, each copy broken in one place, and everything that is found on them.

A case names a patient (patients.py), what is changed of her, and the records on which its finding must stand:

    FORM.n.FIELD = value     the n-th record of the patient in a form gets a value
    drop FORM.n              the record is not there
    again FORM.n             the record is there once more, as the last of the form; FORM.new.FIELD = ... changes it
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from sdtm import build_sdtm
from sdtm.checks import check_sdtm
from specs import StudySpec, identity
from specs.findings import combine
from tests.sdtm.findings.patients import PATIENTS
from tests.sdtm.raw import raw_form


@dataclass(frozen=True)
class Case:
    """`found`: the records with a finding, as FORM.n, once a finding; none of a near miss."""

    code: str
    patient: str
    edits: tuple[str, ...]
    found: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.code} {'; '.join(self.edits)}"


def read_cases(text: str) -> list[Case]:
    """The cases of a text: a line `CODE | patient | FORM.n, FORM.n`, then indented lines of one change each.

    A line `near` begins a near miss of the case before, on the same patient or on the one named: nothing is found.
    """
    cases: list[Case] = []
    for line in text.strip().splitlines():
        told = line.split("#", 1)[0].rstrip()
        if "|" in told:
            code, patient, found = (part.strip() for part in told.split("|"))
            cases.append(Case(code, patient, (), tuple(part.strip() for part in found.split(","))))
        elif told.split()[:1] == ["near"]:
            cases.append(Case(cases[-1].code, (told.split()[1:] or [cases[-1].patient])[0], (), ()))
        elif told.strip():
            last = cases.pop()
            cases.append(Case(last.code, last.patient, (*last.edits, told.strip()), last.found))
    return cases


def plant(study: StudySpec, cases: list[Case]) -> dict[str, pd.DataFrame]:
    """The raw forms of all cases, each a patient of its own; record ids are the number of the case and FORM.n."""
    patients = {name: _patient(study, texts) for name, texts in PATIENTS.items()}
    copies = [_copy(patients, case, number) for number, case in enumerate(cases)]
    forms = {}
    for name in study.forms:
        parts = [copy[name] for copy in copies if name in copy]
        if parts:
            forms[name] = pd.concat(parts, ignore_index=True)
            forms[name][identity.LINE] = range(2, len(forms[name]) + 2)
    return forms


def find_planted(study: StudySpec, cases: list[Case]) -> dict[Case, list[tuple[str, str]]]:
    """Code and record (FORM.n) of all findings above information, and of those of the case's own code."""
    forms = plant(study, cases)
    build = build_sdtm(forms, study)
    found = combine([build.findings, check_sdtm(build, forms, study)])
    case_and_place = found["record_id"].str.split(":", n=1, expand=True)
    out: dict[Case, list[tuple[str, str]]] = {}
    for number, case in enumerate(cases):
        own = found[(case_and_place[0] == str(number)) & ((found["severity"] != "info") | (found["code"] == case.code))]
        out[case] = list(zip(own["code"], case_and_place.loc[own.index, 1], strict=True))
    return out


def _patient(study: StudySpec, texts: dict[str, str]) -> dict[str, pd.DataFrame]:
    forms = {name: raw_form(study, name, text) for name, text in texts.items()}
    return {name: form.assign(_NTH=[f"{name}.{n + 1}" for n in range(len(form))]) for name, form in forms.items()}


def _copy(patients: dict[str, dict[str, pd.DataFrame]], case: Case, number: int) -> dict[str, pd.DataFrame]:
    forms = {name: form.copy() for name, form in patients[case.patient].items()}
    for edit in case.edits:
        _change(forms, edit)
    numbers = {who: f"{number:04d}{n}" for n, who in enumerate((case.patient, "R1", "R2"))}
    for form in forms.values():
        form[identity.RECORD] = f"{number}:" + form.pop("_NTH")
        form[identity.SUBJECT] = form[identity.SUBJECT].replace(numbers)
        if "PREVSUBJ" in form:
            form["PREVSUBJ"] = form["PREVSUBJ"].replace(numbers)
        form[identity.SAVED] = "2026-01-01T00:00:00"
    return forms


def _change(forms: dict[str, pd.DataFrame], edit: str) -> None:
    verb, _, place = edit.partition(" ")
    if verb in ("drop", "again"):
        name = place.split(".")[0]
        form = forms[name]
        here = form["_NTH"] == place
        assert here.sum() == 1, f"{edit}: there is no such record"
        if verb == "drop":
            forms[name] = form[~here].reset_index(drop=True)
        else:
            forms[name] = pd.concat([form, form[here].assign(_NTH=f"{name}.new")], ignore_index=True)
        return
    left, _, value = edit.partition("=")
    name, nth, field = left.strip().split(".")
    form = forms[name]
    here = form["_NTH"] == f"{name}.{nth}"
    assert here.sum() == 1, f"{edit}: there is no such record"
    assert field in form, f"{edit}: there is no such field"
    form.loc[here, field] = value.strip()
