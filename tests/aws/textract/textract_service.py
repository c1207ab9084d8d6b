"""Amazon Textract's and S3's wire protocols in a few lines, for what moto never does.

Analyses give a real response, cut into parts as the service cuts them; statuses, refusals and
lost replies come on demand. Real boto3 is the client.
"""

import base64
import hashlib
import re
from contextlib import contextmanager
from urllib.parse import parse_qs, unquote, urlsplit

from loopback import Handler, running

__all__ = ["TextractService", "textract_service"]

XML = '<?xml version="1.0" encoding="UTF-8"?><{0}>{1}</{0}>'


@contextmanager
def textract_service(blocks=(), pages=1):
    """The server, with what tests set.

    `statuses` of jobs to come (the last one stays), `refusals` of operations, replies `lost`,
    `warned` pages of a partial success; `jobs`, `objects` and `asked` are what it has seen.
    """
    with running(TextractService) as server:
        server.blocks, server.pages, server.most = list(blocks), pages, 1000
        server.statuses, server.reason, server.warned = ["SUCCEEDED"], "BAD_DOCUMENT", []
        server.refusals, server.lost = {}, []
        server.jobs, server.objects, server.asked = {}, {}, []
        yield server


class TextractService(Handler):
    """One connection."""

    def serve(self, body):
        operation = self.headers["x-amz-target"].partition(".")[2]
        self.server.asked.append((operation, body))
        refusals = self.server.refusals.get(operation)
        if refusals:
            return self.refuse(*refusals.pop(0))
        try:
            answer = getattr(self, operation)(body)
        except LookupError as error:
            return self.refuse(*error.args)
        if operation in self.server.lost:
            self.server.lost.remove(operation)
            return self.cut()
        return self.reply(200, answer, "application/x-amz-json-1.1")

    def refuse(self, code, message="no", status=400):
        data = {"__type": code, "message": message}
        self.reply(status, data, "application/x-amz-json-1.1")

    def AnalyzeDocument(self, body):
        assert body["FeatureTypes"]
        self.read(body["Document"])
        return self.answer_of("AnalyzeDocument")

    def DetectDocumentText(self, body):
        self.read(body["Document"])
        return self.answer_of("DetectDocumentText")

    def StartDocumentAnalysis(self, body):
        assert body["FeatureTypes"]
        return self.start("Analysis", body)

    def StartDocumentTextDetection(self, body):
        assert "FeatureTypes" not in body
        return self.start("TextDetection", body)

    def GetDocumentAnalysis(self, body):
        return self.result("Analysis", body)

    def GetDocumentTextDetection(self, body):
        return self.result("TextDetection", body)

    def read(self, document):
        """The document's bytes."""
        if "Bytes" in document:
            return base64.b64decode(document["Bytes"])
        place = document["S3Object"]
        found = self.server.objects.get(f"/{place['Bucket']}/{place['Name']}")
        if found is None:
            raise LookupError("InvalidS3ObjectException", "Unable to get object metadata from S3.")
        return found

    def answer_of(self, operation):
        return {
            "DocumentMetadata": {"Pages": self.server.pages},
            "Blocks": self.server.blocks,
            f"{operation}ModelVersion": "1.0",
        }

    def start(self, kind, body):
        token = body.pop("ClientRequestToken")
        name = hashlib.sha256(token.encode()).hexdigest()
        known = self.server.jobs.get(name)
        if known is not None and known["body"] != body:
            raise LookupError("IdempotentParameterMismatchException", "The token was used.")
        if known is None:
            content = self.read(body["DocumentLocation"])
            job = {"kind": kind, "body": body, "content": content, "statuses": None}
            self.server.jobs[name] = job
        return {"JobId": name}

    def result(self, kind, body):
        job = self.server.jobs.get(body["JobId"])
        if job is None or job["kind"] != kind:
            raise LookupError("InvalidJobIdException", "Request has invalid job id")
        status = self.status(job)
        if status == "IN_PROGRESS":
            return {"JobStatus": status}
        if status == "FAILED":
            return {"JobStatus": status, "StatusMessage": self.server.reason}
        answer = {"JobStatus": status, **self.part(body)}
        if status == "PARTIAL_SUCCESS":
            answer["Warnings"] = [
                {"ErrorCode": code, "Pages": pages} for code, pages in self.server.warned
            ]
        return answer

    def status(self, job):
        if job["statuses"] is None:
            job["statuses"] = list(self.server.statuses)
        left = job["statuses"]
        return left.pop(0) if len(left) > 1 else left[0]

    def part(self, body):
        most = min(body.get("MaxResults", 1000), self.server.most)
        start = int(body.get("NextToken", "token-0").removeprefix("token-"))
        answer = self.answer_of("AnalyzeDocument")
        answer["Blocks"] = self.server.blocks[start : start + most]
        if start + most < len(self.server.blocks):
            answer["NextToken"] = f"token-{start + most}"
        return answer

    # S3.

    def do_PUT(self):
        data = self.rfile.read(int(self.headers["content-length"]))
        if self.denied("PutObject"):
            return None
        self.server.objects[self.key] = data
        if "PutObject" in self.server.lost:
            self.server.lost.remove("PutObject")
            return self.cut()
        return self.reply(200, b"", headers=[("ETag", tag(data))])

    def do_DELETE(self):
        if self.denied("DeleteObject"):
            return None
        self.server.objects.pop(self.key, None)
        self.send_response(204)
        return self.end_headers()

    def do_HEAD(self):
        data = self.server.objects.get(self.key)
        self.send_response(404 if data is None else 200)
        self.send_header("content-length", str(len(data or b"")))
        self.send_header("etag", tag(data or b""))
        self.end_headers()

    def do_GET(self):
        if "list-type" in self.path:
            return self.denied("ListObjects") or self.listing()
        if self.denied("GetObject"):
            return None
        data = self.server.objects[self.key]
        start, end = map(int, re.findall(r"\d+", self.headers["range"]))
        span = f"bytes {start}-{end}/{len(data)}"
        return self.reply(206, data[start : end + 1], headers=[("Content-Range", span)])

    def listing(self):
        prefix = f"{self.key}/{parse_qs(urlsplit(self.path).query, True)['prefix'][0]}"
        keys = [key for key in sorted(self.server.objects) if key.startswith(prefix)]
        here = [key for key in keys if "/" not in key[len(prefix) :]]
        folders = {prefix + key[len(prefix) :].partition("/")[0] + "/" for key in keys} - {
            key + "/" for key in here
        }
        skip = len(self.key) + 1
        found = "".join(
            f"<Contents><Key>{key[skip:]}</Key><Size>{len(self.server.objects[key])}</Size>"
            "</Contents>"
            for key in here
        ) + "".join(
            f"<CommonPrefixes><Prefix>{folder[skip:]}</Prefix></CommonPrefixes>"
            for folder in sorted(folders)
        )
        return self.reply(200, XML.format("ListBucketResult", found), "application/xml")

    @property
    def key(self):
        return unquote(urlsplit(self.path).path).rstrip("/")

    def denied(self, operation):
        refusals = self.server.refusals.get(operation)
        if not refusals:
            return False
        code, status = refusals.pop(0)
        text = XML.format("Error", f"<Code>{code}</Code><Message>Access Denied</Message>")
        self.reply(status, text, "application/xml")
        return True


def tag(data):
    return f'"{hashlib.md5(data).hexdigest()}"'
