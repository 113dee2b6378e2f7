"""Patients without a fault, each with all that the forms ask of her: what the planted cases are copied from.

P progressed by a new lesion and died of the disease; F died of an adverse event; C is in complete response and goes on;
S failed screening; R failed once (number R1) and was enrolled under another number (R2). The records of a form are
counted from 1 within a patient.
"""

P = {
    "SUBJ": "SUBJECT | FOLDER | PHASE | COHORT | ENRYN | ENRDAT\n P | SCRN | IB | DL2 | Y | 13 JAN 2025",
    "IC": "SUBJECT | FOLDER | ICDAT\n P | SCRN | 01 JAN 2025",
    "IE": "SUBJECT | FOLDER | POSITION | IEYN\n P | SCRN | 1 | Y",
    "DM": "SUBJECT | FOLDER | BRTHDAT | AGE | SEX\n P | SCRN | 10 MAY 1960 | 64 | M",
    "CANHX": "SUBJECT | FOLDER | DIAGDAT | METDAT | STAGE\n P | SCRN | 05 FEB 2022 | 07 MAR 2023 | IVB",
    "PRCANC": """
        SUBJECT | FOLDER | POSITION | PCTYPE | PCTRT          | PCDECOD        | PCLINE | PCSTDAT     | PCENDAT
        P       | SCRN   | 1        | SURG   | Oesophagectomy | OESOPHAGECTOMY |        | 05 MAR 2022 | 05 MAR 2022
        P       | SCRN   | 2        | SYS    | Sintilimab     | SINTILIMAB     | 1      | 20 MAR 2023 | 12 NOV 2024
        """,
    "MH": """
        SUBJECT | FOLDER | POSITION | MHTERM       | MHPT         | MHSTDAT     | MHENDAT     | MHONGO
        P       | SCRN   | 1        | Hypertension | Hypertension | 01 JUN 2018 |             | Y
        P       | SCRN   | 2        | Gastritis    | Gastritis    | 01 JUN 2019 | 20 JUN 2019 | N
        """,
    "VISIT": """
        SUBJECT | FOLDER | VISDAT
        P       | SCRN   | 08 JAN 2025
        P       | C1D1   | 15 JAN 2025
        P       | C1D8   | 22 JAN 2025
        P       | C2D1   | 05 FEB 2025
        P       | TA1    | 26 FEB 2025
        P       | C3D1   | 26 FEB 2025
        P       | C4D1   | 19 MAR 2025
        P       | TA2    | 09 APR 2025
        P       | EOT    | 11 APR 2025
        """,
    "EXQL": """
        SUBJECT | FOLDER | QLYN | QLREASND | QLDAT       | QLSTTIM | QLENTIM | QLDOSE | QLADJ
        P       | C1D1   | Y    |          | 15 JAN 2025 | 10:00   | 11:00   | 5      | NONE
        P       | C2D1   | Y    |          | 05 FEB 2025 | 10:00   | 11:00   | 5      | NONE
        P       | C3D1   | N    | Fatigue  |             |         |         |        | AE
        P       | C4D1   | Y    |          | 19 MAR 2025 | 10:00   | 11:00   | 5      | NONE
        """,
    "EXLEN": """
        SUBJECT | POSITION | LNSTDAT     | LNENDAT     | LNDOSE | LNADJ
        P       | 1        | 15 JAN 2025 | 10 FEB 2025 | 12     | NONE
        P       | 2        | 11 FEB 2025 | 17 FEB 2025 | 0      | AE
        P       | 3        | 18 FEB 2025 | 09 APR 2025 | 8      | AE
        """,
    "AE": """
        SUBJECT | POSITION | AEYN | AETERM    | AEPT      | AEGRPID | AESTDAT     | AEENDAT     | AEONGO | AETOXGR | AESER | AESDTH | AESHOSP | AEACNQL | AEACNLEN | AEOUT
        P       | 1        | Y    | Diarrhoea | Diarrhoea | 1       | 01 FEB 2025 | 10 FEB 2025 | N      | 2       | N     | N      | N       | NC      | NC       | 3
        P       | 2        | Y    | Diarrhoea | Diarrhoea | 1       | 10 FEB 2025 | 20 FEB 2025 | N      | 3       | N     | N      | N       | NC      | INT      | 1
        P       | 3        | Y    | Fatigue   | Fatigue   | 2       | 24 FEB 2025 | 03 MAR 2025 | N      | 2       | N     | N      | N       | INT     | NC       | 1
        P       | 4        | Y    | Pneumonia | Pneumonia | 3       | 10 MAR 2025 | 15 MAR 2025 | N      | 3       | Y     | N      | Y       | NC      | NC       | 1
        """,  # noqa: E501
    "CM": """
        SUBJECT | POSITION | CMTRT       | CMDECOD     | CMINDC | CMDOSE | CMSTDAT    | CMENDAT    | CMONGO
        P       | 1        | Paracetamol | PARACETAMOL | Pain   | 500 mg | 2025-02-01 | 2025-02-10 | N
        P       | 2        | Paracetamol | PARACETAMOL | Pain   | 500 mg | 2025-03-01 | 2025-03-10 | N
        P       | 3        | Amlodipine  | AMLODIPINE  | Pain   | 5 mg   | 2020-01-01 |            | Y
        """,
    "PROC": """
        SUBJECT | POSITION | PRCODE | PRTRT               | PRSTDAT     | PRENDAT
        P       | 1        | STENT  | Oesophageal stent   | 03 MAR 2025 | 03 MAR 2025
        """,
    "HEM": """
        SUBJECT | FOLDER | POSITION | LBDAT       | LBTIM | ANALYTE | LBORRES | LBORRESU | LBORNRLO | LBORNRHI | LBND
        P       | SCRN   | 1        | 08 JAN 2025 | 08:00 | ANC     | 3.2     | 10^9/L   | 1.8      | 6.3      |
        P       | C1D1   | 1        | 15 JAN 2025 | 08:00 | ANC     | 3.1     | 10^9/L   | 1.8      | 6.3      |
        P       | C2D1   | 1        | 05 FEB 2025 | 08:00 | ANC     | 2.9     | 10^9/L   | 1.8      | 6.3      |
        P       | C2D1   | 2        | 05 FEB 2025 | 08:00 | PLT     |         |          |          |          | Clotted
        """,
    "CHEM": """
        SUBJECT | FOLDER | POSITION | LBDAT       | LBTIM | ANALYTE | LBORRES | LBORRESU | LBORNRLO | LBORNRHI | LBND
        P       | SCRN   | 1        | 08 JAN 2025 | 08:00 | ALT     | 32      | U/L      | 7        | 40       |
        """,
    "VS": """
        SUBJECT | FOLDER | POSITION | VSDAT       | VSTIM | SYSBP | DIABP | PULSE | WEIGHT | WEIGHT_UN | HEIGHT
        P       | SCRN   | 1        | 08 JAN 2025 | 08:00 | 120   | 80    | 70    | 60.0   | kg        | 170
        P       | C1D1   | 1        | 15 JAN 2025 | 08:00 | 125   | 85    | 70    | 60.0   | kg        |
        P       | C2D1   | 1        | 05 FEB 2025 | 08:00 | 125   | 85    | 70    | 58.0   | kg        |
        """,
    "ECOG": """
        SUBJECT | FOLDER | ECOGDAT     | ECOGRES
        P       | SCRN   | 08 JAN 2025 | 0
        P       | C1D1   | 15 JAN 2025 | 1
        P       | C2D1   | 05 FEB 2025 | 1
        """,
    "TARGET": """
        SUBJECT | FOLDER | POSITION | LESNO | LESLOC | LESMETH | LESDAT      | LESSTAT | LESDIAM
        P       | SCRN   | 1        | T01   | LIVER  | CT      | 09 JAN 2025 | M       | 40
        P       | SCRN   | 2        | T02   | MEDLN  | CT      | 09 JAN 2025 | M       | 20
        P       | TA1    | 1        | T01   | LIVER  | CT      | 26 FEB 2025 | M       | 36
        P       | TA1    | 2        | T02   | MEDLN  | CT      | 26 FEB 2025 | M       | 18
        P       | TA2    | 1        | T01   | LIVER  | CT      | 09 APR 2025 | M       | 36
        P       | TA2    | 2        | T02   | MEDLN  | CT      | 09 APR 2025 | M       | 18
        """,
    "NONTARG": """
        SUBJECT | FOLDER | POSITION | LESNO | LESLOC | LESMETH | LESDAT      | LESSTAT
        P       | SCRN   | 1        | NT01  | LUNG   | CT      | 09 JAN 2025 | PRES
        P       | TA1    | 1        | NT01  | LUNG   | CT      | 26 FEB 2025 | PRES
        P       | TA2    | 1        | NT01  | LUNG   | CT      | 09 APR 2025 | PRES
        """,
    "NEWLES": """
        SUBJECT | FOLDER | POSITION | LESNO | LESLOC | LESMETH | LESDAT      | LESSTAT | LESDIAM
        P       | TA2    | 1        | NEW01 | BONE   | CT      | 09 APR 2025 | UNEQ    | 15
        """,
    "RESP": """
        SUBJECT | FOLDER | RSDAT       | TRGRESP | NTRGRESP | NEWLES | OVRLRESP
        P       | TA1    | 26 FEB 2025 | SD      | NN       | N      | SD
        P       | TA2    | 09 APR 2025 | SD      | NN       | UNEQ   | PD
        """,
    "EOT": """
        SUBJECT | FOLDER | POSITION | EOTDRUG | EOTLAST     | EOTDAT      | EOTREAS
        P       | EOT    | 1        | QL      | 19 MAR 2025 | 10 APR 2025 | PD
        P       | EOT    | 2        | LEN     | 09 APR 2025 | 10 APR 2025 | PD
        """,
    "SUBAC": """
        SUBJECT | POSITION | SATYPE | SATRT     | SADECOD   | SASTDAT     | SAENDAT
        P       | 1        | SYS    | Docetaxel | DOCETAXEL | 01 MAY 2025 | 01 JUL 2025
        P       | 2        | RT     | Radiation | RADIATION | 10 JUL 2025 | 20 JUL 2025
        """,
    "SURV": """
        SUBJECT | FOLDER | SSDAT       | SSSTAT
        P       | SURV1  | 20 JUN 2025 | A
        P       | SURV2  | 05 AUG 2025 | D
        """,
    "DEATH": "SUBJECT | FOLDER | DTHDAT | DTHCAUS\n P | EOS | 01 AUG 2025 | DIS",
    "EOS": "SUBJECT | FOLDER | EOSDAT | EOSREAS\n P | EOS | 01 AUG 2025 | DTH",
}  # fmt: skip

