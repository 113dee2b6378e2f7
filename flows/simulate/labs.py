"""Laboratory results and vital signs. Doses lower the counts, and events that say so are seen in them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from flows.simulate.arrays import Floats, between, lognormal, stream
from flows.simulate.course import Course
from flows.simulate.days import NEVER, clock, decimals
from flows.simulate.dictionary import LOW_COUNTS
from flows.simulate.window import Window

# analyte: form, median, spread between subjects and within, change under full dose, lowest and highest without event
ANALYTES: dict[str, tuple[str, float, float, float, float, float, float]] = {
    "ANC": ("HEM", 4.2, 0.28, 0.14, 0.90, 2.05, 12.0),
    "PLT": ("HEM", 225, 0.22, 0.09, 0.82, 101, 480),
    "WBC": ("HEM", 6.6, 0.24, 0.12, 0.93, 3.1, 18.0),
    "HGB": ("HEM", 121, 0.08, 0.03, 0.96, 106, 165),
    "ALT": ("CHEM", 21, 0.35, 0.15, 1.15, 6, 60),
    "AST": ("CHEM", 23, 0.30, 0.15, 1.15, 8, 55),
    "TBIL": ("CHEM", 11, 0.28, 0.12, 1.05, 3, 25),
    "CREA": ("CHEM", 73, 0.18, 0.06, 1.04, 40, 118),
}
# analyte and unit: factor from the SI value, decimal places as reported, normal range as printed
UNITS: dict[tuple[str, str], tuple[float, int, str, str]] = {
    ("ANC", "10^9/L"): (1, 2, "1.80", "6.30"),
    ("ANC", "10^3/uL"): (1, 2, "1.80", "6.30"),
    ("ANC", "/uL"): (1000, 0, "1800", "6300"),
    ("WBC", "10^9/L"): (1, 2, "3.50", "9.50"),
    ("WBC", "10^3/uL"): (1, 2, "3.50", "9.50"),
    ("WBC", "/uL"): (1000, 0, "3500", "9500"),
    ("PLT", "10^9/L"): (1, 0, "125", "350"),
    ("PLT", "10^3/uL"): (1, 0, "125", "350"),
    ("HGB", "g/L"): (1, 0, "115", "150"),
    ("HGB", "g/dL"): (0.1, 1, "11.5", "15.0"),
    ("ALT", "U/L"): (1, 0, "7", "40"),
    ("AST", "U/L"): (1, 0, "13", "35"),
    ("TBIL", "umol/L"): (1, 1, "3.4", "20.5"),
    ("TBIL", "mg/dL"): (1 / 17.104, 2, "0.20", "1.20"),
    ("CREA", "umol/L"): (1, 0, "41", "111"),
    ("CREA", "mg/dL"): (1 / 88.42, 2, "0.46", "1.26"),
}
HAEMATOLOGY = ("ANC", "PLT", "WBC", "HGB")
STEADY_AFTER = 5  # days after first dose from which the drugs are seen in the counts


def draw_labs(
    course: Course, visits: pd.DataFrame, events: pd.DataFrame, window: Window, sites: pd.DataFrame, seed: int
) -> pd.DataFrame:
    """One row a result: subj, folder, instance, day, minute, analyte, form, text, unit, low, high, laboratory."""
    rng = stream(seed, "labs")
    drawn = visits[visits["lab"] & visits["done"]].reset_index(drop=True)
    subj = drawn["subj"].to_numpy()
    day = drawn["day"].to_numpy()
    dose = course.people["dose"].to_numpy()[subj]
    on_drug = (day > dose + STEADY_AFTER) & (day <= course.events["last_dose"].to_numpy()[subj] + 14)
    minute = np.where(day == dose, between(rng, 420, 535, len(drawn)), between(rng, 420, 640, len(drawn)))
    site = course.people["site"].to_numpy()[subj]
    parts = []
    for order, (analyte, (form, *numbers)) in enumerate(ANALYTES.items()):
        value = _values(numbers, subj, on_drug, len(course.people), rng)
        value = _dip(value, analyte, drawn, events, window, rng)
        unit = _units(analyte, sites, site)
        part = drawn[["subj", "folder", "instance", "day"]].assign(
            minute=minute, analyte=analyte, form=form, order=order
        )
        parts.append(pd.concat([part, _reported(value, analyte, unit)], axis=1))
    labs = pd.concat(parts, ignore_index=True)
    labs["laboratory"] = sites["laboratory"].reindex(np.tile(site, len(ANALYTES))).to_numpy()
    visit = np.tile(np.arange(len(drawn)), len(ANALYTES))
    return labs.iloc[np.lexsort((labs["order"], visit))].reset_index(drop=True)


def _values(numbers: list[float], subj: np.ndarray, on_drug: np.ndarray, size: int, rng: np.random.Generator) -> Floats:
    median, between_subjects, within, change, lowest, highest = numbers
    own = lognormal(rng, median, between_subjects, size)
    value = own[subj] * np.exp(rng.normal(0, within, len(subj))) * np.where(on_drug, change, 1.0)
    return np.asarray(np.clip(value, lowest, highest))


def _dip(
    value: Floats, analyte: str, drawn: pd.DataFrame, events: pd.DataFrame, window: Window, rng: np.random.Generator
) -> Floats:
    """During an event that speaks of this analyte the value is what its grade means; the DLT window says it exactly."""
    told = [pt for pt, (of, _) in LOW_COUNTS.items() if of == analyte]
    spans = events.loc[events["pt"].isin(told), ["subj", "pt", "grade", "start", "end"]]
    grades = {(pt, g + 1): v for pt in told for g, v in enumerate(LOW_COUNTS[pt][1])}
    spans = spans.assign(
        level=[grades[(pt, min(int(g), 4))] for pt, g in zip(spans["pt"], spans["grade"], strict=True)], exact=False
    )
    exact = window.dips[window.dips["analyte"] == analyte].rename(columns={"value": "level"}).assign(exact=True)
    planned = set(exact["subj"]) | set(window.events["subj"])
    spans = spans[
        ~(
            spans["subj"].isin(planned)
            & spans["pt"].isin(["Neutrophil count decreased", "Platelet count decreased", "Febrile neutropenia"])
        )
    ]
    spans = pd.concat([spans.drop(columns=["pt", "grade"]), exact.drop(columns="analyte")], ignore_index=True)
    samples = drawn[["subj", "day"]].reset_index(names="row")
    hits = samples.merge(spans, on="subj")
    hits = hits[(hits["start"] <= hits["day"]) & (hits["day"] <= hits["end"])]
    noise = np.where(hits["exact"].to_numpy(dtype=bool), 1.0, rng.uniform(0.95, 1.05, len(hits)))
    out = value.copy()
    out[hits["row"].to_numpy()] = hits["level"].to_numpy(dtype="float64") * noise
    return out


def _units(analyte: str, sites: pd.DataFrame, site: np.ndarray) -> pd.Series:
    conventional = sites["chem_units"].eq("CONVENTIONAL")
    by_site = {
        "ANC": sites["anc_unit"], "WBC": sites["anc_unit"], "PLT": sites["plt_unit"], "HGB": sites["hgb_unit"],
        "TBIL": conventional.map({True: "mg/dL", False: "umol/L"}),
        "CREA": conventional.map({True: "mg/dL", False: "umol/L"}),
    }.get(analyte, pd.Series("U/L", index=sites.index))  # fmt: skip
    return by_site.reindex(site).reset_index(drop=True).astype("str")


def _reported(value: Floats, analyte: str, unit: pd.Series) -> pd.DataFrame:
    """Value, unit and normal range as the site's laboratory prints them."""
    out = pd.DataFrame({"text": "", "unit": unit, "low": "", "high": ""}, dtype="str")
    for (of, name), (factor, places, low, high) in UNITS.items():
        here = (unit == name).to_numpy()
        if of == analyte and here.any():
            whole = np.round(value[here] * factor * 10**places).astype("int64")
            out.loc[here, "text"] = decimals(whole, places).to_numpy()
            out.loc[here, ["low", "high"]] = [low, high]
    return out


