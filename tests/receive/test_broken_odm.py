"""ODM files that are broken, unsafe or out of order: each ends with exit 11 and words that teach, at once."""

import subprocess
import sys
import time

import pytest

from flows.receive.xml_stream import MAX_DEPTH, MAX_MARKUP, MAX_TEXT
from specs.errors import InputError, SpecError
from tests.receive.odm_texts import SUBJ, OdmFolder, clinical, event, form, group, in_log, item, line, odm, subject

RASH = item("AE.AETERM", "Rash")
GOOD = odm(clinical(in_log(line(1, RASH))))
BOMB = (
    '<!DOCTYPE ODM [<!ENTITY a "haha">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(12))
    + "]>"
)


@pytest.fixture
def export(mini) -> OdmFolder:
    return OdmFolder(mini)


def doctype(declared: str, used: str = "Rash") -> str:
    return GOOD.replace("<ODM", f"{declared}<ODM", 1).replace("Rash", used)


def definitions(form: str = "AE", items: tuple[str, ...] = ("AETERM", "AESER", "AEOUT", "AESTDAT")) -> str:
    refs = "".join(f'<ItemRef ItemOID="{form}.{name}" Mandatory="No"/>' for name in items)
    return (
        '<Study OID="MINI(Prod)"><MetaDataVersion OID="1" Name="1"><FormDef OID="SUBJ" Name="s" Repeating="No">'
        '<ItemGroupRef ItemGroupOID="IGS" Mandatory="No"/></FormDef>'
        f'<FormDef OID="{form}" Name="a" Repeating="No"><ItemGroupRef ItemGroupOID="IG" Mandatory="No"/></FormDef>'
        '<ItemGroupDef OID="IGS" Name="s" Repeating="No"><ItemRef ItemOID="SUBJ.PREVSUBJ" Mandatory="No"/>'
        "</ItemGroupDef>"
        f'<ItemGroupDef OID="IG" Name="a" Repeating="Yes">{refs}</ItemGroupDef></MetaDataVersion></Study>'
    )


def with_definitions(*given: str) -> str:
    return odm(*given, clinical(in_log(line(1, RASH))))


