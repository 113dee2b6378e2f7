"""Times of day as sites type them, made ISO 8601."""

from __future__ import annotations

import re

from sdtm.typed import UNKNOWN, plain_text

CLOCK = r"\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?"
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?")
_HALF = re.compile(r"(上午|下午|AM|PM)?(.*?)([AP]\.?M\.?)?")
_NOON = 12


def read_time(text: str) -> str | None:
    """A time text as HH:MM or HH:MM:SS; "" where it is unknown, None where it cannot be read.

    The first matching line decides:
      1. UN, UNK, UN:UN and the like -> unknown
      2. hours, minutes and perhaps seconds (`8:30`, `0830`, `8时30分`) with AM, PM, 上午 or 下午 -> the hour of
         the day, 12 AM being 00; an hour that no twelve-hour clock has -> unreadable
      3. the same without them -> as it stands; 24:00 is the end of the day, and left to the caller
      4. anything else -> unreadable
    """
    plain = plain_text(text)
    if plain in UNKNOWN or plain in {"UN:UN", "UNK:UNK", "UK:UK"}:
        return ""
    said = _HALF.fullmatch(plain)
    before, clock, after = (said[1], said[2], said[3]) if said else (None, plain, None)
    half = (before or after or "").replace(".", "")
    clock = _colons(clock.strip())
    match = _TIME.fullmatch(clock)
    if not match or (before and after):
        return None
    hour, minute, second = int(match[1]), int(match[2]), int(match[3] or 0)
    if half:
        if not 1 <= hour <= _NOON:
            return None
        hour = hour % _NOON + (_NOON if half in {"PM", "下午"} else 0)
    if minute > 59 or second > 59 or hour > 24 or (hour == 24 and (minute or second)):
        return None
    return f"{hour:02d}:{minute:02d}" + (f":{match[3]}" if match[3] else "")


def _colons(clock: str) -> str:
    """Hours, minutes and seconds apart by colons, whatever the site put between them."""
    colons = re.sub(r"[时時点點分]", ":", clock).replace("秒", "").rstrip(":")
    if colons != clock and colons.isdecimal():
        return f"{colons}:00"  # 8时: eight o'clock
    return f"{colons[:-2]}:{colons[-2:]}" if re.fullmatch(r"\d{3,4}", colons) else colons
