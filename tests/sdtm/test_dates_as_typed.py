"""Dates in every dialect that sites type: what SDTM holds, and which finding tells of it."""

from __future__ import annotations

import pandas as pd
import pytest

from sdtm.algorithms import Target, map_variable
from specs.findings import combine
from specs.identity import IDENTITY
from specs.mapping import Mapping
from specs.models import FieldSpec

# declared order | typed date | typed time | --DTC | finding codes | why; in brackets to show blanks
TYPED = """
    DMY | [01 MAR 2025]          |            | 2025-03-01          |          | as the EDC shows it
    DMY | [1 Mar 2025]           |            | 2025-03-01          |          | one digit, any case
    DMY | [01MAR2025]            |            | 2025-03-01          |          | SAS DATE9.
    DMY | [01-MAR-2025]          |            | 2025-03-01          |          | Oracle
    DMY | [01/Mar/2025]          |            | 2025-03-01          |          |
    DMY | [1 September 2025]     |            | 2025-09-01          |          | the name in full
    DMY | [Sept 1, 2025]         |            | 2025-09-01          |          | month name first
    DMY | [2013 Feb 01]          |            | 2013-02-01          |          | Rave, year first
    DMY | [  01 MAR 2025   ]     |            | 2025-03-01          |          | blanks at both ends
    DMY | [01  MAR  2025]        |            | 2025-03-01          |          | blanks twice
    DMY | [01/03/2025]           |            | 2025-03-01          |          | by the declared order
    MDY | [01/03/2025]           |            | 2025-01-03          |          | by the declared order
    YMD | [01/03/2025]           |            |                     | SDTM-201 | day or month first?
    DMY | [1.3.2025]             |            | 2025-03-01          |          | points
    MDY | [12/31/2025]           |            | 2025-12-31          |          |
    DMY | [12/31/2025]           |            |                     | SDTM-201 | contradicts the declared order
    MDY | [31/12/2025]           |            |                     | SDTM-201 | likewise
    YMD | [2025-03-01]           |            | 2025-03-01          |          | ISO 8601
    DMY | [2025-03-01]           |            | 2025-03-01          |          | whatever order is declared
    YMD | [2025/3/1]             |            | 2025-03-01          |          | Excel, Chinese setting
    MDY | [3/1/2025 0:00]        |            | 2025-03-01T00:00    |          | Excel, American setting, with a time
    YMD | [2025-03-01 00:00:00]  |            | 2025-03-01T00:00:00 |          | a database's date
    YMD | [20250301]             |            | 2025-03-01          |          | eight digits
    DMY | [01032025]             |            | 2025-03-01          |          | eight digits that begin with no year
    YMD | [45292]                |            |                     | SDTM-201 | a number of days, as Excel counts
    YMD | [45292.5]              |            |                     | SDTM-201 |
    YMD | [202503]               |            |                     | SDTM-201 | March 2025, or a day?
    DMY | [01 MAR 25]            |            |                     | SDTM-201 | which century?
    YMD | [25-03-01]             |            |                     | SDTM-201 |
    MDY | [3/1/25]               |            |                     | SDTM-201 |
    YMD | [25年3月1日]           |            |                     | SDTM-201 |
    YMD | [2025年3月1日]         |            | 2025-03-01          |          | Chinese
    DMY | [2025年3月1日]         |            | 2025-03-01          |          | says itself what is what
    DMY | [2025 年 03 月 01 日]  |            | 2025-03-01          |          | with blanks
    YMD | [2025年3月1号]         |            | 2025-03-01          |          | as spoken
    YMD | [２０２５年３月１日]   |            | 2025-03-01          | SDTM-210 | full-width digits
    YMD | [二〇二五年三月一日]   |            | 2025-03-01          |          | Chinese numerals
    YMD | [二零二四年十二月三十一日] |        | 2024-12-31          |          | with tens
    YMD | [2025年十月二十日]     |            | 2025-10-20          |          | mixed
    YMD | [2025年2月30日]        |            |                     | SDTM-201 | no such day
    YMD | [2024年3月UK日]        |            | 2024-03             | SDTM-202 | unknown day
    YMD | [2024年3月不详]        |            | 2024-03             | SDTM-202 |
    YMD | [2024年3月]            |            | 2024-03             | SDTM-202 |
    YMD | [2024年]               |            | 2024                | SDTM-202 |
    YMD | [不详年不详月]         |            |                     | SDTM-202 | nothing known
    YMD | [3月1日]               |            | --03-01             | SDTM-202 | no year
    DMY | [０１　ＭＡＲ　２０２５] |          | 2025-03-01          | SDTM-210 | full-width throughout
    DMY | [01－03－2025]         |            | 2025-03-01          | SDTM-210 | full-width hyphens
    DMY | [UN MAR 2025]          |            | 2025-03             | SDTM-202 | Rave, unknown day
    DMY | [UN UNK 2025]          |            | 2025                | SDTM-202 | Rave, unknown day and month
    DMY | [UN UNK UNK]           |            |                     | SDTM-202 | nothing known
    DMY | [UNK-MAR-2024]         |            | 2024-03             | SDTM-202 |
    DMY | [2024-UNK-UN]          |            | 2024                | SDTM-202 | Veeva
    YMD | [2024/5/UK]            |            | 2024-05             | SDTM-202 |
    DMY | [UNMAR2025]            |            | 2025-03             | SDTM-202 | without blanks
    DMY | [UNUNK2025]            |            | 2025                | SDTM-202 |
    DMY | [XX/XX/2025]           |            | 2025                | SDTM-202 |
    DMY | [ND/NK/2025]           |            | 2025                | SDTM-202 |
    DMY | [15 UNK 2025]          |            | 2025---15           | SDTM-202 | day known, month not
    DMY | [01 MAR UNK]           |            | --03-01             | SDTM-202 | year not known
    DMY | [MAR 2025]             |            | 2025-03             | SDTM-202 |
    YMD | [2025-06]              |            | 2025-06             | SDTM-202 |
    MDY | [06/2025]              |            | 2025-06             | SDTM-202 |
    YMD | [2025]                 |            | 2025                | SDTM-202 |
    DMY | [UNK]                  |            |                     | SDTM-202 |
    DMY | [不详]                 |            |                     | SDTM-202 |
    DMY | []                     |            |                     |          | blank
    DMY | [   ]                  |            |                     |          | blanks
    DMY | [31 FEB 2025]          |            |                     | SDTM-201 | no such day
    DMY | [29 FEB 2025]          |            |                     | SDTM-201 | no leap year
    DMY | [29 FEB 2024]          |            | 2024-02-29          |          | a leap year
    DMY | [00 MAR 2025]          |            |                     | SDTM-201 |
    YMD | [2025-13-01]           |            |                     | SDTM-201 |
    YMD | [2025-00-00]           |            |                     | SDTM-201 | noughts are no unknown parts
    DMY | [01 MAR 1825]          |            |                     | SDTM-201 | nobody's year
    DMY | [MAR MAR 2025]         |            |                     | SDTM-201 |
    DMY | [01 MRZ 2025]          |            |                     | SDTM-201 | a month in German
    DMY | [before March]         |            |                     | SDTM-201 |
    DMY | [见出院小结]           |            |                     | SDTM-201 | "see discharge letter"
    DMY | [01 MAR 2025]          | 08:30      | 2025-03-01T08:30    |          | with a time field
    DMY | [01 MAR 2025]          | 8:30       | 2025-03-01T08:30    |          |
    DMY | [01 MAR 2025]          | 0830       | 2025-03-01T08:30    |          |
    DMY | [01 MAR 2025]          | 08:30:15   | 2025-03-01T08:30:15 |          | seconds
    DMY | [01 MAR 2025]          | 8:30 PM    | 2025-03-01T20:30    |          | twelve-hour clock
    DMY | [01 MAR 2025]          | 12:05 am   | 2025-03-01T00:05    |          | after midnight
    DMY | [01 MAR 2025]          | 12:05 PM   | 2025-03-01T12:05    |          | after noon
    DMY | [01 MAR 2025]          | 下午3点20分 | 2025-03-01T15:20   |          | afternoon
    DMY | [01 MAR 2025]          | 8时30分    | 2025-03-01T08:30    |          |
    DMY | [01 MAR 2025]          | ８：３０   | 2025-03-01T08:30    | SDTM-210 |
    DMY | [01 MAR 2025]          | UNK        | 2025-03-01          |          | time not known
    DMY | [01 MAR 2025]          | 25:00      | 2025-03-01          | SDTM-201 | no such time
    DMY | [01 MAR 2025]          | 13:00 PM   | 2025-03-01          | SDTM-201 |
    DMY | [01 MAR 2025]          | morning    | 2025-03-01          | SDTM-201 |
    DMY | [01 MAR 2025]          | 24:00      | 2025-03-02T00:00    | SDTM-212 | the end of the day
    DMY | [31 DEC 2024]          | 24:00:00   | 2025-01-01T00:00:00 | SDTM-212 | the end of the year
    DMY | [31 DEC 2024]          | 24:01      | 2024-12-31          | SDTM-201 |
    YMD | [2024-02-28 24:00]     |            | 2024-02-29T00:00    | SDTM-212 | in the date field
    DMY | [UN MAR 2025]          | 24:00      | 2025-03             | SDTM-202 | a partial date has no time
    YMD | [2025-03-01T08:30]     |            | 2025-03-01T08:30    |          | ISO 8601 with a time
    MDY | [3/1/2025 8:30:00 PM]  |            | 2025-03-01T20:30:00 |          | Excel, twelve-hour clock
    YMD | [2025年3月1日 8:30]    |            | 2025-03-01T08:30    |          |
    YMD | [2025年3月1日下午3点]  |            | 2025-03-01T15:00    |          |
    YMD | [2025年3月1日15时20分] |            | 2025-03-01T15:20    |          |
    YMD | [2025-03-01T08:30Z]    |            |                     | SDTM-201 | another zone's time is not moved
"""


