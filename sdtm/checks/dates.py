"""Checks of one date against another: start and end, dosing and its end, visit windows, consent, the time of saving."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sdtm.checks.columns import read_column
from sdtm.checks.evidence import Evidence
from sdtm.checks.partial import earliest, later, latest
from specs import StudySpec, identity
from specs.checks import AfterSave, BeforeConsent, DoseAfterEnd, EndBeforeStart, VisitOutOfWindow
from specs.findings import combine
from specs.models import VisitSpec


def end_before_start(evidence: Evidence, spec: EndBeforeStart, code: str) -> pd.DataFrame:
    """An end date that is certainly before the start date. Times of day are not compared."""
    found = []
    for period in spec.periods:
        rows = evidence.take(period.dataset, [period.start, period.end])
        wrong = rows[later(rows[period.start], rows[period.end])]
        found.append(evidence.found(code, period.dataset, wrong, period.end, value=period.end, start=period.start))
    return combine(found)


def dose_after_end_of_treatment(evidence: Evidence, spec: DoseAfterEnd, code: str) -> pd.DataFrame:
    """A dose that starts or ends more than `tolerated_days` after the end of treatment recorded for its drug.

    The end recorded is the first date of `ended` that the form holds; of several records of a drug, the latest.
    """
    doses = spec.doses
    rows = evidence.take(doses.dataset, [doses.start, doses.end, spec.treatment])
    form = evidence.raw(spec.form)
    ended = pd.Series(np.nan, index=form.index, dtype="str")
    for name in spec.ended:
        ended = ended.fillna(evidence.iso(spec.form, name))
    drug = form[spec.drug].map(spec.drugs).astype("str")
    ends = pd.DataFrame({"USUBJID": form["USUBJID"], spec.treatment: drug, "ENDED": ended}).dropna()
    ends = ends.sort_values("ENDED").drop_duplicates(["USUBJID", spec.treatment], keep="last")
    rows = rows.merge(ends, on=["USUBJID", spec.treatment], how="inner")
    end_late = later(rows[doses.end], rows["ENDED"], spec.tolerated_days)
    start_late = later(rows[doses.start], rows["ENDED"], spec.tolerated_days)
    rows["DATE"] = rows[doses.end].where(end_late, rows[doses.start])
    facts = {"value": "DATE", "ended": "ENDED", "drug": spec.treatment}
    return combine(
        [
            evidence.found(code, doses.dataset, rows[end_late], doses.end, **facts),
            evidence.found(code, doses.dataset, rows[start_late & ~end_late], doses.start, **facts),
        ]
    )


def visit_out_of_window(evidence: Evidence, spec: VisitOutOfWindow, code: str) -> pd.DataFrame:
    """A planned visit that certainly lies outside its window, counted from first dose.

    Only visits under a subject number that was dosed: an earlier screening that failed has no window.
    """
    rows = evidence.dates(spec.visits, ["VISIT", "VISITNUM"])
    dosed = evidence.located(spec.doses, evidence.take(spec.doses))[identity.SUBJECT]
    rows = rows[evidence.located(spec.visits.dataset, rows)[identity.SUBJECT].isin(dosed.unique())]
    rows = rows.merge(planned_windows(evidence.study), on="VISITNUM")
    dose = earliest(evidence.subjects("RFSTDTC", rows))
    first = dose + pd.to_timedelta(rows["FIRST"] - spec.tolerated_days, unit="D")
    last = dose + pd.to_timedelta(rows["LAST"] + spec.tolerated_days, unit="D")
    rows["WINDOW"] = first.dt.strftime("%Y-%m-%d") + " to " + last.dt.strftime("%Y-%m-%d")
    wrong = rows[(earliest(rows["DATE"]) > last) | (latest(rows["DATE"]) < first)]
    dataset = spec.visits.dataset
    return evidence.found(code, dataset, wrong, spec.visits.date, value="DATE", window="WINDOW", expected="WINDOW")


def planned_windows(study: StudySpec) -> pd.DataFrame:
    """VISITNUM of every planned visit with a window; FIRST and LAST, its days after first dose (-1: the day before)."""
    rows = [
        (visit.visitnum + visit.step * k, _days_after(visit, k) - visit.early, _days_after(visit, k) + visit.late)
        for visit in study.study.visits
        if visit.day is not None
        for k in range(visit.last - visit.first + 1)
    ]
    return pd.DataFrame(rows, columns=["VISITNUM", "FIRST", "LAST"]).astype({"VISITNUM": "float64"})


def _days_after(visit: VisitSpec, k: int) -> int:
    day = (visit.day or 0) + visit.days * k
    return day - 1 if day > 0 else day


def before_consent(evidence: Evidence, spec: BeforeConsent, code: str) -> pd.DataFrame:
    """An assessment that is certainly before the informed consent."""
    found = []
    for wanted in spec.dates:
        rows = evidence.dates(wanted)
        rows["CONSENT"] = evidence.subjects("RFICDTC", rows)
        wrong = rows[later(rows["CONSENT"], rows["DATE"])]
        found.append(evidence.found(code, wanted.dataset, wrong, wanted.date, value="DATE", consent="CONSENT"))
    return combine(found)


def after_save(evidence: Evidence, spec: AfterSave, code: str) -> pd.DataFrame:
    """A date in any date field of a raw record that is certainly later than the record's last save."""
    found = []
    for form, form_spec in evidence.study.forms.items():
        rows = evidence.raw(form)
        names = [name for name, f in form_spec.fields.items() if f.kind == "date" and name in rows]
        saved = read_column(rows[identity.SAVED].str[:10])
        for name in names:
            if rows.empty or name in spec.except_.get(form, []):
                continue
            dates = evidence.date_column(form, None, name)
            late = dates.days[0][dates.codes] - saved.days[1][saved.codes] > spec.tolerated_days
            if late.any():
                shown = dates.shown(np.flatnonzero(late)).to_numpy()
                wrong = rows[late].assign(DATE=shown, SAVED=rows.loc[late, identity.SAVED].str[:10])
                found.append(evidence.found_raw(code, wrong, name, value="DATE", saved="SAVED"))
    return combine(found)
