"""The specs of ADLB and ADVS against the code and each other, and criteria with one fault each."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import specs
from adam import RULES
from specs import load_study
from specs.errors import SpecError
from specs.models import placeholders

FOLDER = Path(specs.__file__).parent / "ql1706"


@pytest.mark.parametrize(("dataset", "codelist"), [("ADLB", "LB_PARAMCD"), ("ADVS", "VS_PARAMCD")])
def test_specs_agree(study, dataset, codelist):
    spec = study.adam[dataset]
    assert {v.rule for v in spec.variables.values() if v.rule} <= RULES
    assert [name for name, v in spec.variables.items() if not v.origin] == []
    decodes = {name: term.decode for name, term in study.codelists[codelist].terms.items()}
    assert decodes == {name: parameter.param for name, parameter in spec.parameters.items()}
    assert set(spec.parameters) == set(study.codelists[f"{dataset[2:]}TESTCD"].terms) - {"LBALL"}
    units = study.units.groups(dataset[2:])
    assert {name: p.unit for name, p in spec.parameters.items()} == {name: g.unit for name, g in units.items()}


def test_sentences_take_their_numbers_from_the_parameters(study):
    for dataset in ("ADLB", "ADVS"):
        variables = study.adam[dataset].variables
        assert "safety_on_treatment_days" in placeholders(variables["ONTRTFL"].says)
        assert "safety_day1_untimed" in placeholders(variables["ABLFL"].says)
    assert "dlt_ctcae_version" in placeholders(study.adam["ADLB"].variables["ATOXGRL"].says)


FAULTS = {
    # name: (old text, new text, code, place, words)
    "another version": ('"5.0"', '"6.0"', "SPEC-006", "grading.yaml, ctcae_version", ["CTCAE 6.0", "5.0"]),
    "unknown test": ("  NEUT:", "  NEUTR:", "SPEC-006", "tests.NEUTR", ["no parameter 'NEUTR'", "did you mean 'NEUT'"]),
    "other unit": ("unit: g/L", "unit: g/dL", "SPEC-006", "tests.HGB.unit", ["in g/dL", "in g/L"]),
    "unknown key": ("{below: 25}", "{bellow: 25}", "SPEC-005", "PLAT", ["did you mean 'below'"]),
    "no comparison": ("{below: 25}", "{of: LLN}", "SPEC-005", "PLAT", ["one of `below`, `above` and `from`"]),
    "two comparisons": ("{below: 25}", "{below: 25, above: 1}", "SPEC-005", "PLAT", ["one of `below`"]),
    "wrong direction": ("{below: 25}", "{above: 25}", "SPEC-005", "PLAT", ["Low, grade 4"]),
    "unknown reference": ("{below: 1, of: LLN}", "{below: 1, of: LIMIT}", "SPEC-005", "NEUT", ["'LIMIT'"]),
    "grade 5": ("4: [{below: 25}]", "5: [{below: 25}]", "SPEC-005", "PLAT", ["5"]),
    "sum without a reference": ("{below: 25}", "{below: 25, plus: 1}", "SPEC-005", "PLAT", ["`of`"]),
    "no direction": (
        "    low:\n      term: Platelet",
        "    lows:\n      term: Platelet",
        "SPEC-005",
        "PLAT",
        ["'low'"],
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faulty_grading_is_refused_at_load(tmp_path, fault):
    refuses(tmp_path, "grading.yaml", *FAULTS[fault])


def refuses(tmp_path: Path, file: str, old: str, new: str, code: str, place: str, words: list[str]) -> None:
    folder = tmp_path / "ql1706"
    shutil.copytree(FOLDER, folder)
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(SpecError) as caught:
        load_study(str(folder))
    problems = [problem for problem in caught.value.problems if place in problem.place]
    assert [problem.code for problem in problems][:1] == [code]
    said = " ".join(str(problem) for problem in problems)
    for word in words:
        assert word in said


CRITERIA_FAULTS = {
    "unknown dataset": ("ADVS:", "ADVSS:", "SPEC-006", "criteria.yaml, ADVSS", ["did you mean 'ADVS'"]),
    "unknown parameter": (
        "  PULSE:",
        "  PULS:",
        "SPEC-006",
        "ADVS.PULS",
        ["no parameter 'PULS'", "did you mean 'PULSE'"],
    ),
    "no variable for it": (
        "{1: {above: 120}}",
        "{2: {above: 120}}",
        "SPEC-006",
        "ADVS.PULSE",
        ["'CRIT2'", "'CRIT2FL'"],
    ),
    "range upside down": ("{low: 60, high: 90}", "{low: 90, high: 60}", "SPEC-005", "DIABP.range", ["`low` is above"]),
    "range of nothing": ("{low: 60, high: 90}", "{}", "SPEC-005", "DIABP.range", ["`low`, `high`, or both"]),
    "unknown key": ("{from: 160}", "{form: 160}", "SPEC-005", "SYSBP", ["did you mean 'from'"]),
}


@pytest.mark.parametrize("fault", CRITERIA_FAULTS)
def test_faulty_criteria_are_refused_at_load(tmp_path, fault):
    refuses(tmp_path, "criteria.yaml", *CRITERIA_FAULTS[fault])


def test_a_parameter_tells_its_unit(tmp_path):
    folder = tmp_path / "ql1706"
    shutil.copytree(FOLDER, folder)
    path = folder / "adam" / "advs.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("param: Weight (kg)", "param: Weight"), encoding="utf-8")
    with pytest.raises(SpecError, match=r"`param` does not have the unit \(kg\)"):
        load_study(str(folder))
