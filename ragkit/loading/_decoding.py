"""Bytes of a text file to text."""

from __future__ import annotations

import codecs

from ragkit.errors import InvalidInputError, UnsupportedFileError

__all__ = ["check_encoding", "decode"]

# The longer marks first: that of UTF-32 begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def check_encoding(encoding: str | None) -> str | None:
    """`encoding`, if Python knows it or it is None.

    Raises:
        InvalidInputError: If it does not.
    """
    if encoding is None:
        return None
    try:
        codecs.lookup(encoding)
    except (LookupError, TypeError, ValueError) as error:
        raise InvalidInputError(
            f"encoding is {encoding!r}, which Python does not know; "
            "give a name such as 'utf-8' or 'latin-1'."
        ) from error
    return encoding


def decode(path: str, data: bytes, encoding: str | None) -> str:
    """The text, without byte order mark; its line ends stay as they are.

    Raises:
        UnsupportedFileError: If it is binary, or in another encoding.
    """
    marked = next((name for mark, name in _MARKS if data.startswith(mark)), None)
    name = encoding or marked or "utf-8"
    if marked == "utf-8-sig" and codecs.lookup(name).name == "utf-8":
        name = marked
    try:
        text = data.decode(name)
    except (UnicodeError, LookupError) as error:  # LookupError: a codec that is not for text
        hint = (
            "Check the value of encoding=."
            if encoding
            else "If it is text in another encoding, pass encoding=, such as 'latin-1'."
        )
        raise UnsupportedFileError(
            f"{path!r} is not {name} text ({error}): it is a binary file or has another "
            f"encoding. {hint}"
        ) from error
    if "\0" in text:
        raise UnsupportedFileError(
            f"{path!r} is a binary file: it has NUL characters (the first at character "
            f"{text.index(chr(0)):,}). Only text can be read under this name; if it is text in "
            "another encoding, pass encoding=, such as 'utf-16-le'."
        )
    return text
