"""Requests held against Amazon's own description of its services, which boto3 carries."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from ragkit.aws.calls import Plan
from ragkit.errors import InvalidInputError

__all__ = ["check_shapes"]


def check_shapes(plan: Plan) -> None:
    """Nothing, if boto3 would send each request: it knows all fields, their types and choices.

    Without boto3 there is nothing to hold them against, and nothing to send them with.

    Raises:
        InvalidInputError: If a field is unknown, missing or of another type.
    """
    try:
        from botocore import xform_name
        from botocore.validate import ParamValidator
    except ImportError:
        return
    for call in plan:
        model = _service(call.service)
        shapes = {xform_name(name): name for name in model.operation_names}
        shape = model.operation_model(shapes[call.operation]).input_shape
        # What is secret is a text in place of a text, so the errors can't show it.
        report = ParamValidator().validate(call.arguments, shape)
        if report.has_errors():
            raise InvalidInputError(
                f"{call.service} takes no such {call.operation}: {report.generate_report()}"
            )


@lru_cache(maxsize=4)
def _service(name: str) -> Any:
    from botocore.loaders import Loader
    from botocore.model import ServiceModel

    # Not by a session, which would read the user's configuration, and need its profile.
    return ServiceModel(Loader().load_service_model(name, "service-2"), name)
