"""Reads what comes from outside: raw EDC exports, and folders of finished SDTM."""

from flows.receive.export import RawExport, read_export
from flows.receive.sdtm_folder import SdtmFolder, read_sdtm_folder

__all__ = ["RawExport", "SdtmFolder", "read_export", "read_sdtm_folder"]
