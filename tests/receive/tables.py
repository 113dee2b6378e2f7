"""The mini study as another company exports it: with its own names, delimiter, encoding, codes and dates."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from flows.receive import RawExport, read_export
from specs import StudySpec, load_study
from specs.errors import CdiscFlowsError
from tests.receive.mini import CHOICES, FORMS, STUDY

ACME = """\
container: csv
label: Acme's listings
files: "ACME_{form_lower}_*.txt"
delimiter: ";"
encoding: gbk
missing: [NK, "-"]
may_be_empty: [SUBJ]
ignored: [STUDY]
identity:
  record: {columns: [PATNO, SEQ], joint: /}
  subject: PATNO
  site: CENTRE
  folder: {columns: [EVENT], words: {Screening: SCRN}}
  position: SEQ
  saved: LASTMOD
  active: {columns: [STATE], words: {current: "1", removed: "0"}}
columns:
  coded: {decode: "{field_lower}"}
  date: {typed: "{field_lower}", order: MDY}
  text: {typed: "{field_lower}"}
  time: {typed: "{field_lower}"}
  number: {typed: "{field_lower}", unit: "{field_lower}_unit"}
forms:
  SUBJ:
    file: patients.txt
    identity: {record: PATNO, folder: {constant: SCRN}, position: {constant: "0"}}
  AE:
    columns:
      AEOUT: {decode: null, code: outcome_no, codes: {"10": "1", "20": "2"}}
      AETERM: {typed: [term_1, term_2]}
    ignored: [comment]
"""
FILES = {
    "patients.txt": "STUDY;PATNO;CENTRE;LASTMOD;STATE;prevsubj\nM;00101;01;2025-05-01T10:00:00;current;-\n",
    "ACME_ae_20250501.txt": (
        "STUDY;PATNO;CENTRE;EVENT;SEQ;LASTMOD;STATE;term_1;term_2;aeser;outcome_no;aestdat;comment\n"
        "M;00101;01;Screening;1;2025-04-01T09:00:00;current;皮疹;, mild;Yes;10;03/10/2025;x\n"
        'M;00101;01;Screening;2;2025-04-01T09:00:00;removed;"Cough;\ndry";;No;20;NK;\n'
        "M;00101;01;Unplanned;3;2025-04-01T09:00:00;current;NA;;Maybe;30;UN/03/2025;\n"
    ),
    "ACME_vs_20250501.txt": (
        "STUDY;PATNO;CENTRE;EVENT;SEQ;LASTMOD;STATE;weight;weight_unit\n"
        "M;00101;01;Screening;1;2025-04-01T09:00:00;current;001;kg\n"
    ),
}
AE, VS = "ACME_ae_20250501.txt", "ACME_vs_20250501.txt"


class Tables:
    """Writes the export, sound or edited, and reads it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "raw"
        self.folder.mkdir()
        self.study_folder = folder / "mini"
        (self.study_folder / "layouts").mkdir(parents=True)
        texts = {"study": STUDY, "choices": CHOICES, "codelists": "{}\n", "forms": FORMS}
        for name, text in texts.items():
            (self.study_folder / f"{name}.yaml").write_text(text, encoding="utf-8")
        self.declare(ACME)
        for name, text in FILES.items():
            (self.folder / name).write_bytes(text.encode("gbk"))

    def declare(self, layout: str | dict, name: str = "acme") -> StudySpec:
        """Write a layout, and load the study with it."""
        text = layout if isinstance(layout, str) else yaml.safe_dump(layout, allow_unicode=True, sort_keys=False)
        (self.study_folder / "layouts" / f"{name}.yaml").write_text(text, encoding="utf-8")
        return self.load()

    def redeclare(self, **keys: object) -> StudySpec:
        """The layout with other values under some keys."""
        return self.declare(yaml.safe_load(ACME) | keys)

    def load(self) -> StudySpec:
        self.study = load_study(str(self.study_folder))
        return self.study

    def change(self, name: str, old: str, new: str) -> None:
        """Replace text in a file; the old one must be there."""
        raw = (self.folder / name).read_bytes()
        assert old.encode("gbk") in raw
        (self.folder / name).write_bytes(raw.replace(old.encode("gbk"), new.encode("gbk")))

    def read(self, form: str = "auto") -> RawExport:
        return read_export(self.folder, self.study, form)

    def refused(self, kind: type[CdiscFlowsError], form: str = "auto") -> dict[str, str]:
        """The problems with which reading ends: code and place -> all of the text."""
        with pytest.raises(kind) as caught:
            self.read(form)
        return {f"{p.code} {p.place}": str(p) for p in caught.value.problems}
