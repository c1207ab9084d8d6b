"""Clients of Amazon's services: sessions, regions, retries, and errors as ragkit's own.

Needs the extra ``aws`` (boto3).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

from ragkit._checks import check_seconds
from ragkit._extras import require
from ragkit._retrying import Retries
from ragkit.errors import (
    TEMPORARY_STATUSES,
    EndpointConnectionError,
    EndpointError,
    EndpointReplyError,
    EndpointTimeoutError,
    InvalidInputError,
    RagkitError,
)

__all__ = ["AWSService", "new_session"]

_SHOWN = 500
"""Characters of a service's message that an error shows."""
_LOOPBACK = re.compile(r"https?://(localhost|127\.|\[::1\])")
# What a service may echo of a signed request; the secret key itself is never sent.
_SECRET = re.compile(
    r"\b(?:AKIA|ASIA)[A-Z0-9]{12,}|(?<=x-amz-security-token:)\s*\S+|(?<=Signature=)\w+"
    r"|(?<=://)[^/\s@]+(?=@)",
    re.IGNORECASE,
)
# Who asks, in an address that may be none.
_USER = re.compile(r"^(?:[^/]*//)?(.+)@")
# Beginnings of codes that say "later", some of which come with the status 400.
_TEMPORARY = (
    "throttl", "requestthrottled", "toomanyrequests", "slowdown", "requestlimitexceeded",
    "bandwidthlimitexceeded", "provisionedthroughputexceeded", "requesttimeout",
)  # fmt: skip
# The same for one service only: elsewhere the code is about a limit that waiting does not lift.
_TEMPORARY_OF = {"textract": ("limitexceeded",)}
_HINTS = {
    "throttl": "The service is over its rate; ask again later, or raise retries=.",
    "toomanyrequests": "The service is over its rate; ask again later, or raise retries=.",
    "provisionedthroughput": "The service is over its rate; ask again later, or raise retries=.",
    "limitexceeded": "As many jobs as the account may have are running; wait for some to end.",
    "servicequota": "A quota of the account is used up.",
    "accessdenied": "The credentials may not do that; check their policy.",
    "403": "The credentials may not do that; check their policy, bucket and key.",
    "unrecognizedclient": "Check the credentials (profile=, session=, or the environment).",
    "invalidsignature": "Check the credentials (profile=, session=, or the environment).",
    "expiredtoken": "The credentials have expired; renew them.",
    "resourcenotfound": "Check the name and region=.",
    "invalids3object": (
        "The service reads it with these credentials, which need s3:GetObject, and in its own "
        "region; check bucket and key."
    ),
    "invalidjobid": "Results are kept for seven days; check the id and region=, or start again.",
    "unsupporteddocument": "It has to be PNG, JPEG, TIFF or PDF; of one page, unless as a job.",
    "modelnotready": "The model is still starting; ask again later.",
}
_HINTS_OF = {
    "bedrock": {
        "accessdenied": (
            "The credentials may not do that; check their policy and the model's access."
        ),
    },
}
"""The same for services whose names begin so."""
# SageMaker has no error class for what does not exist; Application Auto Scaling has one.
_MARKS = {
    "missing": re.compile(r"\w*NotFound\w*:|Validation\w*: (?:Could not find|No scalable target)"),
    # While it is created or changed, an endpoint can't be deleted.
    "busy": re.compile(r".*in-progress endpoint", re.DOTALL),
    "denied": re.compile(r"AccessDenied"),
}
_LEAST_SECRET = 4
"""Characters; what is shorter is no secret, and each text has it by chance."""
_T = TypeVar("_T")


