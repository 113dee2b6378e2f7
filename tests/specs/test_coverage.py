# ruff: noqa: E501  (tables are as wide as they are)
"""Where each field goes: every kind of use once, in a study made for it; then the study that is shipped."""

from __future__ import annotations

import pytest

from sdtm.sources import _columns
from specs import load_study
from specs.coverage import field_coverage
from specs.errors import SpecError
from tests.tables import table

STUDY = """
studyid: S
title: Coverage
project: S
sdtmig: "3.4"
adamig: "1.3"
ct_version: "2022-09-30"
arms: {}
visits: []
identity: {subject_pattern: ".*", subject_form: P, previous_subject: FORMER}
"""
CODELISTS = "NY: {name: No Yes Response, terms: {N: , Y: }}\nUNIT: {name: Unit, terms: {kg: }}\n"
FORMS = """
P:
  label: Patient
  fields:
    FORMER: {label: Number before, kind: text}
    PLAIN: {label: Copied, kind: text}
    NUM: {label: Number, kind: text}
    YES: {label: Codelist, kind: coded, choices: YN}
    MAPPED: {label: Map, kind: coded, choices: YN}
    BOTH: {label: Map and codelist, kind: coded, choices: YN}
    SHOWN: {label: Decode, kind: coded, choices: YN}
    FIRST: {label: First choice, kind: text}
    SECOND: {label: Second choice, kind: text}
    LEFT: {label: Left part, kind: text}
    RULED: {label: Helper of a rule, kind: text}
    DEEP: {label: Helper of a helper, kind: text}
    FAR: {label: Helper of another dataset, kind: text}
    NEEDED: {label: Needed by a rule, kind: text}
    EXTRA: {label: Supplemental with a rule, kind: text}
    IDLE: {label: Helper that nobody reads, kind: text}
    WHY: {label: Reason given, kind: text, not_submitted: The pharmacy keeps it.}
    LOST: {label: Nobody reads it, kind: text}
    CHECKED: {label: Only a check reads it, kind: date, order: DMY}
L:
  label: Lab
  log: true
  fields:
    DAY: {label: Date, kind: date, order: DMY}
    CLOCK: {label: Time, kind: time}
    WEIGHT: {label: Weight, kind: number, units: true}
    HEIGHT: {label: Height, kind: number, units: true}
    DONE: {label: Done, kind: coded, choices: YN}
    STATE: {label: State, kind: coded, choices: YN}
    KIND: {label: Kind, kind: coded, choices: YN}
    GROUP: {label: Group, kind: text}
    STEPPED: {label: Named by a step, kind: text}
    UNNAMED: {label: Helper in a dataset with steps, kind: text}
J:
  label: Joined
  fields:
    PLAIN: {label: Copied from the joined form, kind: text}
    ASKED: {label: Condition on the joined form, kind: text}
"""
DM = """
dataset: DM
label: Demographics
class: Special Purpose
structure: One record per subject
keys: [USUBJID]
sources: [{form: P}]
helpers:
  HRULED: {from: RULED}
  HDEEP: {from: DEEP}
  HMADE: {rule: copy, of: HDEEP}
  HFAR: {from: FAR}
  HNEEDED: {from: NEEDED}
  HIDLE: {from: IDLE}
variables:
  USUBJID: {label: Subject, type: Char}
  SITEID: {label: Site, type: Char, from: _SITE}
  PLAIN: {label: Copied, type: Char, from: PLAIN}
  NUM: {label: Number, type: Num, from: NUM}
  YES: {label: Codelist, type: Char, codelist: NY, from: YES}
  MAPPED: {label: Map, type: Char, from: MAPPED, map: {A: B}}
  BOTH: {label: Both, type: Char, codelist: NY, from: BOTH, map: {A: B}}
  SHOWN: {label: Decode, type: Char, from: SHOWN, as: decode}
  EITHER: {label: Either, type: Char, from: FIRST, or: {from: SECOND, or: {template: "{LEFT}!"}}}
  RULED: {label: Rule, type: Char, rule: strongest, args: {among: [HRULED, PLAIN], order: [HRULED]}}
  DEEP: {label: Rule, type: Char, rule: copy, of: HMADE}
  NEEDED: {label: Rule, type: Char, rule: strongest, needs: [NUM], args: {among: [{variable: DM.HNEEDED}]}}
  EXTRAD: {label: Rule, type: Char, rule: copy, of: EXTRA}
supplemental:
  EXTRA: {label: Extra, type: Char, from: EXTRA}
"""
LB = """
dataset: LB
label: Lab
class: Findings
structure: One record per test
keys: [USUBJID, LBTESTCD]
sources:
  - form: L
    where: [{any: [{field: DONE, in: [Y]}, {field: J.ASKED, present: true}]}]
    left_out: NOT-DONE
    pick: {by: [GROUP], left_out: DOUBLE}
    join: [{form: J, by: person}]
    records:
      - where: [{field: WEIGHT, present: true}]
        map: {LBTESTCD: {constant: WEIGHT}, LBORRES: {from: WEIGHT}, LBORRESU: {from: WEIGHT, as: unit}}
      - where: [{field: HEIGHT, present: true}]
        map: {LBTESTCD: {constant: HEIGHT}, LBORRES: {from: HEIGHT}}
      - where: [{field: STATE, in: [Y]}, {field: KIND, not_in: [Y]}]
        map: {LBTESTCD: {constant: STATE}, LBORRES: {constant: GOOD}}
      - where: [{field: STATE, in: [N]}]
        map: {LBTESTCD: {constant: STATE}, LBORRES: {constant: BAD}}
steps: [{rule: mend, args: {with: HSTEP}}]
helpers:
  HSTEP: {from: STEPPED}
  HUNNAMED: {from: UNNAMED}
variables:
  USUBJID: {label: Subject, type: Char}
  LBTESTCD: {label: Test, type: Char}
  LBORRES: {label: Result, type: Char}
  LBORRESU: {label: Unit, type: Char, codelist: UNIT}
  LBNAM: {label: Name, type: Char, from: J.PLAIN}
  LBFAR: {label: Rule, type: Char, rule: first_known, args: {among: [{variable: DM.HFAR, where: {DM.YES: [Y]}}]}}
  LBDTC: {label: Date, type: Char, from: DAY, as: iso8601, time: CLOCK}
"""
CHECKS = "CHK-309: {check: ongoing_with_end, forms: [{form: P, ongoing: PLAIN, end: CHECKED}]}\n"
USES = """
 form | field     | dataset | variable | how                                      | when
 P    | FORMER    | DM      | USUBJID  | links the numbers of one person          |
 P    | PLAIN     | DM      | PLAIN    | copied                                   |
 P    | PLAIN     |         |          | check CHK-309                            |
 P    | NUM       | DM      | NUM      | number                                   |
 P    | YES       | DM      | YES      | codelist NY                              |
 P    | MAPPED    | DM      | MAPPED   | map                                      |
 P    | BOTH      | DM      | BOTH     | map, codelist NY                         |
 P    | SHOWN     | DM      | SHOWN    | decode                                   |
 P    | FIRST     | DM      | EITHER   | copied                                   |
 P    | SECOND    | DM      | EITHER   | copied, where FIRST is blank             |
 P    | LEFT      | DM      | EITHER   | part of a text, where SECOND is blank    |
 P    | RULED     | DM      | RULED    | rule strongest                           |
 P    | DEEP      | DM      | DEEP     | rule copy                                |
 P    | FAR       | LB      | LBFAR    | rule first_known                         |
 P    | NEEDED    | DM      | NEEDED   | rule strongest                           |
 P    | EXTRA     | SUPPDM  | EXTRA    | copied                                   |
 P    | EXTRA     | DM      | EXTRAD   | rule copy                                |
 P    | CHECKED   |         |          | check CHK-309                            |
 P    | _SITE     | DM      | SITEID   | copied                                   |
 L    | DAY       | LB      | LBDTC    | date and time                            |
 L    | CLOCK     | LB      | LBDTC    | time of the date                         |
 L    | WEIGHT    | LB      | LBORRES  | copied                                   | LBTESTCD = WEIGHT
 L    | WEIGHT    | LB      |          | condition                                | LBTESTCD = WEIGHT
 L    | WEIGHT_UN | LB      | LBORRESU | unit, codelist UNIT                      | LBTESTCD = WEIGHT
 L    | HEIGHT    | LB      | LBORRES  | copied                                   | LBTESTCD = HEIGHT
 L    | HEIGHT    | LB      |          | condition                                | LBTESTCD = HEIGHT
 L    | DONE      | LB      |          | condition                                |
 L    | STATE     | LB      |          | condition                                | LBTESTCD = STATE
 L    | STATE     | LB      | LBTESTCD | chooses STATE                            |
 L    | STATE     | LB      | LBORRES  | chooses GOOD or BAD                      |
 L    | KIND      | LB      |          | condition                                | LBTESTCD = STATE
 L    | GROUP     | LB      |          | picks one record                         |
 L    | STEPPED   | LB      |          | step mend                                |
 L    | UNNAMED   | LB      |          | step mend                                |
 J    | PLAIN     | LB      | LBNAM    | copied                                   |
 J    | ASKED     | LB      |          | condition                                |
"""
UNEXPLAINED = """
 form | field     # why
 P    | IDLE      # a helper that no rule reads, in a dataset without steps
 P    | LOST      # not even a helper
 P    | CHECKED   # a check is no dataset
 L    | HEIGHT_UN # the number is mapped, its unit is not
 L    | DONE      # decides about records, but nobody can see its value
 L    | KIND      # the same, within `records`, and not by its values
 L    | GROUP     # chooses among records
 J    | ASKED     # decides, on a joined form
"""


