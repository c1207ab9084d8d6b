"""From messages to token ids: the template's control tokens act, those in messages are text."""

from __future__ import annotations

import itertools
import re
import secrets
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from tokenizers import PreTokenizedString

from ragkit.errors import PromptError
from ragkit.llms.base import Prompt
from ragkit.prompting import neutralise, render_llama2
from ragkit.types import Message

__all__ = ["PromptEncoder"]

# Marks of a format that are plain text for most tokenizers: ids can't tell ours from a message's.
_TEXT_TAGS = ("[INST]", "<<SYS>>")

_Piece = tuple[str, bool]
"""A part of a prompt, and whether it is the template's own."""


class PromptEncoder:
    """Token ids of prompts, with BOS exactly once where the model has it.

    Args:
        tokenizer: One of transformers'.
        llama2: Whether messages are rendered in Llama-2's format where there is no template.
        encoder_decoder: Whether the tokenizer's end mark belongs to a prompt, as T5's does.
    """

    def __init__(self, tokenizer: Any, *, llama2: bool, encoder_decoder: bool) -> None:
        self._tokenizer = tokenizer
        self._llama2 = llama2
        # A tokenizer's settings change while it encodes, so that two threads can't at once.
        self._lock = threading.Lock()
        self._bos: str | None = tokenizer.bos_token
        self._controls = _control_tokens(tokenizer)
        longest = sorted(self._controls, key=len, reverse=True)
        self._control = re.compile("|".join(map(re.escape, longest)) or r"(?!)")
        self._named = frozenset(self._controls.values())
        self._ids = self._named - _unknown(tokenizer)
        self._prefix, suffix = self._surroundings()
        self._suffix = suffix if encoder_decoder else []

    def encode(self, prompt: Prompt) -> list[int]:
        """The ids that the model is to continue.

        A raw prompt is trusted: its control tokens act, and a leading BOS is recognised.

        Raises:
            PromptError: If the messages can't be rendered in the model's format, or a message
                would act as a part of it.
        """
        pieces = [(prompt, True)] if isinstance(prompt, str) else self._pieces(prompt)
        pieces, began = self._without_bos(pieces)
        if began and self._templated and not isinstance(prompt, str):
            # What a template writes is encoded with the BOS that it writes: some tokenizers put a
            # blank before a text at the head, and none behind a token.
            (head, own), *rest = pieces
            pieces = [(f"{self._bos}{head}", own), *rest]
        return self._surrounded(self._checked(pieces), began=began)

    def count(self, text: str) -> int:
        """How many tokens a text has, control tokens in it counted as text."""
        return len(self._plain(text))

    @property
    def _templated(self) -> bool:
        return bool(getattr(self._tokenizer, "chat_template", None))

    def _pieces(self, messages: Sequence[Message]) -> list[_Piece]:
        """The rendered messages, in parts of the template and parts of the messages."""
        try:
            parts = self._split(messages)
        except PromptError:
            if messages[0]["role"] != "system":
                raise
            # Some templates have no system role: the text goes to the head of the first turn.
            parts = self._split(_folded(messages))
        fixed = "".join(text for text, own in parts if own)
        if any(tag in fixed and tag not in self._controls for tag in _TEXT_TAGS):
            return [(text if own else neutralise(text), own) for text, own in parts]
        return parts

    def _split(self, messages: Sequence[Message]) -> list[_Piece]:
        # The template is rendered with a mark in each message's place, so that what it says of
        # its own is known. White space stays around the mark: whether it is kept is its choice.
        mark = f"q{secrets.token_hex(8)}n"
        texts = [message["content"].strip() for message in messages]
        marked: list[Message] = [
            {
                "role": message["role"],
                "content": message["content"].replace(text, f"{mark}{n}q" if text else "", 1),
            }
            for n, (message, text) in enumerate(zip(messages, texts, strict=True))
        ]
        found = re.split(rf"{mark}(\d+)q", self._rendered(marked))
        lost = {n for n, text in enumerate(texts) if text} - set(map(int, found[1::2]))
        if lost:
            role = messages[min(lost)]["role"]
            raise PromptError(
                f"The model's chat template leaves out message {min(lost) + 1}, of role {role!r}; "
                f"use the roles that it knows."
            )
        return [(texts[int(t)], False) if n % 2 else (t, True) for n, t in enumerate(found)]

    def _rendered(self, messages: list[Message]) -> str:
        if self._templated:
            return self._by_template(messages)
        if self._llama2:
            return render_llama2(messages)
        return "\n\n".join(message["content"] for message in messages)

    def _by_template(self, messages: list[Message]) -> str:
        try:
            rendered = self._tokenizer.apply_chat_template(
                messages, tokenize=False, add_generation_prompt=True
            )
        except ImportError:
            raise
        except Exception as error:
            roles = [message["role"] for message in messages]
            raise PromptError(
                f"The model's chat template can't render messages of the roles {roles}: {error}"
            ) from error
        return str(rendered)

    def _without_bos(self, pieces: list[_Piece]) -> tuple[list[_Piece], bool]:
        """The pieces without BOS at their head, and whether it was there."""
        (head, own), *rest = pieces
        began = False
        while self._bos and own and head.startswith(self._bos):
            head, began = head.removeprefix(self._bos), True
        return [(head, own), *rest], began

    def _checked(self, pieces: list[_Piece]) -> list[int]:
        """The ids, whose control ids are those of the template and no others."""
        wanted = self._control_ids(self._parsed("".join(t if own else "x" for t, own in pieces)))
        ids = self._parsed("".join(text for text, _ in pieces))
        named = any(self._control.search(text) for text, own in pieces if not own)
        if named or self._control_ids(ids) != wanted:
            ids = self._apart(pieces)
        if self._control_ids(ids) != wanted:
            raise PromptError(
                "A message has a control token that this tokenizer can't spell as plain text; "
                "pass the text through ragkit.prompting.neutralise first."
            )
        return ids

    def _apart(self, pieces: list[_Piece]) -> list[int]:
        """The ids, with nothing but the template's own text looked through for control tokens."""
        ids: list[int] = []
        run = ""
        for text, own in pieces:
            at = 0
            for match in self._control.finditer(text) if own else ():
                ids += self._plain(run + text[at : match.start()], first=not ids)
                ids.append(self._controls[match[0]])
                run, at = "", match.end()
            run += text[at:]
        return ids + self._plain(run, first=not ids)

    def _surrounded(self, ids: list[int], *, began: bool) -> list[int]:
        head = self._prefix
        if not head and began:
            head = [self._controls[str(self._bos)]]
        if ids[: len(head)] != head:
            ids = head + ids
        if self._suffix and ids[-len(self._suffix) :] != self._suffix:
            ids = ids + self._suffix
        bos = self._controls.get(self._bos or "")
        if bos is not None and ids[:2] == [bos, bos]:
            raise PromptError("The prompt begins with BOS twice, which makes answers worse.")
        return ids

    def _surroundings(self) -> tuple[list[int], list[int]]:
        """What the tokenizer puts before and after a text by itself."""
        inner = self._parsed("a")
        whole = list(self._tokenizer("a", verbose=False)["input_ids"])
        for at in range(len(whole) - len(inner) + 1):
            if whole[at : at + len(inner)] == inner:
                return whole[:at], whole[at + len(inner) :]
        return [], []

    def _control_ids(self, ids: list[int]) -> list[int]:
        return [number for number in ids if number in self._ids]

    def _parsed(self, text: str) -> list[int]:
        """The ids of a trusted text: control tokens in it are control ids."""
        with self._lock:
            found = self._tokenizer(
                text, add_special_tokens=False, split_special_tokens=False, verbose=False
            )
        return list(found["input_ids"])

    def _plain(self, text: str, *, first: bool = True) -> list[int]:
        """The ids of a text in which no added token is looked for, special or not.

        `first` is whether it stands at the head, where some tokenizers put a blank.
        """
        if not text:
            return []
        backend = getattr(self._tokenizer, "backend_tokenizer", None)
        if backend is None:
            with self._lock:
                return list(
                    self._tokenizer.encode(
                        text, add_special_tokens=False, split_special_tokens=True, verbose=False
                    )
                )
        if backend.normalizer is not None:
            text = backend.normalizer.normalize_str(text)
        words = [text]
        if backend.pre_tokenizer is not None:
            words = _words(backend.pre_tokenizer, text, first=first)
        return [number for word in words for number in self._spelt(backend.model, word)]

    def _spelt(self, model: Any, word: str) -> list[int]:
        """The ids of a word, in parts where the model would take a mark in it for the control.

        The vocabulary of a Unigram model, such as T5's, has the control tokens as words too.
        """
        ids = [token.id for token in model.tokenize(word)]
        if self._named.isdisjoint(ids):
            return ids
        cuts = [0, *(match.start() + 1 for match in self._control.finditer(word)), len(word)]
        parts = [word[start:end] for start, end in itertools.pairwise(cuts)]
        return [token.id for part in parts if part for token in model.tokenize(part)]


