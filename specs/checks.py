"""Clinical cross-checks that a study chooses, with their parameters: `checks.yaml`, finding code -> check.

A check is known by its name; each has its own parameters, so that an unknown name or parameter is refused before any
data is read. Most checks are of a kind that knows no forms and no domains (specs/declared_checks.py), and several codes
may be of one kind; the others are here. What a check does is said where it is made, in `sdtm/checks/`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import BeforeValidator, Discriminator, Field, model_validator
from pydantic_core import PydanticCustomError

from specs import identity
from specs.declared_checks import DeclaredCheck, Records
from specs.errors import Problem, did_you_mean
from specs.findings import catalogue
from specs.mapping import Condition
from specs.models import DatasetSpec, FormSpec, Name, Strict


class DatasetDate(Strict):
    """A date variable of a dataset; records whose variable has one of these values stay out."""

    dataset: Name
    date: Name
    except_: dict[Name, list[str]] = Field({}, alias="except")


class DatasetPeriod(Strict):
    dataset: Name
    start: Name
    end: Name


class FormDate(Strict):
    """A date field of a raw form, of the records that meet `where`."""

    form: str
    field: str
    where: list[Condition] = []


class FormOngoing(Strict):
    form: str
    ongoing: str
    end: str


class Limits(Strict):
    """Results that a person can have, in the study's unit. A limit itself is plausible."""

    low: float
    high: float
    change: float | None = None  # largest share by which a result may differ from the subject's own median

    @model_validator(mode="after")
    def _low_below_high(self) -> Self:
        if self.low >= self.high:
            raise PydanticCustomError(
                "limits", "low {low} is not below high {high}", {"low": self.low, "high": self.high}
            )
        return self


class EndBeforeStart(Strict):
    check: Literal["end_before_start"]
    periods: list[DatasetPeriod]


class DoseAfterEnd(Strict):
    check: Literal["dose_after_end_of_treatment"]
    doses: DatasetPeriod
    treatment: Name  # the variable that names the drug
    form: str  # the end-of-treatment form
    drug: str  # its field with the drug
    drugs: dict[str, str]  # collected code -> name of the drug in the dataset
    ended: list[str]  # its date fields; the first that is filled decides
    tolerated_days: int = 0


class VisitOutOfWindow(Strict):
    check: Literal["visit_out_of_window"]
    visits: DatasetDate
    doses: Name  # the dataset of doses given
    tolerated_days: int = 0  # beyond the window of study.yaml


class LesionForgotten(Strict):
    check: Literal["lesion_forgotten"]
    gone: list[str]  # states after which a lesion needs no further record, e.g. merged into another


class LesionNotIdentified(Strict):
    check: Literal["lesion_not_identified"]


class DeathDatesDiffer(Strict):
    check: Literal["death_dates_differ"]
    equal: list[FormDate] = []  # must be the date of death
    not_before: list[FormDate] = []  # report a death: cannot be before it


class AfterDeath(Strict):
    check: Literal["after_death"]
    dates: list[DatasetDate]


class OngoingWithEnd(Strict):
    check: Literal["ongoing_with_end"]
    forms: list[FormOngoing]
    ticked: list[str] = ["Y"]


class RecoveredWithoutEnd(Strict):
    check: Literal["recovered_without_end"]
    dataset: Name
    outcome: Name
    recovered: list[str]
    end: Name


class BeforeConsent(Strict):
    check: Literal["before_consent"]
    dates: list[DatasetDate]


class NewLesionNotProgression(Strict):
    check: Literal["new_lesion_not_progression"]
    states: list[str]  # TUMSTATE and NEWLPROG results that prove a new lesion
    progression: str  # the overall response that must follow


class ScanDatesDiffer(Strict):
    check: Literal["scan_dates_differ"]
    tolerated_days: int = 0


class AfterSave(Strict):
    check: Literal["after_save"]
    tolerated_days: int = 0  # e.g. 1 where the server's clock is behind the sites'
    except_: dict[str, list[str]] = Field({}, alias="except")  # form -> date fields that may lie ahead


class SameEventTwice(Strict):
    check: Literal["same_event_twice"]
    form: str
    term: str
    start: str
    group: str  # the field whose number ties records of one event together


class AgeAndBirthDisagree(Strict):
    check: Literal["age_and_birth_disagree"]
    birth: FormDate
    age: str  # field of the same form
    consent: FormDate
    tolerated_years: int = 0


class FatalWithoutDeath(Strict):
    check: Literal["fatal_without_death"]
    outcomes: list[str]  # AEOUT of a fatal event
    death: FormDate  # the death form, of deaths by an adverse event


class ImplausibleValue(Strict):
    check: Literal["implausible_value"]
    limits: dict[Name, dict[Name, Limits]]  # dataset -> test -> limits


class ResponseWithoutScans(Strict):
    check: Literal["response_without_scans"]
    categories: list[str]  # RSCAT
    test: Name  # the response that stands for its record
    without_scans: list[str] = []  # responses that need no scans, e.g. NE


class DoseNotPlanned(Strict):
    """Doses against those of the subject's planned arm (study.yaml, `arms`)."""

    check: Literal["dose_not_planned"]
    dataset: Name
    treatment: Name  # the variable that names the drug
    dose: Name
    date: Name
    which: Literal["first", "above"]  # a first dose that differs from the planned one; any dose above it