class AWSService:
    """A client of one service of Amazon's, as boto3 makes it.

    Args:
        service: boto3's name for it, such as "bedrock-runtime".
        client: A client that is there already; then nothing else is needed, or taken.
        session: A boto3 session; by default a new one, which finds credentials as boto3 does.
        region: Such as "eu-central-1"; by default the session's.
        profile: Of the credentials file; not with `session`.
        endpoint_url: Another address than the region's, such as a VPC endpoint.
        timeout: Seconds between two parts of a reply; reaching the service may take 10 at most.
        retries: How often `ask` repeats a request. boto3 itself, which does not follow
            ``Retry-After``, repeats none, unless `client` is given: that keeps its own ways, and
            is repeated by nobody else.

    Attributes:
        client: boto3's client; it may be used from several threads.

    Raises:
        MissingExtraError: If boto3 is not installed.
        InvalidInputError: If an argument can't work, or there is no region.
    """

    def __init__(
        self,
        service: str,
        *,
        client: Any = None,
        session: Any = None,
        region: str | None = None,
        profile: str | None = None,
        endpoint_url: str | None = None,
        timeout: float = 60.0,
        retries: int = 2,
    ) -> None:
        require("boto3", extra="aws", feature=f"Amazon's {service}")
        timeout = check_seconds(timeout, "timeout")
        self._retries = Retries(retries)
        given = {"session": session, "region": region, "profile": profile}
        given["endpoint_url"] = endpoint_url
        _check_kinds(given, client)
        named = [name for name, value in given.items() if value is not None]
        if client is not None and named:
            raise InvalidInputError(f"client= is complete; {named[0]}= can't be given beside it.")
        if session is not None and profile is not None:
            raise InvalidInputError("session= has its profile; profile= can't be given beside it.")
        self._service, self._session = service, session
        self._url = endpoint_url
        self._secrets: tuple[str, ...] = ()
        self._signed_with: tuple[str, ...] = ()
        self.conceal(*_USER.findall(endpoint_url or ""))
        if client is None:
            client = self._made(region, profile, timeout)
        else:
            self._retries = Retries(0)
        self.client = client

    def _made(self, region: str | None, profile: str | None, timeout: float) -> Any:
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError

        config = Config(
            connect_timeout=min(timeout, 10.0),
            read_timeout=timeout,
            retries={"mode": "standard", "total_max_attempts": 1},  # `ask` repeats
            # A proxy from the environment is for what is outside, not for this machine.
            proxies={} if _LOOPBACK.match(self._url or "") else None,
        )
        self._session = self._session or new_session(profile)
        try:
            return self._session.client(
                self._service, region_name=region, endpoint_url=self._url, config=config
            )
        except (BotoCoreError, ValueError) as error:
            url = None if self._url is None else self.hide(self._url)
            raise InvalidInputError(
                f"No client for {self._service!r} can be made: {self.hide(str(error))} "
                f"(region={region!r}, profile={profile!r}, endpoint_url={url!r})."
            ) from None

    @property
    def region(self) -> str:
        """Where the requests go."""
        return str(self.client.meta.region_name)

    @property
    def session(self) -> Any:
        """boto3's session, or None where a client was given."""
        return self._session

    def ask(self, action: Callable[[Any], _T]) -> _T:
        """What `action` gives, called with the client, and again where that may help.

        Args:
            action: Makes one request; it may read the reply to its end, too.

        Raises:
            EndpointError: As `own_errors` says, once there are no more retries.
        """

        def once() -> _T:
            with self.own_errors():
                return action(self.client)

        return self._retries.call(once)

    @contextmanager
    def own_errors(self) -> Iterator[None]:
        """Inside, errors of boto3 become ragkit's.

        Raises:
            EndpointTimeoutError: If the service, or the model behind it, did not answer in time.
            EndpointConnectionError: If it could not be reached, or hung up.
            EndpointReplyError: If its reply can't be read.
            EndpointError: If it refuses; ``status``, ``body`` and ``retry_after`` say more.
            InvalidInputError: If boto3 refuses the arguments.
        """
        from botocore.eventstream import ParserError
        from botocore.exceptions import BotoCoreError, ClientError
        from botocore.parsers import ResponseParserError
        from urllib3.exceptions import HTTPError

        try:
            yield
        except ClientError as error:
            raise self._refusal(error) from None
        except (ParserError, ResponseParserError) as error:
            raise EndpointReplyError(
                f"{self._service} sent a reply that can't be read ({type(error).__name__}: "
                f"{self.hide(str(error))[:_SHOWN]}). Is endpoint_url= that service?"
            ) from None
        except (BotoCoreError, HTTPError) as error:
            raise self._failure(error) from None

    def _refusal(self, error: Any) -> EndpointError:
        """The error for what the service says went wrong."""
        reply = error.response
        said, meta = reply.get("Error", {}), reply.get("ResponseMetadata", {})
        code = str(said.get("Code", ""))
        # SageMaker passes on what the container said; in a stream it writes the name large.
        texts = (reply.get("OriginalMessage"), said.get("Message"), reply.get("Message"))
        text = next(filter(None, texts), "(no text)")
        shown = self.hide(str(text))[:_SHOWN]
        lower = code.lower()
        hint = next((hint for key, hint in self._hints().items() if lower.startswith(key)), "")
        kind = EndpointTimeoutError if "timeout" in lower else EndpointError
        refusal = kind(
            f"{self._service} refused with {code or 'an error'}: {shown} {hint}".rstrip(),
            status=meta.get("HTTPStatusCode"),
            body=shown,
            retry_after=_seconds(meta.get("HTTPHeaders", {}).get("retry-after")),
            temporary=self._is_temporary(lower, reply),
        )
        # By what was said, since a secret may be any word of it.
        said_all = f"{code}: {text}"
        refusal.marks = frozenset(name for name, mark in _MARKS.items() if mark.match(said_all))
        return refusal

    def _hints(self) -> Mapping[str, str]:
        own = (hints for name, hints in _HINTS_OF.items() if self._service.startswith(name))
        return _HINTS | next(own, {})

    def _is_temporary(self, code: str, reply: Any) -> bool | None:
        """Whether code or container say "later"; None leaves it to the status."""
        # SageMaker answers 424 for whatever its container answers.
        container = reply.get("OriginalStatusCode") in TEMPORARY_STATUSES
        later = (*_TEMPORARY, *_TEMPORARY_OF.get(self._service, ()))
        return True if container or code.startswith(later) else None

    def _failure(self, error: Exception) -> RagkitError:
        """The error for what went wrong before or after the service said anything."""
        from botocore import exceptions as boto
        from urllib3.exceptions import HTTPError, ReadTimeoutError

        said = self.hide(str(error))[:_SHOWN]
        times = (boto.ReadTimeoutError, boto.ConnectTimeoutError, ReadTimeoutError)
        lost = (
            boto.ConnectionError,
            boto.HTTPClientError,
            boto.ResponseStreamingError,
            boto.IncompleteReadError,
        )
        if isinstance(error, times):
            return EndpointTimeoutError(
                f"{self._service} did not answer in time: {said} Raise timeout= if it needs longer."
            )
        if isinstance(error, (*lost, HTTPError)):
            return EndpointConnectionError(f"{self._service} can't be reached, or hung up: {said}")
        if isinstance(error, boto.ParamValidationError):
            return InvalidInputError(f"{self._service} takes no such request: {said}")
        return EndpointError(
            f"{self._service} could not be asked: {said} Are there credentials (profile=, "
            f"session=, or the environment)?"
        )

    def hide(self, text: str) -> str:
        """`text` without keys, tokens and signatures, since services echo them."""
        for secret in (*self._credentials(), *self._secrets):
            text = text.replace(secret, "***")
        return _SECRET.sub("***", text)

    def _credentials(self) -> tuple[str, ...]:
        """What the requests were signed with; the last that is known, if it can't be renewed."""
        # A session may renew its credentials in any way, and fail in any; the request itself tells.
        with suppress(Exception):
            credentials = self._session.get_credentials() if self._session is not None else None
            if credentials is not None:
                frozen = credentials.get_frozen_credentials()
                known = (frozen.secret_key, frozen.token, frozen.access_key)
                self._signed_with = tuple(k for k in known if k and len(k) >= _LEAST_SECRET)
        return self._signed_with

    def conceal(self, *secrets: str) -> None:
        """From now on `hide` leaves these texts out too, such as a token in a request."""
        # The longest first, so that one that begins another leaves nothing of it.
        known = {*self._secrets, *(one for one in secrets if len(one) >= _LEAST_SECRET)}
        self._secrets = tuple(sorted(known, key=len, reverse=True))

    def close(self) -> None:
        """Closes the connections; a later request opens new ones."""
        self.client.close()


