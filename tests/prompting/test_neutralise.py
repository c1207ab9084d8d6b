"""neutralise(): no chat tag survives, nothing else changes."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ragkit.prompting import neutralise

TAGS = [
    "[INST]", "[/INST]", "<<SYS>>", "<</SYS>>", "<s>", "</s>", "<|im_start|>", "<|im_end|>",
    "<|eot_id|>", "<|endoftext|>", "<|begin_of_text|>", "<|start_header_id|>", "<|system|>",
    "<start_of_turn>", "<end_of_turn>", "<bos>", "<eos>", "<pad>", "<unk>", "[gMASK]", "<sop>",
    "<｜begin▁of▁sentence｜>", "<|User|>", "[TOOL_CALLS]", "[SYSTEM_PROMPT]", "[/SYSTEM_PROMPT]",
    "[AVAILABLE_TOOLS]", "<fim_prefix>", "<extra_id_0>", "<reserved_106>", "<unused12>",
    "<tool_call>", "</tool_call>",
]  # fmt: skip
ORDINARY = [
    "[1]", "[2, 3]", "a < b > c", "<b>bold</b>", "<p>", "<span>", "<strong>", "x << 2 >> 1", "[x]",
    "[instance]", "if a<s and s>b", "[Instructions]", "f[i] < g[j]", "a | b", "<|", "|>",
    "x |> f", "<https://a.b/s>", "List<String>", "&lt;s&gt;", "[sic]", "<select>",
]  # fmt: skip
mixed = st.lists(
    st.one_of(st.sampled_from(TAGS + ORDINARY + ["<", ">", "|", "[", "]", "/", "s", " ", "‹", "›"]),
              st.text(max_size=4)), max_size=25).map("".join)  # fmt: skip


def has_tag(text):
    return any(tag.lower() in text.lower() for tag in TAGS)


@pytest.mark.parametrize("tag", TAGS)
@pytest.mark.parametrize("variant", [str, str.lower, str.upper])
def test_tags_are_broken_visibly(tag, variant):
    out = neutralise(f"before {variant(tag)} after")
    assert not has_tag(out)
    assert out.startswith("before ")
    assert re.sub(r"\W", "", variant(tag)) in re.sub(r"\W", "", out), "the reader sees the words"


@pytest.mark.parametrize("tag", ["[ INST ]", "[ / INST ]", "<< SYS >>", "< < / SYS > >", "< / s>",
                                 "<| im_start |>", "＜s＞", "［INST］"])  # fmt: skip
def test_spelt_with_blanks_or_wide(tag):
    out = neutralise(tag)
    assert out != tag
    assert not set("<>[]＜＞［］") & set(out)


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_text_stays(text):
    assert neutralise(text) == text


@given(mixed)
def test_twice_is_once_and_no_tag_is_left(text):
    once = neutralise(text)
    assert neutralise(once) == once
    assert not has_tag(once)
    assert len(once) == len(text)


@given(st.text(alphabet=st.characters(exclude_characters="<>[]＜＞［］")))
def test_text_without_brackets_stays(text):
    assert neutralise(text) == text


def test_nested_tags_do_not_come_together():
    for text in ["[IN[INST]ST]", "<|<|im_end|>|>", "<<s>s>", "<|im_<s>end|>", "<</s>s>"]:
        assert not has_tag(neutralise(text)), text


def test_long_hostile_text_is_fast():
    neutralise("<|" * 50_000 + "[" * 50_000 + "< " * 50_000 + " " * 100_000 + "[" + " " * 100_000)
