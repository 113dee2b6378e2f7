"""First and last dose, and new anticancer therapy."""

import pandas as pd

from adam.rules.treatment import derive_first_dose, derive_last_dose, derive_new_therapy, given_doses
from tests.tables import table


def doses(text):
    """Doses given; EXSEQ numbers the lines."""
    frame = table(text)
    return frame.assign(
        EXSEQ=[float(n) for n in range(1, len(frame) + 1)],
        EXDOSE=8.0,
        EXTRT=frame.get("EXTRT", "LENVATINIB"),
        EXENDTC=frame.get("EXENDTC"),
        EXDOSFRQ=None,
    ).astype({"EXENDTC": "str", "EXDOSFRQ": "str", "EXTRT": "str"})


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


def test_first_dose():
    given = doses(
        """
        USUBJID | EXSTDTC    # why
        01      | 2025-03-05
        01      | 2025-03-04 # the earliest
        02      | 2025-03    # may be the complete one
        02      | 2025-03-10
        03      | 2025-02    # cannot be
        03      | 2025-03-10
        04      | 2025-03    # alone: the first of the month
        05      | 2025-03    # consent in that month
        06      | 2025       # consent in that year
        07      | 2025-03    # consent in an earlier month
        08      |            # passed over
        08      | 2025-03-10
        09      |            # nothing known
        10      | 2025-04    # can only be after the complete one
        10      | 2025-03-10
        """
    )
    consent = table(
        "USUBJID | RFICDT\n01 | 2025-02-01\n05 | 2025-03-03\n06 | 2025-02-20\n07 | 2025-02-20", dates=("RFICDT",)
    )
    first, findings = derive_first_dose(given, consent)
    assert shown(first, "TRTSDT", "TRTSDTF") == [
        ["01", "2025-03-04", ""],
        ["02", "2025-03-10", ""],
        ["03", "2025-02-01", "D"],
        ["04", "2025-03-01", "D"],
        ["05", "2025-03-03", "D"],
        ["06", "2025-02-20", "M"],
        ["07", "2025-03-01", "D"],
        ["08", "2025-03-10", ""],
        ["09", "", ""],
        ["10", "2025-03-10", ""],
    ]
    by_code = findings.groupby("code")["usubjid"].agg(list).to_dict()
    assert by_code == {"ADAM-422": ["03", "04", "05", "06", "07"], "ADAM-423": ["09"]}


def test_last_dose(study):
    given = doses(
        """
        USUBJID | EXTRT      | EXSTDTC    | EXENDTC    # why
        01      | LENVATINIB | 2025-03-01 | 2025-03-20 # 1. complete
        01      | QL1706     | 2025-03-22 | 2025-03-22 # 1. the later of the drugs
        02      | LENVATINIB | 2025-03-01 | 2025-03    # 2. the last day of the month
        03      | LENVATINIB | 2025-03-01 | 2025-03    # 2. at most the day of death
        04      | QL1706     | 2025-03-01 |            # 3. given once
        05      | QL1706     | 2025-03    |            # 3. given once, start partial
        06      | LENVATINIB | 2025-03-01 |            # 4. a later dose decides
        06      | LENVATINIB | 2025-03-11 | 2025-03-15
        07      | LENVATINIB | 2025-03-01 |            # 5. drug ended on that day
        08      | LENVATINIB | 2025-03-01 |            # 6. goes on
        08      | QL1706     | 2025-03-01 | 2025-03-01
        09      | LENVATINIB | 2025-03-01 | 2025       # 2. at most the cut-off
        """
    )
    ends = table(
        """
        USUBJID | EXTRT      | ENDED
        03      | LENVATINIB | 2025-03-12
        07      | LENVATINIB | 2025-03-18
        08      | QL1706     | 2025-03-02
        """,
        dates=("ENDED",),
    )
    last, findings = derive_last_dose(given, study, ends, pd.Timestamp("2025-06-30"))
    assert shown(last, "TRTEDT", "TRTEDTF") == [
        ["01", "2025-03-22", ""],
        ["02", "2025-03-31", "D"],
        ["03", "2025-03-12", "D"],
        ["04", "2025-03-01", ""],
        ["05", "2025-03-31", "D"],
        ["06", "2025-03-15", ""],
        ["07", "2025-03-18", "Y"],
        ["08", "", ""],
        ["09", "2025-06-30", "M"],
    ]
    assert findings["usubjid"].to_list() == ["02", "03", "05", "07", "09"]


