"""The spec of a supplemental qualifier dataset (SUPP--), made from the spec of its domain."""

from __future__ import annotations

from specs.models import MAX_CHAR_BYTES, DatasetSpec, VariableSpec

PREFIX = "SUPP"

# SDTMIG 3.4, section 8.4.1: label, core, role, declared maximum in bytes, origin (of QVAL that of each qualifier);
# STUDYID and USUBJID are as in the domain
_VARIABLES: dict[str, tuple[str, str, str, int, str | None]] = {
    "STUDYID": ("Study Identifier", "Req", "Identifier", 40, "Protocol"),
    "RDOMAIN": ("Related Domain Abbreviation", "Req", "Identifier", 2, "Assigned"),
    "USUBJID": ("Unique Subject Identifier", "Req", "Identifier", 64, "Derived"),
    "IDVAR": ("Identifying Variable", "Exp", "Identifier", 8, "Assigned"),
    "IDVARVAL": ("Identifying Variable Value", "Exp", "Identifier", 40, "Assigned"),
    "QNAM": ("Qualifier Variable Name", "Req", "Topic", 8, "Assigned"),
    "QLABEL": ("Qualifier Variable Label", "Req", "Synonym Qualifier", 40, "Assigned"),
    "QVAL": ("Data Value", "Req", "Result Qualifier", MAX_CHAR_BYTES, None),
    "QORIG": ("Origin", "Req", "Record Qualifier", 40, "Assigned"),
    "QEVAL": ("Evaluator", "Exp", "Record Qualifier", 40, "Assigned"),
}


def supp_spec(domain: DatasetSpec) -> DatasetSpec:
    """The spec of SUPPxx for domain xx: the variables, labels, order and keys of SDTMIG 3.4's SUPPQUAL."""
    variables = {
        name: VariableSpec.model_validate(
            {"label": label, "type": "Char", "length": length, "core": core, "role": role, "origin": origin}
        )
        for name, (label, core, role, length, origin) in _VARIABLES.items()
    }
    for name in ("STUDYID", "USUBJID"):
        if name in domain.variables:
            own = domain.variables[name]
            given = {"length": own.length, "origin": own.origin, "says": own.says}
            variables[name] = variables[name].model_copy(update={key: value for key, value in given.items() if value})
    return DatasetSpec.model_validate(
        {
            "dataset": PREFIX + domain.dataset,
            "label": f"Supplemental Qualifiers for {domain.dataset}",
            "class": "Relationship",
            "structure": "One record per supplemental qualifier per related parent domain record(s)",
            "keys": ["STUDYID", "RDOMAIN", "USUBJID", "IDVAR", "IDVARVAL", "QNAM"],
            "may_be_empty": True,
            "variables": variables,
        }
    )


def is_supplemental(dataset: str) -> bool:
    """Whether a dataset name is that of a supplemental qualifier dataset."""
    return dataset.startswith(PREFIX) and len(dataset) > len(PREFIX)


def parent_domain(dataset: str) -> str:
    """AE for SUPPAE; any other name as it is."""
    return dataset.removeprefix(PREFIX) if is_supplemental(dataset) else dataset