F = {
    "SUBJ": "SUBJECT | FOLDER | PHASE | COHORT | ENRYN | ENRDAT\n F | SCRN | II | RP2D | Y | 13 JAN 2025",
    "IC": "SUBJECT | FOLDER | ICDAT\n F | SCRN | 01 JAN 2025",
    "IE": "SUBJECT | FOLDER | POSITION | IEYN\n F | SCRN | 1 | Y",
    "DM": "SUBJECT | FOLDER | BRTHDAT | AGE | SEX\n F | SCRN | 10 MAY 1960 | 64 | F",
    "PRCANC": """
        SUBJECT | FOLDER | POSITION | PCTYPE | PCTRT      | PCDECOD    | PCLINE | PCSTDAT     | PCENDAT
        F       | SCRN   | 1        | SYS    | Sintilimab | SINTILIMAB | 1      | 20 MAR 2023 | 12 NOV 2024
        """,
    "VISIT": "SUBJECT | FOLDER | VISDAT\n F | SCRN | 08 JAN 2025\n F | C1D1 | 15 JAN 2025",
    "EXQL": "SUBJECT | FOLDER | QLYN | QLDAT | QLDOSE | QLADJ\n F | C1D1 | Y | 15 JAN 2025 | 5 | NONE",
    "EXLEN": "SUBJECT | POSITION | LNSTDAT | LNENDAT | LNDOSE | LNADJ\n F | 1 | 15 JAN 2025 | 10 FEB 2025 | 12 | NONE",
    "AE": """
        SUBJECT | POSITION | AEYN | AETERM      | AEPT        | AEGRPID | AESTDAT     | AEENDAT     | AEONGO | AETOXGR | AESER | AESDTH | AESLIFE | AEACNQL | AEACNLEN | AEOUT | AEDTHDAT
        F       | 1        | Y    | Pneumonitis | Pneumonitis | 1       | 09 FEB 2025 |             | Y      | 4       | Y     | N      | Y       | WD      | WD       | 3     |
        F       | 2        | Y    | Haemoptysis | Haemoptysis | 2       | 20 FEB 2025 | 22 FEB 2025 | N      | 5       | Y     | Y      | N       | NA      | NA       | 5     | 22 FEB 2025
        """,  # noqa: E501
    "EOT": """
        SUBJECT | FOLDER | POSITION | EOTDRUG | EOTLAST     | EOTDAT      | EOTREAS
        F       | EOT    | 1        | QL      | 15 JAN 2025 | 11 FEB 2025 | AE
        F       | EOT    | 2        | LEN     | 10 FEB 2025 | 11 FEB 2025 | AE
        """,
    "DEATH": "SUBJECT | FOLDER | DTHDAT | DTHCAUS\n F | EOS | 22 FEB 2025 | AE",
    "EOS": "SUBJECT | FOLDER | EOSDAT | EOSREAS\n F | EOS | 22 FEB 2025 | DTH",
}  # fmt: skip

