"""Raw forms to SDTM: the steps, in order, for every domain that the study's specs declare."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from sdtm.accounting import ROW, Ledger
from sdtm.built import SdtmBuild
from sdtm.continuation import Continued, continue_long_texts
from sdtm.finish import judge_values, map_codelists, publish
from sdtm.lineage import derive_lineage
from sdtm.order import order_rules
from sdtm.relations import RELREC, find_parents, relate_records
from sdtm.rule import MAP, Call, Made, Result
from sdtm.rules import RULES
from sdtm.sequence import put_in_order
from sdtm.sources import KEPT, read_source
from sdtm.subjects import add_persons, identify_persons
from sdtm.supplemental import derive_supplemental
from sdtm.trial_design import add_trial_design
from sdtm.visits import add_visits
from specs import StudySpec, identity
from specs.findings import combine
from specs.mapping import SdtmDatasetSpec

__all__ = ["SdtmBuild", "build_sdtm", "build_subjects"]

COMMENTS = "CO"
UNKNOWN_SUBJECT = "UNKNOWN-SUBJECT"  # the subject form does not have the record's subject number


def build_sdtm(forms: dict[str, pd.DataFrame], study: StudySpec) -> SdtmBuild:
    """Every SDTM dataset of the study: those of the subjects (`build_subjects`), then the trial design.

    In: the forms of all subjects; out: as `build_subjects` and `add_trial_design` (sdtm/trial_design.py) say.
    """
    return add_trial_design(build_subjects(forms, study), study)


def build_subjects(forms: dict[str, pd.DataFrame], study: StudySpec) -> SdtmBuild:
    """Every subject-level SDTM dataset of the study, SUPP-- among them, from raw forms of all subjects or of some.

    In: the forms as a reader gives them (specs/identity.py); a form that is not there counts as one without records.
    Out: each dataset with the spec's variables, sorted by the spec's keys. A dataset without records is left out where
    its spec says `may_be_empty`, and SUPP-- always. Records of subjects that the subject form does not have are left
    out by the rule UNKNOWN-SUBJECT. Raises SpecError for an unknown rule or a circle; dirty values give findings.
    Subject-local: any split of the persons into parts gives the same rows.
    """
    order = order_rules(study, RULES)
    persons = identify_persons(forms, study)
    every = add_visits({name: add_persons(form, persons) for name, form in forms.items()}, study)
    ledger = Ledger(every)
    known = {
        name: (form if form["KNOWN"].all() else form[form["KNOWN"]]).drop(columns="KNOWN")
        for name, form in every.items()
    }
    strangers = {name: form.loc[~form["KNOWN"], ROW] for name, form in every.items()}
    found: list[pd.DataFrame] = []
    frames: dict[str, pd.DataFrame] = {}
    for name, spec in study.subject_level.items():
        frames[name] = map_codelists(_map_domain(spec, known, study, ledger, found), spec, study)
        for source in spec.sources:
            if source.form in every:
                ledger.leave_out(source.form, name, UNKNOWN_SUBJECT, strangers[source.form])
    for name, spec in study.subject_level.items():
        for step in spec.steps:
            call = Call(study, spec, frames, known, args=step.args)
            frames[name] = _stepped(RULES[step.rule](frames[name], call), call, ledger, found)
        if spec.steps:
            frames[name] = map_codelists(frames[name], spec, study)
    shared: dict[str, Any] = {}
    for name, variable in order:
        spec = study.sdtm[name]
        made = spec.made[variable]
        call = Call(study, spec, frames, known, variable, made.of or "", made.args, shared)
        values = _made(RULES[made.rule or ""](frames[name], call), found)
        mapped = frames[name][variable]
        values = mapped.where(mapped.notna(), values) if mapped.notna().any() else values
        frames[name] = map_codelists(frames[name].assign(**{variable: values}), spec, study, [variable])
    return _finish(frames, study, ledger, found)


def _map_domain(
    spec: SdtmDatasetSpec, forms: dict[str, pd.DataFrame], study: StudySpec, ledger: Ledger, found: list[pd.DataFrame]
) -> pd.DataFrame:
    """All sources of a domain below each other, with every column that mappings make; the index is a RangeIndex."""
    parts, first_map = [], 0
    for source in spec.sources:
        if source.form in forms:
            records = read_source(spec, source, first_map, forms, study)
            parts.append(records.frame)
            found += records.findings
            for rule, left in records.left_out.items():
                ledger.leave_out(source.form, spec.dataset, rule, left)
            for form, joined in records.joined.items():
                ledger.join(form, spec.dataset, joined)
        first_map += len(spec.mappings(source))
    columns = {name: v.type for name, v in spec.made.items()}
    frame = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame({n: pd.Series(dtype="str") for n in KEPT})
    absent = {
        name: pd.Series(index=frame.index, dtype="float64" if kind == "Num" else "str")
        for name, kind in columns.items()
        if name not in frame
    }
    absent["STUDYID"] = pd.Series(study.studyid, index=frame.index, dtype="str")
    absent["DOMAIN"] = pd.Series(spec.dataset, index=frame.index, dtype="str")
    if MAP not in frame:
        absent[MAP] = pd.Series(index=frame.index, dtype="int64")
    kept = frame.drop(columns=[name for name in ("STUDYID", "DOMAIN") if name in frame])
    return pd.concat([kept, pd.DataFrame(absent, index=frame.index)], axis=1)


def _stepped(result: Result, call: Call, ledger: Ledger, found: list[pd.DataFrame]) -> pd.DataFrame:
    made = result if isinstance(result, Made) else Made(result)
    assert isinstance(made.values, pd.DataFrame), "a step gives a frame"
    for rule, rows in made.left_out.items():
        for form, left in rows.groupby(identity.FORM):
            ledger.leave_out(str(form), call.spec.dataset, rule, left[ROW])
    found += [made.findings] if made.findings is not None else []
    return made.values.reset_index(drop=True)


def _made(result: Result, found: list[pd.DataFrame]) -> pd.Series:
    made = result if isinstance(result, Made) else Made(result)
    assert isinstance(made.values, pd.Series), "a rule of a variable gives a Series"
    found += [made.findings] if made.findings is not None else []
    return made.values


def _finish(frames: dict[str, pd.DataFrame], study: StudySpec, ledger: Ledger, found: list[pd.DataFrame]) -> SdtmBuild:
    datasets: dict[str, pd.DataFrame] = {}
    lineage: dict[str, pd.DataFrame] = {}
    ordered: dict[str, pd.DataFrame] = {}
    fitting: dict[str, Continued] = {}
    for name, spec in study.subject_level.items():
        linked_by = study.relations.helpers(name) if study.relations else set()
        kept = _only_with(frames.pop(name), spec, ledger)
        if name != RELREC:
            ledger.use(name, kept, [source.form for source in spec.sources])
        fitting[name] = continue_long_texts(kept, spec)
        found += fitting[name].findings
        ordered[name] = put_in_order(fitting[name].frame, spec, linked_by | fitting[name].qualifiers.keys())
    if COMMENTS in ordered:
        ordered[COMMENTS] = find_parents(ordered[COMMENTS], ordered)
    for name, spec in study.subject_level.items():
        if name == RELREC:
            related, unlinked = relate_records(ordered, study)
            found += unlinked
            datasets |= {RELREC: publish(related, spec)} if len(related) else {}
            continue
        frame = ordered[name]
        found += judge_values(frame, spec, study)
        if len(frame) or not spec.may_be_empty:
            datasets[name] = publish(frame, spec)
            lineage[name] = derive_lineage(frame, spec)
        supplemental = derive_supplemental(frame, spec, fitting[name].qualifiers)
        if len(supplemental):
            datasets[f"SUPP{name}"] = supplemental
    return SdtmBuild(datasets, lineage, _once(combine(found)), ledger.table())


def _only_with(frame: pd.DataFrame, spec: SdtmDatasetSpec, ledger: Ledger) -> pd.DataFrame:
    if spec.only_with is None:
        return frame
    kept = frame[spec.only_with.variable].notna()
    without = frame[~kept & ~frame[ROW].isin(frame.loc[kept, ROW])]
    for form, left in without.groupby(identity.FORM):
        ledger.leave_out(str(form), spec.dataset, spec.only_with.left_out, left[ROW])
    return frame[kept].reset_index(drop=True)


def _once(findings: pd.DataFrame) -> pd.DataFrame:
    """Findings without repeats: a field that two domains read is reported by the first, and not again by a rule."""
    of_record = findings["record_id"] != ""
    collected = findings["field"] != ""
    said = ["code", "form", "record_id", "value"]
    known = pd.MultiIndex.from_frame(findings.loc[of_record & collected, said])
    told = ~collected & of_record & (findings["value"] != "") & pd.MultiIndex.from_frame(findings[said]).isin(known)
    repeated = findings.duplicated([*said, "field"]) & of_record & collected
    return (
        findings[~(repeated | told)]
        .reset_index(drop=True)
        .astype(dict.fromkeys(findings.columns, "str"))
        .replace(np.nan, "")
    )
