"""Typed models of a study's specs. Every key is known; every number a statistician may change is here."""

from __future__ import annotations

import re
import string
from functools import cache
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from specs.errors import did_you_mean

MAX_LABEL_BYTES = 40  # SAS TS-140: a v5 variable or dataset label has 40 bytes
MAX_CHAR_BYTES = 200  # SAS TS-140: a v5 character variable has at most 200 bytes


def _sas_name(name: str) -> str:
    if not re.fullmatch(r"[A-Z_][A-Z0-9_]{0,7}", name):
        message = "'{name}' is no SAS name: at most 8 of A to Z, 0 to 9 and _, not a digit first"
        raise PydanticCustomError("sas_name", message, {"name": name})
    return name


Name = Annotated[str, AfterValidator(_sas_name)]  # SAS v5 name


class Strict(BaseModel):
    """A frozen model that refuses unknown keys and says which known key was probably meant."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    @model_validator(mode="before")
    @classmethod
    def _refuse_unknown_keys(cls, data: Any) -> Any:
        if isinstance(data, dict):
            for key in data:
                if key not in _known_keys(cls):
                    hint = did_you_mean(str(key), {f.alias or n for n, f in cls.model_fields.items()})
                    raise PydanticCustomError("unknown_key", "unknown key '{key}'", {"key": str(key), "hint": hint})
        return data


@cache
def _known_keys(model: type[Strict]) -> frozenset[str]:
    return frozenset(f.alias or name for name, f in model.model_fields.items()) | frozenset(model.model_fields)


def _fits(label: str) -> str:
    if len(label.encode()) > MAX_LABEL_BYTES:
        raise PydanticCustomError(
            "label_too_long",
            "label '{label}' has {n} bytes, at most {most} fit",
            {"label": label, "n": len(label.encode()), "most": MAX_LABEL_BYTES},
        )
    return label


def _braces_close(sentence: str) -> str:
    try:
        placeholders(sentence)
    except ValueError as error:
        raise PydanticCustomError("says_braces", "the braces in `says` do not close", {}) from error
    return sentence


Sentence = Annotated[str, AfterValidator(_braces_close)]  # {parameter} of study.yaml allowed


# --- raw forms ----------------------------------------------------------------------------------------------


class FieldSpec(Strict):
    """One field of a raw form, whatever the export format calls its columns."""

    label: str
    kind: Literal["text", "coded", "date", "time", "number"]
    order: Literal["DMY", "YMD", "MDY"] | None = None  # date: order of its parts as typed
    choices: str | None = None  # coded: name of a list in choices.yaml
    units: bool = False  # number: the export has a unit column beside it
    optional: bool = False  # a missing column is fine
    not_submitted: Annotated[str, StringConstraints(min_length=1)] | None = None  # why it reaches no SDTM variable

    @model_validator(mode="after")
    def _kind_and_attributes_agree(self) -> Self:
        if (self.kind == "date") != (self.order is not None):
            raise PydanticCustomError("field_order", "a date field, and only a date field, states its `order`")
        if (self.kind == "coded") != (self.choices is not None):
            raise PydanticCustomError("field_choices", "a coded field, and only a coded one, names its `choices`")
        if self.units and self.kind != "number":
            raise PydanticCustomError("field_units", "only a number field has `units`")
        return self


class FormSpec(Strict):
    """A raw form: one file of the export."""

    label: str
    log: bool = False  # log lines: record positions count 1, 2, ...
    optional: bool = False  # a missing file is fine
    fields: dict[Name, FieldSpec]


# --- terminology --------------------------------------------------------------------------------------------


NciCode = Annotated[str, StringConstraints(pattern=r"^C\d+$")]


class Term(Strict):
    """A submission value: its NCI C-code, decode, and the texts of this study that mean it."""

    code: NciCode | None = None  # none for the sponsor's extension of a codelist
    codelist: NciCode | None = None  # of the term, where a variable's terms come from several codelists of CDISC
    decode: str | None = None
    synonyms: list[str] = []


class Codelist(Strict):
    """The terms that a variable may have, and whether others may join them."""

    name: str
    code: NciCode | None = None  # of the codelist; none for a sponsor's own
    package: Literal["SDTM", "ADaM"] = "SDTM"  # of CDISC, that a codelist with a code is of
    extensible: bool = False
    terms: dict[str, Term | None]

    @model_validator(mode="after")
    def _terms_are_what_they_say(self) -> Self:
        for term, details in self.terms.items():
            if self.code and not self.extensible and not (details and details.code):
                message = "term '{term}' has no code, and {code} may not be extended"
                raise PydanticCustomError("term_code", message, {"term": term, "code": self.code})
        for text, meant in self.meanings().items():
            if len(meant) > 1:
                message = "'{text}' means {first} and {second}"
                raise PydanticCustomError("term_twice", message, {"text": text, "first": meant[0], "second": meant[1]})
        return self

    def meanings(self) -> dict[str, list[str]]:
        """Every text that means a term, case folded -> the terms that it means: one, unless the spec is at fault."""
        meant: dict[str, list[str]] = {}
        for term, details in self.terms.items():
            for text in dict.fromkeys(t.casefold() for t in (term, *(details.synonyms if details else []))):
                meant.setdefault(text, []).append(term)
        return meant


# --- datasets -----------------------------------------------------------------------------------------------


Origin = Literal["Collected", "Derived", "Assigned", "Protocol", "Predecessor"]
ORIGINS = get_args(Origin)


class VariableSpec(Strict):
    """A variable: stands once, and everything that names or describes it is made from here."""

    label: Annotated[str, StringConstraints(min_length=1)]
    type: Literal["Char", "Num"]
    length: int | None = Field(None, ge=1, le=MAX_CHAR_BYTES)  # Char: declared maximum in bytes
    format: Literal["DATE9.", "TIME8.", "DATETIME20."] | None = None
    integer: bool = False
    minimum: float | None = None  # Num: the least value that there can be
    core: Literal["Req", "Exp", "Perm", "Cond"] = "Perm"
    role: str | None = None
    codelist: str | None = None
    dictionary: str | None = None  # of study.yaml: where its values come from
    origin: Origin | None = None
    source: Literal["Investigator", "Sponsor", "Subject", "Vendor"] | None = None  # who gave the value, where not usual
    rule: str | None = None
    needs: list[str] = []  # variables the rule reads: VAR of this dataset, or DATASET.VAR
    says: Sentence | None = None  # the sentence of define.xml, rule book and messages; {parameter} allowed

    @model_validator(mode="after")
    def _attributes_agree(self) -> Self:
        _fits(self.label)
        if self.type == "Char" and (self.format or self.integer or self.minimum is not None):
            raise PydanticCustomError("char_format", "only a Num variable has `format`, `integer` or `minimum`")
        if self.type == "Num" and self.length is not None:
            raise PydanticCustomError("num_length", "only a Char variable has `length`; a Num has 8 bytes")
        if self.codelist and self.dictionary:
            raise PydanticCustomError("two_lists", "a variable has a `codelist` or a `dictionary`, not both")
        return self

    @property
    def max_bytes(self) -> int:
        """The declared maximum of a character value, in bytes."""
        return self.length or MAX_CHAR_BYTES


class BdsParameter(Strict):
    """A PARAMCD of a BDS dataset."""

    param: Annotated[str, StringConstraints(max_length=200)]
    parcat1: str | None = None
    parcat2: str | None = None
    paramn: int | None = None
    unit: str | None = None  # of AVAL, where the results of SDTM come with one
    says: Sentence | None = None

    @model_validator(mode="after")
    def _unit_is_told(self) -> Self:
        if self.unit and f"({self.unit})" not in self.param:
            message = "`param` does not have the unit ({unit})"
            raise PydanticCustomError("param_unit", message, {"unit": self.unit})
        return self


# CDISC terminology C103329 (General Observation Class); written in any case
CLASSES = (
    "ADAM OTHER", "BASIC DATA STRUCTURE", "EVENTS", "FINDINGS", "FINDINGS ABOUT", "INTERVENTIONS",
    "OCCURRENCE DATA STRUCTURE", "REFERENCE DATA STRUCTURE", "RELATIONSHIP", "SPECIAL PURPOSE", "STUDY REFERENCE",
    "SUBJECT LEVEL ANALYSIS DATASET", "TRIAL DESIGN",
)  # fmt: skip


def _observation_class(name: str) -> str:
    if name.upper() not in CLASSES:
        message = "there is no class '{name}'"
        raise PydanticCustomError("class", message, {"name": name, "hint": did_you_mean(name.upper(), CLASSES)})
    return name


class DatasetSpec(Strict):
    """A dataset of either half; `adam/*.yaml` is exactly this, `sdtm/*.yaml` adds its sources."""

    dataset: Name
    label: str
    dataset_class: Annotated[str, AfterValidator(_observation_class)] = Field(alias="class")
    subclass: Literal["ADVERSE EVENT", "TIME-TO-EVENT"] | None = None  # of the class, as define.xml has it
    structure: str
    keys: Annotated[list[Name], Field(min_length=1)]
    caveats: list[str] = []
    may_be_empty: bool = False  # zero rows leave the dataset out, instead of stopping the run
    variables: dict[Name, VariableSpec]
    parameters: dict[Name, BdsParameter] = {}

    @model_validator(mode="after")
    def _keys_are_variables(self) -> Self:
        _fits(self.label)
        for key in self.keys:
            if key not in self.variables:
                raise PydanticCustomError(
                    "unknown_variable",
                    "key '{key}' is no variable of {dataset}",
                    {"key": key, "dataset": self.dataset, "hint": did_you_mean(key, self.variables)},
                )
        return self

    @property
    def char_variables(self) -> list[str]:
        return [name for name, v in self.variables.items() if v.type == "Char"]

    @property
    def date_variables(self) -> list[str]:
        return [name for name, v in self.variables.items() if v.format in ("DATE9.", "DATETIME20.")]


# --- the study ----------------------------------------------------------------------------------------------


class Arm(Strict):
    """One arm: a dose level of phase Ib, or phase II."""

    arm: str
    phase: Literal["IB", "II"] | None = None  # asked for by the DLT rules of ADaM
    level: int | None = None  # dose level number within phase Ib
    doses: dict[str, float] = {}  # planned: EXTRT -> EXDOSE, in the unit of `drugs`


class Dictionary(Strict):
    """An external dictionary that terms were coded with, and its release."""

    name: str
    version: str


class Drug(Strict):
    """A study drug as EX names it, with the planned schedule the dose fraction is computed against."""

    dose_unit: str
    frequency: Literal["ONCE", "QD"]  # ONCE: one administration a cycle; QD: daily
    placebo: bool  # a dose of 0 is a dose given


class VisitSpec(Strict):
    """A planned visit, or a series of them where the folder has `{n}`.

    `visitnum` and `day` of the n-th are `visitnum + step * (n - first)` and `day + days * (n - first)`.
    """

    folder: str
    visit: str
    visitnum: float
    day: int | None = None  # planned study day
    early: int = 0  # allowed days before and after the planned day
    late: int = 0
    first: int = 1
    last: int = 1
    step: float = 0
    days: int = 0
    epoch: str | None = None
    starts: str | None = None  # TVSTRL and TVENRL; {n}, {day}, {early}, {late} allowed
    ends: str | None = None


class Identity(Strict):
    """How subjects are identified (declared, because sites and sponsors differ)."""

    usubjid: str = "{study}-{subject}"  # {study}, {site}, {subject}
    subject_pattern: str  # what a subject number looks like
    test_sites: list[str] = []  # sites whose subjects are tests, left out by the rule TEST-SUBJECT
    subject_form: str  # the form that has one record a subject
    previous_subject: str | None = None  # its field with the number before a re-screening

    @model_validator(mode="after")
    def _patterns_can_be_used(self) -> Self:
        try:
            re.compile(self.subject_pattern)
        except re.error as error:
            message = "`subject_pattern` is no regular expression: {error}"
            raise PydanticCustomError("subject_pattern", message, {"error": str(error)}) from error
        try:
            unknown = sorted(placeholders(self.usubjid) - {"study", "site", "subject"})
        except ValueError as error:
            raise PydanticCustomError("usubjid_braces", "the braces in `usubjid` do not close", {}) from error
        if unknown:
            message = "`usubjid` is made of study, site and subject; it knows no '{name}'"
            raise PydanticCustomError("usubjid", message, {"name": unknown[0]})
        return self


class ReaderSpec(Strict):
    """Whose records of TU, TR and RS are read."""

    evaluator: str  # --EVAL; blank means INVESTIGATOR (SDTMIG 3.4: it may be, where the investigator alone reads)
    evaluator_id: str | None = None  # --EVALID, one reader of several with the same --EVAL
    accepted: bool = False  # only records with --ACPTFL = Y, where several readers read the same scan


class ResponseParameters(Strict):
    """RECIST 1.1 and its conventions (PROTOCOL: Response)."""

    reader: ReaderSpec
    source: Literal["investigator", "derived"]  # the reader's own response, or the one recomputed from lesions
    max_targets: int
    max_targets_per_organ: int
    baseline_window_days: int
    pr_decrease: float
    pd_increase: float
    pd_increase_mm: float
    too_small_mm: float
    node_normal_mm: float
    node_pathological_mm: float
    confirm_days: int
    max_ne_between: int
    sd_min_days: int


class TimeToEventParameters(Strict):
    """Origin, and censoring for missed assessments (PROTOCOL: Time to event)."""

    origin: Literal["first_dose", "enrolment"]  # of survival: ADSL.TRTSDT or ADSL.ENRLDT
    duration_from: Literal["confirmed", "any"]  # duration of response: of confirmed responses only, or of every one
    gap_days: int
    first_gap_days: int


class DltParameters(Strict):
    """DLT criteria and 3+3 (PROTOCOL: DLT)."""

    window_days: int
    ctcae_version: str
    anc_grade4_below: float
    anc_low_days: int
    anc_febrile_below: float
    febrile_grade_from: int
    temp_single_above: float
    temp_sustained_from: float
    temp_sustained_minutes: int
    plat_grade3_below: float
    plat_grade4_below: float
    transfusion_days_after: int
    min_dose_fraction: float
    clear_min_evaluable: int
    expand_min_evaluable: int
    expand_max_dlt: int
    stop_min_dlt: int


class SafetyParameters(Strict):
    """Adverse events, laboratory results and vital signs (PROTOCOL: Adverse events)."""

    teae_days: int
    on_treatment_days: int  # after last dose, within which a result counts as on treatment
    day1_untimed: Literal["before", "after"]  # a result on the day of first dose, where a time is not known
    worst_by: Literal["AETOXGR", "AESEV"]  # what tells the worst event: the CTCAE grade, or mild, moderate, severe


class LifeProof(Strict):
    """Records of a domain whose date shows that the subject was alive on it."""

    domain: Name
    date: Name
    only: tuple[Name, str] | None = None  # variable and the value it must have
    unless: tuple[Name, str] | None = None  # variable and the value it must not have
    given: Name | None = None  # dose that must be above 0

    def proving(self) -> list[Name]:
        """The variables without which nothing is proved."""
        return [self.date, *([self.only[0]] if self.only else []), *([self.given] if self.given else [])]

    def variables(self) -> list[Name]:
        """All that are looked at."""
        return [*self.proving(), *([self.unless[0]] if self.unless else [])]


class ExposureParameters(Strict):
    """Dose intensity and late doses (ADEX)."""

    cycle_days: int = Field(ge=1)  # a drug given once a cycle is due again after so many days
    delay_days: int  # it is late when it comes more than so many days after that


class SubjectParameters(Strict):
    """Groups of subjects; what tells of life and of the cause of death."""

    older_from_years: int
    younger: str | None = None  # AGEGR1 below that age; left out: `<` and the age
    older: str | None = None  # and from it on; left out: `>=` and the age
    death_cause: list[Literal["DD", "AE"]]  # domains that tell the cause; the first that does decides
    alive: list[LifeProof]  # where two records prove the same day, the earlier line is named


class CutOffParameters(Strict):
    """SDTM as of the data cut-off (PROTOCOL: Cut-off)."""

    doubtful: Literal["kept", "left out"] = "kept"  # a date that can lie before the cut-off and after it
    ongoing: str = "ONGOING"  # --ENRTPT of a record that ends after it
    event_goes_on: str = "NOT RECOVERED/NOT RESOLVED"  # AEOUT of an event that ends, or is fatal, after it


class Parameters(Strict):
    """What a statistician may change, in one place."""

    response: ResponseParameters
    time_to_event: TimeToEventParameters
    dlt: DltParameters | None  # null: a study without dose finding
    safety: SafetyParameters
    subject: SubjectParameters
    cut_off: CutOffParameters = CutOffParameters()
    exposure: ExposureParameters | None = None  # asked for by ADEX

    def flat(self) -> dict[str, str | int | float]:
        """The parameters that are a number or a text, as `group_name`, for the placeholders of `says`."""
        groups = self.model_dump(exclude_none=True).items()
        return {f"{g}_{k}": v for g, group in groups for k, v in group.items() if not isinstance(v, list | dict)}


class Handoff(Strict):
    """How the files that are handed on are written."""

    # text in XPT: in ASCII characters only (Parquet and Dataset-JSON keep what was collected), or as it is, in UTF-8
    xpt_text: Literal["ascii", "utf-8"] = "ascii"
    # a larger XPT file is also given in pieces (FDA, Study Data Technical Conformance Guide: 5 GB)
    xpt_max_bytes: Annotated[int, Field(ge=10_000)] = 5_000_000_000


class StudyFile(Strict):
    """`study.yaml`."""

    studyid: str
    title: str
    project: str  # the EDC's project name, part of the raw file names
    ct_version: Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$")]  # package of CDISC's SDTM terminology
    adam_ct_version: Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$")] | None = None  # of its ADaM one
    sdtmig: str
    adamig: str
    dictionaries: dict[str, Dictionary] = {}
    drugs: dict[str, Drug] = {}
    arms: dict[str, Arm]
    visits: list[VisitSpec]
    unscheduled_folder: str | None = None
    identity: Identity
    parameters: Parameters | None = None
    handoff: Handoff = Handoff()
    # names of term lists and categories that rules look for, e.g. the haemorrhage preferred terms
    terms: dict[str, list[str]] = {}


def placeholders(text: str) -> set[str]:
    """The names in braces in a `says` sentence."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}
