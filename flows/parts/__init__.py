"""A study in parts: some subjects each, worked on in processes of their own, and put together again.

Whatever is subject-local is done part by part (DESIGN: any split of the subjects gives the same rows); what rests on
all subjects (the trial design, the RP2D, whether a dataset has rows at all) is done when the parts meet. How many
parts there are follows from the number of records alone, never from the machine, and changes no byte of the output.
"""

from flows.parts.adam import MadeAdam, make_adam, make_adam_from
from flows.parts.raw import RawStudy, read_raw
from flows.parts.sdtm import MadeSdtm, make_sdtm

__all__ = [
    "MadeAdam", "MadeSdtm", "RawStudy", "make_adam", "make_adam_from", "make_sdtm", "read_raw",
]  # fmt: skip