class TargetTooSmall(Strict):
    check: Literal["target_too_small"]
    low: float  # mm, at baseline
    node: float  # mm, short axis of a lymph node


Check = (
    DeclaredCheck | DoseNotPlanned | TargetTooSmall | EndBeforeStart | DoseAfterEnd | VisitOutOfWindow
    | LesionForgotten | LesionNotIdentified | DeathDatesDiffer | AfterDeath | OngoingWithEnd | RecoveredWithoutEnd
    | BeforeConsent | NewLesionNotProgression | ScanDatesDiffer | AfterSave | SameEventTwice | AgeAndBirthDisagree
    | FatalWithoutDeath | ImplausibleValue | ResponseWithoutScans
)  # fmt: skip
CHECK_NAMES: tuple[str, ...] = tuple(get_args(model.model_fields["check"].annotation)[0] for model in get_args(Check))


def _known_check(data: Any) -> Any:
    if isinstance(data, dict) and data.get("check") not in CHECK_NAMES:
        name = str(data.get("check", ""))
        raise PydanticCustomError(
            "unknown_check",
            "there is no check '{name}'",
            {"name": name, "hint": did_you_mean(name, CHECK_NAMES) or "known checks: " + ", ".join(CHECK_NAMES)},
        )
    return data


CheckSpec = Annotated[Annotated[Check, Discriminator("check")], BeforeValidator(_known_check)]


def references(check: Check) -> Iterator[tuple[str, str, str]]:
    """What a check reads: ("dataset", name, variable) and ("form", OID, field)."""
    for part in _parts(check):
        match part:
            case DatasetDate():
                yield from (("dataset", part.dataset, name) for name in (part.date, *part.except_))
            case DatasetPeriod():
                yield from (("dataset", part.dataset, name) for name in (part.start, part.end))
            case FormDate():
                yield from (
                    ("form", part.form, name) for name in (part.field, *(name for c in part.where for name in c.fields))
                )
            case FormOngoing():
                yield from (("form", part.form, name) for name in (part.ongoing, part.end))
            case VisitOutOfWindow():
                yield "dataset", part.doses, "USUBJID"
            case DoseAfterEnd():
                yield "dataset", part.doses.dataset, part.treatment
                yield from (("form", part.form, name) for name in (part.drug, *part.ended))
            case RecoveredWithoutEnd():
                yield from (("dataset", part.dataset, name) for name in (part.outcome, part.end))
            case AgeAndBirthDisagree():
                yield "form", part.birth.form, part.age
            case AfterSave():
                yield from (("form", form, name) for form, names in part.except_.items() for name in names)
            case SameEventTwice():
                yield from (("form", part.form, name) for name in (part.term, part.start, part.group))
            case DoseNotPlanned():
                yield from (("dataset", part.dataset, name) for name in (part.treatment, part.dose, part.date))
            case Records():
                yield from part.reads()
            case ImplausibleValue():
                yield from (("dataset", name, f"{name}STRESN") for name in part.limits)


def raw_needs(check: Check) -> str:
    """What of the raw export a check asks for, in words; blank where datasets alone are enough.

    Forms, and names of a raw record's identity (`_FOLDER`), which no dataset has.
    """
    if isinstance(check, AfterSave):
        return "the time at which each record was saved"
    if isinstance(check, VisitOutOfWindow):
        return "the subject number under which each visit was recorded"
    forms = dict.fromkeys(name for kind, name, _ in references(check) if kind == "form")
    if forms:
        return f"form {', '.join(forms)}"
    used = (name for part in _parts(check) if isinstance(part, Records) for name in part.own_names())
    names = dict.fromkeys(name for name in used if name in identity.IDENTITY)
    return f"{', '.join(names)} of each record" if names else ""


def faults(
    checks: Mapping[str, Check], datasets: Mapping[str, DatasetSpec], forms: Mapping[str, FormSpec]
) -> Iterator[Problem]:
    """References of the checks that lead nowhere: finding codes, datasets with variables, forms with fields."""
    for code, check in checks.items():
        if code not in catalogue():
            yield _no_such(f"checks.yaml, {code}", "finding code", code, catalogue())
        for kind, name, inner in references(check):
            place = f"checks.yaml, {code} ({check.check})"
            owners: Mapping[str, DatasetSpec | FormSpec] = datasets if kind == "dataset" else forms
            owner = owners.get(name)
            if owner is None:
                yield _no_such(place, kind, name, owners)
                continue
            known = owner.variables if isinstance(owner, DatasetSpec) else owner.fields
            if inner and inner not in known:
                what = f"variable of {name}" if kind == "dataset" else f"field of form {name}"
                yield _no_such(place, what, inner, known)


def _no_such(place: str, what: str, word: str, known: Iterable[str]) -> Problem:
    return Problem(
        code="SPEC-006", place=place, fact=f"There is no {what} '{word}'.",
        hint=did_you_mean(word, known), next_step="mend the name, or add it to the specs.",
    )  # fmt: skip


def _parts(check: Strict) -> Iterator[Strict]:
    yield check
    for name in type(check).model_fields:
        value = getattr(check, name)
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, Strict):
                yield from _parts(item)
