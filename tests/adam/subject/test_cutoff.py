# ruff: noqa: E501 (one case a line)
"""The data cut-off: 20 March 2025, a Thursday. What can only be after it goes."""

import pandas as pd

from adam.cutoff import EFFECTS, KEPT, READ, cut_sdtm, describe_effects
from tests.tables import table

CUTOFF = pd.Timestamp("2025-03-20")


def cut(study, **domains):
    subjects = sorted({s for frame in domains.values() if "USUBJID" in frame for s in frame["USUBJID"]})
    domains.setdefault("DM", table("\n".join(["USUBJID | DTHDTC", *[f"{s} |" for s in subjects]])))
    domains, accounting = cut_sdtm(domains, study, CUTOFF)
    return domains, accounting, describe_effects(accounting, CUTOFF)


def counts(accounting, dataset):
    of_dataset = accounting[accounting["dataset"] == dataset]
    return dict(zip(of_dataset["rule"], of_dataset["rows"], strict=True))


EVENTS = """
USUBJID | AESEQ | AESTDTC          | AEENDTC    | AEENRTPT | AEOUT     | AFTER | ENDTC      | ENRTPT  | OUT # why
--------+-------+------------------+------------+----------+-----------+-------+------------+---------+----
01      | 1     | 2025-03-01       | 2025-03-19 |          | RECOVERED | keep  | 2025-03-19 |         | RECOVERED
01      | 2     | 2025-03-20       | 2025-03-20 |          | RECOVERED | keep  | 2025-03-20 |         | RECOVERED  # start and end on the day
01      | 3     | 2025-03-20T23:59 |            | ONGOING  |           | keep  |            | ONGOING |            # the hour does not matter
01      | 4     | 2025-03-21       |            |          |           | out   |            |         |            # start after
01      | 5     | 2025-03-20       | 2025-03-21 |          | RECOVERED | keep  |            | ONGOING | NOT RECOVERED/NOT RESOLVED # end after
01      | 6     | 2025-03          | 2025-03    |          | RECOVERED | keep  | 2025-03    |         | RECOVERED  # both may be before
01      | 7     | 2025-04          |            |          |           | out   |            |         |            # can only be after
01      | 8     | 2025             | 2025-04    |          | RECOVERED | keep  |            | ONGOING | NOT RECOVERED/NOT RESOLVED # end can only be after
01      | 9     |                  | 2026       |          | RECOVERED | keep  |            | ONGOING | NOT RECOVERED/NOT RESOLVED
01      | 10    |                  |            |          |           | keep  |            |         |            # nothing known
01      | 11    | 2026             |            |          |           | out   |            |         |            # can only be after
01      | 12    | 21 MAR 2025      |            |          |           | keep  |            |         |            # not readable: may be before
"""


def test_records_that_start_or_end_after(study):
    events = table(EVENTS, numbers=("AESEQ",))
    given = events.drop(columns=["AFTER", "ENDTC", "ENRTPT", "OUT"])
    out, accounting, findings = cut(study, AE=given)
    kept = events[events["AFTER"] == "keep"]
    assert out["AE"]["AESEQ"].to_list() == kept["AESEQ"].to_list()
    for variable, expected in (("AEENDTC", "ENDTC"), ("AEENRTPT", "ENRTPT"), ("AEOUT", "OUT")):
        assert out["AE"][variable].fillna("").to_list() == kept[expected].fillna("").to_list(), variable
    assert counts(accounting, "AE") == {READ: 12, "CUTOFF-START-AFTER": 3, KEPT: 9, "CUTOFF-END-AFTER": 3}
    told = findings.loc[findings["dataset"] == "AE", "message"].to_list()
    assert told == [
        "AE: by rule CUTOFF-START-AFTER of the cut-off 2025-03-20, 3 record(s) left out, the start is later.",
        "AE: by rule CUTOFF-END-AFTER of the cut-off 2025-03-20, 3 record(s) made ongoing, the end is later.",
    ]


