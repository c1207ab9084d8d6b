"""The flags that several functions of the pretty-printer share."""

from __future__ import annotations

from dataclasses import dataclass

from ragkit._checks import check_flag
from ragkit.textract._blocks import Block, box_of

__all__ = ["Extras"]


@dataclass(frozen=True, slots=True)
class Extras:
    """What is written after a text.

    Args:
        with_confidence: The service's confidence, 0 to 100, with one decimal.
        with_geo: The box, as fractions of the page.
        trim: No blanks around the text itself.

    Raises:
        InvalidInputError: If one is neither True nor False.
    """

    with_confidence: bool
    with_geo: bool
    trim: bool

    def __post_init__(self) -> None:
        for name in ("with_confidence", "with_geo", "trim"):
            check_flag(getattr(self, name), name)

    def after(self, text: str, block: Block, *, form: str = "({})") -> str:
        """The text of a block with what is wanted after it.

        Args:
            text: Of the block.
            block: With its confidence and its box; what it does not have is not written.
            form: Of each thing.
        """
        text = text.strip() if self.trim else text
        if self.with_geo and (place := _place(block)):
            text += form.format(place)
        confidence = block.get("Confidence")
        if self.with_confidence and isinstance(confidence, int | float):
            text += form.format(f"{confidence:.1f}")
        return text


def _place(block: Block) -> str:
    box = box_of(block)
    if box is None:
        return ""
    left, top, right, bottom = box
    return f"width: {right - left}, height: {bottom - top}, left: {left}, top: {top}"
