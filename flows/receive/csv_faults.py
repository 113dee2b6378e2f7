"""What shows the bytes of a CSV file to be unfit: empty, of another encoding or delimiter, cut off, a bad header."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Collection

from specs.errors import Problem, did_you_mean

_OTHER_DELIMITERS = {";": "semicolon", "\t": "tab", "|": "vertical bar"}
TAIL = 4096  # the end mark stands within the last bytes


def line_of(raw: bytes, at: int) -> int:
    """The line on which a byte stands, the first line being 1."""
    return raw.count(b"\n", 0, at) + 1


def text_end(raw: bytes) -> int:
    """Where the last text ends, blank lines after it left off."""
    tail = raw[-TAIL:]
    return len(raw) - len(tail) + len(tail.rstrip())


def no_content(name: str, raw: bytes) -> Problem | None:
    """A file without any text."""
    if raw and not raw.isspace():
        return None
    fact, next_step = "The file is empty.", "have the file exported or transferred again."
    return Problem(code="INPUT-011", place=name, fact=fact, next_step=next_step)


def wrong_encoding(name: str, raw: bytes) -> Problem | None:
    """UTF-16, zero bytes, bytes that are no UTF-8, and the character that marks text already lost."""
    again = "export the file again as UTF-8."
    utf_16 = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if utf_16 or raw[:64].count(b"\0") > 16:
        fact = "The encoding is UTF-16, not UTF-8."
        return Problem(code="INPUT-012", place=name, fact=fact, next_step=again)
    zero = raw.find(b"\0")
    if zero >= 0:
        fact = f"Line {line_of(raw, zero)} holds zero bytes: the file is damaged."
        return Problem(code="INPUT-012", place=name, fact=fact, next_step="transfer the file again, as binary.")
    if raw.isascii():
        return None
    at = _first_fault(raw)
    if at is not None:
        fact = f"The text is not valid UTF-8: the first fault is on line {line_of(raw, at)}."
        return Problem(
            code="INPUT-012", place=name, fact=fact, hint=_likely_encoding(raw, at), next_step=again
        )  # fmt: skip
    lost = raw.count("\ufffd".encode())
    if lost:
        first = line_of(raw, raw.find("\ufffd".encode()))
        return Problem(
            code="INPUT-013", place=name,
            fact=f"{lost} character(s) are U+FFFD, the mark of text lost on the way to UTF-8, first on line {first}.",
            hint="GBK text that was read as UTF-8 looks like this; the characters cannot be won back from this file.",
            next_step=again + " If U+FFFD stands in the EDC itself, have the site enter the text again.",
        )  # fmt: skip
    return None


def _first_fault(raw: bytes) -> int | None:
    """Where the first byte stands that is no UTF-8."""
    step = 1 << 24
    start = 0
    while start < len(raw):
        stop = min(start + step, len(raw))
        while stop < len(raw) and stop > start and raw[stop] & 0xC0 == 0x80:  # not within a character
            stop -= 1
        try:
            raw[start:stop].decode("utf-8")
        except UnicodeDecodeError as error:
            return start + error.start
        start = stop if stop > start else start + step
    return None


def _likely_encoding(raw: bytes, at: int) -> str:
    """Names the encoding that the faulty line reads as."""
    start, stop = raw.rfind(b"\n", 0, at) + 1, raw.find(b"\n", at)
    line = raw[start : stop if stop >= 0 else len(raw)]
    if _decodes(line, "gb2312"):
        return "it reads as GBK (Chinese)."
    either = "GBK (Chinese), Latin-1" if _decodes(line, "gb18030") else "Latin-1"
    return f"it may be {either} or Windows-1252."


def _decodes(text: bytes, encoding: str) -> bool:
    try:
        text.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def wrong_delimiter(name: str, line: str, header: list[str], wanted: Collection[str]) -> Problem | None:
    """Another delimiter than the comma, or a first line that is no header of the export."""
    if set(wanted) & set(header):
        return None
    for delimiter, called in _OTHER_DELIMITERS.items():
        if set(wanted) & set(next(csv.reader([line], delimiter=delimiter), [])):
            return Problem(
                code="INPUT-014", place=name, fact=f"The columns are apart by a {called}, not by a comma.",
                next_step="export the file again with commas.",
            )  # fmt: skip
    hint = next((h for word in header if (h := did_you_mean(word, wanted))), "")
    return Problem(
        code="INPUT-015", place=name,
        fact=f"The first line is no header of this export: none of {', '.join(list(wanted)[:3])} ... is in it.",
        hint=hint, next_step="have the file exported again, with its header line.",
    )  # fmt: skip


def missing_end(name: str, raw: bytes, end_mark: str) -> Problem | None:
    """A last line that is not the end mark."""
    tail = raw[-TAIL:].rstrip()
    last = tail[max(tail.rfind(b"\n"), tail.rfind(b"\r")) + 1 :].strip()
    if last == end_mark.encode():
        return None
    return Problem(
        code="INPUT-016", place=name,
        fact=f"The last line is not {end_mark}: the file is cut off after line {line_of(raw, text_end(raw))}.",
        next_step="have the file exported or transferred again; a complete one ends with that line.",
    )  # fmt: skip


def header_faults(name: str, header: list[str]) -> list[Problem]:
    """Columns that the header has twice."""
    twice = sorted({column for column in header if header.count(column) > 1})
    return [
        Problem(
            code="INPUT-017", place=name, fact=f"The header has column {column or '(blank)'} twice.",
            next_step="have one of them left out of the export.",
        )
        for column in twice
    ]  # fmt: skip
