"""TGI's own API on the loopback interface."""

import json

from loopback import Handler

REASONS = {"stop": "eos_token", "length": "length"}


class TGI(Handler):
    keep_stop = True

    def do_GET(self):
        self.server.seen.append((self.path, dict(self.headers), None))
        self.reply(200, self.server.info)

    def serve(self, body):
        asked = body["parameters"]
        if len(asked.get("stop", [])) > 4 or (asked.get("temperature") or 1) <= 0:
            return self.deny(422, "Input validation error")
        return super().serve(body)

    def limits(self):
        return self.body["parameters"]["max_new_tokens"], self.body["parameters"].get("stop", [])

    def prompt(self):
        return self.body["inputs"]

    def is_streamed(self):
        return self.path == "/generate_stream" or (self.path == "/" and super().is_streamed())

    def whole(self, text, reason):
        whole = {"generated_text": text, "details": details(text, reason)}
        return [whole] if self.path == "/" else whole

    def piece(self, text):
        return event(text)

    def end(self, whole, reason, last=""):
        final = event("</s>", special=True, generated_text=whole, details=details(whole, reason))
        return event(last) + final

    def deny(self, status, said="later", headers=()):
        kind = {429: "overloaded", 500: "generation", 422: "validation"}.get(status, "x")
        self.reply(status, {"error": said, "error_type": kind}, headers=headers)


def event(text, special=False, **more):
    token = {"id": 1, "text": text, "logprob": -0.1, "special": special}
    data = {"index": 1, "token": token, "generated_text": None, "details": None, **more}
    return f"data:{json.dumps(data, ensure_ascii=False)}\n\n".encode()


def details(text, reason):
    return {"finish_reason": REASONS[reason], "generated_tokens": len(text.split()), "seed": None}
