"""SageMaker's control plane in a few lines, for what moto never does: statuses and faults.

It also answers invocations, and Application Auto Scaling's calls. Real boto3 is the client.
"""

import re
import threading
import time
from contextlib import contextmanager

from loopback import Handler, running

__all__ = ["ControlPlane", "control_plane"]

ARN = "arn:aws:sagemaker:eu-central-1:123456789012"
MISSING = 'Could not find {} "{}".'
KINDS = {
    "Endpoint": "endpoint",
    "EndpointConfig": "endpoint-config",
    "Model": "model",
    "TrainingJob": "training-job",
    "TransformJob": "transform-job",
}
SPOKEN = {
    name: kind.replace("-config", " configuration").replace("transform-", "transform ")
    for name, kind in KINDS.items()
}


@contextmanager
def control_plane():
    """The server, with what tests set: `statuses` to come (the last one stays), and faults."""
    with running(ControlPlane) as server:
        server.kept, server.operations, server.asked = {}, [], []
        server.statuses, server.reason = ["InService"], "no reason"
        server.job_statuses = ["Completed"]
        server.refusals, server.lost, server.busy = {}, [], 0
        server.late = {}
        yield server


class ControlPlane(Handler):
    """Keeps what was made in `server.kept`: (kind, name) to its fields."""

    def serve(self, body):
        target = self.headers.get("x-amz-target")
        if target is None:  # an invocation
            self.server.asked.append((self.path, body))
            text = self.server.text
            choice = {"message": {"content": text}, "finish_reason": "stop"}
            if isinstance(body.get("inputs"), list):  # texts to embed
                return self.reply(200, [[0.6, 0.8]] * len(body["inputs"]))
            chat = "messages" in body or "prompt" in body
            return self.reply(200, {"choices": [choice]} if chat else {"generated_text": text})
        operation = target.partition(".")[2]
        self.server.operations.append(operation)
        if self.server.late.get(operation):  # the connection is cut before it is carried out
            seconds = self.server.late[operation].pop(0)
            if seconds is not None:
                threading.Timer(seconds, self.answered, (operation, body)).start()
            return self.cut()
        refusals = self.server.refusals.get(operation)
        if refusals:
            return self.refuse(*refusals.pop(0))
        try:
            answer = self.answered(operation, body)
        except LookupError as error:
            return self.refuse("ValidationException", str(error.args[0]))
        if operation in self.server.lost:
            self.server.lost.remove(operation)
            return self.cut()
        return self.reply(200, answer, "application/x-amz-json-1.1")

    def refuse(self, code, message, status=400):
        data = {"__type": code, "message": message}
        self.reply(status, data, "application/x-amz-json-1.1")

    def answered(self, operation, body):
        kept = self.server.kept
        if operation in ("RegisterScalableTarget", "PutScalingPolicy"):
            kept.setdefault(("scaling", body["ResourceId"]), {})[operation] = body
            return {"PolicyARN": "arn", "Alarms": []}
        if operation == "DeregisterScalableTarget":
            if kept.pop(("scaling", body["ResourceId"]), None) is None:
                raise LookupError("No scalable target found for that.")
            return {}
        if operation == "ListTags":
            return self.tags(body)
        verb, kind = re.fullmatch(
            "(Create|Describe|Delete|List|Stop)([A-Z]\\w+)", operation
        ).groups()
        if verb == "List":
            return self.listed(kind.removesuffix("s"))
        return getattr(self, verb.lower())(kind, body[f"{kind}Name"], body)

    def create(self, kind, name, body):
        if (kind, name) in self.server.kept:
            raise LookupError(f'Cannot create already existing {SPOKEN[kind]} "{name}".')
        arn = f"{ARN}:{KINDS[kind]}/{name}"
        extra = {f"{kind}Arn": arn, "CreationTime": time.time(), "LastModifiedTime": time.time()}
        self.server.kept[kind, name] = {**body, **extra}
        return {f"{kind}Arn": arn}

    def describe(self, kind, name, body):
        found = self.found(kind, name)
        if kind in ("Endpoint", "TransformJob"):
            statuses = self.server.statuses
            status = statuses.pop(0) if len(statuses) > 1 else statuses[0]
            found[f"{kind}Status"] = status
            if status == "Failed":
                found["FailureReason"] = self.server.reason
        if kind == "TrainingJob":
            found |= self.job(name)
        return found

    def job(self, name):
        statuses = self.server.job_statuses
        status = statuses.pop(0) if len(statuses) > 1 else statuses[0]
        bucket = self.server.kept["TrainingJob", name]["OutputDataConfig"]["S3OutputPath"]
        artefact = {"S3ModelArtifacts": f"{bucket}{name}/output/model.tar.gz"}
        reason = {"FailureReason": self.server.reason} if status == "Failed" else {}
        return {
            "TrainingJobStatus": status,
            "SecondaryStatus": "Training" if status == "InProgress" else status,
            "ModelArtifacts": artefact,
            **reason,
        }

    def stop(self, kind, name, body):
        if kind == "TransformJob":
            self.found(kind, name)["stopped"] = True
            return {}
        if self.server.job_statuses[0] != "InProgress":
            raise LookupError(f"The request was rejected because {name} has ended.")
        self.server.job_statuses = ["Stopping", "Stopped"]
        return {}

    def delete(self, kind, name, body):
        if kind == "Endpoint" and self.found(kind, name) and self.server.busy:
            self.server.busy -= 1
            raise LookupError(f'Cannot update in-progress endpoint "{name}".')
        self.found(kind, name)
        del self.server.kept[kind, name]
        return {}

    def found(self, kind, name):
        if (kind, name) not in self.server.kept:
            raise LookupError(MISSING.format(SPOKEN[kind], name))
        return self.server.kept[kind, name]

    def listed(self, kind):
        found = [value for key, value in self.server.kept.items() if key[0] == kind]
        return {f"{kind}s": [{"EndpointStatus": "InService", **value} for value in found]}

    def tags(self, body):
        tags = next(
            value["Tags"]
            for value in self.server.kept.values()
            if body["ResourceArn"] in value.values()
        )
        at = int(body.get("NextToken", 0))  # a page has one tag
        more = {"NextToken": str(at + 1)} if at + 1 < len(tags) else {}
        return {"Tags": tags[at : at + 1], **more}
