"""RELREC: records that belong together; and the records that comments are about (SDTMIG 3.4 sections 8.2, 8.3, 8.5)."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from sdtm.algorithms import collected_at, plain_name
from sdtm.rule import record_mappings
from specs import StudySpec, identity
from specs.findings import report
from specs.mapping import SdtmDatasetSpec
from specs.relations import RecordLink, Relations

RELREC = "RELREC"
COLUMNS = ["STUDYID", "RDOMAIN", "USUBJID", "IDVAR", "IDVARVAL", "RELTYPE", "RELID"]
_ORDER = ["USUBJID", "RELID", "RDOMAIN", "IDVARVAL"]


def relate_datasets(datasets: Mapping[str, pd.DataFrame], study: StudySpec) -> dict[str, pd.DataFrame]:
    """RELREC with the relationships of datasets before those of records; nothing where there is neither.

    So blanks of USUBJID lie first, as SAS sorts them. A relationship counts where all its datasets have records.
    RELTYPE says ONE or MANY; USUBJID and IDVARVAL are blank.
    """
    if RELREC not in study.sdtm:
        return {}
    relations = study.relations or Relations()
    rows = [
        (study.studyid, side.domain, None, side.variable, None, side.type, relation.relid)
        for relation in relations.datasets
        if all(len(datasets.get(side.domain, ())) for side in relation.sides)
        for side in relation.sides
    ]
    whole = pd.DataFrame(rows, columns=COLUMNS).astype("str")
    parts = [whole, datasets[RELREC]] if RELREC in datasets else [whole]
    every = pd.concat(parts, ignore_index=True)
    return {RELREC: every} if len(every) else {}


def relate_records(frames: Mapping[str, pd.DataFrame], study: StudySpec) -> tuple[pd.DataFrame, list[pd.DataFrame]]:
    """RELREC of the persons' records, and findings on links that lead nowhere (SDTM-221).

    In: the domains in order, with --SEQ, identity columns and what their records are linked by. A record and all
    records linked to it share one RELID, its domain and --SEQ. One row a record; sorted by USUBJID, RELID, RDOMAIN,
    IDVARVAL.
    """
    found, parts = [], []
    for link in study.relations.records if study.relations else []:
        if link.parent.domain in frames and link.child.domain in frames:
            pairs, lost = _pair(frames[link.parent.domain], frames[link.child.domain], link)
            parts += [_side(pairs, link.parent.domain, "PARENT"), _side(pairs, link.child.domain, "CHILD")]
            found += _unlinked(lost, study.sdtm[link.child.domain], link)
    if not parts:
        return pd.DataFrame({name: pd.Series(dtype="str") for name in COLUMNS}), found
    rows = pd.concat(parts, ignore_index=True).drop_duplicates().assign(STUDYID=study.studyid, RELTYPE=None)
    return rows.sort_values(_ORDER, kind="stable", ignore_index=True)[COLUMNS].astype("str"), found


def _pair(parents: pd.DataFrame, children: pd.DataFrame, link: RecordLink) -> tuple[pd.DataFrame, pd.DataFrame]:
    """USUBJID, --SEQ of parent and child, and RELID, one row a pair; and the children whose link leads nowhere."""
    keys = ["USUBJID", identity.SUBJECT]
    linked = children[children[link.child.by].notna()]
    left = linked[keys].assign(LINK=linked[link.child.by].str.strip(), CHILD=linked[f"{link.child.domain}SEQ"])
    right = parents[keys].assign(LINK=parents[link.parent.by].astype("str"), PARENT=parents[f"{link.parent.domain}SEQ"])
    pairs = left.merge(right, on=[*keys, "LINK"])
    numbers = {name: pairs[name].astype("int64").astype("str") for name in ("PARENT", "CHILD")}
    pairs = pairs.assign(**numbers, RELID=link.parent.domain + numbers["PARENT"])
    known = pd.MultiIndex.from_frame(right[[*keys, "LINK"]])
    return pairs, linked[~pd.MultiIndex.from_frame(left[[*keys, "LINK"]]).isin(known)]


def _side(pairs: pd.DataFrame, domain: str, column: str) -> pd.DataFrame:
    return pd.DataFrame(
        {"USUBJID": pairs["USUBJID"], "RDOMAIN": domain, "IDVAR": f"{domain}SEQ", "IDVARVAL": pairs[column],
         "RELID": pairs["RELID"]}
    )  # fmt: skip


def _unlinked(lost: pd.DataFrame, spec: SdtmDatasetSpec, link: RecordLink) -> list[pd.DataFrame]:
    if lost.empty:
        return []
    fields = {m[link.child.by].from_ or "" for m in record_mappings(spec) if link.child.by in m}
    field = sorted(fields)[0] if fields else ""
    return [
        report(
            "SDTM-221", collected_at(lost, field), dataset=spec.dataset, field=plain_name(field),
            value=lost[link.child.by], other=link.parent.domain,
        )
    ]  # fmt: skip


def find_parents(comments: pd.DataFrame, frames: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The comments with IDVAR and IDVARVAL: --SEQ of the record of RDOMAIN that the same raw record gave.

    Where it gave none, RDOMAIN becomes blank: the comment stands for itself. Rows and their order stay.
    """
    raw = [identity.FORM, identity.RECORD]
    parts = [
        frame[raw].assign(RDOMAIN=domain, IDVARVAL=frame[f"{domain}SEQ"].astype("int64").astype("str"))
        for domain, frame in frames.items()
        if f"{domain}SEQ" in frame and domain in set(comments["RDOMAIN"].dropna())
    ]
    if not parts:
        return comments.assign(
            **{n: pd.Series(index=comments.index, dtype="str") for n in ("RDOMAIN", "IDVAR", "IDVARVAL")}
        )
    parents = pd.concat(parts, ignore_index=True).drop_duplicates([*raw, "RDOMAIN"])
    found = comments[[*raw, "RDOMAIN"]].merge(parents, how="left", on=[*raw, "RDOMAIN"]).set_index(comments.index)
    known = found["IDVARVAL"].notna()
    domain = comments["RDOMAIN"].where(known)
    return comments.assign(RDOMAIN=domain, IDVAR=domain + "SEQ", IDVARVAL=found["IDVARVAL"].astype("str"))
