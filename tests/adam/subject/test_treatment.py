"""Which doses and therapies count, and which record is named. What becomes of their dates is in the rule book."""

import pandas as pd

from adam.rules.treatment import derive_new_therapy, given_doses
from tests.tables import table


def shown(frame, *names):
    """Dates as text, so that a table reads."""
    out = frame[["USUBJID", *names]].copy()
    for name in names:
        if str(out[name].dtype).startswith("datetime"):
            out[name] = out[name].dt.strftime("%Y-%m-%d")
    return out.astype("str").fillna("").sort_values("USUBJID").to_numpy().tolist()


def test_only_doses_above_zero_of_study_drugs_count(study):
    ex = table(
        """
        USUBJID | EXTRT      | EXDOSE # why
        01      | QL1706     | 5
        02      | LENVATINIB | 8
        03      | LENVATINIB | 0      # nothing given
        04      | LENVATINIB |        # not known to be given
        05      | ASPIRIN    | 100    # no study drug
        """,
        numbers=("EXDOSE",),
    )
    assert given_doses({"EX": ex}, study)["USUBJID"].to_list() == ["01", "02"]


def therapies(study, cm, pr=None):
    sdtm = {"CM": cm.assign(CMSEQ=[float(n) for n in range(1, len(cm) + 1)])}
    if pr is not None:
        sdtm["PR"] = pr.assign(PRSEQ=[float(n) for n in range(1, len(pr) + 1)])
    treated = pd.DataFrame({"USUBJID": ["01", "02", "03", "04"]}, dtype="str")
    dosed = treated.assign(TRTSDT=pd.Timestamp("2025-01-06"), TRTEDT=pd.Timestamp("2025-03-10"))
    return derive_new_therapy(sdtm, study, dosed, None)


SUBSEQUENT = "SUBSEQUENT ANTI-CANCER THERAPY"


def test_the_record_of_new_therapy_is_named(study):
    cm = table(
        f"""
        USUBJID | CMCAT                     | CMSTDTC    # why
        01      | {SUBSEQUENT}              | 2025-04-02
        01      | {SUBSEQUENT}              | 2025-04-01 # the earliest
        01      | PRIOR ANTI-CANCER THERAPY | 2024-04-01 # another category
        01      | CONCOMITANT MEDICATION    | 2025-02-01 # another category
        02      | {SUBSEQUENT}              | 2025-03    # the day after the last dose
        """
    )
    found, findings = therapies(study, cm)
    assert shown(found, "NACTDT", "NACTDTF", "NACTDOM", "NACTSEQ") == [
        ["01", "2025-04-01", "", "CM", "2.0"],
        ["02", "2025-03-11", "D", "CM", "5.0"],
    ]
    assert findings[["code", "usubjid", "srcseq"]].to_numpy().tolist() == [["ADAM-424", "02", "5"]]


def test_new_therapy_of_two_domains(study):
    cm = table(f"USUBJID | CMCAT | CMSTDTC\n01 | {SUBSEQUENT} | 2025-04-02\n02 | {SUBSEQUENT} | 2025-04-01\n"
               f"03 | {SUBSEQUENT} | 2025-04")  # fmt: skip
    pr = table(f"USUBJID | PRCAT | PRSTDTC\n01 | {SUBSEQUENT} | 2025-04-01\n02 | {SUBSEQUENT} | 2025-04-01\n"
               f"03 | {SUBSEQUENT} | 2025-04-01\n04 | PROCEDURE | 2025-04-01")  # fmt: skip
    found, _ = therapies(study, cm, pr)
    assert shown(found, "NACTDT", "NACTDOM") == [
        ["01", "2025-04-01", "PR"],  # the earlier
        ["02", "2025-04-01", "CM"],  # the same day: CM first
        ["03", "2025-04-01", "PR"],  # the same day: the complete date
    ]


def test_categories_of_new_therapy_are_the_studys(study):
    cm = table("USUBJID | CMCAT | CMSTDTC\n01 | LATER THERAPY | 2025-04-01")
    assert therapies(study, cm)[0].empty
    terms = study.study.terms | {"subsequent_therapy": ["LATER THERAPY"]}
    other = study.model_copy(update={"study": study.study.model_copy(update={"terms": terms})})
    assert shown(therapies(other, cm)[0], "NACTDT") == [["01", "2025-04-01"]]
