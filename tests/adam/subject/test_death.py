# ruff: noqa: E501 (one case a line)
"""Last known alive, and the findings on deaths. What becomes of a partial date of death is in the rule book."""

import pandas as pd

from adam.rules.alive import bound_last_alive, derive_last_alive
from adam.rules.death import derive_death, died_after
from tests.tables import table


def known_alive(cases):
    """Last known alive by a contact of survival follow-up."""
    return cases[["USUBJID", "LSTALVDT"]].assign(LSTALVSR="SS.SSDTC", LSTALVSQ=4.0)


def test_death_in_a_month_before_last_known_alive_is_a_finding_on_the_contact():
    dm = table("USUBJID | DTHDTC | DTHFL\n01 | 2025-03 | Y\n02 | 2025-03 | Y")
    alive = table("USUBJID | LSTALVDT\n01 | 2025-03-31\n02 | 2025-04-15", dates=("LSTALVDT",))
    _, findings = derive_death({"DM": dm}, known_alive(alive))
    contacts = findings[findings["code"] == "ADAM-412"]
    assert contacts[["usubjid", "dataset", "variable", "value", "srcseq"]].to_numpy().tolist() == [
        ["02", "SS", "SSDTC", "2025-04-15", "4"]
    ]


def test_finding_points_at_the_death_record():
    dm = table("USUBJID | DTHDTC | DTHFL\n01 | 2025-03 | Y\n02 | 2025-03 | Y")
    dd = table("USUBJID | DDSEQ | DDTESTCD\n01 | 1 | PRCDTH", numbers=("DDSEQ",))
    alive = table("USUBJID | LSTALVDT\n01 | 2025-03-05\n02 | 2025-03-05", dates=("LSTALVDT",))
    _, findings = derive_death({"DM": dm, "DD": dd}, known_alive(alive))
    assert findings[["usubjid", "dataset", "srcseq", "value"]].to_numpy().tolist() == [
        ["01", "DD", "1", "2025-03"],
        ["02", "DM", "", "2025-03"],
    ]
    assert "2025-03-06 (day imputed)" in findings["message"][0]


# --- last known alive ---------------------------------------------------------------------------------------


def sources():
    """One subject for each source that decides, all with a visit on 1 March."""
    subjects = [f"{n:02}" for n in range(1, 17)]
    return {
        "DM": pd.DataFrame({"USUBJID": subjects, "DTHDTC": pd.Series([None] * 16, dtype="str")}, dtype="str"),
        "SV": table(
            "\n".join(["USUBJID | SVSTDTC | SVENDTC | SVOCCUR", *[f"{s} | 2025-03-01 | |" for s in subjects[:15]]])
            + "\n02 | 2025-03-02 | 2025-03-04 |\n02 | 2025-03-09 | | N"
        ),
        "SS": table(
            """
            USUBJID | SSSEQ | SSSTRESC | SSDTC      | SSSTAT
            01      | 1     | ALIVE    | 2025-04-01 |
            01      | 2     | UNKNOWN  | 2025-05-01 |          # proves nothing
            01      | 3     | ALIVE    | 2025-06    |          # partial
            01      | 4     | ALIVE    | 2025-06-01 | NOT DONE
            03      | 1     | DEAD     | 2025-05-01 |
            """,
            numbers=("SSSEQ",),
        ),
        "EX": table(
            """
            USUBJID | EXSEQ | EXDOSE | EXSTDTC    | EXENDTC
            04      | 7     | 8      | 2025-03-02 | 2025-03-20
            05      | 8     | 0      | 2025-03-02 | 2025-03-20   # nothing taken
            06      | 9     | 8      | 2025-03-02 |              # end not known: the start proves
            """,
            numbers=("EXSEQ", "EXDOSE"),
        ),
        "LB": table(
            """
            USUBJID | LBSEQ | LBDTC            | LBSTAT
            07      | 12    | 2025-03-05T08:00 |
            07      | 11    | 2025-03-05T07:00 |            # the same day: the lower LBSEQ is named
            07      | 13    | 2025-03-06       | NOT DONE
            """,
            numbers=("LBSEQ",),
        ),
        "VS": table("USUBJID | VSSEQ | VSDTC\n08 | 3 | 2025-03-05\n09 | 3 | 2025-03-05", numbers=("VSSEQ",)),
        "TR": table("USUBJID | TRSEQ | TRDTC\n09 | 2 | 2025-03-05\n10 | 2 | 2025-03-06", numbers=("TRSEQ",)),
        "TU": table("USUBJID | TUSEQ | TUDTC\n11 | 2 | 2025-03-06", numbers=("TUSEQ",)),
        "AE": table(
            "USUBJID | AESEQ | AESTDTC | AEENDTC\n12 | 5 | 2025-03-07 | 2025-03-30\n13 | 5 | | 2025-03-30",
            numbers=("AESEQ",),
        ),
        "CM": table("USUBJID | CMSEQ | CMSTDTC\n14 | 6 | 2025-03-08", numbers=("CMSEQ",)),
        "MH": table("USUBJID | MHSEQ | MHSTDTC\n15 | 1 | 2025-12-01", numbers=("MHSEQ",)),  # no proof
    }


