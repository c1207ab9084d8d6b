"""Checks of what SageMaker would refuse, before anything is created."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ragkit.aws.calls import is_secret
from ragkit.errors import InvalidInputError

__all__ = [
    "check_env",
    "check_instance_type",
    "check_name",
    "check_role",
    "check_s3",
    "check_tags",
]

# The patterns and lengths are those of SageMaker's API.
_NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")
_ROLE = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+", re.ASCII)
_INSTANCE = re.compile(r"ml\.[a-z][a-z0-9-]*\.[a-z0-9]+")
_VARIABLE = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_S3 = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/\S*")
_TAG = re.compile(r"[\w\s.:/=+@-]*")


def check_name(value: object, name: str = "name") -> str:
    """`value`, if SageMaker takes it as a name."""
    if not isinstance(value, str) or len(value) > 63 or not _NAME.fullmatch(value):
        raise InvalidInputError(
            f"{name} is {value!r:.100}; it has to have 1 to 63 letters, digits and hyphens, the "
            f"first and last no hyphen."
        )
    return value


def check_role(value: object) -> str:
    """`value`, if it can be the ARN of a role."""
    if not isinstance(value, str) or not _ROLE.fullmatch(value):
        raise InvalidInputError(
            f"role is {value!r:.100}; it has to be the ARN of the role that the endpoint runs "
            f"as, such as 'arn:aws:iam::123456789012:role/SageMakerExecution'."
        )
    return value


def check_instance_type(value: object) -> str:
    """`value`, if it can be a type of instance; which exist differs by region."""
    if not isinstance(value, str) or not _INSTANCE.fullmatch(value):
        raise InvalidInputError(
            f"instance_type is {value!r:.100}; it has to be one of SageMaker's, such as "
            f"'ml.g5.2xlarge'."
        )
    return value


def check_s3(value: object, name: str) -> str:
    """`value`, if it can be an address on S3."""
    if not isinstance(value, str) or len(value) > 1024 or not _S3.fullmatch(value):
        raise InvalidInputError(
            f"{name} is {value!r:.200}; it has to be an address such as 's3://bucket/folder/'."
        )
    return value


def check_env(value: object) -> dict[str, str]:
    """`value`, if it can be a container's environment. Values of secret variables aren't shown."""
    if not isinstance(value, Mapping):
        raise InvalidInputError(f"env is a {type(value).__name__}; it has to be a mapping.")
    for key, text in value.items():
        if not isinstance(key, str) or not _VARIABLE.fullmatch(key):
            raise InvalidInputError(f"env has {key!r:.100}, which is no name of a variable.")
        if not isinstance(text, str) or len(text) > 1024:
            shown = "***" if is_secret(key, str(text)) else f"{text!r:.100}"
            raise InvalidInputError(
                f"env[{key!r}] is {shown}; it has to be a str of at most 1024 characters."
            )
    if len(value) > 100:
        raise InvalidInputError(f"The environment has {len(value)} variables; 100 is the most.")
    return dict(value)


def check_tags(value: object, reserved: tuple[str, ...]) -> dict[str, str]:
    """`value`, if all of it can be tags beside the `reserved` ones."""
    if not isinstance(value, Mapping):
        raise InvalidInputError(f"tags is {value!r:.100}; it has to be a mapping of str to str.")
    for key, text in value.items():
        _check_part(key, key, least=1, most=128)
        _check_part(text, key, least=0, most=256)
        if key in reserved or key.lower().startswith("aws:"):
            raise InvalidInputError(f"tags has {key!r}, which is reserved; choose another key.")
    if len(value) + len(reserved) > 50:
        raise InvalidInputError(f"tags has {len(value)} entries; {50 - len(reserved)} is the most.")
    return dict(value)


def _check_part(text: object, key: object, *, least: int, most: int) -> None:
    if not isinstance(text, str) or not least <= len(text) <= most or not _TAG.fullmatch(text):
        raise InvalidInputError(
            f"tags has {text!r:.100} at {key!r:.100}; it has to be a str of {least} to {most} "
            f"letters, digits, spaces and any of _ . : / = + - @."
        )
