"""What is usual in an export and not in the answer key: partial dates of histories, clotted samples, quotes in text."""

from __future__ import annotations

import numpy as np

from flows.simulate.faults.plan import Planter

PARTIAL, CLOTTED, QUOTED = 0.04, 0.002, 0.02
_PARTIAL_DATES = (("MH", "MHSTDAT"), ("PRCANC", "PCSTDAT"), ("CM", "CMSTDAT"))


def make_mess(plan: Planter) -> None:
    """Change some records that the answer key does not name."""
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
    for form in ("HEM", "CHEM"):
        rows = plan.forms[form]
        hit = rows.index[(plan.rng.random(len(rows)) < CLOTTED) & plan.untouched(form) & ~plan.set_apart[rows["subj"]]]
        plan.put(form, hit, LBORRES="", LBORRESU="", LBORNRLO="", LBORNRHI="", LBND="Sample clotted")
    medicines = plan.forms["CM"]
    hit = medicines.index[(plan.rng.random(len(medicines)) < QUOTED) & plan.untouched("CM")]
    plan.put("CM", hit, CMINDC='Pain, "burning", at night')
