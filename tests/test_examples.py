"""Every example runs as it stands: without argument, key or network."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import httpx
import pytest

from ragkit import OpenAILLM, load_llm
from ragkit.errors import EndpointError
from ragkit.llms import FunctionLLM

FOLDER = Path(__file__).resolve().parents[1] / "examples"
HOURS = "until 16:00 on Saturdays"
SOURCE = "[1] newsletter.pdf, page 1: From Monday, 4 November, the library opens"
SHOWN = {
    "from_langchain.py": [HOURS, "newsletter.pdf, page 0"],
    "llama2_endpoint.py": [SOURCE, "Streamed: Until when"],
    "llama2_local.py": [SOURCE, "Streamed: Until when"],
    "quickstart.py": [HOURS, "The first quote: characters"],
    "textract_layout.py": [
        " 7 SECTION_HEADER",
        "reading-order: 2 picture(s)",
        "# Annual report 2023\n\n## Harrow Valley",
        "Found 'Harrow Hill' on page 1",
    ],
    "similarity.py": ["top-1 accuracy 100.0 % (5 of 5)", "{'corpus_id': 2, 'score': 0."],
}
NO_TORCH = """
import runpy, sys
sys.modules["torch"] = None
sys.path.insert(0, sys.argv[1])
sys.argv[:] = [sys.argv[2]]
runpy.run_path(sys.argv[0], run_name="__main__")
"""
needs_torch = pytest.mark.skipif(
    find_spec("torch") is None or find_spec("transformers") is None,
    reason="needs the extra 'transformers'",
)


def printed(folder, *command, **environment):
    """What a run in an empty folder prints; it may neither complain nor leave anything."""
    folder.mkdir(exist_ok=True)
    run = subprocess.run(
        [sys.executable, "-W", "error", *map(str, command)],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert run.returncode == 0, run.stderr
    assert run.stderr == ""
    assert not list(folder.iterdir())
    return run.stdout


def examples():
    """All; those that load a model of torch's are the slow ones."""
    slow = pytest.mark.slow
    return [
        pytest.param(path, id=path.name, marks=slow if "llama2" in path.name else ())
        for path in sorted(FOLDER.glob("*.py"))
    ]


@pytest.mark.parametrize("example", examples())
def test_an_example_runs(example, tmp_path):
    quick = {"RAGKIT_DATA": ""} if example.name == "similarity.py" else {}
    shown = printed(tmp_path, example, **quick)
    for text in SHOWN[example.name]:
        assert text in shown


def test_textract_layout_leaves_pictures_and_texts_in_a_folder(tmp_path):
    run = [sys.executable, "-W", "error", FOLDER / "textract_layout.py", "", tmp_path / "out"]
    subprocess.run(run, cwd=tmp_path, check=True, stdout=subprocess.DEVNULL)
    made = {path.name for path in (tmp_path / "out").iterdir()}
    assert {"titles-1.png", "reading-order-2.png", "report.txt", "report.md", "tables"} <= made
    text = (tmp_path / "out" / "report.txt").read_text(encoding="utf-8")
    assert "## 5 Contact" in text
    assert "Harrow Valley Water Works\n" not in text  # page headers, and the figure


