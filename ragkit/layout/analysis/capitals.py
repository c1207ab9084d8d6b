"""Text in capitals, as headings are set."""

from __future__ import annotations

__all__ = ["in_capitals"]

# Single words that head a section; other lone capitals are mostly acronyms.
_SECTIONS = frozenset(
    {"ABSTRACT", "ACKNOWLEDGMENT", "ACKNOWLEDGMENTS", "ACKNOWLEDGEMENTS", "APPENDIX"}
    | {"CONCLUSION", "CONCLUSIONS", "DISCUSSION", "INTRODUCTION", "METHODS", "REFERENCES"}
    | {"RESULTS", "SUMMARY", "CONTENTS"}
)


def in_capitals(text: str) -> bool:
    """Whether all letters are capitals, in several words or a word that heads sections."""
    if text.upper() != text or sum(c.isalpha() for c in text) < 4:
        return False
    words = text.split()
    return len(words) > 1 or words[0].strip(".:") in _SECTIONS
