"""Small raw forms for tests: a table of the fields that matter, everything else blank."""

from __future__ import annotations

import pandas as pd

from specs import StudySpec, identity
from tests.tables import table

_DEFAULTS = {identity.SITE: "01", identity.FOLDER: "LOG", identity.INSTANCE: "0", identity.POSITION: "0"}
_SHORT = {
    "SUBJECT": identity.SUBJECT, "FOLDER": identity.FOLDER, "INSTANCE": identity.INSTANCE, "RECORD": identity.RECORD,
    "POSITION": identity.POSITION, "SITE": identity.SITE, "PAGEDATE": identity.PAGE_DATE,
}  # fmt: skip


def raw_form(study: StudySpec, form: str, text: str) -> pd.DataFrame:
    """A raw form frame of a study from a table; columns SUBJECT, FOLDER, ... stand for identity columns.

    Record ids count up from `<form>-1` where the table has none; coded fields without a `_DEC` column have the decode
    of choices.yaml.
    """
    given = table(text).rename(columns=_SHORT).fillna("")
    spec = study.forms[form]
    out: dict[str, object] = {}
    count = len(given)
    for name in identity.IDENTITY:
        out[name] = given[name] if name in given else pd.Series([_DEFAULTS.get(name, "")] * count, dtype="str")
    out[identity.FORM] = pd.Series([form] * count, dtype="str")
    out[identity.FILE] = pd.Series([f"{form}.csv"] * count, dtype="str")
    out[identity.LINE] = pd.Series(range(2, count + 2), dtype="int64")
    if identity.RECORD not in given:
        out[identity.RECORD] = pd.Series([f"{form}-{n + 1}" for n in range(count)], dtype="str")
    for name, field in spec.fields.items():
        blank = pd.Series([""] * count, dtype="str")
        out[name] = given.get(name, blank)
        if field.kind == "coded":
            decodes = study.choices[field.choices or ""]
            shown = given[name].map(lambda code, d=decodes: d.get(code, code)) if name in given else blank
            out[name + identity.DECODE_SUFFIX] = given.get(name + identity.DECODE_SUFFIX, shown).astype("str")
        if field.units:
            out[name + identity.UNIT_SUFFIX] = given.get(name + identity.UNIT_SUFFIX, blank)
    return pd.DataFrame(out)


def raw_forms(study: StudySpec, **forms: str) -> dict[str, pd.DataFrame]:
    """Several raw forms, each from its table."""
    return {form: raw_form(study, form, text) for form, text in forms.items()}
