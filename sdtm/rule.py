"""What a named rule is: a pure function that a spec refers to, of one variable or of a whole mapped frame.

A rule of a variable (`rule:`) is called with the frame of its domain, one row per SDTM record, and a `Call`; it gives a
Series on the frame's index, alone or in a `Made` with findings. A rule of the frame (`steps:`) gives the new frame,
alone or in a `Made`; records that it takes away go into `left_out` under the name of the reason.

The frame has the identity columns of specs/identity.py, STUDYID, DOMAIN, USUBJID, every mapped variable and helper,
the variables of rules that came before (by `of`, `needs`, `args` and `Rule.needs`), and MAP. Char is `str` with missing
NaN, Num is float64. Its index is unique.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pandas as pd

from specs import StudySpec
from specs.mapping import SdtmDatasetSpec

T = TypeVar("T")

MAP = "_MAP"  # number of the mapping by which a record was made: its place in `record_mappings`


@dataclass(frozen=True)
class Call:
    """All that a rule may read besides the frame of its own domain."""

    study: StudySpec
    spec: SdtmDatasetSpec
    frames: Mapping[str, pd.DataFrame]  # every domain, as far as it is made when the rule is called
    forms: Mapping[
        str, pd.DataFrame
    ]  # the raw forms, with USUBJID, VISITNUM, VISIT, VISITDY beside the identity columns
    variable: str = ""  # the variable to make; blank in a step
    of: str = ""
    args: Mapping[str, Any] = field(default_factory=dict)
    shared: dict[str, Any] = field(default_factory=dict)  # what `once` has made, one for a whole build

    def once(self, name: str, make: Callable[[], T]) -> T:
        """What `make` gives, made once for all rules of a build that ask for the same name."""
        if name not in self.shared:
            self.shared[name] = make()
        made: T = self.shared[name]
        return made

    def take(self, dataset: str, columns: list[str]) -> pd.DataFrame:
        """These columns of another domain; what it lacks is missing, a domain that is not there has no rows.

        Names that the other domain's spec types as Num, and names of an absent domain that end in NUM, DY, SEQ, DOSE or
        STRESN, come as float64.
        """
        frame = self.frames.get(dataset)
        spec = self.study.sdtm.get(dataset)
        index = pd.RangeIndex(0) if frame is None else frame.index
        out = {}
        for name in columns:
            if frame is not None and name in frame:
                out[name] = frame[name]
            else:
                variable = spec.made.get(name) if spec else None
                number = variable.type == "Num" if variable else name.endswith(_NUMBERS)
                out[name] = pd.Series(index=index, dtype="float64" if number else "str")
        return pd.DataFrame(out, index=index)

    def collected_in(self, frame: pd.DataFrame, variable: str) -> pd.Series:
        """For each record, the raw field that the variable was mapped from (blank where it was not)."""
        fields = [m[variable].from_ or "" if variable in m else "" for m in record_mappings(self.spec)]
        names = pd.Series([f.rpartition(".")[2] for f in fields], dtype="str")
        return frame[MAP].map(names).astype("str").fillna("")


_NUMBERS = ("NUM", "DY", "SEQ", "DOSE", "STRESN")


@dataclass(frozen=True)
class Made:
    """What a rule gives besides its values."""

    values: pd.Series | pd.DataFrame
    findings: pd.DataFrame | None = None
    left_out: Mapping[str, pd.DataFrame] = field(default_factory=dict)  # reason -> records taken away by a step


Result = pd.Series | pd.DataFrame | Made


@dataclass(frozen=True)
class Rule:
    """A function under the name by which specs refer to it, with what it always needs.

    `needs` are DATASET.VAR or, for the domain at hand, VAR with `--` for its two letters; they are made first. A rule
    that `reads_trial` needs all that the elements of trial.yaml are found by, too.
    """

    function: Callable[[pd.DataFrame, Call], Result]
    needs: tuple[str, ...] = ()
    reads_trial: bool = False

    def __call__(self, frame: pd.DataFrame, call: Call) -> Result:
        return self.function(frame, call)


def record_mappings(spec: SdtmDatasetSpec) -> list[dict[str, Any]]:
    """Every mapping of a domain, in the order of sources and their `records`: MAP numbers them from 0."""
    return [dict(mappings) for source in spec.sources for _, mappings in spec.mappings(source)]