def test_complete_last_dose_after_the_end_of_treatment_stays(study):
    given = doses("USUBJID | EXSTDTC | EXENDTC\n01 | 2025-03-01 | 2025-03-20")
    ends = table("USUBJID | EXTRT | ENDED\n01 | LENVATINIB | 2025-03-15", dates=("ENDED",))
    last, findings = derive_last_dose(given, study, ends, None)
    assert shown(last, "TRTEDT", "TRTEDTF") == [["01", "2025-03-20", ""]]
    assert findings.empty


def therapies(study, cm, pr=None, cutoff=None):
    sdtm = {"CM": cm.assign(CMSEQ=[float(n) for n in range(1, len(cm) + 1)])}
    if pr is not None:
        sdtm["PR"] = pr.assign(PRSEQ=[float(n) for n in range(1, len(pr) + 1)])
    treated = table(
        """
        USUBJID | TRTSDT     | TRTEDT
        01      | 2025-01-06 | 2025-03-10
        02      | 2025-01-06 | 2025-03-10
        03      | 2025-01-06 | 2025-03-10
        04      | 2025-01-06 | 2025-03-10
        05      | 2025-01-06 | 2025-03-31
        06      | 2025-01-06 | 2025-03-10
        07      | 2025-01-06 |
        08      | 2025-01-06 |
        09      |            |
        """,
        dates=("TRTSDT", "TRTEDT"),
    )
    return derive_new_therapy(sdtm, study, treated, cutoff)


SUBSEQUENT = "SUBSEQUENT ANTI-CANCER THERAPY"


def test_new_therapy(study):
    cm = table(
        f"""
        USUBJID | CMCAT                     | CMSTDTC    # why
        01      | {SUBSEQUENT}              | 2025-04-02
        01      | {SUBSEQUENT}              | 2025-04-01 # 1. the earliest
        01      | PRIOR ANTI-CANCER THERAPY | 2024-04-01 # another category
        01      | CONCOMITANT MEDICATION    | 2025-02-01 # another category
        02      | {SUBSEQUENT}              | 2025-03    # 2. the day after the last dose, in that month
        03      | {SUBSEQUENT}              | 2025-04    # 3. the first of that month
        04      | {SUBSEQUENT}              | 2025       # 2. the day after the last dose, in that year
        05      | {SUBSEQUENT}              | 2025-03    # 3. last dose on the last of the month: cannot be after
        06      | {SUBSEQUENT}              |            # 4. the day after the last dose
        07      | {SUBSEQUENT}              | 2025-01    # 2. dosing goes on: the day after the first
        08      | {SUBSEQUENT}              |            # 4. no last dose: no date
        """
    )
    found, findings = therapies(study, cm)
    assert shown(found, "NACTDT", "NACTDTF", "NACTDOM", "NACTSEQ") == [
        ["01", "2025-04-01", "", "CM", "2.0"],
        ["02", "2025-03-11", "D", "CM", "5.0"],
        ["03", "2025-04-01", "D", "CM", "6.0"],
        ["04", "2025-03-11", "M", "CM", "7.0"],
        ["05", "2025-03-01", "D", "CM", "8.0"],
        ["06", "2025-03-11", "Y", "CM", "9.0"],
        ["07", "2025-01-07", "D", "CM", "10.0"],
    ]
    by_code = findings.groupby("code")["usubjid"].agg(list).to_dict()
    assert by_code == {"ADAM-424": ["02", "03", "04", "05", "06", "07"], "ADAM-425": ["08"]}


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


def test_imputed_new_therapy_is_not_past_the_cutoff(study):
    cm = table(f"USUBJID | CMCAT | CMSTDTC\n02 | {SUBSEQUENT} | 2025-03\n06 | {SUBSEQUENT} |")
    found, _ = therapies(study, cm, cutoff=pd.Timestamp("2025-03-10"))
    assert shown(found, "NACTDT") == [["02", "2025-03-10"], ["06", "2025-03-10"]]


def test_categories_of_new_therapy_are_the_studys(study):
    cm = table("USUBJID | CMCAT | CMSTDTC\n01 | LATER THERAPY | 2025-04-01")
    assert therapies(study, cm)[0].empty
    terms = study.study.terms | {"subsequent_therapy": ["LATER THERAPY"]}
    other = study.model_copy(update={"study": study.study.model_copy(update={"terms": terms})})
    assert shown(therapies(other, cm)[0], "NACTDT") == [["01", "2025-04-01"]]
