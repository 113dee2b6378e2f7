"""The differences from pharmaverse's ADaM that are meant: which cells, by a rule, and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd

from tests.oracle.compare import RECORD

WINDOW = pd.Timedelta(days=30)


@dataclass(frozen=True)
class Facts:
    """What the rules know of the subjects: from SDTM, and from pharmaverse's own ADaM; never from ours."""

    not_treated: frozenset[str]
    dead: frozenset[str]
    assessed: frozenset[str]  # the investigator recorded a response
    measurable: frozenset[str]  # the investigator identified a target lesion
    on_open_dose: frozenset[str]  # the last dose has no end in EX, an earlier one has
    after_window: frozenset[tuple[str, str]]  # subject and AESEQ: starts more than 30 days after the last known end
    partial_response: frozenset[tuple[str, str]]  # subject and RSSEQ: RSDTC is no complete date
    partial_scan: frozenset[tuple[str, str]]  # subject and VISITNUM: TRDTC is no complete date
    nodes: frozenset[tuple[str, str]]  # subject and number of a target lesion in a lymph node
    assessed_after_pd: frozenset[str]
    confirmed: frozenset[str]  # their CBOR is CR or PR
    alive_up_to_start: frozenset[str]  # their LSTALVDT is not after randomisation
    alive_at_start: frozenset[str]  # their LSTALVDT is the day of randomisation


def read_facts(sdtm: Mapping[str, pd.DataFrame], theirs: Mapping[str, pd.DataFrame]) -> Facts:
    """The facts, from SDTM by domain and their ADaM by our names."""
    ex, rs, tr, tu = sdtm["EX"], sdtm["RS"], sdtm["TR"], sdtm["TU"]
    adsl = theirs["ADSL"].set_index("USUBJID")
    own_rs, own_tr, own_tu = (d[d[f"{n}EVAL"] == "INVESTIGATOR"] for n, d in (("RS", rs), ("TR", tr), ("TU", tu)))
    last = ex.sort_values("EXSTDTC").drop_duplicates("USUBJID", keep="last")
    ended = ex[ex["EXENDTC"].notna()]
    last_end = pd.to_datetime(ended.groupby("USUBJID")["EXENDTC"].max())
    on_open_dose = set(last.loc[last["EXENDTC"].isna(), "USUBJID"]) & set(ended["USUBJID"])
    ae = sdtm["AE"]
    late = pd.to_datetime(ae["AESTDTC"], errors="coerce") > ae["USUBJID"].map(last_end) + WINDOW
    progressed = own_rs[own_rs["RSSTRESC"] == "PD"].groupby("USUBJID")["RSDTC"].min()
    target = own_tu[(own_tu["TUSTRESC"] == "TARGET")]
    node = target[target["TULOC"] == "LYMPH NODE"]
    cbor = theirs["ADRS"][theirs["ADRS"]["PARAMCD"] == "CBOR"]
    alive, start = pd.to_datetime(adsl["LSTALVDT"]), pd.to_datetime(adsl["RANDDT"])
    return Facts(
        not_treated=frozenset(set(sdtm["DM"]["USUBJID"]) - set(ex["USUBJID"])),
        dead=frozenset(sdtm["DM"].loc[sdtm["DM"]["DTHFL"] == "Y", "USUBJID"]),
        assessed=frozenset(own_rs["USUBJID"]),
        measurable=frozenset(target["USUBJID"]),
        on_open_dose=frozenset(on_open_dose),
        after_window=_pairs(ae[late & ae["USUBJID"].isin(on_open_dose)], "AESEQ"),
        partial_response=_pairs(own_rs[own_rs["RSDTC"].str.len() < 10], "RSSEQ"),
        partial_scan=_pairs(own_tr[own_tr["TRDTC"].str.len() < 10], "VISITNUM"),
        nodes=frozenset(zip(node["USUBJID"], node["TULNKID"].str[-1], strict=True)),
        assessed_after_pd=frozenset(
            own_rs.loc[own_rs["RSDTC"] > own_rs["USUBJID"].map(progressed), "USUBJID"],
        ),
        confirmed=frozenset(cbor.loc[cbor["AVALC"].isin(["CR", "PR"]), "USUBJID"]),
        alive_up_to_start=frozenset(adsl.index[alive <= start]),
        alive_at_start=frozenset(adsl.index[alive == start]),
    )


