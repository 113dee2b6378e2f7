"""IEEE doubles as IBM hexadecimal doubles (SAS TS-140), exactly or not at all."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

MISSING = np.uint64(0x2E << 56)  # the period: SAS's ordinary missing value

_FRACTION = np.uint64((1 << 52) - 1)
_IMPLICIT = np.uint64(1 << 52)
_SIGN = np.uint64(1 << 63)


def to_ibm(values: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.bool_]]:
    """Doubles as IBM words, NaN as SAS missing; and which values lie outside the IBM range.

    An IBM double has 56 bits of fraction after a power of 16, so all 53 bits of a double fit between 16**-65 (5.4e-79)
    and 16**63 (7.2e75). -0.0 becomes 0.0, as IBM has one zero in SAS. What lies outside (infinities too) is marked, and
    its word means nothing.
    """
    bits = values.view(np.uint64)
    exponent = ((bits >> np.uint64(52)).astype(np.int64) & 0x7FF) - 1023
    # value = significand * 2**(exponent - 52) = (significand << shift) * 2**-56 * 16**(power - 64)
    power = (exponent >> 2) + 65
    shift = (exponent & 3).astype(np.uint64)
    words = ((bits & _FRACTION) | _IMPLICIT) << shift
    words |= bits & _SIGN
    words |= (power.astype(np.uint64) & np.uint64(0x7F)) << np.uint64(56)
    words[values == 0] = 0
    missing = np.isnan(values)
    words[missing] = MISSING
    outside = ((power < 0) | (power > 127)) & ~missing & (values != 0)
    return words, outside
