"""Every check of the study, planted in one place of a faultless patient, and a near miss of each that is no finding."""

from __future__ import annotations

import pytest

from specs import load_study
from tests.sdtm.findings.planted import Case, find_planted, read_cases

CASES = """
# --- dates, doses and visits ---
CHK-301 | P | AE.4
    AE.4.AEENDAT = 09 MAR 2025
    near
    AE.4.AEENDAT = 10 MAR 2025
CHK-302 | P | EXQL.4
    EOT.1.EOTLAST = 18 MAR 2025
    near
    EOT.1.EOTLAST = UN MAR 2025
CHK-303 | P | VISIT.4
    VISIT.4.VISDAT = 01 FEB 2025
    near
    VISIT.4.VISDAT = 02 FEB 2025
CHK-304 | P | TARGET.1                 # the lesion, not the scan, has a record
    drop TARGET.5
    near
    TARGET.5.LESSTAT = ND
    TARGET.5.LESDIAM =
CHK-305 | P | TARGET.new
    again TARGET.5
    TARGET.new.LESNO = T09
    near                               # a fragment belongs to the lesion that it comes from
    again TARGET.5
    TARGET.new.LESNO = T01.1
    TARGET.new.LESPAR = T01
CHK-307 | P | EOS.1
    EOS.1.EOSDAT = 02 AUG 2025
    near
    EOS.1.EOSDAT = UN AUG 2025
CHK-308 | P | SURV.1
    SURV.1.SSDAT = 02 AUG 2025
    near
    SURV.1.SSDAT = 01 AUG 2025
CHK-309 | P | MH.2
    MH.2.MHONGO = Y
    near
    MH.2.MHONGO = Y
    MH.2.MHENDAT =
CHK-310 | P | AE.4
    AE.4.AEENDAT =
    near
    AE.4.AEENDAT = UN MAR 2025
CHK-312 | P | HEM.1
    HEM.1.LBDAT = 31 DEC 2024
    near
    HEM.1.LBDAT = 01 JAN 2025
CHK-312 | P | VISIT.1
    VISIT.1.VISDAT = 31 DEC 2024
    near
    VISIT.1.VISDAT = UN UNK 2025
CHK-314 | P | RESP.2
    RESP.2.OVRLRESP = SD
    EOT.1.EOTREAS = CPD
    EOT.2.EOTREAS = CPD
    near
    RESP.2.OVRLRESP = SD
    RESP.2.NEWLES = EQ
    NEWLES.1.LESSTAT = EQ
    EOT.1.EOTREAS = CPD
    EOT.2.EOTREAS = CPD
CHK-315 | P | TARGET.6
    TARGET.6.LESDAT = 10 APR 2025
    RESP.2.RSDAT = 10 APR 2025
    near
    TARGET.6.LESDAT = UN APR 2025
CHK-316 | P | AE.4
    AE.4.AEENDAT = 03 JAN 2026
    near
    AE.4.AEENDAT = 02 JAN 2026
CHK-317 | P | AE.4, AE.new
    again AE.4
    AE.new.AEGRPID =
    AE.new.AETOXGR = 4
    near
    again AE.4
    AE.new.AEGRPID =
    AE.new.AESTDAT = 11 MAR 2025
CHK-318 | P | DM.1
    DM.1.AGE = 65
    near
    DM.1.AGE = 65
    DM.1.BRTHDAT = UN UNK 1960
CHK-319 | P | DEATH.1
    DEATH.1.DTHCAUS = AE
    near
    DEATH.1.DTHCAUS = OTH
CHK-320 | P | VS.3
    VS.3.WEIGHT = 116
    near
    VS.3.WEIGHT = 69
CHK-321 | P | RESP.new
    again RESP.1
    RESP.new._FOLDER = C2D1
    RESP.new.RSDAT = 05 FEB 2025
    near
    again RESP.1
    RESP.new._FOLDER = C2D1
    RESP.new.RSDAT = 05 FEB 2025
    RESP.new.OVRLRESP = NE
# --- death, end of study, follow-up ---
CHK-322 | P | DEATH.1
    EOS.1.EOSREAS = END
    near
    EOS.1.EOSDAT = UN AUG 2025
CHK-323 | P | EOS.1, SURV.2
    drop DEATH.1
    near
    EOT.1.EOTREAS = DTH
CHK-323 | F | EOT.1                    # what the end of study form does not tell
    drop DEATH.1
    EOS.1.EOSREAS = WD
    EOS.1.EOSDAT = 23 FEB 2025
    EOT.1.EOTREAS = DTH
    EOT.1.EOTDAT = 23 FEB 2025
    AE.2.AEOUT = 6
    AE.2.AESDTH = N
    AE.2.AESMIE = Y
    AE.2.AETOXGR = 4
    AE.2.AEDTHDAT =
    near
    EOT.2.EOTREAS = DTH
CHK-324 | P | SURV.2
    SURV.1.SSDAT = 14 APR 2025
    near
    SURV.1.SSDAT = 15 APR 2025
CHK-325 | P | SURV.1
    drop DEATH.1
    drop SURV.2
    EOS.1.EOSREAS = LTFU
    EOS.1.EOSDAT = 19 JUN 2025
    near
    drop DEATH.1
    drop SURV.2
    EOS.1.EOSREAS = LTFU
    EOS.1.EOSDAT = 20 JUN 2025
CHK-326 | P | EXQL.4
    drop DEATH.1
    drop SURV.2
    EOS.1.EOSREAS = END
    EOS.1.EOSDAT = 18 MAR 2025
    near
    drop DEATH.1
    drop SURV.2
    EOS.1.EOSREAS = END
    EOS.1.EOSDAT = 19 MAR 2025
CHK-327 | F | EOT.1
    EOT.1.EOTREAS = PD
    near
    EOT.1.EOTREAS = CPD
# --- consent, eligibility, enrolment ---
CHK-331 | F | EXQL.1, EXLEN.1          # a partial date of enrolment is neither before nor after
    IC.1.ICDAT = 16 JAN 2025
    SUBJ.1.ENRDAT = UN JAN 2025
    drop VISIT.1
    drop VISIT.2
    near
    IC.1.ICDAT = 15 JAN 2025
    SUBJ.1.ENRDAT = UN JAN 2025
    drop VISIT.1
    drop VISIT.2
CHK-332 | P | SUBJ.1
    SUBJ.1.ENRDAT = 31 DEC 2024
    near
    SUBJ.1.ENRDAT = 01 JAN 2025
CHK-333 | P | SUBJ.1
    drop IC.1
    near
    IC.1.ICDAT = UN UNK 2025
CHK-334 | R | SUBJ.2
    IE.2.IEYN = N
    IE.2.IECAT = EXC
    IE.2.IETESTCD = E03
    IE.2.IETEST = Active infection
    near                               # a criterion of the screening that failed
    IE.1.IETESTCD = E05
CHK-335 | R | SUBJ.2
    drop IE.2
    near
    drop IE.1
CHK-336 | S | IE.1
    IE.1.IEYN = Y
    near
    IE.1.IETESTCD = E05
CHK-337 | F | EXQL.1, EXLEN.1
    SUBJ.1.ENRYN = N
    SUBJ.1.ENRDAT =
    near R                             # the person is enrolled, if under another number
    EXQL.1._SUBJECT = R1
    VISIT.1.VISDAT = 20 DEC 2024
CHK-338 | P | EXQL.1, EXLEN.1
    SUBJ.1.ENRDAT = 16 JAN 2025
    near
    SUBJ.1.ENRDAT = 15 JAN 2025
CHK-339 | P | SUBJ.1
    SUBJ.1.ENRDAT =
    near
    SUBJ.1.ENRDAT = UN JAN 2025
CHK-339 | P | SUBJ.1
    SUBJ.1.COHORT =
    near
    SUBJ.1.PHASE = II
CHK-339 | S | SUBJ.1
    SUBJ.1.ENRDAT = 13 JAN 2025
    near
    SUBJ.1.COHORT = RP2D
# --- dosing ---
CHK-341 | F | EXLEN.1
    EXLEN.1.LNDOSE = 8
    near P                             # lowered later
    EXLEN.3.LNDOSE = 4
CHK-342 | P | EXQL.2
    EXQL.2.QLDOSE = 5.1
    EXQL.4.QLADJ = OTH
    near
    EXQL.2.QLDOSE = 4.9
    EXQL.2.QLADJ = OTH
CHK-343 | P | EXQL.2
    EXQL.2.QLDOSE = 4.9
    near
    EXQL.2.QLDOSE = 4.9
    EXQL.2.QLADJ = AE
CHK-343 | P | EXLEN.3
    EXLEN.3.LNADJ = NONE
    near
    EXLEN.3.LNADJ = NONE
    EXLEN.3.LNDOSE = 12
CHK-344 | P | EXQL.2
    EXQL.2.QLDAT = 29 JAN 2025
    near
    EXQL.2.QLDAT = 30 JAN 2025
CHK-345 | P | EXLEN.3
    EXLEN.3.LNSTDAT = 17 FEB 2025
    near
    EXLEN.2.LNENDAT = 16 FEB 2025
CHK-346 | P | EXQL.3
    EXQL.3.QLDOSE = 5
    near
    EXQL.3.QLDOSE = 0
CHK-346 | P | EXQL.2
    EXQL.2.QLDOSE =
    near
    EXQL.2.QLYN =
CHK-347 | P | EXQL.3
    EXQL.3.QLREASND =
    near
    EXQL.3.QLADJ = NONE
CHK-347 | P | EXLEN.2
    EXLEN.2.LNADJ = NONE
    near
    EXLEN.2.LNADJ = OTH
CHK-348 | P | EXQL.new
    again EXQL.4
    EXQL.new._FOLDER = C5D1
    near
    again EXQL.4
    EXQL.new._FOLDER = C5D1
    EXQL.new.QLYN = N
    EXQL.new.QLDOSE =
    EXQL.new.QLREASND = Fatigue
CHK-349 | P | EOT.1
    EOT.1.EOTLAST = 20 MAR 2025
    near
    EOT.1.EOTLAST = UN MAR 2025
CHK-350 | F | EOT.1
    drop EXQL.1
    near P
    drop EXQL.2
CHK-351 | P | EOS.1
    drop EOT.1
    near
    EOT.1.EOTDAT =
CHK-352 | P | EOT.new
    again EOT.1
    near                               # a form that may be there again
    again SURV.2
    SURV.new._FOLDER = SURV3
CHK-352 | P | DEATH.new
    again DEATH.1
    near
    again SUBAC.2
# --- adverse events ---
CHK-353 | P | AE.4
    AE.4.AETOXGR = 5
    near
    AE.4.AETOXGR = 4
CHK-354 | F | AE.2
    AE.2.AETOXGR = 4
    near
    AE.1.AEOUT = 6
CHK-355 | P | AE.4
    AE.4.AESHOSP = N
    near
    AE.4.AESHOSP = N
    AE.4.AESMIE = Y
CHK-356 | P | AE.3
    AE.3.AESLIFE = Y
    near
    AE.3.AESLIFE = Y
    AE.3.AESER = Y
CHK-357 | P | AE.4
    AE.4.AESDTH = Y
    near
    AE.4.AESLIFE = Y
CHK-357 | F | AE.2
    AE.2.AESDTH = N
    AE.2.AESHOSP = Y
    near
    AE.2.AESHOSP = Y
CHK-358 | F | AE.2
    AE.2.AEDTHDAT =
    near
    AE.2.AEDTHDAT = UN FEB 2025
CHK-358 | P | AE.4
    AE.4.AEDTHDAT = 01 AUG 2025
    near
    AE.4.AEENDAT = 16 MAR 2025
CHK-359 | C | AE.1
    AE.1.AEYN = Y
    AE.1.AETERM = Rash
    AE.1.AEPT = Rash
    AE.1.AESTDAT = 01 FEB 2025
    AE.1.AEOUT = 3
    AE.1.AEACNQL = WD
    near
    AE.1.AEYN = Y
    AE.1.AETERM = Rash
    AE.1.AEPT = Rash
    AE.1.AESTDAT = 01 FEB 2025
    AE.1.AEOUT = 3
    AE.1.AEACNQL = NC
CHK-360 | F | EOT.1, EOT.2
    AE.1.AEACNQL = NC
    AE.1.AEACNLEN = NC
    near
    AE.1.AEACNQL = NC
CHK-361 | P | AE.4                     # held four weeks before, not after
    AE.4.AEACNLEN = INT
    near
    AE.1.AEACNLEN = INT
CHK-361 | P | AE.3
    EXQL.3.QLYN = Y
    EXQL.3.QLDOSE = 5
    EXQL.3.QLREASND =
    EXQL.3.QLADJ = NONE
    EXQL.3.QLDAT = 26 FEB 2025
    near
    EXQL.3.QLADJ = NONE
CHK-362 | P | AE.2
    AE.2.AESTDAT = 09 FEB 2025
    near
    AE.1.AEENDAT = 09 FEB 2025
CHK-363 | P | AE.new
    again AE.4
    AE.new.AEYN = N
    AE.new.AETERM =
    AE.new.AEPT =
    AE.new.AEGRPID =
    near C
    AE.1.AESER = N
CHK-364 | P | MH.2
    MH.2.MHPT = Uterine haemorrhage
    near
    MH.2.MHPT = Prostatitis
CHK-365 | P | AE.3
    AE.3.AESTDAT = 31 DEC 2024
    near
    AE.3.AESTDAT = 01 JAN 2025
CHK-366 | P | MH.2
    MH.2.MHSTDAT = 16 JAN 2025
    MH.2.MHENDAT = 20 JAN 2025
    near
    MH.2.MHSTDAT = 15 JAN 2025
    MH.2.MHENDAT = 20 JAN 2025
# --- other treatment ---
CHK-367 | P | CM.2
    CM.2.CMSTDAT = 2025-02-09
    near
    CM.2.CMSTDAT = 2025-02-10
CHK-368 | P | PRCANC.2
    PRCANC.2.PCENDAT = 16 JAN 2025
    near
    PRCANC.2.PCENDAT = 15 JAN 2025
CHK-368 | P | PRCANC.1
    PRCANC.1.PCENDAT = 16 JAN 2025
    near
    PRCANC.1.PCENDAT = UN JAN 2025
CHK-369 | P | SUBAC.1
    SUBAC.1.SASTDAT = 08 APR 2025
    near
    SUBAC.1.SASTDAT = 09 APR 2025
CHK-369 | P | SUBAC.2
    SUBAC.2.SASTDAT = 08 APR 2025
    near
    SUBAC.2.SASTDAT = UN APR 2025
CHK-370 | P | SUBJ.1
    drop PRCANC.2
    near
    drop PRCANC.1
# --- vital signs, laboratory, performance status ---
CHK-371 | P | VS.1
    VS.1.SYSBP = 80
    near
    VS.1.SYSBP = 81
CHK-372 | P | VS.3
    VS.3.WEIGHT = 69.1
    near
    VS.3.WEIGHT = 69
CHK-373 | P | ECOG.3
    ECOG.3.ECOGRES = 4
    near
    ECOG.3.ECOGRES = 3
CHK-374 | C | ECOG.1
    ECOG.1.ECOGRES = 5
    near
    ECOG.1.ECOGRES = 4
CHK-375 | P | HEM.1
    HEM.1.LBORNRLO = 6.3
    near
    HEM.1.LBORNRLO = 6.2
CHK-375 | P | CHEM.1
    CHEM.1.LBORNRHI = 6
    near
    CHEM.1.LBORNRHI =
CHK-376 | P | HEM.4
    HEM.4.LBND =
    near
    HEM.4.LBND =
    HEM.4.LBORRES = 150
    HEM.4.LBORRESU = 10^9/L
CHK-376 | P | CHEM.1
    CHEM.1.LBND = Clotted
    near
    CHEM.1.LBND = Clotted
    CHEM.1.LBORRES =
CHK-377 | P | VS.new
    again VS.3
    near
    again VS.3
    VS.new.VSTIM = 08:01
CHK-378 | P | MH.2
    MH.2.MHSTDAT = 09 MAY 1960
    near
    MH.2.MHSTDAT = 10 MAY 1960
CHK-379 | P | CANHX.1
    CANHX.1.METDAT = 04 FEB 2022
    near
    CANHX.1.METDAT = 05 FEB 2022
CHK-379 | P | PRCANC.1
    PRCANC.1.PCSTDAT = 04 FEB 2022
    near
    PRCANC.1.PCSTDAT = UN FEB 2022
CHK-380 | R | DM.2
    DM.2.SEX = M
    near
    DM.1.SEX =
# --- lesions and response ---
CHK-381 | P | TARGET.2
    TARGET.2.LESDIAM = 14.9
    near
    TARGET.2.LESDIAM = 15
CHK-381 | P | TARGET.1
    TARGET.1.LESDIAM = 9.9
    near
    TARGET.1.LESDIAM = 10
CHK-382 | P | TARGET.new
    again TARGET.5
    near
    again TARGET.5
    TARGET.new.LESNO =
CHK-383 | P | TARGET.5
    TARGET.5.LESLOC = LUNG
    near
    NEWLES.1.LESLOC = LUNG
CHK-384 | P | TARGET.5
    TARGET.5.LESMETH = MRI
    near
    NONTARG.3.LESMETH = MRI
CHK-385 | P | TARGET.5
    TARGET.5.LESDIAM = 0
    near
    TARGET.5.LESDIAM = 0
    TARGET.5.LESSTAT = ABS
CHK-385 | P | TARGET.5
    TARGET.5.LESSTAT = ABS
    near
    TARGET.5.LESSTAT = TS
CHK-386 | P | TARGET.6
    TARGET.6.LESDAT = 24 APR 2025
    RESP.2.RSDAT = 24 APR 2025
    near
    TARGET.6.LESDAT = 23 APR 2025
    RESP.2.RSDAT = 23 APR 2025
CHK-387 | P | RESP.2
    RESP.2.RSDAT = 08 APR 2025
    near
    RESP.2.RSDAT = UN APR 2025
CHK-388 | C | RESP.2
    TARGET.7.LESSTAT = M
    TARGET.7.LESDIAM = 6
    near
    TARGET.8.LESDIAM = 9.9
CHK-389 | P | RESP.1
    RESP.1.OVRLRESP = PD
    near
    RESP.1.OVRLRESP = PD
    RESP.1.NTRGRESP = PD
CHK-390 | P | RESP.1
    RESP.1.TRGRESP = PD
    near
    RESP.1.TRGRESP = PD
    RESP.1.OVRLRESP = PD
CHK-391 | C | RESP.2
    RESP.2.NTRGRESP = NN
    near
    RESP.2.NTRGRESP = NA
CHK-392 | P | NONTARG.2
    NONTARG.2.LESSTAT = UP
    near
    NONTARG.2.LESSTAT = UP
    RESP.1.NTRGRESP = PD
    RESP.1.OVRLRESP = PD
CHK-393 | P | RESP.2
    RESP.2.NEWLES = N
    RESP.2.NTRGRESP = PD
    near
    RESP.2.NEWLES =
    RESP.2.NTRGRESP = PD
CHK-393 | P | RESP.1
    RESP.1.NEWLES = EQ
    near
    RESP.1.NEWLES =
CHK-394 | P | RESP.1
    TARGET.3.LESDAT = 18 FEB 2025
    TARGET.4.LESDAT = 18 FEB 2025
    NONTARG.2.LESDAT = 18 FEB 2025
    RESP.1.RSDAT = 18 FEB 2025
    near
    TARGET.3.LESDAT = 19 FEB 2025
    TARGET.4.LESDAT = 19 FEB 2025
    NONTARG.2.LESDAT = 19 FEB 2025
    RESP.1.RSDAT = 19 FEB 2025
CHK-395 | C | TARGET.6
    TARGET.6.LESMRG = T07
    near
    TARGET.6.LESMRG = T02
CHK-396 | P | NEWLES.new
    again NEWLES.1
    NEWLES.new._FOLDER = SCRN
    NEWLES.new.LESNO = NEW02
    NEWLES.new.LESDAT = 15 JAN 2025
    near
    again NEWLES.1
    NEWLES.new._FOLDER = SCRN
    NEWLES.new.LESNO = NEW02
    NEWLES.new.LESDAT = 16 JAN 2025
CHK-397 | P | NEWLES.1
    NEWLES.1.LESNO = T01
    near
    NEWLES.1.LESNO = NEW02
CHK-398 | P | RESP.2
    RESP.2.RSDAT = 24 APR 2025
    near
    RESP.2.RSDAT = 23 APR 2025
"""


def _faultless() -> list[Case]:
    return [Case("none", patient, (), ()) for patient in "PFCSR"]


STUDY = load_study("ql1706")
PLANTED = [*_faultless(), *read_cases(CASES)]


@pytest.fixture(scope="module")
def found():
    return find_planted(STUDY, PLANTED)


@pytest.mark.parametrize("case", PLANTED, ids=str)
def test_a_planted_fault_is_found_on_its_record_and_nothing_else(found, case):
    assert sorted(found[case]) == sorted((case.code, place) for place in case.found)


def test_every_check_of_the_study_has_a_planted_case_and_a_near_miss():
    assert {case.code for case in PLANTED if case.found} == set(STUDY.checks)
    assert {case.code for case in PLANTED if not case.found} - {"none"} == set(STUDY.checks)
