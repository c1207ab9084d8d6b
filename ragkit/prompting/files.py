"""Templates in JSON and YAML files."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ragkit._checks import reject_unknown
from ragkit._extras import require
from ragkit.errors import LimitExceededError, MissingFileError, PromptError

__all__ = ["read_template", "write_template"]

_VERSION = 1
_MAX_BYTES = 1_000_000
_KEYS = ("version", "system", "user", "partials", "neutralise_values")
_YAML = (".yaml", ".yml")


def write_template(options: Mapping[str, Any], path: str | os.PathLike[str]) -> None:
    """Writes a template's options; the suffix decides the format.

    Raises:
        PromptError: If the suffix is another, or a partial is no text, number or truth value.
    """
    file = _checked_path(path)
    values = {"version": _VERSION, **options}
    _check_partials(values["partials"], "The template")
    if file.suffix.lower() in _YAML:
        text = _yaml().safe_dump(values, allow_unicode=True, sort_keys=False)
    else:
        text = json.dumps(values, ensure_ascii=False, indent=2) + "\n"
    file.write_text(text, encoding="utf-8")


def read_template(path: str | os.PathLike[str]) -> dict[str, Any]:
    """The options of a template from a file.

    Raises:
        MissingFileError: If there is no such file.
        LimitExceededError: If it has over a million bytes.
        UnknownOptionError: If it has a key that templates do not have.
        PromptError: If it is not well formed, or a value is of the wrong type.
    """
    file = _checked_path(path)
    if not file.is_file():
        raise MissingFileError(f"There is no file {str(file)!r} to load a template from.")
    if file.stat().st_size > _MAX_BYTES:
        raise LimitExceededError(f"{str(file)!r} has over {_MAX_BYTES} bytes; it is no template.")
    values = _parsed(file)
    if not isinstance(values, dict) or not all(isinstance(key, str) for key in values):
        raise PromptError(
            f"{str(file)!r} holds a {type(values).__name__}; a template is a mapping with the keys "
            f"{', '.join(_KEYS)}."
        )
    _check_values(values, str(file))
    return {key: value for key, value in values.items() if key != "version"}


def _checked_path(path: str | os.PathLike[str]) -> Path:
    file = Path(path)
    if file.suffix.lower() not in (".json", *_YAML):
        raise PromptError(f"{str(file)!r} has to end in .json, .yaml or .yml.")
    return file


def _parsed(file: Path) -> Any:
    """What the file holds; YAML can make no objects of its own here."""
    failures: tuple[type[Exception], ...] = (ValueError, RecursionError)
    parse: Any = json.loads
    if file.suffix.lower() in _YAML:
        yaml = _yaml()
        parse, failures = yaml.safe_load, (*failures, yaml.YAMLError)
    try:
        return parse(file.read_text(encoding="utf-8"))
    except failures as error:
        raise PromptError(f"{str(file)!r} can't be read as a template: {error}") from error


def _yaml() -> Any:
    return require("yaml", extra="templates", feature="Templates in YAML files")


def _check_values(values: Mapping[str, Any], where: str) -> None:
    reject_unknown(f"The template in {where!r}", values, _KEYS)
    version = values.get("version")
    if type(version) is not int or version != _VERSION:
        # Never the repr of what may be a list: in YAML, a few lines can stand for gigabytes.
        seen = repr(version) if isinstance(version, int | None) else type(version).__name__
        raise PromptError(f"{where!r} has the version {seen}; this ragkit reads {_VERSION}.")
    for key, types, wanted in (
        ("system", (str, type(None)), "a text or null"),
        ("user", (str,), "a text"),
        ("partials", (dict,), "a mapping"),
        ("neutralise_values", (bool,), "true or false"),
    ):
        if key in values and not isinstance(values[key], types):
            kind = type(values[key]).__name__
            raise PromptError(f"In {where!r}, {key!r} is of type {kind}; it has to be {wanted}.")
    _check_partials(values.get("partials", {}), repr(where))


def _check_partials(partials: Mapping[Any, Any], where: str) -> None:
    for name, value in partials.items():
        if not isinstance(name, str) or not isinstance(value, str | int | float | bool):
            raise PromptError(
                f"{where} has the partial {name!r:.60} of type {type(value).__name__}; in a file "
                f"it has to be a text, a number or a truth value."
            )
