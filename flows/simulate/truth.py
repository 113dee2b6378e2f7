"""The whole clinical truth of a simulated study, before anybody writes it on a form."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from flows.simulate.adverse import draw_events
from flows.simulate.course import Course, run_course
from flows.simulate.dosing import Dosing, give_doses
from flows.simulate.schedule import LOG
from flows.simulate.sites import draw_sites
from flows.simulate.subjects import draw_subjects
from flows.simulate.visits import plan_visits
from flows.simulate.window import Window, draw_window
from specs.loader import StudySpec


@dataclass(frozen=True)
class Truth:
    """What happened. Rows of `people` and of `course.events` are subjects, and `subj` elsewhere points at them."""

    study: StudySpec
    seed: int
    sites: pd.DataFrame
    people: pd.DataFrame
    course: Course
    window: Window
    visits: pd.DataFrame
    dosing: Dosing
    events: pd.DataFrame

    def log(self, subj: np.ndarray | pd.Series, day: np.ndarray | pd.Series) -> pd.DataFrame:
        """Where records of the running logs stand."""
        return pd.DataFrame({"subj": np.asarray(subj), "folder": LOG, "instance": 0, "day": np.asarray(day)})

    def at(self, folder: str) -> pd.DataFrame:
        """The visits of one folder."""
        return self.visits[self.visits["folder"] == folder].reset_index(drop=True)


def draw_truth(study: StudySpec, subjects: int, seed: int, *, clean: bool) -> Truth:
    """Everything that happens in a study of this size. The same seed gives the same study."""
    people = draw_subjects(study, subjects, seed, clean=clean)
    sites = draw_sites(seed)
    course = run_course(study, people, sites, seed, clean=clean)
    window = draw_window(people, seed)
    visits = plan_visits(study, course, window, seed)
    dosing = give_doses(study, course, visits, window, seed)
    events = draw_events(course, window, seed)
    return Truth(study, seed, sites, people, course, window, visits, dosing, events)
