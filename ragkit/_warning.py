"""Warnings that point at the line of the user's that they are about."""

from __future__ import annotations

import sys
import warnings
from types import FrameType

__all__ = ["warn"]

_PACKAGE = __name__.partition(".")[0]


def warn(warning: Warning) -> None:
    """Issues a warning for the nearest line outside of ragkit that led here."""
    frame, level = sys._getframe(), 1
    while _is_own(frame) and frame.f_back is not None:
        frame, level = frame.f_back, level + 1
    warnings.warn(warning, stacklevel=level)


def _is_own(frame: FrameType) -> bool:
    return str(frame.f_globals.get("__name__")).partition(".")[0] == _PACKAGE
