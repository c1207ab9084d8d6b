"""Importing optional packages, with the one error that says how to get them."""

from __future__ import annotations

import importlib
from types import ModuleType

from ragkit.errors import MissingExtraError


def require(module: str, *, extra: str, feature: str) -> ModuleType:
    """The optional module, imported.

    Args:
        module: The dotted name to import.
        extra: The extra of ragkit that brings it.
        feature: What needs it, as a user would name it, for the message.

    Raises:
        MissingExtraError: If the package is not installed. An error *inside* an installed
            package passes through as it is.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        top = module.partition(".")[0]
        if error.name is None or error.name.partition(".")[0] != top:
            raise
        raise MissingExtraError(feature, top, extra) from error
