"""Names of the columns by which a raw record keeps its identity through every stage.

A reader, whatever the export format, gives each form as a frame of text with these columns before the
form's own fields. They ride along every mapping and are taken off when a dataset is finished.
"""

from __future__ import annotations

FILE = "_FILE"  # name of the file in the export folder
LINE = "_LINE"  # line in that file, the header being line 1 (int64)
FORM = "_FORM"  # form OID, as in specs/<study>/forms.yaml
RECORD = "_RECORD"  # record id of the EDC
SUBJECT = "_SUBJECT"  # subject number, as collected
SITE = "_SITE"  # site number, as collected
FOLDER = "_FOLDER"  # visit OID
INSTANCE = "_INSTANCE"  # instance repeat number of the visit, "0" where it does not repeat
VISIT_NAME = "_VISIT"  # visit name in the EDC's words
POSITION = "_POSITION"  # log line number, "0" on a form without log lines
PAGE_DATE = "_PAGEDATE"  # record date of the page, as exported (ISO text)
SAVED = "_SAVED"  # last save of the record (ISO text)

IDENTITY = (
    FILE, LINE, FORM, RECORD, SUBJECT, SITE, FOLDER, INSTANCE, VISIT_NAME, POSITION, PAGE_DATE, SAVED,
)  # fmt: skip

UNIT_SUFFIX = "_UN"  # beside a number field with units: its unit, as collected
DECODE_SUFFIX = "_DEC"  # beside a coded field: the text shown to the site
