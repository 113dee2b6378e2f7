"""What is read of SDTM is all that the rules ask for, of every analysis dataset."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections import defaultdict

import pandas as pd
import pytest

import adam
from adam.build import build_adam
from adam.inputs import take
from adam.reads import READS, needed_variables
from tests.adam.subject.example import example

CUTOFF = pd.Timestamp("2025-05-15")


@pytest.fixture
def asked(monkeypatch):
    """Domain -> the variables that rules take of it, as they take them."""
    found = defaultdict(set)

    def taking(sdtm, domain, columns):
        found[domain] |= set(columns)
        return take(sdtm, domain, columns)

    for module in pkgutil.walk_packages(adam.__path__, "adam."):
        importlib.import_module(module.name)
    for name, module in list(sys.modules.items()):
        if name.startswith("adam.") and getattr(module, "take", None) is take:
            monkeypatch.setattr(module, "take", taking)
    return found


def always(domain: str, variable: str) -> bool:
    return variable in ("USUBJID", f"{domain}SEQ") or variable.endswith("DTC")


def only(study, dataset):
    """The study with a dataset, and those that it rests on."""
    rests_on = {"ADTTE": ["ADRS"]}.get(dataset, [])
    return study.model_copy(update={"adam": {name: study.adam[name] for name in ["ADSL", *rests_on, dataset]}})


@pytest.mark.parametrize("dataset", list(READS))
def test_all_that_rules_take_is_read(study, asked, dataset):
    one = only(study, dataset)
    for cutoff in (None, CUTOFF):
        build_adam(example(1), one, cutoff)
    needed = needed_variables(one)
    missing = {
        f"{domain}.{variable}"
        for domain, variables in asked.items()
        for variable in variables
        if not domain.startswith("SUPP")
        and not always(domain, variable)
        and variable not in needed.get(domain, frozenset())
    }
    assert not missing
    assert asked["DM"]


def test_what_an_analysis_dataset_takes_over_is_read(study):
    needed = needed_variables(study)
    for variable in ("AETERM", "AESER", "AEOUT", "AEACN"):
        assert variable in study.adam["ADAE"].variables
        assert variable in needed["AE"]
    assert "LBTESTCD" not in needed_variables(only(study, "ADSL"))["LB"]


def test_what_is_taken_over_is_read_of_domains_without_a_spec_too(study):
    """A study may make ADaM from SDTM that others made, and spec that half alone."""
    without = study.model_copy(update={"sdtm": {}})
    read, of_spec = needed_variables(without), needed_variables(study)
    assert {"AETERM", "AESER", "AEOUT", "AEACN"} <= read["AE"]
    assert all(variables <= read[domain] for domain, variables in of_spec.items())


def test_of_a_dataset_whose_reading_is_not_known_all_is_read(study):
    other = {**study.adam, "ADZZ": study.adam["ADAE"]}
    assert needed_variables(study.model_copy(update={"adam": other})) is None
