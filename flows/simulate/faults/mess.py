"""What is usual in an export and not in the answer key: no finding above information is due, it is read all the same.

Partial dates of histories, clotted samples, quotes and line breaks in text, samples at 24:00, infusions without an end,
the same sample measured by two laboratories, a file that begins with a byte order mark.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from flows.simulate.faults.plan import Planter

PARTIAL, CLOTTED, QUOTED, UNTIMED = 0.04, 0.002, 0.02, 0.01
QUOTES = 'Pain, "burning", at night'
BROKEN_LINE = ',\n"see letter"'
MIDNIGHT = "24:00"
CENTRAL = "Central laboratory"
MARKED = "MH"  # the form whose file begins with a byte order mark
_PARTIAL_DATES = (("MH", "MHSTDAT"), ("PRCANC", "PCSTDAT"), ("CM", "CMSTDAT"))
_QUIET_DAYS = 10  # a sample of two days must not be the last that is heard of a subject


def make_mess(plan: Planter) -> None:
    """Change some records that the answer key does not name."""
    _partial_histories(plan)
    _clotted(plan)
    _awkward_texts(plan)
    _infusions_without_end(plan)
    _samples_at_midnight(plan)
    _two_laboratories(plan)
    plan.extras.marked.add(MARKED)


def _partial_histories(plan: Planter) -> None:
    for form, field in _PARTIAL_DATES:
        rows = plan.forms[form]
        chance = plan.rng.random(len(rows))
        ymd = plan.truth.study.forms[form].fields[field].order == "YMD"
        hit = rows.index[(chance < PARTIAL) & plan.untouched(form) & (rows[field] != "")]
        typed = rows.loc[hit, field]
        year_only = chance[hit] < PARTIAL / 4
        if ymd:
            plan.put(form, hit, **{field: np.where(year_only, typed.str[:4], typed.str[:7])})
        else:
            plan.put(form, hit, **{field: np.where(year_only, "UN UNK " + typed.str[-4:], "UN " + typed.str[3:])})


def _clotted(plan: Planter) -> None:
    for form in ("HEM", "CHEM"):
        rows = plan.forms[form]
        hit = rows.index[(plan.rng.random(len(rows)) < CLOTTED) & plan.untouched(form) & ~plan.set_apart[rows["subj"]]]
        plan.put(form, hit, LBORRES="", LBORRESU="", LBORNRLO="", LBORNRHI="", LBND="Sample clotted")


def _awkward_texts(plan: Planter) -> None:
    """Quotes and commas in an indication; a line break in that of another and in the term of a condition."""
    medicines = plan.forms["CM"]
    hit = medicines.index[(plan.rng.random(len(medicines)) < QUOTED) & plan.untouched("CM")]
    plan.put("CM", hit, CMINDC=QUOTES)
    for form, field in (("CM", "CMINDC"), ("MH", "MHTERM")):
        rows = plan.choose(form, plan.untouched(form) & (plan.forms[form][field] != QUOTES))
        plan.put(form, rows, **{field: plan.forms[form].loc[rows, field] + BROKEN_LINE})


def _infusions_without_end(plan: Planter) -> None:
    infusions = plan.forms["EXQL"]
    timed = plan.untouched("EXQL") & (infusions["QLENTIM"] != "")
    hit = infusions.index[timed & (plan.rng.random(len(infusions)) < UNTIMED)]
    plan.put("EXQL", hit.union(plan.choose("EXQL", timed, 1)), QLENTIM="")


def _samples_at_midnight(plan: Planter) -> None:
    """All counts of a page; 24:00 is the next day's first moment, and they were saved after it."""
    counts = plan.forms["HEM"]
    rows = _page_of_counts(plan, plan.choose("HEM", _quiet_visit(plan)))
    plan.put("HEM", rows, LBTIM=MIDNIGHT)
    plan.save_after("HEM", rows, counts.loc[rows, "page_day"].to_numpy(dtype="int64") + 1)


def _two_laboratories(plan: Planter) -> None:
    """The site's own laboratory, and the central one a few percent off, in the same unit."""
    rows = _page_of_counts(plan, plan.choose("HEM", _quiet_visit(plan)))
    local = plan.forms["HEM"].loc[rows]
    local = local[local["LBORRES"].str.fullmatch(r"\d+(\.\d+)?")]
    places = local["LBORRES"].str.extract(r"\.(\d+)$")[0].fillna("").str.len()
    more = [f"{float(text) * 1.03:.{n}f}" for text, n in zip(local["LBORRES"], places, strict=True)]
    plan.append("HEM", local.assign(LBNAM=CENTRAL, LBORRES=pd.Series(more, index=local.index, dtype="str")))


def _quiet_visit(plan: Planter) -> pd.Series:
    """Counts of a cycle after the first, with nothing to say of them, and the subject seen again later."""
    counts = plan.forms["HEM"]
    later = np.minimum(plan.events("last_seen", counts), plan.events("death", counts)) - counts["page_day"]
    cycle = counts["folder"].str.fullmatch(r"C([2-9]|\d\d)D1")
    quiet: pd.Series = cycle & (later > _QUIET_DAYS) & plan.untouched("HEM")
    return quiet


def _page_of_counts(plan: Planter, rows: pd.Index) -> pd.Index:
    """Every line of the pages of these rows."""
    page = ["subj", "folder", "instance"]
    counts = plan.forms["HEM"]
    chosen = counts.loc[rows, page]
    lines: pd.Index = pd.Index(counts.reset_index(names="row").merge(chosen, on=page)["row"])
    return lines