def write(folder, **changed):
    files = {
        "study.yaml": STUDY, "choices.yaml": 'YN: {Y: "Yes", N: "No"}\n', "codelists.yaml": CODELISTS, "forms.yaml": FORMS,
        "checks.yaml": CHECKS, "sdtm/dm.yaml": DM, "sdtm/lb.yaml": LB,
    }  # fmt: skip
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(changed.get(name.removesuffix(".yaml"), text).lstrip("\n"), encoding="utf-8")
    return str(folder)


@pytest.fixture
def covered(tmp_path):
    return field_coverage(load_study(write(tmp_path)))


def test_every_use_of_every_field(covered):
    found = [[c.form, c.field, p.dataset, p.variable, p.how, p.when] for c in covered for p in c.places]

    assert found == table(USES).fillna("").to_numpy().tolist()


def test_what_reaches_no_variable_needs_a_reason(covered):
    found = [[c.form, c.field] for c in covered if c.unexplained]

    assert found == table(UNEXPLAINED).to_numpy().tolist()
    assert [(c.field, c.not_submitted) for c in covered if c.not_submitted] == [("WHY", "The pharmacy keeps it.")]


def test_each_field_and_each_unit_stands_once_in_the_order_of_the_forms(covered):
    of_lab = [c.field for c in covered if c.form == "L"]

    assert of_lab == [
        "DAY", "CLOCK", "WEIGHT", "WEIGHT_UN", "HEIGHT", "HEIGHT_UN", "DONE", "STATE", "KIND", "GROUP", "STEPPED", "UNNAMED",
    ]  # fmt: skip


