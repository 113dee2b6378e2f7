"""The cross-checks of a study on datasets alone: those that ask for the raw export are skipped, and say so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from flows.checking.outcome import Finding, Outcome, Record
from sdtm.checks import CHECKS
from sdtm.checks.evidence import Evidence
from specs import StudySpec, identity
from specs.checks import raw_needs
from specs.findings import Rule, catalogue

SUITE = "cross-checks"
_KEPT = {identity.FILE, identity.LINE}


class _Asked(dict[str, pd.DataFrame]):
    """Frames by name, which remembers what was asked for and is not there."""

    def __init__(self, frames: Mapping[str, pd.DataFrame]) -> None:
        super().__init__(frames)
        self.lacking: dict[str, None] = {}

    def get(self, key: str, default: Any = None) -> Any:
        if key not in self:
            self.lacking[key] = None
        return super().get(key, default)

    def __missing__(self, key: str) -> pd.DataFrame:
        self.lacking[key] = None
        raise KeyError(key)


def cross_checks(
    datasets: Mapping[str, pd.DataFrame], files: Mapping[str, str], study: StudySpec, *, complete: bool, listed: int
) -> list[Outcome]:
    """The outcome of every cross-check that the study declares (checks.yaml), in the order of the codes.

    In: SDTM datasets with text and numbers; the place of the file of each. `complete`: what is not there has no rows,
    as in an output of a run; else a check that asks for a dataset which is not there is skipped.
    """
    lineage = {name: _places(frame, files[name]) for name, frame in datasets.items()}
    return [_check(code, datasets, lineage, files, study, complete, listed) for code in sorted(study.checks)]


def _places(frame: pd.DataFrame, file: str) -> pd.DataFrame:
    """A lineage that leads to the rows of the file itself, 1 being the first."""
    blank = {name: "" for name in identity.IDENTITY if name not in _KEPT}
    columns = {"USUBJID": frame.get("USUBJID", pd.Series("", index=frame.index)).array}
    return pd.DataFrame(columns | blank | {identity.FILE: file, identity.LINE: range(1, len(frame) + 1)}, frame.index)


def _check(
    code: str,
    datasets: Mapping[str, pd.DataFrame],
    lineage: Mapping[str, pd.DataFrame],
    files: Mapping[str, str],
    study: StudySpec,
    complete: bool,
    listed: int,
) -> Outcome:
    spec, rule = study.checks[code], catalogue()[code]
    asked = f"{rule.title}: expected is {rule.expected}." if rule.expected else f"{rule.title}."
    if why := raw_needs(spec):
        return Outcome(SUITE, code, asked, skipped=f"it asks for the raw export: {why}")
    forms, held = _Asked({}), _Asked(datasets)
    try:
        found = CHECKS[spec.check](Evidence(study=study, datasets=held, lineage=lineage, forms=forms), spec, code)
    except Exception as error:
        if not forms.lacking and not (held.lacking and not complete):
            return Outcome(SUITE, code, asked, crashed=f"{type(error).__name__} in {spec.check}")
        found = None
    if forms.lacking:
        return Outcome(SUITE, code, asked, skipped=f"it asks for the raw export: form {', '.join(forms.lacking)}")
    if (held.lacking and not complete) or found is None:
        return Outcome(SUITE, code, asked, skipped=f"there is no dataset {', '.join(held.lacking)}")
    return Outcome(SUITE, code, asked, list(_findings(code, rule, asked, found, files, listed)))


def _findings(
    code: str, rule: Rule, asked: str, found: pd.DataFrame, files: Mapping[str, str], listed: int
) -> Iterator[Finding]:
    """One finding a dataset and variable, with its first records."""
    for (dataset, variable), rows in found.groupby(["dataset", "variable"], sort=True):
        place = f"{dataset}.{variable}" if variable else str(dataset)
        first = rows.head(listed)
        records = [
            Record(int(line) if line.isdecimal() else None, usubjid, value, message)
            for line, usubjid, value, message in zip(
                first["line"], first["usubjid"], first["value"], first["message"], strict=True
            )
        ]
        said = f"{rule.title} ({len(rows):,} record{'s' if len(rows) > 1 else ''})."
        file = files.get(str(dataset), "")
        yield Finding(code, rule.severity, asked, place, file, said, rule.next_step, len(rows), records)
