"""Texts over 200 bytes: begun in their variable, continued in SUPP-- (SDTMIG 3.4 section 4.5.3.2)."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

import numpy as np
import pandas as pd

from sdtm.distinct import by_distinct, take_distinct, texts_of
from sdtm.finish import judged, published
from specs.ascii_text import fits, room_for
from specs.codes import codes_of
from specs.mapping import SdtmDatasetSpec, SuppVariableSpec
from specs.models import MAX_CHAR_BYTES, VariableSpec
from specs.texts import beyond_ascii, byte_lengths

MOST_BYTES = 20_000  # of a text that is continued: beyond that it is no answer on a form, and would be 100s of QNAMs
_NAME = 8  # characters of a QNAM
_OWN_COLUMNS = ("CO", "TS", "TI")  # domains whose text goes on in further variables of their own (COVAL1, TSVAL1)
BLANKS = " \t\n\r\x0b\x0c"


@dataclass(frozen=True)
class Continued:
    """A domain whose texts fit: its records with the further parts as columns, QNAM -> spec of each, findings."""

    frame: pd.DataFrame
    qualifiers: dict[str, SuppVariableSpec] = field(default_factory=dict)
    findings: list[pd.DataFrame] = field(default_factory=list)


def continue_long_texts(frame: pd.DataFrame, spec: SdtmDatasetSpec) -> Continued:
    """Cut every text of 201 to 20,000 bytes into parts; row count, order and index stay, and no word is lost.

    A text has as many bytes as its longer form has: in UTF-8, or in ASCII as XPORT may have it (`specs.ascii_text`).

    The first part stays in the variable, the others become SUPP-- variables: QNAM is the variable's name with 1, 2, ...
    at its end, in place of its last letter where it has eight already; QLABEL and QORIG are the variable's.
    Non-standard variables and dates kept as collected go on likewise. Each such text is a finding SDTM-214. A longer
    one stays as it is: SDTM-204 reports it. CO and the trial design have variables of their own for this.
    """
    if spec.dataset in _OWN_COLUMNS:
        return Continued(frame)
    columns: dict[str, pd.Series] = {}
    qualifiers: dict[str, SuppVariableSpec] = {}
    findings: list[pd.DataFrame] = []
    for name, variable in {**published(spec), **spec.as_collected}.items():
        if variable.type == "Num" or name not in frame:
            continue
        if not _unfit(pd.Series(codes_of(frame[name])[1]), MAX_CHAR_BYTES).any():
            continue
        size = pd.Series(byte_lengths(frame[name]), index=frame.index)
        long = too_long(frame[name]) & (size <= MOST_BYTES)
        if not long.any():
            continue
        parts = _parts_of(frame.loc[long, name])
        names = [name, *_names(name, len(parts.columns) - 1, {*spec.made, *spec.as_collected, *qualifiers})]
        findings += judged("SDTM-214", frame, long, spec, name, bytes=size.astype("str"), where=", ".join(names[1:]))
        for qnam, part in zip(names, parts.columns, strict=True):
            rest = frame[name] if qnam == name else pd.Series(index=frame.index, dtype="str")
            columns[qnam] = rest.where(~long, parts[part].reindex(frame.index))
        qualifiers |= {qnam: _qualifier(variable) for qnam in names[1:]}
    return Continued(frame.assign(**columns) if columns else frame, qualifiers, findings)


def split_text(text: str, most: int = MAX_CHAR_BYTES) -> list[str]:
    """A text in parts of at most so many bytes, in UTF-8 as well as in ASCII (`specs.ascii_text`).

    The first matching line decides where a part ends:
      1. what is left fits -> at its end
      2. there is a blank in its latter half (or right behind it) -> before the last one; the blank is not repeated
      3. anything else -> behind the last whole character that fits, at least one
    """
    parts, rest = [], text
    while (room := room_for(rest, most)) < len(rest):
        blank = max(rest[: room + 1].rfind(character) for character in BLANKS)
        end = blank if blank > 0 and not fits(rest[:blank], most // 2) else max(room, 1)
        parts.append(rest[:end].rstrip(BLANKS))
        rest = rest[end:].lstrip(BLANKS)
    return [*parts, rest]


def too_long(texts: pd.Series, most: int = MAX_CHAR_BYTES) -> pd.Series:
    """Which texts need more than one part."""
    return by_distinct(texts, partial(_unfit, most=most))


def _unfit(distinct: pd.Series, most: int) -> pd.Series:
    unfit = byte_lengths(distinct) > most
    wide = beyond_ascii(distinct)
    if wide.any():
        unfit[wide] = [not fits(text, most) for text in texts_of(distinct[wide])]
    return pd.Series(unfit, dtype="bool")


def _parts_of(texts: pd.Series) -> pd.DataFrame:
    codes, distinct = pd.factorize(texts)
    split = [split_text(text) for text in distinct]
    most = max(map(len, split))
    columns = {
        n: take_distinct(pd.Series([p[n] if n < len(p) else np.nan for p in split], dtype="str"), codes, texts.index)
        for n in range(most)
    }
    return pd.DataFrame(columns, index=texts.index)


def _names(variable: str, count: int, taken: set[str]) -> list[str]:
    """QNAMs for the further parts of a variable, none of them in use for something else."""
    names: list[str] = []
    number = 0
    while len(names) < count:
        number += 1
        name = variable[: _NAME - len(str(number))] + str(number)
        if name not in taken:
            names.append(name)
    return names


def _qualifier(variable: VariableSpec) -> SuppVariableSpec:
    evaluator = variable.eval if isinstance(variable, SuppVariableSpec) else ""
    return SuppVariableSpec(label=variable.label, type="Char", origin=variable.origin, eval=evaluator)
