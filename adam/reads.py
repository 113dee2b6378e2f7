"""Which SDTM variables each analysis dataset is made from, so that nothing else need be read from files."""

from __future__ import annotations

from collections.abc import Mapping

from specs import StudySpec

# dataset -> domain -> variables that its rules read; SUPP-- is read as a whole. What ADSL reads, all others rest on.
READS: Mapping[str, Mapping[str, str]] = {
    "ADSL": {
        "DM": "STUDYID SUBJID SITEID COUNTRY AGE AGEU SEX RACE ETHNIC ARM ARMCD ACTARM ACTARMCD ARMNRS "
        "RFICDTC DTHDTC DTHFL",
        "EX": "EXTRT EXDOSE EXDOSU EXDOSFRQ EXADJ EXSTDTC EXENDTC",
        "DS": "DSCAT DSSCAT DSDECOD DSSTDTC DSTRT",
        "CM": "CMCAT CMSTDTC CMLINE",
        "PR": "PRCAT PRSTDTC PRLINE",
        "DD": "DDTESTCD DDORRES DDSTRESC",
        "AE": "AEDECOD AESTDTC AEOUT AESDTH",
        "TU": "TULNKID TUTESTCD TUSTRESC TULOC TUEVAL TUEVALID TUACPTFL TUDTC VISIT",
        "TR": "TRLNKID TRLNKGRP TRTESTCD TRORRES TRSTRESC TRSTRESN TRSTAT TREVAL TREVALID TRACPTFL VISITNUM "
        "VISIT TRDTC",
        "RS": "RSLNKGRP RSTESTCD RSCAT RSSTRESC RSEVAL RSEVALID RSACPTFL VISITNUM VISIT RSDTC",
    },
    "ADAE": {"AE": "STUDYID AEGRPID AEDECOD AEBODSYS AETOXGR AESEV AEREL AESTDTC AEENDTC AEOUT AESDTH"},
    "ADTR": {},
    "ADRS": {},
    "ADTTE": {},
    "ADDLT": {
        "LB": "LBTESTCD LBSTRESC LBSTRESN LBSTRESU LBDTC",
        "VS": "VSTESTCD VSSTRESN VSSTRESU VSDTC",
        "AE": "AEDECOD AETOXGR AERELNST AESTDTC AEENDTC",
        "PR": "PRTRT PRDECOD PROCCUR PRSTDTC",
    },
    "ADEX": {
        "EC": "ECTRT ECOCCUR ECREASOC ECADJ ECSTDTC ECENDTC VISITNUM",
        "SV": "VISITNUM",
    },
    "ADLB": {
        "LB": "STUDYID LBTESTCD LBORRES LBORRESU LBSTRESC LBSTRESN LBSTRESU LBSTNRLO LBSTNRHI LBDTC VISIT VISITNUM",
    },
    "ADVS": {
        "VS": "STUDYID VSTESTCD VSORRES VSORRESU VSSTRESC VSSTRESN VSSTRESU VSSTNRLO VSSTNRHI VSDTC VISIT VISITNUM",
    },
}


def domains_read(study: StudySpec, dataset: str) -> set[str]:
    """The SDTM domains that a dataset's rules read, supplemental qualifiers counted to their parent domain."""
    domains = set(READS.get(dataset, {}))
    if dataset == "ADSL" and study.study.parameters:
        domains |= {proof.domain for proof in study.study.parameters.subject.alive}
    return domains


def needed_variables(study: StudySpec) -> dict[str, frozenset[str]] | None:
    """The variables of each domain that the study's analysis datasets are made from; None: all that there are.

    They are what the rules read (READS), what the study says proves life (`subject.alive`), and what an analysis
    dataset takes over under its own name: of a domain that the study does not spec, whatever is named so. A dataset
    that READS does not have may read anything. USUBJID, --SEQ and --DTC, always read, are not named.
    """
    made = {"ADSL", *study.adam}
    if made - set(READS):
        return None
    needed: dict[str, set[str]] = {}
    for name in made:
        for domain, variables in READS[name].items():
            needed.setdefault(domain, set()).update(variables.split())
    for proof in study.study.parameters.subject.alive if study.study.parameters else ():
        needed.setdefault(proof.domain, set()).update(proof.variables())
    shown = {variable for spec in study.adam.values() for variable in spec.variables}
    return {
        domain: frozenset(variables | (shown & set(study.sdtm[domain].variables) if domain in study.sdtm else shown))
        for domain, variables in needed.items()
    }
