"""Small tables that people can read aloud, as frames."""

from __future__ import annotations

import pandas as pd


def table(text: str, *, numbers: tuple[str, ...] = (), dates: tuple[str, ...] = ()) -> pd.DataFrame:
    """A frame from a table with `|` between columns (none outside); what follows `#` is a comment.

    The first line names the columns. Cells are text (`str`, blank = missing); the columns named in `numbers` become
    float64, those in `dates` datetime64[us]. A line of dashes is passed over.
    """
    lines = [line.split("#", 1)[0].strip() for line in text.strip().splitlines()]
    rows = [[cell.strip() for cell in line.split("|")] for line in lines if line.strip(" -|+")]
    header, body = rows[0], rows[1:]
    for row in body:
        if len(row) != len(header):
            raise ValueError(f"{len(row)} cells under {len(header)} headings: {row}")
    frame = pd.DataFrame(body, columns=header, dtype="str").replace("", None).astype("str")
    for name in numbers:
        frame[name] = frame[name].astype("float64")
    for name in dates:
        frame[name] = pd.to_datetime(frame[name], format="%Y-%m-%d").astype("datetime64[us]")
    return frame
