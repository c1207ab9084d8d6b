"""Hugging Face's hub: what a model there consists of, and why one is not to be had."""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from ragkit._http_values import retry_after
from ragkit._retrying import Retries
from ragkit._version import __version__
from ragkit.errors import TEMPORARY_STATUSES, EndpointError, InvalidInputError, ModelError

__all__ = ["ATTEMPTS", "HUB_ID", "Hub", "HubFile", "HubModel", "refusal", "status_of", "why_not"]

HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*\Z", re.ASCII)
ATTEMPTS = 4
"""How often a request is made at most."""

_ASK = "give a token (HF_TOKEN in the environment, or token=…)"
_COMMIT = re.compile(r"[0-9a-f]{40}\Z")
_CLIENTS = ("httpx", "httpx2", "httpcore", "requests", "urllib3")
"""Packages whose errors are the network's; which one the hub's client uses, its version decides."""


@dataclass(frozen=True, slots=True)
class HubFile:
    """One file of a model as the hub lists it; what it does not say is None.

    Attributes:
        name: Its path in the repository, with slashes; not checked.
        size: In bytes.
        sha256: Of the content, for large files.
        git_id: SHA-1 of the content behind git's header, for the others.
    """

    name: str
    size: int | None = None
    sha256: str | None = None
    git_id: str | None = None


@dataclass(frozen=True, slots=True)
class HubModel:
    """A model at one commit."""

    id: str
    commit: str
    files: list[HubFile]


class Hub:
    """A hub, asked through huggingface_hub's client.

    Args:
        token: Of an account; None is the one that is logged in on this machine, if any.
        endpoint: The hub's address; None is the client's own, or the environment's HF_ENDPOINT.
        timeout: Seconds for an answer.

    Raises:
        InvalidInputError: If the token can't be one.
        ModelError: If the hub's client is not installed, or forbidden to ask.
    """

    def __init__(self, *, token: str | None, endpoint: str | None, timeout: float) -> None:
        hub = _client()
        if hub.constants.HF_HUB_OFFLINE:
            raise ModelError(
                "The environment's HF_HUB_OFFLINE forbids to ask a hub; take it away to download, "
                "or name a folder that holds the model already."
            )
        implicit = not hub.constants.HF_HUB_DISABLE_IMPLICIT_TOKEN
        token = hub.get_token() if token is None and implicit else _checked_token(token)
        # False is "none at all"; None would let the client look for one.
        self._api = hub.HfApi(endpoint=endpoint, token=token or False)
        self._token = token
        self.timeout = timeout

    def model(self, name: str, revision: str | None) -> HubModel:
        """What the model consists of; failures that may pass are tried again.

        Raises:
            ModelError: If it is not to be had.
        """
        try:
            return Retries(ATTEMPTS - 1).call(lambda: self._asked(name, revision))
        except EndpointError as error:
            raise ModelError(str(error)) from None

    def _asked(self, name: str, revision: str | None) -> HubModel:
        """`model`, asked for once; the client's errors as one that `Retries` can read."""
        try:
            info = self._api.model_info(
                name, revision=revision, files_metadata=True, timeout=self.timeout
            )
            return _checked(name, info)
        except ModelError:
            raise
        except Exception as error:  # of whichever HTTP library the client uses
            # What the hub said may repeat the token, so it is not chained.
            raise EndpointError(
                why_not(error, name, revision),
                status=status_of(error),
                retry_after=_retry_after(error),
                temporary=_may_pass(error),
            ) from None

    def url(self, model: HubModel, file: str) -> str:
        """Where a file's content is."""
        url = _client().hf_hub_url
        return str(url(model.id, file, revision=model.commit, endpoint=self._api.endpoint))

    def headers(self) -> dict[str, str]:
        """What a request for a file carries, the token included."""
        agent = {"User-Agent": f"ragkit/{__version__}"}
        return {**agent, "Authorization": f"Bearer {self._token}"} if self._token else agent


def why_not(error: Exception, name: str, revision: str | None = None) -> str:
    """A sentence on why a model is not to be had, and what to do; nothing that the hub said."""
    kind, status = type(error).__name__, status_of(error)
    if kind == "RevisionNotFoundError":
        return f"The hub's model {name!r} has no revision {revision!r}; see its branches and tags."
    if status is not None:
        return refusal(status, name, gated=kind == "GatedRepoError")
    reason = next(iter(str(error).strip().splitlines()), "")
    return f"The hub can't be asked for {name!r} ({kind}: {reason}). Is there a network?"


def refusal(status: int, name: str, *, gated: bool = False) -> str:
    """`why_not` of a status."""
    if gated or status == 403:
        return (
            f"The hub's model {name!r} is gated (status {status}): ask for access on its page "
            f"there, and {_ASK} of the account that was given it."
        )
    if status in (401, 404):
        return (
            f"The hub has no model {name!r}, or it is private or gated (status {status}). Check "
            f"its name; if that is right, {_ASK} of an account that may read it."
        )
    return f"The hub answered with status {status} for {name!r}; try again later."


def status_of(error: Exception) -> int | None:
    """The HTTP status of an error of the hub's client; None if no answer came."""
    status = getattr(getattr(error, "response", None), "status_code", None)
    return status if isinstance(status, int) else None


def _client() -> ModuleType:
    try:
        import huggingface_hub
        import huggingface_hub.constants
    except ImportError as error:
        raise ModelError(
            f"Asking a hub needs the package huggingface_hub ({type(error).__name__}: {error}). "
            f"Install it with: pip install huggingface_hub"
        ) from error
    return huggingface_hub


def _checked_token(token: str | None) -> str | None:
    """The token, if it can be sent in a header; an error of the HTTP library would show it."""
    if token is not None and not (
        isinstance(token, str) and token.isascii() and token.isprintable() and " " not in token
    ):
        raise InvalidInputError(
            "token has characters that a token can't have: spaces, line ends or letters outside "
            "ASCII. Was it pasted whole?"
        )
    return token


def _may_pass(error: Exception) -> bool:
    status = status_of(error)
    if status is not None:
        return status in TEMPORARY_STATUSES
    return type(error).__module__.partition(".")[0] in _CLIENTS


def _retry_after(error: Exception) -> float | None:
    headers = getattr(getattr(error, "response", None), "headers", {})
    return retry_after(headers.get("retry-after"))


def _checked(name: str, info: Any) -> HubModel:
    """The client's answer, whose fields are whatever the server sent."""
    if not isinstance(info.sha, str) or not _COMMIT.match(info.sha):
        raise ModelError(f"The hub names no commit for {name!r}; is endpoint= a hub's address?")
    return HubModel(name, info.sha, [_file(sibling) for sibling in info.siblings or []])


def _file(sibling: Any) -> HubFile:
    lfs = sibling.lfs
    size = sibling.size if lfs is None else lfs.size
    if not isinstance(size, int) or size < 0:
        size = None
    sha256 = None if lfs is None else str(lfs.sha256).lower()
    git_id = sibling.blob_id if lfs is None else None
    return HubFile(str(sibling.rfilename), size, sha256, git_id)
