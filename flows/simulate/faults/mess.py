"""What is usual in an export and not in the answer key: no finding above information is due, it is read all the same.

Partial dates of histories, clotted samples, quotes and line breaks in text, infusions without an end,
the same sample measured by two laboratories, a file that begins with a byte order mark.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from flows.simulate.days import NEVER
from flows.simulate.faults.plan import Planter

PARTIAL, CLOTTED, QUOTED, UNTIMED = 0.04, 0.002, 0.02, 0.01
QUOTES = 'Pain, "burning", at night'
BROKEN_LINE = ',\n"see letter"'
CENTRAL = "Central laboratory"
MARKED = "MH"  # the form whose file begins with a byte order mark
_PARTIAL_DATES = (("MH", "MHSTDAT"), ("PRCANC", "PCSTDAT"), ("CM", "CMSTDAT"))
_LONG_DOSE = 10  # days of the first line of two
_QUIET_DAYS = 10  # a sample of two days must not be the last that is heard of a subject


def make_mess(plan: Planter) -> None:
    """Change some records that the answer key does not name."""
    _partial_histories(plan)
    _clotted(plan)
    _awkward_texts(plan)
    _infusions_without_end(plan)
    _two_laboratories(plan)
    _doses_in_two_lines(plan)
    _panel_not_done(plan)
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


def _two_laboratories(plan: Planter) -> None:
    """The site's own laboratory, and the central one a few percent off, in the same unit."""
    rows = page_of(plan, "HEM", plan.choose("HEM", quiet_visit(plan, "HEM")))
    local = plan.forms["HEM"].loc[rows]
    local = local[local["LBORRES"].str.fullmatch(r"\d+(\.\d+)?")]
    places = local["LBORRES"].str.extract(r"\.(\d+)$")[0].fillna("").str.len()
    more = [f"{float(text) * 1.03:.{n}f}" for text, n in zip(local["LBORRES"], places, strict=True)]
    plan.append("HEM", local.assign(LBNAM=CENTRAL, LBORRES=pd.Series(more, index=local.index, dtype="str")))


def _doses_in_two_lines(plan: Planter) -> None:
    """One dose, entered as two lines that go on from one day to the next."""
    doses = plan.forms["EXLEN"]
    begin, end = (plan.days("EXLEN", doses.index, field) for field in ("LNSTDAT", "LNENDAT"))
    long = (end < NEVER) & (end - begin > _LONG_DOSE) & (doses["LNDOSE"] != "0")
    rows = plan.choose("EXLEN", long & plan.untouched("EXLEN"))
    begin, end = (plan.days("EXLEN", rows, field) for field in ("LNSTDAT", "LNENDAT"))
    added = plan.append("EXLEN", plan.forms["EXLEN"].loc[rows].assign(page_day=begin + _LONG_DOSE))
    plan.put_day("EXLEN", rows, "LNENDAT", begin + _LONG_DOSE - 1)
    plan.put_day("EXLEN", added, "LNSTDAT", begin + _LONG_DOSE)
    plan.put("EXLEN", added, LNADJ="NONE")


def _panel_not_done(plan: Planter) -> None:
    """A page of chemistry with one line: why none of the tests was done."""
    rows = page_of(plan, "CHEM", plan.choose("CHEM", quiet_visit(plan, "CHEM")))
    first = plan.forms["CHEM"].loc[rows, "position"] == 1
    plan.put(
        "CHEM", rows[first], ANALYTE="", LBORRES="", LBORRESU="", LBORNRLO="", LBORNRHI="",
        LBND="Analyser out of order",
    )  # fmt: skip
    plan.remove("CHEM", rows[~first])


def quiet_visit(plan: Planter, form: str) -> pd.Series:
    """Samples of a cycle after the first, with nothing to say of them, and the subject seen again later."""
    samples = plan.forms[form]
    later = np.minimum(plan.events("last_seen", samples), plan.events("death", samples)) - samples["page_day"]
    cycle = samples["folder"].str.fullmatch(r"C([2-9]|\d\d)D1")
    quiet: pd.Series = cycle & (later > _QUIET_DAYS) & plan.untouched(form)
    return quiet


def page_of(plan: Planter, form: str, rows: pd.Index) -> pd.Index:
    """Every line of the pages of these rows."""
    page = ["subj", "folder", "instance"]
    samples = plan.forms[form]
    chosen = samples.loc[rows, page]
    lines: pd.Index = pd.Index(samples.reset_index(names="row").merge(chosen, on=page)["row"])
    return lines
