"""Waivers: findings that an owner answers for, with a reason and until a day.

```yaml
waivers:
  - code: GATE-601.codelist
    where: LB.LBORRESU          # DATASET or DATASET.VARIABLE, as the finding says
    owner: A. Statistician
    reason: the central laboratory reports this unit, agreed in the data review of 2026-03-01
    expiry: 2026-12-31          # the last day on which it holds
    at_most: 12                 # optional: so many records; a finding about more is not covered
```
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BeforeValidator, Field, ValidationError

from flows.checking.outcome import Finding, Outcome
from specs.counted import how_many
from specs.errors import Problem, SpecError
from specs.models import Strict
from specs.yaml_files import read_yaml

EXPIRED, UNMATCHED = "WAIVER-001", "WAIVER-002"
_EXPIRED_RULE = "A waiver holds until its day of expiry."
_UNMATCHED_RULE = "A waiver covers a finding: one that covers none hides nothing, and is taken out."


def _plain_day(value: object) -> object:
    """A day as YAML reads it; neither a moment nor a number of seconds."""
    if type(value) is not date and not isinstance(value, str):
        raise ValueError("expected a day, such as 2026-12-31")
    return value


class Waiver(Strict):
    """One waiver; every entry but `at_most` is needed."""

    code: str = Field(min_length=1)
    where: str = Field(min_length=1)
    owner: str = Field(min_length=1)
    reason: str = Field(min_length=1)
    expiry: Annotated[date, BeforeValidator(_plain_day)]
    at_most: int | None = Field(None, ge=1)

    def covers(self, finding: Finding) -> bool:
        small_enough = self.at_most is None or finding.rows <= self.at_most
        return (self.code, self.where.upper()) == (finding.code, finding.place.upper()) and small_enough

    @property
    def said(self) -> str:
        return f"waived by {self.owner} until {self.expiry.isoformat()}: {self.reason}"


class WaiverFile(Strict):
    """The file as a whole."""

    waivers: list[Waiver]


def read_waivers(path: Path) -> list[Waiver]:
    """The waivers of a YAML file. Raises SpecError with all faults: unreadable, unknown or missing keys, no days."""
    try:
        data = read_yaml(path.read_text(encoding="utf-8"))
        return WaiverFile.model_validate(data).waivers
    except ValidationError as error:
        raise SpecError(
            _fault(path, ".".join(map(str, e["loc"])), f"{e['msg']}.") for e in error.errors(include_url=False)
        ) from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError, ValueError) as error:
        said = error.strerror if isinstance(error, OSError) else str(error).splitlines()[0]
        raise SpecError(_fault(path, "", f"It is no readable YAML: {said}.")) from error


def _fault(path: Path, entry: str, fact: str) -> Problem:
    return Problem(
        code="SPEC-011", place=f"{path.name}{', ' if entry else ''}{entry}", fact=fact,
        hint="a waiver has code, where, owner, reason, expiry, and may have at_most.", next_step="mend the file.",
    )  # fmt: skip


def apply_waivers(outcomes: list[Outcome], waivers: list[Waiver], today: date, file: str) -> list[Outcome]:
    """The outcomes with the findings that a waiver covers marked, and an outcome more for each waiver.

    A waiver that is expired covers nothing and is a finding (WAIVER-001); so is one that covers nothing (WAIVER-002).
    `today` is compared with the days of expiry, and stands nowhere in what comes out.
    """
    valid = [w for w in waivers if w.expiry >= today]
    used: set[int] = set()

    def mark(finding: Finding) -> Finding:
        for place, waiver in enumerate(valid):
            if waiver.covers(finding):
                used.add(place)
                return replace(finding, waived=waiver.said)
        return finding

    marked = [replace(o, findings=[mark(f) for f in o.findings]) for o in outcomes]
    held = {id(waiver): place in used for place, waiver in enumerate(valid)}
    return [*marked, *(_judged(w, held.get(id(w)), outcomes, file) for w in waivers)]


def _judged(waiver: Waiver, used: bool | None, outcomes: list[Outcome], file: str) -> Outcome:
    """The outcome of a waiver; `used` is None for an expired one."""
    name = f"{waiver.code} at {waiver.where}"
    if used:
        return Outcome("waivers", name, _UNMATCHED_RULE)
    if used is None:
        fact = f"The waiver of {name} by {waiver.owner} expired after {waiver.expiry.isoformat()}."
        found = _finding(EXPIRED, _EXPIRED_RULE, waiver, file, fact, "have the finding mended, or the waiver renewed.")
        return Outcome("waivers", name, _EXPIRED_RULE, [found])
    alike = [
        f for o in outcomes for f in o.findings if (f.code, f.place.upper()) == (waiver.code, waiver.where.upper())
    ]
    why = (
        f"the finding is about {how_many(alike[0].rows, 'record')}, it allows {waiver.at_most}"
        if alike
        else "there is no such finding"
    )
    fact = f"The waiver of {name} by {waiver.owner} covers nothing: {why}."
    found = _finding(UNMATCHED, _UNMATCHED_RULE, waiver, file, fact, "take it out, or mend its code and where.")
    return Outcome("waivers", name, _UNMATCHED_RULE, [found])


def _finding(code: str, rule: str, waiver: Waiver, file: str, fact: str, next_step: str) -> Finding:
    return Finding(code, "error", rule, waiver.where, file, fact, next_step)
