"""Small tables as the evidence that a check looks at."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from sdtm.checks import CHECKS
from sdtm.checks.evidence import PLACE, Evidence
from specs import StudySpec, identity, load_study
from tests.tables import table


@pytest.fixture(scope="session")
def study() -> StudySpec:
    return load_study("ql1706")


def dataset(name: str, text: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A dataset from a table, and its lineage; `form` and `record` name the raw record, made up where absent."""
    frame = table(text)
    for column in frame.columns:
        if column.endswith(("NUM", "STRESN")):
            frame[column] = frame[column].astype("float64")
    frame[f"{name}SEQ"] = np.arange(1.0, len(frame) + 1)
    place = pd.DataFrame(dict.fromkeys(PLACE, ""), index=frame.index, dtype="str")
    place[identity.FORM] = frame.pop("form") if "form" in frame else name
    record = frame.pop("record") if "record" in frame else pd.Series(range(1, len(frame) + 1), dtype="str")
    place[identity.RECORD] = record
    place[identity.SUBJECT] = frame.pop("subject") if "subject" in frame else frame["USUBJID"]
    place[identity.FILE] = place[identity.FORM] + ".csv"
    place[identity.LINE] = pd.factorize(record)[0] + 2
    return frame, pd.concat([frame[["USUBJID", f"{name}SEQ"]], place], axis=1)


def raw_form(study: StudySpec, name: str, text: str) -> pd.DataFrame:
    """A raw form from a table; fields that the table lacks are blank, as are its blank cells.

    `subject`, `folder`, `line` and `record` are the identity columns of these names; USUBJID makes the subject number.
    """
    given = table(text).fillna("")
    given = given.rename(columns={"subject": identity.SUBJECT, "folder": identity.FOLDER, "line": identity.POSITION})
    columns = [*identity.IDENTITY, *study.forms[name].fields]
    columns += [f"{f}_DEC" for f, spec in study.forms[name].fields.items() if spec.kind == "coded"]
    columns += [f"{f}_UN" for f, spec in study.forms[name].fields.items() if spec.units]
    frame = pd.DataFrame({c: given.get(c, "") for c in columns}, index=given.index).astype("str")
    if "USUBJID" in given:
        frame["USUBJID"] = frame[identity.SUBJECT] = given["USUBJID"]
    frame[identity.FORM] = name
    frame[identity.FILE] = f"{name}.csv"
    frame[identity.LINE] = np.arange(2, len(frame) + 2)
    frame[identity.RECORD] = given["record"] if "record" in given else pd.Series(range(1, len(given) + 1), dtype="str")
    return frame


@pytest.fixture
def evidence(study: StudySpec) -> Callable[..., Evidence]:
    """Evidence from named tables: datasets by their two letters, forms as `raw={form: table}`."""

    def made(raw: dict[str, str] | None = None, **datasets: str) -> Evidence:
        built = {name: dataset(name, text) for name, text in datasets.items()}
        return Evidence(
            study=study,
            datasets={name: frame for name, (frame, _) in built.items()},
            lineage={name: lineage for name, (_, lineage) in built.items()},
            forms={name: raw_form(study, name, text) for name, text in (raw or {}).items()},
        )

    return made


@pytest.fixture
def check(study: StudySpec) -> Callable[[str, Evidence], pd.DataFrame]:
    """The findings of the study's check of a code."""

    def run(code: str, looked_at: Evidence) -> pd.DataFrame:
        spec = study.checks[code]
        return CHECKS[spec.check](looked_at, spec, code)

    return run
