"""A second study, of another field, from YAML alone: two forms, three domains, no Python."""

from __future__ import annotations

from pathlib import Path

FILES = {
    "study.yaml": """
studyid: ASTHMA-1
title: Lung function in asthma
project: ASTHMA
sdtmig: "3.4"
adamig: "1.3"
ct_version: "2022-09-30"
arms: {}
visits:
  - {folder: "V{n}", visit: "VISIT {n}", visitnum: 1, first: 1, last: 9, step: 1, day: 1, days: 7}
identity: {usubjid: "{study}.{site}.{subject}", subject_pattern: "[A-Z]-\\\\d{3}", subject_form: PAT}
""",
    "choices.yaml": "ARM: {P: Placebo, A: Active}\n",
    "codelists.yaml": """
SEX: {name: Sex, code: C66731, terms: {F: {code: C16576, synonyms: [Female, W]}, M: {code: C20197, synonyms: [Male]}}}
UNIT: {name: Unit, code: C71620, extensible: true, terms: {L: , "%": }}
""",
    "forms.yaml": """
PAT:
  label: Patient
  fields:
    GENDER: {label: Sex, kind: text}
    ARM: {label: Treatment, kind: coded, choices: ARM}
    BORN: {label: Born, kind: date, order: MDY}
SPIRO:
  label: Spirometry
  log: true
  fields:
    WHEN: {label: Date, kind: date, order: MDY}
    CLOCK: {label: Time, kind: time}
    FEV1: {label: FEV1, kind: number, units: true}
    PEF: {label: PEF, kind: number}
    QUALITY: {label: Quality, kind: text}
""",
    "sdtm/dm.yaml": """
dataset: DM
label: Demographics
class: Special Purpose
structure: One record per subject
keys: [STUDYID, USUBJID]
sources: [{form: PAT}]
variables:
  STUDYID: {label: Study Identifier, type: Char, core: Req}
  DOMAIN: {label: Domain Abbreviation, type: Char, core: Req}
  USUBJID: {label: Unique Subject Identifier, type: Char, core: Req}
  RFSTDTC: {label: Subject Reference Start Date/Time, type: Char, rule: earliest, args: {among: [RE.REDTC]}}
  BRTHDTC: {label: Date/Time of Birth, type: Char, from: BORN, as: iso8601}
  SEX: {label: Sex, type: Char, core: Req, codelist: SEX, from: GENDER, default: M}
  ARM: {label: Description of Planned Arm, type: Char, from: ARM, as: decode}
  LABEL: {label: Site and Subject, type: Char, template: "{_SITE}/{_SUBJECT}"}
""",
    "sdtm/re.yaml": """
dataset: RE
label: Respiratory System Findings
class: Findings
structure: One record per finding
keys: [STUDYID, USUBJID, RETESTCD, REDTC]
sources:
  - form: SPIRO
    where: [{field: QUALITY, not_in: [REJECTED]}]
    left_out: REJECTED-CURVE
    records:
      - where: [{field: FEV1, present: true}]
        map:
          RETESTCD: {constant: FEV1}
          REORRES: {from: FEV1}
          RESTRESN: {from: FEV1}
          REORRESU: {from: FEV1, as: unit, default: L}
      - where: [{field: PEF, above: 0}]
        map: {RETESTCD: {constant: PEF}, REORRES: {from: PEF}, RESTRESN: {from: PEF}, REORRESU: {constant: L/min}}
variables:
  STUDYID: {label: Study Identifier, type: Char, core: Req}
  DOMAIN: {label: Domain Abbreviation, type: Char, core: Req}
  USUBJID: {label: Unique Subject Identifier, type: Char, core: Req}
  RESEQ: {label: Sequence Number, type: Num, core: Req}
  RETESTCD: {label: Short Name, type: Char, core: Req}
  REORRES: {label: Result, type: Char}
  REORRESU: {label: Unit, type: Char, codelist: UNIT}
  RESTRESN: {label: Numeric Result, type: Num}
  VISITNUM: {label: Visit Number, type: Num}
  VISIT: {label: Visit Name, type: Char}
  VISITDY: {label: Planned Study Day of Visit, type: Num}
  REDTC: {label: Date/Time, type: Char, from: WHEN, as: iso8601, time: CLOCK}
  REDY: {label: Study Day, type: Num, rule: study_day, of: REDTC}
supplemental:
  QUALITY: {label: Quality of the Curve, type: Char, from: QUALITY, map: {"?": ""}}
""",
}


def write_study(folder: Path) -> str:
    """The study's folder, as `load_study` takes it."""
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.lstrip("\n"), encoding="utf-8")
    return str(folder)