def _words(splitter: Any, text: str, *, first: bool) -> list[str]:
    """What a tokenizer merges within, of a text at the head of the prompt or behind a token."""
    if first:
        return [word for word, _ in splitter.pre_tokenize_str(text)]
    # It knows the head by its place, so that something has to stand before the text.
    whole = PreTokenizedString("x" + text)
    whole.split(lambda _, part: [part[:1], part[1:]])
    splitter.pre_tokenize(whole)
    return [word for word, (start, _), _ in whole.get_splits() if start > 0]


def _control_tokens(tokenizer: Any) -> dict[str, int]:
    """Special tokens, and what is added and looks like one: not all models declare theirs."""
    added: Mapping[int, Any] = tokenizer.added_tokens_decoder
    controls = {
        token.content: number
        for number, token in added.items()
        if token.special or (token.content[:1] in "<[" and token.content[-1:] in ">]")
    }
    special = zip(tokenizer.all_special_tokens, tokenizer.all_special_ids, strict=True)
    return {**controls, **dict(special)}


def _unknown(tokenizer: Any) -> set[int]:
    """The id of what the vocabulary lacks, which is no control: ordinary text has it too."""
    others = (tokenizer.bos_token_id, tokenizer.eos_token_id, tokenizer.pad_token_id)
    return {tokenizer.unk_token_id} - {*others, None}


def _folded(messages: Sequence[Message]) -> list[Message]:
    """The system text at the head of the first turn of the user."""
    system, *rest = messages
    if not rest:
        return [{"role": "user", "content": system["content"]}]
    text = f"{system['content']}\n\n{rest[0]['content']}"
    return [{"role": rest[0]["role"], "content": text}, *rest[1:]]
