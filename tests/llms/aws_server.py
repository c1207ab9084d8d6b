"""Amazon's runtime services on the loopback interface: Bedrock's Converse, SageMaker's invocations.

Real boto3 is the client; it checks framing and checksums of the event streams.
"""

import json
import struct
import zlib
from typing import ClassVar

from loopback import Handler
from openai_server import OpenAI
from tgi_server import TGI, details

EVENTS = "application/vnd.amazon.eventstream"


def frame(headers, payload):
    """One message of an event stream."""
    head = b"".join(
        bytes([len(name)])
        + name.encode()
        + b"\x07"
        + struct.pack(">H", len(value))
        + value.encode()
        for name, value in headers.items()
    )
    prelude = struct.pack(">II", 16 + len(head) + len(payload), len(head))
    data = prelude + struct.pack(">I", zlib.crc32(prelude)) + head + payload
    return data + struct.pack(">I", zlib.crc32(data))


def event(kind, data):
    """An event; bytes stand for themselves."""
    payload = data if isinstance(data, bytes) else json.dumps(data).encode()
    content = "application/octet-stream" if isinstance(data, bytes) else "application/json"
    names = {":message-type": "event", ":event-type": kind, ":content-type": content}
    return frame(names, payload)


def exception(kind, message, *, name="message"):
    names = {":message-type": "exception", ":exception-type": kind,
             ":content-type": "application/json"}  # fmt: skip
    return frame(names, json.dumps({name: message}).encode())


def delta(text):
    return event("contentBlockDelta", {"delta": {"text": text}, "contentBlockIndex": 0})


def part(data):
    return event("PayloadPart", data)


class AWS(Handler):
    kind = EVENTS
    codes: ClassVar = {}
    """The service's names for statuses."""

    def is_streamed(self):
        return self.path.endswith("-stream")

    def deny(self, status, said="later", headers=(), code=None):
        named = [("x-amzn-ErrorType", code or self.codes.get(status, "ValidationException"))]
        self.reply(status, {"message": said}, headers=[*named, *headers])


def aws_error(status, code, said="x", headers=()):
    """A fault: an error of that name."""
    return lambda handler, body: handler.deny(status, said, headers, code)


class Bedrock(AWS):
    codes: ClassVar = {429: "ThrottlingException", 500: "InternalServerException",
             503: "ServiceUnavailableException"}  # fmt: skip

    def limits(self):
        config = self.body["inferenceConfig"]
        return config["maxTokens"], config.get("stopSequences", [])

    def prompt(self):
        chat = self.body["messages"]
        return "\n".join(block["text"] for message in chat for block in message["content"])

    def whole(self, text, reason):
        message = {"role": "assistant", "content": [{"text": text}]}
        return {"output": {"message": message}, "stopReason": _stop_reason(reason),
                "usage": _usage(text), "metrics": {"latencyMs": 1}}  # fmt: skip

    def piece(self, text):
        return delta(text)

    def end(self, whole, reason, last=""):
        return (
            delta(last)
            + event("contentBlockStop", {"contentBlockIndex": 0})
            + event("messageStop", {"stopReason": _stop_reason(reason)})
            + event("metadata", {"usage": _usage(whole), "metrics": {"latencyMs": 1}})
        )

    def events(self, text, reason="stop"):
        return event("messageStart", {"role": "assistant"}) + super().events(text, reason)

    def failure(self, said):
        return exception("modelStreamErrorException", said)


def _stop_reason(reason):
    return {"stop": "end_turn", "length": "max_tokens"}[reason]


def _usage(text):
    count = len(text.split())
    return {"inputTokens": 7, "outputTokens": count, "totalTokens": 7 + count}


class SageMaker(AWS):
    """What all containers have; events are the payload's, cut into parts of a few bytes."""

    codes: ClassVar = {
        429: "ThrottlingException",
        500: "InternalFailure",
        503: "ServiceUnavailable",
    }

    def emit(self, data):
        size = self.server.piece or 5
        for at in range(0, len(data), size):
            frame = part(data[at : at + size])
            self.wfile.write(f"{len(frame):x}\r\n".encode() + frame + b"\r\n")

    def prompt(self):
        if "inputs" not in self.body:
            return OpenAI.prompt(self)
        inputs = self.body["inputs"]
        return inputs if isinstance(inputs, str) else "\n".join(m["content"] for m in inputs[0])


class JumpStart(SageMaker):
    def serve(self, body):
        if self.headers["X-Amzn-SageMaker-Custom-Attributes"] != "accept_eula=true":
            return self.deny(424, "need to pass accept_eula=true", code="ModelError")
        return super().serve(body)

    def limits(self):
        return self.body["parameters"]["max_new_tokens"], []

    def whole(self, text, reason):
        return [{"generation": {"role": "assistant", "content": " " + text}}]


class TGIContainer(SageMaker, TGI):
    def whole(self, text, reason):
        return [super().whole(text, reason)]


class LMI(SageMaker, TGI):
    """DJL-LMI's container: lines of JSON, and no mark of its own at the end of a stream."""

    def piece(self, text):
        return _line({"token": {"id": 1, "text": text, "log_prob": -0.1}})

    def end(self, whole, reason, last=""):
        said = {"generated_text": whole, "details": details(whole, reason)}
        return _line({"token": {"id": 1, "text": last, "log_prob": -0.1}, **said})

    def failure(self, said):
        return _line({"token": {"id": -1, "text": ""}, "details": {"finish_reason": "error"}})


class OpenAIContainer(SageMaker, OpenAI):
    base, paths = "", ()


def _line(data):
    return json.dumps(data, ensure_ascii=False).encode() + b"\n"
