"""Lines as the service read them, as amazon-textract-prettyprinter writes them."""

from __future__ import annotations

from ragkit._checks import check_flag
from ragkit.errors import InvalidInputError
from ragkit.textract._blocks import Block, PageBlocks, ReadOptions, ResponseBlocks, Source, text_of

__all__ = ["get_lines_string"]


def get_lines_string(
    textract_json: Source,
    with_page_number: bool = False,  # noqa: FBT001, FBT002  # the pretty-printer's signature
    with_confidence: bool = False,  # noqa: FBT001, FBT002
    trim: bool = False,  # noqa: FBT001, FBT002
    *,
    line_separator: str = "\n",
    allow_missing: bool = False,
) -> str:
    r"""All lines of a response, each with a line break after it.

    The arguments are those of amazon-textract-prettyprinter 0.1.10, and `line_separator`.

    Args:
        textract_json: A response; its parts, in any order; or a JSON file of either, also
            gzipped: its path, its address in S3, its bytes, or the folder of a job's parts.
        with_page_number: Write before a page's first line its place, from 0, and its id, as the
            pretty-printer does: ``--------- page number: 0 - page ID: … --------------``, with
            no break after it.
        with_confidence: Write the service's confidence, 0 to 100, after each line: ``…, 99.5``.
        trim: Without blanks around the lines.
        line_separator: After each line.
        allow_missing: Whether the rest is read where a part of a job's result is missing. By
            default that is an error, since words would be lost.

    Raises:
        InvalidInputError: If an argument can't work.
        LoadError: If it can't be read, is no response, or a part of one is missing.

    Example:
        >>> line = {"BlockType": "LINE", "Id": "l", "Text": "Hello", "Confidence": 99.5}
        >>> get_lines_string({"Blocks": [line]}, with_confidence=True)
        'Hello, 99.5\n'
    """
    if not isinstance(line_separator, str):
        raise InvalidInputError(f"line_separator is {line_separator!r:.80}; it has to be a text.")
    with_page_number = check_flag(with_page_number, "with_page_number")
    with_confidence = check_flag(with_confidence, "with_confidence")
    trim = check_flag(trim, "trim")

    def written(line: Block) -> str:
        text = text_of(line).strip() if trim else text_of(line)
        confidence = line.get("Confidence")
        if with_confidence and confidence is not None:
            text += f", {confidence}"
        return text + line_separator

    parts = []
    for place, page in enumerate(ResponseBlocks(textract_json, ReadOptions(allow_missing)).pages):
        parts += [_heading(place, page)] if with_page_number else []
        parts += map(written, page.of_type("LINE"))
    return "".join(parts)


def _heading(place: int, page: PageBlocks) -> str:
    return f"--------- page number: {place} - page ID: {page.id} --------------"
