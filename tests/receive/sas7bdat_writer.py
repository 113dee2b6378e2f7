"""Writes small SAS7BDAT files for tests, by ReadStat's writer, which pyreadstat carries but does not offer.

No SAS wrote these files: they show that the reader reads what ReadStat writes (names, formats, text, missing numbers).
"""

from __future__ import annotations

import ctypes
from pathlib import Path

import pyreadstat

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
    "readstat_end_writing": (_INT, [_POINTER]),
    "readstat_writer_free": (None, [_POINTER]),
}


def _library() -> ctypes.CDLL:
    (path,) = Path(pyreadstat.__file__).parent.glob("_readstat_writer*")
    library = ctypes.CDLL(str(path))
    for name, (result, arguments) in _SIGNATURES.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


def write_sas7bdat(path: Path, columns: list[Column], rows: list[tuple[str | float | None, ...]]) -> None:
    """Write a file of these columns and rows."""
    library = _library()
    written: list[bytes] = []

    def keep(data, size, _):
        written.append(ctypes.string_at(data, size))
        return size

    callback = _DATA_WRITER(keep)
    writer = library.readstat_writer_init()
    library.readstat_set_data_writer(writer, callback)
    library.readstat_writer_set_file_timestamp(writer, 0)
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
    done.append(library.readstat_end_writing(writer))
    library.readstat_writer_free(writer)
    assert not any(done)
    path.write_bytes(b"".join(written))
