"""When a subject was treated, was last known to be alive, and died."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from tests.double.raw_forms import Casebook, Row, day_of

CONTACTS = (
    ("VISIT", "VISDAT", "VISND"), ("HEM", "LBDAT", "LBND"), ("CHEM", "LBDAT", "LBND"), ("VS", "VSDAT", ""),
    ("TARGET", "LESDAT", "LESND"), ("NONTARG", "LESDAT", "LESND"), ("NEWLES", "LESDAT", ""),
    ("AE", "AESTDAT", ""), ("CM", "CMSTDAT", ""),
)  # fmt: skip  # form, its date, the field that says it was not done


@dataclass(frozen=True)
class Treatment:
    """The days on which time to event rests."""

    first_dose: date
    last_dose: date | None  # None: treatment goes on
    alive: date
    death: date | None
    new_therapy: date | None


def read_treatment(book: Casebook) -> Treatment | None:
    """PROTOCOL, "Where the other dates come from"; None for a subject who was never dosed."""
    infusions = [day for row in book.rows("EXQL") if _dosed(row, "QLDOSE") and (day := day_of(row, "QLDAT"))]
    capsules = [row for row in book.rows("EXLEN") if _dosed(row, "LNDOSE")]
    starts = infusions + [day for row in capsules if (day := day_of(row, "LNSTDAT"))]
    ends = infusions + [day for row in capsules if (day := day_of(row, "LNENDAT"))]
    goes_on = any(day_of(row, "LNENDAT") is None for row in capsules)
    if not starts:
        return None
    contacts = [
        day
        for form, field, not_done in CONTACTS
        for row in book.rows(form)
        if not (not_done and row[not_done] in ("1", "Y")) and (day := day_of(row, field))
    ]
    contacts += [day for row in book.rows("SURV") if row["SSSTAT_STD"] == "A" and (day := day_of(row, "SSDAT"))]
    # of later therapies the systemic ones are medications, whose start proves life
    contacts += [day for row in book.rows("SUBAC") if row["SATYPE_STD"] == "SYS" and (day := day_of(row, "SASTDAT"))]
    therapies = book.days("SUBAC", "SASTDAT")
    return Treatment(
        first_dose=min(starts), last_dose=None if goes_on else max([*starts, *ends]),
        alive=max([*contacts, *starts, *ends]),
        death=min(book.days("DEATH", "DTHDAT"), default=None), new_therapy=min(therapies, default=None),
    )  # fmt: skip


def _dosed(row: Row, field: str) -> bool:
    return bool(row[field]) and float(row[field]) > 0