def _check_kinds(given: Mapping[str, Any], client: Any) -> None:
    """Nothing, if each is what it should be, as far as can be seen.

    Raises:
        InvalidInputError: If one is not.
    """
    for name in ("region", "profile", "endpoint_url"):
        value = given[name]
        if value is not None and (not isinstance(value, str) or not value):
            raise InvalidInputError(f"{name} is {value!r:.80}; it has to be a text.")
    if given["session"] is not None and not hasattr(given["session"], "get_credentials"):
        raise InvalidInputError(f"session is {given['session']!r:.80}; it has to be boto3's.")
    if client is not None and not hasattr(client, "meta"):
        raise InvalidInputError(f"client is {client!r:.80}; it has to be boto3's.")


def new_session(profile: str | None) -> Any:
    """A boto3 session, which finds credentials as boto3 does.

    Raises:
        MissingExtraError: If boto3 is not installed.
        InvalidInputError: If there is no such profile, or boto3's configuration can't be read.
    """
    boto3 = require("boto3", extra="aws", feature="A session with Amazon's services")
    from botocore.exceptions import BotoCoreError

    try:
        return boto3.Session(profile_name=profile)
    except BotoCoreError as error:
        raise InvalidInputError(
            f"No session for profile={profile!r} can be made: {error} Check the name, and the "
            f"files that AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE name."
        ) from None


def _seconds(value: str | None) -> float | None:
    from ragkit._http_values import retry_after

    return retry_after(value)
