"""Last known alive: the latest complete date that proves life."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from adam.inputs import among, places_among, spread, take, take_coded
from adam.rules.dates import day, possible_days
from specs import StudySpec
from specs.findings import combine, report
from specs.models import LifeProof


def derive_last_alive(sdtm: Mapping[str, pd.DataFrame], study: StudySpec) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The latest complete date that proves life, over all domains, before any cut-off.

    In: DM (USUBJID, DTHDTC) and the domains of the study's list `subject.alive`. Out: one row a subject of DM with
    USUBJID, LSTALVDT, LSTALVSR (DOMAIN.VARIABLE) and LSTALVSQ (--SEQ, where the domain has one), missing where nothing
    proves life; and findings.
    A contact after a complete date of death proves nothing: the latest one of the subject is finding ADAM-412.
    Partial and imputed dates, doses of 0 and records marked as not done never count.
    Source: PROTOCOL, "Where the other dates come from".
    """
    assert study.study.parameters is not None
    proofs = study.study.parameters.subject.alive
    dm = take(sdtm, "DM", ["USUBJID", "DTHDTC"])
    death = dm.assign(DEATH=day(dm["DTHDTC"]))[["USUBJID", "DEATH"]]
    contacts = pd.concat([_latest(sdtm, proof, rank, death) for rank, proof in enumerate(proofs)], ignore_index=True)
    posthumous = contacts["DATE"] > contacts["DEATH"]
    alive = _pick_latest(contacts[~posthumous]).rename(
        columns={"DATE": "LSTALVDT", "SOURCE": "LSTALVSR", "SEQ": "LSTALVSQ"}
    )
    alive = alive[["USUBJID", "LSTALVDT", "LSTALVSR", "LSTALVSQ"]]
    alive = dm[["USUBJID"]].merge(alive, on="USUBJID", how="left", validate="1:1")
    return alive, _contacts_after_death(_pick_latest(contacts[posthumous]))


def bound_last_alive(alive: pd.DataFrame, died_later: pd.Series, cutoff: pd.Timestamp) -> pd.DataFrame:
    """Last known alive as of the cut-off: a later contact, or a death after it, proves life on the cut-off day itself.

    In: `alive` as `derive_last_alive` gives it; the USUBJID of those who died after the cut-off. Rows stay. The source
    of a later contact stays named; a later death alone is named DM.DTHDTC, without LSTALVSQ.
    """
    contact_later = alive["LSTALVDT"] > cutoff
    by_death = among(alive["USUBJID"], died_later) & ~contact_later
    return alive.assign(
        LSTALVDT=alive["LSTALVDT"].mask(contact_later | by_death, cutoff).astype("datetime64[us]"),
        LSTALVSR=alive["LSTALVSR"].mask(by_death, "DM.DTHDTC"),
        LSTALVSQ=alive["LSTALVSQ"].mask(by_death),
    )


def explain_imputed_death(alive: pd.DataFrame, dm: pd.DataFrame) -> pd.DataFrame:
    """Finding ADAM-412 for each subject last known alive after every day that the partial date of death can mean."""
    can_mean = possible_days(dm["DTHDTC"])
    dead = dm[["USUBJID", "DTHDTC"]].assign(LAST=can_mean["LAST"].where(can_mean["DTF"].notna()))
    dead = dead.merge(alive, on="USUBJID", how="left")
    return _report(dead[dead["LSTALVDT"] > dead["LAST"]], dead["LSTALVSR"], dead["LSTALVSQ"], dead["LSTALVDT"])


def _latest(sdtm: Mapping[str, pd.DataFrame], proof: LifeProof, rank: int, death: pd.DataFrame) -> pd.DataFrame:
    """The latest contact of each subject that one kind of record proves, and the latest one after death."""
    source = f"{proof.domain}.{proof.date}"
    subjects = places_among(sdtm, proof.domain, death["USUBJID"])
    dates, texts = take_coded(sdtm, proof.domain, proof.date)
    days = spread(dates, day(texts).to_numpy(), default=np.datetime64("NaT", "us"))
    counts = (subjects >= 0) & ~np.isnat(days) & _counts(sdtm, proof)
    rows, subjects, days = np.flatnonzero(counts), subjects[counts], days[counts]
    after = days > death["DEATH"].to_numpy()[subjects]
    kind = subjects * 2 + after
    latest = np.full(2 * len(death), np.iinfo("int64").min)
    np.maximum.at(latest, kind, days.view("int64"))
    chosen = days.view("int64") == latest[kind]
    seq = take(sdtm, proof.domain, [f"{proof.domain}SEQ"]).iloc[rows[chosen], 0].to_numpy()
    found = pd.DataFrame({"KIND": kind[chosen], "DATE": days[chosen], "SEQ": seq})
    found = found.sort_values("SEQ", kind="stable").drop_duplicates("KIND")
    of_subject = death.take(found["KIND"].to_numpy() // 2).set_axis(found.index)
    return of_subject.assign(
        DATE=found["DATE"], SEQ=found["SEQ"], SOURCE=pd.Series(source, index=found.index, dtype="str"), RANK=rank
    )


def _counts(sdtm: Mapping[str, pd.DataFrame], proof: LifeProof) -> np.ndarray:
    """Whether a record proves life at all, whatever its date."""
    counts = np.ones(len(sdtm.get(proof.domain, ())), dtype=bool)
    for test, wanted in ((proof.only, True), (proof.unless, False)):
        if test is not None:
            codes, texts = take_coded(sdtm, proof.domain, test[0])
            counts &= spread(codes, (texts == test[1]).to_numpy(dtype=bool), default=False) == wanted
    if proof.given:
        counts &= (take(sdtm, proof.domain, [proof.given])[proof.given] > 0).to_numpy()
    return counts


def _pick_latest(contacts: pd.DataFrame) -> pd.DataFrame:
    ordered = contacts.sort_values(["USUBJID", "DATE", "RANK"], ascending=[True, False, True], kind="stable")
    return ordered.drop_duplicates("USUBJID")


def _contacts_after_death(contacts: pd.DataFrame) -> pd.DataFrame:
    dated = contacts.assign(DTHDTC=contacts["DEATH"].dt.strftime("%Y-%m-%d"))
    return _report(dated, dated["SOURCE"], dated["SEQ"], dated["DATE"])


def _report(rows: pd.DataFrame, source: pd.Series, seq: pd.Series, date: pd.Series) -> pd.DataFrame:
    parts = []
    sources = source.reindex(rows.index)
    for name in sorted(sources.dropna().unique()):
        domain, variable = name.split(".")
        of_source = rows[sources == name]
        parts.append(
            report(
                "ADAM-412",
                of_source.assign(**{f"{domain}SEQ": seq.reindex(of_source.index)}),
                dataset=domain,
                variable=variable,
                value=date.dt.strftime("%Y-%m-%d"),
                death=of_source["DTHDTC"],
            )
        )
    return combine(parts)


RULES = {"last_alive": derive_last_alive}
