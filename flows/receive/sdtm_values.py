"""Single values of finished SDTM that no analysis can rest on: beside the codelist, below what there can be, no number.

Each different text is looked at once, so that a dataset with millions of rows costs a pass over its codes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from adam.rules.tumors import ANY_AXIS, LONG_AXIS, SHORT_AXIS
from flows.receive.sdtm_files import is_text
from specs.errors import Problem, did_you_mean
from specs.findings import combine, report
from specs.loader import StudySpec
from specs.models import Codelist

NEVER_NEGATIVE = ("AGE", "EXDOSE")  # whatever the study's specs say, and where they do not have the domain
_DIAMETERS = (LONG_AXIS, SHORT_AXIS, ANY_AXIS)
_UNIT = "mm"  # of every threshold of RECIST 1.1


def look_at_values(datasets: Mapping[str, pd.DataFrame], study: StudySpec) -> tuple[list[Problem], pd.DataFrame]:
    """Problems that refuse the folder, and findings on what stays as it is.

      GATE-213  a number that is infinite
      GATE-217  diameters of lesions in another unit than mm
      RAW-141   a text that is no term of a codelist that may not be extended, or that means a term of one that may
      RAW-142   a text that a codelist that may be extended does not have
      RAW-143   a number below the `minimum` of its variable, or a negative age or dose
      RAW-144   results of one test in several standard units

    In: dataset -> frame as `DatasetFile.read` gives it. Findings: RAW-141 and -142 one for each text, -143 one for each
    subject, -144 one for each test; each on the first such record. Codelists are those of the study's SDTM specs.
    """
    problems: list[Problem] = []
    findings: list[pd.DataFrame] = []
    for name, frame in datasets.items():
        problems += _infinite(name, frame)
        problems += _other_than_mm(frame) if name == "TR" else []
        findings += [*_beside_codelist(name, frame, study), *_too_low(name, frame, study), *_units(name, frame)]
    return problems, combine(findings)


def _infinite(name: str, frame: pd.DataFrame) -> Iterator[Problem]:
    for variable in map(str, frame):
        if is_text(frame[variable]):
            continue
        count = int(np.isinf(frame[variable].to_numpy()).sum())
        if count:
            yield Problem(
                code="GATE-213", place=f"{name}.{variable}", fact=f"{count:,} value(s) of {variable} are infinite.",
                hint="a division by zero, or a number too large to hold, leaves such a value.",
                next_step="have the dataset made again; a number that is not known is missing.",
            )  # fmt: skip


def _other_than_mm(frame: pd.DataFrame) -> Iterator[Problem]:
    """A blank unit is taken as mm."""
    names = ("TRTESTCD", "TRSTRESN", "TRSTRESU")
    if not all(name in frame for name in names) or not is_text(frame["TRTESTCD"]) or not is_text(frame["TRSTRESU"]):
        return
    measured = frame["TRTESTCD"].isin(_DIAMETERS) & frame["TRSTRESN"].notna() & frame["TRSTRESU"].notna()
    units = frame.loc[measured, "TRSTRESU"].astype("str")
    others = units[units.str.strip().str.casefold() != _UNIT]
    if len(others):
        shown = ", ".join(f"'{unit}'" for unit in sorted(others.unique())[:3])
        yield Problem(
            code="GATE-217", place="TR.TRSTRESU",
            fact=f"{len(others):,} of {len(units):,} diameters are in {shown}, not in mm, as the limits of RECIST are.",
            next_step="have TRSTRESN and TRSTRESU made in mm; TRORRES keeps what was collected.",
        )  # fmt: skip


def _beside_codelist(name: str, frame: pd.DataFrame, study: StudySpec) -> Iterator[pd.DataFrame]:
    spec = study.sdtm.get(name)
    for variable, described in spec.variables.items() if spec else ():
        codelist = study.codelists.get(described.codelist or "")
        if codelist is None or variable not in frame or not is_text(frame[variable]):
            continue
        categories = frame[variable].cat.categories
        other = ~categories.isin(list(codelist.terms))
        if not other.any():
            continue
        meanings = {text: terms[0] for text, terms in codelist.meanings().items()}
        counts = np.bincount(frame[variable].cat.codes.to_numpy() + 1, minlength=len(categories) + 1)[1:]
        texts = [str(text) for text, count in zip(categories[other], counts[other], strict=True) if count]
        rows = _first_records(name, frame, frame[variable].isin(texts), [variable])
        text = rows[variable].astype("str")
        meant = text.str.strip().str.casefold().map(meanings).astype("str")
        refused = meant.notna() | (not codelist.extensible)
        for code, which in (("RAW-141", refused), ("RAW-142", ~refused)):
            yield report(
                code, rows[which], dataset=name, variable=variable, value=text[which],
                expected=_expected(text[which], meant[which], codelist),
                number=text[which].map(dict(zip(categories, counts, strict=True))).astype("str"),
                codelist=described.codelist or "",
            )  # fmt: skip


def _expected(text: pd.Series, meant: pd.Series, codelist: Codelist) -> pd.Series:
    """The term that is meant, or near, else the terms of the list."""
    several = "one of " + ", ".join(codelist.terms) if len(codelist.terms) <= 12 else "a term of the codelist"
    near = text.map({given: did_you_mean(given, codelist.terms) or several for given in text}).astype("str")
    return meant.fillna(near)


def _too_low(name: str, frame: pd.DataFrame, study: StudySpec) -> Iterator[pd.DataFrame]:
    spec = study.sdtm.get(name)
    least = dict.fromkeys(NEVER_NEGATIVE, 0.0)
    for variable, described in spec.variables.items() if spec else ():
        if described.minimum is not None:
            least[variable] = described.minimum
    for variable, minimum in least.items():
        if variable not in frame or is_text(frame[variable]) or "USUBJID" not in frame:
            continue
        low = frame[variable] < minimum
        if low.any():
            counts = frame.loc[low, "USUBJID"].value_counts()
            rows = _first_records(name, frame, low & ~np.isinf(frame[variable]), ["USUBJID"])
            yield report(
                "RAW-143", rows, dataset=name, variable=variable, value=rows[variable].map("{:g}".format),
                number=rows["USUBJID"].astype("str").map(counts).astype("str"), expected=f"{minimum:g} or more",
            )  # fmt: skip


def _units(name: str, frame: pd.DataFrame) -> Iterator[pd.DataFrame]:
    test, unit = f"{name}TESTCD", f"{name}STRESU"
    if test not in frame or unit not in frame or not is_text(frame[test]) or not is_text(frame[unit]):
        return
    tests, units = frame[test].cat.categories, frame[unit].cat.categories
    of_unit = len(units) + 1  # the first place is that of a missing unit
    place = (frame[test].cat.codes.to_numpy().astype("int64") + 1) * of_unit + frame[unit].cat.codes.to_numpy() + 1
    counts = np.bincount(place, minlength=(len(tests) + 1) * of_unit).reshape(-1, of_unit)[1:, 1:]
    for number in np.flatnonzero((counts > 0).sum(axis=1) > 1):
        of_test = counts[number]
        used = [int(at) for at in np.argsort(-of_test, kind="stable") if of_test[at]]
        rarest = units[used[-1]]
        rows = _first_records(name, frame, (frame[test] == tests[int(number)]) & (frame[unit] == rarest), [unit])
        said = ", ".join(f"'{units[at]}' ({of_test[at]:,})" for at in used)
        yield report(
            "RAW-144", rows, dataset=name, variable=unit, value=str(rarest), expected=str(units[used[0]]),
            test=str(tests[int(number)]), units=said,
        )  # fmt: skip


def _first_records(name: str, frame: pd.DataFrame, which: pd.Series, by: list[str]) -> pd.DataFrame:
    """The first of these records for each `by`, in the order of subject and --SEQ, whatever the order of the rows."""
    rows = frame[which]
    order = [key for key in ("USUBJID", f"{name}SEQ") if key in rows]
    rows = rows.assign(**{key: rows[key].astype("str") for key in order if is_text(rows[key])})
    return rows.sort_values(order, kind="stable").drop_duplicates(by)
