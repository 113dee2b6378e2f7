"""What the OIDs of an ODM export stand for: forms, fields and folders of the study, by the patterns of its specs."""

from __future__ import annotations

import re
from collections.abc import Sequence

from specs.identity import UNIT_SUFFIX
from specs.loader import StudySpec

_PART = re.compile(r"\{(\w+)\}")
_VERSION = r"[Vv]?\d[\w.]*"
_REPEAT = re.compile(r"(?:^|\[)(\d+)\]?$")


class OidNames:
    """Looks OIDs up; each is looked at once."""

    def __init__(self, study: StudySpec) -> None:
        self._layout = study.odm
        self._fields = {form: set(spec.fields) for form, spec in study.forms.items()}
        self._units = {form: {name + UNIT_SUFFIX for name, field in spec.fields.items() if field.units}
                       for form, spec in study.forms.items()}  # fmt: skip
        self._identity = self._layout.identity_items()
        self._forms_seen: dict[str, str] = {}
        self._folders_seen: dict[str, str] = {}
        named = "|".join(sorted(map(re.escape, study.forms), key=len, reverse=True))
        self._forms = [_regex(pattern, form=f"(?i:{named})", version=_VERSION) for pattern in self._layout.form_oids]
        self._named = {form.upper(): form for form in study.forms}

    def form(self, oid: str) -> str:
        """The form of a FormOID; blank where the study has none."""
        if oid not in self._forms_seen:
            name = _first(self._forms, oid, "form").upper()
            self._forms_seen[oid] = self._layout.forms.get(oid) or self._named.get(name, "")
        return self._forms_seen[oid]

    def item(self, form: str, oid: str) -> tuple[str, bool]:
        """The name of an item of a form, and whether the study knows it: a field, its unit, or a part of identity."""
        named = self._layout.items.get(oid, "")
        if named:
            of_form, _, field = named.partition(".")
            return field, of_form == form
        guesses = []
        for pattern in self._layout.item_oids:
            match = _regex(pattern, form=f"(?i:{re.escape(form)})", field=r"\w+").fullmatch(oid)
            if match:
                guesses.append(match["field"])
        for guess in guesses:
            if guess in self._fields[form] or guess in self._units[form] or guess in self._identity:
                return guess, True
        return (guesses[0] if guesses else oid), False

    def folder(self, oid: str) -> str:
        """The folder of a StudyEventOID."""
        if oid not in self._folders_seen:
            patterns = [_regex(pattern, folder=".+") for pattern in self._layout.event_oids]
            self._folders_seen[oid] = self._layout.events.get(oid) or _first(patterns, oid, "folder") or oid
        return self._folders_seen[oid]

    def unit(self, oid: str) -> str:
        """The unit that the OID of a measurement unit speaks of by itself."""
        return _first([_regex(pattern, unit=".+") for pattern in self._layout.unit_oids], oid, "unit") or oid


def repeat_number(key: str) -> str:
    """The number of a repeat key (`2`, `C2D1[2]`, `SCRN[1]/UNS[2]`); a key without one stays as it is."""
    match = _REPEAT.search(key)
    return match[1] if match else key


def _regex(pattern: str, **parts: str) -> re.Pattern[str]:
    """The pattern with each placeholder as a named group."""
    pieces = _PART.split(pattern)
    return re.compile(
        "".join(f"(?P<{piece}>{parts[piece]})" if n % 2 else re.escape(piece) for n, piece in enumerate(pieces))
    )


def _first(patterns: Sequence[re.Pattern[str]], oid: str, name: str) -> str:
    """What the first pattern that fits has for the name; blank where none fits."""
    for pattern in patterns:
        match = pattern.fullmatch(oid)
        if match:
            return match[name]
    return ""
