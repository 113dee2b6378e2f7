"""How SDTMIG 3.4 names datasets and variables: enough to tell a slip of the pen from what another study may have."""

from __future__ import annotations

import re

# datasets of subjects (SDTMIG 3.4, section 2.6 and 5 to 7); devices and tobacco products have guides of their own
DOMAINS = (
    "AE", "AG", "BE", "BS", "CE", "CM", "CO", "CP", "CV", "DA", "DD", "DM", "DS", "DV", "EC", "EG", "EX", "FA", "FT",
    "GF", "HO", "IE", "IS", "LB", "MB", "MH", "MI", "MK", "ML", "MS", "NV", "OE", "PC", "PE", "PP", "PR", "QS", "RE",
    "RP", "RS", "SC", "SE", "SM", "SR", "SS", "SU", "SV", "TR", "TU", "UR", "VS",
)  # fmt: skip
_OF_OTHER_GUIDES = ("DE", "DO", "DT", "DU", "DX", "EM")
_SPONSORS_OWN = re.compile(r"^[XYZ][A-Z0-9]$")  # section 2.6: never used by CDISC
_DATES = ("DTC", "STDTC", "ENDTC")
_DATES_OF_DM = (
    "RFSTDTC", "RFENDTC", "RFXSTDTC", "RFXENDTC", "RFCSTDTC", "RFCENDTC", "RFICDTC", "RFPENDTC", "BRTHDTC", "DTHDTC",
    "DMDTC",
)  # fmt: skip
_WITHOUT_PREFIX = ("VISIT", "VISITNUM", "VISITDY", "EPOCH", "TAETORD", "MIDS", "RELMIDS", "SUBJID", "STUDYID")


def is_domain(name: str) -> bool:
    """Whether a dataset of subjects can have this name."""
    split = len(name) == 4 and name[:2] in DOMAINS  # section 4.1.7: QSCG is a part of QS
    return name in DOMAINS or name in _OF_OTHER_GUIDES or split or _SPONSORS_OWN.match(name) is not None


def dates_of(domain: str) -> list[str]:
    """The dates that a domain can have."""
    return list(_DATES_OF_DM) if domain == "DM" else [domain[:2] + date for date in _DATES]


def is_variable(name: str, domain: str) -> bool:
    """Whether a domain can have a variable of this name; those of DM have no prefix in common."""
    return domain == "DM" or name.startswith(domain[:2]) or name in _WITHOUT_PREFIX
