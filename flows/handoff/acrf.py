"""The annotated CRF in miniature: one HTML page with every form, its fields, and where each goes in SDTM.

The page needs no network and no script. Annotations follow the conventions for annotated CRFs (SDTM Metadata Submission
Guidelines 2.0, section 3): DATASET.VARIABLE in the colour that the dataset has on the form, `when` for records of one
test, SUPP-- with its QNAM, [NOT SUBMITTED] where a field reaches no variable.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib.resources import files

from flows.handoff.html import Content, Html, tag
from specs import StudySpec, identity
from specs.coverage import CONDITION, HEADER, PICK, FieldCoverage, Place, field_coverage
from specs.models import FieldSpec, FormSpec
from specs.supplemental import parent_domain

_COLOURS = 6  # d0 to d5 of the style sheet
_AS_TYPED = {"DMY": "DD MMM YYYY", "MDY": "MM/DD/YYYY", "YMD": "YYYY-MM-DD"}


def annotated_crf(study: StudySpec) -> str:
    """The page: the same bytes for the same specs."""
    covered = field_coverage(study)
    of_form = {form: [c for c in covered if c.form == form] for form in study.forms}
    domains = [tag("section", _domain(study, d, covered), css="domain", anchor=_id("domain", d)) for d in study.sdtm]
    main = tag(
        "main",
        _head(study, covered),
        [_form(study, form, of_form[form]) for form in study.forms],
        tag("h2", "Index by domain", css="part", anchor="domains"),
        domains,
        tag("footer", f"Made from the study's specs by cdisc-flows; SHA-256 of the specs {study.digest}."),
    )
    style = files("flows.handoff").joinpath("acrf.css").read_text(encoding="utf-8")
    head = tag(
        "head",
        Html('<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'),
        tag("title", f"{study.studyid}: annotated CRF"),
        Html(f"<style>\n{style}</style>"),
    )
    return f'<!DOCTYPE html>\n<html lang="en">\n{head}\n{tag("body", _contents(study), main)}\n</html>\n'


def _contents(study: StudySpec) -> Html:
    forms = [(_id("form", name), name, form.label) for name, form in study.forms.items()]
    domains = [(_id("domain", name), name, spec.label) for name, spec in study.sdtm.items()]
    return tag("nav", _links("Forms", forms), _links("Domains", domains))


def _links(title: str, links: list[tuple[str, str, str]]) -> list[Html]:
    items = [tag("li", tag("a", tag("code", name), " ", label, href=f"#{to}")) for to, name, label in links]
    return [tag("h2", title), tag("ul", items)]


def _head(study: StudySpec, covered: list[FieldCoverage]) -> Html:
    fields = [c for c in covered if c.field not in HEADER]
    missing = sum(c.unexplained for c in fields)
    figures = [
        (len(study.forms), "forms"),
        (len(fields), "fields"),
        (sum(c.reaches for c in fields), "reach SDTM"),
        (sum(bool(c.not_submitted) for c in fields), "not submitted, with a reason"),
        (missing, "without a reason"),
    ]
    shown = [tag("div", tag("dt", word), tag("dd", f"{count:,}")) for count, word in figures]
    facts = f"{study.studyid}  ·  SDTMIG {study.study.sdtmig}  ·  Controlled Terminology {study.study.ct_version}"
    return tag(
        "header",
        tag("p", "Annotated case report form", css="over"),
        tag("h1", study.study.title),
        tag("p", facts, css="facts"),
        tag("dl", shown, css="figures"),
        _key(),
    )


def _key() -> Html:
    chip = tag("span", tag("b", "VS.VSORRES"), " when VSTESTCD = TEMP", css="to d0")
    supplemental = tag("span", tag("b", "SUPPAE.QVAL"), " when QNAM = AEDLT", css="to d1")
    common = (
        "Every record also has STUDYID, DOMAIN and USUBJID, most have a sequence number, and those of a visit "
        "VISITNUM, VISIT and VISITDY: from the study, the subject's number and the visit's folder. A date or number "
        "that cannot be read is kept in SUPP-- as it was collected."
    )
    return tag(
        "div",
        tag("p", chip, "the dataset and variable that hold the answer; the colour is that of the dataset on the form"),
        tag("p", supplemental, "a non-standard variable, by its name in the supplemental qualifiers"),
        tag("p", tag("span", "[NOT SUBMITTED]", css="none"), "the answer is in no dataset; the reason follows"),
        tag("p", common),
        css="key",
    )


# --- forms ----------------------------------------------------------------------------------------------------


def _form(study: StudySpec, name: str, covered: list[FieldCoverage]) -> Html:
    form = study.forms[name]
    datasets = list(dict.fromkeys(parent_domain(p.dataset) for c in covered for p in c.places if p.dataset))
    colours = {dataset: f"d{index % _COLOURS}" for index, dataset in enumerate(datasets)}
    badges = [
        tag("a", tag("b", d), f" = {study.sdtm[d].label}", css=f"to {colours[d]}", href=f"#{_id('domain', d)}")
        for d in datasets
        if d in study.sdtm
    ]
    units = {c.field: c for c in covered}
    rows = [
        _row(form, c, units.get(c.field + identity.UNIT_SUFFIX), study, colours)
        for c in covered
        if c.field in form.fields or c.field in HEADER
    ]
    heads = tag("tr", [tag("th", word) for word in ("Field", "Answer", "SDTM")])
    kind = "Log form: one record a line" if form.log else "One record a page"
    return tag(
        "section",
        tag(
            "header",
            tag("h2", tag("code", name), form.label),
            tag("p", kind + (", may be absent from an export" if form.optional else ""), css="note"),
            tag("div", badges, css="domains") if badges else None,
        ),
        tag("table", tag("thead", heads), tag("tbody", rows)),
        css="form",
        anchor=_id("form", name),
    )


def _row(
    form: FormSpec, field: FieldCoverage, unit: FieldCoverage | None, study: StudySpec, colours: dict[str, str]
) -> Html:
    spec = form.fields.get(field.field)
    answer: Content = _answer(spec, study) if spec else tag("span", "kept by the EDC", css="line muted")
    shown = [*_annotations(field, colours), *(_annotations(unit, colours) if unit else [])]
    name = tag("code", field.field, css="name") if spec else None
    return tag(
        "tr",
        tag("td", field.label, name, anchor=field_anchor(field.form, field.field)),
        tag("td", answer),
        tag("td", shown),
    )


def _answer(field: FieldSpec, study: StudySpec) -> list[Html]:
    if field.choices:
        choices = study.choices[field.choices]
        items = [tag("li", tag("code", code), tag("span", text)) for code, text in choices.items()]
        return [tag("ul", items, css="choices")]
    inside = {"date": _AS_TYPED.get(field.order or "", ""), "time": "hh:mm", "number": "number"}.get(field.kind, "text")
    return [tag("span", inside, css="blank"), *([tag("span", "unit", css="blank")] if field.units else [])]


def _annotations(field: FieldCoverage, colours: dict[str, str]) -> list[Html]:
    """A line for each place; what decides about records is said only of datasets that the answer does not stand in."""
    lines = [_annotation(place, colours) for place in field.places if place.reaches]
    standing = {parent_domain(place.dataset) for place in field.places if place.reaches}
    deciding = dict.fromkeys(
        p.dataset for p in field.places if p.how in (CONDITION, PICK) and p.dataset not in standing
    )
    if not field.reaches:
        reason = field.not_submitted or f"The specs give no reason{_of_unit(field)}."
        css = "none" if field.not_submitted else "none bad"
        lines.append(tag("p", tag("span", "[NOT SUBMITTED]", css=css), tag("span", reason, css="how"), css="line"))
        checks = [place.how.removeprefix("check ") for place in field.places if not place.dataset]
        if checks:
            lines.append(tag("p", f"Read by check {', '.join(dict.fromkeys(checks))}.", css="line muted"))
    if deciding:
        lines.append(tag("p", f"Decides which records {_listed(deciding)} has.", css="line muted"))
    return lines


def _of_unit(field: FieldCoverage) -> str:
    return ", of the unit" if field.field.endswith(identity.UNIT_SUFFIX) else ""


def _annotation(place: Place, colours: dict[str, str]) -> Html:
    when = f" when {place.when}" if place.when else ""
    if place.supplemental:
        target, when = f"{place.dataset}.QVAL", f" when QNAM = {place.variable}" + when.replace(" when ", ", ")
    else:
        target = f"{place.dataset}.{place.variable}" if place.variable else place.dataset
    chip = tag("span", tag("b", target), when, css=f"to {colours[parent_domain(place.dataset)]}")
    return tag("p", chip, tag("span", place.how, css="how"), css="line")


# --- the index by domain --------------------------------------------------------------------------------------


def _domain(study: StudySpec, name: str, covered: list[FieldCoverage]) -> list[Html]:
    spec = study.sdtm[name]
    sources: dict[tuple[str, str], list[tuple[FieldCoverage, Place]]] = {}
    for field in covered:
        for place in field.places:
            if place.reaches and parent_domain(place.dataset) == name:
                sources.setdefault((place.dataset, place.variable), []).append((field, place))
    rows = [_variable(v, s.label, sources[name, v]) for v, s in spec.variables.items() if (name, v) in sources]
    rows += [
        _variable(f"{dataset}.{variable}", spec.supplemental[variable].label, found)
        for (dataset, variable), found in sources.items()
        if dataset != name
    ]
    rows += [_variable("", "Read by a step of the mapping", found) for (d, v), found in sources.items() if not v]
    others = [v for v in spec.variables if (name, v) not in sources]
    heads = tag("tr", [tag("th", word) for word in ("Variable", "Label", "From")])
    header = tag("header", tag("h3", tag("code", name), spec.label), tag("p", f"{spec.structure}.", css="note"))
    return [
        header,
        *([tag("table", tag("thead", heads), tag("tbody", rows))] if rows else []),
        *([tag("p", f"From no field: {', '.join(others)}.", css="rest")] if others else []),
    ]


def _variable(name: str, label: str, found: list[tuple[FieldCoverage, Place]]) -> Html:
    lines = []
    for field, place in found:
        shown = f"{field.form}.{field.field}" if field.field not in HEADER else f"{field.form}, {field.label.lower()}"
        link = tag("a", shown, href=f"#{field_anchor(field.form, field.field)}")
        how = place.how + (f"; {place.when}" if place.when else "")
        lines.append(tag("p", link, tag("span", how, css="how"), css="line"))
    return tag("tr", tag("td", tag("b", name)), tag("td", label), tag("td", lines))


def _listed(words: Iterable[str]) -> str:
    every = list(words)
    return " and ".join([", ".join(every[:-1]), every[-1]] if len(every) > 1 else every)


def field_anchor(form: str, field: str) -> str:
    """The anchor of a field on the page; a unit stands with its number."""
    own = field if field in HEADER else field.removesuffix(identity.UNIT_SUFFIX)
    return _id("field", f"{form}.{own}")


def _id(kind: str, name: str) -> str:
    return f"{kind}-{re.sub(r'[^A-Za-z0-9_.-]', '-', name)}"
