"""Forms of screening: subject, visits, consent, eligibility, demography, histories, medication."""

from __future__ import annotations

import numpy as np
import pandas as pd

from flows.simulate.arrays import between, pick, stream
from flows.simulate.days import NEVER
from flows.simulate.dictionary import HISTORY, HISTORY_CODES
from flows.simulate.links import lines_of_events
from flows.simulate.records import Forms, make_records
from flows.simulate.truth import Truth

FAILED = ("I05", "I08", "E03", "E07", "E11")  # the criteria of trial.yaml that screen failures do not meet
# the preferred term of the event that a medicine is given for
FOR_EVENT = {
    "Hypertension": "Hypertension", "Hypothyroidism": "Hypothyroidism", "Diarrhoea": "Diarrhoea",
    "Weight loss": "Weight decreased", "Neutropenia": "Neutrophil count decreased",
}  # fmt: skip
MEDICATION = [
    ("Amlodipine", "AMLODIPINE", "Hypertension", "5 mg QD"), ("Omeprazole", "OMEPRAZOLE", "Gastritis", "20 mg QD"),
    ("Levothyroxine", "LEVOTHYROXINE SODIUM", "Hypothyroidism", "50 ug QD"),
    ("Paracetamol", "PARACETAMOL", "Pain", "500 mg"), ("Loperamide", "LOPERAMIDE", "Diarrhoea", "2 mg"),
    ("Enteral nutrition", "ENTERAL NUTRITION", "Weight loss", "1000 mL QD"),
    ("Prednisone", "PREDNISONE", "Immune-mediated event", "30 mg QD"), ("G-CSF", "FILGRASTIM", "Neutropenia", "300 ug"),
]  # fmt: skip


def fill_baseline(truth: Truth) -> Forms:
    """SUBJ, VISIT, IC, IE, DM, CANHX, PRCANC, MH, CM, ECOG."""
    rng = stream(truth.seed, "baseline forms")
    return {
        "SUBJ": _subject(truth), "VISIT": _visits(truth), "IC": _consent(truth), "IE": _eligibility(truth, rng),
        "DM": _demography(truth), "CANHX": _cancer_history(truth, rng), "PRCANC": _prior_therapy(truth, rng),
        "MH": _medical_history(truth, rng), "CM": _medication(truth, rng), "ECOG": _performance(truth, rng),
    }  # fmt: skip


def _screening(truth: Truth, *, treated_only: bool = False) -> pd.DataFrame:
    at = truth.at("SCRN")
    return at[truth.people["treated"].to_numpy()[at["subj"]]].reset_index(drop=True) if treated_only else at


def _of(truth: Truth, column: str, at: pd.DataFrame) -> np.ndarray:
    return np.asarray(truth.people[column].to_numpy()[at["subj"]])


def _subject(truth: Truth) -> pd.DataFrame:
    at = _screening(truth)
    previous = _of(truth, "previous", at)
    number = truth.people["number"].to_numpy(dtype=object)
    return make_records(
        truth.study.forms["SUBJ"], at,
        {
            "PREVSUBJ": np.where(previous >= 0, number[np.maximum(previous, 0)], ""), "PHASE": _of(truth, "phase", at),
            "COHORT": _of(truth, "arm", at), "ENRYN": np.where(_of(truth, "treated", at), "Y", "N"),
            "ENRDAT": _of(truth, "enrolled", at),
        },
    )  # fmt: skip


def _visits(truth: Truth) -> pd.DataFrame:
    """Every visit, made or missed; nobody comes to the pages that a death fills, but who was examined did."""
    died = truth.course.events["death"].to_numpy()[truth.visits["subj"]]
    came = (truth.visits["day"].to_numpy() < died) | truth.visits["lab"].to_numpy(dtype=bool)
    visits = truth.visits[came].reset_index(drop=True)
    done = visits["done"].to_numpy(dtype=bool)
    day = np.where(done, visits["day"], NEVER)
    records = make_records(
        truth.study.forms["VISIT"], visits.assign(day=day),
        {"VISDAT": day, "VISND": np.where(done, "", "Subject did not come")},
    )  # fmt: skip
    return records.assign(latest=visits["day"].to_numpy(dtype="int64"))


