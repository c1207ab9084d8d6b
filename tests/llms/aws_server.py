"""Amazon's runtime services on the loopback interface: Bedrock's Converse, SageMaker's invocations.

Real boto3 is the client; it checks framing and checksums of the event streams.
"""

import json
import struct
import zlib

from loopback import Handler

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


def aws_error(status, code, message="x", headers=()):
    """A fault: an error as Amazon's services write it."""
    named = [("x-amzn-ErrorType", code), *headers]
    return lambda h, b: h.reply(status, {"message": message}, headers=named)


class Bedrock(Handler):
    def serve(self, body):
        config = body["inferenceConfig"]
        text, reason = self.answer(config["maxTokens"], config.get("stopSequences", []))
        reason = {"stop": "end_turn", "length": "max_tokens"}[reason]
        usage = {"inputTokens": 7, "outputTokens": 9, "totalTokens": 16}
        if not self.path.endswith("-stream"):
            message = {"role": "assistant", "content": [{"text": text}]}
            return self.reply(200, {"output": {"message": message}, "stopReason": reason,
                                    "usage": usage, "metrics": {"latencyMs": 1}})  # fmt: skip
        self.begin_stream(EVENTS)
        self.send(event("messageStart", {"role": "assistant"}))
        for at in range(0, len(text), 3):
            self.send(delta(text[at : at + 3]))
        self.send(event("contentBlockStop", {"contentBlockIndex": 0}))
        self.send(event("messageStop", {"stopReason": reason}))
        self.send(event("metadata", {"usage": usage, "metrics": {"latencyMs": 1}}))
        return self.end_stream()


class SageMaker(Handler):
    """The form of a request says which container is asked."""

    def serve(self, body):
        if "parameters" not in body:
            return self.openai(body)
        asked = body["parameters"]
        text, reason = self.answer(asked["max_new_tokens"], asked.get("stop", []), keep_stop=True)
        if isinstance(body["inputs"], list):
            if self.headers["X-Amzn-SageMaker-Custom-Attributes"] != "accept_eula=true":
                return aws_error(424, "ModelError", "need to pass accept_eula=true")(self, body)
            message = {"role": "assistant", "content": " " + text}
            return self.reply(200, [{"generation": message}])
        details = {"finish_reason": {"stop": "eos_token"}.get(reason, reason),
                   "generated_tokens": 9}  # fmt: skip
        whole = {"generated_text": text, "details": details}
        if not self.path.endswith("-stream"):
            return self.reply(200, whole if self.server.lmi else [whole])
        tokens = [{"token": {"id": 1, "text": text[at : at + 3]}} for at in range(0, len(text), 3)]
        return self.lines([*tokens[:-1], {**tokens[-1], **whole}], sse=not self.server.lmi)

    def openai(self, body):
        text, reason = self.answer(body["max_tokens"], body.get("stop", []))
        if not self.path.endswith("-stream"):
            usage = {"prompt_tokens": 7, "completion_tokens": 9}
            choice = {"message": {"content": text}, "text": text, "finish_reason": reason}
            return self.reply(200, {"choices": [choice], "usage": usage})
        chunks = [{"choices": [{"delta": {"content": text[at : at + 3]}}]}
                  for at in range(0, len(text), 3)]  # fmt: skip
        last = {"choices": [{"delta": {}, "finish_reason": reason}]}
        return self.lines([*chunks, last], sse=True, done=b"data: [DONE]\n\n")

    def lines(self, data, *, sse, done=b""):
        """The payload in parts of five bytes, which cut lines and characters anywhere."""
        mark, end = ("data:", "\n\n") if sse else ("", "\n")
        texts = [mark + json.dumps(one, ensure_ascii=False) + end for one in data]
        payload = "".join(texts).encode() + done
        self.begin_stream(EVENTS)
        size = self.server.part
        for at in range(0, len(payload), size):
            self.send(part(payload[at : at + size]))
        self.end_stream()