def _pairs(records: pd.DataFrame, number: str) -> frozenset[tuple[str, str]]:
    return frozenset(zip(records["USUBJID"], records[number].astype("int64").astype("str"), strict=True))


@dataclass(frozen=True)
class Difference:
    """Cells that differ on purpose: by dataset, parameters (none: not asked), variables, and a rule; and why."""

    dataset: str
    parameters: str
    variables: str
    where: Callable[[pd.DataFrame, Facts], pd.Series]
    why: str

    def covers(self, cells: pd.DataFrame, facts: Facts) -> pd.Series:
        """The cells that the rule selects, whether or not they differ."""
        mask = (cells["DATASET"] == self.dataset) & cells["VARIABLE"].isin(self.variables.split())
        if self.parameters:
            mask &= cells["PARAMCD"].isin(self.parameters.split())
        chosen = cells[mask]
        return self.where(chosen, facts).reindex(cells.index, fill_value=False)


def _every(cells: pd.DataFrame, facts: Facts) -> pd.Series:
    return pd.Series(True, index=cells.index)


def _of(name: str) -> Callable[[pd.DataFrame, Facts], pd.Series]:
    """The cells of the subjects, or of the records, of a fact."""

    def where(cells: pd.DataFrame, facts: Facts) -> pd.Series:
        known = getattr(facts, name)
        if not any(isinstance(item, tuple) for item in known):
            return cells["USUBJID"].isin(known)
        return pd.Series(list(zip(cells["USUBJID"], cells["NUMBER"], strict=True)), index=cells.index).isin(known)

    return where


def _treated_unassessed(cells: pd.DataFrame, facts: Facts) -> pd.Series:
    return ~cells["USUBJID"].isin(facts.assessed | facts.not_treated)


def _late_flagged(cells: pd.DataFrame, facts: Facts) -> pd.Series:
    """The event that ours flags, where it is one after their window."""
    return _of("after_window")(cells, facts) & (cells["OURS"] == "Y")


def _other_axis(cells: pd.DataFrame, facts: Facts) -> pd.Series:
    lesion = pd.Series(list(zip(cells["USUBJID"], cells["PARAMCD"].str[-1], strict=True)), index=cells.index)
    node = lesion.isin(facts.nodes)
    return node != cells["PARAMCD"].str.startswith("N")


def _at_baseline(cells: pd.DataFrame, facts: Facts) -> pd.Series:
    return cells["NUMBER"] == "1"


def _after_baseline(cells: pd.DataFrame, facts: Facts) -> pd.Series:
    return cells["NUMBER"] != "1"


