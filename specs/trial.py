"""The design of the trial, declared in `trial.yaml`: its elements and arms, its criteria, its summary.

From it come the trial design datasets TA, TE, TI, TS (TV comes from the visits of `study.yaml`), the elements that
each subject went through (SE), and with them every EPOCH. Terms, lengths and uniqueness as SDTMIG 3.4 section 7 has
them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from specs.errors import Problem, did_you_mean
from specs.models import Strict, placeholders

UNPLANNED = "UNPLAN"  # SDTMIG 3.4 section 5.3: the ETCD of an element that no arm planned
NullFlavor = Literal[
    "NI", "INV", "OTH", "PINF", "NINF", "UNC", "DER", "UNK", "ASKU", "NAV", "NASK", "TRC", "MSK", "NA", "QS"
]  # fmt: skip
Derivation = Literal["actual_subjects", "study_start", "study_end", "planned_arms"]


def _short_name(code: str) -> str:
    if not re.fullmatch(r"[A-Z][A-Z0-9_]{0,7}", code):
        message = "'{code}' is no short name: at most 8 of A to Z, 0 to 9 and _, a letter first"
        raise PydanticCustomError("short_name", message, {"code": code})
    return code


ShortName = Annotated[str, AfterValidator(_short_name)]
Look = str | dict[str, Any]  # DATASET.VAR, or {variable, where, or} (sdtm/evidence.py)


class AllEnded(Strict):
    """Whether a subject's treatment is over: for every value of `each` there is a record of `by` with that value."""

    each: str  # DATASET.VAR, e.g. EX.EXTRT
    by: str  # DATASET.VAR, e.g. DS.DSSCAT


class Begin(Strict):
    """When a subject enters an element: a date found among other domains."""

    rule: Literal["earliest", "latest", "first_known"]  # sdtm/evidence.py
    among: Annotated[list[Look], Field(min_length=1)]
    days_after: int = Field(0, ge=0)  # so many days after that date
    closed: tuple[str, str] | None = None  # start and end DATASET.VAR: only where the last of them has an end
    all_ended: AllEnded | None = None  # only where this holds, or one of `or_any` is there
    or_any: list[Look] = []


class Element(Strict):
    """A building block of the arms (TE); several may begin by the same evidence."""

    element: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    starts: Annotated[str, StringConstraints(min_length=1, max_length=200)]  # TESTRL
    ends: Annotated[str, StringConstraints(max_length=200)] | None = None  # TEENRL
    duration: Annotated[str, StringConstraints(pattern=r"^P(\d+[YMWD])+$")] | None = None  # TEDUR
    begin: Begin

    @model_validator(mode="after")
    def _has_an_end(self) -> Self:
        if self.ends is None and self.duration is None:
            raise PydanticCustomError("element_end", "an element has `ends`, `duration`, or both")
        return self


class Cell(Strict):
    """An element at its place in an arm (TA)."""

    element: ShortName
    epoch: str
    branch: Annotated[str, StringConstraints(max_length=200)] | None = None  # TABRANCH
    transition: Annotated[str, StringConstraints(max_length=200)] | None = None  # TATRANS


class Criterion(Strict):
    """An inclusion or exclusion criterion (TI)."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    category: Literal["INCLUSION", "EXCLUSION"]
    subcategory: str | None = None


class SummaryValue(Strict):
    """One value of a trial summary parameter: stated, derived from the subjects, or missing with a null flavour."""

    value: str | None = None  # {parameter} of study.yaml allowed
    derive: Derivation | None = None
    null_flavor: NullFlavor | None = None  # ISO 21090; with `derive`: for want of data to derive from
    code: str | None = None  # TSVALCD
    dictionary: str | None = None  # TSVCDREF
    version: str | None = None  # TSVCDVER
    group: str | None = None  # TSGRPID

    @model_validator(mode="after")
    def _value_or_reason(self) -> Self:
        if (self.value is not None) + (self.derive is not None) > 1 or (self.value is not None) == (
            self.null_flavor is not None
        ):
            message = (
                "a summary value has `value`, or `null_flavor`, or `derive` with the `null_flavor` for want of data"
            )
            raise PydanticCustomError("summary_value", message)
        if (self.code or self.version) and not self.dictionary:
            raise PydanticCustomError("summary_code", "a `code` or `version` names its `dictionary`")
        if self.dictionary and self.null_flavor and not self.derive:
            raise PydanticCustomError("summary_null", "a missing value has no `code`, `dictionary` or `version`")
        return self


class TrialDesign(Strict):
    """`trial.yaml`."""

    elements: dict[ShortName, Element]
    arms: dict[str, Annotated[list[Cell], Field(min_length=1)]]  # ARMCD of study.yaml -> its elements in order
    unplanned: str = "Treatment without a planned arm"  # SEUPDES of the elements of a subject whom no arm planned
    participation_ends: list[Look] = []  # where the end of a subject's participation is recorded; the latest counts
    criteria: dict[ShortName, Criterion] = {}
    # TSPARMCD, a term of codelist TSPARMCD, whose decode is TSPARM -> its values, one record each
    summary: dict[ShortName, Annotated[list[SummaryValue], Field(min_length=1)]] = {}

    @property
    def sources(self) -> list[str]:
        """Every DATASET.VAR that the elements' begins and ends are read from."""
        begins = [element.begin for element in self.elements.values()]
        looks = [look for begin in begins for look in (*begin.among, *begin.or_any)] + self.participation_ends
        read = [name for look in looks for name in _named(look)]
        read += [name for begin in begins for name in (begin.closed or ())]
        read += [name for b in begins if b.all_ended for name in (b.all_ended.each, b.all_ended.by)]
        return list(dict.fromkeys(read))