C = {
    "SUBJ": "SUBJECT | FOLDER | PHASE | COHORT | ENRYN | ENRDAT\n C | SCRN | IB | DL1 | Y | 13 JAN 2025",
    "IC": "SUBJECT | FOLDER | ICDAT\n C | SCRN | 01 JAN 2025",
    "IE": "SUBJECT | FOLDER | POSITION | IEYN\n C | SCRN | 1 | Y",
    "DM": "SUBJECT | FOLDER | BRTHDAT | AGE | SEX\n C | SCRN | 10 MAY 1960 | 64 | F",
    "PRCANC": """
        SUBJECT | FOLDER | POSITION | PCTYPE | PCTRT      | PCDECOD    | PCLINE | PCSTDAT     | PCENDAT
        C       | SCRN   | 1        | SYS    | Sintilimab | SINTILIMAB | 1      | 20 MAR 2023 | 12 NOV 2024
        """,
    "VISIT": """
        SUBJECT | FOLDER | VISDAT
        C       | SCRN   | 08 JAN 2025
        C       | C1D1   | 15 JAN 2025
        C       | TA1    | 26 FEB 2025
        C       | TA2    | 09 APR 2025
        """,
    "EXQL": "SUBJECT | FOLDER | QLYN | QLDAT | QLDOSE | QLADJ\n C | C1D1 | Y | 15 JAN 2025 | 5 | NONE",
    "EXLEN": "SUBJECT | POSITION | LNSTDAT | LNENDAT | LNDOSE | LNADJ\n C | 1 | 15 JAN 2025 | | 8 | NONE",
    "AE": "SUBJECT | POSITION | AEYN | AETERM\n C | 1 | N |",
    "ECOG": "SUBJECT | FOLDER | ECOGDAT | ECOGRES\n C | SCRN | 08 JAN 2025 | 0",
    "TARGET": """
        SUBJECT | FOLDER | POSITION | LESNO | LESLOC | LESMETH | LESDAT      | LESSTAT | LESDIAM | LESPAR | LESMRG
        C       | SCRN   | 1        | T01   | LIVER  | CT      | 09 JAN 2025 | M       | 40      |        |
        C       | SCRN   | 2        | T02   | MEDLN  | CT      | 09 JAN 2025 | M       | 20      |        |
        C       | SCRN   | 3        | T03   | LIVER  | CT      | 09 JAN 2025 | M       | 12      |        |
        C       | TA1    | 1        | T01   | LIVER  | CT      | 26 FEB 2025 | TS      |         |        |
        C       | TA1    | 2        | T02   | MEDLN  | CT      | 26 FEB 2025 | M       | 9       |        |
        C       | TA1    | 3        | T03   | LIVER  | CT      | 26 FEB 2025 | MRG     |         |        | T01
        C       | TA2    | 1        | T01   | LIVER  | CT      | 09 APR 2025 | ABS     |         |        |
        C       | TA2    | 2        | T02   | MEDLN  | CT      | 09 APR 2025 | M       | 9       |        |
        """,
    "NONTARG": """
        SUBJECT | FOLDER | POSITION | LESNO | LESLOC | LESMETH | LESDAT      | LESSTAT
        C       | SCRN   | 1        | NT01  | LUNG   | CT      | 09 JAN 2025 | PRES
        C       | TA1    | 1        | NT01  | LUNG   | CT      | 26 FEB 2025 | PRES
        C       | TA2    | 1        | NT01  | LUNG   | CT      | 09 APR 2025 | ABS
        """,
    "RESP": """
        SUBJECT | FOLDER | RSDAT       | TRGRESP | NTRGRESP | NEWLES | OVRLRESP
        C       | TA1    | 26 FEB 2025 | PR      | NN       | N      | PR
        C       | TA2    | 09 APR 2025 | CR      | CR       | N      | CR
        """,
}  # fmt: skip

