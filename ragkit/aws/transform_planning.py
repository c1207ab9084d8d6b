"""From arguments to the calls of a batch transform job, without any request."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ragkit._checks import check_choice, check_count
from ragkit.aws.calls import Call, Plan
from ragkit.aws.checks import check_instance_type, check_name, check_tags
from ragkit.aws.resources import TAG, TAG_ID, Resource
from ragkit.aws.storage import split_address
from ragkit.errors import InvalidInputError, MissingFileError

__all__ = ["ABOUT", "Transform"]

_SPLITS = ("Line", "None")


@dataclass(slots=True)
class Transform:
    """All that the calls are made from, checked.

    Attributes:
        name: Of the job; "" gets the model's with the time.
        source: The address of the input.
        output: The address of the output's folder.
        upload: The local file that becomes the input; None if it is in S3 already.
    """

    model: str
    src: str | os.PathLike[str]
    dst: str
    instance_type: str
    job_id: str
    name: str = ""
    instances: int = 1
    max_payload: int = 6
    strategy: str | None = None
    split_type: str = "Line"
    assemble_with: str = "Line"
    content_type: str = "application/jsonlines"
    accept: str | None = None
    max_concurrent: int | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    source: str = field(init=False)
    output: str = field(init=False)
    upload: Path | None = field(init=False)

    def __post_init__(self) -> None:
        check_name(self.model, "model_name")
        check_instance_type(self.instance_type)
        if not self.name:
            self.name = f"{self.model[:40].rstrip('-')}-{time.strftime('%y%m%d-%H%M%S')}"
        check_name(self.name)
        check_count(self.instances, "instances")
        check_count(self.max_payload, "max_payload")
        check_choice(self.split_type, "split_type", _SPLITS)
        check_choice(self.assemble_with, "assemble_with", _SPLITS)
        if self.strategy is not None:
            check_choice(self.strategy, "strategy", ("MultiRecord", "SingleRecord"))
        if self.max_concurrent is not None:
            check_count(self.max_concurrent, "max_concurrent")
        check_tags(self.tags, (TAG, TAG_ID))
        self.output = _folder(self.dst)
        self.upload = None if str(self.src).startswith("s3://") else _local(self.src)
        self.source = f"{self.output}input/{self.upload.name}" if self.upload else str(self.src)
        split_address(self.source, "src")

    @property
    def resource(self) -> Resource:
        """The job."""
        return Resource("transform job", self.name, self.job_id)

    def plan(self, *, wait: bool) -> Plan:
        """The calls, in their order."""
        calls = [Call("sagemaker", "describe_model", {"ModelName": self.model}, "it has to exist")]
        if self.upload is not None:
            bucket, key = split_address(self.source)
            note = f"the file {self.upload}, in parts where it is large"
            calls.append(Call("s3", "put_object", {"Bucket": bucket, "Key": key}, note))
        calls.append(self.creating())
        if wait:
            looking = self.resource.describing()
            note = "again and again, until it is done"
            calls.append(Call("sagemaker", looking.operation, looking.arguments, note))
        return Plan(calls)

    def creating(self) -> Call:
        """What creates the job."""
        tags = {TAG: "transform", TAG_ID: self.job_id, **self.tags}
        arguments: dict[str, Any] = {
            "TransformJobName": self.name,
            "ModelName": self.model,
            "MaxPayloadInMB": self.max_payload,
            "TransformInput": {
                "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": self.source}},
                "ContentType": self.content_type,
                "SplitType": self.split_type,
            },
            "TransformOutput": {"S3OutputPath": self.output, "AssembleWith": self.assemble_with},
            "TransformResources": {
                "InstanceType": self.instance_type,
                "InstanceCount": self.instances,
            },
            "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
        }
        if self.accept is not None:
            arguments["TransformOutput"]["Accept"] = self.accept
        if self.strategy is not None:
            arguments["BatchStrategy"] = self.strategy
        if self.max_concurrent is not None:
            arguments["MaxConcurrentTransforms"] = self.max_concurrent
        return Call("sagemaker", "create_transform_job", arguments)


ABOUT = frozenset(
    {"name", "instances", "max_payload", "strategy", "split_type", "assemble_with"}
    | {"content_type", "accept", "max_concurrent", "tags"}
)
"""The options of `Transform`."""


def _folder(dst: object) -> str:
    if not isinstance(dst, str):
        raise InvalidInputError(f"dst is {dst!r:.100}; it has to be 's3://bucket/folder/'.")
    folder = f"{dst.rstrip('/')}/"
    split_address(folder, "dst")
    return folder


def _local(src: Any) -> Path:
    path = Path(src).expanduser()
    if not path.is_file():
        raise MissingFileError(f"{str(src)!r} is no file; name one, or an address 's3://…'.")
    return path
