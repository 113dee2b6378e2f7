"""The object identifiers that define.xml and Dataset-JSON share, so that one describes what the other holds."""

from __future__ import annotations


def study_oid(studyid: str) -> str:
    """The OID of a study."""
    return f"ST.{studyid}"


def version_oid(studyid: str, half: str) -> str:
    """The OID of the metadata of a half: of its MetaDataVersion in define.xml."""
    return f"MDV.{studyid}.{half.upper()}"


def group_oid(dataset: str) -> str:
    """The OID of a dataset."""
    return f"IG.{dataset}"


def item_oid(dataset: str, variable: str) -> str:
    """The OID of a variable."""
    return f"IT.{dataset}.{variable}"
