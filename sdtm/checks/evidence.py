"""What a check looks at, and how its findings lead back to the raw record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from sdtm.checks.columns import Column, read_column
from sdtm.conditions import meets_all
from sdtm.distinct import by_distinct
from sdtm.iso8601 import read_dates
from specs import StudySpec, identity
from specs.checks import DatasetDate, FormDate
from specs.findings import combine, report
from specs.mapping import Condition

PLACE = [identity.FORM, identity.FILE, identity.LINE, identity.RECORD, identity.SITE, identity.SUBJECT,
         identity.VISIT_NAME]  # fmt: skip


ROW = "_ROW"


@dataclass(frozen=True)
class Evidence:
    """Built datasets, the raw record behind each of their records, and the raw forms with USUBJID."""

    study: StudySpec
    datasets: Mapping[str, pd.DataFrame]
    lineage: Mapping[str, pd.DataFrame]
    forms: Mapping[str, pd.DataFrame]
    _columns: dict[tuple[str, str, str], Column] = field(default_factory=dict, repr=False)

    def take(self, dataset: str, variables: Iterable[str] = ()) -> pd.DataFrame:
        """USUBJID, --SEQ and these variables of a dataset; what it lacks is missing, an absent dataset has no rows.

        ROW is the place of the record in the dataset: `found` asks for it.
        """
        frame = self.datasets.get(dataset, pd.DataFrame())
        names = dict.fromkeys(["USUBJID", f"{dataset}SEQ", *variables])
        columns = {name: frame[name] if name in frame else _missing(name, frame) for name in names}
        return pd.DataFrame({**columns, ROW: np.arange(len(frame))}, index=frame.index)

    def dates(self, wanted: DatasetDate, more: Iterable[str] = ()) -> pd.DataFrame:
        """The records of a dataset that a date is asked of, with the date as DATE."""
        rows = self.take(wanted.dataset, [wanted.date, *wanted.except_, *more])
        for variable, values in wanted.except_.items():
            rows = rows[~rows[variable].isin(values)]
        return rows.rename(columns={wanted.date: "DATE"})

    def subjects(self, variable: str, rows: pd.DataFrame) -> pd.Series:
        """A date or text of DM for the subject of each row."""
        dm = self.take("DM", [variable]).drop_duplicates("USUBJID").set_index("USUBJID")
        return by_distinct(rows["USUBJID"], lambda persons: persons.map(dm[variable]).astype("str"))

    def raw(self, form: str, where: Iterable[Condition] = ()) -> pd.DataFrame:
        """The records of a raw form that meet all conditions; none where the export has no such form."""
        rows = self.forms.get(form)
        if rows is None:
            names = [*identity.IDENTITY, *self.study.forms[form].fields, "USUBJID"]
            return pd.DataFrame({name: pd.Series(dtype="str") for name in names})
        return rows[meets_all(rows, list(where))]

    def raw_dates(self, wanted: FormDate) -> pd.DataFrame:
        """The raw records that a date is asked of, with the date in ISO 8601 as DATE."""
        rows = self.raw(wanted.form, wanted.where)
        return rows.assign(DATE=self.iso(wanted.form, wanted.field).reindex(rows.index))

    def iso(self, form: str, name: str) -> pd.Series:
        """A date field of all records of a raw form in ISO 8601; missing where it cannot be read."""
        dates = self.date_column(form, None, name)
        return dates.shown(np.arange(len(dates.codes)))

    def size(self, form: str | None, dataset: str | None) -> int:
        """How many records a raw form or a dataset has; none where it is not there."""
        return len(self.forms.get(form, ()) if form is not None else self.datasets.get(dataset or "", ()))

    def column(self, form: str | None, dataset: str | None, name: str) -> Column:
        """A field of a raw form, or a variable or identity column of a dataset, read once; blank where absent."""
        known = "raw" if form is not None else "built", form or dataset or "", name
        if known not in self._columns:
            self._columns[known] = read_column(self._values(form, dataset, name))
        return self._columns[known]

    def date_column(self, form: str | None, dataset: str | None, name: str) -> Column:
        """A date in ISO 8601: as a dataset has it, or as the date field of a raw form is read, each text once."""
        typed = self.column(form, dataset, name)
        if form is None:
            return typed
        known = "date", form, name
        if known not in self._columns:
            order = self.study.forms[form].fields[name].order or "YMD"
            texts = read_dates(typed.texts, order)["dtc"].astype("str")
            readable = np.append(np.where(texts.isna(), -1, np.arange(len(texts))), -1)
            self._columns[known] = Column(readable[typed.codes], texts.fillna(""))
        return self._columns[known]

    def _values(self, form: str | None, dataset: str | None, name: str) -> pd.Series:
        frame = self.forms.get(form) if form is not None else self.datasets.get(dataset or "")
        if frame is None:
            return pd.Series(dtype="str")
        if form is None and name in identity.IDENTITY:
            frame = self.lineage.get(dataset or "", frame)
        return frame[name] if name in frame else pd.Series(np.nan, index=frame.index, dtype="str")

    def located(self, dataset: str, rows: pd.DataFrame) -> pd.DataFrame:
        """The rows with the place of the raw record behind each; lineage is in the order of its dataset."""
        lineage = self.lineage.get(dataset)
        if lineage is None:
            return rows.reindex(columns=[*rows.columns, *PLACE])
        place = lineage[PLACE].take(rows[ROW].to_numpy())
        return pd.concat([rows.drop(columns=PLACE, errors="ignore"), place.set_axis(rows.index)], axis=1)

    def found(self, code: str, dataset: str, rows: pd.DataFrame, variable: str, **facts: str) -> pd.DataFrame:
        """A finding on the raw record behind each row, once a record and value.

        `facts` name columns of the rows: `value`, `expected`, and what the message of the code asks for.
        """
        if rows.empty:
            return combine([])
        rows = self.located(dataset, rows.reset_index(drop=True))
        rows = rows.drop_duplicates([identity.FILE, identity.LINE, facts["value"]])
        fields = self._fields(dataset, variable, rows)
        return combine(
            [
                _report(code, part, dataset, variable, str(name), facts)
                for name, part in rows.groupby(fields, sort=False)
            ]
        )

    def found_raw(self, code: str, rows: pd.DataFrame, name: str, **facts: str) -> pd.DataFrame:
        """A finding on a field of each of these raw records; `facts` as for `found`."""
        return _report(code, rows, "", "", name, facts)

    def _fields(self, dataset: str, variable: str, rows: pd.DataFrame) -> pd.Series:
        """The raw field that a variable of each row was collected in; blank where it was not.

        Of the mappings of the row's form it is the first whose constants (such as the test) are those of the record.
        """
        spec = self.study.sdtm.get(dataset)
        if spec is None:
            return pd.Series("", index=rows.index, dtype="str")
        field, form = np.full(len(rows), "", dtype=object), rows[identity.FORM].to_numpy(dtype=object)
        values: dict[str, Any] = {}
        for source in spec.sources:
            for _, mappings in spec.mappings(source):
                collected = mappings[variable].from_ if variable in mappings else None
                if not collected:
                    continue
                fits = (form == source.form) & (field == "")
                for name, mapping in mappings.items():
                    if isinstance(mapping.constant, str) and name in self.datasets[dataset]:
                        if name not in values:
                            at = rows[ROW].to_numpy()
                            values[name] = self.datasets[dataset][name].array.take(at).to_numpy(dtype=object)
                        fits &= values[name] == mapping.constant
                field[fits] = collected.rpartition(".")[2]
        return pd.Series(field, index=rows.index, dtype="str")


def _report(
    code: str, rows: pd.DataFrame, dataset: str, variable: str, name: str, facts: dict[str, str]
) -> pd.DataFrame:
    told = {fact: rows[column] for fact, column in facts.items()}
    return report(code, rows, dataset=dataset, variable=variable, field=name, **told)


def _missing(name: str, frame: pd.DataFrame) -> pd.Series:
    numeric = name.endswith(("SEQ", "NUM", "STRESN", "DY", "DOSE"))
    return pd.Series(float("nan"), index=frame.index, dtype="float64" if numeric else "str")
