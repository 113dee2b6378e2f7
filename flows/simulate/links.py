"""What a site writes beside an event: the line of the event that a treatment was given for, and comments."""

from __future__ import annotations

import numpy as np
import pandas as pd

from flows.simulate.arrays import Texts, stream
from flows.simulate.days import NEVER

COMMENTED = 0.05  # of the events
COMMENTS = (
    "Resolved after the drug was interrupted.",
    "Known to the subject from earlier treatment; no action needed.",
    "Seen at the local hospital; the discharge letter was asked for.",
    (
        "The subject called the site on the evening of the second day and was advised to measure the temperature twice"
        " a day, to drink enough, and to come to the emergency department in case of fever, bleeding or shortness of"
        " breath; the next morning the symptoms had become milder, and at the following visit they were gone."
    ),
)


def lines_of_events(
    events: pd.DataFrame, subj: np.ndarray | pd.Series, day: np.ndarray | pd.Series, pt: np.ndarray | pd.Series
) -> Texts:
    """For each treatment the log line of the subject's latest event of that term that was going on; blank for none.

    `events` in the order of the event form, whose lines count 1, 2, ... within a subject.
    """
    told = events[["subj", "pt", "start", "end"]].assign(line=events.groupby("subj").cumcount() + 1)
    asked = pd.DataFrame({"subj": np.asarray(subj), "pt": np.asarray(pt, dtype=object), "day": np.asarray(day)})
    asked = (
        asked.astype({"subj": "int64", "day": "int64", "pt": "str"})
        .reset_index(names="row")
        .sort_values("day", kind="stable")
    )
    told = told.astype({"subj": "int64", "start": "int64", "pt": "str"}).sort_values("start", kind="stable")
    found = pd.merge_asof(asked, told, left_on="day", right_on="start", by=["subj", "pt"]).sort_values("row")
    going = found["line"].notna() & ((found["end"] == NEVER) | (found["end"] >= found["day"]))
    lines = found["line"].fillna(0).astype("int64").astype("str")
    return np.asarray(lines.where(going, ""), dtype=object)


def comments_on(events: pd.DataFrame, seed: int) -> Texts:
    """The comment on each event; mostly none."""
    rng = stream(seed, "comments")
    said = np.asarray(COMMENTS, dtype=object)[rng.integers(0, len(COMMENTS), len(events))]
    return np.where(rng.random(len(events)) < COMMENTED, said, "")