def test_ongoing_records_name_the_cutoff(study):
    doses = table("USUBJID | EXSEQ | EXSTDTC | EXENDTC | EXENTPT | EXENDY\n01 | 1 | 2025-03-01 | 2025-04-01 | | 32",
                  numbers=("EXSEQ", "EXENDY"))  # fmt: skip
    out, _, _ = cut(study, EX=doses)
    assert out["EX"][["EXENDTC", "EXENDY"]].isna().to_numpy().all()
    assert out["EX"]["EXENTPT"].to_list() == ["2025-03-20"]


def test_findings_domains_go_by_dtc(study):
    out, accounting, _ = cut(
        study,
        LB=table("USUBJID | LBSEQ | LBDTC\n01 | 1 | 2025-03-20T10:00\n01 | 2 | 2025-03-21T07:00", numbers=("LBSEQ",)),
        SV=table("USUBJID | SVSTDTC | SVENDTC\n01 | 2025-03-20 | 2025-03-21\n01 | 2025-03-21 | 2025-03-21"),
    )
    assert out["LB"]["LBSEQ"].to_list() == [1]
    assert counts(accounting, "SV") == {READ: 2, "CUTOFF-START-AFTER": 1, KEPT: 1, "CUTOFF-END-AFTER": 1}


def test_death_after(study):
    dm = table(
        """
        USUBJID | DTHDTC     | DTHFL | EXPECTED # why
        01      |            |       |   # alive
        02      | 2025-03-20 | Y     | Y # dead on the day
        03      | 2025-03-21 | Y     |   # dead after
        04      | 2025-03    | Y     | Y # may be before
        05      | 2025-04    | Y     |   # can only be after
        06      | 2025-03    | Y     |   # known alive after
        07      |            | Y     | Y # date not known
        """
    )
    events = table(
        """
        USUBJID | AESEQ | AESTDTC    | AEOUT | AESDTH
        02      | 1     | 2025-03-10 | FATAL | Y
        03      | 1     | 2025-03-10 | FATAL | Y
        """,
        numbers=("AESEQ",),
    )
    contacts = table("USUBJID | SSSEQ | SSSTRESC | SSDTC\n06 | 1 | ALIVE | 2025-03-25", numbers=("SSSEQ",))
    causes = table("USUBJID | DDSEQ | DDDTC\n02 | 1 | 2025-03-20\n03 | 1 |\n05 | 1 | 2025-04-02", numbers=("DDSEQ",))
    out, accounting, _ = cut(study, DM=dm, AE=events, SS=contacts, DD=causes)
    assert out["DM"]["DTHFL"].fillna("").to_list() == dm["EXPECTED"].fillna("").to_list()
    assert out["DM"]["DTHDTC"].notna().to_list() == [False, True, False, True, False, False, False]
    assert out["AE"]["AEOUT"].to_list() == ["FATAL", "NOT RECOVERED/NOT RESOLVED"]
    assert out["AE"]["AESDTH"].to_list() == ["Y", "N"]
    assert out["DD"]["USUBJID"].to_list() == ["02"]
    assert counts(accounting, "DM") == {READ: 7, KEPT: 7, "CUTOFF-DEATH-AFTER": 3}
    assert counts(accounting, "DD") == {READ: 3, "CUTOFF-START-AFTER": 1, "CUTOFF-DEATH-RECORD": 1, KEPT: 1}
    assert counts(accounting, "AE")["CUTOFF-DEATH-AFTER"] == 1


