"""Which visit a record belongs to: VISITNUM, VISIT and VISITDY from the folder (study.yaml, `visits`)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd

from sdtm.distinct import by_distinct, first_rows
from sdtm.iso8601 import read_dates
from sdtm.rule import Call, Rule
from sdtm.subjects import SCREENING
from specs import StudySpec, identity
from specs.dates import complete_date
from specs.mapping import Mapping
from specs.models import VisitSpec

VISIT_VARIABLES = ["VISITNUM", "VISIT", "VISITDY"]
_INSTANCE = ["USUBJID", identity.SUBJECT, identity.FOLDER, identity.INSTANCE]


def planned_visits(folders: Iterable[str], visits: list[VisitSpec]) -> pd.DataFrame:
    """VISITNUM, VISIT and VISITDY of each folder, the index; missing where the folder is no planned visit.

    A visit spec whose folder has `{n}` stands for a series of visits (specs/models.py, VisitSpec). Of several specs
    that fit, the first decides.
    """
    series = [(re.compile(re.escape(v.folder).replace(re.escape("{n}"), r"([1-9]\d*)")), v) for v in visits]
    rows = {folder: _planned(folder, series) for folder in dict.fromkeys(folders)}
    found = pd.DataFrame.from_dict(rows, orient="index", columns=VISIT_VARIABLES)
    return found.astype({"VISITNUM": "float64", "VISIT": "str", "VISITDY": "float64"})


def _planned(folder: str, series: list[tuple[re.Pattern[str], VisitSpec]]) -> tuple[float, str | None, float]:
    for pattern, visit in series:
        match = pattern.fullmatch(folder)
        nth = int(match[1]) if match and match.groups() else visit.first
        if match and visit.first <= nth <= visit.last:
            step = nth - visit.first
            day = np.nan if visit.day is None else visit.day + visit.days * step
            return visit.visitnum + visit.step * step, visit.visit.replace("{n}", str(nth)), day
    return np.nan, None, np.nan


def expand_visits(visits: list[VisitSpec]) -> Iterator[tuple[VisitSpec, int, float, str, float]]:
    """Every planned visit, of a series each one: its spec, which of the series, VISITNUM, VISIT, VISITDY (or NaN)."""
    for visit in visits:
        for n in range(visit.first, visit.last + 1):
            day = np.nan if visit.day is None else float(visit.day + visit.days * (n - visit.first))
            yield visit, n, visit.visitnum + visit.step * (n - visit.first), visit.visit.replace("{n}", str(n)), day


def add_visits(forms: dict[str, pd.DataFrame], study: StudySpec) -> dict[str, pd.DataFrame]:
    """Every form with VISITNUM, VISIT, VISITDY added. Rows and their order stay.

    The first matching line decides, for a subject number's folder and instance, the same on every form:
      1. the folder is a planned visit, and the number the person's latest -> its number, name and day
      2. the folder is the unscheduled one, or a planned visit under a number that the person had before a re-screening,
         and the instance has a date -> the number of the planned visit before it (the latest on or before that date; 0
         where there is none) plus hundredths, counted by date and instance; VISIT UNSCHEDULED and that number; VISITDY
         missing
      3. anything else (a folder of log forms, an unscheduled visit without any date) -> missing
    So a person has each planned visit once (SDTMIG 3.4 section 5.5: one record per visit).
    """
    folders = {folder for form in forms.values() for folder in form[identity.FOLDER].unique()}
    planned = planned_visits(sorted(folders), study.study.visits)
    earlier = _earlier_numbers(forms)
    dates = _visit_dates(forms, study, earlier)
    extra = _is_extra(dates, planned, earlier, study.study.unscheduled_folder)
    unscheduled = _number_unscheduled(dates, planned, extra)
    folder = study.study.unscheduled_folder
    return {name: _add(form, planned, unscheduled, earlier, folder) for name, form in forms.items()}


def _earlier_numbers(forms: dict[str, pd.DataFrame]) -> set[str]:
    """The subject numbers that a person had before the latest."""
    seen = [f.take(first_rows(f, [identity.SUBJECT]))[[identity.SUBJECT, "USUBJID", SCREENING]] for f in forms.values()]
    numbers = pd.concat(seen).drop_duplicates(identity.SUBJECT) if seen else pd.DataFrame({SCREENING: []})
    if numbers.empty or not (numbers[SCREENING] > 0).any():
        return set()
    return set(
        numbers.loc[numbers[SCREENING] < numbers.groupby("USUBJID")[SCREENING].transform("max"), identity.SUBJECT]
    )


def _is_extra(rows: pd.DataFrame, planned: pd.DataFrame, earlier: set[str], folder: str | None) -> pd.Series:
    """Which rows belong to an unscheduled visit, or to a planned one of an earlier screening."""
    here = rows[identity.FOLDER] == folder
    if earlier:
        visit = rows[identity.FOLDER].isin(planned.index[planned["VISITNUM"].notna()])
        here |= visit & rows[identity.SUBJECT].isin(earlier)
    return here


def _add(
    form: pd.DataFrame, planned: pd.DataFrame, unscheduled: pd.DataFrame, earlier: set[str], folder: str | None
) -> pd.DataFrame:
    codes, folders = pd.factorize(form[identity.FOLDER])
    places = planned.index.get_indexer(folders)[codes]
    here = _is_extra(form, planned, earlier, folder)
    if earlier:
        places = np.where(here, -1, places)
    out = {
        name: pd.Series(planned[name].array.take(places, allow_fill=True), index=form.index) for name in VISIT_VARIABLES
    }
    if len(unscheduled) and here.any():
        extra = form.loc[here, _INSTANCE]
        found = extra.merge(unscheduled, how="left", on=_INSTANCE).set_index(extra.index)
        for name in ("VISITNUM", "VISIT"):
            out[name] = out[name].fillna(found[name])
    return pd.concat([form, pd.DataFrame(out)], axis=1)


def _visit_dates(forms: dict[str, pd.DataFrame], study: StudySpec, earlier: set[str]) -> pd.DataFrame:
    """The date of each visit instance of the persons with unscheduled visits, or with several subject numbers.

    As the visit form (the source of SV) says, else the earliest date of its pages.
    """
    parts = [form[_INSTANCE].assign(TEXT=form[identity.PAGE_DATE], RANK=1) for form in forms.values()]
    sv = study.sdtm.get("SV")
    for source in sv.sources if sv else []:
        mapping = sv.mappings(source)[0][1].get("SVSTDTC") if sv else None
        if source.form in forms and mapping is not None:
            form = forms[source.form]
            parts.append(form[_INSTANCE].assign(TEXT=_collected(form, mapping, study, source.form), RANK=0))
    every = pd.concat(parts, ignore_index=True)
    extra = every[identity.FOLDER] == study.study.unscheduled_folder
    persons = every.loc[extra | every[identity.SUBJECT].isin(earlier) if earlier else extra, "USUBJID"].unique()
    every = every[every["USUBJID"].isin(persons)]
    every = every.take(first_rows(every, [*_INSTANCE, "TEXT", "RANK"]))
    every["DATE"] = by_distinct(every.pop("TEXT").str[:10], complete_date)
    every = every[every["DATE"].notna()].sort_values(["RANK", "DATE"], kind="stable")
    return every.drop_duplicates(_INSTANCE).drop(columns="RANK").reset_index(drop=True)


def _collected(form: pd.DataFrame, mapping: Mapping, study: StudySpec, name: str) -> pd.Series:
    field = mapping.from_ or ""
    spec = study.forms[name].fields.get(field)
    if field not in form or spec is None:
        return pd.Series(index=form.index, dtype="str")
    return read_dates(form[field], spec.order or "DMY")["dtc"]


def _number_unscheduled(dates: pd.DataFrame, visits: pd.DataFrame, is_extra: pd.Series) -> pd.DataFrame:
    """VISITNUM and VISIT of every instance of `is_extra`; all of them have a date."""
    extra = dates[is_extra].sort_values("DATE", kind="stable")
    planned = dates[~is_extra]
    planned = planned.assign(BASE=planned[identity.FOLDER].map(visits["VISITNUM"]).astype("float64"))
    planned = planned[planned["BASE"].notna()].sort_values(["DATE", "BASE"], kind="stable")
    found = pd.merge_asof(extra, planned[["USUBJID", "DATE", "BASE"]], on="DATE", by="USUBJID")
    found["BASE"] = found["BASE"].fillna(0)
    found["REPEAT"] = pd.to_numeric(found[identity.INSTANCE], errors="coerce")
    order = ["USUBJID", "BASE", "DATE", identity.SUBJECT, "REPEAT", identity.INSTANCE, identity.FOLDER]
    found = found.sort_values(order, kind="stable")
    rank = found.groupby(["USUBJID", "BASE"]).cumcount() + 1
    found["VISITNUM"] = (found["BASE"] + rank / 100).round(2)
    hundredths = (found["VISITNUM"] * 100).round().astype("int64").astype("str").str.zfill(3)
    found["VISIT"] = "UNSCHEDULED " + hundredths.str[:-2] + "." + hundredths.str[-2:]
    return found[[*_INSTANCE, "VISITNUM", "VISIT"]]


def _numbers(folders: pd.Series, visits: list[VisitSpec]) -> pd.Series:
    return by_distinct(folders, lambda f: planned_visits(f, visits)["VISITNUM"])


def _is_planned(frame: pd.DataFrame, call: Call) -> pd.Series:
    """Whether the visit has the number of its folder: neither unscheduled nor of an earlier screening."""
    return _numbers(frame[identity.FOLDER], call.study.study.visits).eq(frame["VISITNUM"])


def derive_planned_flag(frame: pd.DataFrame, call: Call) -> pd.Series:
    """SVPRESP: Y for a planned visit, else missing."""
    return pd.Series("Y", index=frame.index, dtype="str").where(_is_planned(frame, call))


def derive_visit_occurred(frame: pd.DataFrame, call: Call) -> pd.Series:
    """SVOCCUR. The first matching line decides: 1. not a planned visit -> missing; 2. the reason for its not taking
    place, `of`, is given and there is no date (SVSTDTC) -> N; 3. anything else -> Y.
    """  # noqa: D205  # cases belong together
    missed = frame[call.of].notna() & frame["SVSTDTC"].isna()
    return pd.Series("Y", index=frame.index, dtype="str").mask(missed, "N").where(_is_planned(frame, call))


def describe_unplanned(frame: pd.DataFrame, call: Call) -> pd.Series:
    """SVUPDES. The first matching line decides: 1. a planned visit -> missing; 2. the folder is a planned visit's, so
    the visit was under a number before a re-screening -> the argument `earlier`; 3. anything else -> `text`.
    """  # noqa: D205  # cases belong together
    text = pd.Series(str(call.args["text"]), index=frame.index, dtype="str")
    of_folder = _numbers(frame[identity.FOLDER], call.study.study.visits).notna()
    return text.mask(of_folder, str(call.args["earlier"])).mask(_is_planned(frame, call))


RULES = {
    "planned_flag": Rule(derive_planned_flag),
    "visit_occurred": Rule(derive_visit_occurred),
    "unplanned_text": Rule(describe_unplanned),
}
