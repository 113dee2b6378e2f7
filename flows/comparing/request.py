"""What a comparison is asked to do: tolerances and keys, as the command line has them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from specs.errors import Problem, UsageError


@dataclass(frozen=True)
class Tolerance:
    """How far two numbers may lie apart and still count as equal: either limit is enough.

    `absolute`: the difference itself; `relative`: the difference as a share of the value in BASE.
    """

    absolute: float = 0.0
    relative: float = 0.0


@dataclass(frozen=True)
class Tolerances:
    """Tolerances by DATASET.VARIABLE, by VARIABLE, and for every number (blank); the closest that is given decides."""

    absolute: dict[str, float] = field(default_factory=dict)
    relative: dict[str, float] = field(default_factory=dict)

    def of(self, dataset: str, variable: str) -> Tolerance:
        names = (f"{dataset}.{variable}", variable, "")
        nearest = [next((given[n] for n in names if n in given), 0.0) for given in (self.absolute, self.relative)]
        return Tolerance(*nearest)

    def __bool__(self) -> bool:
        return any({**self.absolute, **self.relative}.values())


@dataclass(frozen=True)
class CompareRequest:
    """BASE against NEW; each is a file or a folder."""

    base: Path
    new: Path
    study: str | None = None  # its specs tell the keys of files that do not tell them themselves
    keys: dict[str, tuple[str, ...]] = field(default_factory=dict)  # dataset, or blank for all -> key variables
    tolerances: Tolerances = Tolerances()
    listed: int = 10  # differing values of a variable, and records, that are shown; the others are counted
    forms: bool = True  # whether the forms of a dataset (Parquet, XPT) are held against each other, too


def read_tolerances(absolute: Sequence[str], relative: Sequence[str]) -> Tolerances:
    """Tolerances from words like `0.001`, `AVAL=0.001` or `ADTR.AVAL=0.001`. Raises UsageError with all faults."""
    problems: list[Problem] = []
    read = [_read(words, option, problems) for words, option in ((absolute, "--absolute"), (relative, "--relative"))]
    if problems:
        raise UsageError(problems)
    return Tolerances(*read)


def _read(words: Sequence[str], option: str, problems: list[Problem]) -> dict[str, float]:
    given: dict[str, float] = {}
    for word in words:
        name, _, number = word.rpartition("=")
        try:
            value = float(number)
        except ValueError:
            value = math.nan
        if not 0 <= value < math.inf:
            problems.append(
                Problem(
                    code="USAGE-021", place=f"{option} {word}", fact="A tolerance is a number that is not below 0.",
                    hint="a number alone is for every variable; AVAL=0.001 or ADTR.AVAL=0.001 for one.",
                    next_step="mend the option.",
                )
            )  # fmt: skip
        given[name.strip().upper()] = value
    return given


def read_keys(words: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Keys from words like `USUBJID,AESEQ` or `AE=USUBJID,AESEQ`. Raises UsageError with all faults."""
    keys: dict[str, tuple[str, ...]] = {}
    problems = []
    for word in words:
        dataset, _, names = word.rpartition("=")
        keys[dataset.strip().upper()] = tuple(name.strip().upper() for name in names.split(","))
        if not all(keys[dataset.strip().upper()]):
            problems.append(
                Problem(
                    code="USAGE-022", place=f"--key {word}", fact="A name of a key variable is blank.",
                    hint="--key USUBJID,AESEQ, or --key AE=USUBJID,AESEQ for one dataset.",
                    next_step="mend the option.",
                )
            )  # fmt: skip
    if problems:
        raise UsageError(problems)
    return keys
