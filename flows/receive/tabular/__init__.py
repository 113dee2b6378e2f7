"""Exports made of one table a form, read by a layout of the study: CSV, SAS transport, SAS7BDAT, Parquet."""

from flows.receive.tabular.folder import file_name, layout_formats

__all__ = ["file_name", "layout_formats"]
