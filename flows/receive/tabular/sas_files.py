"""SAS files, transport (XPT) and SAS7BDAT: Char as it stands, numbers by their SAS formats, read in chunks of rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from flows.receive.tabular.as_text import TEXT
from flows.receive.tabular.sas_formats import sas_text
from flows.receive.tabular.source import LABEL_SUFFIX, LINE_COLUMN, ROWS_AT_ONCE, UnfitFileError, Wanted
from flows.receive.tabular.xpt_end import refuse_cut_xpt
from specs.counted import how_many
from specs.errors import Problem, did_you_mean

_AGAIN = "have the file exported or transferred again, as binary."
Read = Callable[..., tuple[Any, Any]]


@dataclass(frozen=True)
class SasFile:
    """A SAS file whose head is sound; names in capitals."""

    path: Path
    read: Read
    kind: str
    rows: int | None  # as the head says; a transport file does not say
    own_names: dict[str, str]  # in capitals -> as the file has it
    formats: dict[str, str]
    text_columns: set[str]
    labels: dict[str, dict[str, str]] = field(default_factory=dict)  # column -> value -> its label

    @property
    def columns(self) -> list[str]:
        """The file's columns, and one of labels for each that the catalogue has value labels for."""
        return [*self.own_names, *(name + LABEL_SUFFIX for name in self.labels)]

    def pieces(self, columns: Sequence[str]) -> Iterator[pa.Table]:
        """These columns as text, and LINE_COLUMN (record n on line n + 1, as in a CSV). Raises UnfitFileError."""
        wanted = list(dict.fromkeys(column.removesuffix(LABEL_SUFFIX) for column in columns))
        names = [self.own_names[column] for column in wanted]
        done = 0
        while True:
            data, _ = _reading(
                self.path, self.kind, self.read, usecols=names, row_offset=done, row_limit=ROWS_AT_ONCE,
                disable_datetime_conversion=True, output_format="dict",
            )  # fmt: skip
            texts = {column: self._text(column, data[self.own_names[column]]) for column in wanted}
            rows = len(texts[wanted[0]])
            for column in columns:
                if column.endswith(LABEL_SUFFIX):
                    own = column.removesuffix(LABEL_SUFFIX)
                    texts[column] = _labelled(texts[own], self.labels[own])
            lines = pa.array(np.arange(done + 2, done + rows + 2))
            done += rows
            yield pa.table({**{column: texts[column] for column in columns}, LINE_COLUMN: lines})
            if rows < ROWS_AT_ONCE:
                break
        if self.rows is not None and self.rows >= 0 and done != self.rows:
            fact = f"The file is cut off: its head says {how_many(self.rows, 'record')}, and {done:,} can be read."
            raise UnfitFileError(Problem("INPUT-042", self.path.name, fact, _AGAIN))

    def _text(self, column: str, values: Any) -> pa.Array:
        if column in self.text_columns:
            texts = pa.array(values, TEXT, from_pandas=True)
            return pc.ascii_rtrim(pc.fill_null(texts, ""), " ")  # SAS pads text with blanks
        return sas_text(np.asarray(values, dtype="float64"), self.formats[column])


def _labelled(values: pa.Array, labels: dict[str, str]) -> pa.Array:
    coded = values.dictionary_encode()
    return pa.array([labels.get(value, "") for value in coded.dictionary.to_pylist()], TEXT).take(coded.indices)


def open_xpt_file(path: Path, wanted: Wanted) -> SasFile:
    """Read the head of a transport file. Raises UnfitFileError: empty, cut off, unreadable."""
    import pyreadstat

    refuse_cut_xpt(path)
    return _opened(path, "SAS transport file", pyreadstat.read_xport, wanted, {})


def open_sas7bdat_file(path: Path, wanted: Wanted) -> SasFile:
    """Read the head of a SAS7BDAT file, and the catalogue of the layout. Raises UnfitFileError."""
    import pyreadstat

    return _opened(path, "SAS7BDAT file", pyreadstat.read_sas7bdat, wanted, _catalogue(wanted))


def _opened(path: Path, kind: str, read: Read, wanted: Wanted, catalogue: dict[str, dict[Any, str]]) -> SasFile:
    if path.stat().st_size == 0:
        raise UnfitFileError(Problem("INPUT-011", path.name, "The file is empty.", _AGAIN))
    encoding = wanted.layout.encoding

    def encoded(where: Path, **options: Any) -> tuple[Any, Any]:
        return read(where, encoding=encoding, **options) if encoding else read(where, **options)

    _, head = _reading(path, kind, encoded, metadataonly=True)
    own_names: dict[str, str] = {}
    for name in head.column_names:
        if name.upper() in own_names:
            fact = f"Column {name.upper()} stands twice, in capitals and in small letters."
            raise UnfitFileError(Problem("INPUT-017", path.name, fact, "have one of them left out of the export."))
        own_names[name.upper()] = name
    formats = {upper: str(head.original_variable_types.get(name) or "") for upper, name in own_names.items()}
    texts = {upper for upper, name in own_names.items() if head.readstat_variable_types[name] == "string"}
    labels = {upper: _as_words(catalogue[f]) for upper in own_names if (f := _bare(formats[upper])) in catalogue}
    return SasFile(path, encoded, kind, head.number_rows, own_names, formats, texts, labels)


def _catalogue(wanted: Wanted) -> dict[str, dict[Any, str]]:
    """The value labels of the layout's catalogue: format -> value -> label."""
    import pyreadstat

    name = wanted.layout.catalogue
    if name is None:
        return {}
    found = next((path for own, path in wanted.files.items() if own.lower() == name.lower()), None)
    if found is None:
        raise UnfitFileError(
            Problem(
                code="INPUT-009", place=name, fact="The layout's catalogue of value labels is missing.",
                hint=did_you_mean(name, wanted.files),
                next_step="have it exported, or take `catalogue` out of the layout.",
            )
        )  # fmt: skip
    _, head = _reading(found, "SAS catalogue", pyreadstat.read_sas7bcat)
    return {_bare(name): labels for name, labels in head.value_labels.items()}


def _bare(sas_format: str) -> str:
    """`YESNO3.` and `YESNO` are one format; `$YESNO.` is another."""
    return sas_format.upper().rstrip("0123456789").rstrip(".").rstrip("0123456789")


def _as_words(labels: dict[Any, str]) -> dict[str, str]:
    numbers = {value for value in labels if isinstance(value, float | int)}
    shown = sas_text(np.asarray(list(numbers), dtype="float64"), "").to_pylist()
    as_text = dict(zip(numbers, shown, strict=True))
    return {as_text[value] if value in numbers else str(value).rstrip(): str(text) for value, text in labels.items()}


def _reading(path: Path, kind: str, read: Read, **options: Any) -> tuple[Any, Any]:
    import pyreadstat

    try:
        return read(path, **options)
    except UnicodeDecodeError as error:
        raise UnfitFileError(
            Problem(
                code="INPUT-012", place=path.name, fact=f"A text in the file is not valid UTF-8: {error.reason}.",
                hint="it may be GBK or Latin-1.",
                next_step="say the file's `encoding` in the layout, or have it exported as UTF-8.",
            )
        ) from error  # fmt: skip
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, OSError, ValueError) as error:
        said = (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
        raise UnfitFileError(
            Problem(
                code="INPUT-043", place=path.name, fact=f"The file is no readable {kind}: {said}.",
                hint="it may be damaged, cut off, of another kind, or of another encoding.", next_step=_AGAIN,
            )
        ) from error  # fmt: skip
