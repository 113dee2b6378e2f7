"""The account from raw records to SDTM rows: what counts as used, what as left out, and what does not add up."""

from __future__ import annotations

import pandas as pd
import pytest

from sdtm.accounting import ROW, Ledger, unbalanced
from specs import identity
from tests.tables import table


def records(form: str, rows: list[int]) -> pd.DataFrame:
    return pd.DataFrame({identity.FORM: pd.Series([form] * len(rows), dtype="str"), ROW: rows})


def places(rows: list[int]) -> pd.Series:
    return pd.Series(rows, dtype="int64")


@pytest.fixture
def ledger() -> Ledger:
    return Ledger({"VS": records("VS", [0, 1, 2, 3]), "DM": records("DM", [0, 1]), "Q": records("Q", [0])})


def test_the_account_of_forms_and_domains(ledger):
    ledger.leave_out("VS", "VS", "NO-RESULT", places([2]))
    ledger.leave_out("VS", "VS", "DOUBLE", places([2, 3]))  # 2 counts for the rule before
    ledger.join("DM", "VS", places([1]))
    ledger.use("VS", pd.concat([records("VS", [0, 0, 1]), records("", [0])]), ["VS"])

    wanted = table(
        """
        form | dataset | rule       | rows
        VS   | VS      | READ       | 4
        VS   | VS      | USED       | 2
        VS   | VS      | DOUBLE     | 1
        VS   | VS      | NO-RESULT  | 1
        VS   | VS      | SDTM-ROWS  | 3       # record 0 gives two
        VS   |         | READ       | 4
        VS   |         | USED       | 2
        VS   |         | DOUBLE     | 1
        VS   |         | NO-RESULT  | 1
        DM   | VS      | READ       | 2
        DM   | VS      | USED       | 1
        DM   | VS      | NOT-JOINED | 1
        DM   |         | READ       | 2
        DM   |         | USED       | 1
        DM   |         | NOT-JOINED | 1
        Q    |         | READ       | 1
        Q    |         | USED       | 0
        Q    |         | NO-DOMAIN  | 1       # no domain reads the form
             | VS      | SDTM-ROWS  | 1       # a row that no raw record gave
        """,
        numbers=("rows",),
    ).fillna("")
    pd.testing.assert_frame_equal(ledger.table(), wanted.astype({"rows": "int64"}))


def test_a_record_that_nobody_speaks_of_is_unaccounted(ledger):
    ledger.use("VS", records("VS", [0, 1]), ["VS"])
    account = ledger.table()

    lost = account[account["rule"] == "UNACCOUNTED"]
    assert lost[["form", "dataset", "rows"]].to_numpy().tolist() == [["VS", "VS", 2], ["VS", "", 2]]


RECEIVED = {"VS | VS.csv": {"READ": 5, "KEPT": 4, "INACTIVE-RECORD": 1}}
MAPPED = {
    "VS | VS": {"READ": 4, "USED": 3, "NO-RESULT": 1, "SDTM-ROWS": 7},
    " | VS": {"SDTM-ROWS": 1},
    "VS | ": {"READ": 4, "USED": 3, "NO-RESULT": 1},
}


def account(part: str, lines: dict[str, dict[str, int]]) -> pd.DataFrame:
    """An account from `form | part` -> rule -> rows."""
    rows = [[*key.split(" | "), rule, count] for key, rules in lines.items() for rule, count in rules.items()]
    return pd.DataFrame(rows, columns=["form", part, "rule", "rows"]).astype({"form": "str", part: "str"})


@pytest.mark.parametrize(
    ("received", "mapped", "rows", "said"),
    [
        ({}, {}, 8, []),
        ({"KEPT": 5}, {}, 8, ["form VS, VS.csv: 5 records read, 6 KEPT or left out by a rule",
                              "form VS: 5 records kept, 4 mapped"]),
        ({"READ": 4, "KEPT": 3}, {}, 8, ["form VS: 3 records kept, 4 mapped"]),
        ({}, {"USED": 2}, 8, ["form VS, VS: 4 records read, 3 USED or left out by a rule"]),
        ({}, {"NO-RESULT": 0, "UNACCOUNTED": 1}, 8, ["form VS in VS: 1 record neither used nor left out by a rule"]),
        ({}, {}, 7, ["dataset VS: 8 rows made, 7 in it"]),
        ({}, {}, None, ["dataset VS: 8 rows made, 0 in it"]),
    ],
    ids=["closed", "file", "between receiving and mapping", "domain", "unaccounted", "rows lost", "dataset lost"],
)  # fmt: skip
def test_what_does_not_add_up_is_said(received, mapped, rows, said):
    of_files = account("file", {"VS | VS.csv": RECEIVED["VS | VS.csv"] | received})
    of_forms = account("dataset", MAPPED | {"VS | VS": MAPPED["VS | VS"] | mapped})

    assert unbalanced(of_files, of_forms, {} if rows is None else {"VS": rows}) == said


def test_accounts_of_parts_of_the_subjects_add_up_to_that_of_all():
    of_files, of_forms = account("file", RECEIVED), account("dataset", MAPPED)
    of_files = pd.concat([of_files, of_files]).groupby(["form", "file", "rule"], as_index=False)["rows"].sum()
    of_forms = pd.concat([of_forms, of_forms]).groupby(["form", "dataset", "rule"], as_index=False)["rows"].sum()

    assert unbalanced(of_files, of_forms, {"VS": 16}) == []
