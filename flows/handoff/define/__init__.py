"""define.xml 2.1 (Define-XML 2.1, Analysis Results Metadata 1.0): what the datasets are, from the specs and the values.

One document a half, beside its XPT files: what a variable means, where it comes from and how it is made is told by the
specs; lengths, digits, the terms that are used and the tests that there are, by the values published. Nothing is told
that the files beside it do not have.
"""

from flows.handoff.define.files import write_define

__all__ = ["write_define"]
