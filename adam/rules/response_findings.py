"""Findings on lesions, on assessments, and on where investigator and recomputed response differ."""

from __future__ import annotations

import pandas as pd

from adam.rules.assessment_order import POST
from adam.rules.best_response import flag_partial_after_complete, in_time, pick_first_progression
from adam.rules.deciding_measurements import describe_deciding
from adam.rules.lesions import NEW, TARGET
from adam.rules.new_lesions import BACK_DATED
from adam.rules.tumors import ANY_AXIS, LONG_AXIS, SHORT_AXIS, Tumors
from specs.findings import combine, report
from specs.models import ResponseParameters


def explain_lesions(tumors: Tumors, measurements: pd.DataFrame, parameters: ResponseParameters) -> pd.DataFrame:
    """Findings ADAM-402, -407, -408, -442 and -443: baseline too old, wrong axis, too many targets, unknown lesions."""
    return combine(
        [
            _old_baseline(tumors, parameters),
            _wrong_axis(tumors),
            _too_many_targets(tumors, parameters),
            _unidentified(tumors),
            _incomplete_baseline(tumors, measurements),
        ]
    )


def _old_baseline(tumors: Tumors, parameters: ResponseParameters) -> pd.DataFrame:
    lesions = tumors.lesions[tumors.lesions["INBASE"]]
    records = tumors.records[tumors.records["LESION"].isin(lesions.index)]
    subject = tumors.subjects.reindex(records["SUBJ"]).set_axis(records.index)
    days = (subject["TRTSDT"] - records["DT"]).dt.days
    old = (records["ASSESS"] == subject["BASELINE"]) & (days > parameters.baseline_window_days)
    rows = _rows(records[old], tumors)
    return report(
        "ADAM-402", rows, dataset="TR", variable="TRDTC", value=_iso(rows["DT"]),
        days=days[old].astype("int64").astype("str"), most=str(parameters.baseline_window_days), lesion=rows["LNKID"],
    )  # fmt: skip


def _wrong_axis(tumors: Tumors) -> pd.DataFrame:
    records = tumors.records[tumors.records["AMOUNT"].notna() & (tumors.records["LESION"] >= 0)]
    lesion = tumors.lesions[["KIND", "NODE"]].reindex(records["LESION"]).set_axis(records.index)
    fits = pd.Series(LONG_AXIS, index=records.index, dtype="str").mask(lesion["NODE"], SHORT_AXIS)
    other = pd.Series(SHORT_AXIS, index=records.index, dtype="str").mask(lesion["NODE"], LONG_AXIS)
    right = (records["TESTCD"] == fits) | (records["TESTCD"] == ANY_AXIS)
    measured = pd.MultiIndex.from_frame(records.loc[right, ["ASSESS", "LESION"]])
    alone = ~pd.MultiIndex.from_frame(records[["ASSESS", "LESION"]]).isin(measured)
    wrong = (lesion["KIND"] == TARGET) & (records["TESTCD"] == other) & alone
    rows = _rows(records[wrong], tumors)
    return report(
        "ADAM-407", rows, dataset="TR", variable="TRTESTCD", value=rows["TESTCD"], expected=fits[wrong],
        lesion=rows["LNKID"], what=lesion.loc[wrong, "NODE"].map({True: "a lymph node", False: "no lymph node"}),
    )  # fmt: skip


def _too_many_targets(tumors: Tumors, parameters: ResponseParameters) -> pd.DataFrame:
    lesions = tumors.lesions
    targets = lesions[(lesions["KIND"] == TARGET) & (lesions["DEPTH"] == 0)]
    targets = targets.assign(LENGTH=targets["LNKID"].str.len())
    targets = targets.sort_values(["SUBJ", "LENGTH", "LNKID"], kind="stable")
    in_all = targets.groupby("SUBJ").cumcount() + 1
    in_organ = targets.groupby(["SUBJ", "ORGAN"], dropna=False).cumcount() + 1
    over, over_in_organ = in_all > parameters.max_targets, in_organ > parameters.max_targets_per_organ
    which = "number " + in_organ.astype("str") + " in " + targets["ORGAN"].fillna("an organ not given")
    which = which.mask(over, "number " + in_all.astype("str"))
    rows = _rows(targets[over | over_in_organ], tumors)
    return report(
        "ADAM-408", rows, dataset="TU", variable="TULNKID", value=rows["LNKID"], which=which,
        most=str(parameters.max_targets), organ=str(parameters.max_targets_per_organ),
    )  # fmt: skip


def _unidentified(tumors: Tumors) -> pd.DataFrame:
    """The first measurement after baseline of a lesion that was not identified by then."""
    records = tumors.records[(tumors.records["AMOUNT"].notna() | tumors.records["STATE"].notna())]
    records = records[records["LNKID"].notna()]
    lesion = tumors.lesions.reindex(records["LESION"]).set_axis(records.index)
    based = tumors.subjects["BASELINE"].reindex(records["SUBJ"]).to_numpy() >= 0
    late = lesion["INBASE"].eq(False) & (lesion["KIND"] != NEW) & based
    unknown = records[late | (records["LESION"] < 0)].sort_values(["SUBJ", "ASSESS", "TRSEQ"], kind="stable")
    rows = _rows(unknown.drop_duplicates(["SUBJ", "LNKID"]), tumors)
    return report("ADAM-442", rows, dataset="TR", variable="TRLNKID", value=rows["LNKID"])


