"""Faults of the export itself: numbers, lines, subjects, forms and columns that are not as they should be."""

from __future__ import annotations

import pandas as pd

from flows.simulate.faults.plan import Fault, Planter
from flows.simulate.subjects import MAX_SITES

_COPIED_FOR_TEST = ("SUBJ", "VISIT", "IC", "DM", "VS")


def _gap_in_lines(plan: Planter, fault: Fault) -> None:
    lines = plan.forms["CM"]
    last = lines.groupby("subj")["position"].transform("max")
    rows = plan.choose("CM", (lines["position"] > 1) & (lines["position"] < last))
    after = lines.loc[rows, ["subj", "position"]].assign(position=lambda r: r["position"] + 1)
    plan.remove("CM", rows)
    kept = plan.forms["CM"].reset_index(names="row").merge(after, on=["subj", "position"])["row"]
    plan.note(fault.name, fault.code, "CM", pd.Index(kept))


def _lost_zero(plan: Planter, fault: Fault) -> None:
    """A spreadsheet took the subject number for a number. The last line of its page, so that no gap shows."""
    lines = plan.forms["CM"]
    number = plan.people["number"].to_numpy()[lines["subj"]]
    fit = pd.Series(number, index=lines.index).str.startswith("0") & ~lines["subj"].duplicated(keep="last")
    rows = plan.choose("CM", fit)
    plan.extras.cells += [
        ("CM", record, "Subject", str(text).lstrip("0"))
        for record, text in zip(lines.loc[rows, "record"].tolist(), number[rows], strict=True)
    ]
    plan.note(fault.name, fault.code, "CM", rows)


def _screened_again(plan: Planter, fault: Fault) -> None:
    """These came with the subject; here they are only written down."""
    subjects = plan.forms["SUBJ"]
    plan.note(fault.name, fault.code, "SUBJ", subjects.index[subjects["PREVSUBJ"] != ""], "PREVSUBJ")


def _test_subject(plan: Planter, fault: Fault) -> None:
    """A subject of the test site, with the records of the first screen failure, or else of the first subject."""
    people = plan.people
    model = int(people["treated"].to_numpy().argmin())
    site = MAX_SITES + 1
    new = plan.add_subject(people.loc[[model]].assign(site=site, number=f"{site}001", previous=-1))
    for form in _COPIED_FOR_TEST:
        rows = plan.forms[form]
        added = plan.append(form, rows[(rows["subj"] == model) & (rows["folder"] == "SCRN")].assign(subj=new))
        if form == "SUBJ":
            plan.note(fault.name, fault.code, form, added)


def _unknown_form(plan: Planter, fault: Fault) -> None:
    plan.extras.forms["PK"] = pd.DataFrame(
        {"PKTIM": ["08:10", "10:25"], "PKCONC": ["0.0", "118.4"], "PKUNIT": ["ug/mL"] * 2}
    )
    plan.note_unknown(fault.name, fault.code, "PK")


def _unknown_column(plan: Planter, fault: Fault) -> None:
    plan.extras.columns["CM"] = {"CMCLASS": "not coded"}
    plan.note_unknown(fault.name, fault.code, "CM", "CMCLASS")


FAULTS = (
    Fault("gap in log lines", "RAW-107", _gap_in_lines),
    Fault("lost leading zero", "RAW-110", _lost_zero),
    Fault("person screened again", "RAW-111", _screened_again),
    Fault("unknown form", "RAW-101", _unknown_form),
    Fault("unknown column", "RAW-102", _unknown_column),
    Fault("test subject", "RAW-109", _test_subject),
)