def test_last_alive_names_its_source(study):
    expected = table(
        """
        USUBJID | LSTALVDT   | LSTALVSR   | LSTALVSQ # why
        --------+------------+------------+---------
        01      | 2025-04-01 | SS.SSDTC   | 1   # status ALIVE, complete, done
        02      | 2025-03-04 | SV.SVENDTC |     # the visit that took place; SV has no sequence number
        03      | 2025-03-01 | SV.SVSTDTC |     # DEAD proves no life
        04      | 2025-03-20 | EX.EXENDTC | 7   # last day of a dose
        05      | 2025-03-01 | SV.SVSTDTC |     # dose of 0
        06      | 2025-03-02 | EX.EXSTDTC | 9   # dosing without an end
        07      | 2025-03-05 | LB.LBDTC   | 11  # tie: lower --SEQ; not done does not count
        08      | 2025-03-05 | VS.VSDTC   | 3
        09      | 2025-03-05 | VS.VSDTC   | 3   # tie between domains: the order of the list
        10      | 2025-03-06 | TR.TRDTC   | 2
        11      | 2025-03-06 | TU.TUDTC   | 2
        12      | 2025-03-07 | AE.AESTDTC | 5   # a start proves, an end does not
        13      | 2025-03-01 | SV.SVSTDTC |     # start missing
        14      | 2025-03-08 | CM.CMSTDTC | 6
        15      | 2025-03-01 | SV.SVSTDTC |     # medical history proves nothing
        16      |            |            |     # never known alive
        """,
        numbers=("LSTALVSQ",),
        dates=("LSTALVDT",),
    )
    alive, findings = derive_last_alive(sources(), study)
    pd.testing.assert_frame_equal(alive, expected)
    assert findings.empty


def test_contact_after_death_proves_nothing(study):
    sdtm = {
        "DM": table("USUBJID | DTHDTC\n01 | 2025-03-10\n02 | 2025-03-10\n03 | 2025-03\n04 | 2025-03-10"),
        "SS": table(
            """
            USUBJID | SSSEQ | SSSTRESC | SSDTC
            01      | 1     | ALIVE    | 2025-03-01
            01      | 2     | ALIVE    | 2025-03-12     # after death
            01      | 3     | ALIVE    | 2025-03-11     # after death too: the latest is reported
            02      | 1     | ALIVE    | 2025-03-10     # on the day of death
            03      | 1     | ALIVE    | 2025-04-02     # a partial date of death excludes nothing
            04      | 1     | ALIVE    | 2025-03-11
            """,
            numbers=("SSSEQ",),
        ),
    }
    alive, findings = derive_last_alive(sdtm, study)
    assert alive["LSTALVDT"].dt.strftime("%m-%d").fillna("").to_list() == ["03-01", "03-10", "04-02", ""]
    assert findings[["code", "usubjid", "dataset", "srcseq", "value"]].to_numpy().tolist() == [
        ["ADAM-412", "01", "SS", "2", "2025-03-12"],
        ["ADAM-412", "04", "SS", "1", "2025-03-11"],
    ]


def test_life_as_of_the_cutoff():
    cases = table(
        """
        USUBJID | DTHDTC     | DTHFL | LSTALVDT   | LSTALVSR | LSTALVSQ | DIED | DATE       | SOURCE    # why
        --------+------------+-------+------------+----------+----------+------+------------+----------
        01      |            |       | 2025-03-10 | SS.SSDTC | 1        | N    | 2025-03-10 | SS.SSDTC  # before
        02      |            |       | 2025-03-20 | SS.SSDTC | 1        | N    | 2025-03-20 | SS.SSDTC  # on it
        03      |            |       | 2025-03-21 | SS.SSDTC | 1        | N    | 2025-03-20 | SS.SSDTC  # a later contact
        04      | 2025-03-20 | Y     | 2025-03-10 | SS.SSDTC | 1        | N    | 2025-03-10 | SS.SSDTC  # dead on it
        05      | 2025-03-21 | Y     | 2025-03-10 | SS.SSDTC | 1        | Y    | 2025-03-20 | DM.DTHDTC # a later death
        06      | 2025-03-21 | Y     | 2025-03-21 | SS.SSDTC | 1        | Y    | 2025-03-20 | SS.SSDTC  # both
        07      | 2025-04    | Y     | 2025-03-10 | SS.SSDTC | 1        | Y    | 2025-03-20 | DM.DTHDTC # wholly after
        08      | 2025-03    | Y     | 2025-03-10 | SS.SSDTC | 1        | N    | 2025-03-10 | SS.SSDTC  # may be before
        09      | 2025-03    | Y     | 2025-03-21 | SS.SSDTC | 1        | Y    | 2025-03-20 | SS.SSDTC  # known alive after
        10      |            | Y     | 2025-03-21 | SS.SSDTC | 1        | Y    | 2025-03-20 | SS.SSDTC  # undated
        11      |            | Y     |            |          |          | N    |            |           # nothing known
        12      | 2026       | Y     |            |          |          | Y    | 2025-03-20 | DM.DTHDTC # death alone proves
        """,
        numbers=("LSTALVSQ",),
        dates=("LSTALVDT", "DATE"),
    )
    cutoff = pd.Timestamp("2025-03-20")
    died = died_after(cases, cases, cutoff)
    assert died.to_list() == cases.loc[cases["DIED"] == "Y", "USUBJID"].to_list()
    bounded = bound_last_alive(cases, died, cutoff)
    pd.testing.assert_series_equal(bounded["LSTALVDT"], cases["DATE"], check_names=False)
    pd.testing.assert_series_equal(bounded["LSTALVSR"], cases["SOURCE"], check_names=False)
    assert bounded.loc[bounded["LSTALVSR"] == "DM.DTHDTC", "LSTALVSQ"].isna().all()
