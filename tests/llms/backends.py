"""Every backend behind an endpoint, with the loopback server that speaks its format."""

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from aws_server import LMI, Bedrock, JumpStart, OpenAIContainer, TGIContainer
from loopback import Handler
from openai_server import OpenAI
from tgi_server import TGI

from ragkit import TGILLM, BedrockLLM, OpenAILLM, SageMakerLLM

ASK = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "When?"}]
RAW = "The museum opens"


@dataclass(frozen=True)
class Backend:
    """How to make one."""

    server: type[Handler]
    make: Callable[..., Any]
    """Gives a model from the server's URL and options."""
    prompt: Any = field(default_factory=lambda: ASK)


def openai(url, **options):
    return OpenAILLM("m", url=url, **options)


def sagemaker(form):
    def make(url, **options):
        named = {"body": form, "accept_eula": True, "region": "us-east-1", "session": session()}
        return SageMakerLLM("llama", endpoint_url=url, **{**named, **options})

    return make


def bedrock(url, **options):
    named = {"region": "us-east-1", "session": session(), **options}
    return BedrockLLM("meta.llama3", endpoint_url=url, **named)


@functools.cache
def session():
    """One for all: each would read boto3's descriptions of services anew."""
    boto3 = pytest.importorskip("boto3", reason="the extra aws is not installed")
    return boto3.Session("AKIAABCDEFGHIJKLMNOP", "secret-key-8")


BACKENDS = {
    "openai chat": Backend(OpenAI, openai),
    "openai completions": Backend(OpenAI, openai, RAW),
    "tgi": Backend(TGI, TGILLM),
    "sagemaker jumpstart-chat": Backend(JumpStart, sagemaker("jumpstart-chat")),
    "sagemaker string": Backend(TGIContainer, sagemaker("string")),
    "sagemaker lmi": Backend(LMI, sagemaker("lmi")),
    "sagemaker openai": Backend(OpenAIContainer, sagemaker("openai")),
    "bedrock": Backend(Bedrock, bedrock),
}
