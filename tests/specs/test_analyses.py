"""Analyses that name what the study does not have are refused at load."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from specs.analyses import Analyses, faults

OS = {
    "title": "Kaplan-Meier estimate",
    "reason": "SPECIFIED IN PROTOCOL",
    "purpose": "PRIMARY OUTCOME MEASURE",
    "datasets": {"ADTTE": {"where": {"PARAMCD": ["OS"], "FASFL": ["Y"]}, "variables": ["AVAL", "CNSR"]}},
    "says": "Censored after {time_to_event_gap_days} days.",
}


def analyses(**changed: object) -> Analyses:
    result = {**OS, **changed}
    return Analyses.model_validate({"displays": {"OS": {"name": "OS", "title": "OS", "results": {"KM": result}}}})


def test_the_studys_own_analyses_are_sound(study):
    assert study.analyses
    assert list(faults(study.analyses, study)) == []
    purposes = {(name, result.purpose) for name, d in study.analyses.displays.items() for result in d.results.values()}
    primary, secondary = "PRIMARY OUTCOME MEASURE", "SECONDARY OUTCOME MEASURE"
    assert {name for name, purpose in purposes if purpose == primary} == {"DLT", "OS"}
    assert {name for name, purpose in purposes if purpose == secondary} == {"PFS", "ORR", "DOR", "AE"}


@pytest.mark.parametrize(
    ("changed", "fact", "hint"),
    [
        ({"datasets": {"ADTE": {"variables": ["AVAL"]}}}, "There is no ADaM dataset 'ADTE'.", "'ADTTE'"),
        ({"datasets": {"ADTTE": {"variables": ["AVALL"]}}}, "There is no variable of ADTTE 'AVALL'.", "'AVAL'"),
        (
            {"datasets": {"ADTTE": {"where": {"PARAM": ["x"], "FASFLX": ["Y"]}, "variables": ["AVAL"]}}},
            "There is no variable of ADTTE 'FASFLX'.", "'FASFL'",
        ),
        (
            {"datasets": {"ADTTE": {"where": {"PARAMCD": ["PFSS"]}, "variables": ["AVAL"]}}},
            "There is no value of PARAMCD 'PFSS'.", "'PFSS1'",
        ),
        (
            {"datasets": {"ADAE": {"where": {"AESER": ["YES"]}, "variables": ["AETERM"]}}},
            "There is no value of AESER 'YES'.", "",
        ),
        ({"says": "{dlt_window}"}, "There is no study parameter 'dlt_window'.", "'dlt_window_days'"),
    ],
)  # fmt: skip
def test_what_the_study_does_not_have_is_named(study, changed, fact, hint):
    (problem,) = faults(analyses(**changed), study)

    assert problem.fact == fact
    assert problem.place.startswith("analyses.yaml, OS.KM")
    assert hint in problem.hint


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"purpose": "MAIN"}, "PRIMARY OUTCOME MEASURE"),
        ({"says": "open {brace"}, "braces"),
        ({"datasets": {}}, "at least 1"),
        ({"program": "km.sas"}, "unknown key 'program'"),
    ],
)
def test_what_is_no_analysis_is_refused(changed, words):
    with pytest.raises(ValidationError, match=words):
        analyses(**changed)
