"""Specs with one fault each: refused before any data is read, with place, fact, and what was probably meant."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from specs import KnownRules, load_study
from specs.errors import SpecError

QL1706 = Path(__file__).parents[2] / "specs" / "ql1706"
RULES = KnownRules(sdtm=frozenset({"study_day", "first_of"}), adam=frozenset({"treatment_emergent"}))

AE = """\
dataset: AE
label: Adverse Events
class: Events
structure: One record per event
keys: [STUDYID, AETERM]
sources:
  - form: AE
steps:
  - rule: first_of
variables:
  STUDYID: {label: Study Identifier, type: Char, core: Req, constant: X}
  AETERM: {label: Reported Term, type: Char, core: Req, from: AETERM}
  AESTDTC: {label: Start Date/Time, type: Char, core: Exp, from: AESTDAT, as: iso8601}
  AESTDY: {label: Study Day of Start, type: Num, core: Perm, rule: study_day, of: AESTDTC}
"""
ADAE = """\
dataset: ADAE
label: Adverse Events Analysis
class: OCCURRENCE DATA STRUCTURE
structure: One record per event
keys: [STUDYID, AETERM]
variables:
  STUDYID: {label: Study Identifier, type: Char, core: Req}
  AETERM: {label: Reported Term, type: Char, core: Req}
  ASTDT: {label: Start Date, type: Num, format: DATE9., needs: [AE.AESTDTC]}
  TRTEMFL:
    label: Treatment Emergent
    type: Char
    rule: treatment_emergent
    needs: [ASTDT]
    says: "Y up to {safety_teae_days} days after the last dose"
"""


@pytest.fixture
def folder(tmp_path) -> Path:
    """The study's own top-level files, and one small dataset of each half."""
    study = tmp_path / "mystudy"
    (study / "sdtm").mkdir(parents=True)
    (study / "adam").mkdir()
    for name in ("study", "choices", "forms"):
        shutil.copy(QL1706 / f"{name}.yaml", study)
    (study / "codelists.yaml").write_text(
        "NY: {name: No Yes, code: C66742, terms: {N: {code: C49487}, Y: {code: C49488}}}\n"
        "DATEFL: {name: Date Imputation Flag, code: C81223, package: ADaM, terms: {D: {code: C81212}}}\n"
    )
    (study / "sdtm" / "ae.yaml").write_text(AE)
    (study / "adam" / "adae.yaml").write_text(ADAE)
    return study


def test_the_sound_study_is_read(folder):
    spec = load_study(str(folder), RULES)
    assert spec.studyid == "QL1706-ESCC"
    assert list(spec.sdtm) == ["AE"]
    assert list(spec.adam) == ["ADAE"]


