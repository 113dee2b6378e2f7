"""What stands before the clinical data of a simulated ODM file: the study, its forms, items, codes and sites."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from xml.sax.saxutils import escape

import pandas as pd

from flows.simulate.rave import Extras
from flows.simulate.records import Forms
from flows.simulate.schedule import Folder
from specs.identity import UNIT_SUFFIX
from specs.loader import StudySpec
from specs.models import FieldSpec, FormSpec

ITEM_OID = "{form}.{field}"
EVENT_OID = "SE.{folder}"  # the OIDs of definitions are unique, and some visits are called as forms are
_VERSION_OID = "1"
_IN_ATTRIBUTES = {'"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}
_IDENTITY = {"RECORDID": "Record id", "RECORDDATE": "Date of the page"}
_LONGEST = "2000"


def escaped(text: str) -> str:
    """Text as it stands in an attribute; line ends and tabs would become blanks there."""
    return escape(text, _IN_ATTRIBUTES)


def definitions(
    study: StudySpec, forms: Forms, extras: Extras, sites: pd.DataFrame, folders: Mapping[str, Folder], moment: str
) -> bytes:
    """The file from its first line to the start of the clinical data; `moment`: of the snapshot."""
    names = study.study
    oid = f"{names.project}(Prod)"
    repeating = {f for rows in forms.values() for f in rows.loc[rows["instance"] > 0, "folder"].unique()}
    units = sorted(
        {
            str(unit)
            for name, spec in study.forms.items()
            for field, one in spec.fields.items()
            if one.units
            for unit in forms[name][field + UNIT_SUFFIX].unique()
            if unit
        }
    )
    unknown = {name: [str(c) for c in frame] for name, frame in extras.forms.items()}
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        (f'<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" ODMVersion="1.3.2" FileType="Snapshot" Granularity="All" '
        f'FileOID="{names.project}.{moment}" CreationDateTime="{moment}+00:00" AsOfDateTime="{moment}+00:00">'),
        (f'<Study OID="{oid}"><GlobalVariables><StudyName>{escape(names.studyid)}</StudyName>'
        f"<StudyDescription>{escape(names.title)}</StudyDescription><ProtocolName>{escape(names.studyid)}</ProtocolName>"
        "</GlobalVariables>"),
        "<BasicDefinitions>",
        *(f'<MeasurementUnit OID="{escaped(unit)}" Name="{escaped(unit)}"><Symbol>{_translated(unit)}</Symbol>'
          "</MeasurementUnit>" for unit in units),
        "</BasicDefinitions>",
        f'<MetaDataVersion OID="{_VERSION_OID}" Name="Version 1">',
        "<Protocol>",
        *(f'<StudyEventRef StudyEventOID="{EVENT_OID.format(folder=name)}" OrderNumber="{n}" Mandatory="No"/>'
          for n, name in enumerate(folders, start=1)),
        "</Protocol>",
        *(f'<StudyEventDef OID="{EVENT_OID.format(folder=name)}" Name="{escaped(folder.name)}" '
          f'Repeating="{_yes(name in repeating)}" Type="Scheduled"/>' for name, folder in folders.items()),
        *_form_definitions({**{n: s.label for n, s in study.forms.items()}, **{n: n.title() for n in unknown}}),
        *(line for name, spec in study.forms.items() for line in _group(name, spec, extras)),
        *(line for name, columns in unknown.items()
          for line in _group(name, FormSpec(label=name.title(), fields={}), extras, columns)),
        *(line for name, spec in study.forms.items() for line in _items(name, spec, extras)),
        *(line for name, columns in unknown.items() for line in _plain_items(name, columns)),
        *(line for name, choices in study.choices.items() for line in _codelist(name, choices)),
        "</MetaDataVersion>",
        "</Study>",
        "<AdminData>",
        '<User OID="U.DM" UserType="Sponsor"/>',
        ('<Location OID="00" Name="Data management" LocationType="Sponsor">'
        f'<MetaDataVersionRef StudyOID="{oid}" MetaDataVersionOID="{_VERSION_OID}" EffectiveDate="{moment[:10]}"/>'
        "</Location>"),
        *(f'<Location OID="{number:02d}" Name="{escaped(str(name))}" LocationType="Site"><MetaDataVersionRef '
          f'StudyOID="{oid}" MetaDataVersionOID="{_VERSION_OID}" EffectiveDate="{moment[:10]}"/></Location>'
          for number, name in sites["name"].items()),
        "</AdminData>",
        f'<ClinicalData StudyOID="{oid}" MetaDataVersionOID="{_VERSION_OID}">',
    ]  # fmt: skip
    return ("\n".join(lines) + "\n").encode()


def _form_definitions(labels: Mapping[str, str]) -> Iterator[str]:
    for name, label in labels.items():
        yield (
            f'<FormDef OID="{name}" Name="{escaped(label)}" Repeating="Yes">'
            f'<ItemGroupRef ItemGroupOID="IG.{name}" Mandatory="Yes"/></FormDef>'
        )


def _group(form: str, spec: FormSpec, extras: Extras, columns: list[str] | None = None) -> Iterator[str]:
    names = columns if columns is not None else [*_IDENTITY, *spec.fields, *extras.columns.get(form, {})]
    yield f'<ItemGroupDef OID="IG.{form}" Name="{escaped(spec.label)}" Repeating="{_yes(spec.log)}">'
    yield from (f'<ItemRef ItemOID="{ITEM_OID.format(form=form, field=name)}" Mandatory="No"/>' for name in names)
    yield "</ItemGroupDef>"


def _items(form: str, spec: FormSpec, extras: Extras) -> Iterator[str]:
    yield from _plain_items(form, [*_IDENTITY, *extras.columns.get(form, {})])
    for name, field in spec.fields.items():
        yield _item_start(form, name) + f"<Question>{_translated(field.label)}</Question>{_offers(field)}</ItemDef>"


def _plain_items(form: str, names: list[str]) -> Iterator[str]:
    for name in names:
        yield _item_start(form, name) + f"<Question>{_translated(_IDENTITY.get(name, name))}</Question></ItemDef>"


def _item_start(form: str, name: str) -> str:
    oid = ITEM_OID.format(form=form, field=name)
    return f'<ItemDef OID="{oid}" Name="{name}" DataType="text" Length="{_LONGEST}">'


def _offers(field: FieldSpec) -> str:
    return f'<CodeListRef CodeListOID="CL.{field.choices}"/>' if field.choices else ""


def _codelist(name: str, choices: Mapping[str, str]) -> Iterator[str]:
    yield f'<CodeList OID="CL.{name}" Name="{name}" DataType="text">'
    yield from (
        f'<CodeListItem CodedValue="{escaped(code)}"><Decode>{_translated(text)}</Decode></CodeListItem>'
        for code, text in choices.items()
    )
    yield "</CodeList>"


def _translated(text: str) -> str:
    return f'<TranslatedText xml:lang="en">{escape(text)}</TranslatedText>'


def _yes(whether: bool) -> str:
    return "Yes" if whether else "No"
