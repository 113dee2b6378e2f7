"""Every kind of fault is planted, on a record where it can be seen, and the answer key says so."""

from __future__ import annotations

import pandas as pd
import pytest

from flows.simulate.faults import FAULTS, KEY_COLUMNS
from tests.simulate.conftest import read_form, read_key

CODES = [
    "RAW-101",
    "RAW-102",
    "RAW-103",
    "RAW-105",
    "RAW-106",
    "RAW-107",
    "RAW-108",
    "RAW-109",
    "RAW-110",
    "RAW-111",
    "SDTM-201",
    "SDTM-202",
    "SDTM-203",
    "SDTM-204",
    "SDTM-205",
    "SDTM-206",
    "SDTM-207",
    "SDTM-208",
    "SDTM-209",
    "SDTM-210",
    "SDTM-212",
    "SDTM-213",
    "SDTM-214",
    "CHK-301",
    "CHK-302",
    "CHK-303",
    "CHK-304",
    "CHK-305",
    "CHK-307",
    "CHK-308",
    "CHK-309",
    "CHK-310",
    "CHK-312",
    "CHK-314",
    "CHK-315",
    "CHK-316",
    "CHK-317",
    "CHK-318",
    "CHK-320",
    "ADAM-401",
    "ADAM-402",
    "ADAM-403",
    "ADAM-404",
    "ADAM-405",
    "ADAM-408",
    "ADAM-410",
]


def _records(folder, key, what) -> pd.DataFrame:
    """The planted records of a code or of one kind of fault, with their usubjid of the key."""
    told = key[(key["code"] == what) | (key["fault"] == what)]
    rows = pd.concat([read_form(folder, form) for form in told["form"].unique()])
    return rows.merge(told[["record_id", "usubjid", "field"]], left_on="RecordId", right_on="record_id")


def test_every_kind_is_planted(dirty):
    key = read_key(dirty)
    assert list(key.columns) == KEY_COLUMNS
    assert sorted(key["code"].unique()) == sorted(CODES)
    assert set(key["fault"]) == {fault.name for fault in FAULTS}
    assert len(key) >= 25


def test_every_record_of_the_key_is_there_once(dirty, study):
    key = read_key(dirty)
    named = key[key["record_id"] != ""]
    assert set(key.loc[key["record_id"] == "", "code"]) == {"RAW-101", "RAW-102"}
    assert not named.duplicated(["code", "form", "record_id"]).any()
    for form, told in named.groupby("form"):
        rows = read_form(dirty, form).set_index("RecordId")
        assert rows.index.is_unique
        assert set(told["record_id"]) <= set(rows.index)
        assert set(told["field"]) - {""} <= set(study.forms[form].fields)


def test_the_key_names_the_person(dirty):
    key, subjects = read_key(dirty), read_form(dirty, "SUBJ").set_index("Subject")
    first = subjects["PREVSUBJ"].where(subjects["PREVSUBJ"] != "", subjects.index.to_series())
    for form, told in key[key["record_id"] != ""].groupby("form"):
        rows = read_form(dirty, form).set_index("RecordId").loc[told["record_id"]]
        number = rows["Subject"].str.zfill(5)
        assert told["usubjid"].tolist() == ("QL1706-ESCC-" + number.map(first)).tolist(), form


def test_most_faults_are_on_subjects_of_their_own(dirty):
    key = read_key(dirty)
    alone = key[~key["code"].isin(["SDTM-202", "RAW-101", "RAW-102"])]
    kinds = alone.drop_duplicates(["fault", "usubjid"])  # a time of 24:00 is that of a whole page
    assert not kinds["usubjid"].duplicated().any()


def test_unknown_form_and_column(dirty):
    assert read_form(dirty, "PK")["PKCONC"].tolist() == ["0.0", "118.4"]
    assert (read_form(dirty, "CM")["CMCLASS"] != "").all()


