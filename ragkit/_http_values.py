"""What goes into a request's head and comes back in a reply's: addresses, keys, pauses."""

from __future__ import annotations

import email.utils
import os
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import urlsplit

from ragkit.errors import InvalidInputError

__all__ = ["check_url", "checked_headers", "read_api_key", "retry_after", "secrets_of"]

_SECRET_NAME = re.compile("auth|key|token|secret|cookie|password", re.IGNORECASE)
_LEAST_SECRET = 8
"""Characters: a shorter value of a header with a harmless name stands in any text."""
_LEAST_KEY = 4
"""Characters: a shorter key is a placeholder, such as "x" for a local server, and keeps nothing
safe; it stands in any text, so that hiding it would black out the words of an error."""


def read_api_key(api_key: str | None, variable: str) -> str | None:
    """`api_key`, or else what the environment variable holds; None where neither is set.

    Raises:
        InvalidInputError: If the key can't be sent in a header. The message does not show it.
    """
    key = os.environ.get(variable) if api_key is None else api_key
    if not key:
        return None
    if not isinstance(key, str) or not key.isascii() or not key.isprintable() or " " in key:
        raise InvalidInputError(
            f"The API key (api_key= or the environment's {variable}) has characters that a key "
            f"can't have: spaces, line ends or letters outside ASCII. Was it pasted whole?"
        )
    return key


def check_url(url: object) -> str:
    """`url` without a trailing slash, if it is the base of an HTTP service.

    Raises:
        InvalidInputError: If it is not http(s), has no host, or carries credentials,
            a query or a fragment, which may hold a key and are not shown.
    """
    example = "write it like 'http://host:8000/v1'"
    if not isinstance(url, str):
        raise InvalidInputError(f"url is {url!r}; {example}.")
    import httpx  # who asks for a Retry-After need not have it loaded

    try:
        urlsplit(url).port  # noqa: B018 - raises where brackets or the port are broken
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):  # not shown: it may hold a key
        raise InvalidInputError(f"url is not a URL that can be read; {example}.") from None
    if parsed.userinfo:
        raise InvalidInputError("url has credentials in it; pass api_key=… instead.")
    if "?" in url or "#" in url or "@" in url:
        raise InvalidInputError(
            f"url has '?', '#' or '@' in it; give the base alone ({example}), keys as api_key=…."
        )
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise InvalidInputError(f"url is {url!r}; {example}.")
    return url.rstrip("/")


def checked_headers(headers: Mapping[str, str] | None) -> dict[str, str]:
    """Headers as they can be sent.

    Raises:
        InvalidInputError: If a name or a value is no printable ASCII text; values are not shown.
    """
    for name, value in (headers or {}).items():
        for part in (name, value):
            if not isinstance(part, str) or not part.isascii() or not part.isprintable():
                raise InvalidInputError(
                    f"The header {name!r:.80} can't be sent: names and values are printable ASCII."
                )
    return dict(headers or {})


def retry_after(value: str | None) -> float | None:
    """Seconds, from seconds or a date; None where the header says nothing usable."""
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            date = email.utils.parsedate_to_datetime(value)
            seconds = (date.astimezone(UTC) - datetime.now(UTC)).total_seconds()
        except (ValueError, OverflowError):  # no date, or one that no calendar has
            return None
    return max(0.0, seconds) if seconds == seconds else None  # noqa: PLR0124 - not a number


def secrets_of(api_key: str | None, headers: Mapping[str, str]) -> list[str]:
    """The key, and what of the headers may be one: by its name, or since it is long enough.

    What is too short to be a secret is left out.
    """
    values = [
        value
        for name, value in headers.items()
        if _SECRET_NAME.search(name) or len(value) >= _LEAST_SECRET
    ]
    return [value for value in (api_key, *values) if value and len(value) >= _LEAST_KEY]
