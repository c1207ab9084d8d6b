"""TransformersLLM from folders, hub ids and ready objects: what is loaded, and what is refused."""

from __future__ import annotations

import json
import logging
import shutil
import threading
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import pytest
from tiny_llama import ONCE, PROMPTS

from ragkit import TransformersLLM, load_llm
from ragkit.errors import (
    InvalidInputError,
    ModelError,
    TokenBudgetError,
    UnknownOptionError,
)

torch = pytest.importorskip("torch", reason="needs the extra 'transformers'")
transformers = pytest.importorskip("transformers", reason="needs the extra 'transformers'")

pytestmark = pytest.mark.usefixtures("one_torch_thread")


@pytest.fixture(scope="module")
def llm(folder):
    return TransformersLLM(folder)


def test_an_encoder_decoder(t5):
    ids = t5._encoder.encode(ONCE)
    out = t5._model.generate(torch.tensor([ids]), do_sample=False, max_new_tokens=12)
    answer = t5.generate(ONCE, max_tokens=12)
    assert answer.text == t5._tokenizer.decode(out[0, 1:], skip_special_tokens=True)
    assert answer.usage.prompt_tokens == len(ids)
    assert "".join(t5.stream(ONCE, max_tokens=12)) == answer.text
    alone = [t5.generate(prompt, max_tokens=12).text for prompt in PROMPTS]
    assert [a.text for a in t5.batch(PROMPTS, max_tokens=12)] == alone
    messages = [{"role": "system", "content": "One."}, {"role": "user", "content": "Two."}]
    assert t5._encoder.encode(messages) == t5._encoder.encode("One.\n\nTwo.")
    with pytest.raises(TokenBudgetError, match="512"):
        t5.generate("a " * 600)


def test_an_encoder_decoder_from_a_folder(t5, tmp_path):
    t5._model.save_pretrained(tmp_path)
    t5._tokenizer.save_pretrained(tmp_path)
    loaded = load_llm(f"transformers:{tmp_path}", device_map=None, dtype="float32")
    assert loaded.invoke(ONCE, max_tokens=12) == t5.invoke(ONCE, max_tokens=12)


def test_pickled_weights_are_refused(folder, tmp_path):
    for name in ("config.json", "tokenizer.json", "tokenizer_config.json"):
        shutil.copyfile(folder / name, tmp_path / name)
    with pytest.raises(ModelError, match="no weights"):
        TransformersLLM(tmp_path)
    model = transformers.AutoModelForCausalLM.from_pretrained(folder)
    torch.save(model.state_dict(), tmp_path / "pytorch_model.bin")
    with pytest.raises(ModelError, match="allow_pickle=True"):
        TransformersLLM(tmp_path)
    trusting = TransformersLLM(tmp_path, allow_pickle=True)
    assert trusting.invoke(ONCE, max_tokens=5) == TransformersLLM(folder).invoke(ONCE, max_tokens=5)


def test_models_that_are_not_there(tmp_path):
    for source in (tmp_path / "none", str(tmp_path / "none"), "./none", "~/none"):
        with pytest.raises(ModelError, match="no folder"):
            TransformersLLM(source)
    with pytest.raises(ModelError, match="could not be loaded"):
        TransformersLLM(tmp_path)


class TellsTheToken(BaseHTTPRequestHandler):
    """A hub that refuses, and says the token again in each place that ends up in errors."""

    def do_GET(self):
        token = self.headers.get("authorization", "")
        self.server.seen.append(token)
        body = json.dumps({"error": f"not yours, {token}"}).encode()
        self.send_response(401)
        self.send_header("x-error-message", f"not yours, {token}")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body if self.command == "GET" else b"")

    do_HEAD = do_GET

    def log_message(self, *_):
        pass


@pytest.fixture
def hub(monkeypatch):
    """Stands where the hub is, for this process."""
    from huggingface_hub import constants

    server = ThreadingHTTPServer(("127.0.0.1", 0), TellsTheToken)
    server.seen = []
    url = f"http://127.0.0.1:{server.server_port}"
    template = constants.HUGGINGFACE_CO_URL_TEMPLATE.replace(constants.ENDPOINT, url)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
    monkeypatch.setattr(constants, "ENDPOINT", url)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_the_token_shows_up_nowhere(hub, folder, caplog):
    secret = "hf_secret"
    with caplog.at_level(logging.DEBUG), pytest.raises(ModelError) as caught:
        TransformersLLM("nobody/nothing", token=secret)
    assert f"Bearer {secret}" in hub.seen
    assert "not yours, Bearer …" in str(caught.value)
    llm = TransformersLLM(folder, token=secret)
    kept = repr(llm) + str(vars(llm)) + str(vars(llm._tokenizer)) + str(vars(llm._model.config))
    # httpcore logs what a server says, and this one says the token.
    ours = [r.getMessage() for r in caplog.records if "receive_response_headers" not in r.message]
    shown = "".join([*traceback.format_exception(caught.value), *ours])
    assert secret not in kept + shown


def test_arguments_that_cannot_work(llm, folder):
    with pytest.raises(InvalidInputError, match="quantization"):
        TransformersLLM(folder, quantization="int4")
    with pytest.raises(InvalidInputError, match="max_batch"):
        TransformersLLM(folder, max_batch=0)
    with pytest.raises(InvalidInputError, match="prompt_lookup is 'yes'"):
        TransformersLLM(folder, prompt_lookup="yes")
    with pytest.raises(UnknownOptionError, match="device_map"):
        TransformersLLM(folder, devicemap="cpu")
    with pytest.raises(InvalidInputError, match="hub's id"):
        TransformersLLM(7)
    with pytest.raises(InvalidInputError, match="needs its tokenizer"):
        TransformersLLM(llm._model)
    with pytest.raises(InvalidInputError, match="dtype: these say how to load"):
        TransformersLLM(llm._model, tokenizer=llm._tokenizer, dtype="float32")
    with pytest.raises(InvalidInputError, match="empty"):
        llm.generate("")


def test_a_ready_model_with_a_tokenizer_of_a_folder(llm, folder):
    other = TransformersLLM(llm._model.train(), tokenizer=folder)
    assert not llm._model.training
    assert other.invoke(ONCE, max_tokens=9) == llm.invoke(ONCE, max_tokens=9)


def test_a_window_of_the_tokenizer_or_none():
    from ragkit.llms.transformers_loading import window_of

    for limit, window in ((1024, 1024), (10**30, None)):
        tokenizer = SimpleNamespace(model_max_length=limit)
        assert window_of(SimpleNamespace(), tokenizer) == window


@pytest.mark.parametrize(
    ("quantization", "layer"), [("int8", "Linear8bitLt"), ("nf4", "Linear4bit")]
)
def test_quantized_weights(folder, tmp_path, quantization, layer, capfd, caplog):
    pytest.importorskip("bitsandbytes", reason="needs the extra 'quantized'")
    config = transformers.LlamaConfig(
        vocab_size=512, hidden_size=256, intermediate_size=512, num_hidden_layers=2,
        num_attention_heads=4, max_position_embeddings=512,
    )  # fmt: skip
    torch.manual_seed(0)
    transformers.LlamaForCausalLM(config).save_pretrained(tmp_path)
    capfd.readouterr()
    caplog.clear()
    llm = TransformersLLM(tmp_path, tokenizer=folder, quantization=quantization)
    kind = type(llm._model.model.layers[0].mlp.up_proj).__name__
    assert kind == layer
    answer = llm.generate(ONCE, max_tokens=4)
    assert answer.usage.completion_tokens > 0
    assert (*capfd.readouterr(), caplog.text) == ("", "", "")