SEEN = {
    "RAW-103": lambda r: (r["AEACNQL"] == "Drug interrupted") & (r["AEACNQL_STD"] == "NC"),
    "RAW-105": lambda r: (
        r["AESTDAT"].str[:10] < pd.to_datetime(r["AESTDAT_RAW"].str.title(), format="%d %b %Y").astype("str")
    ),
    "RAW-108": lambda r: r["RecordActive"] == "0",
    "RAW-109": lambda r: r["SiteNumber"] == "99",
    "RAW-110": lambda r: r["Subject"].str.fullmatch(r"[1-9]\d{3}"),
    "RAW-111": lambda r: r["PREVSUBJ"] != "",
    "unreadable date": lambda r: (r["AESTDAT_RAW"] != "") & (r["AESTDAT"] + r["AESTDAT_YYYY"] == ""),
    "date as a number of a spreadsheet": lambda r: (
        r["CMSTDAT_RAW"].str.fullmatch(r"4[45]\d{3}") & (r["CMSTDAT"] + r["CMSTDAT_YYYY"] == "")
    ),
    "partial start date": lambda r: r["AESTDAT_RAW"].str.match("UN ") & (r["AESTDAT"] == ""),
    "year of birth only": lambda r: (
        r["BRTHDAT_RAW"].eq("UN UNK " + r["BRTHDAT_YYYY"]) & (r["BRTHDAT"] + r["BRTHDAT_MM"] + r["BRTHDAT_DD"] == "")
    ),
    "SDTM-203": lambda r: (r["AEOUT"] == "Improving") & (r["AEOUT_STD"] == ""),
    "SDTM-204": lambda r: r["IETESTCD"].str.len() > 8,
    "SDTM-212": lambda r: r["LBTIM"] == "24:00",
    "SDTM-213": lambda r: (r["CMDECOD"] == "") & (r["CMTRT"] != ""),
    "SDTM-214": lambda r: r["AETERM"].str.len() > 200,
    "SDTM-205": lambda r: ~r["AETERM"].map(str.isascii),
    "SDTM-206": lambda r: r["LBORRESU"] == "mmol/mol",
    "word for a number": lambda r: r["LBORRES"].isin(["阴性", "NEG", "+-"]),
    "word for a diameter": lambda r: (r["LESSTAT_STD"] == "M") & (r["LESDIAM"] + r["LESDIAM_RAW"] == "TSTM"),
    "SDTM-208": lambda r: (r["AETERM"] == "") & (r["AEYN_STD"] == "Y"),
    "result below a limit": lambda r: r["LBORRES"] == "<0.1",
    "result above a limit": lambda r: r["LBORRES"] == ">1000",
    "diameter below a limit": lambda r: (r["LESSTAT_STD"] == "M") & (r["LESDIAM"] + r["LESDIAM_RAW"] == "<5"),
    "SDTM-210": lambda r: r["LBORRES"].str.fullmatch("[０-９]+|[0-9]+,[0-9]+"),
    "CHK-301": lambda r: r["AEENDAT"] < r["AESTDAT"],
    "CHK-309": lambda r: (r["AEONGO_STD"] == "Y") & (r["AEENDAT"] != ""),
    "CHK-310": lambda r: (r["AEOUT_STD"] == "1") & (r["AEENDAT"] == ""),
    "CHK-314": lambda r: (r["NEWLES_STD"] == "UNEQ") & (r["OVRLRESP_STD"] != "PD"),
    "CHK-316": lambda r: r["AEENDAT"] > r["SaveTs"],
    "CHK-320": lambda r: (r["WEIGHT"].astype(float) > 110) & (r["WEIGHT_UN"] == "kg"),
    "ADAM-405": lambda r: r["DTHDAT_RAW"].str.match("UN [A-Z]{3} "),
    "ADAM-408": lambda r: r["LESNO"] == "T06",
    "ADAM-410": lambda r: r["LESSTAT_STD"] == "EQ",
}


@pytest.mark.parametrize("what", SEEN)
def test_the_fault_can_be_seen_on_its_record(dirty, what):
    rows = _records(dirty, read_key(dirty), what)
    assert len(rows) > 0
    assert SEEN[what](rows).all()


DIALECTS = [
    # form, field, as typed, is the month known
    ("MH", "MHSTDAT", r"UNK-[A-Z]{3}-\d{4}", True),
    ("MH", "MHSTDAT", r"\d{4}-UNK-UN", False),
    ("CM", "CMSTDAT", r"\d{4}/\d{1,2}/UK", True),
    ("CM", "CMSTDAT", r"\d{4}年\d{1,2}月UK日", True),
]


@pytest.mark.parametrize(("form", "field", "typed", "month_known"), DIALECTS)
def test_partial_dates_in_every_dialect(dirty, form, field, typed, month_known):
    key = read_key(dirty)
    told = key[(key["fault"] == "partial date in another dialect") & (key["form"] == form)]
    rows = read_form(dirty, form).set_index("RecordId").loc[told["record_id"]]
    rows = rows[rows[f"{field}_RAW"].str.fullmatch(typed)]
    assert len(rows) == 1
    assert (rows[field] + rows[f"{field}_DD"] == "").all()
    assert (rows[f"{field}_YYYY"] != "").all()
    assert ((rows[f"{field}_MM"] != "") == month_known).all()


def test_every_word_for_a_number_is_there(dirty):
    assert set(_records(dirty, read_key(dirty), "word for a number")["LBORRES"]) == {"阴性", "NEG", "+-"}


@pytest.mark.parametrize("fault", ["word for a diameter", "diameter below a limit"])
def test_a_diameter_in_words_decides_no_response(dirty, fault):
    """A new or non-target lesion makes the progression, and no assessment comes after."""
    (row,) = _records(dirty, read_key(dirty), fault).to_dict("records")
    told = read_form(dirty, "RESP").query("Subject == @row['Subject']").sort_values("RSDAT").iloc[-1]
    assert told["Folder"] == row["Folder"]
    assert told["OVRLRESP_STD"] == "PD"
    assert told["TRGRESP_STD"] in {"SD", "PR"}
    assert told["NTRGRESP_STD"] == "PD" or told["NEWLES_STD"] == "UNEQ"


