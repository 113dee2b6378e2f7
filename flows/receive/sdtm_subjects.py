"""What DM says of its subjects that the study, or their doses, do not know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from flows.receive.sdtm_files import distinct, is_text
from specs.errors import Problem, did_you_mean
from specs.findings import combine, report
from specs.loader import StudySpec

# of subjects without an arm, before SDTMIG 3.3; in any case
NO_ARM = ("SCRNFAIL", "NOTASSGN", "NOTTRT", "UNPLAN")
_SHOWN = 3
_NAMES = {"ARMCD": "ARM", "ACTARMCD": "ACTARM"}


def look_at_subjects(datasets: Mapping[str, pd.DataFrame], study: StudySpec) -> tuple[list[Problem], pd.DataFrame]:
    """Problems that refuse the folder, and findings on subjects of DM.

      GATE-214  an arm code that study.yaml does not have: its dose level and phase would be blank
      GATE-215  DTHFL is neither Y nor blank: a death would not be seen, or be seen where there is none
      RAW-145   the name of an arm is not that of its code
      RAW-146   an actual arm without any record in EX, or doses above 0 without an arm

    In: dataset -> frame as `DatasetFile.read` gives it. A study without arms has none to compare with. Source: SDTMIG
    3.4, section 5.2 (DM, assumptions 6 to 9 on arms, and DTHFL).
    """
    dm = datasets.get("DM")
    if dm is None or "USUBJID" not in dm or not is_text(dm["USUBJID"]):
        return [], combine([])
    problems = [*_unknown_arms(dm, study), *_death_flag(dm)]
    return problems, combine([*_other_names(dm, study), *_arms_and_doses(dm, datasets.get("EX"), study)])


def _texts(dm: pd.DataFrame, variable: str) -> pd.Series | None:
    return dm[variable] if variable in dm and is_text(dm[variable]) else None


def _unknown_arms(dm: pd.DataFrame, study: StudySpec) -> Iterator[Problem]:
    arms = study.study.arms
    for variable in _NAMES if arms else ():
        codes = _texts(dm, variable)
        if codes is None:
            continue
        for code in sorted(set(distinct(codes)) - set(arms)):
            if code.upper() in NO_ARM:
                continue
            rows = int((codes == code).sum())
            yield Problem(
                code="GATE-214", place=f"DM.{variable}",
                fact=f"{rows:,} subject(s) have arm code '{code}', which study.yaml does not have.",
                hint=did_you_mean(code, arms) or "arms of the study: " + ", ".join(arms),
                next_step="correct the code in DM, or add the arm to `arms` in study.yaml.",
            )  # fmt: skip


def _death_flag(dm: pd.DataFrame) -> Iterator[Problem]:
    flags = _texts(dm, "DTHFL")
    others = sorted(set(distinct(flags)) - {"Y"}) if flags is not None else []
    if flags is not None and others:
        shown = ", ".join(f"'{text}'" for text in others[:_SHOWN])
        yield Problem(
            code="GATE-215", place="DM.DTHFL",
            fact=f"{int(flags.isin(others).sum()):,} subject(s) have {shown}: DTHFL is Y or blank.",
            next_step="have DM made with Y for every subject who died, and blank for all others.",
        )  # fmt: skip


def _other_names(dm: pd.DataFrame, study: StudySpec) -> Iterator[pd.DataFrame]:
    """One finding for each code and name, on the first such subject."""
    names = {code: arm.arm for code, arm in study.study.arms.items()}
    for code, name in _NAMES.items():
        if _texts(dm, code) is None or _texts(dm, name) is None:
            continue
        pairs = dm[["USUBJID", code, name]].astype("str")
        expected = pairs[code].map(names).astype("str")
        wrong = pairs[expected.notna() & pairs[name].notna() & (pairs[name] != expected)]
        first = wrong.sort_values("USUBJID", kind="stable").drop_duplicates([code, name])
        number = wrong.groupby([code, name])["USUBJID"].transform("size").astype("str")
        yield report(
            "RAW-145", first, dataset="DM", variable=name, value=first[name], expected=expected[first.index],
            arm=first[code], number=number,
        )  # fmt: skip


def _arms_and_doses(dm: pd.DataFrame, ex: pd.DataFrame | None, study: StudySpec) -> Iterator[pd.DataFrame]:
    actual = _texts(dm, "ACTARMCD")
    if ex is None or "USUBJID" not in ex or not is_text(ex["USUBJID"]) or not study.study.arms:
        return
    who = dm["USUBJID"].astype("str")
    has_arm = pd.Series(data=False, index=dm.index)
    for variable in _NAMES:
        codes = _texts(dm, variable)
        has_arm |= codes.isin(list(study.study.arms)) if codes is not None else False
    rows = dm.assign(USUBJID=who)
    if actual is not None:
        idle = rows[actual.isin(list(study.study.arms)) & ~_among(who, distinct(ex["USUBJID"]))]
        said = "an actual arm (ACTARMCD) and no record in EX; it counts as not treated"
        yield report("RAW-146", idle, dataset="DM", variable="ACTARMCD", value=actual[idle.index], said=said)
    if "EXDOSE" in ex and not is_text(ex["EXDOSE"]) and any(name in dm for name in _NAMES):
        dosed = distinct(ex.loc[ex["EXDOSE"] > 0, "USUBJID"])
        lost = rows[~has_arm & _among(who, dosed)]
        said = "doses in EX and no arm in DM; it has no phase and no dose level"
        yield report("RAW-146", lost, dataset="DM", variable="ACTARMCD", said=said)


def _among(subjects: pd.Series, others: pd.Series) -> np.ndarray:
    """Which subjects are among others; `isin` would make a Python object of each."""
    return np.asarray(pc.is_in(pa.array(subjects), value_set=pa.array(others)))
