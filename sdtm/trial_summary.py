"""TS: the trial summary parameters, stated in trial.yaml or derived from the subjects of the whole study."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from sdtm.days import DAY
from specs import StudySpec
from specs.trial import SummaryValue, TrialDesign

COLUMNS = ["TSPARMCD", "TSPARM", "TSSEQ", "TSGRPID", "TSVAL", "TSVALNF", "TSVALCD", "TSVCDREF", "TSVCDVER"]
CDISC = "CDISC CT"  # the dictionary whose version the study names once, as ct_version


@dataclass(frozen=True)
class Given:
    """What the trial design is made from: the specs, and the datasets of all subjects."""

    datasets: Mapping[str, pd.DataFrame]
    study: StudySpec
    trial: TrialDesign


def summarise_trial(given: Given) -> pd.DataFrame:
    """One row a value: COLUMNS, in the order of trial.yaml. TSSEQ counts within a parameter.

    The first matching line decides:
      1. a value is stated -> TSVAL, its {study parameters} filled in
      2. it is derived, and the data tells it -> TSVAL
      3. anything else -> TSVALNF, and neither code nor reference terminology
    TSPARM is the decode of TSPARMCD in the codelist. TSVCDVER of CDISC CT is the study's `ct_version`.
    """
    rows: list[tuple[Any, ...]] = []
    terms = given.study.codelists["TSPARMCD"].terms if given.trial.summary else {}
    for code, values in given.trial.summary.items():
        term = terms[code]
        for number, value in enumerate(values, start=1):
            text, name = _value(value, given), term.decode if term else None
            rows.append((code, name, number, value.group, text, *_qualifiers(value, text, given.study)))
    frame = pd.DataFrame(rows, columns=COLUMNS)
    return frame.astype({name: "float64" if name == "TSSEQ" else "str" for name in COLUMNS})


def _value(value: SummaryValue, given: Given) -> str | None:
    if value.derive:
        return DERIVATIONS[value.derive](given)
    parameters = given.study.study.parameters
    numbers = parameters.flat() if parameters else {}
    return value.value.format(**numbers) if value.value else None


def _qualifiers(value: SummaryValue, text: str | None, study: StudySpec) -> tuple[str | None, ...]:
    """TSVALNF, TSVALCD, TSVCDREF, TSVCDVER."""
    if text is None:
        return value.null_flavor, None, None, None
    version = value.version or (study.study.ct_version if value.dictionary == CDISC else None)
    return None, value.code, value.dictionary, version


def _enrolled(given: Given) -> pd.DataFrame:
    dm = given.datasets.get("DM")
    return pd.DataFrame({"USUBJID": [], "RFICDTC": []}) if dm is None else dm[dm["ARMCD"].notna()]


def count_subjects(given: Given) -> str | None:
    """How many subjects were enrolled: those with a planned arm in DM."""
    return str(len(_enrolled(given))) if len(_enrolled(given)) else None


def find_start(given: Given) -> str | None:
    """The earliest day of consent of an enrolled subject; complete dates only."""
    days = _enrolled(given)["RFICDTC"].astype("str").str[:DAY].dropna()
    days = days[days.str.len() == DAY]
    return str(days.min()) if len(days) else None


def find_end(given: Given) -> str | None:
    """The latest end of participation in SE, once every subject of DM has one; complete dates only."""
    se, dm = given.datasets.get("SE"), given.datasets.get("DM")
    if se is None or dm is None or se.empty:
        return None
    last = se.drop_duplicates("USUBJID", keep="last")
    days = last["SEENDTC"].str[:DAY].dropna()
    days = days[days.str.len() == DAY]
    return str(days.max()) if len(days) == len(dm) else None


def count_arms(given: Given) -> str | None:
    """How many arms were planned."""
    arms = given.study.study.arms
    return str(len(arms)) if arms else None


DERIVATIONS: Mapping[str, Callable[[Given], str | None]] = {
    "actual_subjects": count_subjects, "study_start": find_start, "study_end": find_end, "planned_arms": count_arms,
}  # fmt: skip