def test_no_fault_of_another_subject_hides_behind_the_same_sign(dirty):
    """Signs that only a fault leaves behind are on no other record."""
    key = read_key(dirty)
    for code in ("SDTM-203", "SDTM-205", "SDTM-208", "SDTM-214", "CHK-301", "CHK-309", "CHK-310", "CHK-316"):
        rows = read_form(dirty, "AE")
        rows = rows[(rows["RecordActive"] == "1") & (rows["AEENDAT"] + rows["AESTDAT"] != "")]
        seen = SEEN[code](rows)
        if code == "CHK-301":
            seen &= rows["AEENDAT"] != ""
        assert set(rows.loc[seen, "RecordId"]) == set(key.loc[key["code"] == code, "record_id"]), code


def test_death_dates_differ_on_the_event(dirty):
    rows = _records(dirty, read_key(dirty), "CHK-307").merge(
        read_form(dirty, "DEATH")[["Subject", "DTHDAT"]], on="Subject"
    )
    assert len(rows) > 0
    assert (rows["AEDTHDAT"] != rows["DTHDAT"]).all()


def test_dose_and_contact_after_the_end(dirty):
    key = read_key(dirty)
    doses = _records(dirty, key, "CHK-302").merge(read_form(dirty, "EOT")[["Subject", "EOTDAT"]], on="Subject")
    assert (doses["LNSTDAT"] > doses["EOTDAT"]).all()
    contacts = _records(dirty, key, "CHK-308").merge(read_form(dirty, "DEATH")[["Subject", "DTHDAT"]], on="Subject")
    assert (contacts["SSDAT"] > contacts["DTHDAT"]).all()
    assert (contacts["SSSTAT_STD"] == "A").all()


def test_the_event_twice_is_the_same_or_differs_in_grade(dirty):
    key, events = read_key(dirty), read_form(dirty, "AE")
    fields = [c for c in events.columns if c.startswith("AE")]
    for code, differing in (("RAW-106", set()), ("CHK-317", {"AETOXGR", "AETOXGR_STD"})):
        for record in key.loc[key["code"] == code, "record_id"]:
            again = events[events["RecordId"] == record].iloc[0]
            same = events[(events["Subject"] == again["Subject"]) & (events["AESTDAT_RAW"] == again["AESTDAT_RAW"])]
            first = same[(same["AEPT"] == again["AEPT"]) & (same["RecordId"] != record)].iloc[0]
            assert {c for c in fields if first[c] != again[c]} == differing, code


def test_a_line_is_missing_before_the_gap(dirty):
    rows = _records(dirty, read_key(dirty), "RAW-107")
    lines = read_form(dirty, "CM")
    for _, row in rows.iterrows():
        page = lines[lines["DataPageId"] == row["DataPageId"]]["recordposition"].astype(int)
        assert int(row["recordposition"]) - 1 not in set(page)


def test_the_forgotten_lesion_is_the_one_of_baseline(dirty):
    rows = _records(dirty, read_key(dirty), "CHK-304")
    lesions = read_form(dirty, "TARGET")
    assert (rows["Folder"] == "SCRN").all()
    for _, row in rows.iterrows():
        own = lesions[lesions["Subject"] == row["Subject"]]
        visits = own.groupby("DataPageId")["LESNO"].agg(set)
        assert sum(row["LESNO"] not in there for there in visits) == 1


def test_phase_ib_has_no_fault_but_those_of_the_window(dirty):
    subjects = read_form(dirty, "SUBJ")
    finding = set("QL1706-ESCC-" + subjects.loc[subjects["PHASE_STD"] == "IB", "Subject"])
    key = read_key(dirty)
    assert set(key.loc[key["usubjid"].isin(finding), "code"]) == {"ADAM-403", "ADAM-404"}


def test_a_clean_export_has_no_fault(clean, study):
    assert read_key(clean).empty
    for form, spec in study.forms.items():
        rows = read_form(clean, form)
        assert (rows["RecordActive"] == "1").all()
        assert rows.map(str.isascii).all(axis=None)
        for name, field in spec.fields.items():
            if field.kind == "date":
                assert ((rows[name + "_RAW"] == "") == (rows[name] == "")).all(), f"{form}.{name} has a partial date"
    assert not read_form(clean, "TARGET")["LESSTAT_STD"].eq("ND").any()
    assert not read_form(clean, "NONTARG")["LESSTAT_STD"].eq("ND").any()
    assert not read_form(clean, "RESP")["OVRLRESP_STD"].eq("NE").any()
