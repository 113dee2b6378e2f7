"""The elements of the trial that each subject went through, and the epochs that lie in them (trial.yaml)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from sdtm.days import DAY, day_numbers
from sdtm.evidence import RULES as EVIDENCE
from sdtm.evidence import last_dose, look_up
from sdtm.rule import Call, Rule
from specs.trial import UNPLANNED, AllEnded, Begin, Cell, TrialDesign

PLACE = "_PLACE"  # 1, 2, ... among the elements of a subject
TAKEN = ["ETCD", "ELEMENT", "TAETORD", "EPOCH", "SESTDTC", "SEENDTC", "SEUPDES"]
_EPOCH_DAY = pd.Timestamp("1970-01-01")


def subject_elements(call: Call) -> pd.DataFrame:
    """The elements that every person of DM was in, one row each, in their order in time; made once a build.

    Columns: USUBJID, PLACE, those of TAKEN, and LOW and HIGH, the first and the last possible day number of the
    beginning (they differ where a date is partial). Which elements: those of the planned arm (DM.ARMCD); of a person
    without one, those that all arms share, and UNPLAN in place of the others. The first matching line decides:
      1. nothing tells when the element began -> not entered
      2. it begins some days after its evidence (`days_after`), and after the end of participation -> not entered
      3. a later element of the person certainly began before it -> not entered
      4. anything else -> entered
    SESTDTC: the day of the evidence. SEENDTC: SESTDTC of the next element; of the last one the end of participation,
    where that does not lie before its start. So there is no gap and no overlap. Source: SDTMIG 3.4 sections 5.3, 7.2.
    """
    return call.once("subject elements", lambda: _elements(call))


def _elements(call: Call) -> pd.DataFrame:
    trial = call.study.trial
    persons = call.take("DM", ["USUBJID", "ARMCD"]).drop_duplicates("USUBJID").reset_index(drop=True)
    if trial is None or persons.empty:
        return _none()
    begins = {code: _begin(element.begin, persons, call) for code, element in trial.elements.items()}
    ended = _ends_of_participation(persons, call)
    parts = []
    for arm, cells in trial.arms.items():
        here = persons["ARMCD"] == arm
        for order, cell in enumerate(cells, start=1):
            parts.append(_row(begins[cell.element], here, order, cell, trial))
    here = ~persons["ARMCD"].isin(list(trial.arms))
    parts += _without_arm(begins, here, trial)
    every = pd.concat([part.join(persons["USUBJID"]) for part in parts])
    every = every.assign(END=ended["VALUE"].reindex(every.index), END_HIGH=ended["HIGH"].reindex(every.index))
    every = every[~((every["AFTER"] > 0) & (every["LOW"] > every["END_HIGH"]))]
    every = every.sort_values(["USUBJID", "ORDER"], kind="stable", ignore_index=True)
    backwards = every[::-1]
    earliest = backwards.groupby("USUBJID")["HIGH"].cummin()  # of an element and those after it
    later = earliest.groupby(backwards["USUBJID"]).shift()[::-1]
    every = every[~(every["LOW"] > later.fillna(np.inf))].reset_index(drop=True)
    every[PLACE] = (every.groupby("USUBJID").cumcount() + 1).astype("float64")
    following = every.groupby("USUBJID")["SESTDTC"].shift(-1)
    every["SEENDTC"] = following.fillna(every["END"].where(every["END_HIGH"] >= every["LOW"])).astype("str")
    return every[["USUBJID", PLACE, *TAKEN, "LOW", "HIGH"]]


def _none() -> pd.DataFrame:
    numbers = [PLACE, "TAETORD", "LOW", "HIGH"]
    columns = ["USUBJID", PLACE, *TAKEN, "LOW", "HIGH"]
    return pd.DataFrame({n: pd.Series(dtype="float64" if n in numbers else "str") for n in columns})


def _row(begin: pd.DataFrame, here: pd.Series, order: float, cell: Cell, trial: TrialDesign) -> pd.DataFrame:
    """The persons that entered a cell of their arm; the index is that of the persons."""
    entered = begin[here & begin["SESTDTC"].notna()]
    facts: Mapping[str, Any] = {
        "ETCD": cell.element, "ELEMENT": trial.elements[cell.element].element, "EPOCH": cell.epoch, "SEUPDES": None,
    }  # fmt: skip
    texts = {name: pd.Series(value, index=entered.index, dtype="str") for name, value in facts.items()}
    return entered.assign(**texts, ORDER=float(order), TAETORD=float(order))


def _without_arm(begins: Mapping[str, pd.DataFrame], here: pd.Series, trial: TrialDesign) -> list[pd.DataFrame]:
    """The persons whom no arm planned: the elements that all arms share, and UNPLAN for the others."""
    arms = list(trial.arms.values())
    cells = {cell.element: cell for arm in arms for cell in arm}
    orders = {
        code: [n for arm in arms for n, cell in enumerate(arm, start=1) if cell.element == code] for code in cells
    }
    shared = [code for code in cells if all(any(cell.element == code for cell in arm) for arm in arms)]
    parts = []
    for code in shared:
        part = _row(begins[code], here, min(orders[code]), cells[code], trial)
        parts.append(part if len(set(orders[code])) == 1 else part.assign(TAETORD=np.nan))
    others = [code for code in cells if code not in shared]
    for epoch in dict.fromkeys(cells[code].epoch for code in others):
        own = [code for code in others if cells[code].epoch == epoch]
        first = pd.concat([begins[code] for code in own]).sort_values(["LOW", "HIGH"], kind="stable")
        first = first[~first.index.duplicated()].sort_index()
        part = _row(first, here, min(orders[own[0]]), cells[own[0]], trial)
        unplanned = {"ETCD": UNPLANNED, "ELEMENT": None, "SEUPDES": trial.unplanned}
        texts = {name: pd.Series(value, index=part.index, dtype="str") for name, value in unplanned.items()}
        parts.append(part.assign(**texts, TAETORD=np.nan))
    return parts


def _begin(begin: Begin, persons: pd.DataFrame, call: Call) -> pd.DataFrame:
    """For each person SESTDTC, LOW, HIGH and AFTER of an element; missing where the person did not enter it."""
    found = EVIDENCE[begin.rule](persons, replace(call, args={"among": begin.among}))
    assert isinstance(found, pd.Series)
    if begin.closed:
        found = found.where(persons["USUBJID"].isin(last_dose(call, *begin.closed).index))
    if begin.all_ended or begin.or_any:
        over = _any(begin.or_any, persons, call)
        over |= _all_ended(begin.all_ended, persons, call) if begin.all_ended else False
        found = found.where(over)
    low, high = day_numbers(found.str[:DAY])
    low, high = low + begin.days_after, high + begin.days_after
    days = (_EPOCH_DAY + pd.to_timedelta(low, unit="D")).dt.strftime("%Y-%m-%d").astype("str")
    start = found.str[:DAY].mask(low == high, days)
    return pd.DataFrame(
        {"SESTDTC": start, "LOW": low.fillna(-np.inf), "HIGH": high.fillna(np.inf), "AFTER": begin.days_after}
    ).astype({"SESTDTC": "str"})


def _any(looks: list[Any], persons: pd.DataFrame, call: Call) -> pd.Series:
    found = [look_up(call, look)["USUBJID"] for look in looks]
    return persons["USUBJID"].isin(pd.concat(found).unique() if found else [])


def _all_ended(asked: AllEnded, persons: pd.DataFrame, call: Call) -> pd.Series:
    """Whether each value of the one is among those of the other, person by person."""
    each, by = (
        look_up(call, name).drop_duplicates().rename(columns={"VALUE": name}) for name in (asked.each, asked.by)
    )
    paired = each.merge(by, how="left", left_on=["USUBJID", asked.each], right_on=["USUBJID", asked.by])
    going = paired.loc[paired[asked.by].isna(), "USUBJID"].unique()
    return persons["USUBJID"].isin(each["USUBJID"].unique()) & ~persons["USUBJID"].isin(going)


def _ends_of_participation(persons: pd.DataFrame, call: Call) -> pd.DataFrame:
    """For each person the day on which participation ended (VALUE), and the last day that it may be (HIGH)."""
    trial = call.study.trial
    looks = trial.participation_ends if trial else []
    if not looks:
        return pd.DataFrame({"VALUE": pd.Series(index=persons.index, dtype="str"), "HIGH": np.nan})
    found = EVIDENCE["latest"](persons, replace(call, args={"among": looks}))
    assert isinstance(found, pd.Series)
    return pd.DataFrame({"VALUE": found.str[:DAY], "HIGH": day_numbers(found.str[:DAY])[1]})


def add_places(frame: pd.DataFrame, call: Call) -> pd.DataFrame:
    """The record of each person once for each element that a person can be in, with the number of its place."""
    trial = call.study.trial
    longest = max((len(cells) for cells in trial.arms.values()), default=0) if trial else 0
    longest = max(longest, len(trial.elements) if trial else 0)
    places = [frame.assign(**{PLACE: float(place)}) for place in range(1, longest + 1)]
    return pd.concat(places, ignore_index=True) if places else frame.iloc[:0].assign(**{PLACE: np.nan})


def take_element(frame: pd.DataFrame, call: Call) -> pd.Series:
    """A column of the element at the person's place, the argument `take`; missing where the person had fewer."""
    name = call.args["take"]
    elements = subject_elements(call)[["USUBJID", PLACE, name]]
    found = frame[["USUBJID", PLACE]].merge(elements, how="left", on=["USUBJID", PLACE], validate="many_to_one")
    return pd.Series(found[name].array, index=frame.index)


