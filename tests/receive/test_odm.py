"""ODM-XML: transactions, keys, nulls, typed items, dates, units, saves, and the words of OpenClinica and Rave."""

import pytest

from flows.receive import read_export
from flows.receive.choices import code_and_text
from tests.receive.odm_texts import (
    SUBJ,
    OdmFolder,
    clinical,
    event,
    form,
    group,
    in_log,
    item,
    line,
    odm,
    stamp,
    subject,
)

RASH, ITCH, FATAL = item("AE.AETERM", "Rash"), item("AE.AETERM", "Itch"), item("AE.AEOUT", "2")


@pytest.fixture
def export(mini) -> OdmFolder:
    return OdmFolder(mini)


def transactional(*lines: str, created: str = "2025-05-01T10:00:00", head: str = "") -> str:
    data = clinical(in_log(*lines).replace("<SubjectData ", '<SubjectData TransactionType="Upsert" ', 1))
    return odm(data, kind="Transactional", created=created, head=head)


INSERTED = line(1, RASH, FATAL, more='TransactionType="Insert"')
REMOVED = line(1, more='TransactionType="Remove"')
TRANSACTIONS = {
    # name: (the lines of the form in the order of the file, the active records left: line, term, outcome)
    "insert": ([INSERTED], [("1", "Rash", "2")]),
    "update of one item": (
        [INSERTED, line(1, item("AE.AETERM", "Itch"), more='TransactionType="Update"')], [("1", "Itch", "2")],
    ),
    "update to null": (
        [INSERTED, line(1, '<ItemData ItemOID="AE.AEOUT" IsNull="Yes"/>', more='TransactionType="Update"')],
        [("1", "Rash", "")],
    ),
    "update without a value": (
        [INSERTED, line(1, '<ItemData ItemOID="AE.AEOUT"/>', more='TransactionType="Update"')], [("1", "Rash", "")],
    ),
    "update of what was never inserted": (
        [line(1, RASH, more='TransactionType="Update"')], [("1", "Rash", "")],
    ),
    "upsert of a new line": ([line(1, RASH, more='TransactionType="Upsert"')], [("1", "Rash", "")]),
    "upsert of a known line": (
        [INSERTED, line(1, item("AE.AETERM", "Itch"), more='TransactionType="Upsert"')], [("1", "Itch", "2")],
    ),
    "inherited upsert": ([line(1, RASH)], [("1", "Rash", "")]),
    "remove": ([INSERTED, line(1, more='TransactionType="Remove"')], []),
    "remove with its old values": ([INSERTED, line(1, RASH, FATAL, more='TransactionType="Remove"')], []),
    "remove of one item": (
        [INSERTED, line(1, item("AE.AEOUT", "2", 'TransactionType="Remove"'), more='TransactionType="Context"')],
        [("1", "Rash", "")],
    ),
    "remove, then insert": (
        [INSERTED, REMOVED, line(1, ITCH, more='TransactionType="Insert"')],
        [("1", "Itch", "")],
    ),
    "remove, then update": (
        [INSERTED, REMOVED, line(1, ITCH, more='TransactionType="Update"')],
        [],
    ),
    "context of what is known": (
        [INSERTED, line(1, item("AE.AETERM", "Itch"), more='TransactionType="Context"')], [("1", "Rash", "2")],
    ),
    "context of what is new": ([line(1, RASH, more='TransactionType="Context"')], [("1", "Rash", "")]),
    "item updated in a group of context": (
        [INSERTED, line(1, item("AE.AETERM", "Itch", 'TransactionType="Update"'), more='TransactionType="Context"')],
        [("1", "Itch", "2")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TRANSACTIONS)
def test_transactions(export, name):
    lines, left = TRANSACTIONS[name]

    assert export.terms(transactional(*lines)) == left


@pytest.mark.parametrize("name", TRANSACTIONS)
def test_transactions_spread_over_files_give_the_same(export, name):
    lines, left = TRANSACTIONS[name]
    files = [
        transactional(one, created=f"2025-05-0{9 - n}T10:00:00", head=f'FileOID="F{n}" PriorFileOID="F{n - 1}"' if n
                      else 'FileOID="F0"')
        for n, one in enumerate(lines)
    ]  # fmt: skip

    # each file was made before the one it goes on from: PriorFileOID decides
    assert export.terms(*reversed(files)) == left


def test_a_later_file_wins_by_its_time_of_creation(export):
    early = transactional(INSERTED, created="2025-05-01T10:00:00+08:00")
    late = transactional(line(1, item("AE.AETERM", "Itch")), created="2025-05-01T04:00:00+00:00")

    assert export.terms(late, early) == [("1", "Itch", "2")]


@pytest.mark.parametrize("level", ["SubjectData", "StudyEventData", "FormData", "ItemGroupData"])
def test_remove_of_a_level_makes_all_below_it_inactive(export, level):
    data = transactional(INSERTED)
    gone = in_log(line(1)).replace(f"<{level} ", f'<{level} TransactionType="Remove" ')
    gone = gone if level != "SubjectData" else gone.replace("<FormData", '<FormData TransactionType="Context"', 1)
    export.write(data, "1.xml")
    export.write(odm(clinical(gone), kind="Transactional", created="2025-06-01T00:00:00"), "2.xml")
    export.write(
        odm(clinical(in_log(line(1, RASH), key="00102")), created="2025-06-02T00:00:00", kind="Transactional"), "3.xml"
    )

    read = read_export(export.folder, export.mini.study)
    counts = read.accounting[(read.accounting["form"] == "AE")].set_index("rule")["rows"].to_dict()
    assert counts == {"READ": 2, "KEPT": 1, "INACTIVE-RECORD": 1}
    assert ("RAW-108", "", "") in export.findings()


def test_an_update_without_an_insert_is_reported_on_its_record(export):
    export.write(transactional(line(3, item("RECORDID", "77"), RASH, more='TransactionType="Update"')))
    found = read_export(export.folder, export.mini.study).findings

    here = found[found["code"] == "RAW-151"]
    assert list(zip(here["form"], here["record_id"], here["severity"], strict=True)) == [("AE", "77", "warning")]


# --- keys -----------------------------------------------------------------------------------------------------------

PAGES = {
    # name: (what stands in the event, records: position, term)
    "log lines": ([form("AE", line(1, RASH), line(3, item("AE.AETERM", "Itch")))], [("1", "Rash"), ("3", "Itch")]),
    "items of the page stand on each line": (
        [form("AE", group(RASH), line(1, FATAL), line(2, FATAL))], [("1", "Rash"), ("2", "Rash")],
    ),
    "a page without lines is one record": ([form("AE", group(RASH))], [("0", "Rash")]),
    "OpenClinica's ungrouped items are of the page": (
        [form("AE", group(RASH, oid="IG_AE_UNGROUPED", more='ItemGroupRepeatKey="1"'), line(2, FATAL))],
        [("2", "Rash")],
    ),
    "Rave's context is of the page": (
        [form("AE", group(RASH, more='ItemGroupRepeatKey="@CONTEXT"'), line(2, FATAL))], [("2", "Rash")],
    ),
    "groups that share a key are one line": (
        [form("AE", line(1, RASH), group(FATAL, oid="IG2", more='ItemGroupRepeatKey="1"'))], [("1", "Rash")],
    ),
    "a form repeated in place of its lines": (
        [form("AE", group(RASH), more='FormRepeatKey="1"'),
         form("AE", group(item("AE.AETERM", "Itch")), more='FormRepeatKey="2"')],
        [("1", "Rash"), ("2", "Itch")],
    ),
    "two versions of a form": (
        [form("F_AE_V10", line(1, item("I_AE_AETERM", "Rash"))), form("F_AE_V2", line(2, item("I_AE_AETERM", "Itch")))],
        [("1", "Rash"), ("2", "Itch")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PAGES)
def test_repeat_keys_of_groups_and_forms(export, name):
    forms, records = PAGES[name]
    rows = export.read(odm(clinical(subject("00101", SUBJ, event("SCRN", *forms)))))

    assert list(zip(rows["_POSITION"], rows["AETERM"], strict=True)) == records
    assert rows["_RECORD"].is_unique


EVENTS = {
    # StudyEventOID, repeat key: folder, instance, name of the visit
    ("SCRN", ""): ("SCRN", "0", "SCRN"),
    ("SE_SCRN", ""): ("SCRN", "0", "SCRN"),
    ("UNS", "2"): ("UNS", "2", "UNS (2)"),
    ("UNS", "UNS[2]"): ("UNS", "2", "UNS (2)"),
    ("UNS", "SCRN[1]/UNS[3]"): ("UNS", "3", "UNS (3)"),
}


@pytest.mark.parametrize(("oid", "key"), EVENTS)
def test_events_and_their_repeat_keys(export, oid, key):
    more = f'StudyEventRepeatKey="{key}"' if key else ""
    rows = export.read(odm(clinical(subject("00101", SUBJ, event(oid, form("AE", line(1, RASH)), more=more)))))

    assert tuple(rows.loc[0, ["_FOLDER", "_INSTANCE", "_VISIT"]]) == EVENTS[oid, key]


def test_the_definitions_name_events_and_say_which_do_not_repeat(export):
    study = (
        '<Study OID="MINI(Prod)"><MetaDataVersion OID="1" Name="1">'
        '<StudyEventDef OID="SE_SCRN" Name="Screening" Repeating="No" Type="Scheduled"/>'
        '<StudyEventDef OID="UNS" Name="Unscheduled" Repeating="Yes" Type="Unscheduled"/></MetaDataVersion></Study>'
    )
    events = [event(oid, form("AE", line(1, RASH)), more='StudyEventRepeatKey="1"') for oid in ("SE_SCRN", "UNS")]
    rows = export.read(odm(study, clinical(subject("00101", SUBJ, *events))))

    assert list(zip(rows["_INSTANCE"], rows["_VISIT"], strict=True)) == [("0", "Screening"), ("1", "Unscheduled (1)")]


# --- values ---------------------------------------------------------------------------------------------------------

START = 'ItemOID="AE.AESTDAT"'
VALUES = {
    # name: (items of a line, field, value)
    "value": (RASH, "AETERM", "Rash"),
    "null": ('<ItemData ItemOID="AE.AETERM" IsNull="Yes"/>', "AETERM", ""),
    "null with OpenClinica's reason": (
        '<ItemData ItemOID="AE.AETERM" IsNull="Yes" OpenClinica:ReasonForNull="NASK"/>', "AETERM", "",
    ),
    "no item": ("", "AETERM", ""),
    "typed text": ('<ItemDataString ItemOID="AE.AETERM">Rash &amp; itch</ItemDataString>', "AETERM", "Rash & itch"),
    "typed text in CDATA": (
        '<ItemDataString ItemOID="AE.AETERM"><![CDATA[Rash <3 days]]></ItemDataString>', "AETERM", "Rash <3 days",
    ),
    "typed null": ('<ItemDataString ItemOID="AE.AETERM" IsNull="Yes"/>', "AETERM", ""),
    "typed number as code": ('<ItemDataInteger ItemOID="AE.AEOUT">2</ItemDataInteger>', "AEOUT", "2"),
    "typed date": (f"<ItemDataDate {START}>2025-03-10</ItemDataDate>", "AESTDAT", "2025-03-10"),
    "typed partial date": (f"<ItemDataPartialDate {START}>2025-03</ItemDataPartialDate>", "AESTDAT", "2025-03"),
    "typed incomplete date": (
        f"<ItemDataIncompleteDate {START}>2025-03--</ItemDataIncompleteDate>", "AESTDAT", "2025-03--",
    ),
    "partial date": (item("AE.AESTDAT", "2025"), "AESTDAT", "2025"),
    "date as typed": (item("AE.AESTDAT", "UN MAR 2025"), "AESTDAT", "UN MAR 2025"),
    "date shown with midnight": (item("AE.AESTDAT", "2025-03-10T00:00:00"), "AESTDAT", "2025-03-10"),
    "date with a time of day": (item("AE.AESTDAT", "2025-03-10T08:30:00"), "AESTDAT", "2025-03-10T08:30:00"),
    "typed time": ('<ItemDataTime ItemOID="AE.AETIM">08:30</ItemDataTime>', "AETIM", "08:30"),
    "line end and tab": (item("AE.AETERM", "a&#10;b&#9;c"), "AETERM", "a\nb\tc"),
    "Chinese": (item("AE.AETERM", "恶心"), "AETERM", "恶心"),
    "code": (FATAL, "AEOUT_DEC", "Fatal"),
    "no code": (item("AE.AEOUT", "Unwell"), "AEOUT_DEC", "Unwell"),
    "OpenClinica's item": (item("I_AE_AETERM", "Rash"), "AETERM", "Rash"),
    "bare item": (item("AETERM", "Rash"), "AETERM", "Rash"),
    "last of two": (RASH + item("AE.AETERM", "Itch"), "AETERM", "Itch"),
}  # fmt: skip


@pytest.mark.parametrize("name", VALUES)
def test_values_of_items(export, name):
    items, field, value = VALUES[name]
    rows = export.read(odm(clinical(in_log(line(1, items)))))

    assert rows.loc[0, field] == value


SYMBOL = "<Symbol><TranslatedText>kg</TranslatedText></Symbol>"
UNITS = {
    # unit as MeasurementUnitRef names it, definitions: unit as collected
    ("MU_kg", ""): "kg",
    ("kg", ""): "kg",
    ("U1", '<MeasurementUnit OID="U1" Name="kilo"/>'): "kilo",
    ("U1", f'<MeasurementUnit OID="U1" Name="kilo">{SYMBOL}</MeasurementUnit>'): "kg",
}  # fmt: skip


@pytest.mark.parametrize(("oid", "definition"), UNITS)
def test_units_of_measurement(export, oid, definition):
    weight = f'<ItemData ItemOID="VS.WEIGHT" Value="70.0"><MeasurementUnitRef MeasurementUnitOID="{oid}"/></ItemData>'
    study = f'<Study OID="MINI(Prod)"><BasicDefinitions>{definition}</BasicDefinitions></Study>'
    data = clinical(subject("00101", SUBJ, event("SCRN", form("VS", group(weight)))))
    rows = export.read(odm(study, data), form="VS")

    assert tuple(rows.loc[0, ["WEIGHT", "WEIGHT_UN"]]) == ("70.0", UNITS[oid, definition])


SAVES = {
    # name: (the subject, the last save of its line)
    "of the group": (in_log(line(1, stamp("2025-04-01T09:00:00"), RASH)), "2025-04-01T09:00:00"),
    "of an item": (
        in_log(line(1, f'<ItemData ItemOID="AE.AETERM" Value="Rash">{stamp("2025-04-02T09:00:00.123Z")}</ItemData>')),
        "2025-04-02T09:00:00",
    ),
    "the latest of two": (
        in_log(line(1, stamp("2025-04-03T09:00:00"), RASH), line(1, stamp("2025-04-01T09:00:00"), FATAL)),
        "2025-04-03T09:00:00",
    ),
    "of the form": (in_log(stamp("2025-04-04T09:00:00"), line(1, RASH)), "2025-04-04T09:00:00"),
    "of a signature, which is no save": (
        in_log("<Signature><DateTimeStamp>2025-04-05T09:00:00</DateTimeStamp></Signature>", line(1, RASH)),
        "2025-05-01T10:00:00",
    ),
    "none: no later than the file": (in_log(line(1, RASH)), "2025-05-01T10:00:00"),
}


@pytest.mark.parametrize("name", SAVES)
def test_the_last_save_is_that_of_the_audit_records(export, name):
    data, saved = SAVES[name]

    assert list(export.read(odm(clinical(data)))["_SAVED"]) == [saved]


# --- vendors and layouts --------------------------------------------------------------------------------------------


def test_openclinica(export):
    page = form("F_AE_V20", group(item("I_AE_AETERM", "Rash"), more='ItemGroupRepeatKey="2" TransactionType="Insert"'),
                more='OpenClinica:InterviewDate="2025-03-11" OpenClinica:Status="data entry complete"')  # fmt: skip
    gone = form("F_AE_V20", group(item("I_AE_AETERM", "Itch"), more='ItemGroupRepeatKey="1" TransactionType="Insert"'),
                more='OpenClinica:Status="removed"')  # fmt: skip
    data = subject(
        "SS_1", event("SE_SCRN", form("F_SUBJ", group())), event("SE_UNS", page, more='StudyEventRepeatKey="1"'),
        event("SE_UNS", gone, more='StudyEventRepeatKey="2"'), more='OpenClinica:StudySubjectID="00101"',
    )  # fmt: skip
    rows = export.read(odm(clinical(data)))

    places = ["_SUBJECT", "_SITE", "_FOLDER", "_INSTANCE", "_POSITION", "_PAGEDATE", "AETERM"]
    assert rows[places].to_numpy().tolist() == [["00101", "01", "UNS", "1", "2", "2025-03-11", "Rash"]]
    assert ("RAW-108", "", "") in export.findings()


def test_rave_web_services(export):
    """One ClinicalData for each record, identities of the EDC in attributes of its own."""

    def record(number: str, key: str, term: str, transaction: str) -> str:
        page = form("AE", group(item("AE.AETERM", term, f'TransactionType="{transaction}"'),
                                more=f'ItemGroupRepeatKey="{key}" mdsol:RecordId="{number}" TransactionType="Upsert"'),
                    more='FormRepeatKey="1" mdsol:DataPageId="900"')  # fmt: skip
        return clinical(subject("a-uuid", event("UNS", page, more='StudyEventRepeatKey="UNS[2]"'),
                                more='mdsol:SubjectName="00101" mdsol:SubjectKeyType="SubjectUUID"'))  # fmt: skip

    own = clinical(subject("a-uuid", SUBJ, more='mdsol:SubjectName="00101"'))
    parts = [own, record("501", "1", "Rash", "Insert"), record("502", "2", "Cough", "Insert"),
             record("501", "1", "Itch", "Update")]  # fmt: skip
    rows = export.read(odm(*parts))

    assert rows[["_SUBJECT", "_RECORD", "_POSITION", "_INSTANCE", "AETERM"]].to_numpy().tolist() == [
        ["00101", "501", "1", "2", "Itch"], ["00101", "502", "2", "2", "Cough"],
    ]  # fmt: skip


def test_another_prefix_for_a_vendors_namespace(export):
    text = odm(clinical(subject("SS_1", SUBJ, more='OpenClinica:StudySubjectID="00101"')))

    assert list(
        export.read(text.replace("OpenClinica:Stu", "oc:Stu").replace("xmlns:OpenClinica", "xmlns:oc"), form="SUBJ")[
            "_SUBJECT"
        ]
    ) == ["00101"]


def test_a_prefix_for_odm_itself(export):
    text = odm(clinical(in_log(line(1, RASH))))
    for name in (
        "ODM",
        "ClinicalData",
        "SubjectData",
        "SiteRef",
        "StudyEventData",
        "FormData",
        "ItemGroupData",
        "ItemData",
    ):
        text = text.replace(f"<{name}", f"<odm:{name}").replace(f"</{name}", f"</odm:{name}")

    assert export.terms(text.replace("xmlns=", "xmlns:odm=")) == [("1", "Rash", "")]


LAYOUT = """\
form_oids: ["CRF-{form}"]
item_oids: ["{field}@{form}"]
forms: {ADVERSE: AE}
items: {TERM: AE.AETERM}
events: {"1": SCRN}
subject: [{at: SubjectData@SubjectKey, take: 'MINI/(.+)'}]
site: [{at: ClinicalData@StudyOID, take: 'S_(\\d+)'}]
record: [ID]
active: [ACTIVE]
saved: [ItemGroupData@mdsol:Saved]
"""


def test_a_declared_layout(export):
    export.layout(LAYOUT)
    lines = [line(1, item("ID@AE", "7"), item("TERM", "Rash"), item("AEOUT@AE", "2"), item("ACTIVE@AE", "Yes"),
                  more='mdsol:Saved="2025-04-09T00:00:00"'),
             line(2, item("ID@AE", "8"), item("TERM", "Itch"), item("ACTIVE@AE", "no"))]  # fmt: skip
    data = subject("MINI/00101", event("1", form("CRF-SUBJ", group())), event("1", form("ADVERSE", *lines)), site="x")
    rows = export.read(odm(clinical(data, study="S_02")))

    places = ["_SUBJECT", "_SITE", "_FOLDER", "_RECORD", "AETERM", "AEOUT", "_SAVED"]
    assert rows[places].to_numpy().tolist() == [["00101", "02", "SCRN", "7", "Rash", "2", "2025-04-09T00:00:00"]]


# --- what is found --------------------------------------------------------------------------------------------------


def test_unknown_forms_and_items_are_found_once_each(export):
    export.write("not XML at all", "notes.txt")
    pk = event("SCRN", form("PK", group(item("PK.X", "1"))))
    lines = [line(1, item("AE.AETREM", "x")), line(2, item("AE.AETREM", "y"))]
    export.write(odm(clinical(in_log(*lines), subject("00102", SUBJ, pk))))

    assert export.findings() == [
        ("RAW-101", "", "PK"), ("RAW-102", "", "AETREM"), ("RAW-104", "", "notes.txt"), ("RAW-155", "", "VS"),
    ]  # fmt: skip


def test_a_code_that_means_something_else_in_the_export(export):
    def code(value: str, *texts: str) -> str:
        shown = "".join(f"<TranslatedText>{text}</TranslatedText>" for text in texts)
        return f'<CodeListItem CodedValue="{value}"><Decode>{shown}</Decode></CodeListItem>'

    items = "".join(
        f'<ItemRef ItemOID="AE.{name}" Mandatory="No"/>' for name in ("AETERM", "AESER", "AEOUT", "AESTDAT")
    )
    study = (
        '<Study OID="MINI(Prod)"><MetaDataVersion OID="1" Name="1"><FormDef OID="SUBJ" Name="s" Repeating="No">'
        '<ItemGroupRef ItemGroupOID="IGS" Mandatory="No"/></FormDef><FormDef OID="AE" Name="a" Repeating="No">'
        '<ItemGroupRef ItemGroupOID="IG" Mandatory="No"/></FormDef><ItemGroupDef OID="IGS" Name="s" Repeating="No">'
        '<ItemRef ItemOID="SUBJ.PREVSUBJ" Mandatory="No"/></ItemGroupDef>'
        f'<ItemGroupDef OID="IG" Name="a" Repeating="Yes">{items}'
        '</ItemGroupDef><ItemDef OID="AE.AEOUT" Name="x" DataType="text"><CodeListRef CodeListOID="CL"/></ItemDef>'
        '<CodeList OID="CL" Name="c" DataType="text">'
        + code("1", "康复", "Recovered") + code("2", "Recovering") + code("3", "Unknown")
        + "</CodeList></MetaDataVersion></Study>"
    )  # fmt: skip
    rows = export.read(odm(study, clinical(in_log(line(1, item("AE.AEOUT", "2")), line(2, item("AE.AEOUT", "3"))))))

    assert list(zip(rows["AEOUT"], rows["AEOUT_DEC"], strict=True)) == [("2", "Fatal"), ("3", "Unknown")]
    assert export.findings() == [("RAW-152", "AEOUT", "2")]


def test_two_studies_in_one_export(export):
    export.write(odm(clinical(in_log(line(1, RASH))), clinical(in_log(line(1, RASH), key="00102"), study="MINI(UAT)")))

    assert ("RAW-154", "", "MINI(Prod), MINI(UAT)") in export.findings()


def test_the_format_is_recognised_by_itself(export):
    export.write(odm(clinical(in_log(line(1, RASH)))))

    assert len(read_export(export.folder, export.mini.study).forms["AE"]) == 1


def test_file_and_line_say_where_a_record_stands(export):
    rows = export.read(odm(clinical(in_log(line(1, RASH), "\n", line(2, RASH)))))

    assert list(zip(rows["_FILE"], rows["_LINE"], strict=True)) == [("0.xml", 4), ("0.xml", 5)]


CHOICES = {"1": "Recovered", "2": "Fatal"}
ANSWERS = {
    # labels, answer, what the export offers: code, text
    (False, "", ""): ("", ""),
    (True, "", ""): ("", ""),
    (True, "Fatal", ""): ("2", "Fatal"),
    (True, "Died", "2"): ("2", "Fatal"),
    (True, "Unwell", "3"): ("3", "Unwell"),
    (False, "2", ""): ("2", "Fatal"),
    (False, "3", "3"): ("3", "Unwell"),
    (True, "2", ""): ("", "2"),
    (False, "Fatal", ""): ("", "Fatal"),
    (False, "4", ""): ("", "4"),
}


@pytest.mark.parametrize("case", ANSWERS, ids=str)
def test_code_and_text_of_an_answer(case):
    import pandas as pd

    labels, answer, known = case
    offered = {"2": {"2": "Died"}, "3": {"3": "Unwell"}}.get(known, {})
    codes, texts = code_and_text(pd.Series([answer], dtype="str"), CHOICES, offered, labels=labels)

    assert (codes[0], texts[0]) == ANSWERS[case]
