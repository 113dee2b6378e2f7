# ruff: noqa: E501  (tables are as wide as they are)
"""What of pharmaverse's ADaM is compared with what of ours: variables, parameters and values, as tables."""

from __future__ import annotations

import pandas as pd

from tests.tables import table

DATASETS = {"ADSL": "adsl", "ADAE": "adae", "ADRS": "adrs_onco", "ADTTE": "adtte_onco", "ADTR": "adtr_onco"}

# theirs -> ours; a name that stands alone is the same in both
VARIABLES = {
    "ADSL": """
        STUDYID SUBJID SITEID COUNTRY AGE AGEU AGEGR1 SEX RACE ETHNIC ARM ARMCD ACTARM ACTARMCD TRT01P TRT01A RANDDT=ENRLDT
        SAFFL TRTSDT TRTEDT TRTDURD EOSSTT EOSDT DTHFL DTHDT DTHDTF DTHCAUS LSTALVDT
    """,
    "ADAE": """
        STUDYID AESPID AETERM AEDECOD AEBODSYS AESOC AESTDTC AEENDTC ASTDT ASTDTF ASTDY AENDT AENDTF AENDY ADURN ADURU
        TRTEMFL AESEV ASEV ASEVN AESER AESDTH AESLIFE AESHOSP AESDISAB AESCONG AEACN AEOUT AEREL AOCCIFL TRT01A=TRTA
    """,
    "ADRS": "STUDYID AVALC AVAL ADT ADTF AVISIT RSSEQ=SRCSEQ ANL02FL=ANL01FL",
    "ADTTE": "STUDYID STARTDT ADT AVAL CNSR EVNTDESC CNSDTDSC SRCDOM SRCVAR",
    "ADTR": "STUDYID ADT ADTF ADY AVISIT AVAL BASE CHG PCHG NADIR CHGNAD PCHGNAD ABLFL ANL01FL TRSEQ=SRCSEQ TRLNKID TULOC",
}

# their parameters from ours; the same parameter may serve two of theirs
PARAMETERS = {
    "ADRS": "OVR BOR CBOR BCP=BOR CBCP=CBOR RSP CRSP CB CCB PD LSTA MDIS DEATH",
    "ADTTE": "OS PFS=PFSS1 RSD=DOR",
    "ADTR": "SDIAM=SUMDIAM " + " ".join(f"{axis}DIAM{n}=DIAM{n}" for n in range(1, 6) for axis in ("L", "NL")),
}

# variables that are compared for one parameter only: theirs flags what is up to the first PD, on other parameters
# whether there is a source record
ONLY_OF = {("ADRS", "ANL02FL"): "OVR"}

# our words in theirs
VALUES = table("""
DATASET | VARIABLE | OURS                                | THEIRS
ADAE    | ADURU    | DAYS                                | days
ADTR    | AVISIT   | SCREENING                           | BASELINE
ADTTE   | EVNTDESC | DEATH                               | Death
ADTTE   | EVNTDESC | DISEASE PROGRESSION                 | Disease Progression
ADTTE   | EVNTDESC | ALIVE AT LAST CONTACT               | Alive
ADTTE   | EVNTDESC | NO PD OR DEATH                      | Last Tumor Assessment
ADTTE   | EVNTDESC | NO BASELINE ASSESSMENT              | Randomization
ADTTE   | CNSDTDSC | LAST KNOWN ALIVE DATE               | Alive During Study
ADTTE   | CNSDTDSC | LAST ADEQUATE TUMOUR ASSESSMENT     | Last Tumor Assessment
ADTTE   | CNSDTDSC | ENROLMENT                           | Randomization
ADTTE   | CNSR     | 2                                   | 1
ADTTE   | SRCVAR   | ENRLDT                              | RANDDT
""")

# their variables that are compared with nothing of ours, and why
NOT_COMPARED = {
    "a variable of DM that our ADSL does not carry": "RFSTDTC RFENDTC RFXSTDTC RFXENDTC RFPENDTC RFICDTC DTHDTC DMDTC DMDY BRTHDTC ARMNRS ACTARMUD",
    "a date of DS that our ADSL does not have": "SCRFDT FRVDT",
    "no counterpart: about the time between death and first or last dose": "DTHADY LDDTHELD LDDTHGR1 DTH30FL DTHA30FL DTHB30FL",
    "no counterpart: the domain and the group of the cause of death": "DTHDOM DTHCGR1",
    "no counterpart: a grouping of countries or races": "REGION1 RACEGR1",
    "no counterpart: EX and AE have no times, and we impute none": "TRTSDTM TRTSTMF TRTEDTM TRTETMF ASTDTM ASTTMF AENDTM AENTMF",
    "a variable of AE that this ADAE of ours does not carry": "AEBDSYCD AELLT AELLTCD AEPTCD AEHLT AEHLTCD AEHLGT AEHLGTCD AESOCCD AESTDY AEENDY AESCAN AESOD AEDTC",
    "theirs is AEREL again; ours has two values": "AREL",
    "no counterpart: the dose on the day of an event": "LDOSEDTM DOSEON DOSEU",
    "a copy of SDTM beside the result": "DOMAIN VISITNUM VISIT RSTESTCD RSTEST RSORRES RSSTRESC RSEVAL RSEVALID RSACPTFL RSDTC TRGRPID TRTESTCD TRTEST TRORRES TRORRESU TRSTRESC TRSTRESN TRSTRESU TREVAL TREVALID TRACPTFL TRDTC TULOCGR1",
    "numbers or words of the dataset's own": "ASEQ SRCSEQ PARAM PARCAT1 PARCAT2 PARCAT3 AVISITN",
    "Y on every record of ADRS": "ANL01FL",
    "flags of other meanings": "ANL02FL ANL03FL ANL04FL PDFL",
    "no counterpart: lists of the lesions summed": "LSEXP LSASS",
}  # fmt: skip


def pairs(text: str) -> list[tuple[str, str]]:
    """The names in theirs and ours."""
    return [(theirs, ours or theirs) for theirs, _, ours in (word.partition("=") for word in text.split())]


def why_not_compared(variable: str) -> str | None:
    """The reason why a variable of theirs is compared with nothing; None where there is none."""
    return next((why for why, names in NOT_COMPARED.items() if variable in names.split()), None)


def in_their_words(dataset: str, variable: str, ours: pd.Series) -> pd.Series:
    """Our values, as text, in their words."""
    rows = VALUES[(VALUES["DATASET"] == dataset) & (VALUES["VARIABLE"] == variable)]
    return ours.replace(dict(zip(rows["OURS"], rows["THEIRS"], strict=True)))
