"""Forms of the scans: target, non-target and new lesions, and the investigator's response."""

from __future__ import annotations

import numpy as np
import pandas as pd

from flows.simulate.arrays import Texts
from flows.simulate.course import Course
from flows.simulate.recist import ABSENT, EQUIVOCAL, NO_NEW, NOT_DONE, PROGRESSED, UNEQUIVOCAL
from flows.simulate.records import Forms, make_records
from flows.simulate.truth import Truth
from flows.simulate.tumours import NEW_PLACES

NONTARGET_STATES = {ABSENT: "ABS", PROGRESSED: "UP", NOT_DONE: "ND"}
NEW_STATES = {NO_NEW: "N", EQUIVOCAL: "EQ", UNEQUIVOCAL: "UNEQ"}
ANOTHER_PLACE = dict(zip(NEW_PLACES, [*NEW_PLACES[1:], NEW_PLACES[0]], strict=True))
LARGER_FRAGMENT = 0.6
NOT_SEEN = "Region not imaged"


def fill_tumours(truth: Truth) -> Forms:
    """TARGET, NONTARG, NEWLES, RESP."""
    scans = truth.visits[truth.visits["scan"] >= 0].reset_index(drop=True)
    return {
        "TARGET": _targets(truth, scans), "NONTARG": _nontargets(truth, scans), "NEWLES": _new(truth, scans),
        "RESP": _responses(truth, scans),
    }  # fmt: skip


def _baseline(truth: Truth) -> pd.DataFrame:
    """Screening visits of treated subjects, with the day of the scan."""
    at = truth.at("SCRN")
    at = at[truth.people["treated"].to_numpy()[at["subj"]]].reset_index(drop=True)
    return at.assign(scanned=truth.people["scan"].to_numpy()[at["subj"]])


def _method(subj: np.ndarray) -> Texts:
    """One subject is always imaged in the same way."""
    return np.where(subj % 11 == 0, "MRI", "CT").astype(object)


def _millimetres(tenths: np.ndarray) -> Texts:
    whole, rest = np.divmod(tenths.astype("int64"), 10)
    return np.where(rest == 0, whole.astype(str), np.char.add(np.char.add(whole.astype(str), "."), rest.astype(str)))


def _lesion_lines(
    at: pd.DataFrame, day: np.ndarray, real: np.ndarray, prefix: str, place: Texts
) -> tuple[pd.DataFrame, np.ndarray]:
    """One line a visit and lesion: where it stands, lesion, location; and the place of the lesion in the arrays."""
    row, lesion = np.nonzero(real[at["subj"]])
    lines = at.iloc[row].reset_index(drop=True).assign(scanned=np.asarray(day)[row])
    lines["LESNO"] = (prefix + pd.Series(lesion + 1).astype("str").str.zfill(2)).to_numpy()
    lines["LESLOC"] = place[lines["subj"], lesion]
    return lines, lesion


def _targets(truth: Truth, scans: pd.DataFrame) -> pd.DataFrame:
    """Fragments of a split lesion replace their parent; the partner of a merger stays, without a diameter."""
    course = truth.course
    seen = course.lesions.measured
    real = course.lesions.place != ""
    first = _baseline(truth)
    lines, lesion = _lesion_lines(first, first["scanned"].to_numpy(), real, "T", course.lesions.place)
    lines = lines.assign(LESSTAT="M", LESDIAM=_millimetres(seen.baseline[lines["subj"], lesion]), LESPAR="", LESMRG="")
    later, lesion = _lesion_lines(scans, scans["day"].to_numpy(), real, "T", course.lesions.place)
    subj, scan = later["subj"].to_numpy(), later["scan"].to_numpy()
    size = seen.size[subj, lesion, scan]
    merged = (lesion == 1) & (scan >= course.lesions.merged[subj])
    state = np.select(
        [seen.missing[subj, lesion, scan], merged, course.lesions.too_small[subj, lesion, scan], size == 0],
        ["ND", "MRG", "TS", "ABS"], "M",
    )  # fmt: skip
    later = later.assign(
        LESSTAT=state,
        LESDIAM=np.where(state == "M", _millimetres(size), ""),
        LESPAR="",
        LESMRG=np.where(merged, "T01", ""),
    )
    split = (lesion == 0) & (scan >= course.lesions.split[subj])
    rows = pd.concat([lines, later[~split], *_fragments(later[split], size[split])], ignore_index=True)
    rows = rows.iloc[np.argsort(rows["LESNO"].to_numpy(dtype=str), kind="stable")].reset_index(drop=True)
    return make_records(
        truth.study.forms["TARGET"], rows.assign(day=rows["scanned"]),
        {
            "LESNO": rows["LESNO"], "LESLOC": rows["LESLOC"], "LESSTAT": rows["LESSTAT"], "LESDAT": rows["scanned"],
            "LESDIAM": rows["LESDIAM"], "LESPAR": rows["LESPAR"], "LESMRG": rows["LESMRG"],
            "LESMETH": _method(rows["subj"].to_numpy()), "LESND": np.where(rows["LESSTAT"] == "ND", NOT_SEEN, ""),
        },
    )  # fmt: skip


