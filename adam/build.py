"""From SDTM to ADaM: which dataset is made when, and from what."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import pandas as pd

from adam.adae import derive_adae
from adam.addlt import derive_addlt
from adam.adex import derive_adex
from adam.adlb import derive_adlb
from adam.adrs import derive_adrs
from adam.adsl import add_baseline_assessment, derive_adsl
from adam.adtr import derive_adtr
from adam.adtte import derive_adtte
from adam.advs import derive_advs
from adam.cutoff import cut_sdtm, describe_effects, no_accounting
from adam.finish import finish
from adam.inputs import take
from adam.rules.alive import bound_last_alive, derive_last_alive
from adam.rules.assessments import derive_baseline_assessment
from adam.rules.death import died_after
from adam.rules.dlt import derive_dlt_flags, derive_rp2d_flag
from adam.rules.tumors import Tumors, read_tumors
from specs import StudySpec
from specs.errors import InputError, Problem
from specs.findings import combine, report

NEEDED = ("DM", "EX")
# dataset -> domains without which it is not made: judging by what is left would look like a result
NOT_WITHOUT = {
    "ADEX": (), "ADTR": ("TR", "TU"), "ADRS": (), "ADTTE": (), "ADDLT": ("LB", "AE"), "ADAE": ("AE",),
    "ADLB": ("LB",), "ADVS": ("VS",),
}  # fmt: skip
# whose responses count (response.source) -> domains without which ADTTE has overall survival only
PROGRESSION_NOT_WITHOUT = {"investigator": ("RS", "TR", "TU"), "derived": ("TR", "TU")}
TUMOUR_RESULTS = ("TR", "TU")  # without one of them: no baseline assessment, nothing recomputed
# domain -> what is made all the same, but from less
LESS_WITHOUT = {
    "EC": "ADEX sees no held doses, and has no interruptions, delays and any modification",
    "DS": "enrolment, end of treatment and end of study rest on DM, EX and the date of death alone",
    "RS": "ADRS has no parameters of the investigator",
    "TR": "ADRS has no parameters from tumour results, ADSL no baseline assessment and no RESPEVFL",
    "TU": "ADRS has no parameters from tumour results, ADSL no baseline assessment and no RESPEVFL",
    "VS": "febrile neutropenia cannot be judged by temperatures",
    "PR": "no transfusions, no radiotherapy and no surgery are seen",
    "CM": "no prior and no new systemic therapy is seen",
    "SS": "last known alive rests on other contacts",
    "DD": "the cause of death is not known",
}


@dataclass(frozen=True)
class AdamBuild:
    """What a build gives: finished datasets by name, findings, and the accounting of the cut-off."""

    datasets: dict[str, pd.DataFrame]
    findings: pd.DataFrame
    accounting: pd.DataFrame  # dataset, rule, rows


def build_adam(sdtm: Mapping[str, pd.DataFrame], study: StudySpec, cutoff: pd.Timestamp | None = None) -> AdamBuild:
    """All ADaM datasets of the study, from SDTM alone.

    In: SDTM by domain name, SUPP-- included. DM and EX must be there and DM have rows, else InputError; any other
    domain may be absent, which leaves out what depends on it, with a finding (ADAM-430, ADAM-431). Out: the datasets of
    the study's spec, finished. Changes nothing given.
    """
    require_subjects(sdtm)
    return settle(build_subjects(sdtm, study, cutoff), sdtm, study, cutoff)


def build_subjects(sdtm: Mapping[str, pd.DataFrame], study: StudySpec, cutoff: pd.Timestamp | None = None) -> AdamBuild:
    """What is subject-local of `build_adam`: the same rows for any split of the subjects; RP2DFL is still blank."""
    return build_prepared(prepare(sdtm, study, cutoff), study)


def build_prepared(ready: Prepared, study: StudySpec) -> AdamBuild:
    """The datasets of `build_subjects`, from what all of them are made from."""
    sdtm, adsl, cutoff, findings = ready.sdtm, ready.adsl, ready.cutoff, [ready.findings]
    accounting = ready.accounting
    frames: dict[str, pd.DataFrame] = {}
    finished: dict[str, pd.DataFrame] = {}
    if can_make("ADTR", sdtm, study):
        frames["ADTR"], found = derive_adtr(sdtm, adsl, study, ready.tumors)
        findings.append(found)
    if can_make("ADDLT", sdtm, study):
        frames["ADDLT"], found = derive_addlt(sdtm, adsl, study)
        findings.append(found)
        adsl = derive_dlt_flags(adsl, frames["ADDLT"], sdtm, study)
    if can_make("ADAE", sdtm, study):
        frames["ADAE"], found = derive_adae(sdtm, adsl, study)
        finished["ADAE"] = finish(frames.pop("ADAE"), study.adam["ADAE"])  # the widest one, before the longest
        findings.append(found)
    if can_make("ADRS", sdtm, study):
        frames["ADRS"], found = derive_adrs(sdtm, adsl, study, ready.tumors)
        frames["ADRS"] = frames["ADRS"][~frames["ADRS"]["SRCDOM"].isin(_without(sdtm))]
        finished["ADRS"] = finish(frames.pop("ADRS"), study.adam["ADRS"])  # ADTTE points at its ASEQ
        findings.append(found)
    if can_make("ADTTE", sdtm, study):
        adtte, found = derive_adtte(finished["ADRS"], adsl, study)
        frames["ADTTE"] = adtte if not _lacks(sdtm, _for_progression(study)) else adtte[adtte["PARAMCD"] == "OS"]
        findings.append(found)
    for name, derive in (("ADLB", derive_adlb), ("ADVS", derive_advs)):
        if can_make(name, sdtm, study):
            frames[name], found, left_out = derive(sdtm, adsl, study)
            findings.append(found)
            accounting = pd.concat([accounting, left_out], ignore_index=True)
    if can_make("ADEX", sdtm, study):
        frames["ADEX"], found = derive_adex(sdtm, adsl, study, cutoff)
        findings.append(found)
    frames["ADSL"] = adsl
    for name in [name for name in study.adam if name in frames]:  # each leaves the memory as soon as it is finished
        finished[name] = finish(frames.pop(name), study.adam[name])
    datasets = {name: finished[name] for name in study.adam if name in finished}
    return AdamBuild(datasets, combine(findings), accounting)


@dataclass(frozen=True)
class Prepared:
    """What all other datasets are made from: SDTM as of the cut-off, and ADSL but for the DLT flags."""

    sdtm: Mapping[str, pd.DataFrame]
    adsl: pd.DataFrame
    tumors: Tumors
    cutoff: pd.Timestamp | None
    findings: pd.DataFrame
    accounting: pd.DataFrame


def prepare(sdtm: Mapping[str, pd.DataFrame], study: StudySpec, cutoff: pd.Timestamp | None = None) -> Prepared:
    """Find who was last known alive when, apply the cut-off, and make ADSL up to its baseline assessment."""
    alive, found = derive_last_alive(sdtm, study)
    findings = [found]
    accounting = no_accounting()
    if cutoff is not None:
        cutoff = pd.Timestamp(cutoff).normalize()
        died_later = died_after(take(sdtm, "DM", ["USUBJID", "DTHDTC", "DTHFL"]), alive, cutoff)
        sdtm, accounting = cut_sdtm(sdtm, study, cutoff, alive)
        alive = bound_last_alive(alive, died_later, cutoff)
    adsl, found = derive_adsl(sdtm, study, alive, cutoff)
    findings.append(found)
    tumors = read_tumors(sdtm, adsl, study)  # what it reads of ADSL does not change below
    if not _lacks(sdtm, TUMOUR_RESULTS):
        adsl = add_baseline_assessment(adsl, derive_baseline_assessment(sdtm, adsl, study, tumors))
    return Prepared(sdtm, adsl, tumors, cutoff, combine(findings), accounting)


def settle(
    build: AdamBuild, domains: Collection[str], study: StudySpec, cutoff: pd.Timestamp | None = None
) -> AdamBuild:
    """What rests on all subjects together, when those of all parts are in `build`.

    Adds RP2DFL to ADSL (from ADSL and ADDLT), and the findings on the RP2D (ADAM-414), on domains that the SDTM lacks
    (ADAM-430, ADAM-431; `domains`: those it has) and on what the cut-off did (ADAM-420, from the accounting). Where TU
    is absent, what it leaves to say of each subject is said once (ADAM-445).
    """
    findings = [_absent(domains, study), _without_lesions(build.findings, domains)]
    if cutoff is not None:
        findings.append(describe_effects(build.accounting, cutoff))
    datasets = dict(build.datasets)
    if "ADDLT" in datasets:
        datasets["ADSL"], found = derive_rp2d_flag(datasets["ADSL"], datasets["ADDLT"], study)
        findings.append(found)
    return AdamBuild(datasets, combine(findings), build.accounting)


def _without_lesions(findings: pd.DataFrame, domains: Collection[str]) -> pd.DataFrame:
    """The findings, where TU is absent, with one ADAM-445 that counts the subjects in place of what it does to each.

    These are ADAM-441, no baseline, and ADAM-401, the investigator's response against one recomputed without lesions.
    """
    if "TU" in domains:
        return findings
    unbased = findings["code"] == "ADAM-441"
    number = findings.loc[unbased, "usubjid"].nunique()
    row = pd.DataFrame({"DOMAIN": ["TU"] if number else []}, dtype="str")
    return combine(
        [
            findings[~unbased & (findings["code"] != "ADAM-401")],
            report("ADAM-445", row, dataset="TU", variable="TULNKID", number=f"{number:,}"),
        ]
    )


def require_subjects(sdtm: Mapping[str, pd.DataFrame]) -> None:
    """Raise InputError where SDTM lacks what no analysis can be without: doses, and subjects."""
    missing = [name for name in NEEDED if name not in sdtm] + [n for n in ("DM",) if n in sdtm and sdtm[n].empty]
    if missing:
        raise InputError(
            [
                Problem(
                    code="DATA-011", place=f"SDTM, domain {name}",
                    fact="The domain is not there." if name not in sdtm else "The domain has no rows.",
                    next_step="give SDTM with this domain; ADaM cannot be made without it.",
                )
                for name in missing
            ]
        )  # fmt: skip


def _lacks(sdtm: Collection[str], domains: tuple[str, ...]) -> list[str]:
    return [name for name in domains if name not in sdtm]


def _without(sdtm: Collection[str]) -> list[str]:
    """Domains from which no response can be told: what rests on them would be NE or N for everybody."""
    return _lacks(sdtm, ("RS",)) + (list(TUMOUR_RESULTS) if _lacks(sdtm, TUMOUR_RESULTS) else [])


def can_make(dataset: str, sdtm: Collection[str], study: StudySpec) -> bool:
    """Whether the spec has a dataset, and the SDTM the domains without which it is not made."""
    return dataset in study.adam and not _lacks(sdtm, NOT_WITHOUT[dataset])


def _for_progression(study: StudySpec) -> tuple[str, ...]:
    assert study.study.parameters is not None
    return PROGRESSION_NOT_WITHOUT[study.study.parameters.response.source]


def _absent(sdtm: Collection[str], study: StudySpec) -> pd.DataFrame:
    """ADAM-430 for each dataset or parameter not made for want of a domain, ADAM-431 for each made from less."""
    lost = [
        (name, f"dataset {dataset}") for dataset in study.adam for name in _lacks(sdtm, NOT_WITHOUT.get(dataset, ()))
    ]
    if "ADTTE" in study.adam:
        lost += [(name, "PFS, PFSS1, DOR and TTR in ADTTE") for name in _lacks(sdtm, _for_progression(study))]
    less = [(name, text) for name, text in LESS_WITHOUT.items() if name not in sdtm]
    return combine(
        [
            report(
                code, rows, value=rows["DOMAIN"], lost=rows["LOST"],
            )
            for code, pairs in (("ADAM-430", lost), ("ADAM-431", less))
            for rows in [pd.DataFrame(pairs, columns=["DOMAIN", "LOST"], dtype="str")]
        ]
    )  # fmt: skip