def test_a_reason_on_a_field_that_is_submitted_is_refused(tmp_path):
    forms = FORMS.replace("PLAIN: {label: Copied,", "PLAIN: {not_submitted: Nobody wants it, label: Copied,")
    with pytest.raises(SpecError) as refused:
        load_study(write(tmp_path, forms=forms))

    (problem,) = refused.value.problems
    assert problem.code == "SPEC-008"
    assert problem.place == "forms.yaml, P.PLAIN.not_submitted"
    assert "DM.PLAIN has it (copied)" in problem.fact


def test_an_empty_reason_is_none(tmp_path):
    with pytest.raises(SpecError, match=r"WHY\.not_submitted"):
        load_study(write(tmp_path, forms=FORMS.replace("The pharmacy keeps it.", '""')))


def test_a_study_without_any_domain_yet_can_be_loaded(tmp_path):
    write(tmp_path)
    for name in ("dm", "lb"):
        (tmp_path / "sdtm" / f"{name}.yaml").unlink()

    covered = field_coverage(load_study(str(tmp_path)))

    assert [c.field for c in covered if c.reaches] == ["FORMER"]


def test_each_field_of_the_shipped_study_reaches_sdtm_or_says_why_not(study):
    assert [f"{c.form}.{c.field}" for c in field_coverage(study) if c.unexplained] == []
    assert {f"{c.form}.{c.field}" for c in field_coverage(study) if c.not_submitted} == {"IE.IEYN", "AE.AEYN"}


def test_no_field_that_the_mapping_reads_is_called_unused(study):
    used = {(c.form, c.field) for c in field_coverage(study) if c.places}
    for spec in study.sdtm.values():
        for source in spec.sources:
            forms = {source.form: "", **{join.form: f"{join.form}." for join in source.join}}
            for form, prefix in forms.items():
                fields = {name for name in study.forms[form].fields if prefix + name in _columns(spec, source)}
                assert {(form, name) for name in fields} <= used
