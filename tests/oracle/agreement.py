"""The page on how far our ADaM and pharmaverse's agree: `python -m tests.oracle.agreement` writes it anew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd

from tests.oracle.compare import HERE, RECORD
from tests.oracle.differences import DIFFERENCES
from tests.oracle.judge import READERS, Judgement, judge, read_by
from tests.oracle.names import NOT_COMPARED

PAGE = Path(__file__).with_suffix(".md")
HEAD = """\
# Agreement with pharmaverse's reference datasets

Made by `python -m tests.oracle.agreement`; a test fails when this page is stale.

The R packages pharmaversesdtm and pharmaverseadam hold the SDTM of a public pilot study, with made-up tumour records
(`*_onco_recist`), and the ADaM that the templates of admiral and admiralonco make of it. We make ADaM of the same SDTM
with the same conventions, stated as a study (`tests/oracle/pharmaverse/`), and compare every record and value of what
both have (`tests/oracle/names.py`: which variable and parameter with which). Each difference that is meant is a rule
(`tests/oracle/differences.py`) that selects exactly the cells that differ: a difference that no rule selects, and a
rule that selects no cell or one that agrees, fail `pytest tests/oracle`, which the ordinary tests contain.

Of survival the data cannot tell the origin: everybody was first treated on the day of randomisation. Their PFS is
compared with our PFSS1, which like theirs knows no censoring for missed assessments or new therapy.
"""


_OF_TOTALS = "dataset | records in both | ours only | theirs only | values | equal | explained | unexplained"


def render(judgement: Judgement, readings: Mapping[str, pd.DataFrame]) -> str:
    """The page: totals, each dataset's parameters and variables, what is not compared, and the readers."""
    return "\n".join(
        [
            HEAD,
            "## In all\n",
            f"{summary(judgement)}\n",
            *_markdown(_totals(judgement), _OF_TOTALS),
            "\n## By parameter and variable\n",
            f"`{RECORD}` counts the records of either side.\n",
            *_markdown(_rows(judgement), "dataset | parameter | variable | compared | equal | differing | reason"),
            "\n## Not compared\n",
            *_markdown(
                [(why, names.replace(" ", ", ")) for why, names in NOT_COMPARED.items()], "why | their variables"
            ),
            "\nVariables of ADSL that their other datasets carry are compared in ADSL.",
            "\n## Response recomputed from lesions\n",
            "RS has the responses of three readers. Recomputed from each one's own TU and TR:\n",
            *_markdown(_readers(readings), "reader | assessments | equal | differing"),
            "",
        ]
    )  # fmt: skip


def summary(judgement: Judgement) -> str:
    """The counts over all datasets in one sentence, which the README has, too."""
    cells = judgement.cells
    values, records = cells[cells["VARIABLE"] != RECORD], cells[cells["VARIABLE"] == RECORD]
    differ, alone = int((~values["EQUAL"]).sum()), int((~records["EQUAL"]).sum())
    return (
        f"Of {len(values):,} values in {int(records['EQUAL'].sum()):,} records that both have, {differ:,} differ, "
        f"and {alone:,} records only one side has; {len(DIFFERENCES)} rules say why, "
        f"and {len(judgement.unexplained):,} differences have no reason."
    )


def _totals(judgement: Judgement) -> list[tuple[object, ...]]:
    rows = []
    for dataset, cells in judgement.cells.groupby("DATASET", sort=False):
        records, values = cells[cells["VARIABLE"] == RECORD], cells[cells["VARIABLE"] != RECORD]
        explained = judgement.explained.loc[values.index].any(axis=1)
        rows.append(
            (
                dataset, int(records["EQUAL"].sum()), int((records["THEIRS"] != HERE).sum()),
                int((records["OURS"] != HERE).sum()), len(values), int(values["EQUAL"].sum()),
                int((explained & ~values["EQUAL"]).sum()), int((~explained & ~values["EQUAL"]).sum()),
            )
        )  # fmt: skip
    return rows


def _rows(judgement: Judgement) -> list[tuple[object, ...]]:
    """One row for the variables, and parameters, that have the same reasons to differ."""
    cells = judgement.cells.assign(WHY=_reasons(judgement))
    counted = cells.groupby(["DATASET", "PARAMCD", "VARIABLE"], sort=False)
    table = counted.agg(
        COMPARED=("EQUAL", "size"), EQUAL=("EQUAL", "sum"), WHY=("WHY", lambda why: "; ".join(_distinct(why)))
    ).reset_index()
    for same, joined in ((["DATASET", "PARAMCD", "WHY"], "VARIABLE"), (["DATASET", "VARIABLE", "WHY"], "PARAMCD")):
        table = (
            table.groupby(same, sort=False)
            .agg(**{joined: (joined, ", ".join)}, COMPARED=("COMPARED", "sum"), EQUAL=("EQUAL", "sum"))
            .reset_index()
        )
    order = {name: number for number, name in enumerate(_distinct(cells["DATASET"]))}
    table = table.sort_values("DATASET", key=lambda names: names.map(order), kind="stable")
    return [
        (row.DATASET, row.PARAMCD, row.VARIABLE, row.COMPARED, row.EQUAL, row.COMPARED - row.EQUAL, row.WHY)
        for row in table.itertuples()
    ]


def _reasons(judgement: Judgement) -> pd.Series:
    """Why a cell differs; blank where it does not."""
    why = pd.Series("", index=judgement.cells.index)
    for number, difference in enumerate(DIFFERENCES):
        why = why.mask(judgement.explained[number], difference.why)
    return why.mask(judgement.cells["EQUAL"], "").mask(judgement.cells.index.isin(judgement.unexplained.index), "?")


def _readers(readings: Mapping[str, pd.DataFrame]) -> list[tuple[object, ...]]:
    return [
        (name, len(rows), int((rows["RECORDED"] == rows["RECOMPUTED"]).sum()), "; ".join(_told(rows)))
        for name, rows in readings.items()
    ]


def _told(rows: pd.DataFrame) -> Iterable[str]:
    for row in rows[rows["RECORDED"] != rows["RECOMPUTED"]].itertuples():
        behind = " behind a CR" if row.AFTER_CR else ""
        yield f"{row.USUBJID}, {row.AVISIT}: {row.RECORDED}{behind} in RS, {row.RECOMPUTED} from the lesions"


def _distinct(words: Iterable[str]) -> list[str]:
    return [word for word in dict.fromkeys(words) if word]


def _markdown(rows: list[tuple[object, ...]], head: str) -> list[str]:
    rule = "|".join("---" for _ in head.split("|"))
    return [f"| {head} |", f"|{rule}|", *("| " + " | ".join(map(str, row)) + " |" for row in rows)]


if __name__ == "__main__":
    PAGE.write_text(render(judge(), {name: read_by(reader) for name, reader in READERS.items()}), encoding="utf-8")