BROKEN = {
    # name: (content of the file, code, words of the problem)
    "entity bomb": (doctype(BOMB, "&m;"), "INPUT-060", ["document type", "line 2", "ask who changed this one"]),
    "entity bomb that is not used": (doctype(BOMB), "INPUT-060", ["document type"]),
    "external entity": (
        doctype('<!DOCTYPE ODM [<!ENTITY x SYSTEM "file:///etc/passwd">]>', "&x;"), "INPUT-060", ["document type"],
    ),
    "external document type": (
        doctype('<!DOCTYPE ODM SYSTEM "http://localhost/x.dtd">'), "INPUT-060", ["document type"],
    ),
    "parameter entity": (
        doctype('<!DOCTYPE ODM [<!ENTITY % p SYSTEM "file:///dev/zero"> %p;]>'), "INPUT-060", ["document type"],
    ),
    "an entity nobody declares": (GOOD.replace("Rash", "&nbsp;"), "INPUT-063", ["An entity is used", "line 4"]),
    "too deep": (odm("<a>" * MAX_DEPTH + "</a>" * MAX_DEPTH), "INPUT-062", [f"over {MAX_DEPTH} deep"]),
    "clinical data too deep": (
        odm(clinical(subject("1", event("SCRN", form("AE", "<ItemGroupData>" * 99))))), "INPUT-062", ["deep"],
    ),
    "a tag too long": (GOOD.replace("Rash", "x" * (MAX_MARKUP * 2)), "INPUT-062", ["4 MiB"]),
    "a comment too long": (odm("<!--" + "x" * (MAX_MARKUP * 2) + "-->"), "INPUT-062", ["4 MiB"]),
    "a text too long": (
        GOOD.replace(RASH, f'<ItemDataString ItemOID="AE.AETERM">{"x" * (MAX_TEXT + 1)}</ItemDataString>'),
        "INPUT-062", ["1,048,576 characters"],
    ),
    "control character": (GOOD.replace("Rash", "Ra\x0bsh"), "INPUT-063", ["control character (U+000B)", "line 4"]),
    "control character as a reference": (GOOD.replace("Rash", "Ra&#11;sh"), "INPUT-063", ["control character"]),
    "GBK under the name of UTF-8": (
        GOOD.replace("Rash", "恶心").encode("gbk"), "INPUT-063", ["not in the encoding", "GBK"],
    ),
    "GBK by its name": (
        GOOD.replace("Rash", "恶心").replace("UTF-8", "GBK").encode("gbk"), "INPUT-012", ["encoding", "as UTF-8"],
    ),
    "an encoding nobody knows": (GOOD.replace("UTF-8", "KLINGON"), "INPUT-012", ["encoding"]),
    "a prefix without a namespace": (GOOD.replace("Value=", "x:Value="), "INPUT-063", ["prefix", "line 4"]),
    "elements that cross": (GOOD.replace("</FormData>", "</ItemGroupData>"), "INPUT-063", ["not the last one opened"]),
    "something after the end": (GOOD + "<more/>", "INPUT-063", ["follows the end"]),
    "empty": ("", "INPUT-011", ["empty"]),
    "cut in an element": (GOOD[: GOOD.index("Rash")], "INPUT-061", ["cut off", "</ODM>"]),
    "cut between elements": (GOOD[: GOOD.index("</SubjectData>")], "INPUT-061", ["cut off", "</ODM>"]),
    "cut before its last element": (GOOD.replace("</ODM>\n", ""), "INPUT-061", ["cut off"]),
    "cut within a character": (GOOD.replace("Rash", "恶").encode()[: GOOD.index("Rash") + 1], "INPUT-061", ["cut off"]),
    "no subject": (odm(clinical()), "INPUT-022", ["no subject"]),
    "definitions only": (odm(definitions()), "INPUT-022", ["no subject"]),
    "ODM of another version": (
        GOOD.replace("ns/odm/v1.3", "ns/odm/v2.0"), "INPUT-064", ["another version", "odm/v2.0", "ODM-XML 1.3.2"],
    ),
    "another FileType": (
        GOOD.replace("Snapshot", "Snapshoot"), "INPUT-064", ["'Snapshoot'", "did you mean 'Snapshot'"],
    ),
    "another TransactionType": (
        GOOD.replace("<FormData ", '<FormData TransactionType="Updat" ', 1),
        "INPUT-072", ["'Updat'", "did you mean 'Update'"],
    ),
    "no SubjectKey": (GOOD.replace('SubjectKey="00101"', ""), "INPUT-070", ["SubjectData has no SubjectKey", "line 4"]),
    "no FormOID": (GOOD.replace('FormOID="AE"', ""), "INPUT-070", ["FormData has no FormOID"]),
    "no ItemOID": (GOOD.replace('ItemOID="AE.AETERM"', ""), "INPUT-070", ["ItemData has no ItemOID"]),
    "a form outside an event": (
        odm(clinical(subject("1", form("AE", group())))), "INPUT-070", ["does not stand within StudyEventData"],
    ),
    "an item that the definitions lack": (
        with_definitions(definitions(items=("AETREM", "AESER", "AEOUT", "AESTDAT"))),
        "INPUT-068", ["Item AETERM (Term)", "did you mean 'AETREM'", "optional: true", "odm.yaml"],
    ),
    "a form that the definitions lack": (
        with_definitions(definitions(form="EA")), "INPUT-069", ["Form AE (Adverse events)", "FormDef", "odm.yaml"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_ends_the_run(export, name):
    text, code, words = BROKEN[name]
    export.write(text)
    started = time.process_time()

    problems = [p for p in export.refused() if f"{code} " in p]

    assert len(problems) == 1
    assert problems[0].startswith("11 ")
    for word in words:
        assert word in problems[0]
    assert time.process_time() - started < 2


def test_definitions_that_are_elsewhere_in_part_say_nothing_of_what_is_missing(export):
    text = with_definitions(definitions(items=("AETERM",)).replace("<FormDef", '<Include StudyOID="x"/><FormDef', 1))

    assert export.terms(text) == [("1", "Rash", "")]


def test_an_entity_bomb_costs_no_memory(export):
    """In a process of its own, with 2 GiB at most: resolved, this one would take 100 times as much."""
    path = export.write(doctype(BOMB, "&m;"))
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))\n"
        "from pathlib import Path\nfrom flows.receive.xml_stream import XmlStream, UnfitXmlError\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "try:\n    XmlStream(Path(sys.argv[1])).read(lambda n, a: None, lambda n: None)\n"
        "except UnfitXmlError as error:\n    print(error.problem.code)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=True, timeout=60)

    assert done.stdout.split() == ["INPUT-060", "True"]


SERIES = {
    # name: (files, each the attributes of its ODM element; code, words)
    "FileOID twice": (['FileOID="A"', 'FileOID="A"'], "INPUT-065", ["0.xml, 1.xml", "FileOID A"]),
    "a file is missing": (
        ['FileOID="A"', 'FileOID="C" PriorFileOID="B"'], "INPUT-066", ["1.xml", "FileOID B", "every file"],
    ),
    "a circle": (
        ['FileOID="A" PriorFileOID="B"', 'FileOID="B" PriorFileOID="A"'], "INPUT-065", ["0.xml, 1.xml", "circle"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SERIES)
def test_a_series_without_an_order_ends_the_run(export, name):
    heads, code, words = SERIES[name]
    for n, head in enumerate(heads):
        export.write(odm(clinical(in_log(line(n + 1, RASH))), kind="Transactional", head=head), f"{n}.xml")

    problems = [p for p in export.refused() if f"{code} " in p]
    assert len(problems) == 1
    for word in words:
        assert word in problems[0]


def test_files_without_a_time_of_creation_have_no_order(export):
    export.write(GOOD.replace("2025-05-01T10:00:00", "yesterday"), "0.xml")
    export.write(GOOD, "1.xml")

    assert ["INPUT-065" in p and "0.xml" in p and "CreationDateTime" in p for p in export.refused()] == [True]


def test_two_snapshots_of_the_same_end_the_run(export):
    export.write(GOOD, "monday.xml")
    export.write(GOOD.replace("2025-05-01", "2025-05-02"), "tuesday.xml")

    problem = "".join(export.refused())
    assert "INPUT-067" in problem
    assert "monday.xml, tuesday.xml" in problem
    assert "latest snapshot" in problem


def test_snapshots_of_different_subjects_are_one_export(export):
    assert export.terms(GOOD, odm(clinical(in_log(line(1, RASH), key="00102")))) == [("1", "Rash", "")] * 2


def test_a_study_that_is_not_the_one_declared(export):
    export.layout('study_oids: ["MINI(Prod)"]\n')
    export.write(GOOD.replace("MINI(Prod)", "MINI(UAT)"))

    problem = "".join(export.refused())
    assert "INPUT-071" in problem
    assert "did you mean 'MINI(Prod)'" in problem


LAYOUTS = {
    # odm.yaml: words of the problem
    "item_oids: ['{form}.{filed}']": ["knows no 'filed'", "did you mean 'field'"],
    "item_oids: ['{form}.x']": ["lacks {field}"],
    "form_oids: ['{form']": ["braces"],
    "forms: {F: EA}": ["no form 'EA'", "odm.yaml, forms.F"],
    "items: {I: AE.AETREM}": ["no field of form AE 'AETREM'", "odm.yaml, items.I", "did you mean 'AETERM'"],
    "site: [SiteReff@LocationOID]": ["no element 'SiteReff'", "did you mean 'SiteRef'"],
    "site: [SITE]": ["`site` is an attribute"],
    "subject: [{at: SubjectData@SubjectKey, take: '('}]": ["no regular expression"],
    "subject: [{at: SubjectData@SubjectKey, take: 'x'}]": ["no group"],
    "subjekt: []": ["Unknown key 'subjekt'", "did you mean 'subject'"],
}


@pytest.mark.parametrize("text", LAYOUTS)
def test_a_layout_with_a_fault_is_refused_before_any_data_is_read(export, text):
    with pytest.raises(SpecError) as caught:
        export.layout(text + "\n")

    for word in LAYOUTS[text]:
        assert word in str(caught.value)


def test_a_folder_without_xml(export):
    export.write("x", "a.txt")

    from flows.receive import read_export

    with pytest.raises(InputError) as caught:
        read_export(export.folder, export.mini.study, "odm")
    assert "INPUT-064" in str(caught.value)


def test_an_element_that_is_not_odm(export):
    export.write("<html/>")

    from flows.receive import read_export

    with pytest.raises(InputError) as caught:
        read_export(export.folder, export.mini.study, "odm")
    assert "its first element is html" in str(caught.value)


def test_the_subjects_own_record_may_come_last(export):
    late = subject("00101", event("SCRN", form("AE", line(1, RASH))), SUBJ)

    assert export.terms(odm(clinical(late))) == [("1", "Rash", "")]
