"""What the program derives through SDTM, against what is derived here straight from the raw forms."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.double.raw_forms import read_casebooks
from tests.double.response import best_response, counted, read_assessments
from tests.double.survival import duration_of_response, overall_survival, progression_free
from tests.double.treatment import read_treatment
from tests.double.tumours import recomputed_responses

pytestmark = pytest.mark.slow
PREFIX = "QL1706-ESCC-"


@pytest.fixture(scope="module")
def export(study, tmp_path_factory):
    from flows.simulate import simulate_study

    return simulate_study(study, 300, 11, tmp_path_factory.mktemp("double") / "raw", clean=True).folder


@pytest.fixture(scope="module")
def adam(export, tmp_path_factory):
    from flows.pipeline import run_study
    from flows.request import RunRequest

    out = tmp_path_factory.mktemp("double") / "out"
    run_study(RunRequest("ql1706", export, out))
    return {name: pd.read_parquet(out / f"adam/{name}.parquet") for name in ("adsl", "adrs", "adtr", "adtte")}


@pytest.fixture(scope="module")
def derived(export):
    """Subject and what is derived -> its values, from the raw forms."""
    found = {}
    for number, book in read_casebooks(export).items():
        treatment = read_treatment(book)
        if treatment is None:
            continue
        subject = PREFIX + number
        assessments = read_assessments(book, treatment.first_dose)
        usable = counted(assessments, treatment)
        found[subject, "doses"] = tuple(str(day or "") for day in (treatment.first_dose, treatment.last_dose))
        found[subject, "OVR"] = tuple((a.day.isoformat(), a.response) for a in assessments)
        responses, sums = recomputed_responses(book)
        found[subject, "DOVR"] = tuple(responses)
        if sums:
            found[subject, "SUMDIAM"] = tuple(map(float, sums))
        found[subject, "BOR"] = best_response(usable, treatment.first_dose, confirmed=False)
        found[subject, "CBOR"] = best_response(usable, treatment.first_dose, confirmed=True)
        found[subject, "OS"] = overall_survival(treatment).values
        found[subject, "PFS"] = progression_free(treatment, assessments).values
        found[subject, "PFSS1"] = progression_free(treatment, assessments, primary=False).values
        duration = duration_of_response(treatment, assessments, usable)
        if duration:
            found[subject, "DOR"] = duration.values
    return found


def of_the_program(adam):
    adsl = adam["adsl"].query("SAFFL == 'Y'")
    first, last = (pd.to_datetime(adsl[name]).dt.strftime("%Y-%m-%d").fillna("") for name in ("TRTSDT", "TRTEDT"))
    found = {(s, "doses"): days for s, *days in zip(adsl["USUBJID"], first, last, strict=True)}
    found = {key: tuple(days) for key, days in found.items()}
    treated = set(adsl["USUBJID"])
    adrs = adam["adrs"][adam["adrs"]["USUBJID"].isin(treated)].sort_values("ADT")
    recomputed = adrs[adrs["PARAMCD"] == "DOVR"].groupby("USUBJID")["AVALC"].agg(tuple)
    found |= {(subject, "DOVR"): recomputed.get(subject, ()) for subject in treated}
    sums = adam["adtr"].query("PARAMCD == 'SUMDIAM'").sort_values("ADT").groupby("USUBJID")["AVAL"].agg(tuple)
    found |= {(subject, "SUMDIAM"): values for subject, values in sums.items() if subject in treated}
    adrs = adrs[adrs["PARCAT1"] == "INVESTIGATOR"].assign(DAY=pd.to_datetime(adrs["ADT"]).dt.strftime("%Y-%m-%d"))
    for subject in treated:
        own = adrs[(adrs["USUBJID"] == subject) & (adrs["PARAMCD"] == "OVR")].sort_values("ADT")
        found[subject, "OVR"] = tuple(zip(own["DAY"], own["AVALC"], strict=True))
    best = adrs[adrs["PARAMCD"].isin(["BOR", "CBOR"])]
    found |= {(s, p): v for s, p, v in zip(best["USUBJID"], best["PARAMCD"], best["AVALC"], strict=True)}
    adtte = adam["adtte"][adam["adtte"]["PARAMCD"].isin(["OS", "PFS", "PFSS1", "DOR"])]
    ends = pd.to_datetime(adtte["ADT"]).dt.strftime("%Y-%m-%d")
    times = zip(adtte["USUBJID"], adtte["PARAMCD"], adtte["AVAL"], adtte["CNSR"], ends, strict=True)
    return found | {(s, p): (float(aval), float(cnsr), end) for s, p, aval, cnsr, end in times}


def test_endpoints_from_the_raw_forms_are_those_of_adam(adam, derived):
    program = of_the_program(adam)
    differences = {
        key: (program.get(key), derived.get(key))
        for key in sorted(program.keys() | derived.keys())
        if program.get(key) != derived.get(key)
    }
    assert differences == {}
    compared = sum(1 if isinstance(value, str) else len(value) for value in derived.values())
    assert compared > 5_000  # values of about 250 treated subjects


def test_one_diameter_that_is_read_otherwise_is_seen(export, derived):
    books = read_casebooks(export)
    number = next(iter(n for n in books if (PREFIX + n, "SUMDIAM") in derived))
    row = books[number].rows("TARGET")[-1]
    row["LESDIAM"], row["LESSTAT_STD"] = str(float(row["LESDIAM"] or 0) + 0.1), "M"

    _, sums = recomputed_responses(books[number])

    assert tuple(map(float, sums)) != derived[PREFIX + number, "SUMDIAM"]


@pytest.mark.parametrize("what", ["doses", "OVR", "DOVR", "SUMDIAM", "BOR", "CBOR", "OS", "PFS", "PFSS1", "DOR"])
def test_the_study_has_enough_of_each_to_compare(derived, what):
    values = [value for (_, name), value in derived.items() if name == what]
    assert len(values) >= 20
    assert len(set(values)) > 2  # a comparison of one value throughout would say little


def test_every_way_to_end_that_a_clean_study_has_is_among_them(derived):
    ways = {name: {value[1] for (_, n), value in derived.items() if n == name} for name in ("OS", "PFS", "DOR")}
    assert {0.0, 1.0} <= ways["OS"]
    assert {0.0, 1.0, 4.0} <= ways["PFS"]
    assert {0.0, 1.0, 4.0} <= ways["DOR"]