def _incomplete_baseline(tumors: Tumors, measurements: pd.DataFrame) -> pd.DataFrame:
    at_baseline = measurements["ASSESS"] == tumors.subjects["BASELINE"].reindex(measurements["SUBJ"]).to_numpy()
    lost = measurements[at_baseline & (measurements["KIND"] == TARGET) & measurements["AMOUNT"].isna()]
    lesions = tumors.lesions.loc[lost["LESION"]]
    rows = _rows(lesions, tumors)
    return report("ADAM-443", rows, dataset="TU", variable="TULNKID", value=rows["LNKID"])


def explain_responses(
    tumors: Tumors, recomputed: pd.DataFrame, new: pd.DataFrame, investigator: pd.DataFrame
) -> pd.DataFrame:
    """Findings ADAM-401, -406, -410, -411 and -441 on the assessments after baseline.

    In: tumors; `derive_response`; `derive_new_lesions`; the investigator's assessments (SUBJ, ASSESS, SRCSEQ, RESULT,
    ADT, POST, COUNTED).
    """
    own = recomputed.reindex(investigator["ASSESS"]).set_axis(investigator.index)
    differs = investigator["POST"] & own["OVERALL"].notna() & (own["OVERALL"] != investigator["RESULT"])
    rows = _rows(investigator[differs].rename(columns={"SRCSEQ": "RSSEQ"}), tumors)
    decided = describe_deciding(recomputed.loc[rows["ASSESS"].unique()], tumors)
    measured = decided.reindex(rows["ASSESS"]).set_axis(rows.index)
    return combine(
        [
            report(
                "ADAM-401", rows, dataset="RS", variable="RSSTRESC", value=rows["RESULT"], expected=own["OVERALL"],
                reason=own["REASON"], measured=measured,
            ),
            _partial_after_complete(tumors, investigator),
            _back_dated(tumors, new),
            _late_assessments(tumors, investigator),
            _no_baseline(tumors),
        ]
    )  # fmt: skip


def _partial_after_complete(tumors: Tumors, investigator: pd.DataFrame) -> pd.DataFrame:
    # also after the first PD or new therapy, where no assessment counts any more: it is always a finding
    dated = in_time(investigator[investigator["POST"] & investigator["ADT"].notna()])
    fallen = dated[flag_partial_after_complete(dated)].drop_duplicates("SUBJ")
    rows = _rows(fallen.rename(columns={"SRCSEQ": "RSSEQ"}), tumors)
    return report("ADAM-406", rows, dataset="RS", variable="RSSTRESC", value=rows["RESULT"], date=_iso(rows["ADT"]))


def _back_dated(tumors: Tumors, new: pd.DataFrame) -> pd.DataFrame:
    shown = new[new["STATUS"] == BACK_DATED]
    shown = shown.assign(TRSEQ=shown["SEQ"], VISIT=tumors.assessments["VISIT"].reindex(shown["ASSESS"]).to_numpy())
    rows = _rows(shown, tumors)
    lesion = tumors.lesions["LNKID"].reindex(shown["LESION"]).set_axis(shown.index)
    return report("ADAM-410", rows, dataset="TR", variable="TRSTRESC", value=lesion, date=_iso(rows["DT"]))


def _late_assessments(tumors: Tumors, investigator: pd.DataFrame) -> pd.DataFrame:
    late = investigator[investigator["POST"] & investigator["ADT"].notna() & ~investigator["COUNTED"]]
    first_pd = pick_first_progression(investigator).set_index("SUBJ")["ADT"]
    after_pd = late["ADT"] > first_pd.reindex(late["SUBJ"]).set_axis(late.index)
    why = pd.Series("start of new anticancer therapy", index=late.index, dtype="str").mask(
        after_pd, "first progression"
    )
    rows = _rows(late.rename(columns={"SRCSEQ": "RSSEQ"}), tumors)
    return report("ADAM-411", rows, dataset="RS", variable="RSSTRESC", value=rows["RESULT"], why=why)


def _no_baseline(tumors: Tumors) -> pd.DataFrame:
    """The first record after first dose of a treated subject that has no baseline assessment."""
    without = tumors.subjects.index[(tumors.subjects["BASELINE"] < 0) & tumors.subjects["TRTSDT"].notna()]
    post = tumors.assessments.index[tumors.assessments["PHASE"] == POST]
    records = tumors.records[tumors.records["SUBJ"].isin(without) & tumors.records["ASSESS"].isin(post)]
    first = records.sort_values(["ASSESS", "TRSEQ"], kind="stable").drop_duplicates("SUBJ")
    return report("ADAM-441", _rows(first, tumors), dataset="TR", variable="TRDTC")


def _rows(rows: pd.DataFrame, tumors: Tumors) -> pd.DataFrame:
    return rows.assign(USUBJID=tumors.subjects["USUBJID"].reindex(rows["SUBJ"]).to_numpy())


def _iso(date: pd.Series) -> pd.Series:
    text: pd.Series = date.dt.strftime("%Y-%m-%d")
    return text.astype("str")
