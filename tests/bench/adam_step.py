"""Measures the ADaM step alone, in a process of its own, and prints it as JSON: SDTM Parquet to ADaM Parquet.

CPU seconds are those of user and system together, of the process and its children; the imports stand apart. The floor
is what no derivation can go below: reading the same columns, and writing the same files.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path
from typing import Any

import flows  # noqa: F401  # before anything loads Arrow, as in the command line
from tests.bench.measure import PeakMemory


def cpu_seconds() -> float:
    """What the process and its ended children have used so far."""
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def measure_step(sdtm: Path, out: Path, names: list[str]) -> dict[str, Any]:
    """Read what these analysis datasets need, derive and write them."""
    memory = PeakMemory()
    from adam import build_adam, needed_variables
    from flows.handoff import typed_table, write_parquet
    from flows.receive import read_sdtm_folder
    from flows.workers import collect_garbage_seldom

    collect_garbage_seldom()  # as the command line does
    study = _study(names)
    imports = cpu_seconds()
    taken = read_sdtm_folder(sdtm, study, needed_variables(study))
    build = build_adam(taken.datasets, study)
    out.mkdir(parents=True, exist_ok=True)
    for name, frame in build.datasets.items():
        write_parquet(typed_table(frame, study.adam[name]), study.adam[name], out / f"{name.lower()}.parquet")
    rows = {name: len(frame) for name, frame in {**taken.datasets, **build.datasets}.items()}
    return {"imports": imports, "seconds": cpu_seconds() - imports, "peak": memory.take(), "rows": rows}


def measure_floor(sdtm: Path, out: Path, names: list[str]) -> dict[str, Any]:
    """Read the same columns of the same files, and write the datasets that `measure_step` wrote."""
    memory = PeakMemory()
    import pyarrow.parquet

    from adam import needed_variables
    from flows.handoff import write_parquet

    study = _study(names)
    needed = needed_variables(study) or {}
    made = {path: pyarrow.parquet.read_table(path) for path in sorted(out.glob("*.parquet"))}
    imports = cpu_seconds()
    for path in sorted(sdtm.glob("*.parquet")):
        wanted = needed.get(path.stem.upper())
        if wanted is not None:
            columns = pyarrow.parquet.read_schema(path).names
            keys = ("USUBJID", f"{path.stem.upper()}SEQ")
            pyarrow.parquet.read_table(path, columns=[name for name in columns if name in wanted or name in keys])
    for path, table in made.items():
        write_parquet(table, study.adam[path.stem.upper()], path.with_suffix(".again"))
    return {"imports": imports, "seconds": cpu_seconds() - imports, "peak": memory.take()}


def _study(names: list[str]) -> Any:
    """The study with these analysis datasets only."""
    from flows.study import open_study

    study = open_study("ql1706")
    return study.model_copy(update={"adam": {name: study.adam[name] for name in names or study.adam}})


if __name__ == "__main__":
    what, sdtm, out, *names = sys.argv[1:]
    measure = {"step": measure_step, "floor": measure_floor}[what]
    print(json.dumps(measure(Path(sdtm), Path(out), names)))
