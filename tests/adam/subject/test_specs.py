"""The specs of ADSL and ADAE, against the code."""

import pytest

from adam import RULES
from adam.rules.occurrence import OCCURRENCES
from specs.models import placeholders
from tests.adam.subject.conftest import with_parameter


@pytest.mark.parametrize("dataset", ["ADSL", "ADAE"])
def test_rules_exist_and_needs_are_variables(study, dataset):
    spec = study.adam[dataset]
    assert {v.rule for v in spec.variables.values() if v.rule} <= RULES
    assert {need for v in spec.variables.values() for need in v.needs} <= set(spec.variables)


@pytest.mark.parametrize("dataset", ["ADSL", "ADAE"])
def test_every_variable_says_how_it_is_made(study, dataset):
    silent = [name for name, v in study.adam[dataset].variables.items() if not v.says or not v.origin]
    assert silent == []


def test_sentences_take_their_numbers_from_the_parameters(study):
    says = study.adam["ADAE"].variables["TRTEMFL"].says
    assert "safety_teae_days" in placeholders(says)
    assert "90" not in says
    parameters = with_parameter(study, "safety", teae_days=30).study.parameters
    assert "up to 30 days after the last dose" in says.format(**parameters.flat())


def test_each_occurrence_flag_is_in_the_spec(study):
    assert set(OCCURRENCES) <= set(study.adam["ADAE"].variables)


def test_numbered_drugs_are_the_studys(study):
    numbered = [name for name in study.adam["ADSL"].variables if name.startswith("EOTSTT") and name != "EOTSTT"]
    assert numbered == [f"EOTSTT{n}" for n in range(1, len(study.study.drugs) + 1)]
