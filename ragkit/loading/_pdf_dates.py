"""Dates of PDF files."""

from __future__ import annotations

import re
from datetime import datetime

# ISO 32000-1, 7.9.4: D:YYYYMMDDHHmmSSOHH'mm', everything after the year may be absent.
_DATE = re.compile(
    r"(?:D:)?(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?\s*(?:(Z)|([+-])(\d\d)'?(\d\d)?)?"
)


def iso_date(text: str) -> str | None:
    """The date of a PDF's information dictionary as ISO 8601; None where it is none."""
    match = _DATE.match(text.strip())
    if not match:
        return None
    year, month, day, hour, minute, second, zulu, sign, hours, minutes = match.groups()
    zone = "+00:00" if zulu else f"{sign}{hours}:{minutes or '00'}" if sign else ""
    stamp = f"{year}-{month or '01'}-{day or '01'}T{hour or '00'}:{minute or '00'}:{second or '00'}"
    try:
        return datetime.fromisoformat(stamp + zone).isoformat()
    except ValueError:  # such as month 13
        return None
