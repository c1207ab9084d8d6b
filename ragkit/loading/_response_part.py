"""A part of what Amazon Textract answered."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ragkit.loading._textract_blocks import Block, Raw

__all__ = [
    "Part",
    "Place",
    "Response",
    "Source",
    "id_of",
    "named_pages",
    "number_of",
    "page_of",
    "type_of",
]

Response = Mapping[str, Any]
"""One part of what the service answered: a dictionary with "Blocks"."""

Place = str | os.PathLike[str] | bytes | bytearray | memoryview
"""A path, an address in S3, or what is in a file."""

Source = Response | Sequence[Response] | Place
"""A response, the parts of one in any order, or where either is."""


@dataclass(frozen=True, slots=True)
class Part:
    """A response, or a part of one.

    Attributes:
        name: For errors: its file, or which of the list it is.
        content: What the service answered.
        kept: Where a job's result still is, for errors; empty if nowhere but here.
    """

    name: str
    content: Response
    kept: str = ""

    @property
    def blocks(self) -> Iterator[Raw]:
        """Those that are blocks."""
        return (block for block in self.content["Blocks"] if isinstance(block, Block | Mapping))

    @property
    def pages(self) -> int | None:
        """How many the document has, where that is said."""
        about = self.content.get("DocumentMetadata")
        said = about.get("Pages") if isinstance(about, Mapping) else None
        return said if isinstance(said, int) else None

    @property
    def follows(self) -> bool:
        """Whether it says that another part follows it."""
        return bool(self.content.get("NextToken"))

    @property
    def is_of_job(self) -> bool:
        """Whether a job gave it, which may give several parts."""
        return self.follows or "JobStatus" in self.content


def type_of(block: Raw) -> object:
    """What kind of block it is."""
    return block.block_type if isinstance(block, Block) else block.get("BlockType")


def id_of(block: Raw) -> str | None:
    """Its id; None where it has none."""
    if isinstance(block, Block):
        return block.id
    return str(block["Id"]) if "Id" in block else None


def number_of(block: Raw) -> int | None:
    """The page that it is on, from 1; None in answers to single requests, and in old ones."""
    page = block.page if isinstance(block, Block) else block.get("Page")
    return page if isinstance(page, int) else None


def page_of(block: Raw) -> int:
    """The page that it is on; the first where that is not said."""
    return number_of(block) or 1


def named_pages(numbers: Sequence[int]) -> str:
    """Numbers of pages for a message: "pages 1, 2 and 4"."""
    shown = [str(number) for number in numbers[:10]]
    if len(numbers) > 10:
        shown.append(f"{len(numbers) - 10:,} more")
    if len(shown) == 1:
        return f"page {shown[0]}"
    return f"pages {', '.join(shown[:-1])} and {shown[-1]}"
