"""More instances for an endpoint that is asked often, fewer for one that is not."""

from __future__ import annotations

from dataclasses import dataclass

from ragkit._checks import check_count
from ragkit._options import names_options
from ragkit.aws.calls import Call
from ragkit.errors import InvalidInputError

__all__ = ["SERVICE", "VARIANT", "Autoscaling", "deregistering", "endpoint_of", "resource_id"]

SERVICE = "application-autoscaling"
"""boto3's name of the service that scales endpoints."""
VARIANT = "AllTraffic"
"""The name of the one variant that ragkit's endpoints have."""
_POLICY = "ragkit-invocations"


@names_options
@dataclass(frozen=True, slots=True, kw_only=True)
class Autoscaling:
    """How many instances an endpoint has, by how often each is asked (target tracking).

    The measure is SageMaker's own SageMakerVariantInvocationsPerInstance.

    Args:
        min_instances: Never fewer; each costs money all the time.
        max_instances: Never more.
        target: Requests per instance and minute that are kept to.
        scale_out_cooldown: Seconds between two additions.
        scale_in_cooldown: Seconds between two removals.

    Raises:
        InvalidInputError: If a value can't work.

    Example:
        >>> Autoscaling(max_instances=4, target=120).min_instances
        1
    """

    min_instances: int = 1
    max_instances: int
    target: float
    scale_out_cooldown: int = 60
    scale_in_cooldown: int = 300

    def __post_init__(self) -> None:
        check_count(self.min_instances, "min_instances")
        check_count(self.max_instances, "max_instances")
        check_count(self.scale_out_cooldown, "scale_out_cooldown", least=0)
        check_count(self.scale_in_cooldown, "scale_in_cooldown", least=0)
        if self.min_instances > self.max_instances:
            raise InvalidInputError(
                f"min_instances is {self.min_instances}, more than max_instances, "
                f"{self.max_instances}."
            )
        number = isinstance(self.target, (int, float)) and not isinstance(self.target, bool)
        if not number or not 0 < self.target < float("inf"):
            raise InvalidInputError(
                f"target is {self.target!r}; it has to be requests per instance and minute, "
                f"above 0."
            )

    def calls(self, endpoint_name: str, variant: str = VARIANT) -> list[Call]:
        """What registers the endpoint's variant and its policy."""
        where = _where(resource_id(endpoint_name, variant))
        limits = {"MinCapacity": self.min_instances, "MaxCapacity": self.max_instances}
        policy = {
            "TargetValue": float(self.target),
            "PredefinedMetricSpecification": {
                "PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"
            },
            "ScaleOutCooldown": self.scale_out_cooldown,
            "ScaleInCooldown": self.scale_in_cooldown,
        }
        named = {
            "PolicyName": _POLICY,
            **where,
            "PolicyType": "TargetTrackingScaling",
            "TargetTrackingScalingPolicyConfiguration": policy,
        }
        return [
            Call(SERVICE, "register_scalable_target", {**where, **limits}),
            Call(SERVICE, "put_scaling_policy", named),
        ]


def resource_id(endpoint_name: str, variant: str = VARIANT) -> str:
    """What Application Auto Scaling calls an endpoint's variant."""
    return f"endpoint/{endpoint_name}/variant/{variant}"


def endpoint_of(resource: str) -> str:
    """The endpoint in what `resource_id` gives."""
    return resource.split("/")[1]


def deregistering(resource: str) -> Call:
    """What takes a variant out again, its policies with it."""
    return Call(SERVICE, "deregister_scalable_target", _where(resource))


def _where(resource: str) -> dict[str, str]:
    return {
        "ServiceNamespace": "sagemaker",
        "ResourceId": resource,
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
    }