@pytest.mark.slow
def test_similarity_draws_a_heat_map_and_measures_a_real_faq(ragkit_data, tmp_path):
    pytest.importorskip("matplotlib", reason="the extra eval is not installed")
    picture = tmp_path / "map.png"
    run = subprocess.run(
        [sys.executable, "-W", "error", FOLDER / "similarity.py", picture],
        cwd=tmp_path,
        env={**os.environ, "RAGKIT_DATA": str(ragkit_data)},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    assert "3 longer text(s) lost their end" in run.stderr  # answers of the real FAQ
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert "Amazon_SageMaker_FAQs.csv: top-3 accuracy 8" in run.stdout


def test_a_local_model_and_an_endpoint_differ_in_one_line():
    one, other = (
        (FOLDER / f"llama2_{where}.py").read_text(encoding="utf-8").splitlines()
        for where in ("local", "endpoint")
    )
    differing = [pair for pair in zip(one, other, strict=True) if pair[0] != pair[1]]
    assert differing == [
        (
            'MODEL = "transformers:meta-llama/Llama-2-7b-chat-hf"',
            'MODEL = "openai:llama-2-7b-chat@http://localhost:8000/v1"',
        )
    ]


@pytest.mark.parametrize("where", ["local", "endpoint"])
def test_without_torch_llama_2_is_replaced_by_quotes(where, tmp_path):
    shown = printed(tmp_path, "-c", NO_TORCH, FOLDER, FOLDER / f"llama2_{where}.py")
    assert 'pip install "ragkit[transformers]"' in shown.splitlines()[0]
    assert HOURS in shown
    assert SOURCE in shown


def test_the_model_of_llama_2_is_an_argument(tmp_path):
    shown = printed(tmp_path, FOLDER / "llama2_local.py", "extractive")
    assert HOURS in shown
    assert "stands in" not in shown


@needs_torch
@pytest.mark.slow
def test_without_the_shared_data_the_model_has_random_weights(tmp_path):
    answers = []
    for where in ("local", "endpoint"):
        example, nothing = FOLDER / f"llama2_{where}.py", str(tmp_path / "nothing")
        shown = printed(tmp_path / where, example, RAGKIT_DATA=nothing)
        assert SOURCE in shown
        assert "stands in for" in shown
        assert "random weights" in shown.splitlines()[0]
        assert "stories" not in shown.splitlines()[0]
        answers.append(shown.partition("\n")[2])
    assert answers[0] == answers[1]


@pytest.fixture
def serving(monkeypatch):
    """The examples' own server."""
    monkeypatch.syspath_prepend(FOLDER)
    return importlib.import_module("support.endpoint").serving


@needs_torch
@pytest.mark.slow
def test_the_endpoint_of_the_examples_answers_as_the_model_itself(ragkit_data, serving):
    model = load_llm(f"transformers:{ragkit_data / 'models' / 'tinystories-260k'}")
    with serving(model) as url:
        llm = OpenAILLM("tiny", url=url, retries=0)
        for prompt in ("Once upon a time", [{"role": "user", "content": "Hello"}]):
            wanted, answer = (one.generate(prompt, max_tokens=9) for one in (model, llm))
            assert (answer.text, answer.finish_reason) == (wanted.text, "length")
            assert answer.usage == wanted.usage
            stream = llm.stream(prompt, max_tokens=9)
            assert ("".join(stream), stream.result.finish_reason) == (wanted.text, "length")
        for call in (llm.generate, lambda prompt: list(llm.stream(prompt))):
            with pytest.raises(EndpointError, match=r"window of 512"):
                call("a " * 600)


def test_the_endpoint_of_the_examples_tells_of_a_natural_end(serving):
    with serving(FunctionLLM(lambda prompt: ["a ", "b"])) as url:
        stream = OpenAILLM("tiny", url=url, retries=0).stream("x")
        assert ("".join(stream), stream.result.finish_reason) == ("a b", "stop")


def test_the_endpoint_of_the_examples_ends_a_stream_whose_model_fails(serving):
    def failing(prompt):
        yield from ("a ", "b ")
        raise RuntimeError("out of memory")

    with serving(FunctionLLM(failing)) as url:
        stream = OpenAILLM("tiny", url=url, retries=0).stream("x")
        with pytest.raises(EndpointError, match="out of memory") as caught:
            "".join(stream)
        assert caught.value.body == "a b"
        body = {"prompt": "x", "stream": True}
        reply = httpx.post(f"{url}/completions", json=body, trust_env=False)
    assert reply.status_code == 200
    assert "HTTP/1.1" not in reply.text
    assert json.loads(reply.text.splitlines()[-2].removeprefix("data: ")).keys() == {"error"}
