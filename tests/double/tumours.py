"""The response recomputed from the lesions, for an export in which every lesion was evaluated at each assessment."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from tests.double.raw_forms import Casebook, Row, day_of

NORMAL_NODE = 10  # mm, short axis: below it a node is no disease
TOO_SMALL = Decimal(5)


def recomputed_responses(book: Casebook) -> tuple[list[str], list[Decimal]]:
    """PROTOCOL, "Response (RECIST 1.1)": the overall responses, and sums of diameters, in the order of scans."""
    targets, others, new = (_by_visit(book.rows(form)) for form in ("TARGET", "NONTARG", "NEWLES"))
    seen_for_sure = {row["LESNO"] for row in book.rows("NEWLES") if row["LESSTAT_STD"] == "UNEQ"}
    visits = sorted({*targets, *others}, key=lambda visit: _scanned([*targets.get(visit, []), *others.get(visit, [])]))
    sums = {visit: sum(map(_size, targets[visit]), Decimal(0)) for visit in visits if visit in targets}
    base = nadir = sums.get(visits[0]) if visits else None
    responses: list[str] = []
    for visit in visits[1:]:  # the first is the baseline
        gone = "CR" in responses
        target = "NA"
        if base is not None and nadir is not None:
            target = _target(targets[visit], base, nadir, gone=gone)
            nadir = min(nadir, sums[visit])
        other = _non_target(others[visit], gone=gone) if visit in others else "NA"
        fresh = any(row["LESNO"] in seen_for_sure for row in new.get(visit, []))
        responses.append("PD" if fresh else _overall(target, other))
    return responses, list(sums.values())


def _by_visit(rows: list[Row]) -> dict[str, list[Row]]:
    visits: dict[str, list[Row]] = {}
    for row in rows:
        visits.setdefault(row["instanceId"], []).append(row)
    return visits


def _scanned(rows: list[Row]) -> date:
    return max(day for row in rows if (day := day_of(row, "LESDAT")))


def _size(row: Row) -> Decimal:
    return {"ABS": Decimal(0), "TS": TOO_SMALL}.get(row["LESSTAT_STD"]) or Decimal(row["LESDIAM"] or 0)


def _node(row: Row) -> bool:
    return "lymph node" in row["LESLOC"].lower()


def _target(rows: list[Row], base: Decimal, nadir: Decimal, *, gone: bool) -> str:
    total = sum(map(_size, rows), Decimal(0))
    growth = total - nadir
    if all(_size(row) < NORMAL_NODE if _node(row) else _size(row) == 0 for row in rows):
        return "CR"
    if gone and any(_size(row) > 0 for row in rows if not _node(row)):
        return "PD"
    if growth >= 5 and growth * 5 >= nadir:
        return "PD"
    return "PR" if (base - total) * 10 >= base * 3 else "SD"


def _non_target(rows: list[Row], *, gone: bool) -> str:
    states = {row["LESSTAT_STD"] for row in rows}
    if "UP" in states or (gone and "PRES" in states):
        return "PD"
    return "CR" if states == {"ABS"} else "NN"


def _overall(target: str, other: str) -> str:
    """RECIST 1.1, tables 1 and 2; what is not applicable acts as CR beside the other."""
    if "PD" in (target, other):
        return "PD"
    if target == "NA":
        return {"CR": "CR", "NN": "NON-CR/NON-PD"}[other]
    return "PR" if target == "CR" and other == "NN" else target
