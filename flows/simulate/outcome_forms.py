"""Forms of the end: end of treatment, end of study, death, survival follow-up, later therapy."""

from __future__ import annotations

import numpy as np
import pandas as pd

from flows.simulate.arrays import between, pick, stream
from flows.simulate.days import NEVER
from flows.simulate.records import Forms, make_records
from flows.simulate.truth import Truth

LATER = [
    ("SYS", "Irinotecan", "IRINOTECAN", 0.40), ("SYS", "Docetaxel", "DOCETAXEL", 0.25),
    ("SYS", "Anlotinib", "ANLOTINIB", 0.15), ("RT", "Radiotherapy of metastases", "RADIOTHERAPY", 0.17),
    ("SURG", "Metastasectomy", "METASTASECTOMY", 0.03),
]  # fmt: skip


def fill_outcome(truth: Truth) -> Forms:
    """EOT, EOS, DEATH, SURV, SUBAC."""
    rng = stream(truth.seed, "outcome forms")
    return {
        "EOT": _end_of_treatment(truth), "EOS": _end_of_study(truth), "DEATH": _deaths(truth, rng),
        "SURV": _survival(truth), "SUBAC": _later_therapy(truth, rng),
    }  # fmt: skip


def _end_of_treatment(truth: Truth) -> pd.DataFrame:
    """One line a drug; a drug never given has no last dose."""
    at = truth.at("EOT")
    subj = at["subj"].to_numpy()
    lines = pd.concat(
        [
            at.assign(drug="QL", last=truth.dosing.last_infusion[subj]),
            at.assign(drug="LEN", last=truth.dosing.last_capsules[subj]),
        ],
        ignore_index=True,
    )
    reason = truth.course.events["reason"].to_numpy()[lines["subj"]]
    return make_records(
        truth.study.forms["EOT"],
        lines,
        {"EOTDRUG": lines["drug"], "EOTLAST": lines["last"], "EOTDAT": lines["day"], "EOTREAS": reason},
    )


def _end_of_study(truth: Truth) -> pd.DataFrame:
    at = truth.at("EOS")
    events = truth.course.events.iloc[at["subj"].to_numpy()]
    treated = truth.people["treated"].to_numpy()[at["subj"]]
    reason = np.select(
        [~treated, events["death"].to_numpy() < NEVER, events["lost"].to_numpy()], ["SF", "DTH", "LTFU"], "WD"
    )
    return make_records(truth.study.forms["EOS"], at, {"EOSDAT": at["day"], "EOSREAS": reason})


def _deaths(truth: Truth, rng: np.random.Generator) -> pd.DataFrame:
    """The death form lies in the folder of the end of study."""
    at = truth.at("EOS")
    events = truth.course.events.iloc[at["subj"].to_numpy()]
    died = (events["death"] < NEVER).to_numpy()
    at, events = at[died].reset_index(drop=True), events[died].reset_index(drop=True)
    cause = np.where(events["fatal_event"], "AE", pick(rng, ["DIS", "OTH", "UNK"], len(at), [0.92, 0.03, 0.05]))
    words = pd.Series(cause).map(
        {"AE": "", "DIS": "Progression of oesophageal cancer", "OTH": "Accident", "UNK": "Unknown"}
    )
    fatal = truth.events[truth.events["fatal"]].drop_duplicates("subj").set_index("subj")["pt"]
    words = words.mask(pd.Series(cause) == "AE", fatal.reindex(at["subj"]).reset_index(drop=True))
    return make_records(truth.study.forms["DEATH"], at, {"DTHDAT": at["day"], "DTHCAUS": cause, "DTHTERM": words})


def _survival(truth: Truth) -> pd.DataFrame:
    at = truth.visits[truth.visits["folder"].str.startswith("SURV")].reset_index(drop=True)
    events = truth.course.events.iloc[at["subj"].to_numpy()]
    day = at["day"].to_numpy()
    lost = (day == events["dropout"].to_numpy()) & events["lost"].to_numpy()
    status = np.select([day == events["death"].to_numpy(), lost], ["D", "U"], "A")
    return make_records(truth.study.forms["SURV"], at, {"SSDAT": day, "SSSTAT": status})


def _later_therapy(truth: Truth, rng: np.random.Generator) -> pd.DataFrame:
    events = truth.course.events
    subj = np.flatnonzero(events["therapy"] < NEVER)
    start = events["therapy"].to_numpy()[subj]
    end = start + between(rng, 14, 120, len(subj))
    end = np.where(end >= events["last_seen"].to_numpy()[subj], NEVER, end)
    share = np.asarray([row[3] for row in LATER])
    which = rng.choice(len(LATER), len(subj), p=share / share.sum())
    kind, text, code = (np.asarray([row[i] for row in LATER], dtype=object)[which] for i in range(3))
    return make_records(
        truth.study.forms["SUBAC"], truth.log(subj, start),
        {"SATYPE": kind, "SATRT": text, "SADECOD": code, "SASTDAT": start, "SAENDAT": end},
    )  # fmt: skip