def _cases() -> list[tuple[str, ...]]:
    lines = [line.strip() for line in TYPED.strip().splitlines()]
    return [tuple(cell.strip() for cell in line.split("|"))[:5] for line in lines]


def test_there_are_sixty_dialects_at_least():
    typed = {(order, date, time) for order, date, time, _, _ in _cases()}
    assert len(typed) == len(_cases()) >= 60


@pytest.mark.parametrize(("order", "date", "time", "iso", "codes"), _cases())
def test_what_a_typed_date_becomes(order, date, time, iso, codes):
    fields = {
        "DAT": FieldSpec(label="Date", kind="date", order=order), "TIM": FieldSpec(label="Time", kind="time"),
    }  # fmt: skip
    raw = pd.DataFrame({"DAT": [date.removeprefix("[").removesuffix("]")], "TIM": [time]}, dtype="str")
    raw = raw.assign(**dict.fromkeys(IDENTITY, ""))
    mapping = Mapping.model_validate({"from": "DAT", "as": "iso8601", "time": "TIM"})
    mapped = map_variable(raw, mapping, Target("XX", "XXDTC", False, fields))
    assert mapped.values.fillna("").tolist() == [iso]
    assert " ".join(combine(mapped.findings)["code"]) == codes
    unread = "" if mapped.as_collected is None else mapped.as_collected.fillna("").iloc[0]
    assert (unread != "") == (codes == "SDTM-201")
