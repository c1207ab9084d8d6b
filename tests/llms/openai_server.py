"""OpenAI's format on the loopback interface: chat and text completions."""

import json

from loopback import Handler


class OpenAI(Handler):
    base = "/v1"
    paths = ("/v1/chat/completions", "/v1/completions")

    def serve(self, body):
        if self.paths and self.path not in self.paths:
            return self.deny(404, "no such path")
        return super().serve(body)

    def limits(self):
        return self.body.get("max_tokens", 16), self.body.get("stop", [])

    def prompt(self):
        if "prompt" in self.body:
            return self.body["prompt"]
        return "\n".join(message["content"] for message in self.body["messages"])

    def deny(self, status, said="later", headers=()):
        self.reply(status, {"error": {"message": said, "type": "x"}}, headers=headers)

    def failure(self, said):
        return self.event({"error": {"message": said}})

    def whole(self, text, reason):
        return self.envelope([self.choice(text, reason, "message")], usage=usage(text))

    def piece(self, text, reason=None):
        return self.event(self.envelope([self.choice(text, reason, "delta")]))

    def end(self, whole, reason, last=""):
        counted = b""
        if self.body.get("stream_options", {}).get("include_usage"):
            counted = self.event(self.envelope([], usage=usage(whole)))
        return self.piece(last) + self.piece("", reason) + counted + b"data: [DONE]\n\n"

    def events(self, text, reason="stop"):
        return b": a comment\n\n" + super().events(text, reason)

    def choice(self, text, reason, name):
        if "prompt" in self.body:
            return {"index": 0, "text": text, "finish_reason": reason}
        message = {"role": "assistant", "content": text}
        return {"index": 0, name: message, "finish_reason": reason}

    def envelope(self, choices, **more):
        return {"id": "x", "object": "chat.completion", "created": 1, "model": "m",
                "choices": choices, **more}  # fmt: skip

    def event(self, data):
        return f"data: {json.dumps(data, ensure_ascii=False)}\n\n".encode()


def usage(text):
    count = len(text.split())
    return {"prompt_tokens": 7, "completion_tokens": count, "total_tokens": 7 + count}
