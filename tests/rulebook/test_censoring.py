"""The rule book on time to event: event or censoring, and its day."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.adam.endpoints.time_to_event_cases import confirmed, records, responses, subjects
from tests.rulebook.book import each, section

PARAMETERS = {"PFS": "PFS", "cut-off": "PFS", "PFSS1": "PFSS1", "DOR": "DOR", "TTR": "TTR", "OS": "OS"}


@pytest.fixture(scope="module")
def found(study):
    """The records of each section's parameter, by subject."""
    out = {}
    for name, parameter in PARAMETERS.items():
        given = section(name).frame()
        adrs = pd.concat([responses(given), confirmed(given)], ignore_index=True)
        out[name] = records(adrs, subjects(given), study, parameter)
    return out


@pytest.mark.parametrize(("name", "line"), each(*PARAMETERS))
def test_the_first_case_that_holds_decides(name, line, found):
    row = found[name].loc[line["case"]].fillna("")
    assert [f"{row['CNSR']:g}", f"{row['AVAL']:g}"] == [line["cnsr"], line["aval"]]
    told = section(name)
    assert [row["EVNTDESC"], row["CNSDTDSC"]] == [told.word("event", line["event"]), told.word("at", line["at"])]


@pytest.mark.parametrize("name", PARAMETERS)
def test_a_record_a_case(name, found):
    assert sorted(found[name].index) == sorted(section(name).frame()["id"])