def derive_epoch(frame: pd.DataFrame, call: Call) -> pd.Series:
    """EPOCH of the date `of`: that of the element (SE) in which the day lies.

    An element goes from its first day to the day before the next begins; the last one has no end. The first matching
    line decides. A partial date, of an element's beginning too, stands for every day that it may be:
      1. no date -> missing
      2. the person has no element -> missing
      3. every day that it may be lies before the first element -> missing: it was before the trial
      4. every day that it may be lies in elements of one epoch -> that epoch
      5. anything else -> missing
    Source: SDTMIG 3.4 sections 5.3 and 7.2.1; FDA Study Data Technical Conformance Guide section 4.1.4.1.
    """
    bounds = call.once("bounds of elements", lambda: _Bounds(subject_elements(call)))
    persons, names = pd.factorize(frame["USUBJID"])
    rows = bounds.names.get_indexer(pd.Index(names, dtype="str"))[persons]
    codes, distinct = pd.factorize(frame[call.of].str[:DAY], use_na_sentinel=False)
    low, high = (day.to_numpy()[codes] for day in day_numbers(pd.Series(distinct, dtype="str")))
    earliest = np.full(len(frame), -1)
    latest = np.full(len(frame), -1)
    for place in range(bounds.low.shape[1]):
        # the last row of the bounds is that of persons without elements, which begin at infinity
        earliest += low >= bounds.high[rows, place]
        latest += high >= bounds.low[rows, place]
    first, last = (bounds.epochs[rows, np.maximum(place, 0)] for place in (earliest, latest))
    known = (earliest >= 0) & (first == last) & ~np.isnan(low)
    return pd.Series(bounds.labels.array.take(np.where(known, first, -1), allow_fill=True), index=frame.index)


class _Bounds:
    """Elements of each person side by side: first and last possible day of each beginning, and the epoch's number."""

    def __init__(self, elements: pd.DataFrame) -> None:
        persons, names = pd.factorize(elements["USUBJID"])
        epochs, labels = pd.factorize(elements["EPOCH"])
        self.names, self.labels = pd.Index(names, dtype="str"), pd.Series(labels, dtype="str")
        places = elements[PLACE].to_numpy(dtype="int64") - 1
        shape = (len(names) + 1, int(places.max(initial=0)) + 1)
        self.low, self.high = np.full(shape, np.inf), np.full(shape, np.inf)
        self.epochs = np.full(shape, -1)
        self.low[persons, places] = elements["LOW"]
        self.high[persons, places] = elements["HIGH"]
        self.epochs[persons, places] = epochs


RULES = {
    "places_of_elements": Rule(add_places),
    "element": Rule(take_element, reads_trial=True),
    "epoch": Rule(derive_epoch, reads_trial=True),
}