_ONE_EACH = "BOR CBOR BCP CBCP RSP CRSP CB CCB PD LSTA MDIS DEATH"
_LESIONS = " ".join(f"{axis}DIAM{n}" for axis in ("L", "NL") for n in range(1, 6))
_RECORD_OF = "AVALC AVAL ADT AVISIT RSSEQ"
DIFFERENCES = [
    Difference(
        "ADSL", "", "TRT01A", _of("not_treated"),
        "Who was not treated has no actual treatment; theirs repeats DM.ACTARM, Screen Failure",
    ),
    Difference(
        "ADSL", "", "EOSSTT EOSDT", _of("not_treated"),
        "A screening failure ends participation: DISCONTINUED, on its date; theirs are blank",
    ),
    Difference(
        "ADSL", "", "TRTEDT TRTDURD", _of("on_open_dose"),
        "The last dose has no end in EX, and DS no end of treatment: it goes on; theirs ends with the dose before it",
    ),
    Difference(
        "ADAE", "", "TRTEMFL", _of("after_window"),
        "The last dose has no end: the window is open; theirs closes 30 days after the dose before it",
    ),
    Difference("ADAE", "", "AOCCIFL", _late_flagged, "The worst event is one that is treatment-emergent in ours only"),
    Difference(
        "ADRS", _ONE_EACH, RECORD, _of("not_treated"),
        "Only subjects of the full analysis set have a best response; theirs has screening failures, too",
    ),
    Difference(
        "ADRS", "BOR CBOR", "AVALC AVAL", _treated_unassessed,
        "A best response without any assessment is NE (6) in ours, MISSING (7) in theirs",
    ),
    Difference(
        "ADRS", "LSTA", RECORD, _treated_unassessed,
        "Without an adequate assessment there is no last one; theirs has a record without a value",
    ),
    Difference(
        "ADRS", "LSTA", _RECORD_OF, _of("assessed_after_pd"),
        "The last assessment that counts is the one of the first PD; theirs looks behind it",
    ),
    Difference(
        "ADRS", "CBCP", _RECORD_OF, _of("confirmed"),
        "Their CBOR is CR or PR, and their CBCP is N all the same: a known fault, it is N for everybody",
    ),
    Difference(
        "ADRS", "MDIS", "ADT AVISIT RSSEQ", _of("measurable"),
        "Ours names the baseline assessment and the record of TU; theirs nothing",
    ),
    Difference(
        "ADRS", "OVR", "ADT ADTF ANL02FL", _of("partial_response"),
        "Scan dates are not imputed, and an assessment without one does not count; theirs takes the last of the month",
    ),
    Difference(
        "ADTR", _LESIONS, "ADT ADTF ADY", _of("partial_scan"),
        "Scan dates are not imputed; theirs takes the first of the month (and in ADRS the last)",
    ),
    Difference(
        "ADTR", "SDIAM", "ADT ADY", _of("partial_scan"),
        "Scan dates are not imputed; theirs takes the first of the month (and in ADRS the last)",
    ),
    Difference(
        "ADTR", _LESIONS, RECORD, _other_axis,
        "RECIST sums the longest diameter, of a node the short axis: that one is our diameter; theirs keeps both",
    ),
    Difference("ADTR", _LESIONS, "BASE ANL01FL", _every, "Ours has a baseline for each lesion, and flags sums only"),
    Difference("ADTR", _LESIONS, "ABLFL", _at_baseline, "Ours has a baseline for each lesion; theirs of the sum"),
    Difference(
        "ADTR", _LESIONS, "CHG PCHG", _after_baseline, "Ours has the change of each lesion; theirs of the sum"
    ),
    Difference("ADTR", "SDIAM", "CHG PCHG", _at_baseline, "At baseline there is no change in ours; theirs is 0"),
    Difference("ADTR", "SDIAM", "TRSEQ", _every, "Ours names the record that dates the sum; theirs none"),
    Difference(
        "ADTTE", "OS PFS", "SRCDOM SRCVAR", _of("dead"),
        "The date of death comes from ADSL, where it is made; theirs from its copy in ADRS",
    ),
    Difference(
        "ADTTE", "OS", "EVNTDESC", _of("alive_up_to_start"),
        "Censored on the day of randomisation: ours says that the subject was alive, theirs names the day again",
    ),
    Difference(
        "ADTTE", "OS", "CNSDTDSC SRCVAR", _of("alive_at_start"),
        "Last known alive on the day of randomisation: ours names that, theirs the randomisation",
    ),
]  # fmt: skip


def explain(cells: pd.DataFrame, facts: Facts) -> pd.DataFrame:
    """One column a difference of DIFFERENCES, in order: whether its rule selects the cell."""
    return pd.DataFrame({n: difference.covers(cells, facts) for n, difference in enumerate(DIFFERENCES)})
