"""Occurrence flags: which record of a group is counted once (OCCDS 1.1)."""

from __future__ import annotations

import pandas as pd

_CLASSES = ("AEBODSYS", "AEDECOD")
# flag -> what "once" means, and whether the worst grade goes before the date
OCCURRENCES: dict[str, tuple[list[str], bool]] = {
    "AOCCFL": ([], False),
    "AOCCSFL": (["AEBODSYS"], False),
    "AOCCPFL": (["AEBODSYS", "AEDECOD"], False),
    "AOCCIFL": ([], True),
    "AOCCSIFL": (["AEBODSYS"], True),
    "AOCCPIFL": (["AEBODSYS", "AEDECOD"], True),
}


def flag_occurrences(events: pd.DataFrame, *, worst_by: str = "ATOXGRN") -> pd.DataFrame:
    """Mark the first, and the first of the worst grade, of a subject's treatment-emergent events.

    In: USUBJID, AEBODSYS, AEDECOD, ASTDT, AESEQ, TRTEMFL, and the number `worst_by` that tells the grade. Adds the
    flags of OCCURRENCES, Y on one record of each subject (AOCCFL, AOCCIFL), of each subject and system organ class
    (AOCCSFL, AOCCSIFL), and of each subject, class and preferred term (AOCCPFL, AOCCPIFL), missing elsewhere. Rows and
    their order stay. What decides, in order:
      1. for AOCCIFL, AOCCSIFL, AOCCPIFL: the highest grade, an unknown grade last
      2. the earliest start
      3. the lowest AESEQ
    Events without a class or a term are a group of their own. Source: ADaM OCCDS 1.1, occurrence flags.
    """
    emergent = events[events["TRTEMFL"] == "Y"]
    # as numbers, with a missing class or term a number of its own, so that no text is moved or compared again
    groups = {name: pd.factorize(emergent[name], use_na_sentinel=False)[0] for name in ("USUBJID", *_CLASSES)}
    by_date = pd.DataFrame(
        groups | {"GRADE": emergent[worst_by], "ASTDT": emergent["ASTDT"], "AESEQ": emergent["AESEQ"]}
    )
    by_date = by_date.sort_values(["ASTDT", "AESEQ"], kind="stable")
    by_grade = by_date.sort_values("GRADE", ascending=False, kind="stable", na_position="last")
    yes = pd.Series("Y", index=events.index, dtype="str")
    flags = {}
    for flag, (once_per, worst_first) in OCCURRENCES.items():
        chosen = (by_grade if worst_first else by_date).drop_duplicates(["USUBJID", *once_per]).index
        flags[flag] = yes.where(events.index.isin(chosen))
    return events.assign(**flags)


RULES = {"occurrences": flag_occurrences}
