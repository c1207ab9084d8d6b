"""Real answers of Textract, and what is in them."""

import gzip
import json
import re
from collections import Counter

__all__ = ["operations", "response", "same_words", "words_of"]


def response(path):
    return json.loads(gzip.decompress(path.read_bytes()))


def words_of(blocks):
    return Counter(word for b in blocks if b["BlockType"] == "WORD" for word in b["Text"].split())


def operations(service):
    return [operation for operation, _ in service.asked]


def same_words(layout, blocks):
    """Whether each word is in the layout as often as in the response; signs for others aside."""
    words = re.sub(r"\[(?:[X ]|SIGNATURE)\]", "", layout.text).split()
    return Counter(words) == words_of(blocks)
