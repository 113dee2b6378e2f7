"""Exports made of one table a form, read by a layout of the study: CSV, SAS transport, SAS7BDAT, Parquet."""

from flows.receive.tabular.folder import layout_formats

__all__ = ["layout_formats"]