def _consent(truth: Truth) -> pd.DataFrame:
    at = _screening(truth)
    return make_records(truth.study.forms["IC"], at, {"ICDAT": _of(truth, "consent", at), "ICVER": "2.0"})


def _eligibility(truth: Truth, rng: np.random.Generator) -> pd.DataFrame:
    at = _screening(truth)
    failed = ~_of(truth, "treated", at)
    which = between(rng, 0, len(FAILED) - 1, len(at))
    known = truth.study.trial.criteria if truth.study.trial else {}
    criteria = [(known[code].category[:3], code, known[code].text) for code in FAILED]
    kind, number, text = (np.asarray([c[i] for c in criteria], dtype=object)[which] for i in range(3))
    return make_records(
        truth.study.forms["IE"], at,
        {
            "IEYN": np.where(failed, "N", "Y"), "IECAT": np.where(failed, kind, ""),
            "IETESTCD": np.where(failed, number, ""), "IETEST": np.where(failed, text, ""),
        },
    )  # fmt: skip


def _demography(truth: Truth) -> pd.DataFrame:
    at = _screening(truth)
    return make_records(
        truth.study.forms["DM"], at,
        {
            "BRTHDAT": _of(truth, "birth", at), "AGE": _of(truth, "age", at).astype(str), "SEX": _of(truth, "sex", at),
            "RACE": _of(truth, "race", at), "ETHNIC": "NHL",
        },
    )  # fmt: skip


def _cancer_history(truth: Truth, rng: np.random.Generator) -> pd.DataFrame:
    at = _screening(truth, treated_only=True)
    size = len(at)
    diagnosed = _of(truth, "consent", at) - between(rng, 640, 1800, size)  # before all prior therapy
    spread = diagnosed + ((_of(truth, "consent", at) - diagnosed) * rng.uniform(0, 0.7, size)).astype("int64")
    return make_records(
        truth.study.forms["CANHX"], at,
        {
            "DIAGDAT": diagnosed, "METDAT": spread, "STAGE": pick(rng, ["IVA", "IVB"], size, [0.3, 0.7]),
            "ESOPHLOC": pick(rng, ["U", "M", "L"], size, [0.2, 0.5, 0.3]),
        },
    )  # fmt: skip


def _prior_therapy(truth: Truth, rng: np.random.Generator) -> pd.DataFrame:
    """Everybody had an immune checkpoint inhibitor; most with platinum, half surgery, many radiotherapy."""
    at = _screening(truth, treated_only=True)
    size = len(at)
    consent = _of(truth, "consent", at)
    stop = consent - between(rng, 20, 120, size)
    start = stop - between(rng, 60, 300, size)
    platinum = rng.random(size) < 0.95
    drug = pick(rng, ["Camrelizumab", "Tislelizumab", "Toripalimab", "Sintilimab"], size)
    first = at.assign(
        PCTYPE="SYS", PCTRT=np.where(platinum, drug + " + paclitaxel + cisplatin", drug),
        PCDECOD=np.where(platinum, pd.Series(drug).str.upper() + "/PACLITAXEL/CISPLATIN", pd.Series(drug).str.upper()),
        PCLINE="1", start=start, stop=stop, PCBEST=pick(rng, ["CR", "PR", "SD", "PD"], size, [0.02, 0.4, 0.35, 0.23]),
    )  # fmt: skip
    operated, irradiated = rng.random(size) < 0.5, rng.random(size) < 0.45
    surgery = at.assign(
        PCTYPE="SURG", PCTRT="Oesophagectomy", PCDECOD="OESOPHAGECTOMY", PCLINE="", start=start - 200,
        stop=start - 200, PCBEST="",
    )[operated]  # fmt: skip
    radio = at.assign(
        PCTYPE="RT", PCTRT="Radiotherapy of the mediastinum", PCDECOD="RADIOTHERAPY", PCLINE="", start=start - 130,
        stop=start - 95, PCBEST="",
    )[irradiated]  # fmt: skip
    rows = pd.concat([surgery, radio, first], ignore_index=True)
    return make_records(
        truth.study.forms["PRCANC"], rows,
        {name: rows[name] for name in ("PCTYPE", "PCTRT", "PCDECOD", "PCLINE", "PCBEST")}
        | {"PCSTDAT": rows["start"], "PCENDAT": rows["stop"]},
    )  # fmt: skip


