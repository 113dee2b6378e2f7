"""Reading SDTM that may lack optional variables or whole optional domains."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

# SDTM variables that are numeric; every other one is text (SDTMIG 3.4)
_NUMERIC = re.compile(r"(SEQ|NUM|DY|STRESN|DOSE|STNRLO|STNRHI)$|^AGE$")


def take(sdtm: Mapping[str, pd.DataFrame], domain: str, columns: Sequence[str]) -> pd.DataFrame:
    """A copy of a domain with exactly these columns, in this order, and a fresh index.

    Text becomes `str`, whether the domain has it so or categorical. A variable that the domain lacks is added as
    missing: text, or float64 where SDTM has a number (names that end in SEQ, NUM, DY, STRESN, DOSE, STNRLO, STNRHI, and
    AGE). An absent domain gives no rows. Blank text counts as missing. Row order and count stay.
    """
    frame = sdtm.get(domain)
    if frame is None:
        frame = pd.DataFrame()
    return pd.DataFrame({name: _column(frame, name) for name in columns}).reset_index(drop=True)


def take_coded(sdtm: Mapping[str, pd.DataFrame], domain: str, name: str) -> tuple[np.ndarray, pd.Series]:
    """A text variable of a domain as the number of its text in each row, -1 for a missing one, and the texts.

    For what is asked of each distinct text alone, in domains with millions of rows. No text is blank; a variable that
    the domain lacks is missing throughout, an absent domain has no rows.
    """
    frame = sdtm.get(domain)
    if frame is None or name not in frame:
        return np.full(0 if frame is None else len(frame), -1), pd.Series(dtype="str")
    codes, texts = codes_of(frame[name])
    blank = (texts == "").to_numpy()
    if blank.any():
        codes = np.where(spread(codes, blank, default=False), -1, codes)
    return codes, texts


def codes_of(column: pd.Series) -> tuple[np.ndarray, pd.Series]:
    """A column of text, `str` or categorical: the number of its text in each row, -1 for a missing one; the texts."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.cat.codes.to_numpy(), pd.Series(column.cat.categories, dtype="str")
    codes, texts = pd.factorize(column.astype("str"))
    return codes, pd.Series(texts, dtype="str")


def coded(texts: pd.Series, places: np.ndarray) -> pd.Categorical:
    """The text at each place, -1 for a missing one, as categorical: many rows with few texts, each held once."""
    codes, distinct = codes_of(texts)
    return pd.Categorical.from_codes(spread(places, codes, default=-1), pd.Index(distinct, dtype="str"))


def places_among(sdtm: Mapping[str, pd.DataFrame], domain: str, subjects: pd.Series) -> np.ndarray:
    """For each record of a domain the place of its USUBJID among those given, -1 for another one or none.

    Each distinct USUBJID is looked up once.
    """
    codes, texts = take_coded(sdtm, domain, "USUBJID")
    return spread(codes, pd.Index(subjects).get_indexer(pd.Index(texts)), default=-1)


def spread(codes: np.ndarray, of_texts: np.ndarray, default: object) -> np.ndarray:
    """What is known of each text, for each row that has it; the default for rows without one."""
    values: np.ndarray = np.append(of_texts, np.array([default], dtype=of_texts.dtype))[codes]
    return values


def of_subject(rows: pd.DataFrame, subjects: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Adds columns of a frame with one row a USUBJID to records of these subjects.

    A subject that the frame lacks gives missing values; text becomes categorical, which `finish` makes `str`. Row order
    and count stay; the index is fresh. Raises ValueError where a subject stands twice.
    """
    keys = pd.Index(subjects["USUBJID"])
    if not keys.is_unique:
        raise ValueError("USUBJID stands twice where each subject is to have one row")
    codes, texts = codes_of(rows["USUBJID"])
    places = spread(codes, keys.get_indexer(pd.Index(texts)), default=-1)
    beside = {
        name: coded(subjects[name], places)
        if isinstance(subjects[name].dtype, pd.StringDtype)
        else subjects[name].array.take(places, allow_fill=True)
        for name in names
    }
    return rows.reset_index(drop=True).assign(**beside)


def among(column: pd.Series, values: pd.Series | pd.Index) -> pd.Series:
    """Whether each text of a column is one of many others; a missing one is not. Index stays.

    As `isin`, which would make a Python object of each of the others.
    """
    if isinstance(column.dtype, pd.CategoricalDtype):
        of_texts = among(pd.Series(column.cat.categories, dtype="str"), values)
        return pd.Series(spread(column.cat.codes.to_numpy(), of_texts.to_numpy(), default=False), index=column.index)
    others = pd.Series(values, dtype="str").reset_index(drop=True)
    codes, texts = pd.factorize(pd.concat([others, column.astype("str")], ignore_index=True))
    there = np.zeros(len(texts) + 1, dtype=bool)  # the last place is that of the missing ones
    there[codes[: len(others)]] = True
    there[-1] = False
    return pd.Series(there[codes[len(others) :]], index=column.index)


def _column(frame: pd.DataFrame, name: str) -> pd.Series:
    numeric = bool(_NUMERIC.search(name))
    if name not in frame:
        return pd.Series(np.nan, index=frame.index, dtype="float64" if numeric else "str")
    column = frame[name]
    if numeric:
        return column.astype("float64")
    if isinstance(column.dtype, pd.CategoricalDtype):
        codes, texts = codes_of(column)
        return pd.Series(_known(texts).array.take(codes, allow_fill=True), index=column.index)
    return _known(column.astype("str"))


def _known(text: pd.Series) -> pd.Series:
    """The texts, blank ones missing."""
    blank = text == ""
    return text.mask(blank) if blank.any() else text
