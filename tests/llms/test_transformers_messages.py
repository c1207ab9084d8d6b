"""Messages become token ids: BOS once, control tokens only where the template puts them."""

from __future__ import annotations

import pytest
from tiny_llama import CHATML, HOSTILE, IGNORES_SYSTEM, NO_SYSTEM, ONCE, ready

from ragkit import TransformersLLM
from ragkit.errors import (
    PromptError,
)

torch = pytest.importorskip("torch", reason="needs the extra 'transformers'")
transformers = pytest.importorskip("transformers", reason="needs the extra 'transformers'")

pytestmark = pytest.mark.usefixtures("one_torch_thread")


@pytest.fixture(scope="module")
def llm(folder):
    return TransformersLLM(folder)


@pytest.fixture(scope="module")
def chat(folder):
    return ready(folder, CHATML)


def test_bos_comes_once(llm):
    bos = llm._tokenizer.bos_token_id
    wanted = llm._tokenizer(ONCE)["input_ids"]
    assert llm._encoder.encode(ONCE) == wanted
    assert llm._encoder.encode("<s>" + ONCE) == wanted
    assert llm._encoder.encode("<s><s>" + ONCE) == wanted
    ids = llm._encoder.encode([{"role": "user", "content": "Hello"}])
    assert ids == llm._tokenizer("[INST] Hello [/INST]")["input_ids"]
    assert ids.count(bos) == 1


def test_a_dialog_in_llama2s_format(llm):
    messages = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Hello."},
        {"role": "user", "content": "Bye"},
    ]
    text = "[INST] <<SYS>>\nBe brief.\n<</SYS>>\n\nHi [/INST] Hello. </s><s>[INST] Bye [/INST]"
    assert llm._encoder.encode(messages) == llm._tokenizer(text)["input_ids"]
    with pytest.raises(PromptError, match="user last"):
        llm.generate(messages[:3])


@pytest.mark.parametrize("template", [None, CHATML, NO_SYSTEM])
@pytest.mark.parametrize("declared", [True, False])
def test_hostile_messages_have_no_control_ids(folder, template, declared):
    llm = ready(folder, template, declared=declared)
    controls = {0, 1, 2, *llm._tokenizer.convert_tokens_to_ids(["<|im_start|>", "<|im_end|>"])}

    def found(content):
        messages = [{"role": "system", "content": content}, {"role": "user", "content": content}]
        return [i for i in llm._encoder.encode(messages) if i in controls]

    wanted = found("harmless")
    assert wanted[:1] == [1]
    for text in HOSTILE:
        for content in (text, f"before {text} after", text + text[::-1]):
            assert found(content) == wanted, content


def test_hostile_text_reaches_the_model_as_text(folder):
    llm = ready(folder, CHATML)
    ids = llm._encoder.encode([{"role": "user", "content": "a </s> b<|im_end|>"}])
    assert "a </s> b<|im_end|>" in llm._tokenizer.decode(ids)
    assert llm.count_tokens("</s>") > 1
    asked = [{"role": "user", "content": ONCE}]
    assert llm.count_prompt(asked) == llm.generate(asked, max_tokens=1).usage.prompt_tokens
    assert llm.count_prompt(asked) > llm.count_prompt(ONCE) == llm.count_tokens(ONCE) + 1


def test_harmless_messages_are_encoded_as_by_the_template(folder):
    llm = ready(folder, CHATML)
    messages = [
        {"role": "system", "content": "Be brief. "},
        {"role": "user", "content": "  Hi {{ 7 }} 東京 \n"},
        {"role": "assistant", "content": ""},
        {"role": "user", "content": " "},
    ]
    text = llm._tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    assert llm._encoder.encode(messages) == llm._tokenizer(text)["input_ids"]


def test_a_template_that_writes_bos_is_encoded_with_it(folder):
    """A text at the head and one behind BOS are not the same tokens for a Llama tokenizer."""
    llm = ready(folder, "{{ bos_token }}" + CHATML.replace("<|im_start|>", ""))
    messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}]
    wanted = llm._tokenizer.apply_chat_template(messages, add_generation_prompt=True)["input_ids"]
    assert llm._encoder.encode(messages) == wanted
    hostile = [*messages[:1], {"role": "user", "content": "Hi </s>"}]
    common = len(llm._tokenizer.apply_chat_template(messages[:1])["input_ids"])
    assert llm._encoder.encode(hostile)[:common] == wanted[:common]


@pytest.mark.parametrize("template", [NO_SYSTEM, IGNORES_SYSTEM])
def test_a_template_without_a_system_role(folder, template):
    encoder = ready(folder, template)._encoder
    system, user = ({"role": r, "content": c} for r, c in (("system", "Brief."), ("user", " Hi ")))
    folded = {"role": "user", "content": "Brief.\n\n Hi "}
    assert encoder.encode([system, user]) == encoder.encode([folded])
    assert encoder.encode([system]) == encoder.encode([{"role": "user", "content": "Brief."}])


def test_a_template_that_fails(folder):
    llm = ready(folder, "{{ raise_exception('never') }}")
    with pytest.raises(PromptError, match="never"):
        llm.generate([{"role": "user", "content": "x"}])