def _fragments(parents: pd.DataFrame, size: np.ndarray) -> list[pd.DataFrame]:
    larger = np.round(size * LARGER_FRAGMENT / 10).astype("int64") * 10
    parts = []
    for number, part in enumerate((larger, size - larger), start=1):
        gone = part == 0
        parts.append(
            parents.assign(
                LESNO=parents["LESNO"] + f".{number}", LESPAR=parents["LESNO"], LESSTAT=np.where(gone, "ABS", "M"),
                LESDIAM=np.where(gone, "", _millimetres(part)),
            )
        )  # fmt: skip
    return parts


def _nontargets(truth: Truth, scans: pd.DataFrame) -> pd.DataFrame:
    course = truth.course
    real = course.lesions.nontarget_place != ""
    first = _baseline(truth)
    lines, _ = _lesion_lines(first, first["scanned"].to_numpy(), real, "NT", course.lesions.nontarget_place)
    later, lesion = _lesion_lines(scans, scans["day"].to_numpy(), real, "NT", course.lesions.nontarget_place)
    state = course.lesions.measured.nontarget[later["subj"], lesion, later["scan"]]
    rows = pd.concat(
        [lines.assign(LESSTAT="PRES"), later.assign(LESSTAT=_words(state, NONTARGET_STATES, "PRES"))], ignore_index=True
    )
    return make_records(
        truth.study.forms["NONTARG"], rows.assign(day=rows["scanned"]),
        {
            "LESNO": rows["LESNO"], "LESLOC": rows["LESLOC"], "LESSTAT": rows["LESSTAT"], "LESDAT": rows["scanned"],
            "LESMETH": _method(rows["subj"].to_numpy()), "LESND": np.where(rows["LESSTAT"] == "ND", NOT_SEEN, ""),
        },
    )  # fmt: skip


def _words(numbers: np.ndarray, words: dict[int, str], other: str) -> Texts:
    return np.select([numbers == n for n in words], list(words.values()), other).astype(object)


def _new(truth: Truth, scans: pd.DataFrame) -> pd.DataFrame:
    """A new lesion that was in doubt, gone at the next scan; another that is not, elsewhere, larger each time."""
    course = truth.course
    subj, scan = scans["subj"].to_numpy(), scans["scan"].to_numpy()
    new = course.lesions.measured.new[subj, scan]
    rows = scans[new != NO_NEW].reset_index(drop=True)
    state = new[new != NO_NEW]
    doubted = np.isin(rows["subj"], rows["subj"][state == EQUIVOCAL])
    second = doubted & (state == UNEQUIVOCAL)
    place = course.lesions.new_place[rows["subj"]]
    grown = course.lesions.new_size[rows["subj"]] + 10 * rows.groupby("subj").cumcount().to_numpy()
    return make_records(
        truth.study.forms["NEWLES"], rows,
        {
            "LESNO": np.where(second, "NEW02", "NEW01"),
            "LESLOC": np.where(second, pd.Series(place, dtype="str").map(ANOTHER_PLACE), place),
            "LESMETH": _method(rows["subj"].to_numpy()), "LESDAT": rows["day"],
            "LESSTAT": _words(state, NEW_STATES, "N"),
            "LESDIAM": np.where(rows["subj"] % 3 == 0, "", _millimetres(grown)),
        },
    )  # fmt: skip


def _responses(truth: Truth, scans: pd.DataFrame) -> pd.DataFrame:
    course: Course = truth.course
    subj, scan = scans["subj"].to_numpy(), scans["scan"].to_numpy()
    told = course.responses
    return make_records(
        truth.study.forms["RESP"], scans,
        {
            "RSDAT": scans["day"], "TRGRESP": told.target[subj, scan], "NTRGRESP": told.nontarget[subj, scan],
            "NEWLES": _words(course.lesions.measured.new[subj, scan], NEW_STATES, "N"),
            "OVRLRESP": told.overall[subj, scan],
        },
    )  # fmt: skip