S = {
    "SUBJ": "SUBJECT | FOLDER | PHASE | ENRYN\n S | SCRN | II | N",
    "IC": "SUBJECT | FOLDER | ICDAT\n S | SCRN | 01 JAN 2025",
    "IE": """
        SUBJECT | FOLDER | POSITION | IEYN | IECAT | IETESTCD | IETEST
        S       | SCRN   | 1        | N    | EXC   | E03    | Active infection
        """,
    "DM": "SUBJECT | FOLDER | BRTHDAT | AGE | SEX\n S | SCRN | 10 MAY 1960 | 64 | F",
    "VISIT": "SUBJECT | FOLDER | VISDAT\n S | SCRN | 08 JAN 2025",
}

R = {
    "SUBJ": """
        SUBJECT | FOLDER | PREVSUBJ | PHASE | COHORT | ENRYN | ENRDAT
        R1      | SCRN   |          | II    |        | N     |
        R2      | SCRN   | R1       | II    | RP2D   | Y     | 13 JAN 2025
        """,
    "IC": "SUBJECT | FOLDER | ICDAT\n R1 | SCRN | 01 DEC 2024\n R2 | SCRN | 03 JAN 2025",
    "IE": """
        SUBJECT | FOLDER | POSITION | IEYN | IECAT | IETESTCD | IETEST
        R1      | SCRN   | 1        | N    | EXC   | E03    | Active infection
        R2      | SCRN   | 1        | Y    |       |          |
        """,
    "DM": """
        SUBJECT | FOLDER | BRTHDAT     | AGE | SEX
        R1      | SCRN   | 10 MAY 1960 | 64  | F
        R2      | SCRN   | 10 MAY 1960 | 64  | F
        """,
    "PRCANC": """
        SUBJECT | FOLDER | POSITION | PCTYPE | PCTRT      | PCDECOD    | PCLINE | PCSTDAT     | PCENDAT
        R2      | SCRN   | 1        | SYS    | Sintilimab | SINTILIMAB | 1      | 20 MAR 2023 | 12 NOV 2024
        """,
    "VISIT": "SUBJECT | FOLDER | VISDAT\n R1 | SCRN | 05 DEC 2024\n R2 | SCRN | 08 JAN 2025\n R2 | C1D1 | 15 JAN 2025",
    "EXQL": "SUBJECT | FOLDER | QLYN | QLDAT | QLDOSE | QLADJ\n R2 | C1D1 | Y | 15 JAN 2025 | 5 | NONE",
}

PATIENTS = {"P": P, "F": F, "C": C, "S": S, "R": R}