def _named(look: Look) -> Iterator[str]:
    if isinstance(look, str):
        yield look
        return
    yield str(look["variable"])
    yield from look.get("where", {})
    if "or" in look:
        yield str(look["or"])


def faults(trial: TrialDesign, study: Any) -> list[Problem]:
    """References of trial.yaml that lead nowhere: arms, elements, epochs, variables, study parameters, TSPARMCD.

    `study`: the loaded StudySpec (specs/loader.py).
    """
    return [*_arm_faults(trial, study), *_element_faults(trial, study), *_other_faults(trial, study)]


def _arm_faults(trial: TrialDesign, study: Any) -> Iterator[Problem]:
    arms, epochs = study.study.arms, study.codelists.get("EPOCH")
    for arm in sorted(set(trial.arms) | set(arms)):
        if arm not in arms:
            yield _no_such(f"trial.yaml, arms.{arm}", "arm of study.yaml", arm, arms)
        elif arm not in trial.arms:
            yield Problem(
                code="SPEC-009", place="trial.yaml, arms", fact=f"The arm {arm} of study.yaml has no elements.",
                next_step=f"add `{arm}:` with the elements in their order.",
            )  # fmt: skip
    for arm, cells in trial.arms.items():
        for cell in cells:
            if cell.element not in trial.elements:
                yield _no_such(f"trial.yaml, arms.{arm}", "element", cell.element, trial.elements)
            if epochs is not None and cell.epoch not in epochs.terms:
                yield _no_such(f"trial.yaml, arms.{arm}", "epoch in codelist EPOCH", cell.epoch, epochs.terms)


def _element_faults(trial: TrialDesign, study: Any) -> Iterator[Problem]:
    for name in trial.sources:
        dataset, _, variable = name.partition(".")
        if dataset not in study.sdtm:
            yield _no_such("trial.yaml, elements", "dataset", dataset, study.sdtm)
        elif variable not in study.sdtm[dataset].made:
            yield _no_such("trial.yaml, elements", "variable", name, study.sdtm[dataset].made)
    rules = [(e.starts, e.ends, e.duration) for e in trial.elements.values()]
    for code, rule in zip(trial.elements, rules, strict=True):
        if rules.count(rule) > 1:
            yield Problem(
                code="SPEC-009", place=f"trial.yaml, elements.{code}",
                fact="Another element has the same `starts`, `ends` and `duration`.",
                next_step="say what makes this element another one (SDTMIG 3.4 section 7.2.2).",
            )  # fmt: skip


def _other_faults(trial: TrialDesign, study: Any) -> Iterator[Problem]:
    numbers = study.study.parameters.flat() if study.study.parameters else {}
    known = study.codelists["TSPARMCD"].terms if "TSPARMCD" in study.codelists else {}
    for code, values in trial.summary.items():
        if code not in known or known[code] is None or not known[code].decode:
            yield _no_such(f"trial.yaml, summary.{code}", "term with a decode in codelist TSPARMCD", code, known)
        for value in values:
            for word in sorted(placeholders(value.value or "") - set(numbers)):
                yield _no_such(f"trial.yaml, summary.{code}", "study parameter", word, numbers)
    if "TV" in study.sdtm:
        for visit in study.study.visits:
            if visit.starts is None:
                yield Problem(
                    code="SPEC-009", place=f"study.yaml, visits.{visit.folder}",
                    fact="The visit does not say when it starts, and TV needs that.",
                    next_step="add `starts:`, a sentence that may use {n}, {day}, {early} and {late}.",
                )  # fmt: skip


def _no_such(place: str, what: str, word: str, known: Mapping[str, Any]) -> Problem:
    return Problem(
        code="SPEC-006", place=place, fact=f"There is no {what} '{word}'.",
        hint=did_you_mean(word, known), next_step="mend the name, or add it to the specs.",
    )  # fmt: skip
