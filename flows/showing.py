"""How text from data and file names is shown: nothing in it moves a cursor, hides, or ends a line."""

from __future__ import annotations

import json
import re
from typing import Any

# C0 and C1 controls, line and paragraph separators, marks that change the direction of writing, zero-width
# characters, lone surrogates (names of files that are no UTF-8)
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
_LONGEST = 200


def visible(text: object, longest: int = _LONGEST) -> str:
    r"""A text on one line with what cannot be seen as its escape (`\x1b`, `\u202e`), cut in the middle where long."""
    whole = str(text)
    if len(whole) > longest:
        half = longest // 2
        whole = f"{whole[:half]} … {whole[-half:]} ({len(whole):,} characters)"
    return _UNSEEN.sub(_escaped, whole)


def as_json(data: Any) -> str:
    """JSON in which the same characters are escaped as JSON has it, so that the values are exact."""
    text = json.dumps(data, ensure_ascii=False, indent=1, allow_nan=False)
    return _UNSEEN.sub(lambda found: found[0] if found[0] == "\n" else f"\\u{ord(found[0]):04x}", text)


def _escaped(found: re.Match[str]) -> str:
    number = ord(found[0])
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}"
