"""Reads SAS transport files, version 5: a second, independent reading of TS-140, to check the writer by.

Nothing here is shared with the writer, and the ways differ on purpose: IBM doubles by multiplication with powers of
16 instead of shifting, text by trimming instead of padding. It is stricter than a reader for strangers' files need be.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from specs.text_bytes import has_only_ascii

_POWERS = 16.0 ** (np.arange(128) - 64.0) / 2.0**56
_MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]


@dataclass(frozen=True)
class XptVariable:
    """A variable as the file describes it."""

    name: str
    label: str
    numeric: bool
    length: int
    position: int
    format: str  # with width, e.g. "DATE9."; blank where there is none


@dataclass(frozen=True)
class XptFile:
    """The headers of a file, and where its observations lie."""

    path: Path
    dataset: str
    label: str
    times: set[datetime]  # all times in the headers: of the library and the dataset, created and modified
    variables: list[XptVariable]
    start: int
    rows: int

    @property
    def row_bytes(self) -> int:
        return sum(v.length for v in self.variables)

    def chunk(self, first: int, rows: int) -> npt.NDArray[np.uint8]:
        """Some observations as a matrix of bytes, one row each."""
        at = self.start + first * self.row_bytes
        return np.fromfile(self.path, np.uint8, rows * self.row_bytes, offset=at).reshape(rows, self.row_bytes)


def open_xpt(path: Path) -> XptFile:
    """Read the headers. Raises ValueError where the file is not as TS-140 says."""
    with path.open("rb") as file:
        head = [file.read(80) for _ in range(8)]
        for number, kind, rest in (
            (0, b"LIBRARY ", b"0" * 30),
            (3, b"MEMBER  ", b"0" * 16 + b"01600000000140"),
            (4, b"DSCRPTR ", b"0" * 30),
            (7, b"NAMESTR ", b"0" * 6 + head[7][54:58] + b"0" * 20),
        ):
            _expect(head[number], kind, rest)
        if head[1][:24] != b"SAS     SAS     SASLIB  " or head[5][:8] + head[5][16:24] != b"SAS     SASDATA ":
            raise ValueError("its first records are not those of a SAS library with a dataset")
        count = int(head[7][54:58])
        variables = [_variable(file.read(140), number) for number in range(1, count + 1)]
        blank = [
            head[1][40:64],
            head[2][16:],
            head[5][40:64],
            head[6][16:32],
            head[6][72:],
            file.read(-140 * count % 80),
        ]
        _expect(file.read(80), b"OBS     ", b"0" * 30)
        start = file.tell()
    if b"".join(blank).strip(b" "):
        raise ValueError("what should be blank in its headers is not")
    lengths = [v.length for v in variables]
    if [v.position for v in variables] != [sum(lengths[:n]) for n in range(count)]:
        raise ValueError("its variables do not lie side by side")
    times = {_time(record) for record in (head[1][64:], head[2], head[5][64:], head[6])}
    rows = _row_count(path, start, sum(lengths))
    return XptFile(path, _words(head[5][8:16]), _words(head[6][32:72]), times, variables, start, rows)


def _expect(record: bytes, kind: bytes, rest: bytes) -> None:
    if record != b"HEADER RECORD*******" + kind + b"HEADER RECORD!!!!!!!" + rest + b"  ":
        raise ValueError(f"there is no {kind.decode().strip()} header where it should be")


def _words(field: bytes) -> str:
    return field.decode("utf-8").rstrip(" ")


def _time(record: bytes) -> datetime:
    day, month, rest = record[:2].decode(), record[2:5].decode(), record[5:16].decode()
    return datetime.strptime(f"{day} {_MONTHS.index(month) + 1} {rest}", "%d %m %y:%H:%M:%S")  # noqa: DTZ007


def _variable(raw: bytes, number: int) -> XptVariable:
    kind, hash_of_name, length, own_number = (int.from_bytes(raw[at : at + 2], "big") for at in (0, 2, 4, 6))
    width, decimals, adjusted = (int.from_bytes(raw[at : at + 2], "big") for at in (64, 66, 68))
    informat, unused = raw[70:84], raw[88:]
    name, sas_format = _words(raw[8:16]), _words(raw[56:64])
    known = kind in (1, 2) and (kind == 2 or length == 8) and own_number == number
    if not known or hash_of_name or adjusted or informat != b"\0\0" + b" " * 8 + b"\0" * 4 or unused.strip(b"\0"):
        raise ValueError(f"the description of variable {number} is broken")
    return XptVariable(
        name=name, label=_words(raw[16:56]), numeric=kind == 1, length=length,
        position=int.from_bytes(raw[84:88], "big"),
        format=f"{sas_format}{width or ''}.{decimals or ''}" if sas_format or width or decimals else "",
    )  # fmt: skip


def _row_count(path: Path, start: int, row_bytes: int) -> int:
    """The rows up to the last byte that is not blank; the blanks that fill the last 80-byte record are no row."""
    size = path.stat().st_size - start
    with path.open("rb") as file:
        file.seek(start + max(0, size - 79))
        tail = file.read()
    rows = -(-(size - len(tail) + len(tail.rstrip(b" "))) // row_bytes)
    if size % 80 or not size - 80 < rows * row_bytes <= size:
        raise ValueError("its observations are cut short, or their end is not padded with blanks")
    return rows


def _field(observations: npt.NDArray[np.uint8], variable: XptVariable) -> npt.NDArray[np.void]:
    """The bytes of one variable, row after row."""
    rows, row_bytes = observations.shape
    return np.ndarray(
        (rows,), f"V{variable.length}", observations, offset=variable.position, strides=(row_bytes,)
    ).copy()


def numbers(observations: npt.NDArray[np.uint8], variable: XptVariable) -> npt.NDArray[np.float64]:
    """The IBM doubles of a Num variable; missing is NaN. Raises ValueError for what is no exact double."""
    words = _field(observations, variable).view(">u8").astype(np.uint64)
    fraction = words & np.uint64((1 << 56) - 1)
    top = words >> np.uint64(56)
    whole = fraction.astype(np.float64)
    values: npt.NDArray[np.float64] = whole * _POWERS[(top & np.uint64(0x7F)).astype(np.intp)]
    np.negative(values, out=values, where=top >= 128)
    missing = (fraction == 0) & (top == ord("."))
    values[missing] = np.nan
    if ((fraction == 0) & (top != 0) & ~missing).any() or (whole.astype(np.uint64) != fraction).any():
        raise ValueError(f"{variable.name} has a number that is no double")
    return values


def texts(observations: npt.NDArray[np.uint8], variable: XptVariable) -> pa.Array:
    """The text of a Char variable without the blanks that pad it; all blanks is missing. Raises ArrowInvalid."""
    field = _field(observations, variable)
    starts = np.arange(0, field.nbytes + 1, variable.length, dtype=np.int32)
    padded = pa.StringArray.from_buffers(len(field), pa.py_buffer(starts), pa.py_buffer(field))
    if not has_only_ascii(padded):
        padded.validate(full=True)  # that it is UTF-8
    trimmed = pc.ascii_rtrim(padded, " ")
    lengths = pc.binary_length(trimmed)
    return pc.if_else(pc.equal(lengths, 0), None, trimmed) if pc.min(lengths).as_py() == 0 else trimmed
