"""What every reader of typed texts needs: characters made plain, words that mean "not known"."""

from __future__ import annotations

import unicodedata

UNKNOWN = frozenset(("UN", "UNK", "UK", "NK", "ND", "XX", "XXX", "XXXX", "UNKN", "UNKNOWN", "不详", "未知"))


def plain_text(text: str) -> str:
    """Full-width characters made plain, upper case, no blanks at either end."""
    return unicodedata.normalize("NFKC", text).upper().strip()


def is_wide(text: str) -> bool:
    """Whether a text holds full-width characters."""
    return not text.isascii() and any("\uff01" <= c <= "\uff5e" or c == "\u3000" for c in text)
