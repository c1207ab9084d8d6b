"""From arguments to the calls that start a training job, without any request."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ragkit._checks import check_count, check_flag
from ragkit.aws.calls import Call, Plan
from ragkit.aws.checks import check_instance_type, check_name, check_role, check_s3, check_tags
from ragkit.aws.resources import TAG, TAG_ID, Resource
from ragkit.errors import InvalidInputError

__all__ = ["Training"]

_PROGRAM = "transfer_learning.py"
"""The entry of JumpStart's training scripts."""
_ARGUMENTS = ("batch_size", "max_seq_length")
"""Hyperparameters that are arguments, and left to the script where they are not given."""
_LONGEST = 2_419_200
"""Seconds that SageMaker lets a job run at most: 28 days."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Training:
    """All that the calls are made from, checked."""

    corpus: str
    output: str
    name: str
    image: str
    role: str
    instance_type: str
    job_id: str
    model: str | None = None
    script: str | None = None
    batch_size: int | None = None
    max_seq_length: int | None = None
    store_text_with_embedding: bool = False
    hyperparameters: Mapping[str, str] = field(default_factory=dict)
    instances: int = 1
    volume_gb: int = 30
    max_runtime: int = 86400
    network_isolation: bool = True
    tags: Mapping[str, str] = field(default_factory=dict)
    vpc: Mapping[str, Any] | None = None
    wait: bool = True

    def __post_init__(self) -> None:
        check_name(self.name)
        check_role(self.role)
        check_instance_type(self.instance_type)
        check_tags(self.tags, (TAG, TAG_ID))
        self._check_addresses()
        for name in _ARGUMENTS:
            if getattr(self, name) is not None:
                check_count(getattr(self, name), name)
        for name in ("instances", "volume_gb", "max_runtime"):
            check_count(getattr(self, name), name)
        if self.max_runtime > _LONGEST:
            raise InvalidInputError(
                f"max_runtime is {self.max_runtime}; SageMaker takes {_LONGEST} seconds at most."
            )
        for name in ("store_text_with_embedding", "network_isolation", "wait"):
            check_flag(getattr(self, name), name)
        if self.vpc is not None and not isinstance(self.vpc, Mapping):
            raise InvalidInputError(f"vpc is {self.vpc!r:.100}; it has to be a mapping.")
        self._hyperparameters()

    def _check_addresses(self) -> None:
        if not isinstance(self.image, str) or not re.fullmatch(r"\S{1,255}", self.image):
            raise InvalidInputError(f"image is {self.image!r:.300}; it has to be an address.")
        for name in ("corpus", "output", "model", "script"):
            value = getattr(self, name)
            if value is not None or name in ("corpus", "output"):
                check_s3(value, name)

    @property
    def resource(self) -> Resource:
        """The job."""
        return Resource("training job", self.name, self.job_id)

    def plan(self) -> Plan:
        """The calls, in their order."""
        calls = [Call("sagemaker", "create_training_job", self._arguments())]
        if self.wait:
            looking = self.resource.describing()
            note = "again and again, until it has completed"
            calls.append(Call("sagemaker", looking.operation, looking.arguments, note))
        return Plan(calls)

    def _arguments(self) -> dict[str, Any]:
        tags = {TAG: "training", TAG_ID: self.job_id, **self.tags}
        arguments: dict[str, Any] = {
            "TrainingJobName": self.name,
            "AlgorithmSpecification": {"TrainingImage": self.image, "TrainingInputMode": "File"},
            "HyperParameters": self._hyperparameters(),
            "InputDataConfig": self._channels(),
            "OutputDataConfig": {"S3OutputPath": self.output},
            "ResourceConfig": {
                "InstanceType": self.instance_type,
                "InstanceCount": self.instances,
                "VolumeSizeInGB": self.volume_gb,
            },
            "RoleArn": self.role,
            "StoppingCondition": {"MaxRuntimeInSeconds": self.max_runtime},
            "EnableNetworkIsolation": self.network_isolation,
            "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
        }
        if self.vpc is not None:
            arguments["VpcConfig"] = dict(self.vpc)
        return arguments

    def _channels(self) -> list[dict[str, Any]]:
        channels = {"training": self.corpus, "model": self.model}
        if self.script is not None and self.network_isolation:
            channels["code"] = self.script  # the container can't fetch it by itself
        return [
            {
                "ChannelName": name,
                "DataSource": {
                    "S3DataSource": {
                        "S3DataType": "S3Prefix",
                        "S3Uri": address,
                        "S3DataDistributionType": "FullyReplicated",
                    }
                },
                "CompressionType": "None",
            }
            for name, address in channels.items()
            if address is not None
        ]

    def _hyperparameters(self) -> dict[str, str]:
        """All of them as texts, which is what SageMaker takes."""
        own: dict[str, str] = {"store_text_with_embedding": str(self.store_text_with_embedding)}
        for name in _ARGUMENTS:
            if getattr(self, name) is not None:
                own[name] = str(getattr(self, name))
        if self.script is not None:
            own["sagemaker_program"] = _PROGRAM
            inside = f"/opt/ml/input/data/code/{self.script.rpartition('/')[2]}"
            own["sagemaker_submit_directory"] = inside if self.network_isolation else self.script
        if not isinstance(self.hyperparameters, Mapping):
            raise InvalidInputError(
                f"hyperparameters is {self.hyperparameters!r:.100}; it has to be a mapping."
            )
        for key, value in self.hyperparameters.items():
            if not isinstance(key, str) or not isinstance(value, str):
                raise InvalidInputError(
                    f"hyperparameters[{key!r:.100}] is {value!r:.100}; name and value have to be "
                    f"str."
                )
            if key in own or key in _ARGUMENTS:
                raise InvalidInputError(
                    f"hyperparameters has {key!r}, which has an argument of its own."
                )
        return {**own, **self.hyperparameters}
