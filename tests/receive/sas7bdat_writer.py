"""Writes small SAS7BDAT files and catalogues for tests, by ReadStat's writer, which pyreadstat does not offer.

No SAS wrote these files: they show that the reader reads what ReadStat writes (names, formats, text, missing numbers).
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from pathlib import Path

from pyreadstat import _readstat_writer

Column = tuple[str, int, str]  # name, bytes of a Char column or 0 for a Num one, SAS format
_STRING, _DOUBLE = 0, 5  # readstat_type_t
_POINTER, _TEXT, _INT = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int
_DATA_WRITER = ctypes.CFUNCTYPE(ctypes.c_ssize_t, _POINTER, ctypes.c_size_t, _POINTER)
_SIGNATURES = {
    "readstat_writer_init": (_POINTER, []),
    "readstat_set_data_writer": (_INT, [_POINTER, _DATA_WRITER]),
    "readstat_writer_set_file_timestamp": (_INT, [_POINTER, ctypes.c_long]),
    "readstat_add_variable": (_POINTER, [_POINTER, _TEXT, _INT, ctypes.c_size_t]),
    "readstat_variable_set_format": (None, [_POINTER, _TEXT]),
    "readstat_begin_writing_sas7bdat": (_INT, [_POINTER, _POINTER, ctypes.c_long]),
    "readstat_begin_row": (_INT, [_POINTER]),
    "readstat_insert_string_value": (_INT, [_POINTER, _POINTER, _TEXT]),
    "readstat_insert_double_value": (_INT, [_POINTER, _POINTER, ctypes.c_double]),
    "readstat_insert_missing_value": (_INT, [_POINTER, _POINTER]),
    "readstat_end_row": (_INT, [_POINTER]),
    "readstat_begin_writing_sas7bcat": (_INT, [_POINTER, _POINTER]),
    "readstat_add_label_set": (_POINTER, [_POINTER, _INT, _TEXT]),
    "readstat_label_string_value": (None, [_POINTER, _TEXT, _TEXT]),
    "readstat_label_double_value": (None, [_POINTER, ctypes.c_double, _TEXT]),
    "readstat_end_writing": (_INT, [_POINTER]),
    "readstat_writer_free": (None, [_POINTER]),
}


def _library() -> ctypes.CDLL:
    library = ctypes.CDLL(_readstat_writer.__file__)
    for name, (result, arguments) in _SIGNATURES.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


def _written(fill: Callable[[ctypes.CDLL, int], list[int]]) -> bytes:
    """The bytes of a file; `fill` makes its content and gives the return code of each call."""
    library = _library()
    parts: list[bytes] = []

    def keep(data, size, _):
        parts.append(ctypes.string_at(data, size))
        return size

    callback = _DATA_WRITER(keep)
    writer = library.readstat_writer_init()
    library.readstat_set_data_writer(writer, callback)
    library.readstat_writer_set_file_timestamp(writer, 0)
    done = [*fill(library, writer), library.readstat_end_writing(writer)]
    library.readstat_writer_free(writer)
    assert not any(done)
    return b"".join(parts)


def write_sas7bdat(path: Path, columns: list[Column], rows: list[tuple[str | float | None, ...]]) -> None:
    """Write a file of these columns and rows."""

    def fill(library: ctypes.CDLL, writer: int) -> list[int]:
        variables = []
        for name, width, sas_format in columns:
            kind = _STRING if width else _DOUBLE
            variables.append(library.readstat_add_variable(writer, name.encode(), kind, width))
            if sas_format:
                library.readstat_variable_set_format(variables[-1], sas_format.encode())
        done = [library.readstat_begin_writing_sas7bdat(writer, None, len(rows))]
        for row in rows:
            done.append(library.readstat_begin_row(writer))
            for variable, value in zip(variables, row, strict=True):
                if value is None:
                    done.append(library.readstat_insert_missing_value(writer, variable))
                elif isinstance(value, str):
                    done.append(library.readstat_insert_string_value(writer, variable, value.encode()))
                else:
                    done.append(library.readstat_insert_double_value(writer, variable, value))
            done.append(library.readstat_end_row(writer))
        return done

    path.write_bytes(_written(fill))


def write_sas7bcat(path: Path, formats: dict[str, dict[str | float, str]]) -> None:
    """Write a catalogue of value labels."""

    def fill(library: ctypes.CDLL, writer: int) -> list[int]:
        for name, labels in formats.items():
            kind = _STRING if name.startswith("$") else _DOUBLE
            known = library.readstat_add_label_set(writer, kind, name.encode())
            for value, label in labels.items():
                if isinstance(value, str):
                    library.readstat_label_string_value(known, value.encode(), label.encode())
                else:
                    library.readstat_label_double_value(known, value, label.encode())
        return [library.readstat_begin_writing_sas7bcat(writer, None)]

    path.write_bytes(_written(fill))
