"""What differs by site: laboratory units, thermometers, names."""

from __future__ import annotations

import pandas as pd

from flows.simulate.arrays import pick, stream
from flows.simulate.subjects import CITIES, MAX_SITES


def draw_sites(seed: int) -> pd.DataFrame:
    """One row a site number (index 1 to 98, and the test site 99).

    Columns: name, laboratory, anc_unit, plt_unit, hgb_unit, chem_units (SI or CONVENTIONAL), temp_unit, tenths (whether
    its radiologists measure to a tenth of a millimetre).
    """
    rng = stream(seed, "sites")
    numbers = pd.RangeIndex(1, MAX_SITES + 2)
    size = len(numbers)
    sites = pd.DataFrame(
        {
            "name": [f"{CITIES[(n - 1) % len(CITIES)]} Hospital {(n - 1) // len(CITIES) + 1}" for n in numbers],
            "laboratory": [f"Local laboratory {n:02d}" for n in numbers],
            "anc_unit": pick(rng, ["10^9/L", "10^3/uL", "/uL"], size, [0.6, 0.25, 0.15]),
            "hgb_unit": pick(rng, ["g/L", "g/dL"], size, [0.7, 0.3]),
            "chem_units": pick(rng, ["SI", "CONVENTIONAL"], size, [0.75, 0.25]),
            "temp_unit": pick(rng, ["C", "F"], size, [0.85, 0.15]),
            "tenths": rng.random(size) < 0.15,
        },
        index=numbers,
    )
    sites["plt_unit"] = sites["anc_unit"].where(sites["anc_unit"] != "/uL", "10^3/uL")
    sites.loc[size, "name"] = "Test Site"
    return sites
