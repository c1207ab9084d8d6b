"""From arguments to the calls that make an endpoint, without any request."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ragkit._checks import check_count, check_flag
from ragkit.aws.autoscaling import VARIANT, Autoscaling
from ragkit.aws.calls import Call, Plan
from ragkit.aws.checks import (
    check_env,
    check_instance_type,
    check_name,
    check_role,
    check_tags,
)
from ragkit.aws.resources import TAG, TAG_ID, Resource
from ragkit.errors import InvalidInputError

__all__ = ["Deployment"]

_MODEL = re.compile(r"[\w.-]+(/[\w.-]+)?", re.ASCII)
_S3 = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/\S+")
_ARTEFACT_FOLDER = "/opt/ml/model"
"""Where SageMaker puts a model's artefact in the container."""
_PROVISIONING = 1800
"""Seconds that finding an instance and fetching the image may take; SageMaker names no limit."""
_TOKEN = "HF_TOKEN"  # noqa: S105 - the name of a variable


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Deployment:
    """All that the calls are made from, checked."""

    name: str
    model: str
    serves: Literal["llm", "embedder"]
    role: str
    instance_type: str
    image: str
    deployment_id: str
    settings: Mapping[str, str] = field(default_factory=dict)
    instances: int = 1
    env: Mapping[str, str] = field(default_factory=dict)
    token: str | None = None
    accept_eula: bool = False
    autoscaling: Autoscaling | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    variant: Mapping[str, Any] = field(default_factory=dict)
    vpc: Mapping[str, Any] | None = None
    startup_timeout: int = 1800
    wait: bool = True

    def __post_init__(self) -> None:
        check_name(self.name)
        check_role(self.role)
        check_instance_type(self.instance_type)
        check_count(self.instances, "instances")
        check_tags(self.tags, (TAG, TAG_ID))
        if not isinstance(self.image, str) or not re.fullmatch(r"\S{1,255}", self.image):
            raise InvalidInputError(f"image is {self.image!r:.300}; it has to be an address.")
        check_count(self.startup_timeout, "startup_timeout", least=60)
        if self.startup_timeout > 3600:
            raise InvalidInputError(
                f"startup_timeout is {self.startup_timeout}; SageMaker takes 3600 seconds at most."
            )
        check_flag(self.wait, "wait")
        check_flag(self.accept_eula, "accept_eula")
        self._check_model()
        self._check_scaling()
        for name in ("variant", "vpc"):
            value = getattr(self, name)
            if value is not None and not isinstance(value, Mapping):
                raise InvalidInputError(f"{name} is {value!r:.100}; it has to be a mapping.")
        check_env(self.environment())

    @property
    def resources(self) -> list[Resource]:
        """What is made, in that order; all have one name."""
        kinds = ("model", "endpoint configuration", "endpoint")
        return [Resource(kind, self.name, self.deployment_id) for kind in kinds]

    @property
    def longest_creation(self) -> float:
        """Seconds after which SageMaker has given up, if the endpoint can't come up."""
        stages = 2 if self._artefact else 1  # fetching the artefact has a limit of its own
        return float(_PROVISIONING + stages * self.startup_timeout)

    def plan(self) -> Plan:
        """The calls, in their order."""
        calls = [self._model(), self._config(), self._endpoint()]
        if self.wait:
            looking = Resource("endpoint", self.name).describing()
            note = "again and again, until it is in service"
            calls.append(Call("sagemaker", looking.operation, looking.arguments, note))
        if self.autoscaling is not None:
            calls += self.autoscaling.calls(self.name)
        return Plan(calls)

    def environment(self) -> dict[str, str]:
        """The container's variables, the token among them."""
        about = {"HF_MODEL_ID": _ARTEFACT_FOLDER if self._artefact else self.model}
        if self.serves == "embedder":
            about["HF_TASK"] = "feature-extraction"
        token = {} if self.token is None else {_TOKEN: self.token}
        return _merged(model=about, settings=self.settings, env=check_env(self.env), token=token)

    @property
    def _artefact(self) -> bool:
        return self.model.startswith("s3://")

    def _check_model(self) -> None:
        pattern = _S3 if isinstance(self.model, str) and self._artefact else _MODEL
        if not isinstance(self.model, str) or not pattern.fullmatch(self.model):
            raise InvalidInputError(
                f"model is {self.model!r:.200}; it has to be an id on the hub, such as "
                f"'meta-llama/Llama-2-7b-chat-hf', or an artefact, 's3://bucket/folder/' or "
                f"'s3://bucket/model.tar.gz'."
            )
        if self.accept_eula and not self._artefact:
            raise InvalidInputError(
                f"accept_eula=True is for artefacts of JumpStart ('s3://…'), and model is "
                f"{self.model!r}; the licence of a model on the hub is accepted there."
            )
        token = self.token
        if token is not None and not (isinstance(token, str) and re.fullmatch(r"\S+", token)):
            raise InvalidInputError(
                "token is no text, or empty, or has white space; it has to be an access token of "
                "the hub, or None. (It is not shown.)"
            )

    def _check_scaling(self) -> None:
        scaling = self.autoscaling
        if scaling is None:
            return
        if not isinstance(scaling, Autoscaling):
            raise InvalidInputError(f"autoscaling is {scaling!r:.100}; it has to be Autoscaling.")
        if not self.wait:
            raise InvalidInputError(
                "autoscaling= needs an endpoint in service, and wait is False: call wait() and "
                "then autoscale() on what you get."
            )
        if not scaling.min_instances <= self.instances <= scaling.max_instances:
            raise InvalidInputError(
                f"instances is {self.instances}; autoscaling keeps {scaling.min_instances} to "
                f"{scaling.max_instances}."
            )

    def _tags(self) -> list[dict[str, str]]:
        tags = {TAG: self.serves, TAG_ID: self.deployment_id, **self.tags}
        return [{"Key": key, "Value": value} for key, value in tags.items()]

    def _model(self) -> Call:
        container: dict[str, Any] = {"Image": self.image, "Environment": self.environment()}
        if self._artefact:
            container["ModelDataSource"] = {"S3DataSource": self._source()}
        arguments = {
            "ModelName": self.name,
            "PrimaryContainer": container,
            "ExecutionRoleArn": self.role,
            "Tags": self._tags(),
        }
        if self.vpc is not None:
            arguments["VpcConfig"] = dict(self.vpc)
        return Call("sagemaker", "create_model", arguments)

    def _source(self) -> dict[str, Any]:
        """One archive, or all below a prefix as it is."""
        packed = self.model.endswith((".tar.gz", ".tgz"))
        uri = self.model if packed else f"{self.model.rstrip('/')}/"
        source: dict[str, Any] = {
            "S3Uri": uri,
            "S3DataType": "S3Object" if packed else "S3Prefix",
            "CompressionType": "Gzip" if packed else "None",
        }
        if self.accept_eula:
            source["ModelAccessConfig"] = {"AcceptEula": True}
        return source

    def _config(self) -> Call:
        variant = {
            "VariantName": VARIANT,
            "ModelName": self.name,
            "InitialInstanceCount": self.instances,
            "InstanceType": self.instance_type,
            "ContainerStartupHealthCheckTimeoutInSeconds": self.startup_timeout,
        }
        if self._artefact:
            variant["ModelDataDownloadTimeoutInSeconds"] = self.startup_timeout
        twice = sorted(variant.keys() & self.variant.keys())
        if twice:
            raise InvalidInputError(
                f"variant has {twice[0]!r}, which deploy's own arguments give already."
            )
        arguments = {
            "EndpointConfigName": self.name,
            "ProductionVariants": [{**variant, **self.variant}],
            "Tags": self._tags(),
        }
        return Call("sagemaker", "create_endpoint_config", arguments)

    def _endpoint(self) -> Call:
        arguments = {
            "EndpointName": self.name,
            "EndpointConfigName": self.name,
            "Tags": self._tags(),
        }
        return Call("sagemaker", "create_endpoint", arguments)


def _merged(**given: Mapping[str, str]) -> dict[str, str]:
    """All in one; a variable that two give differently is an error, without the values."""
    merged: dict[str, str] = {}
    source: dict[str, str] = {}
    for name, variables in given.items():
        for key, value in variables.items():
            if merged.get(key, value) != value:
                raise InvalidInputError(
                    f"{source[key]} and {name} give {key} different values; give it once."
                )
            merged[key] = value
            source[key] = name
    return merged