def _medical_history(truth: Truth, rng: np.random.Generator) -> pd.DataFrame:
    at = _screening(truth)
    parts = []
    for term, _, share in HISTORY:
        has = at[rng.random(len(at)) < share]
        start = _of(truth, "consent", has) - between(rng, 30, 4000, len(has))
        over = rng.random(len(has)) < 0.2
        end = np.where(over, start + between(rng, 5, 25, len(has)), NEVER)
        code, soc, soc_code = HISTORY_CODES[term]
        coded = {"MHTERM": term, "MHPT": term, "MHPTCD": str(code), "MHSOC": soc, "MHSOCCD": str(soc_code)}
        parts.append(has.assign(**coded, start=start, end=end, MHONGO=np.where(over, "N", "Y")))
    rows = pd.concat(parts, ignore_index=True)
    fields = {name: rows[name] for name in ("MHTERM", "MHPT", "MHPTCD", "MHSOC", "MHSOCCD", "MHONGO")}
    return make_records(truth.study.forms["MH"], rows, {**fields, "MHSTDAT": rows["start"], "MHENDAT": rows["end"]})


def _medication(truth: Truth, rng: np.random.Generator) -> pd.DataFrame:
    """Up to five medicines, each once, begun from two months before first dose to the last contact."""
    people, last_seen = truth.people, truth.course.events["last_seen"].to_numpy()
    count = np.where(people["treated"], between(rng, 1, 5, len(people)), 0)
    subj = np.repeat(np.arange(len(people)), count)
    which = between(rng, 0, len(MEDICATION) - 1, len(subj))
    first = ~pd.DataFrame({"subj": subj, "which": which}).duplicated().to_numpy()
    subj, which = subj[first], which[first]
    dose = people["dose"].to_numpy()[subj]
    until = np.minimum(last_seen[subj], dose + 240)
    start = dose - 60 + (rng.random(len(subj)) * (until - dose + 58)).astype("int64")
    end = start + between(rng, 2, 150, len(subj))
    end = np.where(end >= last_seen[subj], NEVER, end)
    text, code, why, amount = (np.asarray([m[i] for m in MEDICATION], dtype=object)[which] for i in range(4))
    return make_records(
        truth.study.forms["CM"], truth.log(subj, start),
        {
            "CMTRT": text, "CMDECOD": code, "CMINDC": why, "CMDOSE": amount, "CMSTDAT": start, "CMENDAT": end,
            "CMONGO": np.where(end == NEVER, "Y", "N"),
            "CMAELN": lines_of_events(truth.events, subj, start, pd.Series(why).map(FOR_EVENT).fillna("")),
        },
    )  # fmt: skip


def _performance(truth: Truth, rng: np.random.Generator) -> pd.DataFrame:
    """ECOG status at screening, at the cycles and at the end of treatment, mostly as at first."""
    seen = truth.visits[truth.visits["lab"] & truth.visits["done"]]
    at = seen[seen["folder"].isin(["SCRN", "EOT"]) | (seen["cycle"] > 0)].reset_index(drop=True)
    worse = (rng.random(len(at)) < 0.12) & (at["folder"] != "SCRN")
    status = np.minimum(_of(truth, "ecog", at) + worse, 3)
    return make_records(truth.study.forms["ECOG"], at, {"ECOGDAT": at["day"].to_numpy(), "ECOGRES": status.astype(str)})