def draw_vitals(course: Course, visits: pd.DataFrame, window: Window, sites: pd.DataFrame, seed: int) -> pd.DataFrame:
    """One row a measurement.

    subj, folder, instance, day, VSTIM, TEMP, TEMP_UN, SYSBP, DIABP, PULSE, WEIGHT, WEIGHT_UN,
    HEIGHT (all text but the first four). Fevers of the DLT window are measured at the visit of that day.
    """
    rng = stream(seed, "vitals")
    seen = visits[visits["lab"] & visits["done"]].reset_index(drop=True)
    subj, day = seen["subj"].to_numpy(), seen["day"].to_numpy()
    size = len(seen)
    dose = course.people["dose"].to_numpy()[subj]
    celsius = np.clip(rng.normal(36.6, 0.25, size), 36.0, 37.4)
    fever = (
        seen[["subj", "day"]]
        .merge(window.fevers.astype({"subj": "int64", "day": "int64"}), how="left")["temp"]
        .astype("float64")
    )
    celsius = np.where(fever.notna(), fever, celsius)
    fahrenheit = sites["temp_unit"].eq("F").reindex(course.people["site"].to_numpy()[subj]).to_numpy()
    shown = np.round(np.where(fahrenheit, celsius * 1.8 + 32, celsius) * 10).astype("int64")
    lost = np.where(day > dose, np.minimum((day - np.minimum(dose, day)) * 0.012, 5), 0)
    weight = np.maximum(course.people["weight"].to_numpy()[subj] - lost + rng.normal(0, 0.4, size), 38)
    first = seen["folder"].to_numpy() == "SCRN"
    minute = np.where(day == dose, between(rng, 420, 545, size), between(rng, 420, 900, size))
    systolic = np.clip(rng.normal(126, 11, size) + np.where((day > dose) & (dose < NEVER), 7, 0), 92, 178)
    return seen[["subj", "folder", "instance", "day"]].assign(
        VSTIM=clock(minute), TEMP=decimals(shown, 1), TEMP_UN=np.where(fahrenheit, "F", "C"),
        SYSBP=systolic.astype("int64").astype("str"),
        DIABP=np.clip(systolic * 0.62 + rng.normal(0, 5, size), 50, 110).astype("int64").astype("str"),
        PULSE=np.clip(rng.normal(78, 9, size), 50, 125).astype("int64").astype("str"),
        WEIGHT=decimals(np.round(weight * 10).astype("int64"), 1), WEIGHT_UN="kg",
        HEIGHT=np.where(first, course.people["height"].to_numpy()[subj].astype("str"), ""),
    )  # fmt: skip
