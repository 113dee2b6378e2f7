"""Checks on datasets that exist, wherever they came from, for people and for CI."""

from flows.checking.folder import CheckRequest, check_folder
from flows.checking.outcome import Checked, Finding, Outcome
from flows.checking.show import FORMATS, show_checked

__all__ = ["FORMATS", "CheckRequest", "Checked", "Finding", "Outcome", "check_folder", "show_checked"]
