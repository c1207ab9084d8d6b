"""Calls of Amazon's services as data: to look at first, and to make later."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

__all__ = ["Call", "Plan", "is_secret"]

# Words anywhere in the name (PGPASSWORD), at its end (SSHKEY), and by themselves (DB_PASS).
_SECRET = re.compile(
    r"secret|passw|passphrase|credential|api_?key|access_?key|private_?key|(?:token|auth|key)$"
    r"|_key_|(?:^|_)(?:token|pass|pwd|pat|auth|bearer|jwt|dsn|cookie)(?:_|$)",
    re.IGNORECASE,
)
# What gives a secret away under any name: who an address is asked as, and what services begin
# their keys with.
_SECRET_VALUE = re.compile(
    r"://[^/\s@]+@|\bbearer\s|\b(?:hf_|ghp_|github_pat_|sk-|xox[bp]-|AKIA|ASIA)\w{4}"
    r"|(?:accountkey|sharedaccesskey|sig|signature|token|password|pwd|secret)=\S",
    re.IGNORECASE,
)


def is_secret(variable: str, value: str = "") -> bool:
    """Whether an environment variable is never shown.

    Args:
        variable: Its name; HF_TOKEN, PGPASSWORD and the like are secret.
        value: Addresses with a user in them, and what looks like a key, are secret by any name.
    """
    return (_SECRET.search(variable) or _SECRET_VALUE.search(value)) is not None


class Call:
    """One request to a service; what is secret in it is not shown.

    Args:
        service: boto3's name of the service.
        operation: The method of boto3's client.
        arguments: Its keywords. Values of environment variables with names such as HF_TOKEN are
            secret.
        note: What a reader should know, for the printout.

    Example:
        >>> print(Call("sagemaker", "delete_model", {"ModelName": "llama"}))
        sagemaker.delete_model
        {
          "ModelName": "llama"
        }
    """

    __slots__ = ("_arguments", "note", "operation", "service")

    def __init__(
        self, service: str, operation: str, arguments: Mapping[str, Any], note: str = ""
    ) -> None:
        self.service = service
        self.operation = operation
        self.note = note
        self._arguments = dict(arguments)

    @property
    def arguments(self) -> dict[str, Any]:
        """The keywords, with ``"***"`` in place of what is secret."""
        hidden: dict[str, Any] = _hidden(self._arguments)
        return hidden

    @property
    def secrets(self) -> list[str]:
        """What errors and logs must not show either."""
        return _secrets(self._arguments)

    def make(self, client: Any) -> dict[str, Any]:
        """The reply of `client`, boto3's client of the service, which gets the secrets too."""
        reply: dict[str, Any] = getattr(client, self.operation)(**self._arguments)
        return reply

    def __repr__(self) -> str:
        return f"Call({self.service!r}, {self.operation!r}, {self.arguments!r})"

    def __str__(self) -> str:
        shown = json.dumps(self.arguments, indent=2, ensure_ascii=False)
        note = f"  # {self.note}" if self.note else ""
        return f"{self.service}.{self.operation}{note}\n{shown}"

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        """Copied and pickled without what is secret."""
        return Call, (self.service, self.operation, self.arguments, self.note)


class Plan(tuple[Call, ...]):
    """Calls in the order in which they would be made; printing it shows each in full.

    Example:
        >>> plan = Plan([Call("sagemaker", "delete_model", {"ModelName": "llama"})])
        >>> plan
        <Plan: sagemaker.delete_model>
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<Plan: {', '.join(f'{call.service}.{call.operation}' for call in self)}>"

    def __str__(self) -> str:
        return "\n\n".join(f"{number}. {call}" for number, call in enumerate(self, 1))


def _hidden(value: Any, name: str = "") -> Any:
    if isinstance(value, Mapping):
        return {key: _hidden(item, str(key)) for key, item in value.items()}
    if isinstance(value, list):
        return [_hidden(item) for item in value]
    return "***" if isinstance(value, str) and name != "Key" and is_secret(name, value) else value


def _secrets(value: Any, name: str = "") -> list[str]:
    if isinstance(value, Mapping):
        return [text for key, item in value.items() for text in _secrets(item, str(key))]
    if isinstance(value, list):
        return [text for item in value for text in _secrets(item)]
    return [value] if isinstance(value, str) and value and is_secret(name, value) else []