def test_dm_is_rolled_back(study):
    dm = table(
        """
        USUBJID | ARMCD | ACTARMCD | RFICDTC    | RFSTDTC    | RFPENDTC   | DMDTC      | DTHDTC # why
        01      | DL1   | DL1      | 2025-02-01 | 2025-03-01 | 2025-06-01 | 2025-02-02 |        # treated before
        02      | DL1   | DL1      | 2025-03-18 | 2025-03-25 | 2025-06-01 | 2025-03-22 |        # enrolled and treated after
        03      | DL1   | DL1      | 2025-03-10 | 2025-03-25 | 2025-06-01 | 2025-03-11 |        # enrolled before, treated after
        04      | DL1   | DL1      | 2025-03-21 | 2025-03-28 | 2025-06-01 | 2025-03-22 |        # consent after
        05      |       |          | 2025-03-10 |            |            | 2025-03-11 |        # screen failure
        """
    )
    ds = table(
        """
        USUBJID | DSSEQ | DSCAT              | DSDECOD  | DSSTDTC
        02      | 1     | PROTOCOL MILESTONE | ENROLLED | 2025-03-24
        03      | 1     | PROTOCOL MILESTONE | ENROLLED | 2025-03-20
        """,
        numbers=("DSSEQ",),
    )
    ex = table("USUBJID | EXSEQ | EXSTDTC\n01 | 1 | 2025-03-01\n02 | 1 | 2025-03-25\n03 | 1 | 2025-03-25\n"
               "04 | 1 | 2025-03-28", numbers=("EXSEQ",))  # fmt: skip
    out, accounting, _ = cut(study, DM=dm, DS=ds, EX=ex)
    assert out["DM"][["USUBJID", "ARMCD", "ACTARMCD"]].fillna("").to_numpy().tolist() == [
        ["01", "DL1", "DL1"], ["02", "", ""], ["03", "DL1", "DL1"], ["05", "", ""],
    ]  # fmt: skip
    assert out["DM"]["RFSTDTC"].fillna("").to_list() == ["2025-03-01", "", "", ""]
    assert out["DM"]["RFPENDTC"].isna().all()
    assert counts(accounting, "DM") == {
        READ: 5, "CUTOFF-SUBJECT-AFTER": 1, KEPT: 4, "CUTOFF-ENROLLED-AFTER": 1, "CUTOFF-DATE-AFTER": 3,
    }  # fmt: skip
    assert counts(accounting, "EX") == {READ: 4, "CUTOFF-SUBJECT-AFTER": 1, "CUTOFF-START-AFTER": 2, KEPT: 1}


def test_supplemental_records_go_with_their_parent(study):
    ae = table("USUBJID | AESEQ | AESTDTC\n01 | 1 | 2025-03-01\n01 | 2 | 2025-03-21\n02 | 2 | 2025-03-01",
               numbers=("AESEQ",))  # fmt: skip
    supp = table(
        """
        USUBJID | IDVAR | IDVARVAL | QNAM  | QVAL | EXPECTED
        01      | AESEQ | 1        | AEDLT | Y    | keep
        01      | AESEQ | 2        | AEDLT | Y    | out
        02      | AESEQ | 2        | AEDLT | Y    | keep
        01      |       |          | XX    | Y    | keep # of the subject, not of a record
        """
    )
    out, accounting, _ = cut(study, SUPPAE=supp, AE=ae)
    assert set(out["SUPPAE"]["EXPECTED"]) == {"keep"}
    assert len(out["SUPPAE"]) == 3
    assert counts(accounting, "SUPPAE") == {READ: 4, "CUTOFF-PARENT-OUT": 1, KEPT: 3}


def test_nothing_given_is_changed_and_trial_design_stays(study):
    ae = table("USUBJID | AESEQ | AESTDTC | AEENDTC\n01 | 1 | 2025-03-01 | 2025-04-01", numbers=("AESEQ",))
    before = ae.copy()
    ta = table("STUDYID | ARMCD | TAETORD\nS | DL1 | 1")
    out, _, _ = cut(study, AE=ae, TA=ta)
    pd.testing.assert_frame_equal(ae, before)
    pd.testing.assert_frame_equal(out["TA"], ta)


def test_every_rule_says_what_it_does():
    assert all(EFFECTS.values())
    assert {rule.split("-")[0] for rule in EFFECTS} == {"CUTOFF"}
