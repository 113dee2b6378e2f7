"""Which records belong together, declared in `relations.yaml`; RELREC is made from it (SDTMIG 3.4 section 8)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field

from specs import identity
from specs.errors import Problem, did_you_mean
from specs.models import Name, Strict


class Side(Strict):
    """One of the datasets of a relationship, and the variable whose values pair the records."""

    domain: Name
    variable: Name  # IDVAR
    type: Literal["ONE", "MANY"]


class DatasetRelation(Strict):
    """A relationship of whole datasets (section 8.3)."""

    relid: str
    sides: Annotated[list[Side], Field(min_length=2)]


class End(Strict):
    """One end of a link between records: a variable or helper of the domain, or an identity column (`_POSITION`)."""

    domain: Name
    by: str


class RecordLink(Strict):
    """Records of a person that one form's field links to a record of another form (section 8.2).

    A record of `child` whose `by` has the text that a record of `parent` has in its `by` is related to it.
    """

    parent: End
    child: End


class Relations(Strict):
    """`relations.yaml`."""

    datasets: list[DatasetRelation] = []
    records: list[RecordLink] = []

    def helpers(self, domain: str) -> set[str]:
        """What a domain's records are linked by."""
        return {end.by for link in self.records for end in (link.parent, link.child) if end.domain == domain}


def faults(relations: Relations, study: Any) -> Iterator[Problem]:
    """Domains and variables that the study (StudySpec) does not have."""
    named = [(side.domain, side.variable) for relation in relations.datasets for side in relation.sides]
    named += [(end.domain, end.by) for link in relations.records for end in (link.parent, link.child)]
    for domain, variable in named:
        if domain not in study.sdtm:
            yield _no_such("dataset", domain, list(study.sdtm))
        elif variable not in study.sdtm[domain].made and variable not in identity.IDENTITY:
            yield _no_such(f"variable of {domain}", variable, list(study.sdtm[domain].made))
    if "RELREC" not in study.sdtm:
        yield _no_such("dataset", "RELREC", list(study.sdtm))


def _no_such(what: str, word: str, known: list[str]) -> Problem:
    return Problem(
        code="SPEC-006", place="relations.yaml", fact=f"There is no {what} '{word}'.",
        hint=did_you_mean(word, known), next_step="mend the name, or add it to the specs.",
    )  # fmt: skip
