"""What TU, TR and RS say of a tumour, as numbered subjects, assessments and lesions that the response rules share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from adam.inputs import places_among, take
from adam.rules.assessment_order import assessment_key, order_assessments, pick_baseline
from adam.rules.dates import day
from adam.rules.lesions import is_read, read_lesions
from specs import StudySpec
from specs.models import ReaderSpec

SUBJECT_DATES = ("TRTSDT", "NACTDT", "DTHDT", "CUTOFFDT")
SUBJECT_TEXTS = ("USUBJID", "FASFL", "DTHFL", "DTHDTF")
SCALE = 1000  # diameters are compared in whole micrometres: exact, whatever the decimals of a millimetre
LONG_AXIS, SHORT_AXIS, ANY_AXIS = "LDIAM", "LPERP", "DIAMETER"
TOO_SMALL = "TOO SMALL TO MEASURE"
MERGED = "TUMOR MERGED"
CATEGORY = "RECIST 1.1"  # RSCAT
_TR = [
    "TRSEQ", "TRLNKID", "TRLNKGRP", "TRTESTCD", "TRORRES", "TRSTRESC", "TRSTRESN", "TRSTAT", "TREVAL",
    "TREVALID", "TRACPTFL", "VISITNUM", "VISIT", "TRDTC",
]  # fmt: skip
_RS = [
    "RSSEQ", "RSLNKGRP", "RSTESTCD", "RSCAT", "RSSTRESC", "RSEVAL", "RSEVALID",
    "RSACPTFL", "VISITNUM", "VISIT", "RSDTC",
]  # fmt: skip


@dataclass(frozen=True)
class Tumors:
    """Numbered frames; the numbers hold within one call only.

    subjects: index SUBJ, one row an ADSL row: SUBJECT_TEXTS, SUBJECT_DATES, BASELINE (assessment, -1 for none), BLASDT.
    assessments: index ASSESS, in order of time within a subject: SUBJ, LNKGRP, VISITNUM, VISIT, DT (latest scan, else
    RSDTC), PHASE (BASELINE, POST or PRE).
    lesions: index LESION, see `read_lesions`; INBASE: identified by the baseline assessment.
    records: one row a TR record: SUBJ, ASSESS, LESION (-1: not identified), LNKID, TRSEQ, TESTCD, AMOUNT (whole
    micrometres), STATE, TSTM, DT, VISIT.
    responses: one row a RECIST record of RS by the reader: SUBJ, RSKEY, ASSESS (-1: no TR), RSSEQ, TESTCD, RESULT,
    LNKGRP, VISITNUM, VISIT, DT.
    """

    subjects: pd.DataFrame
    assessments: pd.DataFrame
    lesions: pd.DataFrame
    records: pd.DataFrame
    responses: pd.DataFrame


def read_tumors(sdtm: Mapping[str, pd.DataFrame], adsl: pd.DataFrame, study: StudySpec) -> Tumors:
    """Reads TU, TR and RS of the subjects of ADSL, up to each subject's cut-off.

    In: TU, TR, RS; ADSL with USUBJID and, as far as known, SUBJECT_TEXTS and SUBJECT_DATES. Records of other readers
    than the study's, of subjects that ADSL lacks, and dated after the cut-off are left out.
    """
    assert study.study.parameters is not None
    reader = study.study.parameters.response.reader
    subjects = _read_subjects(adsl)
    records = _read_records(sdtm, subjects, study)
    responses = _read_responses(sdtm, subjects, reader)
    records, responses, assessments = order_assessments(records, responses)
    measured = records.loc[records["LNKID"].notna(), ["SUBJ", "LNKID"]].drop_duplicates(ignore_index=True)
    lesions = read_lesions(sdtm, subjects, measured, reader)
    measured["LESION"] = pd.MultiIndex.from_frame(lesions[["SUBJ", "LNKID"]]).get_indexer(
        pd.MultiIndex.from_frame(measured)
    )
    records = records.merge(measured, on=["SUBJ", "LNKID"], how="left")
    records["LESION"] = records["LESION"].fillna(-1).astype("int64")
    subjects, assessments, lesions = pick_baseline(subjects, assessments, lesions, records)
    return Tumors(subjects, assessments, lesions, records, responses)


def latest_scans(records: pd.DataFrame) -> pd.Series:
    """TRSEQ of the latest dated TR record of each assessment, of several on that day the lowest; index = ASSESS."""
    dated = records.loc[records["DT"].notna(), ["ASSESS", "DT", "TRSEQ"]]
    dated = dated.sort_values(["ASSESS", "DT", "TRSEQ"], ascending=[True, False, True], kind="stable")
    return dated.drop_duplicates("ASSESS").set_index("ASSESS")["TRSEQ"]


def _read_subjects(adsl: pd.DataFrame) -> pd.DataFrame:
    columns: dict[str, pd.Series] = {name: adsl[name].astype("str") for name in SUBJECT_TEXTS if name in adsl}
    columns |= {name: adsl[name].astype("datetime64[us]") for name in SUBJECT_DATES if name in adsl}
    missing: dict[str, pd.Series] = {name: pd.Series(np.nan, index=adsl.index, dtype="str") for name in SUBJECT_TEXTS}
    missing |= {name: pd.Series(pd.NaT, index=adsl.index, dtype="datetime64[us]") for name in SUBJECT_DATES}
    subjects = pd.DataFrame(missing | columns)
    return subjects.sort_values("USUBJID", kind="stable", ignore_index=True).rename_axis("SUBJ")


def _read_records(sdtm: Mapping[str, pd.DataFrame], subjects: pd.DataFrame, study: StudySpec) -> pd.DataFrame:
    assert study.study.parameters is not None
    reader = study.study.parameters.response.reader
    tr = take(sdtm, "TR", _TR)
    tr["SUBJ"] = places_among(sdtm, "TR", subjects["USUBJID"])
    tr["DT"] = day(tr["TRDTC"])
    cutoff = subjects["CUTOFFDT"].reindex(tr["SUBJ"]).set_axis(tr.index)
    used = (tr["SUBJ"] >= 0) & is_read(tr, "TR", reader) & ~(tr["DT"] > cutoff)
    tr = tr.drop(columns=["TREVAL", "TREVALID", "TRACPTFL"])[used]
    tr = tr.sort_values(["SUBJ", "VISITNUM", "TRSEQ", "TRLNKID", "TRTESTCD"], kind="stable", ignore_index=True)
    done = tr["TRSTAT"] != "NOT DONE"
    tstm = done & (tr["TRORRES"].str.upper() == TOO_SMALL)
    diameter = done & tr["TRTESTCD"].isin([LONG_AXIS, SHORT_AXIS, ANY_AXIS])
    value = tr["TRSTRESN"].mask(tstm, study.study.parameters.response.too_small_mm)
    return pd.DataFrame(
        {
            "SUBJ": tr["SUBJ"],
            "KEY": assessment_key(tr, "TRLNKGRP", "TRDTC"),
            "LNKID": tr["TRLNKID"],
            "TRSEQ": tr["TRSEQ"],
            "TESTCD": tr["TRTESTCD"],
            "AMOUNT": (value * SCALE).round().where(diameter),
            "STATE": tr["TRSTRESC"].str.upper().where(done & (tr["TRTESTCD"] == "TUMSTATE")),
            "TSTM": tstm,
            "DT": tr["DT"],
            "LNKGRP": tr["TRLNKGRP"],
            "VISITNUM": tr["VISITNUM"],
            "VISIT": tr["VISIT"],
        }
    )


def _read_responses(sdtm: Mapping[str, pd.DataFrame], subjects: pd.DataFrame, reader: ReaderSpec) -> pd.DataFrame:
    rs = take(sdtm, "RS", _RS)
    rs["SUBJ"] = places_among(sdtm, "RS", subjects["USUBJID"])
    rs["DT"] = day(rs["RSDTC"])
    cutoff = subjects["CUTOFFDT"].reindex(rs["SUBJ"]).set_axis(rs.index)
    recist = (rs["RSCAT"].fillna(CATEGORY) == CATEGORY) & is_read(rs, "RS", reader)
    rs = rs[recist & (rs["SUBJ"] >= 0) & ~(rs["DT"] > cutoff)]
    rs = rs.sort_values(["SUBJ", "VISITNUM", "RSSEQ"], kind="stable", ignore_index=True)
    return pd.DataFrame(
        {
            "SUBJ": rs["SUBJ"],
            "KEY": assessment_key(rs, "RSLNKGRP", "RSDTC"),
            "RSSEQ": rs["RSSEQ"],
            "TESTCD": rs["RSTESTCD"],
            "RESULT": rs["RSSTRESC"],
            "LNKGRP": rs["RSLNKGRP"],
            "VISITNUM": rs["VISITNUM"],
            "VISIT": rs["VISIT"],
            "DT": rs["DT"],
        }
    )
