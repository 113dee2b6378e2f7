"""The export as Medidata Rave would write it."""

from __future__ import annotations

import pytest

from flows.simulate.rave import END, _columns
from tests.simulate.conftest import read_form

GATEWAY = (
    "userid,projectid,project,studyid,environmentName,subjectId,StudySiteId,Subject,siteid,Site,SiteNumber,SiteGroup,"
    "instanceId,InstanceName,InstanceRepeatNumber,folderid,Folder,FolderName,FolderSeq,TargetDays,DataPageId,"
    "DataPageName,PageRepeatNumber,RecordDate,RecordId,recordposition,RecordActive,SaveTs,MinCreated,MaxUpdated"
)


def test_a_file_for_each_form_and_no_other(clean, study):
    assert {p.name for p in clean.iterdir()} == {f"V_QL1706_{form}.csv" for form in study.forms}


def test_header_is_that_of_the_gateway_and_the_file_ends_with_eof(clean):
    for path in clean.iterdir():
        lines = path.read_text(encoding="utf-8").split("\n")
        assert lines[0].startswith(GATEWAY + ","), path.name
        assert lines[-2:] == [END, ""], path.name
        assert len(set(lines[0].split(","))) == len(lines[0].split(","))


COLUMNS = {
    "DM": "BRTHDAT,BRTHDAT_RAW,BRTHDAT_INT,BRTHDAT_YYYY,BRTHDAT_MM,BRTHDAT_DD,AGE,AGE_RAW,SEX,SEX_STD,RACE,RACE_STD,"
    "ETHNIC,ETHNIC_STD",
    "VS": "VSDAT,VSDAT_RAW,VSDAT_INT,VSDAT_YYYY,VSDAT_MM,VSDAT_DD,VSTIM,TEMP,TEMP_RAW,TEMP_UN,SYSBP,SYSBP_RAW,DIABP,"
    "DIABP_RAW,PULSE,PULSE_RAW,WEIGHT,WEIGHT_RAW,WEIGHT_UN,HEIGHT,HEIGHT_RAW",
}


@pytest.mark.parametrize("form", COLUMNS)
def test_columns_of_fields(clean, form):
    header = (clean / f"V_QL1706_{form}.csv").read_text(encoding="utf-8").split("\n", 1)[0]
    assert header == f"{GATEWAY},{COLUMNS[form]}"


DATES = [
    # form, field, as typed -> date and time, interpolated, year, month, day
    ("AE", "AESTDAT", "01 MAR 2025", "2025-03-01T00:00:00", "2025-03-01T00:00:00", "2025", "3", "1"),
    ("AE", "AESTDAT", "UN MAR 2025", "", "2025-03-01T00:00:00", "2025", "3", ""),
    ("AE", "AESTDAT", "UN UNK 2025", "", "2025-01-01T00:00:00", "2025", "", ""),
    ("AE", "AESTDAT", "31 FEB 2025", "", "", "", "", ""),
    ("AE", "AESTDAT", "05/03/25", "", "", "", "", ""),
    ("AE", "AESTDAT", "", "", "", "", "", ""),
    ("MH", "MHSTDAT", "UNK-MAR-2024", "", "2024-03-01T00:00:00", "2024", "3", ""),
    ("MH", "MHSTDAT", "2024-UNK-UN", "", "2024-01-01T00:00:00", "2024", "", ""),
    ("MH", "MHSTDAT", "2024-03-09", "2024-03-09T00:00:00", "2024-03-09T00:00:00", "2024", "3", "9"),
    ("CM", "CMSTDAT", "2025-03-09", "2025-03-09T00:00:00", "2025-03-09T00:00:00", "2025", "3", "9"),
    ("CM", "CMSTDAT", "2025-03", "", "2025-03-01T00:00:00", "2025", "3", ""),
    ("CM", "CMSTDAT", "2025", "", "2025-01-01T00:00:00", "2025", "", ""),
    ("CM", "CMSTDAT", "2024/5/UK", "", "2024-05-01T00:00:00", "2024", "5", ""),
    ("CM", "CMSTDAT", "2024年3月UK日", "", "2024-03-01T00:00:00", "2024", "3", ""),
    ("CM", "CMSTDAT", "45292", "", "", "", "", ""),
]


@pytest.mark.parametrize(("form", "name", "typed", "value", "whole", "year", "month", "day"), DATES)
def test_date_columns(study, form, name, typed, value, whole, year, month, day):
    shown = {suffix: show(typed) for suffix, show in _columns(study.forms[form].fields[name], study)}
    assert shown == {"": value, "_RAW": typed, "_INT": whole, "_YYYY": year, "_MM": month, "_DD": day}


@pytest.mark.parametrize(
    ("form", "name", "typed", "expected"),
    [
        ("VS", "TEMP", "36.6", {"": "36.6", "_RAW": "36.6"}),
        ("VS", "PULSE", "72", {"": "72.0", "_RAW": "72"}),
        ("VS", "PULSE", "high", {"": "", "_RAW": "high"}),
        ("AE", "AEOUT", "1", {"": "Recovered/resolved", "_STD": "1"}),
        ("AE", "AEOUT", "Improving", {"": "Improving", "_STD": ""}),
        ("AE", "AETERM", "Rash", {"": "Rash"}),
    ],
)
def test_other_columns(study, form, name, typed, expected):
    assert {suffix: show(typed) for suffix, show in _columns(study.forms[form].fields[name], study)} == expected


def test_only_cells_that_need_it_are_quoted(dirty):
    text = (dirty / "V_QL1706_CM.csv").read_text(encoding="utf-8")
    assert '"Pain, ""burning"", at night"' in text
    assert ',\n""see letter"""' in text
    assert text.count('"') == 6 * (text.count("burning") + text.count("see letter"))


def test_record_ids_are_unique_and_lines_count_from_one(clean, study):
    forms = {form: read_form(clean, form) for form in study.forms}
    records = [record for rows in forms.values() for record in rows["RecordId"]]
    assert len(records) == len(set(records))
    for form, rows in forms.items():
        line = rows["recordposition"].astype(int)
        page = rows.groupby("DataPageId", sort=False)
        expected = page.cumcount() + 1 if study.forms[form].log else 0 * line
        assert (line == expected).all(), form
        assert page[["Subject", "Folder", "InstanceRepeatNumber"]].nunique().eq(1).all(axis=None), form


def test_unscheduled_visits_are_numbered(clean):
    rows = read_form(clean, "VISIT")
    rows = rows[rows["Folder"] == "UNS"]
    assert (rows["InstanceName"] == "Unscheduled (" + rows["InstanceRepeatNumber"] + ")").all()
    assert (
        rows.groupby("Subject")["InstanceRepeatNumber"]
        .apply(lambda n: sorted(map(int, n)) == list(range(1, len(n) + 1)))
        .all()
    )


def test_subject_numbers(clean):
    rows = read_form(clean, "SUBJ")
    assert rows["Subject"].str.fullmatch(r"\d{5}").all()
    assert rows["Subject"].is_unique
    assert (rows["Subject"].str[:2] == rows["SiteNumber"]).all()
    assert rows["Subject"].str.startswith("0").any()
