"""OpenAILLM against real servers of a real small model, run as processes on the loopback interface.

llama.cpp's takes long to build, so that it is not among the packages of the tests: name the Python
that has ``llama-cpp-python[server]`` in the environment's ``RAGKIT_LLAMACPP_PYTHON``.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

import httpx
import pytest

from ragkit import OpenAILLM
from ragkit.errors import EndpointError, EndpointReplyError
from ragkit.llms.conformance import LLMConformance

pytestmark = pytest.mark.slow

ONCE = "Once upon a time"
ASK = [{"role": "system", "content": "Tell a story."}, {"role": "user", "content": ONCE}]
TEMPLATE = "{{ bos_token }}{% for m in messages %}{{ m['content'] | trim }}\n\n{% endfor %}"
START = 180
"""Seconds that a server has to begin answering in; it imports torch first."""


@contextmanager
def process(command, log, ready, **environment):
    """A server while the block runs."""
    port = _free_port()
    env = {**os.environ, "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false", **environment}
    with (
        log.open("wb") as output,
        subprocess.Popen(
            [*map(str, command), "--host", "127.0.0.1", "--port", str(port)],
            stdout=output,
            stderr=subprocess.STDOUT,
            env=env,
        ) as running,
    ):
        try:
            url = f"http://127.0.0.1:{port}"
            _wait(f"{url}/{ready}", running, log)
            yield f"{url}/v1"
        finally:
            running.terminate()
            with suppress(subprocess.TimeoutExpired):
                running.wait(20)
            running.kill()


def _free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def _wait(url, running, log):
    end = time.monotonic() + START
    while time.monotonic() < end and running.poll() is None:
        with suppress(httpx.TransportError):
            if httpx.get(url, trust_env=False).is_success:
                return
        time.sleep(0.2)
    pytest.fail(f"the server did not start:\n{log.read_text(errors='replace')[-3000:]}")


@pytest.fixture(scope="module")
def folder(ragkit_data, tmp_path_factory):
    """A copy of the model, with a chat template."""
    copy = tmp_path_factory.mktemp("served") / "tinystories"
    shutil.copytree(ragkit_data / "models" / "tinystories-260k", copy)
    path = copy / "tokenizer_config.json"
    config = json.loads(path.read_text())
    path.write_text(json.dumps({**config, "chat_template": TEMPLATE}))
    path = copy / "generation_config.json"
    config = json.loads(path.read_text())
    # transformers serve draws from models that ask for it here, whatever the temperature.
    path.write_text(json.dumps({**config, "do_sample": True}))
    return copy


@pytest.fixture(scope="module")
def transformers_serve(folder):
    """The base URL, and the model's name."""
    for package in ("transformers", "fastapi", "uvicorn", "openai", "pydantic"):
        if find_spec(package) is None:
            pytest.skip(f"transformers serve needs {package}, which is not installed")
    command = [Path(sys.executable).with_name("transformers"), "serve", "--device", "cpu", folder]
    with process(command, folder.parent / "transformers.log", "health") as url:
        yield url, str(folder)


@pytest.fixture(scope="module")
def gguf(folder):
    """The model for llama.cpp."""
    pytest.importorskip("gguf", reason="gguf, which writes the model for llama.cpp, is absent")
    from gguf_model import write_gguf

    target = folder.parent / "model.gguf"
    write_gguf(folder, target, chat_template=TEMPLATE)
    return target


@contextmanager
def llama_cpp_server(model, *more):
    python = os.environ.get("RAGKIT_LLAMACPP_PYTHON")
    if not python:
        pytest.skip("RAGKIT_LLAMACPP_PYTHON names no Python with llama-cpp-python[server]")
    command = [python, "-m", "llama_cpp.server", "--model", model, "--model_alias", "tiny"]
    exact = ["--type_k", "0", "--type_v", "0"]  # keys and values in single precision
    context = ["--n_ctx", "512", "--n_threads", "2", *exact, *more]
    # It runs without what this process has on its path.
    log = model.with_suffix(".log")
    with process([*command, *context], log, "v1/models", PYTHONPATH="") as url:
        yield url, "tiny"


@pytest.fixture(scope="module")
def llama_cpp(gguf):
    with llama_cpp_server(gguf, "--interrupt_requests", "false") as found:
        yield found


@pytest.fixture(params=["transformers_serve", "llama_cpp"])
def llm(request):
    url, name = request.getfixturevalue(request.param)
    # llama-cpp-python's server makes what has been said less likely unless it is told not to.
    extra = {"repeat_penalty": 1.0} if request.param == "llama_cpp" else {}
    model = OpenAILLM(name, url=url, api_key="x", timeout=60, extra_body=extra)
    yield model
    model.close()


class TestConformance(LLMConformance):
    messages, max_tokens = ASK, 60


class TestConformanceOfRawPrompts(LLMConformance):
    messages, max_tokens = ONCE, 60


def test_the_text_is_that_of_the_model_in_this_process(llm, folder):
    pytest.importorskip("torch", reason="the extra transformers is not installed")
    from ragkit import TransformersLLM

    local = TransformersLLM(folder)
    for prompt in (ONCE, "<s>" + ONCE):
        wanted = local.generate(prompt, max_tokens=60)
        found = llm.generate(prompt, max_tokens=60)
        assert found.text == "".join(llm.stream(prompt, max_tokens=60)) == wanted.text
        assert found.usage == wanted.usage  # BOS once
    # Of a chat, the token after BOS begins with a space at one server and not at the other.
    wanted, found = (model.generate(ASK, max_tokens=60) for model in (local, llm))
    assert found.usage.prompt_tokens == wanted.usage.prompt_tokens


def test_a_draw_can_be_repeated(llm):
    draw = {"temperature": 1.0, "top_p": 0.95, "max_tokens": 30}
    assert llm.generate(ONCE, seed=3, **draw).text == llm.generate(ONCE, seed=3, **draw).text
    assert len({llm.generate(ONCE, seed=seed, **draw).text for seed in range(4)}) > 1


def test_an_answer_that_gives_way_to_another_is_not_taken_for_complete(gguf):
    with llama_cpp_server(gguf) as (url, name):
        llm = OpenAILLM(name, url=url, api_key="x", timeout=60)
        pieces = llm.stream(ONCE, max_tokens=400)
        begun = next(pieces)
        assert llm.generate(ONCE, max_tokens=5).text
        with pytest.raises(EndpointReplyError, match="without its end mark") as caught:
            list(pieces)
        assert caught.value.body.startswith(begun)
        llm.close()


def test_an_unknown_model_is_an_error(transformers_serve):
    llm = OpenAILLM("nobody/nothing", url=transformers_serve[0], api_key="x", retries=0)
    with pytest.raises(EndpointError) as caught:
        llm.generate(ASK)
    assert caught.value.status
    llm.close()
