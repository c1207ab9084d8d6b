"""Embedders that cost nothing, importable by worker processes."""

import os
import signal
import time
from pathlib import Path

from ragkit import FunctionEmbedder

LETTERS = "abcdefghijklmnopqrstuvwxyz"


def letters(text: str) -> list[float]:
    return [text.count(letter) + len(text) / 7 for letter in LETTERS]


def embedder() -> FunctionEmbedder:
    return FunctionEmbedder(letters, dimension=len(LETTERS))


def slow_letters(text: str) -> list[float]:
    time.sleep(0.002)
    return letters(text)


def failing(text: str) -> list[float]:
    if "row 7 " in text:
        raise RuntimeError("row seven is cursed")
    return letters(text)


def dying(text: str) -> list[float]:
    """Kills its process whenever it meets row 7."""
    if "row 7 " in text:
        os.kill(os.getpid(), signal.SIGKILL)
    return letters(text)


def dying_once(text: str) -> list[float]:
    """Kills its process the first time that it meets row 7."""
    marker = Path(os.environ["DIED_ONCE"])
    if "row 7 " in text and not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return letters(text)


def very_slow(text: str) -> list[float]:
    time.sleep(0.02)
    return letters(text)