STUDY, FORMS, CHOICES, CODELISTS = "study.yaml", "forms.yaml", "choices.yaml", "codelists.yaml"
SDTM, ADAM = "sdtm/ae.yaml", "adam/adae.yaml"
FAULTS = {
    # name: (file, old text, new text, code, place, words)
    "unknown key of the study": (
        STUDY, "studyid:", "studdyid:",
        "SPEC-005", "study.yaml, studdyid", ["Unknown key 'studdyid'", "did you mean 'studyid'?"],
    ),
    "needed key missing": (STUDY, "project: QL1706\n", "", "SPEC-005", "study.yaml, project", ["Field required"]),
    "unknown parameter": (
        STUDY, "window_days: 21", "windowdays: 21",
        "SPEC-005", "parameters.dlt.windowdays", ["did you mean 'window_days'"],
    ),
    "text for a number": (
        STUDY, "confirm_days: 28", "confirm_days: four weeks",
        "SPEC-005", "parameters.response.confirm_days", ["'four weeks'"],
    ),
    "word that is no choice": (
        STUDY, "source: investigator", "source: central",
        "SPEC-005", "parameters.response.source", ["'derived'", "'central'"],
    ),
    "pattern that is no pattern": (
        STUDY, r"'\d{5}'", r"'(\d{5}'", "SPEC-005", "identity", ["`subject_pattern` is no regular expression"],
    ),
    "unknown part of USUBJID": (
        STUDY, '"{study}-{subject}"', '"{study}-{person}"',
        "SPEC-005", "identity", ["'person'", "study, site and subject"],
    ),
    "unknown subject form": (
        STUDY, "subject_form: SUBJ", "subject_form: SUBJECT",
        "SPEC-006", "identity.subject_form", ["no form 'SUBJECT'", "'SUBJ'"],
    ),
    "unknown field for the former number": (
        STUDY, "previous_subject: PREVSUBJ", "previous_subject: PREVSUB", "SPEC-006", "identity.previous_subject",
        ["no field of form SUBJ 'PREVSUB'", "did you mean 'PREVSUBJ'"],
    ),
    "key twice": (
        STUDY, "studyid:", "studyid: A\nstudyid:", "SPEC-003", "study.yaml", ["'studyid' stands twice", "line"],
    ),
    "no YAML": (STUDY, "drugs:", "drugs: [", "SPEC-003", "study.yaml", ["no valid YAML"]),
    "label beyond ASCII": (
        ADAM, "label: Adverse Events Analysis", "label: Adverse Events Analyse µ", "SPEC-005", "adae.yaml, label",
        ["beyond ASCII", "xpt_text"],
    ),
    "date without quotes": (STUDY, '"2022-09-30"', "2022-09-30", "SPEC-005", "ct_version", ["valid string"]),
    "unknown kind of field": (FORMS, "kind: text}", "kind: txt}", "SPEC-005", "SUBJ.fields.PREVSUBJ.kind", ["'txt'"]),
    "date without order": (
        FORMS, "ENRDAT: {label: Date of enrolment, kind: date, order: DMY}", "ENRDAT: {label: E, kind: date}",
        "SPEC-005", "SUBJ.fields.ENRDAT", ["`order`"],
    ),
    "text with choices": (
        FORMS, "PREVSUBJ: {label: Previous subject number (re-screening), kind: text}",
        "PREVSUBJ: {label: P, kind: text, choices: YESNO}", "SPEC-005", "SUBJ.fields.PREVSUBJ", ["`choices`"],
    ),
    "unknown choices": (
        FORMS, "choices: PHASE}", "choices: PHASES}", "SPEC-006", "forms.yaml, SUBJ.PHASE.choices",
        ["no list of choices 'PHASES'", "did you mean 'PHASE'"],
    ),
    "field name of nine characters": (
        FORMS, "PREVSUBJ:", "PREVSUBJX:", "SPEC-005", "SUBJ.fields.PREVSUBJX", ["no SAS name", "at most 8"],
    ),
    "code read as a boolean by others": (
        CHOICES, '{Y: "Yes"', "{Y: true", "SPEC-005", "choices.yaml, YESNO.Y", ["valid string"],
    ),
    "code that is a number": (
        CHOICES, '{"1": Grade', "{1: Grade", "SPEC-005", "choices.yaml, GRADE.1", ["valid string"],
    ),
    "codelist of ADaM terminology without a package": (
        STUDY, 'adam_ct_version: "2022-06-24"', "", "SPEC-006", "study.yaml, adam_ct_version",
        ["ADaM terminology (DATEFL)"],
    ),
    "unknown class": (
        SDTM, "class: Events", "class: Event", "SPEC-005", "ae.yaml, class",
        ["no class 'Event'", "did you mean 'EVENTS'"],
    ),
    "codelist without terms": (
        CODELISTS, ", terms: {N: {code: C49487}, Y: {code: C49488}}", "",
        "SPEC-005", "codelists.yaml, NY.terms", ["Field required"],
    ),
    "code that NCI does not give": (
        CODELISTS, "code: C49488", "code: 49488", "SPEC-005", "codelists.yaml, NY.terms.Y.code", ["C"],
    ),
    "extension of a codelist that may not be extended": (
        CODELISTS, "Y: {code: C49488}", "Y: ", "SPEC-005", "codelists.yaml, NY", ["'Y' has no code", "C66742"],
    ),
    "text that means two terms": (
        CODELISTS, "N: {code: C49487}", "N: {code: C49487, synonyms: ['y']}",
        "SPEC-005", "codelists.yaml, NY", ["'y' means N and Y"],
    ),
    "package that is no date": (STUDY, '"2022-09-30"', '"newest"', "SPEC-005", "ct_version", ["pattern"]),
    "unknown dictionary": (
        SDTM, "label: Reported Term,", "label: Reported Term, dictionary: MEDRA,",
        "SPEC-006", "variables.AETERM.dictionary", ["no dictionary 'MEDRA'", "did you mean 'MEDDRA'"],
    ),
    "proof of life by what the domain lacks": (
        STUDY, "date: AESTDTC}", "date: AESTDT}",
        "SPEC-006", "parameters.subject.alive.9", ["no variable 'AESTDT' in AE", "did you mean 'AESTDTC'"],
    ),
    "proof of life from a domain that there cannot be": (
        STUDY, "domain: VS, date", "domain: VST, date",
        "SPEC-006", "parameters.subject.alive.6", ["no SDTM domain 'VST'", "did you mean 'VS'"],
    ),
    "proof of life by a date that the domain cannot have": (
        STUDY, "date: VSDTC", "date: VSDCT",
        "SPEC-006", "parameters.subject.alive.6", ["VS cannot have a date 'VSDCT'", "did you mean 'VSDTC'"],
    ),
    "proof of life by the variable of another domain": (
        STUDY, "unless: [VSSTAT,", "unless: [SVSTAT,",
        "SPEC-006", "parameters.subject.alive.6", ["VS cannot have a variable 'SVSTAT'"],
    ),
    "proof of life unless what the domain cannot have": (
        STUDY, "{domain: AE, date: AESTDTC}", "{domain: AE, date: AESTDTC, unless: [EAPRESP, N]}",
        "SPEC-006", "parameters.subject.alive.9", ["AE cannot have a variable 'EAPRESP'"],
    ),
    "minimum of a text": (
        SDTM, "type: Char, core: Exp", "type: Char, minimum: 0, core: Exp",
        "SPEC-005", "variables.AESTDTC", ["`minimum`"],
    ),
    "reader without a name": (
        STUDY, "reader: {evaluator: INVESTIGATOR}", "reader: {accepted: true}",
        "SPEC-005", "parameters.response.reader.evaluator", ["Field required"],
    ),
    "origin that is no date of ADSL": (
        STUDY, "origin: first_dose", "origin: consent",
        "SPEC-005", "parameters.time_to_event.origin", ["'consent'", "'enrolment'"],
    ),
    "two versions of CTCAE": (
        STUDY, 'ctcae_version: "5.0"', 'ctcae_version: "6.0"',
        "SPEC-006", "parameters.dlt.ctcae_version", ["6.0", "5.0"],
    ),
    "label of 41 bytes": (
        SDTM, "label: Reported Term", f"label: {'x' * 41}", "SPEC-005", "variables.AETERM", ["41 bytes", "at most 40"],
    ),
    "label of 40 characters and 41 bytes": (
        SDTM, "label: Reported Term", f"label: {'x' * 39}é", "SPEC-005", "variables.AETERM", ["41 bytes"],
    ),
    "dataset label too long": (
        SDTM, "label: Adverse Events", f"label: {'x' * 41}", "SPEC-005", "sdtm/ae.yaml", ["41 bytes"],
    ),
    "label missing": (SDTM, "label: Reported Term, ", "", "SPEC-005", "variables.AETERM.label", ["Field required"]),
    "label blank": (SDTM, "label: Reported Term", 'label: ""', "SPEC-005", "variables.AETERM.label", ["at least 1"]),
    "variable of nine characters": (
        SDTM, "  AESTDY:", "  AESTUDYDY:", "SPEC-005", "variables.AESTUDYDY", ["no SAS name", "at most 8"],
    ),
    "variable in small letters": (SDTM, "  AESTDY:", "  aestdy:", "SPEC-005", "variables.aestdy", ["no SAS name"]),
    "type unknown": (SDTM, "type: Num", "type: Number", "SPEC-005", "variables.AESTDY.type", ["'Number'"]),
    "length over 200": (
        SDTM, "type: Char, core: Req, from: AETERM", "type: Char, length: 201, from: AETERM",
        "SPEC-005", "variables.AETERM.length", ["200"],
    ),
    "length of a number": (SDTM, "type: Num,", "type: Num, length: 8,", "SPEC-005", "variables.AESTDY", ["`length`"]),
    "format of a text": (
        SDTM, "type: Char, core: Exp", "type: Char, format: DATE9.", "SPEC-005", "variables.AESTDTC", ["`format`"],
    ),
    "unknown key of a variable": (
        SDTM, "core: Perm", "coree: Perm", "SPEC-005", "variables.AESTDY.coree", ["did you mean 'core'?"],
    ),
    "key that is no variable": (
        SDTM, "keys: [STUDYID, AETERM]", "keys: [STUDYID, AETERMS]", "SPEC-005", "sdtm/ae.yaml",
        ["'AETERMS' is no variable of AE", "did you mean 'AETERM'"],
    ),
    "no keys": (SDTM, "keys: [STUDYID, AETERM]", "keys: []", "SPEC-005", "sdtm/ae.yaml, keys", ["at least 1"]),
    "file name of another dataset": (
        SDTM, "dataset: AE", "dataset: CM", "SPEC-004", "sdtm/ae.yaml", ["dataset CM", "says AE"],
    ),
    "unknown form of a source": (
        SDTM, "- form: AE", "- form: AES", "SPEC-006", "sdtm/ae.yaml, sources.0", ["no form 'AES'"],
    ),
    "unknown field of a form": (
        SDTM, "from: AETERM", "from: AETERMS", "SPEC-006", "sdtm/ae.yaml, sources.0",
        ["no field of form AE 'AETERMS'", "did you mean 'AETERM'"],
    ),
    "text read as a date": (
        SDTM, "from: AETERM}", "from: AETERM, as: iso8601}", "SPEC-006", "AETERM", ["does not fit AETERM", "kind text"],
    ),
    "unknown codelist": (
        SDTM, "label: Reported Term,", "label: Reported Term, codelist: NYY,", "SPEC-006",
        "sdtm/ae.yaml, variables.AETERM.codelist", ["no codelist 'NYY'", "did you mean 'NY'"],
    ),
    "unknown rule": (
        SDTM, "rule: study_day", "rule: studyday", "SPEC-006", "sdtm/ae.yaml, variables.AESTDY.rule",
        ["no rule 'studyday'", "did you mean 'study_day'"],
    ),
    "unknown rule of a step": (
        SDTM, "rule: first_of", "rule: first_off", "SPEC-006", "sdtm/ae.yaml, steps.0.rule", ["no rule 'first_off'"],
    ),
    "unknown rule of the other half": (
        ADAM, "rule: treatment_emergent", "rule: study_day", "SPEC-006", "adam/adae.yaml, variables.TRTEMFL.rule",
        ["no rule 'study_day'"],
    ),
    "need that nobody makes": (
        ADAM, "needs: [ASTDT]", "needs: [ASTDTM]",
        "SPEC-006", "variables.TRTEMFL.needs", ["no variable 'ASTDTM'", "'ASTDT'"],
    ),
    "need of an unknown dataset": (
        ADAM, "needs: [AE.AESTDTC]", "needs: [AX.AESTDTC]", "SPEC-006", "variables.ASTDT.needs", ["no dataset 'AX'"],
    ),
    "need of an unknown variable of another dataset": (
        ADAM, "needs: [AE.AESTDTC]", "needs: [AE.AESTDT]",
        "SPEC-006", "variables.ASTDT.needs", ["no variable 'AE.AESTDT'"],
    ),
    "circle of two": (
        ADAM, "needs: [AE.AESTDTC]", "needs: [TRTEMFL]", "SPEC-007", "adam/adae.yaml", ["ASTDT -> TRTEMFL -> ASTDT"],
    ),
    "circle of one": (ADAM, "needs: [ASTDT]", "needs: [TRTEMFL]", "SPEC-007", "adam/adae.yaml", ["TRTEMFL -> TRTEMFL"]),
    "unknown parameter in a sentence": (
        ADAM, "{safety_teae_days}", "{teae_days}", "SPEC-006", "variables.TRTEMFL.says",
        ["no study parameter 'teae_days'", "'safety_teae_days'"],
    ),
    "open brace in a sentence": (
        ADAM, "{safety_teae_days}", "{safety_teae_days", "SPEC-005", "variables.TRTEMFL", ["braces"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "code", "place", "words"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_refused(folder, file, old, new, code, place, words):
    text = (folder / file).read_text()
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1))
    with pytest.raises(SpecError) as caught:
        load_study(str(folder), RULES)
    assert caught.value.exit_code == 10
    problem = next(p for p in caught.value.problems if p.code == code and place in p.place)
    for word in [*words, "Next: "]:
        assert word in str(problem)


@pytest.mark.parametrize(("dataset", "group"), [("ADDLT", "dlt"), ("ADEX", "exposure")])
def test_a_dataset_without_the_parameters_that_it_needs_is_refused(folder, dataset, group):
    study = yaml.safe_load((folder / STUDY).read_text())
    (folder / STUDY).write_text(yaml.safe_dump(study | {"parameters": study["parameters"] | {group: None}}))
    assert load_study(str(folder), RULES).study.parameters is not None
    (folder / "adam" / f"{dataset.lower()}.yaml").write_text(ADAE.replace("dataset: ADAE", f"dataset: {dataset}"))
    with pytest.raises(SpecError) as caught:
        load_study(str(folder), RULES)
    (problem,) = caught.value.problems
    assert (problem.code, problem.place) == ("SPEC-009", f"study.yaml, parameters.{group}")
    assert dataset in problem.fact


@pytest.mark.parametrize("name", ["study.yaml", "choices.yaml", "codelists.yaml", "forms.yaml"])
def test_a_missing_file_is_named(folder, name):
    (folder / name).unlink()
    with pytest.raises(SpecError) as caught:
        load_study(str(folder))
    if name == "study.yaml":  # without it the folder is no study
        assert caught.value.problems[0].code == "SPEC-001"
    else:
        assert [(p.code, p.place) for p in caught.value.problems] == [("SPEC-002", f"mystudy/{name}")]


def test_a_file_that_cannot_be_read_is_named(folder):
    (folder / "choices.yaml").unlink()
    (folder / "choices.yaml").mkdir()
    with pytest.raises(SpecError, match="cannot be read"):
        load_study(str(folder))


def test_a_file_of_another_encoding_is_named(folder):
    (folder / "choices.yaml").write_bytes("YESNO: {Y: 是}\n".encode("gbk"))
    with pytest.raises(SpecError, match="no valid YAML"):
        load_study(str(folder))


def test_all_faults_of_a_stage_come_at_once(folder):
    for file, old, new in (
        (STUDY, "project: QL1706\n", "projekt: QL1706\n"),
        (SDTM, "label: Reported Term", f"label: {'x' * 50}"),
        (ADAM, "type: Num", "type: Number"),
    ):
        (folder / file).write_text((folder / file).read_text().replace(old, new, 1))
    with pytest.raises(SpecError) as caught:
        load_study(str(folder))
    places = [p.place for p in caught.value.problems]
    assert len(places) == 3
    for place in ("mystudy/study.yaml, projekt", "mystudy/sdtm/ae.yaml", "mystudy/adam/adae.yaml"):
        assert any(found.startswith(place) for found in places)


def test_an_unknown_study_names_the_known_and_the_near():
    with pytest.raises(SpecError, match="did you mean 'ql1706'") as caught:
        load_study("ql1760")
    assert caught.value.problems[0].code == "SPEC-001"
    with pytest.raises(SpecError, match=r"known studies: .*ql1706"):
        load_study("zzz")


# --- what is read, besides faults -------------------------------------------------------------------------------


def test_yes_and_no_are_words(folder):
    (folder / "choices.yaml").write_text((folder / "choices.yaml").read_text() + "\nON_OFF: {on: yes, off: no}\n")
    assert load_study(str(folder)).choices["ON_OFF"] == {"on": "yes", "off": "no"}


def test_a_merged_form_may_override_a_key(folder):
    forms = load_study(str(folder)).forms
    assert (forms["HEM"].label, forms["CHEM"].label) == ("Haematology", "Chemistry")
    assert forms["HEM"].fields == forms["CHEM"].fields


def test_the_digest_follows_the_bytes_of_the_specs_alone(folder, tmp_path):
    first = load_study(str(folder)).digest
    shutil.copytree(folder, tmp_path / "other")
    assert load_study(str(tmp_path / "other")).digest == first
    (folder / "notes.txt").write_text("no spec")
    assert load_study(str(folder)).digest == first
    (folder / SDTM).write_text(AE + "# a word\n")
    assert load_study(str(folder)).digest != first


POSSIBLE = {
    # what no spec of the study has, and SDTM can have
    "a sponsor's own domain": "{domain: XC, date: XCSTDTC, only: [XCTYPE, PHONE]}",
    "a domain without a spec": "{domain: CE, date: CEENDTC, unless: [CESTAT, NOT DONE]}",
    "a part of a domain": "{domain: QSCG, date: QSDTC, given: VISITNUM}",
    "demographics": "{domain: DM, date: RFICDTC, only: [SEX, F]}",
    "of a domain with a spec, unless what it lacks": "{domain: AE, date: AESTDTC, unless: [AEPRESP, N]}",
}


@pytest.mark.parametrize("proof", POSSIBLE.values(), ids=POSSIBLE)
def test_proofs_of_life_that_can_be_are_taken(folder, proof):
    path = folder / STUDY
    path.write_text(path.read_text().replace("{domain: TU, date: TUDTC}", proof))
    assert load_study(str(folder)).study.parameters.subject.alive[8].domain in proof


def test_rule_names_are_not_checked_without_the_code(folder):
    (folder / SDTM).write_text(AE.replace("rule: study_day", "rule: anything"))
    assert load_study(str(folder)).sdtm["AE"].variables["AESTDY"].rule == "anything"


def test_a_study_is_found_by_name_and_by_path(folder):
    assert load_study(str(folder)).digest == load_study(str(folder) + "/").digest
