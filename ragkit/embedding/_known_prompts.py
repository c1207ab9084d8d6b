"""Prefixes of well-known models whose files do not say them.

Their model cards do: https://huggingface.co/BAAI/bge-small-en-v1.5 (an instruction before queries
only) and https://huggingface.co/intfloat/e5-small-v2 and .../multilingual-e5-small (a word before
both). The ``-instruct`` models want an instruction of the user's own, and are none of these.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = ["KNOWN_PROMPTS", "known_prompts"]

KNOWN_PROMPTS = {
    r"bge-(small|base|large)-en(-v1\.5)?": (
        "Represent this sentence for searching relevant passages: ",
        "",
    ),
    r"(multilingual-)?e5-(small|base|large)(-v2|-unsupervised)?": ("query: ", "passage: "),
}
"""A model's name, as a regular expression, and its prefixes for queries and for documents."""


def known_prompts(names: Iterable[object]) -> tuple[str, str]:
    """The prefixes for the first of `names` that is known; none if no one is.

    Args:
        names: Hub ids, folders' names, paths; what is no text is passed over.

    Example:
        >>> known_prompts(["models", "intfloat/e5-base-v2"])
        ('query: ', 'passage: ')
    """
    for name in names:
        last = re.split(r"[/\\]", name)[-1].lower() if isinstance(name, str) else ""
        for pattern, prompts in KNOWN_PROMPTS.items():
            if re.fullmatch(pattern, last):
                return prompts
    return "", ""
