"""What belongs to the study and not to a subject: the trial design datasets, made once for the whole study."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from sdtm.built import SdtmBuild
from sdtm.finish import publish
from sdtm.long_text import continued, split_into
from sdtm.relations import RELREC, relate_datasets
from sdtm.trial_summary import Given, summarise_trial
from sdtm.visits import expand_visits
from specs import StudySpec
from specs.mapping import TRIAL_DESIGN
from specs.trial import TrialDesign

READ = ("DM", "SE", RELREC)  # the datasets whose values the trial design is made from; of others only how many rows


def add_trial_design(build: SdtmBuild, study: StudySpec) -> SdtmBuild:
    """The build with the datasets of `derive_trial_design` added, all in the order of the specs.

    In: the subject-level datasets of every subject of the study (sdtm/build.py, `build_subjects`); where the subjects
    were mapped in parts, the parts put together.
    """
    datasets = {**build.datasets, **derive_trial_design(build.datasets, study)}
    named = study.sdtm_order
    ordered = [*(name for name in named if name in datasets), *(name for name in datasets if name not in named)]
    return replace(build, datasets={name: datasets[name] for name in ordered})


def derive_trial_design(datasets: Mapping[str, pd.DataFrame], study: StudySpec) -> dict[str, pd.DataFrame]:
    """The datasets of the study's specs whose class is Trial Design, and RELREC with the relationships of datasets.

    In: the datasets of all subjects; of those that are not in READ only the number of rows counts. Source: SDTMIG
    3.4 sections 7 and 8.3.
    """
    made: dict[str, pd.DataFrame] = {}
    given = Given(datasets, study, study.trial or TrialDesign(elements={}, arms={}))
    for name, spec in study.sdtm.items():
        if spec.dataset_class == TRIAL_DESIGN and name in _DATASETS:
            rows = _DATASETS[name](given).assign(STUDYID=study.studyid, DOMAIN=name)
            ordered = rows.sort_values(spec.keys, kind="stable", ignore_index=True)
            if len(ordered) or not spec.may_be_empty:
                made[name] = publish(ordered, spec)
    return made | relate_datasets(datasets, study)


def _frame(columns: list[str], rows: list[tuple[Any, ...]], numbers: tuple[str, ...] = ()) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=columns)
    return frame.astype({name: "float64" if name in numbers else "str" for name in columns})


def _arms(given: Given) -> pd.DataFrame:
    """TA: each arm as the sequence of its elements."""
    names = {code: element.element for code, element in given.trial.elements.items()}
    arms = given.study.study.arms
    rows = [
        (arm, arms[arm].arm, order, c.element, names[c.element], c.branch, c.transition, c.epoch)
        for arm, cells in given.trial.arms.items()
        for order, c in enumerate(cells, start=1)
    ]
    return _frame(["ARMCD", "ARM", "TAETORD", "ETCD", "ELEMENT", "TABRANCH", "TATRANS", "EPOCH"], rows, ("TAETORD",))


def _elements(given: Given) -> pd.DataFrame:
    """TE: the elements."""
    rows = [(code, e.element, e.starts, e.ends, e.duration) for code, e in given.trial.elements.items()]
    return _frame(["ETCD", "ELEMENT", "TESTRL", "TEENRL", "TEDUR"], rows)


def _criteria(given: Given) -> pd.DataFrame:
    """TI: the criteria."""
    rows = [(code, c.text, c.category, c.subcategory) for code, c in given.trial.criteria.items()]
    return _frame(["IETESTCD", "IETEST", "IECAT", "IESCAT"], rows)


def _summary(given: Given) -> pd.DataFrame:
    """TS: the summary; a long value goes on in TSVAL1, TSVAL2, ..."""
    rows = summarise_trial(given)
    names = continued("TSVAL", list(given.study.sdtm["TS"].variables))
    return rows.drop(columns="TSVAL").join(split_into(rows["TSVAL"], names))


def _visits(given: Given) -> pd.DataFrame:
    """TV: every planned visit, of a series each one; no arm has visits of its own."""
    rows = []
    for visit, n, number, name, day in expand_visits(given.study.study.visits):
        facts = {"n": n, "day": "" if np.isnan(day) else f"{day:g}", "early": visit.early, "late": visit.late}
        starts, ends = ((text.format(**facts) if text else None) for text in (visit.starts, visit.ends))
        rows.append((number, name, day, starts, ends))
    return _frame(["VISITNUM", "VISIT", "VISITDY", "TVSTRL", "TVENRL"], rows, ("VISITNUM", "VISITDY"))


_DATASETS: Mapping[str, Callable[[Given], pd.DataFrame]] = {
    "TA": _arms, "TE": _elements, "TI": _criteria, "TS": _summary, "TV": _visits,
}  # fmt: skip
