"""`make bench-large`: raw to SDTM of ever larger studies; memory is to follow the part, not the study.

Peak memory is that of the run and its workers together, without the system's cache of mapped files.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.bench.run import measured, simulated


def main() -> None:
    """Print a line for each size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--subjects", type=int, nargs="+", default=[10_000, 20_000, 40_000, 97_000])
    table = Table("subjects", "raw records", "lab rows", "seconds", "peak MiB", "peak MiB by stage")
    for subjects in parser.parse_args().subjects:
        with tempfile.TemporaryDirectory() as scratch:
            raw, out = Path(scratch, "raw"), Path(scratch, "out")
            simulated(subjects, raw)
            found = measured("half", str(raw), str(out))
        stages = found["stages"]
        received = next(said for said in found["said"] if "records" in said)
        table.add_row(
            f"{subjects:,}", received.partition(", ")[2], f"{found['rows']['LB']:,}",
            f"{sum(seconds for _, seconds, _ in stages):.0f}", f"{max(peak for _, _, peak in stages):,.0f}",
            ", ".join(f"{name} {peak:,.0f}" for name, _, peak in stages),
        )  # fmt: skip
    Console(width=160).print(table)


if __name__ == "__main__":
    main()
