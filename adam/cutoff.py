"""The data cut-off: SDTM as it would have been on that day. The first step of ADaM, once last known alive is found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from adam.inputs import among, spread, take
from adam.rules.alive import derive_last_alive
from adam.rules.dates import possible_days
from adam.rules.death import died_after
from specs import StudySpec
from specs.findings import combine, report
from specs.models import CutOffParameters

READ, KEPT = "READ", "KEPT"
# rules that leave records out ...
SUBJECT_AFTER = "CUTOFF-SUBJECT-AFTER"
START_AFTER = "CUTOFF-START-AFTER"
DEATH_RECORD = "CUTOFF-DEATH-RECORD"
PARENT_OUT = "CUTOFF-PARENT-OUT"
# ... and rules that change records that are kept
END_AFTER = "CUTOFF-END-AFTER"
DEATH_AFTER = "CUTOFF-DEATH-AFTER"
ENROLLED_AFTER = "CUTOFF-ENROLLED-AFTER"
DATE_AFTER = "CUTOFF-DATE-AFTER"
LEAVES_OUT = (SUBJECT_AFTER, START_AFTER, DEATH_RECORD, PARENT_OUT)  # READ = KEPT + these
EFFECTS = {
    SUBJECT_AFTER: "left out, the subject's consent is later",
    START_AFTER: "left out, the start is later",
    DEATH_RECORD: "left out, the death that it tells of is later",
    PARENT_OUT: "left out with the record that they belong to",
    END_AFTER: "made ongoing, the end is later",
    DEATH_AFTER: "turned back to alive, the death is later",
    ENROLLED_AFTER: "turned back to not assigned, enrolment and first dose are later",
    DATE_AFTER: "lost a date that is later",
}

_ASSIGNMENT = ["ARM", "ARMCD", "ACTARM", "ACTARMCD"]
_NO_SUBJECTS = ("TA", "TE", "TI", "TS", "TV", "TD", "TM", "OI", "DI")  # trial design and device domains stay whole


@dataclass
class _Cut:
    """What the cut-off is, what is cut, and what it did, counted."""

    on: pd.Timestamp
    rules: CutOffParameters
    counts: list[tuple[str, str, int]] = field(default_factory=list)

    def count(self, dataset: str, rule: str, rows: int) -> None:
        if rows or rule in (READ, KEPT):
            self.counts.append((dataset, rule, rows))

    def later(self, dtc: pd.Series) -> pd.Series:
        """Whether a date counts as after the cut-off: every day that it can mean is, or any, as the study says."""
        decides = "FIRST" if self.rules.doubtful == "kept" else "LAST"
        if not isinstance(dtc.dtype, pd.CategoricalDtype):
            return possible_days(dtc)[decides] > self.on
        of_texts = possible_days(pd.Series(dtc.cat.categories, dtype="str"))[decides] > self.on
        return pd.Series(spread(dtc.cat.codes.to_numpy(), of_texts.to_numpy(), default=False), index=dtc.index)


def cut_sdtm(
    sdtm: Mapping[str, pd.DataFrame],
    study: StudySpec,
    cutoff: pd.Timestamp,
    alive: pd.DataFrame | None = None,
) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """SDTM without what came after the cut-off day.

    In: every domain; `alive` as `derive_last_alive` gives it on uncut SDTM (made here where it is not given). Out: the
    domains, cut; the accounting (dataset, rule, rows), which `describe_effects` makes findings of.
    A date counts as after the cut-off when every day that it can mean is: doubtful records stay, and what is imputed
    for them later is bounded by the cut-off; where the study parameter `doubtful` says `left out`, when any day is.
    For each record the rules apply in this order:
      1. CUTOFF-SUBJECT-AFTER    informed consent is after: all records of the subject are out
      2. CUTOFF-START-AFTER      --STDTC, else --DTC is after: out
      3. CUTOFF-DEATH-RECORD     DD of a subject whose death is after: out
      4. CUTOFF-PARENT-OUT       SUPP-- of a record that is out: out
      5. CUTOFF-END-AFTER        --ENDTC is after: blank, the record is ongoing; the outcome of an AE not yet known
      6. CUTOFF-DEATH-AFTER      the death is after (`died_after`): DM without DTHDTC and DTHFL, no AE is fatal
      7. CUTOFF-ENROLLED-AFTER   no dose and no enrolment yet, but both to come: DM without arms
      8. CUTOFF-DATE-AFTER       any other date of a kept record is after: blank
    Source: PROTOCOL, "Cut-off".
    """
    if alive is None:
        alive, _ = derive_last_alive(sdtm, study)
    parameters = study.study.parameters
    rules = parameters.cut_off if parameters is not None else CutOffParameters()
    cut = _Cut(pd.Timestamp(cutoff).normalize(), rules)
    dm = take(sdtm, "DM", ["USUBJID", "RFICDTC", "DTHDTC", "DTHFL"])
    consented_later = dm.loc[cut.later(dm["RFICDTC"]), "USUBJID"]
    died_later = died_after(dm, alive, cut.on)
    out: dict[str, pd.DataFrame] = {}
    for domain in sorted(sdtm, key=lambda name: name.startswith("SUPP")):
        frame = sdtm[domain]
        if domain in _NO_SUBJECTS or "USUBJID" not in frame:
            out[domain] = frame
            continue
        cut.count(domain, READ, len(frame))
        frame = _leave_out(frame, domain, cut, consented_later, died_later)
        frame = _without_orphans(frame, out, sdtm, domain, cut)
        cut.count(domain, KEPT, len(frame))
        frame = _end_records(frame, domain, cut)
        if domain == "DM":
            frame = _roll_back_dm(frame, sdtm, cut, died_later)
        if domain == "AE":
            frame = _undo_fatal(frame, cut, died_later)
        out[domain] = _blank_dates(frame, domain, cut).reset_index(drop=True)
    accounting = pd.DataFrame(cut.counts, columns=["dataset", "rule", "rows"]).astype({"rule": "str", "dataset": "str"})
    return {name: out[name] for name in sdtm}, accounting.sort_values("dataset", kind="stable", ignore_index=True)


def no_accounting() -> pd.DataFrame:
    """An accounting (dataset, rule, rows) without rows."""
    return pd.DataFrame(columns=["dataset", "rule", "rows"]).astype({"dataset": "str", "rule": "str", "rows": "int64"})


def _start(frame: pd.DataFrame, domain: str) -> str | None:
    if domain == "DM":
        return None
    return next((name for name in (f"{domain}STDTC", f"{domain}DTC") if name in frame), None)


def _leave_out(
    frame: pd.DataFrame, domain: str, cut: _Cut, consented_later: pd.Series, died_later: pd.Series
) -> pd.DataFrame:
    late_subject = among(frame["USUBJID"], consented_later)
    cut.count(domain, SUBJECT_AFTER, int(late_subject.sum()))
    frame = frame[~late_subject]
    start = _start(frame, domain)
    if start:
        late = cut.later(frame[start])
        cut.count(domain, START_AFTER, int(late.sum()))
        frame = frame[~late]
    if domain == "DD":
        undone = among(frame["USUBJID"], died_later)
        cut.count(domain, DEATH_RECORD, int(undone.sum()))
        frame = frame[~undone]
    return frame


def _without_orphans(
    frame: pd.DataFrame, done: dict[str, pd.DataFrame], sdtm: Mapping[str, pd.DataFrame], domain: str, cut: _Cut
) -> pd.DataFrame:
    """SUPP-- records whose parent, named by --SEQ, was left out go with it."""
    parent = domain.removeprefix("SUPP")
    seq = f"{parent}SEQ"
    if parent == domain or parent not in done or seq not in sdtm[parent] or "IDVARVAL" not in frame:
        return frame
    kept = take(done, parent, ["USUBJID", seq]).assign(KEPT=True).rename(columns={seq: "IDVARVAL"})
    named = pd.DataFrame(
        {
            "USUBJID": frame["USUBJID"].astype("str"),
            "IDVARVAL": pd.to_numeric(
                frame["IDVARVAL"].astype("str").where(frame["IDVAR"] == seq), errors="coerce"
            ).astype("float64"),
        }
    )
    by_seq = named["IDVARVAL"].notna()
    found = named.merge(kept.astype({"IDVARVAL": "float64"}), on=["USUBJID", "IDVARVAL"], how="left")["KEPT"].notna()
    orphan = by_seq & ~found.set_axis(frame.index)
    cut.count(domain, PARENT_OUT, int(orphan.sum()))
    return frame[~orphan]


def _end_records(frame: pd.DataFrame, domain: str, cut: _Cut) -> pd.DataFrame:
    end = f"{domain}ENDTC"
    if end not in frame or domain == "DM":
        return frame
    late = cut.later(frame[end])
    cut.count(domain, END_AFTER, int(late.sum()))
    changes: dict[str, pd.Series] = {end: frame[end].mask(late)}
    if f"{domain}ENDY" in frame:
        changes[f"{domain}ENDY"] = frame[f"{domain}ENDY"].mask(late)
    if f"{domain}ENRTPT" in frame:
        changes[f"{domain}ENRTPT"] = frame[f"{domain}ENRTPT"].astype("str").mask(late, cut.rules.ongoing)
    if f"{domain}ENTPT" in frame:
        changes[f"{domain}ENTPT"] = frame[f"{domain}ENTPT"].astype("str").mask(late, cut.on.strftime("%Y-%m-%d"))
    if domain == "AE" and "AEOUT" in frame:
        changes["AEOUT"] = frame["AEOUT"].astype("str").mask(late, cut.rules.event_goes_on)
    return frame.assign(**changes)


def _undo_fatal(frame: pd.DataFrame, cut: _Cut, died_later: pd.Series) -> pd.DataFrame:
    fatal = among(frame["USUBJID"], died_later)
    told = {"AEOUT": ("FATAL", cut.rules.event_goes_on), "AESDTH": ("Y", "N")}
    undone = pd.Series(False, index=frame.index)
    for name, (was, becomes) in told.items():
        if name in frame:
            hit = fatal & (frame[name] == was)
            undone |= hit
            frame = frame.assign(**{name: frame[name].astype("str").mask(hit, becomes)})
    cut.count("AE", DEATH_AFTER, int(undone.sum()))
    return frame


def _roll_back_dm(dm: pd.DataFrame, sdtm: Mapping[str, pd.DataFrame], cut: _Cut, died_later: pd.Series) -> pd.DataFrame:
    alive = among(dm["USUBJID"], died_later)
    cut.count("DM", DEATH_AFTER, int(alive.sum()))
    dm = dm.assign(**{name: dm[name].mask(alive) for name in ("DTHDTC", "DTHFL") if name in dm})
    milestones = take(sdtm, "DS", ["USUBJID", "DSCAT", "DSDECOD", "DSSTDTC"])
    milestones = milestones[(milestones["DSCAT"] == "PROTOCOL MILESTONE") & (milestones["DSDECOD"] == "ENROLLED")]
    doses = take(sdtm, "EX", ["USUBJID", "EXSTDTC"]).rename(columns={"EXSTDTC": "DSSTDTC"})
    steps = pd.concat([milestones[["USUBJID", "DSSTDTC"]], doses], ignore_index=True)
    to_come = cut.later(steps["DSSTDTC"])
    waits = among(dm["USUBJID"], steps.loc[to_come, "USUBJID"]) & ~among(dm["USUBJID"], steps.loc[~to_come, "USUBJID"])
    cut.count("DM", ENROLLED_AFTER, int(waits.sum()))
    return dm.assign(**{name: dm[name].mask(waits) for name in _ASSIGNMENT if name in dm})


def _blank_dates(frame: pd.DataFrame, domain: str, cut: _Cut) -> pd.DataFrame:
    """Any other date, also one that stands in SUPP--; what a death does to DM is told already."""
    start = _start(frame, domain)
    changed = pd.Series(False, index=frame.index)
    blanked = {}
    if {"QNAM", "QVAL"} <= set(frame.columns):
        late = frame["QNAM"].astype("str").str.endswith("DTC").fillna(False) & cut.later(frame["QVAL"])
        blanked["QVAL"] = late.astype(bool)
    for name in frame.columns:
        if name.endswith("DTC") and name not in (start, "DTHDTC"):
            blanked[name] = cut.later(frame[name])
    for name, late in blanked.items():
        changed |= late
        frame = frame.assign(**{name: frame[name].mask(late)})
    cut.count(domain, DATE_AFTER, int(changed.sum()))
    return frame


def describe_effects(accounting: pd.DataFrame, cutoff: pd.Timestamp) -> pd.DataFrame:
    """Findings ADAM-420, one a dataset and rule that had an effect, from the accounting (dataset, rule, rows)."""
    rows = accounting[accounting["rule"].isin(list(EFFECTS))].reset_index(drop=True)
    return combine(
        [
            report(
                "ADAM-420", of_dataset, dataset=dataset, value=of_dataset["rule"], rule=of_dataset["rule"],
                records=of_dataset["rows"].astype("str"), effect=of_dataset["rule"].map(EFFECTS),
                cutoff=cutoff.strftime("%Y-%m-%d"),
            )
            for dataset in dict.fromkeys(rows["dataset"])
            for of_dataset in [rows[rows["dataset"] == dataset]]
        ]
    )  # fmt: skip
