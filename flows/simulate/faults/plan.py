"""How a fault is planted: rows are chosen on subjects of their own, changed, and written into the answer key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from flows.simulate.arrays import Bools, Ints, stream
from flows.simulate.days import NEVER, typed
from flows.simulate.rave import Extras
from flows.simulate.records import DAY_SECONDS, FIRST_SAVE, Forms
from flows.simulate.truth import Truth

KEY_COLUMNS = ["fault", "code", "form", "record_id", "usubjid", "field"]
_TYPED = {"DMY": "%d %b %Y", "YMD": "%Y-%m-%d", "MDY": "%b/%d/%Y"}


class Planter:
    """The forms while faults are planted in them, and the answer key so far.

    Subjects of phase Ib are set apart (their DLTs must stay as they are), and so is everybody who already has a fault:
    only where nobody else will do is a subject taken a second time.
    """

    def __init__(self, truth: Truth, forms: Forms) -> None:
        self.truth = truth
        self.forms = dict(forms)
        self.people = truth.people
        self.extras = Extras()
        self.rng = stream(truth.seed, "faults")
        self.copies = 1 + len(truth.people) // 500
        self.set_apart: Bools = (truth.people["phase"] == "IB").to_numpy()
        self.used: Bools = self.set_apart | (truth.people["previous"] >= 0).to_numpy()
        self.used |= (truth.people["old_scan"] | truth.people["sixth"]).to_numpy()
        self._key: list[pd.DataFrame] = []
        self._touched: set[int] = set()
        self._next = 1 + max(int(rows["record"].max()) for rows in forms.values() if len(rows))

    # --- choosing ---

    def choose(self, form: str, where: pd.Series, count: int | None = None) -> pd.Index:
        """Rows of a form that fulfil a condition, each of another subject, who had no fault up to now."""
        rows = self.forms[form]
        fit = rows.index[where.to_numpy(dtype=bool) & ~self.set_apart[rows["subj"]]]
        shuffled = fit[self.rng.permutation(len(fit))]
        subj = rows["subj"].loc[shuffled]
        fresh_first = np.argsort(self.used[subj], kind="stable")
        chosen = shuffled[fresh_first][~subj.iloc[fresh_first].duplicated().to_numpy()][: count or self.copies]
        self.used[rows["subj"].loc[chosen]] = True
        return chosen

    def events(self, event: str, rows: pd.DataFrame) -> pd.Series:
        """What happened (a column of the course's events) to the subject of each row."""
        return pd.Series(self.truth.course.events[event].to_numpy()[rows["subj"]], index=rows.index)

    def untouched(self, form: str) -> pd.Series:
        """Rows that are in the answer key for nothing else."""
        return ~self.forms[form]["record"].isin(self._touched)

    # --- changing ---

    def put(self, form: str, rows: pd.Index, **texts: str | pd.Series | np.ndarray) -> None:
        """Overwrite fields of rows."""
        for field, text in texts.items():
            self.forms[form].loc[rows, field] = text

    def put_day(self, form: str, rows: pd.Index, field: str, days: Ints) -> None:
        """Overwrite a date, as typed; the record is saved on that day at the earliest."""
        order = self.truth.study.forms[form].fields[field].order or "DMY"
        self.put(form, rows, **{field: typed(days, order).to_numpy()})
        self.save_after(form, rows, days)

    def save_after(self, form: str, rows: pd.Index, days: Ints) -> None:
        """Make sure that records are not saved before the day that they speak of."""
        saved = self.forms[form].loc[rows, "saved"].to_numpy()
        self.forms[form].loc[rows, "saved"] = np.maximum(saved, days * DAY_SECONDS + FIRST_SAVE)

    def days(self, form: str, rows: pd.Index, field: str) -> Ints:
        """Complete dates of a field as day numbers; NEVER where it is blank or partial."""
        order = self.truth.study.forms[form].fields[field].order or "DMY"
        read = pd.to_datetime(self.forms[form].loc[rows, field].str.title(), format=_TYPED[order], errors="coerce")
        days = read.to_numpy().astype("datetime64[D]").astype("int64")
        return np.where(read.isna(), NEVER, days)

    def append(self, form: str, rows: pd.DataFrame) -> pd.Index:
        """Add records, numbered anew, each on the next line of its page where the form has lines. Gives their rows."""
        old = self.forms[form]
        page = ["subj", "folder", "instance"]
        rows = rows.assign(record=np.arange(self._next, self._next + len(rows)))
        self._next += len(rows)
        if self.truth.study.forms[form].log:
            last = rows[page].merge(old.groupby(page)["position"].max().reset_index(), on=page, how="left")["position"]
            rows = rows.assign(
                position=(last.fillna(0) + 1 + rows.groupby(page).cumcount().to_numpy()).to_numpy(dtype="int64")
            )
        self.forms[form] = pd.concat([old, rows[old.columns]], ignore_index=True)
        return pd.Index(range(len(old), len(old) + len(rows)))

    def add_subject(self, person: pd.DataFrame) -> int:
        """Add a subject that no other fault is planted on. Gives its number among the rows of `people`."""
        self.people = pd.concat([self.people, person], ignore_index=True)
        self.set_apart = np.append(self.set_apart, True)
        self.used = np.append(self.used, True)
        return len(self.people) - 1

    def remove(self, form: str, rows: pd.Index) -> None:
        """Take records out of a form, as if they had never been there."""
        self.forms[form] = self.forms[form].drop(index=rows).reset_index(drop=True)

    # --- the key ---

    def note(self, fault: str, code: str, form: str, rows: pd.Index, field: str = "") -> None:
        """Write faults into the answer key: these records of the form have them."""
        planted = self.forms[form].loc[rows, ["record", "subj"]]
        self._touched |= set(planted["record"].tolist())
        self._key.append(
            pd.DataFrame(
                {
                    "fault": fault, "code": code, "form": form, "record_id": planted["record"].astype("str"),
                    "usubjid": [self.usubjid(subj) for subj in planted["subj"].tolist()], "field": field,
                }
            )
        )  # fmt: skip

    def note_unknown(self, fault: str, code: str, form: str, field: str = "") -> None:
        """Write into the answer key what belongs to no record."""
        self._key.append(pd.DataFrame([[fault, code, form, "", "", field]], columns=KEY_COLUMNS))

    def usubjid(self, subj: int) -> str:
        """A person's identifier: that of the first number, where there are two."""
        previous = self.people["previous"].to_numpy()[subj]
        person = previous if previous >= 0 else subj
        number, site = (self.people[column].to_numpy()[person] for column in ("number", "site"))
        study = self.truth.study
        return study.study.identity.usubjid.format(study=study.studyid, site=f"{site:02d}", subject=number)

    def key(self) -> pd.DataFrame:
        """The answer key so far, by code and record."""
        if not self._key:
            return pd.DataFrame(columns=KEY_COLUMNS, dtype="str")
        return pd.concat(self._key, ignore_index=True).sort_values(["code", "form", "record_id"], kind="stable")[
            KEY_COLUMNS
        ]


@dataclass(frozen=True)
class Fault:
    """One kind of fault: what went wrong at the site, the finding that must tell, and how it is planted."""

    name: str
    code: str
    plant: Callable[[Planter, Fault], None]
