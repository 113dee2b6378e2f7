"""Overall responses in RS that no rule uses, and why."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from adam.inputs import among, take
from adam.rules.dates import day
from adam.rules.lesions import INVESTIGATOR, is_read
from adam.rules.target_response import CR, NE, NON_CR_NON_PD, PD, PR, SD
from adam.rules.tumors import CATEGORY, Tumors
from specs.findings import combine, report
from specs.models import ReaderSpec

RESULTS = (CR, PR, SD, NON_CR_NON_PD, PD, NE)
_NAMES = ["USUBJID", "RSSEQ", "RSTESTCD", "RSCAT", "RSSTRESC", "RSEVAL", "RSEVALID", "RSACPTFL", "VISIT", "RSDTC"]


def report_unused_responses(sdtm: Mapping[str, pd.DataFrame], tumors: Tumors, reader: ReaderSpec) -> pd.DataFrame:
    """Findings ADAM-444: OVRLRESP records of subjects of ADSL, up to the cut-off, that count for nothing.

    A record is the reader's where RSCAT is RECIST 1.1 or blank and RSEVAL that of the study's reader (of the
    investigator, or blank). The first match decides:
      1. the reader's, with a result that is no overall response -> a finding on the record
      2. the reader's                                            -> used
      3. another one, the subject has one of the reader's        -> for another purpose, none
      4. another one                                             -> a finding on the subject's first such record
    A blank result of the reader counts as NE.
    """
    rows = take(sdtm, "RS", _NAMES)
    rows = rows[rows["RSTESTCD"] == "OVRLRESP"].sort_values(["USUBJID", "RSSEQ"], kind="stable")
    cutoffs = tumors.subjects.set_index("USUBJID")["CUTOFFDT"]
    after = day(rows["RSDTC"]) > cutoffs.reindex(rows["USUBJID"]).set_axis(rows.index)
    rows = rows[among(rows["USUBJID"], cutoffs.index) & ~after]
    category = rows["RSCAT"].fillna(CATEGORY) == CATEGORY
    by_reader = is_read(rows, "RS", reader)
    own = rows[category & by_reader]
    wrong = own[~own["RSSTRESC"].fillna(NE).isin(RESULTS)]
    others = rows[~among(rows["USUBJID"], own["USUBJID"])].drop_duplicates("USUBJID")
    of_category = "its category (RSCAT) is '" + others["RSCAT"].fillna("") + "'"
    of_reader = "its evaluator (RSEVAL) is '" + others["RSEVAL"].fillna("") + "'"
    why = of_category.mask(category, of_reader)
    name = "investigator" if reader.evaluator == INVESTIGATOR else reader.evaluator
    place = {"dataset": "RS"}
    return combine(
        [
            report(
                "ADAM-444", wrong, **place, variable="RSSTRESC", value=wrong["RSSTRESC"],
                expected=", ".join(RESULTS), reason="it is none of the results that are known",
            ),
            report(
                "ADAM-444", others, **place, variable="RSCAT", value=others["RSSTRESC"],
                expected=f"{CATEGORY} by the {name}",
                reason=why + f", and the subject has none of the {name} by " + CATEGORY,
            ),
        ]
    )  # fmt: skip
