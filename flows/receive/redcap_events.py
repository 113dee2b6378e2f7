"""What the events of a REDCap project stand for: folders of the study, and which of their repeats."""

from __future__ import annotations

import re

from specs.loader import StudySpec

_ARM = re.compile(r"_arm_\d+$|\s*\(arm \d+:.*\)$", re.IGNORECASE)
_LAST_NUMBER = re.compile(r"(.+?)_?(\d+)")


class Events:
    """Looks events up, by unique name or by the name that an export with labels has."""

    def __init__(self, study: StudySpec, listed: dict[str, str]) -> None:
        self._declared = study.redcap.events
        self._names = listed
        self._unique = {name: unique for unique, name in listed.items()}
        self._folders = [visit.folder for visit in study.study.visits]
        self._unscheduled = study.study.unscheduled_folder or ""

    def place(self, event: str) -> tuple[str, str, str]:
        """The folder of an event, the repeat that is part of its name ("0" where none is), and what it is called.

        The first that applies decides:
          1. declared in redcap.yaml                                        -> that folder
          2. without its arm the name of a planned folder, in any letters   -> that folder
          3. the unscheduled folder's name and a number                     -> that folder, its repeat
          4. anything else                                                  -> the name without its arm, in capitals
        """
        bare = _ARM.sub("", event)
        unique = self._unique.get(event) or self._unique.get(bare) or event
        called = self._names.get(unique, "") or bare
        if unique in self._declared:
            return self._declared[unique], "0", called
        name = re.sub(r"\W+", "_", _ARM.sub("", unique)).strip("_")
        planned = self._planned(name)
        if planned:
            return planned, "0", called
        number = _LAST_NUMBER.fullmatch(name)
        if number and self._unscheduled and number[1].lower() == self._unscheduled.lower():
            return self._unscheduled, number[2], called
        return name.upper(), "0", called

    def _planned(self, name: str) -> str:
        for folder in [*self._folders, self._unscheduled]:
            pattern = re.escape(folder).replace(re.escape("{n}"), r"([1-9]\d*)")
            match = re.fullmatch(pattern, name, flags=re.IGNORECASE) if folder else None
            if match:
                return folder.replace("{n}", match[1]) if match.groups() else folder
        return ""
